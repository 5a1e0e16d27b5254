/**
 * One network of any number of servers: it finds devices on all of them, and knows which server has which device.
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
 * Address of a server of a network: `host`, `host:port`, `w1:` or another form of `ServerAddress.fromString`. An object gives a
 * host and a port, or the folder of the kernel's buses, and can also give the server a name.
 *
 * @category models
 * @since 0.1.0
 */
export type Address = string | {
  /** Name in events and errors. Default: the address as people write it, without the default port. */
  readonly name?: string | undefined
  readonly host: string
  /** TCP port. Default 4304. */
  readonly port?: number | undefined
  readonly w1?: undefined
} | {
  /** Name in events and errors. Default: `w1:`, followed by the folder if it is not `/sys/bus/w1`. */
  readonly name?: string | undefined
  /** Folder in which the kernel shows its own buses. */
  readonly w1: string
}

/**
 * A server of a network.
 *
 * @category models
 * @since 0.1.0
 */
export interface Server {
  /** Name in the network. No two servers have the same name. */
  readonly name: string
  /** Client that everything in the network shares. It connects on the first request. */
  readonly client: OwClient.Client
  /** State of its connections, as the calls so far have shown it. */
  readonly state: OwClient.State
}

/**
 * A device as one server shows it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Way<out D = Device.AnyDevice> {
  /** Name of the server. */
  readonly server: string
  /** The device on this server. Reads and writes use this server only. */
  readonly device: D
}

/**
 * A device of a network, by the nearest server that shows it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reached<out D = Device.AnyDevice> extends Way<D> {
  /** All servers that show it, nearest first: the nearest has the fewest servers and couplers in between. */
  readonly ways: ReadonlyArray<Way<D>>
}

/**
 * A part of the network that could not be searched: a whole server, or one of its buses or branches.
 *
 * @category models
 * @since 0.1.0
 */
export interface Failed {
  readonly server: string
  /** A bus or a branch. `undefined` if the whole server failed. */
  readonly place: Discovery.Failed["place"] | undefined
  readonly error: OwError.OwError
}

/**
 * The devices of a network, and the parts that could not be searched.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found<out D = Device.AnyDevice> {
  /** Each device once, in the order of the servers. The devices of a server are in the order of `Discovery.devices`. */
  readonly devices: ReadonlyArray<Reached<D>>
  /** Servers, buses and branches that could not be listed. */
  readonly failures: ReadonlyArray<Failed>
  /** The result of each server that answered, by the name of the server. */
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
   * How long to wait for the other servers after one has found the device. Default 250 milliseconds. `Infinity` waits until each
   * one has answered or failed: use it before you write to an alias.
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
  /** The servers, in the order in which they were added, each with its state. Sends no request. */
  readonly servers: Effect.Effect<ReadonlyArray<Server>>

  /** The servers now, and again after each change, until the network is closed. A slow reader gets only the latest list. */
  readonly changes: Stream.Stream<ReadonlyArray<Server>>

  /** Adds a server, unless the network already has it. Refuses a different server with the same name. */
  readonly add: (address: Address) => Effect.Effect<void, OwError.ArgumentError>

  /**
   * Removes a server by its name, or all servers with an address, if there are any. It closes their connections, and calls that
   * wait for them fail with a `ConnError` of reason `ClientClosed`.
   */
  readonly remove: (server: Address) => Effect.Effect<void, OwError.ArgumentError>

  /**
   * Adds and removes servers until the network has exactly these. Changes nothing if one of the addresses is invalid. A server
   * that stays keeps its connections.
   */
  readonly set: (addresses: ReadonlyArray<Address>) => Effect.Effect<void, OwError.ArgumentError>

  /**
   * Finds the device with a ROM id or an alias, on any server. For a path, only the ROM id counts, not the place.
   *
   * **Details**
   *
   * The device object stays valid if the device moves. Each call uses the nearest server that works, and continues with the next
   * one if that server fails. If none of the servers that had the device has it any longer, the call looks for it on all servers.
   * A write is sent a second time only if nothing of it was sent, or if the server refused it because the device is not there.
   * The `timeout` of a call limits all of this together, and its `retry` applies to each server.
   *
   * All servers are asked at the same time. After one has found the device, the others get a quarter of a second at most. An
   * alias that leads to different devices fails with a `DeviceError` of reason `Ambiguous`. If no server has the device, the call
   * fails with an `OwnetError` of reason `NotFound`, which also names the servers that did not answer. If no server answers, it
   * fails with the error of the first one.
   */
  readonly device: <P extends Family.Properties = Family.Unknown>(
    family: Family.Family<P> | Family.Lookup,
    address: string
  ) => Effect.Effect<Device.Device<P>, Device.Failure>

  /**
   * The ways to the device with a ROM id, an alias or a path, nearest first, after all servers have been asked. There is at least
   * one. Fails as `device` does.
   */
  readonly ways: (address: string, options?: WaysOptions) => Effect.Effect<ReadonlyArray<Way>, Device.Failure>

  /**
   * Searches all servers at the same time, each as `Discovery.devices` does. A server that fails is listed in `failures`, even if
   * it is the only one.
   */
  readonly devices: <const F extends ReadonlyArray<Family.Family> = readonly []>(
    options?: Omit<Discovery.Options<F>, "bus">
  ) => Effect.Effect<Found<Device.Of<F>>, OwError.ArgumentError>
}

/**
 * The 1-Wire network behind any number of servers. {@link Service} lists its operations.
 *
 * **Example** (Reading a device on any server)
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
 * Options of a network: its servers, and the options of each client. Clients always connect on the first request.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options<out R = never> extends Omit<OwClient.Options, "lazy"> {
  /**
   * The servers, or a stream of them, such as the results of a browse or the contents of a file. The latest element of a stream
   * replaces the servers before.
   */
  readonly servers: ReadonlyArray<Address> | Stream.Stream<ReadonlyArray<Address>, never, R>
}

/**
 * Makes a network. It sends no request, so it starts even if some servers are down. Fails if an option or an address is invalid.
 * An invalid address from a stream is left out, with a warning in the log.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*<R = never>(
  { servers, ...options }: Options<R>
): Effect.fn.Return<Service, OwError.ArgumentError, Connector.Connectors | Scope.Scope | R> {
  const connectors = yield* Connector.Connectors
  // Checks the options even if there is no server yet.
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

/** A connector without an address. */
const nowhere: Connector.Connector["Service"] = { server: "nowhere", resolve: Effect.never }

/**
 * A network of some servers, or of those that a stream provides. `Connectors` connects them: `NodeNetwork.layer` uses the
 * connectors of Node, and `TestNetwork.layer` simulated servers.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <R = never>(
  options: Options<R>
): Layer.Layer<Network, OwError.ArgumentError, Connector.Connectors | R> =>
  // The scope is that of the layer.
  Layer.effect(Network, make(options))

/**
 * The one server of `OwClient` as a network, for code that needs a network. You cannot add other servers.
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
 * A network whose clients come from your own function, such as clients that talk to another process. Each client is made in its
 * own scope, which closes when its server is removed. An invalid address from a stream is left out, with a warning in the log.
 *
 * **Example** (Using one client for all servers in a test)
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
      // The client lives in the scope of its server.
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
