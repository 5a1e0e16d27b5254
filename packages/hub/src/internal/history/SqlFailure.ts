/** Errors of databases as failures of the history. */
import * as Predicate from "effect/Predicate"
import type { SqlError } from "effect/sql/SqlError"
import { HistoryError } from "../../HistoryError.ts"

type Reason = HistoryError["reason"]

/** Reasons by the primary result codes of SQLite. */
const sqlite: Readonly<Record<number, Reason>> = {
  5: "Busy",
  6: "Busy",
  8: "Unreachable",
  10: "Unreachable",
  11: "Damaged",
  13: "Full",
  14: "Unreachable",
  26: "Damaged"
}

/** The shared-memory file next to the database could not grow. */
const shmSize = 4874

/** Reasons by the beginnings of the codes of PostgreSQL, the longer ones first. */
const postgres: ReadonlyArray<readonly [string, Reason]> = [
  ["53100", "Full"],
  ["53", "Unreachable"],
  ["57P", "Unreachable"],
  ["08", "Unreachable"],
  ["25006", "Unreachable"],
  ["55P03", "Busy"],
  ["40", "Busy"],
  ["XX", "Damaged"]
]

const reasonOf = (error: SqlError): Reason => {
  const { cause } = error.reason
  // Codes of the system are negative.
  if (Predicate.hasProperty(cause, "errno") && typeof cause.errno === "number" && cause.errno > 0) {
    return cause.errno === shmSize ? "Full" : sqlite[cause.errno & 0xff] ?? "Refused"
  }
  if (Predicate.hasProperty(cause, "code") && typeof cause.code === "string") {
    const code = cause.code
    const known = postgres.find(([beginning]) => code.startsWith(beginning))
    if (known !== undefined) return known[1]
  }
  switch (error.reason._tag) {
    case "ConnectionError":
      return "Unreachable"
    case "LockTimeoutError":
    case "DeadlockError":
    case "SerializationError":
      return "Busy"
    default:
      return "Refused"
  }
}

export const fromSql = (database: string, operation: string) => (error: SqlError): HistoryError => {
  const { cause } = error.reason
  const said = Predicate.hasProperty(cause, "message") && typeof cause.message === "string" && cause.message !== ""
    ? cause.message
    : error.message
  return new HistoryError({ reason: reasonOf(error), operation, database, problem: said })
}
