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
import * as Queue from "effect/Queue"
import * as Semaphore from "effect/Semaphore"
import type * as SqlClient from "effect/sql/SqlClient"
import * as Stream from "effect/Stream"
import * as SubscriptionRef from "effect/SubscriptionRef"
import type { HistoryError } from "./HistoryError.ts"
import * as FleetTables from "./internal/fleet/FleetTables.ts"
import * as Notifications from "./internal/fleet/Notifications.ts"

/**
 * A server of a registry.
 *
 * @category models
 * @since 0.1.0
 */
export interface Registered {
  /** Name of the server: the address as people write it, without the default port, such as `raspberrypi` or `barn:4305`. */
  readonly server: string
  /** The site whose runners follow the server. `undefined` if any runner may. */
  readonly site: string | undefined
}

/**
 * A registry of servers.
 *
 * @category services
 * @since 0.1.0
 */
export class ServerRegistry extends Context.Service<ServerRegistry, {
  /** All servers, and again after each change. While the registry cannot be read, the servers stay the same. */
  readonly changes: Stream.Stream<ReadonlyArray<Registered>>
  /** All servers, in the order of their names. */
  readonly list: Effect.Effect<ReadonlyArray<Registered>, HistoryError>
  /** Adds a server, or moves it to another site. Returns the registered server. */
  readonly add: (
    address: string,
    options?: { readonly site?: string | undefined }
  ) => Effect.Effect<Registered, HistoryError | OwError.ArgumentError>
  /** Removes a server. Returns whether it was there. */
  readonly remove: (address: string) => Effect.Effect<boolean, HistoryError | OwError.ArgumentError>
}>()("@effect-ownet/hub/ServerRegistry") {}

/**
 * The name of a server by its address, as in `Network`.
 *
 * @category converting
 * @since 0.1.0
 */
export const canonical = (address: ServerAddress.ServerAddress): string => ServerAddress.nameOf(address)

/** The name of a server by its address, in any form that people write. */
const nameOf = (operation: string, address: string): Effect.Effect<string, OwError.ArgumentError> =>
  Option.match(ServerAddress.fromString(address), {
    onNone: () =>
      refuse(operation, `${JSON.stringify(address)} is not a server address: ${ServerAddress.problem(address)}`),
    onSome: (found) =>
      ServerAddress.isW1(found)
        ? refuse(
          operation,
          `${JSON.stringify(address)} is the bus of one machine, but any runner may follow a server of the fleet: `
            + "run ow serve --w1 on that machine, and add its host"
        )
        : Effect.succeed(canonical(found))
  })

const refuse = (operation: string, problem: string) =>
  Effect.fail(new OwError.ArgumentError({ operation, argument: "address", problem }))

/** Names of sites, which are parts of ids and of names of groups. */
const site = /^[A-Za-z0-9_-]{1,40}$/

/** A server as it is registered. */
const registeredOf = Effect.fnUntraced(function*(operation: string, address: string, at: string | undefined) {
  const server = yield* nameOf(operation, address)
  if (at !== undefined && !site.test(at)) {
    return yield* new OwError.ArgumentError({
      operation,
      argument: "site",
      problem: `${JSON.stringify(at)} is not the name of a site: use 1 to 40 letters, digits, hyphens and underscores`
    })
  }
  const registered: Registered = { server, site: at }
  return registered
})

const isRegistered = (one: Registered): boolean =>
  Option.exists(
    ServerAddress.fromString(one.server),
    (address) => !ServerAddress.isW1(address) && canonical(address) === one.server
  ) &&
  (one.site === undefined || site.test(one.site))

const sorted = (servers: Iterable<Registered>): ReadonlyArray<Registered> =>
  Array.from(servers).toSorted((a, b) => a.server < b.server ? -1 : 1)

const isSame = (some: ReadonlyArray<Registered>, others: ReadonlyArray<Registered>): boolean =>
  some.length === others.length &&
  some.every(({ server, site }, i) => others[i]?.server === server && others[i]?.site === site)

