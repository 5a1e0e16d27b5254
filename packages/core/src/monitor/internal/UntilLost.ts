/**
 * Sends no further requests after the connection is lost: finding that out again may take seconds each time.
 */
import * as Effect from "effect/Effect"
import * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"

type Loss = OwError.ConnError | OwError.OwnetTimeout

/** Whether the next call would fail too. The end of one connection says nothing about another. */
export const isLoss = (error: Device.Failure): error is Loss =>
  (error._tag === "ConnError" && error.reason._tag !== "Closed") ||
  (error._tag === "OwnetTimeout" && !error.requestSent)

/** The same error for another path. */
const ofOther = (error: Loss, path: string): Loss =>
  error._tag === "ConnError" ? new OwError.ConnError({ ...error, path }) : new OwError.OwnetTimeout({ ...error, path })

export class UntilLost {
  private loss: Loss | undefined

  get isLost(): boolean {
    return this.loss !== undefined
  }

  /** Makes a call about a path. If an earlier call has lost the connection, fails with the same error instead. */
  ask<A>(path: string, call: Effect.Effect<A, Device.Failure>): Effect.Effect<A, Device.Failure> {
    return Effect.suspend(() =>
      this.loss !== undefined
        ? Effect.fail(ofOther(this.loss, path))
        : Effect.tapError(call, (error) =>
          Effect.sync(() => {
            if (isLoss(error)) this.loss = error
          }))
    )
  }
}
