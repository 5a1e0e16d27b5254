/**
 * The sending of requests, as the calls above see it. Each request is one suspended callback, with no fiber, scope or timer of
 * its own; it takes its connection from those that are lent.
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
  /** The server, as it was asked for. */
  readonly server: string
  /** Longest payload that is accepted, in bytes. */
  readonly maxPayload: number
  readonly state: Stream.Stream<OwClient.State>
  readonly observers: Observers
  /** What is known of the server's buses. */
  readonly buses: Buses
  /** Maximum number of requests that are under way at a time. */
  readonly maxConnections: number
  /** Begins a call of several parts, or another attempt of one. */
  readonly begin: (limit: number, progress: Progress | undefined, span: Tracer.Span | undefined) => Run
  /** Sends one request and gives its answer, for a call of its own or as a part of a run. */
  readonly exchange: <A, B, E>(
    exchange: Exchange<A>,
    recover: Recover<A, B, E>,
    run?: Run | undefined
  ) => Effect.Effect<A | B, E>
  /** Sends one request on behalf of a fiber. `undefined` if it has ended already. */
  readonly start: <A, B, E>(
    fiber: Fiber.Fiber<unknown, unknown> | undefined,
    exchange: Exchange<A>,
    recover: Recover<A, B, E>,
    run: Run | undefined,
    resume: (answer: Effect.Effect<A | B, E>) => void
  ) => Call | undefined
  /** Takes a request back whose answer nobody wants any more. */
  readonly giveUp: (call: Call) => void
}

/** Makes the functions that send requests over connections that are lent. */
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
      // As a part of a run it comes back to here.
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

  // The answer is what was decoded or what was recovered.
  return { begin, exchange: send as Transport["exchange"], giveUp, start: start as Transport["start"] }
}
