/**
 * Current state of a network: the fold of all events of `Follow`.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as OwError from "../client/OwError.ts"
import type * as Device from "../device/Device.ts"
import type * as Family from "../device/Family.ts"
import type * as Alarms from "../monitor/Alarms.ts"
import type * as Observation from "../monitor/Observation.ts"
import * as Place from "../onewire/Place.ts"
import * as RomId from "../onewire/RomId.ts"
import type * as Follow from "./Follow.ts"

/**
 * A failure that lasts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failing<out E = Device.Failure> {
  /** When the failure began. */
  readonly since: Date
  /** The last error. */
  readonly error: E
}

/**
 * Current state of a property of a device.
 *
 * @category models
 * @since 0.1.0
 */
export interface PropertyState<out A = Family.Value> {
  /** Name, with the extension of an element. */
  readonly name: string
  /** The last reading. It stays while the property fails: its `at` tells how old it is. */
  readonly reading: Device.Reading<A> | undefined
  /** The failure, if the property cannot be read. */
  readonly failing: Failing | undefined
}

/**
 * Current state of a device.
 *
 * @category models
 * @since 0.1.0
 */
export interface DeviceState<out A = Family.Value> {
  /** Name of the server that reads it. */
  readonly server: string
  /** The device on that server. */
  readonly device: Device.AnyDevice
  /** When it appeared. */
  readonly since: Date
  /** The properties that are read, by their names, in the order in which they are read. */
  readonly properties: ReadonlyMap<string, PropertyState<A>>
  /** The alarm, if the device is in alarm. */
  readonly alarm: Alarms.Raised | undefined
}

/**
 * Current state of a server.
 *
 * @category models
 * @since 0.1.0
 */
export interface ServerState {
  readonly name: string
  /** Whether it has answered a search. */
  readonly isFound: boolean
  /** The failure, if the server fails. */
  readonly failing: Failing<OwError.OwError> | undefined
  /** The buses that fail. */
  readonly buses: ReadonlyMap<string, Failing<OwError.OwError>>
}

/**
 * Current state of a network.
 *
 * @category models
 * @since 0.1.0
 */
export interface Snapshot<out A = Family.Value> {
  /** The devices that are present, by their ROM ids. `devices` returns them in order. */
  readonly devices: HashMap.HashMap<RomId.RomId, DeviceState<A>>
  /** The servers, by their names. */
  readonly servers: ReadonlyMap<string, ServerState>
  /** Devices and properties that are missing. `undefined` before any server has answered a search. */
  readonly missing: ReadonlyArray<Follow.Missing> | undefined
}

/**
 * The snapshot before the first event.
 *
 * @category constructors
 * @since 0.1.0
 */
export const empty: Snapshot<never> = {
  devices: HashMap.empty(),
  servers: new Map(),
  missing: undefined
}

