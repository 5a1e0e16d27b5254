/** Abilities that only a PostgreSQL client has, detected without loading its package. */
import type { PgClient } from "@effect/sql-pg/PgClient"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as SqlClient from "effect/sql/SqlClient"

const typeId: PgClient["~@effect/sql-pg/PgClient"] = "~@effect/sql-pg/PgClient"

/** Whether a client can listen. Other clients of PostgreSQL, such as those for tests, may not. */
export const isPgClient = (sql: SqlClient.SqlClient): sql is PgClient => Predicate.hasProperty(sql, typeId)

/** Name of a database in messages: its address without its password and its parameters, which may hold one, too. */
export const nameOf = (sql: SqlClient.SqlClient): string => {
  if (!isPgClient(sql)) return sql.driver
  const { database, host = "localhost", url, username } = sql.config
  const given = url === undefined ? undefined : Redacted.value(url)
  if (given === undefined || !URL.canParse(given)) {
    return `postgres://${username === undefined ? "" : `${username}@`}${host}/${database ?? username ?? ""}`
  }
  const { host: at, pathname, protocol, username: user } = new URL(given)
  return `${protocol}//${user === "" ? "" : `${user}@`}${at}${pathname}`
}
