/**
 * Everything that happens on a network, as one stream: readings, devices that come and go, and failures.
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
 * All devices, or those of some families, including devices that come later. Made by `all` and `families`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Devices<out A = Family.Value> {
  readonly _tag: "Devices"
  /** Finds the family of a device by its family code. */
  readonly families: Family.Lookup
  /** Whether devices of all other families are included. */
  readonly isAny: boolean
  /** Properties to read from each device that has them. `undefined` for its main values. */
  readonly properties: ReadonlyArray<string> | undefined
  /** The type of the values. Exists only in types. */
  readonly "~value"?: A | undefined
}

/**
 * One device, on any server. Made by `device`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Named<out A = Family.Value> {
  readonly _tag: "Named"
  readonly family: Family.Family | Family.Lookup
  /** A ROM id in any format, a path, or an alias. */
  readonly address: string
  /** Properties to read. `undefined` for its main values. */
  readonly properties: ReadonlyArray<string> | undefined
  /** The type of the values. Exists only in types. */
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
 * All devices, with every family of the catalogue: their main values, or those of the given properties that they have. Without
 * properties, `all([])`, only devices that come and go are reported.
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
 * The devices of some families: their main values, or some of the properties that all these families have.
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
 * The device that a ROM id, a path or an alias leads to, as in `Device.at`: its main values, or some properties. It is looked for
 * until it is found. An alias may lead to another device later.
 *
 * **Example** (Following a device that somebody has typed)
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
 * A device or a property that a target names and that is missing. Each search looks for it again.
 *
 * @category models
 * @since 0.1.0
 */
export interface Missing {
  readonly target: Target
  /** The device, if it was found and only its properties are missing. */
  readonly device?: Device.AnyDevice | undefined
  readonly error: Device.Failure
}

/**
 * The result of a search that the server has answered. Emitted after the first search, and after each later one that found
 * something to read. It is also emitted if something else is missing than before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found<out A = Family.Value> {
  readonly _tag: "Found"
  readonly at: Date
  /** Properties that are read from now on, in addition to the earlier ones. */
  readonly properties: ReadonlyArray<Device.DeviceProperty<A>>
  /** Everything that is missing now: no server has it, and each server has answered or failed. */
  readonly missing: ReadonlyArray<Missing>
}

/**
 * A server was added to the network. At the beginning, emitted for each server.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerAdded {
  readonly _tag: "ServerAdded"
  readonly at: Date
}

/**
 * A server was removed from the network. Devices that only this server has shown have vanished.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerRemoved {
  readonly _tag: "ServerRemoved"
  readonly at: Date
}

/**
 * Another server reads a device from now on. It has just found or read the device.
 *
 * @category models
 * @since 0.1.0
 */
export interface Rerouted {
  readonly _tag: "Rerouted"
  /** The device on the server that reads it now. */
  readonly device: Device.AnyDevice
  readonly at: Date
  /** Name of the server that read it before. */
  readonly from: string
  /**
   * - `Moved`: the previous server no longer has the device, or cannot read it.
   * - `ServerFailed`, `ServerRemoved`: what happened to the previous server.
   * - `Nearer`: this server has fewer servers and couplers in front of the device.
   */
  readonly cause: "Moved" | "ServerFailed" | "ServerRemoved" | "Nearer"
}

/**
 * An outage of a whole server.
 *
 * @category models
 * @since 0.1.0
 */
export type ServerOutage = Outage.ServerFailed | Outage.ServerRecovered

/**
 * An event of a network. `server` is the name, as in `Network`, of the server that it comes from.
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
 * An event with the name of its server.
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
   * Time from the end of one search to the next. Default 1 minute. After a failed search it is 5 seconds, 10, 20 and so on, up to
   * this value. After the server is back, the next search follows at once. `Infinity` searches only until the server has answered
   * once.
   */
  readonly every?: Duration.Input | undefined
}

/**
 * Assigns devices to servers if each server is followed separately: only one of the servers that show a device needs to read it.
 * `isRead` of a `Merged` decides which.
 *
 * @category models
 * @since 0.1.0
 */
export interface Shared {
  /** Whether the rounds of this network read a device now. */
  readonly isRead: (id: RomId.RomId) => boolean
  /** Devices to read at once, in addition to the rounds. */
  readonly readNow: Stream.Stream<RomId.RomId>
}

/**
 * Options of `follow`: those of `Poll.poll`, which apply to the reading of properties, and more. `timeout` and `retry` also apply
 * to searches.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends Poll.Options {
  readonly search?: Search | undefined
  /**
   * Lets all thermometers of a bus measure at the same time, as in `Conversion.convertAll`, in each round in which that is faster
   * than one after another. Default `false`.
   */
  readonly together?: boolean | Pick<Conversion.Options, "wait"> | undefined
  /** Reports alarms of the devices that are followed, as `Alarms.alarms` does. Default `false`. */
  readonly alarms?:
    | boolean
    | Pick<Alarms.Options, "absences" | "every" | "places" | "rearm" | "remindAfter">
    | undefined
  /** Leaves devices to servers that are followed elsewhere. By default all devices are read. */
  readonly shared?: Shared | undefined
}

/**
 * Follows a network: searches all servers for devices, reads the wanted properties in rounds, and reports everything that
 * happens. Devices that come later are followed from then on, and devices that have vanished are no longer read. To follow one
 * server, use the network that `Network.fromClient` makes of it.
 *
 * **Details**
 *
 * - `ServerAdded` is the first event of each server. `Found` follows when the server has answered, with the properties to read.
 *   `Appeared`, `Vanished`, `Moved` and `Renamed` come as in `Arrivals.arrivals`, and `Reading` and `Failed` as in `Poll.poll`. A
 *   device has none of these before it has appeared, or after it has vanished.
 * - A device that several servers show is one device, and the nearest server that works reads it. If that server fails, or no
 *   longer has the device, the others read it at once: `Rerouted` names the first that can. A device that is plugged in elsewhere
 *   has not vanished.
 * - Outages of servers and of their buses are reported once when they begin and once when they end, whichever call noticed them.
 *   While a server fails, its properties emit nothing, and no other server waits for it. Devices on a bus that fails at first are
 *   followed as soon as the bus works.
 * - The stream fails only if the network is closed or if an argument is invalid. A server that is not there yet is waited for.
 *   The stream ends when the schedule does, after all buses of all servers have had their rounds.
 * - The schedule is a duration, from the beginning of one round to that of the next, or any `Schedule`. Each bus of each server
 *   has separate rounds, so a slow bus delays no other. A device that comes is read at once, and then with the others of its bus.
 * - Named devices are looked up; the buses are searched only if there are other targets. A device that an alias no longer leads
 *   to has vanished, unless another target includes it. An alias that leads to different devices on different servers leads to
 *   none of them: it is missing, with a `DeviceError` of reason `Ambiguous` that names both.
 * - A slow consumer slows everything down: at most one element of each bus and of each kind of search waits.
 *
 * **Example** (Logging everything that happens in a house)
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
    // A test clock waits for fibers that hand something over only if it has woken them.
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
  // The type of a target says which values it reads.
  return events as Stream.Stream<Event<ValueOf<T>>, OwError.OwError | E, Network.Network | R>
}

/** The type of the values of a target, or of several targets. */
type ValueOf<T> = T extends ReadonlyArray<infer One> ? ValueOf<One> : T extends Target<infer A> ? A : never

const checked = Checked.of("Follow.follow")

/** The properties of a round that measure together, if that is faster. */
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
