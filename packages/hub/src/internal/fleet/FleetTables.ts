/**
 * The tables of a fleet, in PostgreSQL. Their names begin with `ow_fleet_`, so that they fit next to those of the history.
 *
 * - `ow_fleet_server`: the registry of servers.
 * - `ow_fleet_runner`: the runners, with their last signs of life.
 * - `ow_fleet_follower`: the runner that follows a server, or followed it last; `ow_fleet_once`: the same for parts that run once
 *   in the fleet.
 * - `ow_fleet_site`: the sites, each with a permanent number.
 * - `ow_fleet_journal`: batches of events, in an order that all runners agree on.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { HistoryError } from "../../HistoryError.ts"
import * as Database from "../history/Database.ts"
import * as PgClients from "./PgClients.ts"

/** Lock for creating the tables. The number is arbitrary. */
const lock = 1_869_113_198

// Rows that are written every two seconds leave free space for their next version on the same page.
const tables: ReadonlyArray<readonly [name: string, columns: string]> = [
  ["ow_fleet_server", "(server TEXT PRIMARY KEY, site TEXT)"],
  [
    "ow_fleet_runner",
    `(runner TEXT PRIMARY KEY, site TEXT, since TIMESTAMPTZ NOT NULL, seen TIMESTAMPTZ NOT NULL, waiting BIGINT NOT NULL,
      dropped BIGINT NOT NULL) WITH (fillfactor = 50)`
  ],
  [
    "ow_fleet_follower",
    `(server TEXT PRIMARY KEY, runner TEXT NOT NULL, since TIMESTAMPTZ NOT NULL, seen TIMESTAMPTZ NOT NULL,
      before_runner TEXT, before_seen TIMESTAMPTZ) WITH (fillfactor = 50)`
  ],
  ["ow_fleet_site", "(site TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE)"],
  ["ow_fleet_once", "(name TEXT PRIMARY KEY, runner TEXT NOT NULL)"],
  [
    "ow_fleet_journal",
    `(position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, writer TEXT NOT NULL, turn BIGINT NOT NULL,
      runner TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, events TEXT NOT NULL, UNIQUE (writer, turn))`
  ]
]

const operation = "Opening the tables of the fleet"

const open = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const database = Database.make(PgClients.nameOf(sql), sql)
  const { isPostgres, name, named } = database
  if (!isPostgres) {
    return yield* new HistoryError({
      reason: "Refused",
      operation,
      database: name,
      problem: "a fleet needs PostgreSQL, and this is another database"
    })
  }
  const missing = sql`SELECT name FROM unnest(string_to_array(${tables.map(([table]) => table).join(" ")}, ' ')) AS name
    WHERE to_regclass(name) IS NULL`
  const make = sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(${sql.literal(String(lock))})`
    // A session may still remember that a table was missing before it had the lock.
    for (const [table, columns] of tables) yield* sql.unsafe(`CREATE TABLE IF NOT EXISTS ${table} ${columns}`)
  }))
  // After the tables exist, a user who may only read and write is enough.
  yield* named(operation)(Effect.flatMap(missing, ({ length }) => length === 0 ? Effect.void : make))
  return database
})

/** The database of a fleet, with its tables. */
export class FleetDatabase extends Context.Service<FleetDatabase, Database.Database>()(
  "@effect-ownet/hub/internal/fleet/FleetDatabase"
) {}

export const layer: Layer.Layer<FleetDatabase, HistoryError, SqlClient.SqlClient> = Layer.effect(FleetDatabase, open)
