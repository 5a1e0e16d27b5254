/** Failure to deliver one message. */
import * as Data from "effect/Data"

export class DeliveryFailure extends Data.TaggedError("DeliveryFailure")<{
  readonly problem: string
  /** Whether the same message will fare no better later. */
  readonly isRefusal: boolean
  /** Milliseconds that the other side wants to be left alone, if it says so. */
  readonly pause?: number | undefined
}> {}