/**
 * Applies one event.
 *
 * **Example** (Comparing with the state before, in your own program)
 *
 * ```ts
 * import { Follow, Snapshot } from "@effect-ownet/core"
 * import { Console, Stream } from "effect"
 *
 * const log = Follow.follow(Follow.all(), "1 minute").pipe(
 *   Stream.mapAccum(() => Snapshot.empty as Snapshot.Snapshot, (before, event) => {
 *     const after = Snapshot.take(before, event)
 *     return [after, [{ before, event }]]
 *   }),
 *   Stream.runForEach(({ event }) => Console.log(event._tag))
 * )
 * ```
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = <A>(snapshot: Snapshot<A>, event: Follow.Event<A>): Snapshot<A> => {
  switch (event._tag) {
    case "Found":
      return {
        ...withServer(snapshot, event, { isFound: true }),
        missing: event.missing,
        devices: event.properties.reduce(
          (devices, { device, name }) =>
            HashMap.modify(devices, device.id, (state) =>
              state.properties.has(name)
                ? state
                : withProperty(state, { name, reading: undefined, failing: undefined })),
          snapshot.devices
        )
      }
    case "Appeared":
      return {
        ...snapshot,
        devices: HashMap.set(snapshot.devices, event.device.id, {
          server: event.server,
          device: event.device,
          since: event.at,
          properties: new Map(),
          alarm: undefined
        })
      }
    case "Vanished":
      return { ...snapshot, devices: HashMap.remove(snapshot.devices, event.device.id) }
    case "Moved":
    case "Renamed":
    case "Rerouted":
      return modify(snapshot, event, (state) => ({ ...state, server: event.server, device: event.device }))
    case "Reading":
    case "Failed":
      return modify(
        snapshot,
        event,
        (state) => withProperty(state, observed(state.properties.get(event.property), event))
      )
    case "Raised":
      return modify(snapshot, event, (state) => ({ ...state, alarm: event }))
    case "Cleared":
      return modify(snapshot, event, (state) => ({ ...state, alarm: undefined }))
    case "ServerAdded":
      return withServer(snapshot, event, {})
    case "ServerRemoved":
      return {
        ...snapshot,
        servers: new Map([...snapshot.servers].filter(([name]) => name !== event.server))
      }
    case "ServerFailed":
      return withServer(snapshot, event, { failing: { since: event.at, error: event.error } })
    case "ServerRecovered":
      return withServer(snapshot, event, { failing: undefined })
    case "BusFailed":
      return withServer(snapshot, event, {
        buses: new Map([...busesOf(snapshot, event), [event.bus, { since: event.at, error: event.error }]])
      })
    case "BusRecovered":
      return withServer(snapshot, event, {
        buses: new Map([...busesOf(snapshot, event)].filter(([bus]) => bus !== event.bus))
      })
    default:
      return snapshot
  }
}

const withServer = <A>(
  snapshot: Snapshot<A>,
  { server }: { readonly server: string },
  change: Partial<Omit<ServerState, "name">>
): Snapshot<A> => {
  const before = snapshot.servers.get(server) ?? { name: server, isFound: false, failing: undefined, buses: new Map() }
  return { ...snapshot, servers: new Map(snapshot.servers).set(server, { ...before, ...change }) }
}

const busesOf = ({ servers }: Snapshot<unknown>, { server }: { readonly server: string }): ServerState["buses"] =>
  servers.get(server)?.buses ?? new Map()

const modify = <A>(
  snapshot: Snapshot<A>,
  { device }: { readonly device: Device.AnyDevice },
  change: (state: DeviceState<A>) => DeviceState<A>
): Snapshot<A> => ({ ...snapshot, devices: HashMap.modify(snapshot.devices, device.id, change) })

const withProperty = <A>(state: DeviceState<A>, property: PropertyState<A>): DeviceState<A> => ({
  ...state,
  properties: new Map(state.properties).set(property.name, property)
})

const observed = <A>(before: PropertyState<A> | undefined, seen: Observation.Observation<A>): PropertyState<A> =>
  seen._tag === "Reading"
    ? { name: seen.property, reading: seen, failing: undefined }
    : {
      name: seen.property,
      reading: before?.reading,
      failing: { since: before?.failing?.since ?? seen.at, error: seen.error }
    }

/**
 * The devices that are present, sorted by server in the order of adding, then by bus, branch and ROM id.
 *
 * @category getters
 * @since 0.1.0
 */
export const devices = <A>({ devices, servers }: Snapshot<A>): ReadonlyArray<DeviceState<A>> => {
  const order = new Map([...servers.keys()].map((name, at) => [name, at]))
  const at = ({ server }: DeviceState<A>): number => order.get(server) ?? order.size
  return [...HashMap.values(devices)].toSorted((a, b) =>
    at(a) - at(b) || Place.Order(a.device.place, b.device.place) || RomId.Order(a.device.id, b.device.id)
  )
}

/**
 * The state of a property of a device, if both are known.
 *
 * @category getters
 * @since 0.1.0
 */
export const property = <A>(
  { devices }: Snapshot<A>,
  id: RomId.RomId,
  name: string
): Option.Option<PropertyState<A>> =>
  Option.flatMap(HashMap.get(devices, id), ({ properties }) => Option.fromUndefinedOr(properties.get(name)))

/**
 * Why the value of a property is not up to date, and since when: the property cannot be read, or its server fails.
 *
 * @category getters
 * @since 0.1.0
 */
export const failing = <A>(snapshot: Snapshot<A>, id: RomId.RomId, name: string): Option.Option<Failing> =>
  Option.flatMap(
    HashMap.get(snapshot.devices, id),
    ({ properties, server }) =>
      Option.fromUndefinedOr(properties.get(name)?.failing ?? snapshot.servers.get(server)?.failing)
  )

