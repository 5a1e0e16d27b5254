/**
 * Reads many properties of many devices again and again.
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
 * Options of `poll`: how to read each property, how to treat implausible values, and how much to request from the bus.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends OwClient.CallOptions, Plausibility.Policy {
  /**
   * Maximum change of a number from one round to the next, in its own unit. It is measured from the last plausible value: two
   * rounds after that value, twice the change is allowed, so that a real change is accepted in the end. Unlimited by default.
   */
  readonly maxJump?: number | undefined
  /**
   * Number of properties of a bus that are read at a time. A bus does one thing at a time, so more than one helps only with
   * devices whose bus is unknown: they count as one bus, but may be on several. Default 1.
   */
  readonly concurrency?: number | undefined
  /**
   * Fraction by which each pause may be extended, at random, so that programs that started together drift apart. The extension is
   * never more than 5 seconds. From 0, which keeps to the schedule, to 1. Default 0.1.
   */
  readonly jitter?: number | undefined
  /**
   * Maximum number of rounds between attempts to read a property that keeps failing. After its first failure it is read in the
   * next round, then two rounds later, four, eight, and so on, up to this number. After a success it is read in each round again.
   * Default 8. With 1 it is read in each round, even if it fails.
   */
  readonly rest?: number | undefined
}

/**
 * Reads properties in rounds, and emits readings and failures as they come. The first round starts at once. The stream continues
 * after failures. It ends with its schedule, or at once if there are no properties.
 *
 * **Details**
 *
 * - The schedule is a duration, from the beginning of one round to that of the next, or any `Schedule`, which is asked after each
 *   round. A round that takes longer delays the next one, and missed rounds are not made up for.
 * - The properties of one bus are read one after another, and each bus has separate rounds, so a slow bus delays no other.
 *   Devices whose bus is unknown count as one bus of their client.
 * - Values may come from the server's cache, which keeps them for 15 seconds, or for 5 minutes if they hardly change. Set
 *   `flags.uncached` to bypass it.
 * - A property that fails is read less often, see `rest`. If there is no connection at all, each property reports it once. From
 *   then on, each round reads one property of each bus, and its failure is reported only as rarely as `rest` allows.
 * - Only one property of each bus is read ahead: a slow consumer slows the rounds down.
 *
 * Fails with an `ArgumentError` if the schedule or an option is invalid.
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
    // A test clock waits for fibers that hand something over only if it has woken them.
    yield* Effect.sleep("1 millis")
    // A value that waited in a buffer would be old when it is taken.
    return Stream.mergeAll([first, ...others], { concurrency: "unbounded", bufferSize: 0 })
  }))
  // The type of a property says which values it returns.
  return observations as Stream.Stream<
    Observation<D extends Device.DeviceProperty<infer A> ? A : never>,
    OwError.ArgumentError | E,
    R
  >
}

const checked = Checked.of("Poll.poll")

/** Groups properties by bus and client. */
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
 * Options of `changes`.
 *
 * @category models
 * @since 0.1.0
 */
export interface ChangesOptions {
  /**
   * Maximum difference between a number and the last one kept that does not count as news, in its own unit. One number for all
   * properties, or a function of the property. Also applies to each number of an array. Default 0: any different number is news.
   */
  readonly deadBand?: number | ((device: Device.AnyDevice, property: string) => number) | undefined
}

/**
 * Keeps only news from the observations of each property: its first value, a value that differs from the last one kept, a
 * different verdict, a failure, a failure for another reason, and the first value after a failure. Other elements of the
 * stream are passed on, such as those of `Follow.follow`.
 *
 * **Details**
 *
 * A number differs if it is further away than the dead band, or if one of the two is `NaN`. Arrays, dates and bytes are compared
 * by content. Reasons are compared by the tag of the error and that of its `reason`. The last observation of each property is
 * kept until the stream ends, its device vanishes, or a server fails.
 *
 * **Example** (Keeping half a degree, and any change of other values)
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
      // A failing server emits nothing for each property, so the first value after the outage is news.
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

/** An observation, or another element with a tag. */
interface Element {
  readonly _tag: string
}

const isObservation = (element: Element): element is Observation =>
  (element._tag === "Reading" || element._tag === "Failed") && Predicate.hasProperty(element, "property")

const isServerFailed = (element: Element): element is Outage.ServerFailed => element._tag === "ServerFailed"

/** Forgets the observations of a server, or of all of them if its error does not name the server. */
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
