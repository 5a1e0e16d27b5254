/** A database for the other modules. It reports failures, and handles the special needs of PostgreSQL. */
import * as Arr from "effect/Array"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as SqlClient from "effect/sql/SqlClient"
import * as SqlError from "effect/sql/SqlError"
import { HistoryError } from "../../HistoryError.ts"
import * as SqlFailure from "./SqlFailure.ts"
import * as Tables from "./Tables.ts"

/** A value from a database. PostgreSQL returns whole numbers of 64 bits as `bigint`. */
export type Cell = string | number | bigint | Uint8Array | null

/** Time limit of a database over a network, because a broken connection may stay silent for hours. */
const patience: Duration.Input = "20 seconds"

/**
 * Lets a caller leave without waiting for an interrupted statement: a transaction cannot be rolled back before the database
 * answers.
 */
const abandonable = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(Effect.interruptible(self)),
      (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => Effect.sync(() => fiber.interruptUnsafe()))
    )
  )

/** Maximum rows in one statement. SQLite binds at most 32,766 values. */
const batchSize = 500

/** Text that every database can hold. PostgreSQL refuses NUL, and neither of them keeps half a surrogate pair. */
export const text = (value: string): string => value.replaceAll("\0", "\uFFFD").toWellFormed()

export const optionalText = (value: string | undefined): string | null => value === undefined ? null : text(value)

/** Rows of a statement, without the names of the columns. */
const cells = (
  statement: { readonly values: Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, SqlError.SqlError> }
) =>
  // The tables have no columns of other types.
  statement.values as Effect.Effect<ReadonlyArray<ReadonlyArray<Cell>>, SqlError.SqlError>

export type Database = ReturnType<typeof make>

export const make = (name: string, sql: SqlClient.SqlClient) => {
  const isPostgres = sql.onDialectOrElse({ pg: () => true, orElse: () => false })

  /** Names the operation in errors, if the database fails or does not answer. */
  const named =
    (operation: string, longest: Duration.Input = patience) =>
    <A, E, R>(self: Effect.Effect<A, E | SqlError.SqlError, R>) => {
      const told = Effect.mapError(
        self,
        (error): Exclude<E, SqlError.SqlError> | HistoryError =>
          SqlError.isSqlError(error)
            ? SqlFailure.fromSql(name, operation)(error)
            // TypeScript does not narrow generic types.
            : error as Exclude<E, SqlError.SqlError>
      )
      // SQLite answers in this process, or not at all.
      return !isPostgres ? told : Effect.timeoutOrElse(abandonable(told), {
        duration: longest,
        orElse: () =>
          Effect.fail(
            new HistoryError({
              reason: "Unreachable",
              operation,
              database: name,
              problem: `the database has not answered for ${Duration.format(Duration.fromInputUnsafe(longest))}`
            })
          )
      })
    }

  const refused = (operation: string, problem: string) =>
    new HistoryError({ reason: "Refused", operation, database: name, problem })

  const broken = (what: string) =>
    new HistoryError({
      reason: "Damaged",
      operation: "Reading the history",
      database: name,
      problem: `the bytes of ${what} are broken`
    })

  /** Reads a consistent snapshot. */
  const reading = <A, E>(self: Effect.Effect<A, E>) =>
    Effect.provideService(
      sql.withTransaction(self),
      SqlClient.BeginTransaction,
      isPostgres ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : undefined
    )

  /** Packs or rolls up. Other hubs with the same database may try that, too. */
  const packing = <A, E>(self: Effect.Effect<A, E>) =>
    sql.withTransaction(
      isPostgres
        ? Effect.andThen(sql`SELECT pg_advisory_xact_lock(${sql.literal(String(Tables.lock))})`, self)
        : self
    )

  const insertMany = Effect.fnUntraced(function*(
    table: string,
    records: ReadonlyArray<Record<string, unknown>>,
    rest = ""
  ) {
    for (const some of Arr.chunksOf(records, batchSize)) {
      yield* sql`INSERT INTO ${sql(table)} ${sql.insert(some)} ${sql.literal(rest)}`
      if (some.length === batchSize) yield* Effect.yieldNow
    }
  })

  return { name, sql, isPostgres, named, refused, broken, reading, packing, cells, insertMany }
}

/** A number that may be missing, from the first cell of the first row. */
export const numberIn = (found: ReadonlyArray<ReadonlyArray<Cell>>, column = 0): number | undefined => {
  const cell = found[0]?.[column]
  return cell === null || cell === undefined ? undefined : Number(cell)
}
