/**
 * Attempts of calls. Arguments are checked before the first attempt. More attempts follow if the schedule of the call asks for
 * them and its limit allows.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { monotonicMillis } from "../../internal/clock.ts"
import type * as OwClient from "../OwClient.ts"
import * as OwError from "../OwError.ts"
import * as OwRetry from "../OwRetry.ts"
import * as Argument from "./Argument.ts"
import type { CallDefaults } from "./CallDefaults.ts"
import type { Progress } from "./exchange/Progress.ts"

/** A call, as its errors and its span name it. */
export interface Named {
  readonly operation: OwError.Operation
  readonly path: string | Uint8Array
}

export interface Limited extends Named {
  /** In milliseconds; `Infinity` if there is none, and `NaN` if it is invalid. */
  readonly limit: number
}

/** The error of an invalid call. */
export const problemOf = (
  defaults: CallDefaults,
  { limit, operation, path }: Limited,
  options: OwClient.CallOptions | undefined,
  given: Argument.Problem | undefined
): OwError.ArgumentError | undefined => {
  const problem = given ?? Argument.call(options) ?? defaults.problem
  if (problem === undefined && !Number.isNaN(limit)) return undefined
  return new OwError.ArgumentError({
    operation,
    // A path that is itself invalid is quoted in the problem.
    path: typeof path === "string" && problem?.argument !== "path" ? path : undefined,
    ...(problem ?? Argument.notPositive("timeout", options?.timeout ?? defaults.options.timeout ?? 0))
  })
}

/** Fails if a call is invalid. */
export const refusal = (
  defaults: CallDefaults,
  call: Limited,
  options: OwClient.CallOptions | undefined,
  given: Argument.Problem | undefined
): Effect.Effect<never, OwError.ArgumentError> | undefined => {
  const error = problemOf(defaults, call, options, given)
  return error && Effect.fail(error)
}

/** Makes a call of one attempt, or of several if it has a schedule. Each attempt gets the progress of the call. */
export const make = <A>(
  defaults: CallDefaults,
  call: Limited,
  options: OwClient.CallOptions | undefined,
  problem: Argument.Problem | undefined,
  attempt: (progress: Progress | undefined) => Effect.Effect<A, OwError.OwError>
): Effect.Effect<A, OwError.OwError> => {
  const refused = refusal(defaults, call, options, problem)
  if (refused !== undefined) return refused
  const schedule = defaults.scheduleOf(options, mayWrite(call))
  return schedule === undefined ? attempt(undefined) : repeat(call, schedule, attempt)
}

const mayWrite = ({ operation }: Named): boolean => operation === "write" || operation === "sendMessage"

/** Repeats a call as its schedule asks, within its limit. */
export const repeat = <A>(
  call: Limited,
  schedule: Schedule.Schedule<unknown, OwError.OwError>,
  attempt: (progress: Progress) => Effect.Effect<A, OwError.OwError>,
  /** The first attempt, if it has already been made. */
  first?: { readonly failed: Effect.Effect<A, OwError.OwError>; readonly progress: Progress }
): Effect.Effect<A, OwError.OwError> =>
  Effect.flatMap(Clock.Clock, (clock) => {
    const progress: Progress = first?.progress ?? { startedAt: monotonicMillis(clock), requestSent: false }
    const { startedAt } = progress
    let made = first?.failed
    return Effect.retry(
      Effect.suspend(() => {
        const failed = made
        made = undefined
        return failed ?? attempt(progress)
      }),
      // A pause that would outlast the call does not start: the failure is already known.
      Schedule.while(
        schedule,
        ({ duration, input }) =>
          Effect.sync(() =>
            (mayWrite(call) ? OwRetry.isTransient(input) : input.isRetryable) &&
            monotonicMillis(clock) + Duration.toMillis(duration) < startedAt + call.limit
          )
      )
    )
  })
