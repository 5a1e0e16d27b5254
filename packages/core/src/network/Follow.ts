/**
 * All that is seen of a network, as one stream: devices and what they measure, what comes and goes, and what fails.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Checked from "../client/internal/Checked.ts"
import type * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import * as Catalogue from "../device/Catalogue.ts"
import type * as Device from "../device/Device.ts"
import * as Family from "../device/Family.ts"
import type * as Alarms from "../monitor/Alarms.ts"
import type * as Arrivals from "../monitor/Arrivals.ts"
import * as Conversion from "../monitor/Conversion.ts"
import { searchable } from "../monitor/internal/AlarmSearch.ts"
import * as Rounds from "../monitor/internal/Rounds.ts"
import type * as Observation from "../monitor/Observation.ts"
import type * as Outage from "../monitor/Outage.ts"
import type * as Poll from "../monitor/Poll.ts"
import type * as RomId from "../onewire/RomId.ts"
import * as FollowedNetwork from "./internal/FollowedNetwork.ts"
import * as Network from "./Network.ts"

/**
 * All devices, or those of some families: those that are there, and those that come. `all` and `families` make it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Devices<out A = Family.Value> {
  readonly _tag: "Devices"
  /** Finds the family of a device by its code. */
  readonly families: Family.Lookup
  /** Whether a device of another family is wanted, too. */
  readonly isAny: boolean
  /** What is read of each device that has it. `undefined` for its main values. */
  readonly properties: ReadonlyArray<string> | undefined
  /** The type of the values. There is nothing of it at run time. */
  readonly "~value"?: A | undefined
}

/**
 * One device, wherever it is. `device` makes it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Named<out A = Family.Value> {
  readonly _tag: "Named"
  readonly family: Family.Family | Family.Lookup
  /** A ROM id in any format, a path, or an alias. */
  readonly address: string
  /** What is read of it. `undefined` for its main values. */
  readonly properties: ReadonlyArray<string> | undefined
  /** The type of the values. There is nothing of it at run time. */
  readonly "~value"?: A | undefined
}

/**
 * A target: all devices, those of some families, or one device.
 *
 * @category models
 * @since 0.1.0
 */
export type Target<A = Family.Value> = Devices<A> | Named<A>

/**
 * All devices, with all that is known of their families: their main values, or those of some properties that they have. With no
 * properties, `all([])`, they are only told when they come and go.
 *
 * @category targets
 * @since 0.1.0
 */
export const all = (properties?: ReadonlyArray<string> | undefined): Devices => ({
  _tag: "Devices",
  families: Catalogue.of,
  isAny: true,
  properties
})

/**
 * The devices of some families: their main values, or some of the properties that they have in common.
 *
 * **Example** (All thermometers)
 *
 * ```ts
 * import { Follow } from "@effect-ownet/core"
 * import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
 *
 * const thermometers = Follow.families([DS18B20, DS18S20], ["temperature"])
 * ```
 *
 * @category targets
 * @since 0.1.0
 */
export const families = <
  const F extends readonly [Family.Family, ...ReadonlyArray<Family.Family>],
  const N extends keyof Read<F> & string = never
>(
  families: F,
  properties?: ReadonlyArray<N> | undefined
): Devices<[N] extends [never] ? Family.Value : Read<F>[N]> => ({
  _tag: "Devices",
  families: (code) => Option.fromUndefinedOr(families.find((family) => Family.has(family, code))),
  isAny: false,
  properties
})

type Read<F extends ReadonlyArray<Family.Family>> = F[number] extends Family.Family<infer P> ? Family.Common<P>["read"]
  : never

/**
 * The device that a ROM id, a path or an alias leads to, as `Device.at` has it: its main values, or some properties. Until it is
 * there it is looked for, and an alias may lead to another device later.
 *
 * **Example** (What somebody has typed)
 *
 * ```ts
 * import { Follow } from "@effect-ownet/core"
 * import * as Catalogue from "@effect-ownet/core/device/Catalogue"
 * import { DS18B20 } from "@effect-ownet/core/families"
 *
 * const cellar = Follow.device(DS18B20, "cellar", ["temperature", "temphigh"])
 * const typed = Follow.device(Catalogue.of, "29.000029D60300")
 * ```
 *
 * @category targets
 * @since 0.1.0
 */
export const device = <
  P extends Family.Properties = Family.Unknown,
  const N extends keyof P["read"] & string = never
>(
  family: Family.Family<P> | Family.Lookup,
  address: string,
  properties?: ReadonlyArray<N> | undefined
): Named<[N] extends [never] ? Family.Value : P["read"][N]> => ({ _tag: "Named", family, address, properties })

/**
 * A device or a property that a target wants and that is missing. It is looked for with each search.
 *
 * @category models
 * @since 0.1.0
 */
export interface Missing {
  readonly target: Target
  /** The device, if there is one, and its properties are what is missing. */
  readonly device?: Device.AnyDevice | undefined
  readonly error: Device.Failure
}

