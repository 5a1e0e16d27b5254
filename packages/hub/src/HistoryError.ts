/**
 * Failures of the history.
 *
 * **Example** (Waiting until the disk has room again)
 *
 * ```ts
 * import { History } from "@effect-ownet/hub"
 * import { Effect, Schedule } from "effect"
 *
 * const places = History.History.use((history) => history.places).pipe(
 *   Effect.retry({ while: (error) => error.isRetryable, schedule: Schedule.spaced("10 seconds") })
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Schema of the reasons of a `HistoryError`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HistoryReason = Schema.Literals(["Full", "Busy", "Unreachable", "Damaged", "Refused", "Superseded"])

/**
 * The history could not be written or read.
 *
 * **Details**
 *
 * - `Full`: the disk or the database has no room left.
 * - `Busy`: another process writes it.
 * - `Unreachable`: the database does not answer, or the file cannot be opened, or was deleted in the meantime.
 * - `Damaged`: the file is not a history, or is damaged.
 * - `Refused`: any other error of the database.
 * - `Superseded`: another hub of the fleet has taken over the history, or it was restored from a copy. Nothing was written.
 *
 * @category errors
 * @since 0.1.0
 */
export class HistoryError extends Schema.TaggedError<HistoryError>()("HistoryError", {
  reason: HistoryReason,
  /** The operation that failed. */
  operation: Schema.String,
  /** The file, or the address of the database without its password. */
  database: Schema.String,
  /** The message of the database, or of the system. */
  problem: Schema.String
}) {
  /** One line: the operation, the database, the problem, and a remedy for a full disk. */
  override get message(): string {
    const remedy = this.reason === "Full"
      ? ". Free some space on its disk. A shorter history.keep (--keep) needs less space"
      : ""
    return `${this.operation} in ${this.database}: ${this.problem}${remedy}`
  }

  /** Whether the same operation may succeed later, without any change. */
  get isRetryable(): boolean {
    return this.reason === "Full" || this.reason === "Busy" || this.reason === "Unreachable"
  }
}
