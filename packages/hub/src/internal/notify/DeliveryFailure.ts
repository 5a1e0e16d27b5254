/** Failure to deliver one message. */
import * as Data from "effect/Data"

export class DeliveryFailure extends Data.TaggedError("DeliveryFailure")<{
  readonly problem: string
  /** Number of such failures after which the message is given up; `undefined` if it is tried for as long as it takes. */
  readonly attempts: number | undefined
  /** Milliseconds that the other side wants to be left alone, if it says so. */
  readonly pause?: number | undefined
}> {}
