/** Abilities that a client of PostgreSQL has beyond any other, found without loading its package. */
import type { PgClient } from "@effect/sql-pg/PgClient"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as SqlClient from "effect/sql/SqlClient"

const typeId: PgClient["~@effect/sql-pg/PgClient"] = "~@effect/sql-pg/PgClient"

/** Whether a client can listen. Others of PostgreSQL, such as those for tests, need not. */
export const isPgClient = (sql: SqlClient.SqlClient): sql is PgClient => Predicate.hasProperty(sql, typeId)

/** A database as messages name it: its address with neither its password, nor its parameters, which may hold one, too. */
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
