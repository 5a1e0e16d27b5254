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
import * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import * as Catalogue from "../device/Catalogue.ts"
import type * as Device from "../device/Device.ts"
import * as Family from "../device/Family.ts"
import type * as Alarms from "./Alarms.ts"
import type * as Arrivals from "./Arrivals.ts"
import * as Conversion from "./Conversion.ts"
import { searchable } from "./internal/AlarmSearch.ts"
import { Following } from "./internal/Following.ts"
import * as Rounds from "./internal/Rounds.ts"
import type * as Observation from "./Observation.ts"
import type * as Outage from "./Outage.ts"
import type * as Poll from "./Poll.ts"

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
 * A search is over that the server has answered: always the first one, and each one that has found something to read, or after
 * which something else is missing than before.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found<out A = Family.Value> {
  readonly _tag: "Found"
  readonly at: Date
  /** Properties that are read from now on, in addition to those before. */
  readonly properties: ReadonlyArray<Device.DeviceProperty<A>>
  /** All that is missing now. */
  readonly missing: ReadonlyArray<Missing>
}

/**
 * An event of a network.
 *
 * @category models
 * @since 0.1.0
 */
export type Event<A = Family.Value> =
  | Found<A>
  | Observation.Observation<A>
  | Arrivals.Appeared
  | Arrivals.Vanished
  | Arrivals.Moved
  | Arrivals.Renamed
  | Alarms.Raised
  | Alarms.Reminded
  | Alarms.Cleared
  | Alarms.RearmFailed
  | Outage.Outage

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
}

/**
 * Follows a network: searches its devices, reads what is wanted of them in rounds, and tells all that is seen. What comes later is
 * followed from then on, and what has vanished is asked no longer.
 *
 * **Details**
 *
 * - `Found` comes first once the server has answered, and tells what is read. `Appeared`, `Vanished`, `Moved` and `Renamed` come
 *   as `Arrivals.arrivals` has them, and `Reading` and `Failed` as `Poll.poll` has them: of a device none comes before it has
 *   appeared, nor after it has vanished.
 * - Outages of the server and of its buses are told once when they begin, and once when they end, whichever call met them. While
 *   the server fails, no property is told to. What is on a bus that fails at first is followed when the bus works.
 * - Only the closing of the client ends the stream with an error, or an argument that makes no sense. A server that is not there
 *   yet is waited for. The stream ends when the schedule does, once all buses have had their rounds.
 * - The schedule is a duration, from the beginning of a round to that of the next, or any `Schedule`. Each bus has rounds of its
 *   own, so that a slow one delays no other. A device that comes is read at once, and then with the others of its bus.
 * - Named devices are looked up, and only if there are other targets is the bus searched. A device that an alias no longer leads
 *   to has vanished, unless another target wants it.
 * - A slow consumer slows all down: of each bus and of each kind of search, one element waits at most.
 *
 * **Example** (All that a house says)
 *
 * ```ts
 * import { Follow } from "@effect-ownet/core"
 * import { Console, Effect, Match, Stream } from "effect"
 *
 * const log = Follow.follow(Follow.all(), "30 seconds", { implausible: "readAgain" }).pipe(
 *   Stream.runForEach((event) =>
 *     Match.value(event).pipe(
 *       Match.tags({
 *         Reading: ({ device, property, value }) => Console.log(`${device.name}/${property} = ${value}`),
 *         Failed: ({ error }) => Console.warn(error.message),
 *         Appeared: ({ device }) => Console.log(`${device.name} is there`),
 *         Vanished: ({ device }) => Console.log(`${device.name} is gone`),
 *         ServerFailed: ({ error }) => Console.warn(error.message)
 *       }),
 *       Match.orElse(() => Effect.void)
 *     )
 *   )
 * )
 * ```
 *
 * @category streams
 * @since 0.1.0
 */
export const follow = <const T extends Target | ReadonlyArray<Target>, E = never, R = never>(
  what: T,
  schedule: Duration.Input | Schedule.Schedule<unknown, unknown, E, R>,
  options: Options = {}
): Stream.Stream<Event<ValueOf<T>>, OwError.OwError | E, OwClient.OwClient | R> => {
  const events = Stream.unwrap(Effect.gen(function*() {
    const { alarms = false, search = {}, together = false, ...polling } = options
    const { retry, timeout } = polling
    const call: OwClient.CallOptions = { retry, timeout }
    const rounds = yield* Rounds.of(checked, schedule, polling)
    const convert = together === false ? undefined : together === true ? {} : together
    if (convert?.wait !== undefined) yield* checked.millis("together.wait", convert.wait)
    // A test's clock waits for fibers that hand something over only if it has woken them.
    yield* Effect.sleep("1 millis")
    return Following.stream(yield* OwClient.OwClient, {
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
    })
  }))
  // What a target reads is what its type says.
  return events as Stream.Stream<Event<ValueOf<T>>, OwError.OwError | E, OwClient.OwClient | R>
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
