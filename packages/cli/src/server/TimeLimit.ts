/**
 * The limit of `--timeout` for what a person waits for, which may be many calls.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Latency from "../bench/Latency.ts"
import * as Failure from "../show/Failure.ts"
import { Settings } from "./Settings.ts"

/** A limit that has begun to run. */
export interface TimeLimit {
  /** Runs an effect until the limit; `None` if it was not done by then. */
  readonly attempt: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Option.Option<A>, E, R>
  /** The failure of what was not done in time. */
  readonly failure: (doing: string) => Failure.TimedOut
  /** Runs an effect until the limit, and fails if it was not done by then. */
  readonly within: <A, E, R>(doing: string, effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Failure.TimedOut, R>
}

/** Starts the limit of `--timeout`. Without that, nothing ends. */
export const start: Effect.Effect<TimeLimit, never, Settings> = Effect.gen(function*() {
  const { timeout } = yield* Settings
  const limit = Option.getOrElse(timeout, () => Infinity)
  const begun = yield* Latency.millis
  const attempt: TimeLimit["attempt"] = (effect) =>
    limit === Infinity
      ? Effect.asSome(effect)
      : Effect.flatMap(Latency.millis, (now) => Effect.timeoutOption(effect, Math.max(0, begun + limit - now)))
  const failure = (doing: string) => new Failure.TimedOut({ doing, limit })
  return {
    attempt,
    failure,
    within: (doing, effect) =>
      Effect.flatMap(attempt(effect), Option.match({ onNone: () => failure(doing), onSome: Effect.succeed }))
  }
})
