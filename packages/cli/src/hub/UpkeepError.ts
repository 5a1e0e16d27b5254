/**
 * Failure of a task around a hub: one line with the problem and its remedy.
 */
import * as Data from "effect/Data"

export class UpkeepError extends Data.TaggedError("UpkeepError")<{
  /** Whether the call is invalid, or this machine is not ready for it. */
  readonly kind: "usage" | "local"
  readonly message: string
}> {}
