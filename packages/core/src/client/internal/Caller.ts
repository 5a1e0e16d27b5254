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
import * as Exchange from "./Exchange.ts"
import * as ExchangeFailure from "./ExchangeFailure.ts"
import type { Progress, Run } from "./Progress.ts"
import type { Transport } from "./Transport.ts"

/** A call, as its errors and its span name it. */
export interface Named {
  readonly operation: OwError.Operation
  readonly path: string | Uint8Array
}

export interface Limited extends Named {
  readonly limit: number
}

export class Caller {
  private readonly transport: Transport
  private readonly capabilities: Capabilities
  private readonly defaults: CallDefaults

  constructor(transport: Transport, capabilities: Capabilities, defaults: CallDefaults) {
    this.transport = transport
    this.capabilities = capabilities
    this.defaults = defaults
  }

  /** Makes a call of one request: one suspended callback, and nothing else in its way. */
  ask<A>(
    message: Exchange.Exchange<A>,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    recover: Exchange.Recover<A, A, OwError.OwError> = this.publish
  ): Effect.Effect<A, OwError.OwError> {
    const refusal = this.refusal(message, options, problem)
    if (refusal !== undefined) return refusal
    const { exchange } = this.transport
    const schedule = this.defaults.scheduleOf(options, mayWrite(message))
    return schedule === undefined
      ? exchange(message, recover)
      : repeat(message, schedule, (progress) => exchange(Exchange.make({ ...message, progress }), recover))
  }

  /** Makes a call of several requests, as far as it needs them. */
  askAll<A>(
    named: Named,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    body: (run: Run) => Effect.Effect<A, ExchangeFailure.ExchangeFailure>
  ): Effect.Effect<A, OwError.OwError> {
    const { begin, observers } = this.transport
    const limit = this.defaults.limitOf(options)
    return this.attempts(
      { ...named, limit },
      options,
      problem,
      (progress) =>
        observers.withSpan(named, (span) =>
          Effect.suspend(() => {
            const run = begin(limit, progress, span)
            return Effect.catch(body(run), (failure) => this.publish(failure, named, run))
          }))
    )
  }

  /** Makes a call of one attempt, or more if it has a schedule. An attempt is told how far the call has come. */
  attempts<A>(
    call: Limited,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    attempt: (progress: Progress | undefined) => Effect.Effect<A, OwError.OwError>
  ): Effect.Effect<A, OwError.OwError> {
    const refusal = this.refusal(call, options, problem)
    if (refusal !== undefined) return refusal
    const schedule = this.defaults.scheduleOf(options, mayWrite(call))
    return schedule === undefined ? attempt(undefined) : repeat(call, schedule, attempt)
  }

  /** Fails a call with what went wrong. */
  readonly publish = (
    failure: ExchangeFailure.ExchangeFailure,
    { operation, path: at }: Named,
    run: Run | undefined
  ): Effect.Effect<never, OwError.OwError> => {
    const { server } = this.transport
    const path = typeof at === "string" ? at : undefined
    if (failure._tag !== "Refused") {
      const wasSent = run?.progress.requestSent
      return this.fail(ExchangeFailure.toError(failure, { operation, path, server }, wasSent), run)
    }
    return Effect.flatMap(
      this.capabilities.text(failure.code, run),
      (serverText) =>
        this.fail(OwError.refused(failure.code, failure.type, { operation, path, server, serverText }), run)
    )
  }

  private fail<E extends OwError.OwError>(error: E, run: Run | undefined): Effect.Effect<never, E> {
    this.transport.observers.onError(error, run)
    return Effect.fail(error)
  }

  /** The failure of a call that makes no sense. */
  private refusal(
    { limit, operation, path }: Limited,
    options: OwClient.CallOptions | undefined,
    given: Argument.Problem | undefined
  ): Effect.Effect<never, OwError.ArgumentError> | undefined {
    const problem = given ?? Argument.call(options) ?? this.defaults.problem
    if (problem === undefined && !Number.isNaN(limit)) return undefined
    return Effect.fail(
      new OwError.ArgumentError({
        operation,
        // A path that is at fault is in the problem.
        path: typeof path === "string" && problem?.argument !== "path" ? path : undefined,
        ...(problem ?? Argument.notPositive("timeout", options?.timeout ?? this.defaults.options.timeout ?? 0))
      })
    )
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
