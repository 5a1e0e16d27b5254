/**
 * Clients of the servers that this process itself is connected to: its followers and its answers to others share them.
 */
import { Network, type OwClient, OwError } from "@effect-ownet/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

export class Connections extends Context.Service<Connections, {
  /** The client of a server, for as long as the scope is open. It connects when it is first asked. */
  readonly of: (server: string) => Effect.Effect<OwClient.Client, OwError.OwError, Scope.Scope>
}>()("@effect-ownet/hub/internal/fleet/Connections") {}

/** Those of a network, which outlive their users. */
export const layerNetwork: Layer.Layer<Connections, never, Network.Network> = Layer.effect(
  Connections,
  Effect.map(Network.Network, (network) => ({
    of: (server) =>
      Effect.flatMap(network.servers, (servers) => {
        const found = servers.find(({ name }) => name === server)
        return found === undefined
          ? Effect.fail(
            new OwError.ArgumentError({
              operation: "Fleet",
              argument: "server",
              problem: `the network has no server ${JSON.stringify(server)}`
            })
          )
          : Effect.succeed(found.client)
      })
  }))
)