/**
 * A registry in memory, which is lost when its scope ends.
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
      return {
        changes: Stream.map(SubscriptionRef.changes(all), (servers) => sorted(servers.values())),
        list: Effect.map(SubscriptionRef.get(all), (servers) => sorted(servers.values())),
        add: Effect.fnUntraced(function*(address, { site } = {}) {
          const registered = yield* registeredOf("ServerRegistry.add", address, site)
          yield* SubscriptionRef.update(all, (servers) => new Map(servers).set(registered.server, registered))
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
 * The servers of a network as a registry, in one process. `add` and `remove` change the network.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerNetwork: Layer.Layer<ServerRegistry, never, Network.Network> = Layer.effect(
  ServerRegistry,
  Effect.map(Network.Network, (network): ServerRegistry["Service"] => ({
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
  }))
)

/**
 * A registry in a table of PostgreSQL, `ow_fleet_server`, which is created if it is missing. Changes by any process are seen at
 * once through NOTIFY, or within two seconds if that fails.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSql: Layer.Layer<ServerRegistry, HistoryError, SqlClient.SqlClient> = Layer.effect(
  ServerRegistry,
  Effect.gen(function*() {
    const { cells, named, sql } = yield* FleetTables.FleetDatabase
    const notifications = yield* Notifications.Notifications
    let skipped = ""

    const list = Effect.gen(function*() {
      const rows = yield* cells(sql`SELECT server, site FROM ow_fleet_server`)
      const servers: Array<Registered> = []
      const others: Array<string> = []
      for (const [server, site] of rows) {
        const found: Registered = { server: String(server), site: site === null ? undefined : String(site) }
        // Somebody may have written a row by hand.
        if (isRegistered(found)) servers.push(found)
        else others.push(JSON.stringify(found))
      }
      const told = others.toSorted().join(", ")
      if (told !== skipped) {
        skipped = told
        if (told !== "") {
          yield* Effect.logWarning(
            `The registry of servers has invalid entries, which are left out: ${told}. Remove them from ow_fleet_server`
          )
        }
      }
      return sorted(servers)
    }).pipe(named("Reading the registry of servers"))

    const told = yield* notifications.of("servers")
    const all = yield* SubscriptionRef.make(yield* list)
    const turn = yield* Semaphore.make(1)

    /** Reads the registry again, one read after the other, so that an older answer never replaces a newer one. */
    const refresh = turn.withPermit(Effect.flatMap(list, (servers) =>
      SubscriptionRef.updateSome(
        all,
        (before) => isSame(before, servers) ? Option.none() : Option.some(servers)
      )))

    yield* Effect.timeoutOption(Queue.take(told), "2 seconds").pipe(
      Effect.andThen(Effect.catch(refresh, (error) => Effect.logDebug(error.message))),
      Effect.forever,
      Effect.forkScoped
    )

    const notify = sql.literal(`SELECT pg_notify('${Notifications.channel}', 'servers')`)

    /** Shows a change here at once. If the registry cannot be read now, it is read later. */
    const refreshed = Effect.ignore(refresh)

    return {
      changes: SubscriptionRef.changes(all),
      list,
      add: Effect.fnUntraced(function*(address, { site } = {}) {
        const registered = yield* registeredOf("ServerRegistry.add", address, site)
        yield* sql`WITH changed AS (
            INSERT INTO ow_fleet_server (server, site) VALUES (${registered.server}, ${site ?? null})
            ON CONFLICT (server) DO UPDATE SET site = excluded.site
            WHERE ow_fleet_server.site IS DISTINCT FROM excluded.site
            RETURNING server
          ) ${notify} FROM changed`.pipe(named("Adding a server to the registry"))
        yield* refreshed
        return registered
      }),
      remove: Effect.fnUntraced(function*(address) {
        const server = yield* nameOf("ServerRegistry.remove", address)
        const told = yield* sql`WITH changed AS (DELETE FROM ow_fleet_server WHERE server = ${server} RETURNING server)
          ${notify} FROM changed`.pipe(named("Removing a server from the registry"))
        yield* refreshed
        return told.length > 0
      })
    }
  })
).pipe(Layer.provide(Notifications.layer), Layer.provide(FleetTables.layer))
