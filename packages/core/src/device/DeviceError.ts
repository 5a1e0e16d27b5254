/**
 * What can go wrong with a value, once the server has answered.
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
 * What is wrong with a value.
 *
 * @category models
 * @since 0.1.0
 */
export type DeviceReason = typeof DeviceReason.Type

/**
 * The server answered, and what it gave is not what the device should have.
 *
 * **Details**
 *
 * - `NoValue`: nothing came where a number, a yes or no, a date or an array was due.
 * - `Malformed`: what came is no value of the property's type.
 * - `Implausible`: a value that the caller had wanted rejected. What it was, and why, is in `problem`.
 * - `NotVerified`: what was read back is not what was written, or it could not be read back.
 * - `OtherFamily`: an alias leads to a device of another family.
 * - `Ambiguous`: an alias leads to different devices on different servers. Both are named in `problem`.
 *
 * **Example** (Waiting for a device that has nothing to say yet)
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
    /** What came, and what is wrong with it. */
    problem: Schema.String
  }
) {
  /** One line: what was tried, where, what came back, what may help. */
  override get message(): string {
    return `${where(this)}: ${this.problem}`
  }

  /** Whether the same call may succeed later with nothing changed but the time: a write is never made again by itself. */
  get isRetryable(): boolean {
    return this.reason._tag === "NoValue" || this.reason._tag === "Malformed" || this.reason._tag === "Implausible"
  }

  /** All that it knows, its message among that, ready for a log. */
  override toJSON(): unknown {
    return { ...this, message: this.message, isRetryable: this.isRetryable }
  }
}
