/**
 * How long calls take.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** By a clock that nobody sets. */
export const millis: Effect.Effect<number> = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** Milliseconds as people want to see them. */
export const round = (millis: number): number => Number(millis.toPrecision(millis < 100 ? 2 : 3))

/** The least of some numbers, in their order, that a share of them does not exceed. 0 where there are none. */
export const percentile = (sorted: ReadonlyArray<number>, share: number): number =>
  sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0
