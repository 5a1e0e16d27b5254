/** PostgreSQL at an address, through a package that is loaded only when needed. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import { HistoryError } from "../../HistoryError.ts"
import * as Database from "./Database.ts"
import * as SqlFailure from "./SqlFailure.ts"
import * as Store from "./Store.ts"

/** An address for display, without its password and its parameters, which may hold one, too. */
const parse = (given: string): { readonly shown: string; readonly secrets: ReadonlyArray<string> } | undefined => {
  if (!URL.canParse(given)) return undefined
  const url = new URL(given)
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") return undefined
  const user = url.username === "" ? "" : `${url.username}@`
  const secrets = [url.password, ...url.searchParams.values()]
  return {
    shown: `${url.protocol}//${user}${url.host}${url.pathname}`,
    secrets: secrets.filter((secret) => secret !== "")
  }
}

/** Whether a failure to load means that the package is not installed. */
const isMissing = (cause: unknown): boolean =>
  Predicate.hasProperty(cause, "code") && cause.code === "ERR_MODULE_NOT_FOUND"

/**
 * A scope that ends with this one. It is not waited for if the database no longer answers, because its connections wait for
 * answers.
 */
const farewell = Effect.acquireRelease(
  Scope.make(),
  (scope, exit) =>
    Effect.flatMap(
      Effect.forkDetach(Scope.close(scope, exit)),
      (fiber) => Effect.timeoutOption(Effect.interruptible(Fiber.await(fiber)), "2 seconds")
    )
)

/** Uses the database at an address. Failures contain no secret of the address. */
const withDatabase = Effect.fnUntraced(function*<A>(
  operation: string,
  url: string | Redacted.Redacted,
  body: (shown: string, sql: SqlClient.SqlClient) => Effect.Effect<A, HistoryError>
) {
  const given = Redacted.isRedacted(url) ? Redacted.value(url) : url
  const address = parse(given)
  if (address === undefined) {
    return yield* new HistoryError({
      reason: "Refused",
      operation,
      database: "PostgreSQL",
      problem: "the address should look like postgres://USER:PASSWORD@HOST/DATABASE"
    })
  }
  const { secrets, shown } = address
  const refused = (problem: string) =>
    new HistoryError({
      reason: "Refused",
      operation,
      database: shown,
      problem
    })
  const PgClient = yield* Effect.tryPromise({
    try: () => import("@effect/sql-pg/PgClient"),
    catch: (cause) =>
      refused(
        isMissing(cause)
          ? "PostgreSQL needs a package that is not installed: npm install @effect/sql-pg"
          : `@effect/sql-pg cannot be loaded: ${String(cause)}`
      )
  })
  const open = Effect.gen(function*() {
    const sql = yield* PgClient.make({ url: Redacted.make(given), applicationName: "effect-ownet" }).pipe(
      Scope.provide(yield* farewell)
    )
    return yield* body(shown, sql)
  })
  return yield* open.pipe(
    Effect.provide(Reactivity.layer),
    Effect.catchTag("SqlError", (error) => Effect.fail(SqlFailure.fromSql(shown, operation)(error))),
    Effect.mapError((error) => {
      const told = secrets.reduce((problem, secret) => problem.replaceAll(secret, "…"), error.problem)
      return told === error.problem ? error : new HistoryError({ ...error, problem: told })
    })
  )
})

const operation = "Opening the history"

export const make = (url: string | Redacted.Redacted) =>
  withDatabase(operation, url, (shown, sql) => Effect.provideService(Store.make(shown), SqlClient.SqlClient, sql))

/** Downgrades the tables to an older version, and returns the version that they had. */
export const revert = (url: string | Redacted.Redacted, to: number) =>
  withDatabase(
    operation,
    url,
    (shown, sql) => Effect.provideService(Store.revert(shown, to), SqlClient.SqlClient, sql)
  )

/** A client of the database of a fleet, after its first answer. */
export const connect = (url: string | Redacted.Redacted) => {
  const operation = "Opening the fleet"
  return withDatabase(
    operation,
    url,
    (shown, sql) => Effect.as(Database.make(shown, sql).named(operation)(sql`SELECT 1`), sql)
  )
}
