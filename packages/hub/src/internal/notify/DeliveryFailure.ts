/** Failure to deliver one message. */
import * as Data from "effect/Data"

export class DeliveryFailure extends Data.TaggedError("DeliveryFailure")<{
  readonly problem: string
  /** Maximum number of such failures before the message is dropped; `undefined` if attempts never end. */
  readonly attempts: number | undefined
  /** Milliseconds that the other side asks to wait, if it does. */
  readonly pause?: number | undefined
}> {}
