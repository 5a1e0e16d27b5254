/** A history in a file of SQLite: checks which files are accepted, and that one process writes at a time. */
import * as Effect from "effect/Effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Result from "effect/Result"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlError from "effect/sql/SqlError"
import * as Fs from "node:fs"
import type * as History from "../../History.ts"
import { HistoryError } from "../../HistoryError.ts"
import * as Copies from "./Copies.ts"
import * as Database from "./Database.ts"
import * as SqlFailure from "./SqlFailure.ts"
import * as Sqlite from "./Sqlite.ts"
import * as Store from "./Store.ts"
import * as Stored from "./Stored.ts"
import * as Tables from "./Tables.ts"

const operation = "Opening the history"

const inMemory = ":memory:"

/** Refuses a database with tables, but without those of a history. Nothing has been written to it by then. */
const refuseForeign = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, database: string, operation: string) {
  const tables = yield* sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`
  if (tables.length === 0 || tables.some(({ name }) => name === "ow_meta")) return
  return yield* new HistoryError({
    reason: "Damaged",
    operation,
    database,
    problem: "it is the database of something else"
  })
})

/** The file that a link leads to, because under any of its names it is one file with one lock. */
const realOf = (filename: string): string => {
  if (filename === inMemory) return filename
  return Result.getOrElse(Result.try(() => Fs.realpathSync(filename)), () => filename)
}

/**
 * Holds a lock until the scope ends. It is a lock on an empty database next to the file, which the system frees if the process
 * ends.
 */
const lock = Effect.fnUntraced(function*(filename: string, operation: string) {
  const sql = yield* Sqlite.open(`${filename}-lock`)
  yield* Copies.attempt({ operation, database: filename }, () => Copies.adopt(`${filename}-lock`))
  yield* Effect.mapError(sql`BEGIN EXCLUSIVE`, (error) => {
    const failure = SqlFailure.fromSql(filename, operation)(error)
    return failure.reason !== "Busy"
      ? failure
      : new HistoryError({ ...failure, problem: "another program writes it: a file has one hub at a time" })
  })
})

/** Identity of a file, to distinguish it from another file with the same name; `undefined` if it cannot be read. */
const identityOf = (filename: string): Effect.Effect<string | undefined> =>
  Effect.orElseSucceed(
    Effect.try(() => {
      const { dev, ino } = Fs.statSync(filename, { bigint: true })
      return `${dev} ${ino}`
    }),
    () => undefined
  )

/**
 * Refuses to write to a file that was deleted or moved. The system would accept all data, and lose it when the program ends. The
 * file can still be read.
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
            "the file was deleted or moved, or another one is in its place; start the hub again to continue with what is there"
        })
      ))
  return {
    ...history,
    setPlace: (place) => guard(history.setPlace(place)),
    fill: (key, device) => guard(history.fill(key, device)),
    open: (series) => guard(history.open(series)),
    append: (batch) => guard(history.append(batch)),
    takeOver: guard(history.takeOver),
    keepTurn: (given) => guard(history.keepTurn(given)),
    told: (given) => guard(history.told(given)),
    maintain: (options) => guard(history.maintain(options))
  }
})

/** Name of the copy of a file that is kept when its version changes. */
const oldOf = (filename: string, version: number): string => `${filename}.v${version}`

/** Keeps a copy of a file before an upgrade, for the older program. */
const keepOld = Effect.fnUntraced(function*(sql: SqlClient.SqlClient, filename: string) {
  const tables = yield* sql`SELECT 1 FROM sqlite_master LIMIT 1`
  if (tables.length === 0) return
  const is = yield* Tables.versionOf(Database.make(filename, sql), operation)
  if (is === Tables.version) return
  const old = oldOf(filename, is)
  yield* Copies.write({ operation, database: filename }, filename, old).pipe(
    Effect.matchEffect({
      onSuccess: () =>
        Effect.logWarning(
          `The history is upgraded from version ${is} to ${Tables.version}. A copy of the old one is in ${old}: delete it when the new one works`
        ),
      // Measuring is more important, and `revert` can also return to the older version.
      onFailure: ({ problem }) =>
        Effect.logWarning(
          `The history is upgraded from version ${is} to ${Tables.version}, without a copy of the old one, which could not be made: ${problem}`
        )
    })
  )
})

export const memory = Sqlite.open(inMemory).pipe(
  Effect.mapError(SqlFailure.fromSql(inMemory, operation)),
  Effect.flatMap((sql) => Effect.provideService(Store.make(inMemory), SqlClient.SqlClient, sql)),
  Effect.provide(Reactivity.layer)
)

const inFile = Effect.fnUntraced(
  function*(filename: string) {
    const sql = yield* Sqlite.open(filename)
    yield* refuseForeign(sql, filename, operation)
    yield* lock(filename, operation)
    yield* keepOld(sql, filename)
    // This takes effect only before the first table is created.
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

export const make = (filename: string) => filename === inMemory ? memory : inFile(realOf(filename))

/** Opens an existing file that is a history. */
const openKnown = Effect.fnUntraced(function*(filename: string, operation: string) {
  yield* Copies.attempt({ operation, database: filename }, () => {
    // SQLite would create the file.
    if (!Fs.statSync(filename).isFile()) throw new Error(`${filename} is not a file`)
  })
  const sql = yield* Sqlite.open(filename)
  yield* refuseForeign(sql, filename, operation)
  return sql
})

const told =
  (filename: string, operation: string) =>
  <A, R>(self: Effect.Effect<A, HistoryError | SqlError.SqlError, R>): Effect.Effect<A, HistoryError, R> =>
    Effect.catchTag(self, "SqlError", (error) => Effect.fail(SqlFailure.fromSql(filename, operation)(error)))

/** A read-only history, which also works while a hub writes it. */
export const reader = (filename: string) =>
  Effect.gen(function*() {
    const sql = yield* openKnown(filename, operation)
    yield* sql`PRAGMA query_only = ON`
    return yield* Effect.provideService(Store.make(filename, true), SqlClient.SqlClient, sql)
  }).pipe(told(filename, operation), Effect.provide(Reactivity.layer))

/** Version of a file, and the time up to which measuring is known to have continued. */
export interface Contents {
  readonly version: number
  readonly lastSeen: number | undefined
}

const contentsOf = Effect.fnUntraced(function*(filename: string, operation: string) {
  const database = Database.make(filename, yield* openKnown(filename, operation))
  const version = yield* Tables.versionOf(database, operation)
  const lastSeen = yield* Stored.make(database).lastSeen
  return { version, lastSeen }
})

/** Reads the version and the last moment of a file. */
export const inspect = (filename: string, operation: string): Effect.Effect<Contents, HistoryError> =>
  contentsOf(filename, operation).pipe(Effect.scoped, told(filename, operation), Effect.provide(Reactivity.layer))

/** Checks the whole file. */
const check = (filename: string, operation: string) =>
  Effect.gen(function*() {
    const sql = yield* openKnown(filename, operation)
    const [found] = (yield* sql`PRAGMA integrity_check(1)`.values)[0] ?? []
    if (found === "ok") return
    return yield* new HistoryError({ reason: "Damaged", operation, database: filename, problem: String(found) })
  }).pipe(Effect.scoped, told(filename, operation), Effect.provide(Reactivity.layer))

/** Whether two names lead to one file. */
const isSame = (one: string, other: string): boolean => {
  const a = Fs.statSync(one, { throwIfNoEntry: false, bigint: true })
  const b = Fs.statSync(other, { throwIfNoEntry: false, bigint: true })
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino
}

export const backup = Effect.fnUntraced(function*(filename: string, to: string) {
  const operation = "Backing up the history"
  const refused = (problem: string) => new HistoryError({ reason: "Refused", operation, database: filename, problem })
  yield* inspect(filename, operation)
  if (isSame(filename, to)) return yield* refused("a file cannot be its own copy")
  const before = Fs.statSync(to, { throwIfNoEntry: false })
  if (before !== undefined && before.size > 0) {
    yield* Effect.mapError(
      inspect(to, operation),
      () => refused(`${to} already exists and is not a history: it was left as it is`)
    )
  }
  yield* Copies.write({ operation, database: filename }, filename, to)
  return yield* inspect(to, operation)
})

/** The first unused name for putting a file aside. */
const asideOf = (filename: string): string => {
  const name = `${filename}.before-restore`
  for (let count = 1;; count++) {
    const found = count === 1 ? name : `${name}-${count}`
    if (!Fs.existsSync(found)) return found
  }
}

/** Puts a file aside, together with its data that has not been moved into it yet. */
const putAside = Effect.fnUntraced(function*(filename: string, doing: Copies.Doing) {
  if (!Fs.existsSync(filename)) return undefined
  const aside = asideOf(filename)
  // A broken file is put aside as well.
  yield* Effect.ignore(
    Effect.scoped(Effect.flatMap(Sqlite.open(filename), (sql) => sql`PRAGMA wal_checkpoint(TRUNCATE)`)).pipe(
      Effect.provide(Reactivity.layer)
    )
  )
  yield* Copies.attempt(doing, () => {
    for (const ending of ["-wal", "-shm"]) {
      if (Fs.existsSync(filename + ending)) Fs.renameSync(filename + ending, aside + ending)
    }
  })
  // The file has both names until the new file takes one of them, so that a history exists at any moment.
  yield* Copies.attempt(doing, () => Fs.linkSync(filename, aside)).pipe(
    Effect.orElseSucceed(() => undefined),
    Effect.andThen(Copies.attempt(doing, () => {
      if (!Fs.existsSync(aside)) Fs.copyFileSync(filename, aside)
    }))
  )
  return aside
})

export const restore = (from: string, name: string) => {
  const filename = realOf(name)
  const operation = "Restoring the history"
  const doing = { operation, database: filename }
  return Effect.gen(function*() {
    if (isSame(from, filename)) {
      return yield* new HistoryError({ ...doing, reason: "Refused", problem: "it is the file that is in use" })
    }
    const contents = yield* inspect(from, operation)
    yield* lock(filename, operation)
    const mode = Fs.statSync(filename, { throwIfNoEntry: false })?.mode ?? 0o600
    return yield* Copies.drafted(doing, filename, mode & 0o777, (draft) =>
      Effect.gen(function*() {
        yield* Sqlite.copy(from, draft)
        yield* Effect.mapError(check(draft, operation), (error) => new HistoryError({ ...error, database: from }))
        return { ...contents, aside: yield* putAside(filename, doing) }
      }).pipe(told(filename, operation)))
  }).pipe(Effect.scoped, told(filename, operation), Effect.provide(Reactivity.layer))
}

export const revert = (name: string, to: number) => {
  const filename = realOf(name)
  const operation = "Downgrading the history"
  return Effect.gen(function*() {
    const { version } = yield* inspect(filename, operation)
    yield* lock(filename, operation)
    const old = to < version ? oldOf(filename, version) : undefined
    if (old !== undefined) yield* Copies.write({ operation, database: filename }, filename, old)
    const sql = yield* openKnown(filename, operation)
    const from = yield* Effect.provideService(Store.revert(filename, to), SqlClient.SqlClient, sql)
    return { from, copy: old }
  }).pipe(Effect.scoped, told(filename, operation), Effect.provide(Reactivity.layer))
}
