/**
 * The properties of one bus that are read in rounds, and what became of them so far.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import type * as Family from "../../device/Family.ts"
import type { Failed, Observation } from "../Observation.ts"

/** How many rounds what fails is left alone: twice as many with each failure in a row, up to a limit. */
class Rest {
  private readonly limit: number
  private failures = 0
  private until = 0

  constructor(limit: number) {
    this.limit = limit
  }

  isOver(round: number): boolean {
    return round >= this.until
  }

  extend(round: number): void {
    this.until = round + Math.min(2 ** this.failures++, this.limit)
  }

  end(): void {
    this.failures = 0
    this.until = 0
  }
}

interface Member {
  readonly property: Device.DeviceProperty
  readonly rest: Rest
  /** The last plausible value, and in which round it came. */
  previous: Family.Value | undefined
  previousRound: number
  /** Whether it was said of it that there is no connection. */
  isCutOff: boolean
}

type Loss = OwError.ConnError | OwError.OwnetTimeout

/** Whether the next property would fare no better. That one connection ended says nothing of another. */
export const isLoss = (error: Device.Failure): error is Loss =>
  (error._tag === "ConnError" && error.reason._tag !== "Closed") ||
  (error._tag === "OwnetTimeout" && !error.requestSent)

export class Bus {
  private readonly members: ReadonlyArray<Member>
  private readonly options: Device.ReadingOptions
  private round = -1
  /** When no connection was to be had, lastly, and why. */
  private loss: { readonly round: number; readonly error: Loss } | undefined
  /** How long nothing is said of that, once it has been said of each property. */
  private readonly silence: Rest

  constructor(
    properties: ReadonlyArray<Device.DeviceProperty>,
    { rest, ...options }: Device.ReadingOptions & { readonly rest: number }
  ) {
    this.members = properties.map((property) => ({
      property,
      rest: new Rest(rest),
      previous: undefined,
      previousRound: 0,
      isCutOff: false
    }))
    this.options = options
    this.silence = new Rest(rest)
  }

  /** Begins a round: what there is to ask in it. Nothing comes of an effect where there is nothing to say. */
  next(): ReadonlyArray<Effect.Effect<Observation | undefined>> {
    const round = ++this.round
    return this.members.filter(({ rest }) => rest.isOver(round)).map((member) =>
      Effect.suspend(() => this.observe(member))
    )
  }

  private observe(member: Member): Effect.Effect<Observation | undefined> {
    const { loss, round } = this
    // To find out again may take seconds, each time.
    if (loss?.round === round) {
      return member.isCutOff
        ? Effect.undefined
        : this.cutOff(member, ofOther(member, loss.error))
    }
    const { previous, previousRound, property } = member
    const { maxJump = Infinity } = this.options
    return Effect.matchEffect(
      // What was not heard of for some rounds may have come further, and what stays there is believed in the end.
      property.reading({ ...this.options, maxJump: maxJump * (round - previousRound), previous }),
      {
        onFailure: (error) => isLoss(error) ? this.onLoss(member, error) : this.onFailure(member, error),
        onSuccess: (reading) => Effect.succeed(this.onReading(member, reading))
      }
    )
  }

  private onReading(member: Member, reading: Device.Reading): Observation {
    this.onAnswer(member)
    member.rest.end()
    if (reading.verdict._tag === "Plausible") {
      member.previous = reading.value
      member.previousRound = this.round
    }
    return reading
  }

  private onFailure(member: Member, error: Device.Failure): Effect.Effect<Failed> {
    this.onAnswer(member)
    member.rest.extend(this.round)
    return failed(member, error)
  }

  private onAnswer(member: Member): void {
    this.silence.end()
    member.isCutOff = false
  }

  private onLoss(member: Member, error: Loss): Effect.Effect<Failed | undefined> {
    const { loss, round, silence } = this
    this.loss = { round, error }
    if (loss?.round !== round && silence.isOver(round)) silence.extend(round)
    else if (member.isCutOff) return Effect.undefined
    return this.cutOff(member, error)
  }

  private cutOff(member: Member, error: Loss): Effect.Effect<Failed> {
    member.isCutOff = true
    return failed(member, error)
  }
}

const failed = ({ property: { device, name } }: Member, error: Device.Failure): Effect.Effect<Failed> =>
  Effect.map(
    Clock.currentTimeMillis,
    (now) => ({ _tag: "Failed", device, property: name, at: new Date(now), error })
  )

/** What one property failed with, as it befalls another one. */
const ofOther = ({ property: { device, name } }: Member, error: Loss): Loss => {
  const path = `${device.path}/${name}`
  return error._tag === "ConnError"
    ? new OwError.ConnError({ ...error, path })
    : new OwError.OwnetTimeout({ ...error, path })
}
