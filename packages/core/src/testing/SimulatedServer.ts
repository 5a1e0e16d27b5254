/**
 * An owserver without hardware and without a process: the protocol as the real one speaks it, over a simulated network,
 * with faults on demand.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import type * as Socket from "effect/socket/Socket"
import * as SocketServer from "effect/socket/SocketServer"
import * as Connector from "../client/Connector.ts"
import * as ReturnCode from "../protocol/ReturnCode.ts"
import type * as Fault from "./Fault.ts"
import { memorySocket, type Peer } from "./internal/memorySocket.ts"
import { networkOf } from "./internal/NetworkState.ts"
import { Responder } from "./internal/Responder.ts"
import * as Session from "./internal/Session.ts"
import * as SimulatedNetwork from "./SimulatedNetwork.ts"

export type { Peer } from "./internal/memorySocket.ts"

/**
 * Options of a simulated server. The defaults are those of owserver 3.2p4.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends SimulatedNetwork.Options {
  /** Faults to begin with. None by default. */
  readonly faults?: Fault.Plan | undefined
  /**
   * Whether the server caches as a real one does: values for 15 seconds, or 5 minutes if they hardly change, listings for
   * 1 minute, and presence for 2 minutes. Default `false`, as with the devices that owserver itself simulates.
   */
  readonly cache?: boolean | undefined
  /** Maximum number of connections that are kept; further ones are closed after their first reply. Default 20. */
  readonly persistentConnections?: number | undefined
  /** How long an idle connection is kept. Default 1 hour. */
  readonly idleTimeout?: Duration.Input | undefined
  /** How long an idle connection is kept while `crowd` or more are. Default 10 minutes. */
  readonly crowdedIdleTimeout?: Duration.Input | undefined
  /** Number of kept connections from which on `crowdedIdleTimeout` holds. Default 10. */
  readonly crowd?: number | undefined
  /** How long the first request, or the rest of any request, may take to come. Default 10 seconds. */
  readonly requestTimeout?: Duration.Input | undefined
  /** Refuses all writes. Default `false`. */
  readonly readOnly?: boolean | undefined
  /** Knows DIRALL and DIRALLSLASH. Default `true`. */
  readonly dirAll?: boolean | undefined
  /** Knows GET and GETSLASH. Default `true`. */
  readonly get?: boolean | undefined
  /** Sends a keepalive in front of every reply, as `owserver --pingcrazy` does. Default `false`. */
  readonly alwaysKeepalive?: boolean | undefined
  /** The version that it reports. Default `3.2p4`. */
  readonly version?: string | undefined
  /** The texts of the return codes, by the codes without their signs. By default the systems' names, such as `EPERM`. */
  readonly returnCodes?: ReadonlyArray<string> | undefined
}

/**
 * The controls of a simulated server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Server {
  /** The network behind it. */
  readonly network: SimulatedNetwork.SimulatedNetwork

  /** A connector to it, without any socket. */
  readonly connector: Connector.Connector["Service"]

  /** Serves a connection until its end. */
  readonly serve: (socket: Socket.Socket, peer?: Peer) => Effect.Effect<void>

  /** Applies these faults to the requests that come from now on, or none if it is given none. */
  readonly setFaults: (plan?: Fault.Plan) => Effect.Effect<void>

  /** Closes all connections, as the end of the process would. New ones are served. */
  readonly disconnect: Effect.Effect<void>

  /** Refuses connections and closes those that it has, until `start`. */
  readonly stop: Effect.Effect<void>

  /** Serves again. */
  readonly start: Effect.Effect<void>

  /** Answers nothing until `resume`, as a process that is halted. Then it also answers what came meanwhile. */
  readonly pause: Effect.Effect<void>

  /** Answers again. */
  readonly resume: Effect.Effect<void>

  /** Connections now, and how many of them are kept; requests so far, and how many of them met faults. */
  readonly statistics: Effect.Effect<{
    readonly connections: number
    readonly persistent: number
    readonly requests: number
    readonly faults: number
  }>
}

