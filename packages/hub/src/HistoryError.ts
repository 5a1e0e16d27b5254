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
 * - `Full`: there is no room left where it is kept.
 * - `Busy`: another process writes it.
 * - `Unreachable`: the database does not answer, or the file cannot be opened, or was deleted meanwhile.
 * - `Damaged`: the file is no history, or is broken.
 * - `Refused`: anything else that the database says.
 * - `Superseded`: another hub of the fleet has taken the history over, or it was restored from a copy: nothing was written.
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
  /** The words of the database, or of the system. */
  problem: Schema.String
}) {
  /** One line: what was tried, where, and what came back. */
  override get message(): string {
    return `${this.operation} in ${this.database}: ${this.problem}`
  }

  /** Whether the same may succeed later with nothing changed but the time. */
  get isRetryable(): boolean {
    return this.reason === "Full" || this.reason === "Busy" || this.reason === "Unreachable"
  }
}
