/**
 * A server of a fleet, as any runner and any program of the fleet asks it: the runner that follows it holds its connections and
 * answers.
 *
 * @since 0.1.0
 */
import { Network, type OwClient } from "@effect-ownet/core"
import type { Sharding } from "effect/cluster/Sharding"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { ServerRegistry } from "./ServerRegistry.ts"

/**
 * Clients of the servers of a fleet, by the names that the registry has.
 *
 * @category services
 * @since 0.1.0
 */
export class OwserverClients extends Context.Service<OwserverClients, {
  /** The client of a server. Nothing is sent before it is asked for something; a server that is unknown fails then. */
  readonly of: (server: string) => OwClient.Client
}>()("@effect-ownet/hub/OwserverClients") {}

/**
 * Clients over the engine of the fleet.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClients: Layer.Layer<OwserverClients, never, Sharding | ServerRegistry> = Layer.effect(
  OwserverClients,
  Effect.die("not built")
)

/**
 * The servers of a fleet as a network: `network.device(…)` and all others work as if this process were connected to each server.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNetwork: Layer.Layer<Network.Network, never, OwserverClients | ServerRegistry> = Layer.effect(
  Network.Network,
  Effect.die("not built")
)
