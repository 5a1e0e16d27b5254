/**
 * Retries: which failures may be temporary, and how often to try again.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as MessageType from "../protocol/MessageType.ts"
import * as ReturnCode from "../protocol/ReturnCode.ts"
import type * as OwError from "./OwError.ts"

/**
 * Makes a schedule of `count` repetitions, for failures that may be temporary. It pauses for 0.1, 0.2, 0.4, 0.8, 1.6 and
 * then 2 seconds each time. Each pause varies by up to a fifth, so that many callers do not return at the same time.
 *
 * **Example** (Giving up sooner than `transient`)
 *
 * ```ts
 * import { OwClient, OwRetry } from "@effect-ownet/core"
 *
 * const temperature = OwClient.OwClient.use((ow) =>
 *   ow.readText("/28.000028D70100/temperature", { retry: OwRetry.times(3) })
 * )
 * ```
 *
 * @category schedules
 * @since 0.1.0
 */
export const times = (count: number): Schedule.Schedule<Duration.Duration> =>
  Schedule.exponential("100 millis").pipe(
    Schedule.modifyDelay(({ duration }) => Effect.succeed(Duration.min(duration, Duration.seconds(2)))),
    Schedule.jittered,
    // Whole milliseconds: on a clock that stands at a fraction of one, as in a test, `Schedule.fixed` never advances.
    Schedule.modifyDelay(({ duration }) => Effect.succeed(Duration.millis(Math.round(Duration.toMillis(duration))))),
    Schedule.upTo({ times: count })
  )

/**
 * A schedule for failures that may be temporary: a bus that failed, a device that did not answer, a server that restarts.
 * It is `times(8)`, which takes about 9 seconds.
 *
 * **Details**
 *
 * In a layer's options, it applies to all calls except `write`, `sendMessage` and `dirStream`. A write is repeated only if the
 * write itself has a schedule. `false` turns off a client's schedule for one call.
 *
 * **Example** (Retrying every call of a client, and one write)
 *
 * ```ts
 * import { OwClient, OwRetry } from "@effect-ownet/core"
 * import { NodeOwClient } from "@effect-ownet/node"
 *
 * const layer = NodeOwClient.layer({ retry: OwRetry.transient })
 *
 * // Switching on twice is harmless.
 * const on = OwClient.OwClient.use((ow) => ow.write("/29.000029D60300/PIO.0", "1", { retry: OwRetry.transient }))
 * ```
 *
 * **Example** (In your own pipeline)
 *
 * ```ts
 * import { OwClient, OwRetry } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const temperature = OwClient.OwClient.use((ow) => ow.readText("/28.000028D70100/temperature")).pipe(
 *   Effect.map(Number),
 *   Effect.retry({ schedule: OwRetry.transient, while: (error) => error.isRetryable })
 * )
 * ```
 *
 * @category schedules
 * @since 0.1.0
 */
export const transient: Schedule.Schedule<Duration.Duration> = /* @__PURE__ */ times(8)

/**
 * Whether a failure may be temporary. It does not say whether a retry is safe: after a write, check `isRetryable`.
 *
 * **Example** (Giving up at once on permanent failures)
 *
 * ```ts
 * import { OwClient, OwRetry } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const on = OwClient.OwClient.use((ow) => ow.write("/29.000029D60300/PIO.0", "1")).pipe(
 *   // Switching on twice is harmless, so it is enough that the failure may be temporary.
 *   Effect.retry({ schedule: OwRetry.transient, while: OwRetry.isTransient })
 * )
 * ```
 *
 * @category predicates
 * @since 0.1.0
 */
export const isTransient = (
  error: OwError.OwError | { readonly _tag: "DeviceError"; readonly isRetryable: boolean }
): boolean => {
  switch (error._tag) {
    case "OwnetError":
      return ReturnCode.explain(error.code, error.operation === "write" ? MessageType.Write : MessageType.Read)
        .isTransient
    case "OwnetTimeout":
      return true
    case "ConnError":
      return error.reason._tag !== "ClientClosed"
    case "ProtocolError":
      return error.reason._tag === "ShortRead"
    case "ArgumentError":
      return false
    case "DeviceError":
      return error.isRetryable
  }
}
