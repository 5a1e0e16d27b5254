/**
 * Failure of a task around a hub: one line that says what is wrong and what to do.
 */
import * as Data from "effect/Data"

export class UpkeepError extends Data.TaggedError("UpkeepError")<{
  /** Whether the call makes no sense, or this machine is not ready for it. */
  readonly kind: "usage" | "local"
  readonly message: string
}> {}
