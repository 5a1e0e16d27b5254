/**
 * Registry of the servers that a fleet follows.
 *
 * **Example** (A server that is added while the fleet runs)
 *
 * ```ts
 * import { ServerRegistry } from "@effect-ownet/hub"
 *
 * const add = ServerRegistry.ServerRegistry.use((registry) => registry.add("raspberrypi", { site: "barn" }))
 * ```
 *
 * @since 0.1.0
 */
import { Network, OwError, ServerAddress } from "@effect-ownet/core"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as SqlClient from "effect/sql/SqlClient"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type { HistoryError } from "./HistoryError.ts"

/**
 * A server of a registry.
 *
 * @category models
 * @since 0.1.0
 */
export interface Registered {
  /** Its name: the address as people write it, without the default port, such as `raspberrypi` or `barn:4305`. */
  readonly server: string
  /** The site whose runners follow it. `undefined` if any runner may. */
  readonly site: string | undefined
}

/**
 * A registry of servers.
 *
 * @category services
 * @since 0.1.0
 */
export class ServerRegistry extends Context.Service<ServerRegistry, {
  /** All servers, and again after each change. While the registry cannot be read, the servers stay. */
  readonly changes: Stream.Stream<ReadonlyArray<Registered>>
  /** All servers, in the order of their names. */
  readonly list: Effect.Effect<ReadonlyArray<Registered>, HistoryError>
  /** Adds a server, or moves it to another site. Gives the server as it is registered. */
  readonly add: (
    address: string,
    options?: { readonly site?: string | undefined }
  ) => Effect.Effect<Registered, HistoryError | OwError.ArgumentError>
  /** Removes a server. Gives whether it was there. */
  readonly remove: (address: string) => Effect.Effect<boolean, HistoryError | OwError.ArgumentError>
}>()("@effect-ownet/hub/ServerRegistry") {}

/** The name of a server by its address, in any form that people write. */
const nameOf = (operation: string, address: string): Effect.Effect<string, OwError.ArgumentError> =>
  Option.match(ServerAddress.fromString(address), {
    onNone: () =>
      Effect.fail(
        new OwError.ArgumentError({
          operation,
          argument: "address",
          problem: `${JSON.stringify(address)} is no server: ${ServerAddress.problem(address)}`
        })
      ),
    onSome: (found) =>
      Effect.succeed(
        found.port === ServerAddress.defaultPort && !found.host.includes(":") ? found.host : ServerAddress.format(found)
      )
  })

/**
 * A registry in memory, which ends with its scope.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory = (
  servers: ReadonlyArray<string> = []
): Layer.Layer<ServerRegistry, OwError.ArgumentError> =>
  Layer.effect(
    ServerRegistry,
    Effect.gen(function*() {
      const named = yield* Effect.forEach(servers, (address) => nameOf("ServerRegistry.layerMemory", address))
      const all = yield* SubscriptionRef.make<ReadonlyMap<string, Registered>>(
        new Map(named.map((server) => [server, { server, site: undefined }]))
      )
      const sorted = (servers: ReadonlyMap<string, Registered>) =>
        [...servers.values()].toSorted((a, b) => a.server < b.server ? -1 : 1)
      return {
        changes: Stream.map(SubscriptionRef.changes(all), sorted),
        list: Effect.map(SubscriptionRef.get(all), sorted),
        add: Effect.fnUntraced(function*(address, { site } = {}) {
          const server = yield* nameOf("ServerRegistry.add", address)
          const registered: Registered = { server, site }
          yield* SubscriptionRef.update(all, (servers) => new Map(servers).set(server, registered))
          return registered
        }),
        remove: Effect.fnUntraced(function*(address) {
          const server = yield* nameOf("ServerRegistry.remove", address)
          return yield* SubscriptionRef.modify(all, (servers) => {
            const others = new Map(servers)
            return [others.delete(server), others]
          })
        })
      }
    })
  )

const registered = (servers: ReadonlyArray<Network.Server>): ReadonlyArray<Registered> =>
  servers.map(({ name }) => ({ server: name, site: undefined }))

/**
 * The servers of a network as a registry, in one process. What is added or removed is added to the network, or removed from it.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNetwork: Layer.Layer<ServerRegistry, never, Network.Network> = Layer.effect(
  ServerRegistry,
  Effect.map(Network.Network, (network): ServerRegistry["Service"] => {
    return {
      changes: Stream.map(network.changes, registered),
      list: Effect.map(network.servers, registered),
      add: (address) =>
        Effect.flatMap(
          nameOf("ServerRegistry.add", address),
          (server) => Effect.as(network.add(address), { server, site: undefined })
        ),
      remove: Effect.fnUntraced(function*(address) {
        const before = yield* network.servers
        yield* network.remove(address)
        return (yield* network.servers).length < before.length
      })
    }
  })
)

/**
 * A registry in a table of PostgreSQL, `ow_fleet_server`, which is made if it is not there. Changes by any process are seen at once
 * by NOTIFY, and within two seconds without it.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSql: Layer.Layer<ServerRegistry, HistoryError, SqlClient.SqlClient> = Layer.effect(
  ServerRegistry,
  Effect.die("not built")
)
