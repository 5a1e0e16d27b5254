/**
 * Errors of a value that the server has returned.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { where } from "../client/internal/where.ts"

/**
 * Schema of the reasons of a `DeviceError`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DeviceReason = Schema.Union([
  Schema.TaggedStruct("NoValue", {}),
  Schema.TaggedStruct("Malformed", {}),
  Schema.TaggedStruct("Implausible", {}),
  Schema.TaggedStruct("NotVerified", {}),
  Schema.TaggedStruct("OtherFamily", {}),
  Schema.TaggedStruct("Ambiguous", {})
])

/**
 * The reason of a `DeviceError`.
 *
 * @category models
 * @since 0.1.0
 */
export type DeviceReason = typeof DeviceReason.Type

/**
 * The server answered, but the value is not one that the device should have.
 *
 * **Details**
 *
 * - `NoValue`: the answer was empty instead of a number, a yes or no, a date or an array.
 * - `Malformed`: the answer is not a value of the property's type.
 * - `Implausible`: the caller chose to reject such a value. `problem` has the value and the cause.
 * - `NotVerified`: the value read back is not the value written, or it could not be read back.
 * - `OtherFamily`: an alias leads to a device of another family.
 * - `Ambiguous`: an alias leads to different devices on different servers. `problem` names both.
 *
 * **Example** (Waiting for the first value of a device)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import { DS2438 } from "@effect-ownet/core/families"
 * import { Effect, Option } from "effect"
 *
 * const humidity = Effect.gen(function*() {
 *   const device = yield* Device.make(DS2438, "26.000026A10100")
 *   return yield* device.read("humidity").pipe(
 *     Effect.asSome,
 *     Effect.catchReason("DeviceError", "NoValue", () => Effect.succeed(Option.none()))
 *   )
 * })
 * ```
 *
 * @category errors
 * @since 0.1.0
 */
export class DeviceError extends Schema.TaggedError<DeviceError>()(
  "DeviceError",
  {
    reason: DeviceReason,
    operation: Schema.Literals(["read", "write", "romId"]),
    path: Schema.String,
    server: Schema.String,
    /** The value, and what is wrong with it. */
    problem: Schema.String
  }
) {
  /** The operation, the place, the answer and a possible remedy, in one line. */
  override get message(): string {
    return `${where(this)}: ${this.problem}`
  }

  /** Whether the same call may succeed later. A write is never repeated automatically. */
  get isRetryable(): boolean {
    return this.reason._tag === "NoValue" || this.reason._tag === "Malformed" || this.reason._tag === "Implausible"
  }

  /** All fields and the message, for a log. */
  override toJSON(): unknown {
    return { ...this, message: this.message, isRetryable: this.isRetryable }
  }
}
