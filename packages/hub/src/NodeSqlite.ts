/**
 * The SQLite that comes with Node, as the `SqlClient` of Effect. It needs no installation. If you have `@effect/sql-sqlite-node`
 * for the same version of Effect, its layer does the same.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Schedule from "effect/Schedule"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Sqlite from "./internal/history/Sqlite.ts"

const make = Effect.fnUntraced(function*(filename: string) {
  const sql = yield* Sqlite.open(filename)
  // This lets others read the file while it is written.
  yield* Effect.retry(sql`PRAGMA journal_mode = WAL`, {
    schedule: Schedule.spaced("1 second"),
    while: (error) => error.isRetryable
  })
  return sql
})

/**
 * A database in a file, or in memory if the name is `:memory:`. Creates the file if there is none. Other processes can read it
 * while it is written. While another process writes it, opening waits, and a statement fails with a retryable `LockTimeoutError`.
 *
 * **Gotchas**
 *
 * Node 22 prints an `ExperimentalWarning` when the first database is opened. A slow statement blocks the whole process. Every
 * number is bound as a real number; write `CAST(? AS INTEGER)` to divide whole numbers.
 *
 * **Example** (A table in a file)
 *
 * ```ts
 * import { NodeSqlite } from "@effect-ownet/hub"
 * import { Effect } from "effect"
 * import { SqlClient } from "effect/sql"
 *
 * const program = Effect.gen(function*() {
 *   const sql = yield* SqlClient.SqlClient
 *   yield* sql`CREATE TABLE IF NOT EXISTS readings (at INTEGER, value REAL)`
 *   return yield* sql`SELECT value FROM readings ORDER BY at DESC LIMIT 1`
 * }).pipe(Effect.provide(NodeSqlite.layer("readings.db")))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (filename: string): Layer.Layer<SqlClient.SqlClient, SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(filename)).pipe(Layer.provide(Reactivity.layer))
