/** The SQLite that comes with Node, behind the `SqlClient` of Effect. Opening a file changes nothing in it. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type { Reactivity } from "effect/reactivity/Reactivity"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlConnection from "effect/sql/SqlConnection"
import * as SqlError from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import type { SQLInputValue } from "node:sqlite"

const attempt = <A>(operation: string, evaluate: () => A): Effect.Effect<A, SqlError.SqlError> =>
  Effect.try({
    try: evaluate,
    catch: (cause) => failureOf(operation, cause)
  })

const failureOf = (operation: string, cause: unknown): SqlError.SqlError => {
  const message = Predicate.hasProperty(cause, "message") ? `${operation}: ${String(cause.message)}` : operation
  // Node calls SQLite's own code `errcode`.
  const known = Predicate.hasProperty(cause, "errcode") ? { message, errno: cause.errcode } : cause
  return new SqlError.SqlError({ reason: SqlError.classifySqliteError(known, { message, operation }) })
}

/** Loaded only when used, because Node 22 prints a warning on loading. */
const load = Effect.tryPromise({
  try: () => import("node:sqlite"),
  catch: (cause) =>
    new SqlError.SqlError({
      reason: new SqlError.ConnectionError({ cause, message: "this runtime has no SQLite", operation: "open" })
    })
})

/** Opens a file. A schedule decides how to wait for another process, because waiting inside SQLite would block all fibers. */
export const open = Effect.fnUntraced(function*(
  filename: string
): Effect.fn.Return<SqlClient.SqlClient, SqlError.SqlError, Scope.Scope | Reactivity> {
  const { DatabaseSync } = yield* load
  const database = yield* Effect.acquireRelease(
    attempt("open", () => new DatabaseSync(filename, { timeout: 0 })),
    (database) => Effect.sync(() => database.close())
  )
  const all = (sql: string, params: ReadonlyArray<unknown>, returnArrays = false) =>
    attempt("execute", () => {
      const statement = database.prepare(sql)
      statement.setReturnArrays(returnArrays)
      // SQLite itself refuses values that it cannot store.
      return statement.all(...params as ReadonlyArray<SQLInputValue>)
    })
  const execute: SqlConnection.Connection["execute"] = (sql, params, transform) =>
    Effect.map(all(sql, params), (rows) => transform === undefined ? rows : transform(rows))
  const values: SqlConnection.Connection["executeValues"] = (sql, params) =>
    // The type lacks `setReturnArrays`.
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

/** The maximum pages of a step that SQLite accepts. */
const wholeFile = 2 ** 31 - 1

/**
 * Copies a file as it is at one moment, while others write it, in a separate thread. The copy is a single file, and takes nothing
 * over from an older file with the same name.
 */
export const copy = Effect.fnUntraced(function*(from: string, to: string) {
  const { backup, DatabaseSync } = yield* load
  yield* Effect.acquireUseRelease(
    attempt("open", () => new DatabaseSync(from, { timeout: 0 })),
    (source) =>
      Effect.tryPromise({
        // The copy is one step. Between two steps, the file may be written, and SQLite would start over, again and again.
        try: () => backup(source, to, { rate: wholeFile }),
        catch: (cause) => failureOf("copy", cause)
      }),
    (source) => Effect.sync(() => source.close())
  )
  yield* Effect.acquireUseRelease(
    attempt("open", () => new DatabaseSync(to, { timeout: 0 })),
    // The copy then needs no files next to it, and can be read on a read-only disk.
    (copy) => attempt("copy", () => copy.exec("PRAGMA journal_mode = DELETE")),
    (copy) => Effect.sync(() => copy.close())
  )
})