/**
 * The reading of a property that is valid now, with any verdict. `None` if nothing has been read yet, if the property cannot be
 * read now, and while the server fails: `failing` has the reason, and `property` still has the last reading.
 *
 * **Example** (A thermostat that knows when not to trust its thermometer)
 *
 * ```ts
 * import { type RomId, Snapshot } from "@effect-ownet/core"
 * import { Option } from "effect"
 *
 * const temperature = (house: Snapshot.Snapshot<number>, id: RomId.RomId): Option.Option<number> =>
 *   Snapshot.reading(house, id, "temperature").pipe(
 *     Option.filter(({ verdict }) => verdict._tag === "Plausible"),
 *     Option.map(({ value }) => value)
 *   )
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const reading = <A>(
  snapshot: Snapshot<A>,
  id: RomId.RomId,
  name: string
): Option.Option<Device.Reading<A>> =>
  Option.isSome(failing(snapshot, id, name))
    ? Option.none()
    : Option.flatMap(property(snapshot, id, name), ({ reading }) => Option.fromUndefinedOr(reading))

/**
 * Emits a snapshot after each event.
 *
 * @category streams
 * @since 0.1.0
 */
export const snapshots = <A, E, R>(events: Stream.Stream<Follow.Event<A>, E, R>): Stream.Stream<Snapshot<A>, E, R> =>
  Stream.drop(Stream.scan(events, (): Snapshot<A> => empty, take), 1)

/**
 * The latest snapshot, as long as its scope is open.
 *
 * @category models
 * @since 0.1.0
 */
export interface Held<out A = Family.Value, out E = never> {
  /** The latest snapshot. Fails if the events have failed. */
  readonly now: Effect.Effect<Snapshot<A>, E>
  /** The latest snapshot, as soon as each server has answered a search or failed. Waits until then. */
  readonly ready: Effect.Effect<Snapshot<A>, E>
  /**
   * The latest snapshot, and then one after each event. A slow reader skips the ones in between. It ends or fails with the
   * events, and ends when the scope is closed.
   */
  readonly changes: Stream.Stream<Snapshot<A>, E>
}

/** The latest snapshot, and how the events have ended, if they have. */
interface State<out A, out E> {
  readonly snapshot: Snapshot<A>
  readonly end: Exit.Exit<void, E> | undefined
}

/**
 * Follows in the background and keeps the current state, for a page, a metric or a thermostat that asks from time to time.
 *
 * **Example** (Answering at once, even if the bus is slow)
 *
 * ```ts
 * import { Follow, Snapshot } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const events = Follow.follow(Follow.families([DS18B20], ["temperature"]), "30 seconds")
 *   const house = yield* Snapshot.hold(events)
 *   // later, and as often as wanted
 *   for (const { device, properties } of Snapshot.devices(yield* house.now)) {
 *     yield* Effect.log(device.name, properties.get("temperature")?.reading?.value)
 *   }
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const hold = Effect.fnUntraced(function*<A, E, R>(
  events: Stream.Stream<Follow.Event<A>, E, R>
): Effect.fn.Return<Held<A, E>, never, R | Scope.Scope> {
  // One slot: the next snapshot replaces one that a slow reader has not taken.
  const states = yield* PubSub.sliding<State<A, E>>({ capacity: 1, replay: 1 })
  let latest: State<A, E> = { snapshot: empty, end: undefined }
  const publish = (state: State<A, E>): Effect.Effect<unknown> => {
    latest = state
    return PubSub.publish(states, state)
  }
  yield* publish(latest)
  yield* Stream.runForEach(snapshots(events), (snapshot) => publish({ snapshot, end: undefined })).pipe(
    // The closing of the scope is not a failure.
    Effect.onExit((exit) => publish({ ...latest, end: Exit.hasInterrupts(exit) ? Exit.void : exit })),
    Effect.exit,
    Effect.forkScoped
  )
  const now = Effect.suspend(() => Effect.as(latest.end ?? Effect.void, latest.snapshot))
  const changes = Stream.fromPubSub(states).pipe(
    Stream.takeUntil(({ end }) => end !== undefined),
    Stream.map(({ snapshot }) => snapshot),
    // The end comes with the last snapshot, which the reader already has.
    Stream.changesWith((a, b) => a === b),
    Stream.concat(Stream.suspend(() => Stream.fromEffectDrain(latest.end ?? Effect.void)))
  )
  return {
    now,
    changes,
    ready: Effect.andThen(Stream.runDrain(Stream.takeUntil(changes, isKnown)), now)
  }
})

const isKnown = ({ servers }: Snapshot<unknown>): boolean =>
  servers.size > 0 && [...servers.values()].every(({ failing, isFound }) => isFound || failing !== undefined)
