/**
 * Reads the properties of one bus in rounds, and remembers the state of each from round to round.
 */
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Predicate from "effect/Predicate"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import type * as Family from "../../device/Family.ts"
import { mayBeNear } from "../../device/internal/plausibility.ts"
import type * as RomId from "../../onewire/RomId.ts"
import * as Observation from "../Observation.ts"
import * as Rounds from "./Rounds.ts"
import { isLoss, UntilLost } from "./UntilLost.ts"

/** Rounds that skip a failing property: twice as many after each failure in a row, up to a limit. */
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
  /** Set after a failure. */
  rest: Rest | undefined
  /** The last plausible value, and the round in which it was read. */
  previous: Family.Value | undefined
  previousRound: number
  /** Whether it has reported that there is no connection. */
  isCutOff: boolean
}

/** Properties that are measured together in a round, and their observations. */
interface Together {
  readonly properties: ReadonlySet<Device.DeviceProperty>
  readonly observations: Stream.Stream<Observation.Observation, OwError.ArgumentError>
}

export interface Options extends Device.ReadingOptions {
  /** Maximum number of rounds that skip a failing property. */
  readonly rest: number
  /** Maximum number of properties that are read at a time. */
  readonly concurrency: number
  /** Selects the properties of a round that are measured together. */
  readonly together?: ((properties: ReadonlyArray<Device.DeviceProperty>) => Together | undefined) | undefined
}

/** Emits an observation, and waits until it is taken. */
type Tell = (seen: Observation.Observation) => Effect.Effect<void, OwError.OwError>

const keyOf = (id: RomId.RomId, name: string): string => `${id}/${name}`

export class PolledBus {
  private readonly members = new Map<string, Member>()
  private readonly options: Options
  /** Whether a device is read now. */
  private readonly isReadNow: (id: RomId.RomId) => boolean
  private round = -1
  private asking = new UntilLost()
  /** Last round without a connection. */
  private lostRound = -1
  /** Rounds in which a missing connection is not reported again, after each property has reported it. */
  private readonly silence: Rest

  constructor(options: Options, isRead: (id: RomId.RomId) => boolean = () => true) {
    this.options = options
    this.isReadNow = isRead
    this.silence = new Rest(options.rest)
  }

  /** Reads a property from the next round on. An existing property keeps its state, even if its device has another name now. */
  add(property: Device.DeviceProperty): void {
    const key = keyOf(property.device.id, property.name)
    const member = this.members.get(key)
    if (member !== undefined) member.property = property
    else {
      this.members.set(key, {
        property,
        rest: undefined,
        previous: undefined,
        previousRound: 0,
        isCutOff: false
      })
    }
  }

  /** Stops reading a property, even in the current round. */
  remove(id: RomId.RomId, name: string): void {
    this.members.delete(keyOf(id, name))
  }

  /** Reads everything in the next round, regardless of earlier failures. */
  endRests(): void {
    this.silence.end()
    for (const { rest } of this.members.values()) rest?.end()
  }

  private has(member: Member): boolean {
    const { device, name } = member.property
    return this.members.get(keyOf(device.id, name)) === member
  }

  private isRead({ property }: Member): boolean {
    return this.isReadNow(property.device.id)
  }

  /** Reads in rounds according to a schedule. */
  rounds<E, R>(
    schedule: Schedule.Schedule<unknown, unknown, E, R>
  ): Stream.Stream<Observation.Observation, OwError.ArgumentError | E, R> {
    return Stream.flatMap(Stream.fromEffectSchedule(Effect.sync(() => this.read(this.due())), schedule), identity)
  }

  /** Reads in rounds according to a schedule, and continues after each observation has been taken. */
  tellRounds<E, R>(
    schedule: Schedule.Schedule<unknown, unknown, E, R>,
    pause: (millis: number) => Effect.Effect<void>,
    tell: Tell
  ): Effect.Effect<void, OwError.OwError | E, R> {
    return Rounds.repeat(Effect.suspend(() => this.readAll(this.due(), tell)), schedule, pause)
  }

