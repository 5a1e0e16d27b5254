/**
 * The sending of requests, as the layers above see it. Each request is one suspended callback, without its own fiber, scope or
 * timer, and uses a lent connection.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Stream from "effect/Stream"
import type * as Tracer from "effect/Tracer"
import type * as OwClient from "../../OwClient.ts"
import type { Buses } from "../Buses.ts"
import type { Exchange, Recover } from "../exchange/Exchange.ts"
import { type Progress, type Run, runOf } from "../exchange/Progress.ts"
import { Call } from "./Call.ts"
import type { Deadlines } from "./Deadlines.ts"
import type { Lending } from "./Lending.ts"
import type { Observers } from "./Observer.ts"

export interface Transport {
  /** The server, as the program named it. */
  readonly server: string
  /** Maximum length of an accepted payload, in bytes. */
  readonly maxPayload: number
  readonly state: Stream.Stream<OwClient.State>
  readonly observers: Observers
  /** What the client knows about the server's buses. */
  readonly buses: Buses
  /** Maximum number of requests under way at a time. */
  readonly maxConnections: number
  /** Starts a call of several parts, or another attempt of one. */
  readonly begin: (limit: number, progress: Progress | undefined, span: Tracer.Span | undefined) => Run
  /** Sends one request and returns its answer, as a call or as a part of a run. */
  readonly exchange: <A, B, E>(
    exchange: Exchange<A>,
    recover: Recover<A, B, E>,
    run?: Run | undefined
  ) => Effect.Effect<A | B, E>
  /** Sends one request for a fiber. `undefined` if it has already ended. */
  readonly start: <A, B, E>(
    fiber: Fiber.Fiber<unknown, unknown> | undefined,
    exchange: Exchange<A>,
    recover: Recover<A, B, E>,
    run: Run | undefined,
    resume: (answer: Effect.Effect<A | B, E>) => void
  ) => Call | undefined
  /** Cancels a request whose answer nobody needs any more. */
  readonly giveUp: (call: Call) => void
}

/** Makes the functions that send requests over lent connections. */
export const make = ({ deadlines, lending, observers }: {
  readonly deadlines: Deadlines
  readonly lending: Lending
  readonly observers: Observers
}): Pick<Transport, "begin" | "exchange" | "giveUp" | "start"> => {
  const begin: Transport["begin"] = (limit, progress, span) =>
    runOf(progress ?? { startedAt: deadlines.now(), requestSent: false }, limit, span)

  const giveUp: Transport["giveUp"] = (call) => {
    lending.withdraw(call)
    call.observer?.onInterrupt()
  }

  const send = (
    exchange: Exchange<unknown>,
    recover: Recover<unknown, unknown, unknown>,
    run?: Run
  ): Effect.Effect<unknown, unknown> =>
    Effect.callback((resume) => {
      const call = start(Fiber.getCurrent(), exchange, recover, run, resume)
      return call && Effect.sync(() => giveUp(call))
    })

  const start = (
    fiber: Fiber.Fiber<unknown, unknown> | undefined,
    exchange: Exchange<unknown>,
    recover: Recover<unknown, unknown, unknown>,
    run: Run | undefined,
    resume: (effect: Effect.Effect<unknown, unknown>) => void
  ): Call | undefined => {
    if (run === undefined) {
      // As a part of a run, the request calls this again.
      if (observers.isTraced(fiber)) {
        resume(trace(exchange, recover))
        return undefined
      }
      if (exchange.limit < Infinity || exchange.progress !== undefined) {
        run = begin(exchange.limit, exchange.progress, undefined)
      }
    }
    const call = new Call(exchange, lending.onFailure, recover, resume, run, observers.of(exchange, fiber, run))
    return lending.take(call) ? call : undefined
  }

  const trace = (exchange: Exchange<unknown>, recover: Recover<unknown, unknown, unknown>) =>
    observers.withSpan(
      exchange,
      (span) => Effect.suspend(() => send(exchange, recover, begin(exchange.limit, exchange.progress, span)))
    )

  // The answer is the decoded or the recovered value.
  return { begin, exchange: send as Transport["exchange"], giveUp, start: start as Transport["start"] }
}
