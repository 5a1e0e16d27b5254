/**
 * Durations of calls.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** Milliseconds on the monotonic clock, which does not change when the time of day is set. */
export const millis: Effect.Effect<number> = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** The least of some sorted numbers that a share of them does not exceed, or 0 if there are none. */
export const percentile = (sorted: ReadonlyArray<number>, share: number): number =>
  sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0
