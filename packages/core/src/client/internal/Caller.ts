/**
 * The making of calls: their arguments are checked, they are repeated as their schedules want, and their failures become errors.
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
import type { Capabilities } from "./Capabilities.ts"
import type { Transport } from "./connections/Transport.ts"
import * as Exchange from "./exchange/Exchange.ts"
import * as ExchangeFailure from "./exchange/ExchangeFailure.ts"
import type { Progress, Run } from "./exchange/Progress.ts"

/** A call, as its errors and its span name it. */
interface Named {
  readonly operation: OwError.Operation
  readonly path: string | Uint8Array
}

interface Limited extends Named {
  readonly limit: number
}

export interface Caller {
  /** Makes a call of one request: one suspended callback, and nothing else in its way. */
  readonly ask: <A>(
    message: Exchange.Exchange<A>,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    recover?: Exchange.Recover<A, A, OwError.OwError>
  ) => Effect.Effect<A, OwError.OwError>
  /** Makes a call of several requests, as far as it needs them. */
  readonly askAll: <A>(
    named: Named,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    body: (run: Run) => Effect.Effect<A, ExchangeFailure.ExchangeFailure>
  ) => Effect.Effect<A, OwError.OwError>
  /** Makes a call of one attempt, or more if it has a schedule. An attempt is told how far the call has come. */
  readonly attempts: <A>(
    call: Limited,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    attempt: (progress: Progress | undefined) => Effect.Effect<A, OwError.OwError>
  ) => Effect.Effect<A, OwError.OwError>
  /** Fails a call with what went wrong. */
  readonly publish: (
    failure: ExchangeFailure.ExchangeFailure,
    named: Named,
    run: Run | undefined
  ) => Effect.Effect<never, OwError.OwError>
}

export const make = (transport: Transport, capabilities: Capabilities, defaults: CallDefaults): Caller => {
  const { begin, exchange, observers, server } = transport

  const fail = <E extends OwError.OwError>(error: E, run: Run | undefined): Effect.Effect<never, E> => {
    observers.onError(error, run)
    return Effect.fail(error)
  }

  const publish: Caller["publish"] = (failure, { operation, path: at }, run) => {
    const path = typeof at === "string" ? at : undefined
    if (failure._tag !== "Refused") {
      return fail(ExchangeFailure.toError(failure, { operation, path, server }, run?.progress.requestSent), run)
    }
    return Effect.flatMap(
      capabilities.text(failure.code, run),
      (serverText) => fail(OwError.refused(failure.code, failure.type, { operation, path, server, serverText }), run)
    )
  }

  /** The failure of a call that makes no sense. */
  const refusal = (
    { limit, operation, path }: Limited,
    options: OwClient.CallOptions | undefined,
    given: Argument.Problem | undefined
  ): Effect.Effect<never, OwError.ArgumentError> | undefined => {
    const problem = given ?? Argument.call(options) ?? defaults.problem
    if (problem === undefined && !Number.isNaN(limit)) return undefined
    return Effect.fail(
      new OwError.ArgumentError({
        operation,
        // A path that is at fault is in the problem.
        path: typeof path === "string" && problem?.argument !== "path" ? path : undefined,
        ...(problem ?? Argument.notPositive("timeout", options?.timeout ?? defaults.options.timeout ?? 0))
      })
    )
  }

  const attempts: Caller["attempts"] = (call, options, problem, attempt) => {
    const refused = refusal(call, options, problem)
    if (refused !== undefined) return refused
    const schedule = defaults.scheduleOf(options, mayWrite(call))
    return schedule === undefined ? attempt(undefined) : repeat(call, schedule, attempt)
  }

  return {
    publish,
    attempts,

    ask: (message, options, problem, recover = publish) =>
      // No closure for a call that is made once.
      defaults.mayRepeat(options)
        ? attempts(
          message,
          options,
          problem,
          (progress) => exchange(Exchange.make(message, { ...message, progress }), recover)
        )
        : refusal(message, options, problem) ?? exchange(message, recover),

    askAll: (named, options, problem, body) => {
      const limit = defaults.limitOf(options)
      return attempts(
        { ...named, limit },
        options,
        problem,
        (progress) =>
          observers.withSpan(named, (span) =>
            Effect.suspend(() => {
              const run = begin(limit, progress, span)
              return Effect.catch(body(run), (failure) => publish(failure, named, run))
            }))
      )
    }
  }
}

const mayWrite = ({ operation }: Named): boolean => operation === "write" || operation === "sendMessage"

/** Repeats a call as its schedule wants and its limit allows. */
const repeat = <A>(
  call: Limited,
  schedule: Schedule.Schedule<unknown, OwError.OwError>,
  attempt: (progress: Progress) => Effect.Effect<A, OwError.OwError>
): Effect.Effect<A, OwError.OwError> =>
  Effect.flatMap(Clock.Clock, (clock) => {
    const startedAt = monotonicMillis(clock)
    const progress: Progress = { startedAt, requestSent: false }
    return Effect.retry(
      Effect.suspend(() => attempt(progress)),
      // A pause that would outlast the call is not begun: what went wrong is known now.
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
