/**
 * Reading many properties of many devices again and again.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import { dual } from "effect/Function"
import * as Predicate from "effect/Predicate"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Checked from "../client/internal/Checked.ts"
import type * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import type * as Device from "../device/Device.ts"
import type * as Plausibility from "../device/Plausibility.ts"
import type * as RomId from "../onewire/RomId.ts"
import type * as Arrivals from "./Arrivals.ts"
import { PolledBus } from "./internal/PolledBus.ts"
import * as Rounds from "./internal/Rounds.ts"
import type { Observation } from "./Observation.ts"
import type * as Outage from "./Outage.ts"

/**
 * How properties are polled: how each is read, what to do about implausible values, and how much is asked of the bus.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends OwClient.CallOptions, Plausibility.Policy {
  /**
   * How far a number may go from one round to the next, in its own unit. It is measured from the last plausible value:
   * two rounds after that it may have gone twice as far, so that what has really changed is believed in the end. Any
   * distance by default.
   */
  readonly maxJump?: number | undefined
  /**
   * How many properties of a bus are read at a time. A bus does one thing at a time, so that more is of use only for
   * devices whose bus is not known: they count as one bus, and may be on several. Default 1.
   */
  readonly concurrency?: number | undefined
  /**
   * The share of itself by which each pause may be longer, at random, so that programs which began together do not stay
   * together; though it is never longer by more than 5 seconds. From 0, which keeps to the schedule, to 1. Default 0.1.
   */
  readonly jitter?: number | undefined
  /**
   * How rarely a property is asked that fails each time: after the first failure in the next round, then two rounds
   * later, four, eight, and so on, up to this many. After a success it is asked in each round again. Default 8; with 1
   * it is asked in each round, whatever happens.
   */
  readonly rest?: number | undefined
}

/**
 * Reads properties in rounds, and gives what comes of it as it comes: readings, and failures. The first round is at once.
 * The stream goes on whatever fails. It ends with its schedule, or at once where there are no properties.
 *
 * **Details**
 *
 * - The schedule is a duration, from the beginning of a round to that of the next; or any `Schedule`, which is asked when
 *   a round is over. A round that takes longer delays the next one, and what was missed is not made up for.
 * - The properties of one bus are read one after another, and each bus has rounds of its own: a slow one delays no other.
 *   Devices whose bus is not known count as one bus of their client.
 * - Values may come from the server's cache, where they stay for 15 seconds, or 5 minutes where they hardly change; unless
 *   `flags.uncached` is set.
 * - A property that fails is asked less often, see `rest`. Where there is no connection at all, this is said once of each
 *   property. From then on one property of each bus is asked in each round, and that it fails is said as rarely as `rest`
 *   has it.
 * - Only one property of each bus is read ahead: whoever takes elements slowly slows the rounds down.
 *
 * It fails with an `ArgumentError` where the schedule or an option makes no sense.
 *
 * **Example** (Watching a house)
 *
 * ```ts
 * import { Device, Poll } from "@effect-ownet/core"
 * import { DS18B20, DS2408 } from "@effect-ownet/core/families"
 * import { Console, Effect, Stream } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const kitchen = yield* Device.make(DS18B20, "28.000028D70100")
 *   const relay = yield* Device.make(DS2408, "29.000029D60300")
 *   const observations = Poll.poll([kitchen.property("temperature"), relay.property("sensed.0")], "30 seconds", {
 *     implausible: "readAgain"
 *   })
 *   yield* observations.pipe(
 *     Poll.changes({ deadBand: 0.2 }),
 *     Stream.runForEach((seen) =>
 *       Console.log(seen.device.name, seen.property, seen._tag === "Reading" ? seen.value : seen.error.message)
 *     )
 *   )
 * })
 * ```
 *
 * @category streams
 * @since 0.1.0
 */
export const poll = <D extends Device.DeviceProperty, E = never, R = never>(
  properties: ReadonlyArray<D>,
  schedule: Duration.Input | Schedule.Schedule<unknown, unknown, E, R>,
  options: Options = {}
): Stream.Stream<
  Observation<D extends Device.DeviceProperty<infer A> ? A : never>,
  OwError.ArgumentError | E,
  R
> => {
  const observations = Stream.unwrap(Effect.gen(function*() {
    const rounds = yield* Rounds.of(checked, schedule, options)
    const [first, ...others] = busesOf(properties).map((properties) => {
      const bus = new PolledBus(rounds.bus)
      for (const property of properties) bus.add(property)
      return bus.rounds(rounds.schedule)
    })
    if (first === undefined || others.length === 0) return first ?? Stream.empty
    // What hands over between fibers, a test's clock waits for only where it has woken them.
    yield* Effect.sleep("1 millis")
    // Whatever waited in a buffer would be old when it is taken.
    return Stream.mergeAll([first, ...others], { concurrency: "unbounded", bufferSize: 0 })
  }))
  // What a property gives is what its type says.
  return observations as Stream.Stream<
    Observation<D extends Device.DeviceProperty<infer A> ? A : never>,
    OwError.ArgumentError | E,
    R
  >
}

const checked = Checked.of("Poll.poll")

