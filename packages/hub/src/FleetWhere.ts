/**
 * The location of all parts of a fleet, read from its database alone. For programs that are not part of the fleet.
 *
 * **Example** (The runner of each server)
 *
 * ```ts
 * import { FleetWhere, Postgres } from "@effect-ownet/hub"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { servers } = yield* FleetWhere.where
 *   for (const { runner, server } of servers) yield* Console.log(server, runner ?? "no runner")
 * }).pipe(Effect.provide(Postgres.layer("postgres://ow@db.example/ow")))
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type * as Fleet from "./Fleet.ts"
import { HistoryError } from "./HistoryError.ts"
import * as Alive from "./internal/fleet/Alive.ts"
import * as PgClients from "./internal/fleet/PgClients.ts"
import * as Whereabouts from "./internal/fleet/Whereabouts.ts"
import * as Database from "./internal/history/Database.ts"

const operation = "Reading where the fleet runs"

/**
 * The location of all parts of a fleet at a given time, and which of them were alive.
 *
 * @category models
 * @since 0.1.0
 */
export interface Found {
  /** Time of the query, in seconds since 1970. All times here are by the clock of the database. */
  readonly at: number
  /** The runners that have sent a sign of life within a day, and which of them are still alive. */
  readonly runners: ReadonlyArray<Fleet.Where["runners"][number] & { readonly isThere: boolean }>
  /** Runners of the parts that run once in the fleet, without those that are gone. */
  readonly once: Fleet.Where["once"]
  /** The servers of the registry, and whether their runners still follow them. */
  readonly servers: ReadonlyArray<Fleet.Where["servers"][number] & { readonly isFollowed: boolean }>
}

/**
 * Reads the location of each part of a fleet. Refuses a database without the tables of a fleet, and leaves it as it is.
 *
 * @category reading
 * @since 0.1.0
 */
export const where: Effect.Effect<Found, HistoryError, SqlClient.SqlClient> = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const database = Database.make(PgClients.nameOf(sql), sql)
  const { cells, name, named } = database
  const [row = []] = yield* cells(
    sql`SELECT to_regclass('ow_fleet_server')::text, extract(epoch FROM now())::double precision`
  ).pipe(named(operation))
  if (row[0] === null) {
    return yield* new HistoryError({
      reason: "Refused",
      operation,
      database: name,
      problem: "it has no fleet yet: start a runner or add a server to create one"
    })
  }
  const at = Number(row[1])
  const { once, runners, servers } = yield* Whereabouts.whereIn(database)
  const alive = Alive.at({ runners, servers }, at)
  return {
    at,
    runners: runners.map((one) => ({ ...one, isThere: alive.runners.has(one.runner) })),
    once: once.filter(({ runner }) => alive.runners.has(runner)),
    servers: servers.map((one) => ({ ...one, isFollowed: alive.servers.has(one.server) }))
  }
})