/**
 * A simulated owserver. {@link Server} is what a test can do with it.
 *
 * **Example** (A client whose server can be made to fail)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { Fault, SimulatedServer } from "@effect-ownet/core/testing"
 * import { Effect, Layer } from "effect"
 *
 * const layer = OwClient.layer().pipe(
 *   Layer.provideMerge(SimulatedServer.layer({ "28.000028D70100": { temperature: 21.5 } }))
 * )
 *
 * const test = Effect.gen(function*() {
 *   const ow = yield* OwClient.OwClient
 *   const server = yield* SimulatedServer.SimulatedServer
 *   yield* server.setFaults(Fault.first(1, Fault.Fault.Close({ at: "before" })))
 *   return yield* ow.readText("/28.000028D70100/temperature")
 * })
 *
 * await test.pipe(Effect.provide(layer), Effect.runPromise) // => "21.5"
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class SimulatedServer extends Context.Service<SimulatedServer, Server>()(
  "@effect-ownet/core/testing/SimulatedServer"
) {}

const names = Array.from({ length: 211 }, (_, code) => code === 0 ? "OK" : ReturnCode.explain(-code, 0).name)

/**
 * Makes a server for a network, or for the description of one.
 *
 * **Example** (A server for two clients of different kinds)
 *
 * ```ts
 * import { Connector, OwClient } from "@effect-ownet/core"
 * import { SimulatedServer } from "@effect-ownet/core/testing"
 * import { Effect, Layer } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const server = yield* SimulatedServer.make({ "28.000028D70100": { temperature: 21.5 } })
 *   const connector = Layer.succeed(Connector.Connector, server.connector)
 *   const metric = OwClient.layer().pipe(Layer.provide(connector))
 *   const imperial = OwClient.layer({ flags: { temperatureScale: "F" } }).pipe(Layer.provide(connector))
 *   const read = OwClient.OwClient.use((ow) => ow.readText("/28.000028D70100/temperature"))
 *   return [yield* Effect.provide(read, metric), yield* Effect.provide(read, imperial)]
 * })
 *
 * await Effect.runPromise(program) // => ["21.5", "70.7"]
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  network: SimulatedNetwork.Description | SimulatedNetwork.SimulatedNetwork,
  options: Options = {}
): Effect.fn.Return<Server, SimulatedNetwork.DescriptionError> {
  const simulated = SimulatedNetwork.isSimulatedNetwork(network)
    ? network
    : yield* SimulatedNetwork.make(network, options)
  const idleTimeout = Duration.toMillis(options.idleTimeout ?? "1 hour")
  const shared: Session.Shared = {
    responder: new Responder(networkOf(simulated), {
      isReadOnly: options.readOnly ?? false,
      isCached: options.cache ?? false,
      dirAll: options.dirAll ?? true,
      get: options.get ?? true,
      version: options.version ?? "3.2p4",
      returnCodes: options.returnCodes ?? names
    }),
    persistentConnections: options.persistentConnections ?? 20,
    crowd: options.crowd ?? 10,
    crowdedIdleTimeout: Math.min(Duration.toMillis(options.crowdedIdleTimeout ?? "10 minutes"), idleTimeout),
    idleTimeout,
    requestTimeout: Duration.toMillis(options.requestTimeout ?? "10 seconds"),
    isAlwaysAlive: options.alwaysKeepalive ?? false,
    persistent: 0,
    requests: 0,
    faults: 0,
    plan: options.faults,
    planned: 0,
    plannedOfType: new Map(),
    running: Latch.makeUnsafe(true)
  }
  const connections = new Set<Deferred.Deferred<void>>()
  let opened = 0
  let isServing = true

  const serve = (socket: Socket.Socket, peer?: Peer): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (!isServing) return peer?.reset ?? Effect.void
      const broken = Deferred.makeUnsafe<void>()
      connections.add(broken)
      return Session.serve(shared, opened++, socket, peer).pipe(
        Effect.raceFirst(Deferred.await(broken)),
        // No client can cause this, but a function in the description of the network or in the faults can.
        Effect.catchCauseIf(Cause.hasDies, (cause) => Effect.logError("The simulated server was told to fail", cause)),
        Effect.ensuring(Effect.sync(() => connections.delete(broken)))
      )
    })
  const disconnect = Effect.suspend(() =>
    Effect.forEach(connections, (connection) => Deferred.succeed(connection, undefined), { discard: true })
  )
  return {
    network: simulated,
    connector: Connector.fromSocket("simulated:4304", memorySocket(serve, () => isServing)),
    serve,
    setFaults: (plan) =>
      Effect.sync(() => {
        shared.plan = plan
        shared.planned = 0
        shared.plannedOfType.clear()
      }),
    disconnect,
    stop: Effect.suspend(() => {
      isServing = false
      return disconnect
    }),
    start: Effect.sync(() => {
      isServing = true
    }),
    pause: Effect.asVoid(shared.running.close),
    resume: Effect.asVoid(shared.running.open),
    statistics: Effect.sync(() => ({
      connections: connections.size,
      persistent: shared.persistent,
      requests: shared.requests,
      faults: shared.faults
    }))
  }
})

/**
 * A server, and a connector to it without any socket.
 *
 * **Example** (A server that refuses every tenth request)
 *
 * ```ts
 * import { Fault, SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
 *
 * const server = SimulatedServer.layer(SimulatedNetwork.tester(["28", "10"]), {
 *   faults: Fault.every(10, Fault.Fault.Refuse({ code: -5 }))
 * })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  network: SimulatedNetwork.Description | SimulatedNetwork.SimulatedNetwork,
  options?: Options
): Layer.Layer<SimulatedServer | Connector.Connector, SimulatedNetwork.DescriptionError> =>
  Layer.effectContext(
    Effect.map(make(network, options), (server) =>
      Context.make(SimulatedServer, server).pipe(Context.add(Connector.Connector, server.connector)))
  )

/**
 * Serves all connections of a socket server forever: a simulated server on any platform.
 *
 * **Example** (On the port of owserver)
 *
 * ```ts
 * import { SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
 * import { NodeRuntime, NodeSocketServer } from "@effect/platform-node"
 * import { Effect } from "effect"
 *
 * SimulatedServer.run.pipe(
 *   Effect.provide([
 *     SimulatedServer.layer(SimulatedNetwork.tester(["28", "10"])),
 *     NodeSocketServer.layer({ host: "127.0.0.1", port: 4304 })
 *   ]),
 *   NodeRuntime.runMain
 * )
 * ```
 *
 * @category running
 * @since 0.1.0
 */
export const run: Effect.Effect<
  never,
  SocketServer.SocketServerError,
  SimulatedServer | SocketServer.SocketServer
> = Effect.gen(function*() {
  const server = yield* SimulatedServer
  const sockets = yield* SocketServer.SocketServer
  return yield* sockets.run((socket) => server.serve(socket))
})
