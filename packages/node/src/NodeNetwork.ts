/**
 * Networks of many servers as ready-made layers for Node.
 *
 * @since 0.1.0
 */
import * as Connector from "@effect-ownet/core/client/Connector"
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Network from "@effect-ownet/core/network/Network"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Variable from "./internal/Variable.ts"
import * as NodeConnector from "./NodeConnector.ts"
import * as NodeOwClient from "./NodeOwClient.ts"

/**
 * Connectors over Node's sockets, and to the kernel's own buses with the options of `NodeConnector.W1Options`.
 *
 * @category layers
 * @since 0.1.0
 */
export const connectors: Layer.Layer<Connector.Connectors> = Layer.effect(
  Connector.Connectors,
  Effect.map(NodeConnector.W1Options, (options) => ({
    to: (address) => Effect.provideService(NodeConnector.make(address), NodeConnector.W1Options, options)
  }))
)

/**
 * A network of some servers, or of those that a stream provides. Building the layer sends no request.
 *
 * **Example** (Following a house with two servers)
 *
 * ```ts
 * import { NodeNetwork } from "@effect-ownet/node"
 *
 * const house = NodeNetwork.layer({
 *   servers: ["raspberrypi", { name: "barn", host: "10.0.0.7", port: 4305 }],
 *   timeout: "5 seconds"
 * })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <R = never>(
  options: Network.Options<R>
): Layer.Layer<Network.Network, OwError.ArgumentError, R> => Layer.provide(Network.layer(options), connectors)

/**
 * The servers of a network from the configuration: `OWSERVERS` as addresses separated by commas, or else the one server that
 * `NodeOwClient.server` reads.
 *
 * @category configuration
 * @since 0.1.0
 */
export const servers: Config.Config<ReadonlyArray<ServerAddress.ServerAddress>> = Variable.text("OWSERVERS").pipe(
  Config.flatMap((text) =>
    text === ""
      ? Config.map(NodeOwClient.server, (server) => [server])
      : Config.all(
        text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part) =>
          Variable.address("OWSERVERS", part)
        )
      )
  )
)

/**
 * A network whose options come from the configuration. If no servers are given, they come from `servers`.
 *
 * **Example** (Configuring the servers by environment variables)
 *
 * ```ts
 * import { NodeNetwork } from "@effect-ownet/node"
 *
 * const house = NodeNetwork.layerConfig()
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  options: Config.Wrap<Partial<Network.Options>> = {}
): Layer.Layer<Network.Network, OwError.ArgumentError | Config.ConfigError> =>
  Layer.unwrap(Effect.gen(function*() {
    const given = yield* Config.unwrap(options)
    return layer({ ...given, servers: given.servers ?? (yield* servers) })
  }))
