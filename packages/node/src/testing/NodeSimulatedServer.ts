/**
 * The simulated owserver on a TCP port of this machine, for tests over a real network connection, and for trying things out.
 *
 * @since 0.1.0
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as SimulatedNetwork from "@effect-ownet/core/testing/SimulatedNetwork"
import * as SimulatedServer from "@effect-ownet/core/testing/SimulatedServer"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as NodeBusServer from "../NodeBusServer.ts"
import * as NodeConnector from "../NodeConnector.ts"
import type { OwserverError } from "../NodeOwserver.ts"

/**
 * Address to listen on, and options of the server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options extends SimulatedServer.Options, NodeBusServer.Options {}

/**
 * A simulated server that is listening.
 *
 * @category models
 * @since 0.1.0
 */
export interface Running extends SimulatedServer.Server, NodeBusServer.Listening {}

/**
 * Makes a simulated server listen until the scope closes.
 *
 * **Example** (Starting a server for another program)
 *
 * ```ts
 * import { NodeSimulatedServer } from "@effect-ownet/node/testing"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { host, port } = yield* NodeSimulatedServer.start({ "28.000028D70100": { temperature: 21.5 } })
 *   yield* Console.log(`try: owdir -s ${host}:${port} /`)
 *   yield* Effect.sleep("1 minute")
 * })
 *
 * Effect.runPromise(Effect.scoped(program))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const start = Effect.fnUntraced(function*(
  network: SimulatedNetwork.Description | SimulatedNetwork.SimulatedNetwork,
  options: Options = {}
): Effect.fn.Return<Running, OwserverError | SimulatedNetwork.DescriptionError, Scope.Scope> {
  const server = yield* SimulatedServer.make(network, options)
  return { ...server, ...(yield* NodeBusServer.listen(server, options)) }
})

/**
 * A simulated server that listens on a free port, and a client connected to it.
 *
 * **Example** (Testing over a network connection)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { NodeSimulatedServer } from "@effect-ownet/node/testing"
 * import { Effect } from "effect"
 *
 * const temperature = OwClient.OwClient.use((ow) => ow.readText("/28.000028D70100/temperature"))
 *
 * await temperature.pipe(
 *   Effect.provide(NodeSimulatedServer.layerClient({ "28.000028D70100": { temperature: 21.5 } })),
 *   Effect.runPromise
 * ) // => "21.5"
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClient = (
  network: SimulatedNetwork.Description | SimulatedNetwork.SimulatedNetwork,
  options?: Options & { readonly client?: OwClient.Options | undefined }
): Layer.Layer<
  OwClient.OwClient | SimulatedServer.SimulatedServer,
  OwserverError | SimulatedNetwork.DescriptionError | OwError.Unanswered
> =>
  Layer.unwrap(Effect.map(start(network, options), (running) =>
    OwClient.layer(options?.client).pipe(
      Layer.provide(NodeConnector.layer(running)),
      Layer.merge(Layer.succeedContext(Context.make(SimulatedServer.SimulatedServer, running)))
    )))