/**
 * A search is over that its server has answered: always the first one, and each one that has found something to read. It also
 * comes when something else is missing than before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found<out A = Family.Value> {
  readonly _tag: "Found"
  readonly at: Date
  /** Properties that are read from now on, in addition to those before. */
  readonly properties: ReadonlyArray<Device.DeviceProperty<A>>
  /** All that is missing now: no server has it, and each one has answered or failed. */
  readonly missing: ReadonlyArray<Missing>
}

/**
 * A server belongs to the network: at the beginning, each one.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerAdded {
  readonly _tag: "ServerAdded"
  readonly at: Date
}

/**
 * A server was removed from the network. What it alone has has vanished.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerRemoved {
  readonly _tag: "ServerRemoved"
  readonly at: Date
}

/**
 * A device is read by another server from now on, where it has just been found or read.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rerouted {
  readonly _tag: "Rerouted"
  /** The device on the server that reads it now. */
  readonly device: Device.AnyDevice
  readonly at: Date
  /** The server that it was read by before. */
  readonly from: string
  /**
   * - `Moved`: the server before has the device no longer, or cannot read it.
   * - `ServerFailed`, `ServerRemoved`: what happened to the server before.
   * - `Nearer`: this server has fewer servers and couplers in front of the device.
   */
  readonly cause: "Moved" | "ServerFailed" | "ServerRemoved" | "Nearer"
}

/**
 * An outage of a server as a whole.
 *
 * @category models
 * @since 0.1.0
 */
export type ServerOutage = Outage.ServerFailed | Outage.ServerRecovered

/**
 * An event of a network. `server` is the name of the server that it comes from, as `Network` has it.
 *
 * @category models
 * @since 0.1.0
 */
export type Event<A = Family.Value> = Of<
  | Found<A>
  | Observation.Observation<A>
  | Arrivals.Event
  | Rerouted
  | Exclude<Alarms.Event, Outage.Outage>
  | ServerAdded
  | ServerRemoved
>

/**
 * An event with its server.
 *
 * @category models
 * @since 0.1.0
 */
export type Of<E> = E extends unknown ? E & { readonly server: string } : never

/**
 * Options of the search for devices.
 *
 * @category models
 * @since 0.1.0
 */
export interface Search extends Pick<Arrivals.Options, "absences" | "couplers" | "grace"> {
  /**
   * From the end of one search to the next. Default 1 minute. After one that failed it is 5 seconds, 10, 20 and so on, up to
   * this; and none once the server is back. `Infinity` searches until the server has answered once.
   */
  readonly every?: Duration.Input | undefined
}

/**
 * Devices that servers elsewhere show, too, if each server is followed by itself: one of them is to read each device. `isRead` of a
 * `Merged` says which.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shared {
  /** Whether a device is read in the rounds of this network now. */
  readonly isRead: (id: RomId.RomId) => boolean
  /** Devices to read at once, beside the rounds. */
  readonly readNow: Stream.Stream<RomId.RomId>
}

/**
 * Options of `follow`: those of `Poll.poll`, by which properties are read, and what else is asked for. `timeout` and `retry` are
 * those of searches, too.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Poll.Options {
  readonly search?: Search | undefined
  /**
   * Has all thermometers of a bus measure at the same time, in each round in which that is faster than one after another, as
   * `Conversion.convertAll` does it. Default `false`.
   */
  readonly together?: boolean | Pick<Conversion.Options, "wait"> | undefined
  /** Tells alarms of the devices that are followed, as `Alarms.alarms` does. Default `false`. */
  readonly alarms?:
    | boolean
    | Pick<Alarms.Options, "absences" | "every" | "places" | "rearm" | "remindAfter">
    | undefined
  /** Leaves devices to servers that are followed elsewhere. By default all are read. */
  readonly shared?: Shared | undefined
}

