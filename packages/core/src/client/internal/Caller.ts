/**
 * Makes calls: checks their arguments, repeats them as their schedules ask, and turns failures into errors.
 */
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import { empty } from "../../internal/bytes.ts"
import type * as OwClient from "../OwClient.ts"
import * as OwError from "../OwError.ts"
import * as Argument from "./Argument.ts"
import type { Limited, Named } from "./Attempts.ts"
import * as Attempts from "./Attempts.ts"
import * as Batch from "./Batch.ts"
import type { CallDefaults } from "./CallDefaults.ts"
import type { Capabilities } from "./Capabilities.ts"
import type { Transport } from "./connections/Transport.ts"
import * as Exchange from "./exchange/Exchange.ts"
import * as ExchangeFailure from "./exchange/ExchangeFailure.ts"
import type { Progress, Run } from "./exchange/Progress.ts"

/** A replacement for a message that a server may lack. */
export interface StandIn<A> {
  /** Whether the server is known to lack the message. */
  readonly isNeeded: () => boolean
  /** Learns from the failure of the message whether the server lacks it. */
  readonly learn: (failure: ExchangeFailure.ExchangeFailure) => boolean
  readonly body: (message: Exchange.Exchange<A>, run: Run) => Effect.Effect<A, ExchangeFailure.ExchangeFailure>
}

export interface Caller {
  /** Makes a call of one request: one suspended callback, and no other overhead. */
  readonly ask: <A>(
    message: Exchange.Exchange<A>,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    recover?: Exchange.Recover<A, A, OwError.OwError>
  ) => Effect.Effect<A, OwError.OwError>
  /** Makes a call of one request, with replacements if the server lacks it. */
  readonly askOr: <A>(
    standIn: StandIn<A>
  ) => (
    message: Exchange.Exchange<A>,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined
  ) => Effect.Effect<A, OwError.OwError>
  /** Makes a call of one request for each path. A problem concerns the options. */
  readonly askMany: <A>(
    paths: Iterable<string>,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    messageOf: (path: string) => Exchange.Exchange<A>
  ) => Effect.Effect<ReadonlyMap<string, Result.Result<A, OwError.OwError>>, OwError.ArgumentError>
  /** Makes a call of several requests, as many as it needs. */
  readonly askAll: <A>(
    named: Named,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    body: (run: Run) => Effect.Effect<A, ExchangeFailure.ExchangeFailure>
  ) => Effect.Effect<A, OwError.OwError>
  /** Makes a call of one attempt, or of several if it has a schedule. Each attempt gets the progress of the call. */
  readonly attempts: <A>(
    call: Limited,
    options: OwClient.CallOptions | undefined,
    problem: Argument.Problem | undefined,
    attempt: (progress: Progress | undefined) => Effect.Effect<A, OwError.OwError>
  ) => Effect.Effect<A, OwError.OwError>
  /** Fails a call with the error of a failure. */
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

  const refusal = (
    call: Limited,
    options: OwClient.CallOptions | undefined,
    given: Argument.Problem | undefined
  ): Effect.Effect<never, OwError.ArgumentError> | undefined => Attempts.refusal(defaults, call, options, given)

  const attempts: Caller["attempts"] = (call, options, problem, attempt) =>
    Attempts.make(defaults, call, options, problem, attempt)

  /** Makes one attempt of several requests. */
  const parts = <A>(
    call: Limited,
    progress: Progress | undefined,
    body: (run: Run) => Effect.Effect<A, ExchangeFailure.ExchangeFailure>
  ): Effect.Effect<A, OwError.OwError> =>
    observers.withSpan(call, (span) => Effect.suspend(() => goOn(call, begin(call.limit, progress, span), body)))

  const goOn = <A>(
    call: Named,
    run: Run,
    body: (run: Run) => Effect.Effect<A, ExchangeFailure.ExchangeFailure>
  ): Effect.Effect<A, OwError.OwError> => Effect.catch(body(run), (failure) => publish(failure, call, run))

  const recoverBy =
    <A>({ body, learn }: StandIn<A>): Exchange.Recover<A, A, OwError.OwError> => (failure, message, begun) => {
      if (!learn(failure)) return publish(failure, message, begun)
      // A call without a limit, a schedule or a span has not started a run yet.
      const run = begun ?? begin(Infinity, undefined, undefined)
      run.progress.requestSent = true
      return goOn(message, run, (run) => body(message, run))
    }

  return {
    publish,
    attempts,

    askMany: (paths, options, problem, messageOf) => {
      const limit = defaults.limitOf(options)
      const refused = refusal({ operation: "read", path: empty, limit }, options, Argument.many(paths) ?? problem)
      if (refused !== undefined) return refused
      const schedule = defaults.scheduleOf(options, false)
      return Batch.run(transport, [...new Set(paths)], {
        refuse: (path) =>
          Attempts.problemOf(defaults, { operation: "read", path, limit }, undefined, Argument.path(path)),
        messageOf: (path) =>
          schedule === undefined
            ? messageOf(path)
            : within(messageOf(path), begin(limit, undefined, undefined).progress),
        recover: publish,
        onFailure: (message, failed) => {
          const { progress } = message
          return schedule === undefined || progress === undefined
            ? failed
            : Attempts.repeat(message, schedule, (progress) => exchange(within(message, progress), publish), {
              failed,
              progress
            })
        }
      })
    },

    ask: (message, options, problem, recover = publish) =>
      // A call that is made only once needs no closure.
      defaults.mayRepeat(options)
        ? attempts(
          message,
          options,
          problem,
          (progress) => exchange(within(message, progress), recover)
        )
        : refusal(message, options, problem) ?? exchange(message, recover),

    askOr: (standIn) => {
      const recover = recoverBy(standIn)
      return (message, options, problem) =>
        attempts(
          message,
          options,
          problem,
          (progress) =>
            Effect.suspend(() =>
              standIn.isNeeded()
                ? parts(message, progress, (run) => standIn.body(message, run))
                : exchange(progress === undefined ? message : within(message, progress), recover)
            )
        )
    },

    askAll: (named, options, problem, body) => {
      const call = { ...named, limit: defaults.limitOf(options) }
      return attempts(call, options, problem, (progress) => parts(call, progress, body))
    }
  }
}

const within = <A>(message: Exchange.Exchange<A>, progress: Progress | undefined): Exchange.Exchange<A> =>
  Exchange.make(message, { ...message, progress })
