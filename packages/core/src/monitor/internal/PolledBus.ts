/**
 * The properties of one bus that are read in rounds, and what became of them so far.
 */
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import type * as Family from "../../device/Family.ts"
import type * as RomId from "../../onewire/RomId.ts"
import * as Observation from "../Observation.ts"
import { isLoss, UntilLost } from "./UntilLost.ts"

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
  property: Device.DeviceProperty
  readonly rest: Rest
  /** The last plausible value, and in which round it came. */
  previous: Family.Value | undefined
  previousRound: number
  /** Whether it was said of it that there is no connection. */
  isCutOff: boolean
}

/** What is measured at once in a round: which properties, and how. */
interface Together {
  readonly properties: ReadonlySet<Device.DeviceProperty>
  readonly observations: Stream.Stream<Observation.Observation, OwError.ArgumentError>
}

export interface Options extends Device.ReadingOptions {
  /** How many rounds a property that fails is left alone, at most. */
  readonly rest: number
  /** How many properties are read at a time. */
  readonly concurrency: number
  /** Takes those of a round's properties that are measured at once. */
  readonly together?: ((properties: ReadonlyArray<Device.DeviceProperty>) => Together | undefined) | undefined
}

const keyOf = (device: Pick<Device.AnyDevice, "id">, name: string): string => `${device.id}/${name}`

export class PolledBus {
  private readonly members = new Map<string, Member>()
  private readonly options: Options
  private round = -1
  private asking = new UntilLost()
  /** In which round there was no connection lastly. */
  private lostRound = -1
  /** How long nothing is said of that, once it has been said of each property. */
  private readonly silence: Rest

  constructor(options: Options) {
    this.options = options
    this.silence = new Rest(options.rest)
  }

  /** Reads a property from the next round on. One that is there already keeps its state, also if its device has moved. */
  add(property: Device.DeviceProperty): void {
    const key = keyOf(property.device, property.name)
    const member = this.members.get(key)
    if (member !== undefined) member.property = property
    else {
      this.members.set(key, {
        property,
        rest: new Rest(this.options.rest),
        previous: undefined,
        previousRound: 0,
        isCutOff: false
      })
    }
  }

  /** Reads nothing more of a device. */
  remove(id: RomId.RomId): void {
    for (const [key, { property }] of this.members) if (property.device.id === id) this.members.delete(key)
  }

  /** Reads in rounds, as a schedule has them. */
  rounds<E, R>(
    schedule: Schedule.Schedule<unknown, unknown, E, R>
  ): Stream.Stream<Observation.Observation, OwError.ArgumentError | E, R> {
    return Stream.flatMap(Stream.fromEffectSchedule(Effect.sync(() => this.next()), schedule), identity)
  }

  /** Begins a round: reads what is due in it. */
  private next(): Stream.Stream<Observation.Observation, OwError.ArgumentError> {
    const round = ++this.round
    this.asking = new UntilLost()
    return this.read([...this.members.values()].filter(({ rest }) => rest.isOver(round)))
  }

  /** Reads some properties outside of the rounds. */
  also(
    properties: ReadonlyArray<Device.DeviceProperty>
  ): Stream.Stream<Observation.Observation, OwError.ArgumentError> {
    return this.read(properties.flatMap(({ device, name }) => this.members.get(keyOf(device, name)) ?? []))
  }

  private read(members: ReadonlyArray<Member>): Stream.Stream<Observation.Observation, OwError.ArgumentError> {
    const { concurrency, together } = this.options
    const taken = together?.(members.map(({ property }) => property))
    const alone = taken === undefined ? members : members.filter(({ property }) => !taken.properties.has(property))
    const observations = Stream.mapEffect(
      Stream.fromIterable(alone),
      (member) => Effect.suspend(() => this.observe(member)),
      { concurrency, unordered: true }
    )
    return Stream.filter(
      taken === undefined ? observations : Stream.concat(
        Stream.mapEffect(taken.observations, (seen) => this.take(seen)),
        observations
      ),
      Predicate.isNotUndefined
    )
  }

  private observe(member: Member): Effect.Effect<Observation.Observation | undefined> {
    const { asking, round } = this
    const { previous, previousRound, property } = member
    const { maxJump = Infinity } = this.options
    return Effect.matchEffect(
      asking.ask(
        `${property.device.path}/${property.name}`,
        // What was not heard of for some rounds may have come further, and what stays there is believed in the end.
        property.reading({ ...this.options, maxJump: maxJump * (round - previousRound), previous })
      ),
      {
        onFailure: (error) => this.onFailure(member, error),
        onSuccess: (reading) => Effect.succeed(this.onReading(member, reading))
      }
    )
  }

  /** Takes in what was measured together with others. */
  private take(seen: Observation.Observation): Effect.Effect<Observation.Observation | undefined> {
    const member = this.members.get(keyOf(seen.device, seen.property))
    if (member === undefined) return Effect.undefined
    return seen._tag === "Failed"
      ? this.onFailure(member, seen.error)
      : Effect.succeed(this.onReading(member, seen))
  }

  private onReading(member: Member, reading: Device.Reading): Observation.Observation {
    this.onAnswer(member)
    member.rest.end()
    if (reading.verdict._tag === "Plausible") {
      member.previous = reading.value
      member.previousRound = this.round
    }
    return reading
  }

  private onFailure(member: Member, error: Device.Failure): Effect.Effect<Observation.Failed | undefined> {
    const { lostRound, round, silence } = this
    const { device, name } = member.property
    if (!isLoss(error)) {
      this.onAnswer(member)
      member.rest.extend(round)
    } else {
      this.lostRound = round
      if (lostRound !== round && silence.isOver(round)) silence.extend(round)
      else if (member.isCutOff) return Effect.undefined
      member.isCutOff = true
    }
    return Observation.failed(device, name, error)
  }

  private onAnswer(member: Member): void {
    this.silence.end()
    member.isCutOff = false
  }
}