/**
 * Follows a network: searches the devices of all its servers, reads what is wanted of them in rounds, and tells all that is seen.
 * What comes later is followed from then on, and what has vanished is asked no longer. One server is followed as the network that
 * `Network.fromClient` makes of it.
 *
 * **Details**
 *
 * - `ServerAdded` comes first of each server, `Found` once it has answered: it tells what is read. `Appeared`, `Vanished`, `Moved`
 *   and `Renamed` come as `Arrivals.arrivals` has them, and `Reading` and `Failed` as `Poll.poll` has them: of a device none comes
 *   before it has appeared, nor after it has vanished.
 * - A device that several servers show is one device. The nearest server that works reads it. If that one fails, or has the
 *   device no longer, the others read it at once: the first that can is told by `Rerouted`. A device that is plugged in
 *   elsewhere has not vanished.
 * - Outages of servers and of their buses are told once when they begin, and once when they end, whichever call met them. While
 *   a server fails, none of its properties is told to, and no other server waits for it. What is on a bus that fails at first is
 *   followed when the bus works.
 * - Only the closing of the network ends the stream with an error, or an argument that makes no sense. A server that is not there
 *   yet is waited for. The stream ends when the schedule does, once all buses of all servers have had their rounds.
 * - The schedule is a duration, from the beginning of a round to that of the next, or any `Schedule`. Each bus of each server has
 *   rounds of its own, so that a slow one delays no other. A device that comes is read at once, and then with the others of its bus.
 * - Named devices are looked up, and only if there are other targets are the buses searched. A device that an alias no longer leads
 *   to has vanished, unless another target wants it. An alias that leads to different devices on different servers leads to none:
 *   it is missing, with a `DeviceError` of reason `Ambiguous` that names both.
 * - A slow consumer slows all down: of each bus and of each kind of search, one element waits at most.
 *
 * **Example** (All that a house says)
 *
 * ```ts
 * import { Follow } from "@effect-ownet/core"
 * import { NodeNetwork } from "@effect-ownet/node"
 * import { Console, Effect, Match, Stream } from "effect"
 *
 * const log = Follow.follow(Follow.all(), "30 seconds", { implausible: "readAgain" }).pipe(
 *   Stream.runForEach((event) =>
 *     Match.value(event).pipe(
 *       Match.tags({
 *         Reading: ({ device, property, value }) => Console.log(`${device.name}/${property} = ${value}`),
 *         Failed: ({ error }) => Console.warn(error.message),
 *         Appeared: ({ device, server }) => Console.log(`${device.name} is on ${server}`),
 *         Vanished: ({ device }) => Console.log(`${device.name} is gone`),
 *         ServerFailed: ({ error }) => Console.warn(error.message)
 *       }),
 *       Match.orElse(() => Effect.void)
 *     )
 *   )
 * )
 *
 * const house = NodeNetwork.layer({ servers: ["raspberrypi", "barn"] })
 * ```
 *
 * @category streams
 * @since 0.1.0
 */
export const follow = <const T extends Target | ReadonlyArray<Target>, E = never, R = never>(
  what: T,
  schedule: Duration.Input | Schedule.Schedule<unknown, unknown, E, R>,
  options: Options = {}
): Stream.Stream<Event<ValueOf<T>>, OwError.OwError | E, Network.Network | R> => {
  const events = Stream.unwrap(Effect.gen(function*() {
    const { alarms = false, search = {}, shared, together = false, ...polling } = options
    const { retry, timeout } = polling
    const call: OwClient.CallOptions = { retry, timeout }
    const rounds = yield* Rounds.of(checked, schedule, polling)
    const convert = together === false ? undefined : together === true ? {} : together
    if (convert?.wait !== undefined) yield* checked.millis("together.wait", convert.wait)
    // A test's clock waits for fibers that hand something over only if it has woken them.
    yield* Effect.sleep("1 millis")
    return yield* FollowedNetwork.events(yield* Network.Network, {
      targets: Array.isArray(what) ? what : [what],
      call,
      rounds: {
        ...rounds,
        bus: { ...rounds.bus, together: convert && togetherBy({ ...polling, ...convert }) }
      },
      couplers: search.couplers,
      searchEvery: yield* checked.millis("search.every", search.every ?? "1 minute"),
      absences: yield* checked.times("search.absences", search.absences ?? 3),
      grace: yield* checked.millis("search.grace", search.grace ?? "2 minutes"),
      alarms: alarms === false ? undefined : yield* alarmsOf(alarms === true ? {} : alarms, call)
    }, shared)
  }))
  // What a target reads is what its type says.
  return events as Stream.Stream<Event<ValueOf<T>>, OwError.OwError | E, Network.Network | R>
}

/** The type of the values of a target, or of several. */
type ValueOf<T> = T extends ReadonlyArray<infer One> ? ValueOf<One> : T extends Target<infer A> ? A : never

const checked = Checked.of("Follow.follow")

/** Those of a round that measure together, if that is faster. */
const togetherBy = (options: Conversion.Options) => (properties: ReadonlyArray<Device.DeviceProperty>) => {
  const able = properties.filter(({ device, name }) => name === "temperature" && Conversion.isThermometer(device))
  const thermometers = able.map(({ device }) => device).filter(Conversion.isThermometer)
  return Conversion.pays(thermometers)
    ? { properties: new Set(able), observations: Conversion.convertAll(thermometers, options) }
    : undefined
}

const alarmsOf = Effect.fnUntraced(function*(
  { absences = 2, every = "1 second", places, rearm, remindAfter }: Exclude<Options["alarms"], boolean | undefined>,
  call: OwClient.CallOptions
) {
  if (places?.length === 0) {
    return yield* checked.refuse("alarms.places", "must not be empty: nothing would ever be searched")
  }
  return {
    every: yield* checked.schedule("alarms.every", every),
    rules: {
      call: { ...call, retry: false },
      places: places === undefined ? undefined : yield* Effect.forEach(places, searchable),
      absences: yield* checked.times("alarms.absences", absences),
      remindAfter: remindAfter === undefined ? Infinity : yield* checked.millis("alarms.remindAfter", remindAfter),
      rearm,
      catalogue: undefined,
      isPatient: true
    }
  } as const
})
