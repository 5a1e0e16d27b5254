import type * as Clock from "effect/Clock"

/** Milliseconds of a clock that nobody sets: a small computer without one of its own corrects its time after it started. */
export const monotonicMillis = (clock: Clock.Clock): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