  /** Reads some properties in addition to the rounds. */
  tellAlso(properties: ReadonlyArray<Device.DeviceProperty>, tell: Tell): Effect.Effect<void, OwError.OwError> {
    return Effect.suspend(() =>
      this.readAll(properties.flatMap(({ device, name }) => this.members.get(keyOf(device.id, name)) ?? []), tell)
    )
  }

  /** Begins a round, with the properties that are due in it. */
  private due(): ReadonlyArray<Member> {
    const round = ++this.round
    this.asking = new UntilLost()
    const due: Array<Member> = []
    for (const member of this.members.values()) {
      if (member.rest?.isOver(round) !== false && this.isRead(member)) due.push(member)
    }
    return due
  }

  private read(members: ReadonlyArray<Member>): Stream.Stream<Observation.Observation, OwError.ArgumentError> {
    return Stream.filter(
      Stream.mapEffect(Stream.fromIterable(members), (member) => this.ask(member), {
        concurrency: this.options.concurrency,
        unordered: true
      }),
      Predicate.isNotUndefined
    )
  }

  private readAll(members: ReadonlyArray<Member>, tell: Tell): Effect.Effect<void, OwError.OwError> {
    const { concurrency, together } = this.options
    const tellAny = (seen: Observation.Observation | undefined) => seen === undefined ? Effect.void : tell(seen)
    const taken = together?.(members.map(({ property }) => property))
    const alone = taken === undefined ? members : members.filter(({ property }) => !taken.properties.has(property))
    const observed = Effect.forEach(alone, (member) => Effect.flatMap(this.ask(member), tellAny), {
      concurrency,
      discard: true
    })
    return taken === undefined ? observed : Effect.andThen(
      Stream.runForEach(taken.observations, (seen) => Effect.flatMap(this.take(seen), tellAny)),
      observed
    )
  }

  /** Observes a property, unless it was removed after its round began. */
  private ask(member: Member): Effect.Effect<Observation.Observation | undefined> {
    return Effect.suspend(() => this.has(member) && this.isRead(member) ? this.observe(member) : Effect.undefined)
  }

  private observe(member: Member): Effect.Effect<Observation.Observation | undefined> {
    const { previous, property } = member
    return Effect.matchEffect(
      this.asking.ask(
        `${property.device.path}/${property.name}`,
        property.reading({ ...this.options, maxJump: this.maxJump(member), previous })
      ),
      {
        // The property may have been removed while it was read.
        onFailure: (error) => this.has(member) ? this.onFailure(member, error) : Effect.undefined,
        onSuccess: (reading) => this.has(member) ? Effect.succeed(this.onReading(member, reading)) : Effect.undefined
      }
    )
  }

  /**
   * Maximum change from the last plausible value. It grows with the rounds since that value, so that a real change is accepted in
   * the end.
   */
  private maxJump({ previousRound }: Member): number {
    return (this.options.maxJump ?? Infinity) * (this.round - previousRound)
  }

  private isJump(member: Member, value: Family.Value): boolean {
    const { previous } = member
    return typeof value === "number" && typeof previous === "number" &&
      Math.abs(value - previous) > this.maxJump(member)
  }

  /** Whether the previous value may show that the chip did measure this one. */
  private isDoubtful({ previous }: Member, { value, verdict: { _tag } }: Device.Reading): boolean {
    return (_tag === "PowerOn" || _tag === "NoAnswer") && mayBeNear(value, previous)
  }

  /** Takes an observation that was measured together with others. */
  private take(seen: Observation.Observation): Effect.Effect<Observation.Observation | undefined> {
    const member = this.members.get(keyOf(seen.device.id, seen.property))
    if (member === undefined) return Effect.undefined
    if (seen._tag === "Failed") return this.onFailure(member, seen.error)
    // The simultaneous measurement does not know the previous values.
    return this.isJump(member, seen.value) || this.isDoubtful(member, seen)
      ? this.observe(member)
      : Effect.succeed(this.onReading(member, seen))
  }

  private onReading(member: Member, reading: Device.Reading): Observation.Observation {
    this.onAnswer(member)
    member.rest = undefined
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
      member.rest ??= new Rest(this.options.rest)
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