/** The properties of each bus of each client. */
const busesOf = (
  properties: ReadonlyArray<Device.DeviceProperty>
): ReadonlyArray<ReadonlyArray<Device.DeviceProperty>> => {
  const clients = new Map<OwClient.Client, Map<string | undefined, Array<Device.DeviceProperty>>>()
  for (const property of properties) {
    const { bus, ow } = property.device
    const buses = clients.get(ow) ?? new Map<string | undefined, Array<Device.DeviceProperty>>()
    clients.set(ow, buses)
    const members = buses.get(bus) ?? []
    buses.set(bus, members)
    members.push(property)
  }
  return [...clients.values()].flatMap((buses) => [...buses.values()])
}

/**
 * What counts as news.
 *
 * @category models
 * @since 0.1.0
 */
export interface ChangesOptions {
  /**
   * How far a number may be from the last one that was kept and still be no news, in its own unit: for all
   * properties, or for each. It holds for each number of an array, too. Default 0, by which any other number is news.
   */
  readonly deadBand?: number | ((device: Device.AnyDevice, property: string) => number) | undefined
}

/**
 * Keeps of the observations of each property only what is news: its first value, another value than the last one that was kept,
 * another verdict, that it cannot be read, that it cannot for another reason, and its first value after that. Other elements of
 * the stream pass, such as those of `Follow.follow`.
 *
 * **Details**
 *
 * A number is another one if it is further away than the dead band, or if one of the two is `NaN`. Arrays, dates and bytes are
 * compared by what is in them. Reasons are told apart by the tag of the error and that of its `reason`. The last observation of
 * each property is remembered as long as the stream runs, or until its device vanishes or a server fails.
 *
 * **Example** (Half a degree, and any change of what is no temperature)
 *
 * ```ts
 * import { type Device, Poll } from "@effect-ownet/core"
 *
 * declare const properties: ReadonlyArray<Device.DeviceProperty>
 *
 * const news = Poll.poll(properties, "1 minute").pipe(
 *   Poll.changes({ deadBand: (_device, property) => property === "temperature" ? 0.5 : 0 })
 * )
 * ```
 *
 * @category filtering
 * @since 0.1.0
 */
export const changes: {
  (options?: ChangesOptions): <A extends Element, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  <A extends Element, E, R>(self: Stream.Stream<A, E, R>, options?: ChangesOptions): Stream.Stream<A, E, R>
} = dual((args) => Stream.isStream(args[0]), <A extends Element, E, R>(
  self: Stream.Stream<A, E, R>,
  { deadBand = 0 }: ChangesOptions = {}
): Stream.Stream<A, E, R> =>
  Stream.suspend(() => {
    const clients = new Map<OwClient.Client, Map<RomId.RomId, Map<string, Observation>>>()
    return Stream.filter(self, (now) => {
      if (isVanished(now)) clients.get(now.device.ow)?.delete(now.device.id)
      // Nothing was told of each property, so that the first value after the outage is news.
      if (isServerFailed(now)) forget(clients, now.error)
      if (!isObservation(now)) return true
      const { device, property } = now
      const devices = clients.get(device.ow) ?? new Map<RomId.RomId, Map<string, Observation>>()
      clients.set(device.ow, devices)
      const known = devices.get(device.id) ?? new Map<string, Observation>()
      devices.set(device.id, known)
      const before = known.get(property)
      const band = typeof deadBand === "number" ? deadBand : deadBand(device, property)
      if (before !== undefined && isSame(before, now, band)) return false
      known.set(property, now)
      return true
    })
  }))

/** An observation, or something else that is told apart by its tag. */
interface Element {
  readonly _tag: string
}

const isObservation = (element: Element): element is Observation =>
  (element._tag === "Reading" || element._tag === "Failed") && Predicate.hasProperty(element, "property")

const isServerFailed = (element: Element): element is Outage.ServerFailed => element._tag === "ServerFailed"

/** Forgets what a server had said, as far as its error tells which that is. */
const forget = (clients: Map<OwClient.Client, unknown>, error: OwError.OwError): void => {
  for (const ow of clients.keys()) if (error._tag === "ArgumentError" || error.server === ow.server) clients.delete(ow)
}

const isVanished = (element: Element): element is Arrivals.Vanished => element._tag === "Vanished"

const isSame = (before: Observation<unknown>, now: Observation<unknown>, deadBand: number): boolean => {
  if (before._tag === "Failed" || now._tag === "Failed") {
    return before._tag === "Failed" && now._tag === "Failed" && kindOf(before.error) === kindOf(now.error)
  }
  return before.verdict._tag === now.verdict._tag && isNear(before.value, now.value, deadBand)
}

const kindOf = (error: Device.Failure): string =>
  error._tag === "ArgumentError" ? error._tag : `${error._tag} ${error.reason._tag}`

const isNear = (a: unknown, b: unknown, distance: number): boolean => {
  if (typeof a === "number" && typeof b === "number") return Object.is(a, b) || Math.abs(a - b) <= distance
  return Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((one, at) => isNear(one, b[at], distance))
    : Equal.equals(a, b)
}
