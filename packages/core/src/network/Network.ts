/**
 * Any number of servers as one network: who is there, and which server has which device.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Connector from "../client/Connector.ts"
import * as OwClient from "../client/OwClient.ts"
import type * as OwError from "../client/OwError.ts"
import type * as ServerAddress from "../client/ServerAddress.ts"
import type * as Device from "../device/Device.ts"
import type * as Discovery from "../device/Discovery.ts"
import type * as Family from "../device/Family.ts"
import { Members } from "./internal/Members.ts"
import * as network from "./internal/network.ts"

/**
 * A server that a network is to have: `host`, `host:port`, `w1:` and the other forms of `ServerAddress.fromString`; or a host and a
 * port, or the folder of the kernel's buses, with a name of your own.
 *
 * @category models
 * @since 0.1.0
 */
export type Address = string | {
  /** The name in events and errors. Default: the address as people write it, without the default port. */
  readonly name?: string | undefined
  readonly host: string
  /** Default 4304. */
  readonly port?: number | undefined
  readonly w1?: undefined
} | {
  /** The name in events and errors. Default: `w1:`, with the folder if that is another one than `/sys/bus/w1`. */
  readonly name?: string | undefined
  /** The folder in which the kernel shows its own buses. */
  readonly w1: string
}

/**
 * A server of a network.
 *
 * @category models
 * @since 0.1.0
 */
export interface Server {
  /** Its name in the network. No two have the same. */
  readonly name: string
  /** The client that all of the network share. It connects when it is first asked. */
  readonly client: OwClient.Client
  /** The state of its connections, as calls have shown it. */
  readonly state: OwClient.State
}

/**
 * A device as one server shows it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Way<out D = Device.AnyDevice> {
  /** The name of the server. */
  readonly server: string
  /** The device there: reads and writes go by this server alone. */
  readonly device: D
}

/**
 * A device of a network, by the nearest of the ways that lead to it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reached<out D = Device.AnyDevice> extends Way<D> {
  /** All servers that show it, the nearest first: the one with the fewest servers and couplers in between. */
  readonly ways: ReadonlyArray<Way<D>>
}

/**
 * A part of the network that could not be looked at: a server as a whole, or one of its buses or branches.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failed {
  readonly server: string
  /** A bus or a branch. `undefined` if it is the server that failed. */
  readonly place: Discovery.Failed["place"] | undefined
  readonly error: OwError.OwError
}

/**
 * The devices of a network, and what may be missing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found<out D = Device.AnyDevice> {
  /** Each device once, in the order of the servers and on each in that of `Discovery.devices`. */
  readonly devices: ReadonlyArray<Reached<D>>
  /** Servers, buses and branches that could not be listed. */
  readonly failures: ReadonlyArray<Failed>
  /** What each server that answered has shown, by its name. */
  readonly servers: ReadonlyMap<string, Discovery.Found<D>>
}

/**
 * Options of `ways`.
 *
 * @category models
 * @since 0.1.0
 */
export interface WaysOptions {
  /**
   * How long the other servers are waited for once one has the device. Default 250 milliseconds. `Infinity` waits until each has
   * answered or failed, before something is written by an alias.
   */
  readonly patience?: Duration.Input | undefined
}

/**
 * The operations of a network.
 *
 * @category models
 * @since 0.1.0
 */
export interface Service {
  /** The servers, in the order in which they were added, each with its state. Nothing is asked to find out. */
  readonly servers: Effect.Effect<ReadonlyArray<Server>>

  /** The servers now, and again after each change, until the network is closed. A slow reader sees the latest. */
  readonly changes: Stream.Stream<ReadonlyArray<Server>>

  /** Adds a server, unless it is there. Another one of the same name is refused. */
  readonly add: (address: Address) => Effect.Effect<void, OwError.ArgumentError>

  /**
   * Removes a server by its name, or all that have an address, if they are there: their connections are closed, and calls that
   * wait for them fail with a `ConnError` of reason `ClientClosed`.
   */
  readonly remove: (server: Address) => Effect.Effect<void, OwError.ArgumentError>

  /** Adds and removes servers until these are all, or does nothing if one of them makes no sense. One that stays keeps its connections. */
  readonly set: (addresses: ReadonlyArray<Address>) => Effect.Effect<void, OwError.ArgumentError>

  /**
   * The device of a ROM id or an alias, on whichever server it is. Of a path, the ROM id counts, and not the place.
   *
   * **Details**
   *
   * The device stays itself wherever it goes: each call takes the nearest server that works, goes on to the next if that one
   * fails, and looks for the device on all servers if none of those that had it has it any longer. A write is never sent a second
   * time unless nothing of it was sent, or the server refused it because the device is not there. The `timeout` of a call is the
   * limit of all of that, and its `retry` holds for each server.
   *
   * All servers are asked at the same time. Once one has the device, the others are waited for a quarter of a second at most.
   * An alias that leads to different devices is a `DeviceError` of reason `Ambiguous`. If no server has the device, an
   * `OwnetError` of reason `NotFound` also says which servers did not answer; if none answers, it is the error of the first.
   */
  readonly device: <P extends Family.Properties = Family.Unknown>(
    family: Family.Family<P> | Family.Lookup,
    address: string
  ) => Effect.Effect<Device.Device<P>, Device.Failure>

  /**
   * The ways to the device of a ROM id, an alias or a path, the nearest first, once all servers have been asked. There is one at
   * least. It fails as `device` does.
   */
  readonly ways: (address: string, options?: WaysOptions) => Effect.Effect<ReadonlyArray<Way>, Device.Failure>

