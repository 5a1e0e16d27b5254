/**
 * Clients of the servers that this process itself is connected to. Its followers and its answers to other processes share them.
 */
import { Connector, Network, OwClient, OwError, ServerAddress } from "@effect-ownet/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as RcMap from "effect/RcMap"
import type * as Scope from "effect/Scope"

export class Connections extends Context.Service<Connections, {
  /** The client of a server, until the scope ends. It connects on the first call. */
  readonly of: (server: string) => Effect.Effect<OwClient.Client, OwError.OwError, Scope.Scope>
}>()("@effect-ownet/hub/internal/fleet/Connections") {}

/** Clients of a network, which outlive their users. */
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

/**
 * Clients of a runner, one for each server. A client is made when a follower or a call first needs it, and closed a minute after
 * its last user has gone.
 */
export const layer = (
  options: Omit<OwClient.Options, "lazy"> = {}
): Layer.Layer<Connections, never, Connector.Connectors> =>
  Layer.effect(
    Connections,
    Effect.gen(function*() {
      const connectors = yield* Connector.Connectors
      const clients = yield* RcMap.make({
        lookup: (server: string) =>
          Option.match(ServerAddress.fromString(server), {
            onNone: () =>
              Effect.fail(
                new OwError.ArgumentError({
                  operation: "connect",
                  argument: "server",
                  problem: `${JSON.stringify(server)} is not a server address: ${ServerAddress.problem(server)}`
                })
              ),
            onSome: (address) =>
              Effect.flatMap(
                connectors.to(address),
                (connector) => Effect.provideService(OwClient.makeLazy(options), Connector.Connector, connector)
              )
          }),
        idleTimeToLive: "1 minute"
      })
      return { of: (server) => RcMap.get(clients, server) }
    })
  )
