/**
 * An owserver without hardware and without a process. It speaks the protocol like a real one, over a simulated network, with
 * faults on demand.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SocketServer from "effect/socket/SocketServer"
import * as Connector from "../client/Connector.ts"
import * as BusServer from "../server/BusServer.ts"
import type * as Fault from "./Fault.ts"
import { Interfering } from "./internal/Interfering.ts"
import { busOf, own } from "./internal/SimulatedBus.ts"
import * as SimulatedNetwork from "./SimulatedNetwork.ts"

export type { Peer } from "../server/BusServer.ts"

/**
 * Options of a simulated server. The defaults are those of owserver 3.2p4 with the devices that it simulates itself: it caches
 * nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends BusServer.Options, SimulatedNetwork.Options {
  /** Faults from the start. None by default. */
  readonly faults?: Fault.Plan | undefined
}

/**
 * The controls of a simulated server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Server extends Omit<BusServer.Server, "statistics"> {
  /** The network behind the server. */
  readonly network: SimulatedNetwork.SimulatedNetwork

  /** Applies faults to the requests that come from now on. Without a plan, there are no faults. */
  readonly setFaults: (plan?: Fault.Plan) => Effect.Effect<void>

  /**
   * Number of connections now, and how many of them are persistent; number of requests so far, and how many of them had faults.
   */
  readonly statistics: Effect.Effect<{
    readonly connections: number
    readonly persistent: number
    readonly requests: number
    readonly faults: number
  }>
}

/**
 * A simulated owserver. {@link Server} lists its controls.
 *
 * **Example** (A client whose server can fail on demand)
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

/**
 * Makes a server for a network or its description.
 *
 * **Example** (One server for two different clients)
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
  const interfering = new Interfering(options.faults)
  const server = BusServer.makeWith("simulated:4304", busOf(simulated), options, {
    own,
    interfere: (connection, request) => interfering.befall(connection, request)
  })
  return {
    ...server,
    network: simulated,
    setFaults: (plan) => Effect.sync(() => interfering.set(plan)),
    statistics: Effect.map(server.statistics, (counted) => ({ ...counted, faults: interfering.count }))
  }
})

/**
 * Provides a server, and a connector to it without any socket.
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
 * Serves all connections of a socket server forever. This runs a simulated server on any platform.
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
