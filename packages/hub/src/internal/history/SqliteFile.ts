/** A history in a file of SQLite: which files are taken, and that one process writes at a time. */
import * as Effect from "effect/Effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as SqlClient from "effect/sql/SqlClient"
import { statSync } from "node:fs"
import type * as History from "../../History.ts"
import { HistoryError } from "../../HistoryError.ts"
import * as SqlFailure from "./SqlFailure.ts"
import * as Sqlite from "./Sqlite.ts"
import * as Store from "./Store.ts"

const operation = "Opening the history"

/** Refuses a database that has tables, and none of them ours. Nothing has been written to it by then. */
const refuseForeign = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, database: string) {
  const tables = yield* sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`
  if (tables.length === 0 || tables.some(({ name }) => name === "ow_meta")) return
  return yield* new HistoryError({
    reason: "Damaged",
    operation,
    database,
    problem: "it is the database of something else"
  })
})

/** Holds a lock as long as the scope lasts: that of an empty database beside, which the system frees if the process ends. */
const lock = Effect.fnUntraced(function*(filename: string) {
  const sql = yield* Sqlite.open(`${filename}-lock`)
  yield* Effect.mapError(sql`BEGIN EXCLUSIVE`, (error) => {
    const failure = SqlFailure.fromSql(filename, operation)(error)
    return failure.reason !== "Busy"
      ? failure
      : new HistoryError({ ...failure, problem: "another program writes it: a file has one hub at a time" })
  })
})

/** Identity of a file, to tell it from another one of the same name; `undefined` if none can be seen. */
const identityOf = (filename: string): Effect.Effect<string | undefined> =>
  Effect.orElseSucceed(
    Effect.try(() => {
      const { dev, ino } = statSync(filename, { bigint: true })
      return `${dev} ${ino}`
    }),
    () => undefined
  )

/**
 * Refuses to write to a file that was deleted, or moved: the system would take it all, and lose it when the program ends. What
 * is in it can still be read.
 */
const guarded = Effect.fnUntraced(function*(
  history: History.History["Service"],
  filename: string
): Effect.fn.Return<History.History["Service"]> {
  const identity = yield* identityOf(filename)
  const guard = <A>(write: Effect.Effect<A, HistoryError>): Effect.Effect<A, HistoryError> =>
    Effect.flatMap(identityOf(filename), (found) =>
      found === identity ? write : Effect.fail(
        new HistoryError({
          reason: "Unreachable",
          operation: "Writing to the history",
          database: filename,
          problem:
            "the file was deleted or moved, or another one is in its place; start again to go on with what is there"
        })
      ))
  return {
    ...history,
    setPlace: (place) => guard(history.setPlace(place)),
    fill: (key, device) => guard(history.fill(key, device)),
    open: (series) => guard(history.open(series)),
    append: (batch) => guard(history.append(batch)),
    keepTurn: (given) => guard(history.keepTurn(given)),
    told: (given) => guard(history.told(given)),
    maintain: (options) => guard(history.maintain(options))
  }
})

const inMemory = ":memory:"

export const memory = Sqlite.open(inMemory).pipe(
  Effect.mapError(SqlFailure.fromSql(inMemory, operation)),
  Effect.flatMap((sql) => Effect.provideService(Store.make(inMemory), SqlClient.SqlClient, sql)),
  Effect.provide(Reactivity.layer)
)

const inFile = Effect.fnUntraced(
  function*(filename: string) {
    const sql = yield* Sqlite.open(filename)
    yield* refuseForeign(sql, filename)
    yield* lock(filename)
    // Of effect only before there are tables.
    yield* sql`PRAGMA auto_vacuum = INCREMENTAL`
    yield* sql`PRAGMA journal_mode = WAL`
    yield* sql`PRAGMA synchronous = NORMAL`
    yield* sql`PRAGMA journal_size_limit = 4194304`
    return yield* guarded(yield* Effect.provideService(Store.make(filename), SqlClient.SqlClient, sql), filename)
  },
  (effect, filename) =>
    Effect.catchTag(effect, "SqlError", (error) => Effect.fail(SqlFailure.fromSql(filename, operation)(error))),
  Effect.provide(Reactivity.layer)
)

export const make = (filename: string) => filename === inMemory ? memory : inFile(filename)
