/**
 * The limit of `--timeout` for a result that a person waits for, which may take many calls.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Failure from "../show/Failure.ts"
import { Settings } from "./Settings.ts"

/** A running time limit. */
export interface TimeLimit {
  /** Runs an effect until the limit. `None` if it did not finish. */
  readonly attempt: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
  /** The failure of an operation that did not finish in time. */
  readonly failure: (doing: string) => Failure.TimedOut
  /** Runs an effect until the limit, and fails if it did not finish. */
  readonly within: <A, E, R>(doing: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Failure.TimedOut, R>
}

/** Milliseconds on the monotonic clock, which does not change when the time of day is set. */
const millis = Effect.map(Clock.monotonicTimeNanos, (nanos) => Number(nanos) / 1e6)

/** Starts the limit of `--timeout`. Without the flag, there is no limit. */
export const start: Effect.Effect<TimeLimit, never, Settings> = Effect.gen(function*() {
  const { timeout } = yield* Settings
  const limit = Option.getOrElse(timeout, () => Infinity)
  const begun = yield* millis
  const attempt: TimeLimit["attempt"] = (effect) =>
    limit === Infinity
      ? Effect.asSome(effect)
      : Effect.flatMap(millis, (now) => Effect.timeoutOption(effect, Math.max(0, begun + limit - now)))
  const failure = (doing: string) => new Failure.TimedOut({ doing, limit })
  return {
    attempt,
    failure,
    within: (doing, effect) =>
      Effect.flatMap(attempt(effect), Option.match({ onNone: () => failure(doing), onSome: Effect.succeed }))
  }
})
