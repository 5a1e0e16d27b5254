/**
 * The SQLite that comes with Node, behind the `SqlClient` of Effect. Where `@effect/sql-sqlite-node` is at hand for the same
 * version of Effect, its layer takes the place of this one.
 */
import { Effect, Layer, Predicate, Schedule, Semaphore, Stream } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlConnection, SqlError, Statement } from "effect/sql"
import { DatabaseSync, type SQLInputValue } from "node:sqlite"

const attempt = <A>(operation: string, evaluate: () => A): Effect.Effect<A, SqlError.SqlError> =>
  Effect.try({
    try: evaluate,
    catch: (cause) => {
      const message = Predicate.hasProperty(cause, "message") ? `${operation}: ${String(cause.message)}` : operation
      // Node calls SQLite's own code `errcode`.
      const known = Predicate.hasProperty(cause, "errcode") ? { message, errno: cause.errcode } : cause
      return new SqlError.SqlError({ reason: SqlError.classifySqliteError(known, { message, operation }) })
    }
  })

const make = Effect.fnUntraced(function*(filename: string) {
  const database = yield* Effect.acquireRelease(
    // Whoever waits for another process does so in a schedule, and not inside SQLite, where all fibers would wait.
    attempt("open", () => new DatabaseSync(filename, { timeout: 0 })),
    (database) => Effect.sync(() => database.close())
  )
  const all = (sql: string, params: ReadonlyArray<unknown>, returnArrays = false) =>
    attempt("execute", () => {
      const statement = database.prepare(sql)
      statement.setReturnArrays(returnArrays)
      // SQLite itself refuses what it cannot store.
      return statement.all(...params as ReadonlyArray<SQLInputValue>)
    })
  const execute: SqlConnection.Connection["execute"] = (sql, params, transform) =>
    Effect.map(all(sql, params), (rows) => transform === undefined ? rows : transform(rows))
  const values: SqlConnection.Connection["executeValues"] = (sql, params) =>
    // Its type does not know of `setReturnArrays`.
    Effect.map(
      all(sql, params, true),
      (rows) => rows as ReadonlyArray<unknown> as ReadonlyArray<ReadonlyArray<unknown>>
    )
  const connection: SqlConnection.Connection = {
    execute,
    executeRaw: all,
    executeStream: (sql, params, transform) => Stream.fromIterableEffect(execute(sql, params, transform)),
    executeValues: values,
    executeValuesUnprepared: values,
    executeUnprepared: execute
  }
  // So others can read the file while it is written.
  yield* Effect.retry(all("PRAGMA journal_mode = WAL", []), {
    schedule: Schedule.spaced("1 second"),
    while: (error) => error.isRetryable
  })
  return yield* SqlClient.make({
    ...SqlClient.makeSqliteAcquirers({
      connection: Effect.succeed(connection),
      semaphore: Semaphore.makeUnsafe(1),
      isTransaction: () => database.isTransaction
    }),
    compiler: Statement.makeCompilerSqlite(),
    driver: "node:sqlite",
    spanAttributes: [["db.system.name", "sqlite"]]
  })
})

export const layer = (filename: string): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(filename)).pipe(Layer.provide(Reactivity.layer))
