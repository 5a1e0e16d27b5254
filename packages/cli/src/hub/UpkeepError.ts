/**
 * What cannot be done for a hub, in a line that says what to do.
 */
import * as Data from "effect/Data"

export class UpkeepError extends Data.TaggedError("UpkeepError")<{
  /** Whether the call makes no sense, or this machine is not ready for it. */
  readonly kind: "usage" | "local"
  readonly message: string
}> {}