  /**
   * Searches all servers at the same time, each as `Discovery.devices` does it. A server that fails is among the `failures`,
   * also if it is the only one.
   */
  readonly devices: <const F extends ReadonlyArray<Family.Family> = readonly []>(
    options?: Omit<Discovery.Options<F>, "bus">
  ) => Effect.Effect<Found<Device.Of<F>>, OwError.ArgumentError>
}

/**
 * The 1-Wire network behind any number of servers. {@link Service} is what it can do.
 *
 * **Example** (A device, on whichever server it is)
 *
 * ```ts
 * import { Network } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { NodeNetwork } from "@effect-ownet/node"
 * import { NodeRuntime } from "@effect/platform-node"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const network = yield* Network.Network
 *   const cellar = yield* network.device(DS18B20, "cellar")
 *   yield* Console.log(yield* cellar.read("temperature"))
 * })
 *
 * program.pipe(
 *   Effect.provide(NodeNetwork.layer({ servers: ["raspberrypi", "barn:4305"] })),
 *   NodeRuntime.runMain
 * )
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class Network extends Context.Service<Network, Service>()("@effect-ownet/core/network/Network") {}

/**
 * Options of a network: its servers, and those of each client, which always connects when it is first asked.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<out R = never> extends Omit<OwClient.Options, "lazy"> {
  /** The servers; or a stream of them, such as what a browse or a file says, whose latest element is what there is. */
  readonly servers: ReadonlyArray<Address> | Stream.Stream<ReadonlyArray<Address>, never, R>
}

/**
 * Makes a network. No server is asked, so that it begins whichever of them work. It fails if an option or an address makes no
 * sense. An address of a stream that makes none is left out, with a warning in the log.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<R = never>(
  { servers, ...options }: Options<R>
): Effect.fn.Return<Service, OwError.ArgumentError, Connector.Connectors | Scope.Scope | R> {
  const connectors = yield* Connector.Connectors
  // The options are checked although there may be no server yet.
  yield* Effect.scoped(Effect.provideService(OwClient.makeLazy(options), Connector.Connector, nowhere))
  const members = yield* Members.make((address) =>
    Effect.flatMap(
      connectors.to(address),
      (connector) => Effect.provideService(OwClient.makeLazy(options), Connector.Connector, connector)
    )
  )
  yield* fill(members, servers)
  return network.make(members, options)
})

/** A connector that has no address. */
const nowhere: Connector.Connector["Service"] = { server: "nowhere", resolve: Effect.never }

/**
 * A network of some servers, or of those that a stream tells. They are connected by `Connectors`: `NodeNetwork.layer` has those of
 * Node, and `TestNetwork.layer` simulated servers.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <R = never>(
  options: Options<R>
): Layer.Layer<Network, OwError.ArgumentError, Connector.Connectors | R> =>
  // The scope is the layer's.
  Layer.effect(Network, make(options))

/**
 * The one server of `OwClient` as a network, for all that takes a network. Other servers cannot be added.
 *
 * **Example** (Following one server)
 *
 * ```ts
 * import { Follow, Network } from "@effect-ownet/core"
 * import { NodeOwClient } from "@effect-ownet/node"
 * import { Console, Layer, Stream } from "effect"
 *
 * const log = Follow.follow(Follow.all(), "1 minute").pipe(
 *   Stream.runForEach((event) => Console.log(event.server, event._tag))
 * )
 *
 * const live = Layer.provide(Network.fromClient, NodeOwClient.layer({ host: "raspberrypi" }))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const fromClient: Layer.Layer<Network, never, OwClient.OwClient> = Layer.effect(
  Network,
  Effect.flatMap(OwClient.OwClient, (client) => Effect.map(Members.of(client), (members) => network.make(members)))
)

/**
 * A network of servers whose clients are made by a function of yours, such as clients that ask another process. Each client is made
 * in a scope of its own, which ends when its server is removed. An address of a stream that makes no sense is left out, with a warning
 * in the log.
 *
 * **Example** (One client for all, in a test)
 *
 * ```ts
 * import { Network, OwClient } from "@effect-ownet/core"
 * import { Effect, Layer } from "effect"
 *
 * const house = Layer.effect(
 *   Network.Network,
 *   Effect.flatMap(OwClient.OwClient, (client) => Network.fromClients(() => Effect.succeed(client), { servers: ["pi"] }))
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromClients = Effect.fnUntraced(function*<R1 = never, R2 = never>(
  connect: (
    address: ServerAddress.ServerAddress
  ) => Effect.Effect<OwClient.Client, OwError.ArgumentError, R1 | Scope.Scope>,
  { servers, ...options }: Pick<Options<R2>, "servers"> & OwClient.CallOptions
): Effect.fn.Return<Service, OwError.ArgumentError, R1 | R2 | Scope.Scope> {
  const context = yield* Effect.context<R1>()
  const members = yield* Members.make((address) =>
    Effect.updateContext(
      connect(address),
      // The scope of the client is that of its server.
      (own: Context.Context<Scope.Scope>): Context.Context<R1 | Scope.Scope> => Context.merge(context, own)
    )
  )
  yield* fill(members, servers)
  return network.make(members, options)
})

const fill = Effect.fnUntraced(function*<R>(
  members: Members,
  servers: Options<R>["servers"]
): Effect.fn.Return<void, OwError.ArgumentError, R | Scope.Scope> {
  if (Stream.isStream(servers)) {
    yield* Effect.forkScoped(Stream.runForEach(servers, (addresses) => members.setAll(addresses)))
  } else yield* members.set(servers)
})
