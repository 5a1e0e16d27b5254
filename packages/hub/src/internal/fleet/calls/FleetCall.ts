/** A call that another process of the fleet answers. Errors of the engine, and its silence, become errors of a client. */
import { OwError, ServerAddress } from "@effect-ownet/core"
import * as Cause from "effect/Cause"
import type * as ClusterError from "effect/cluster/ClusterError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Latch from "effect/Latch"
import * as Option from "effect/Option"

/** Errors of the engine. */
export type EngineError =
  | ClusterError.MailboxFull
  | ClusterError.AlreadyProcessingMessage
  | ClusterError.PersistenceError
  | ClusterError.EntityNotAssignedToRunner

interface Call {
  readonly operation: OwError.Operation
  readonly path?: string | undefined
  readonly server: string
}

/** Time from the start of a call to the first check that a runner is still alive, and between checks. */
const askEvery: Duration.Input = "5 seconds"

/** Maximum time without an answer to that check. After the death of a runner, another one has its servers within 11 seconds. */
const patience: Duration.Input = "30 seconds"

/** The address of a server by its name, in the form that its client uses. */
export const shown = (name: string): string =>
  Option.match(ServerAddress.fromString(name), { onNone: () => name, onSome: ServerAddress.format })

const unreachable = (call: Call, requestSent: boolean, problem: string, cause?: unknown): OwError.ConnError =>
  new OwError.ConnError({
    operation: call.operation,
    path: call.path,
    server: call.server,
    reason: { _tag: "Unreachable" },
    problem,
    attempts: [],
    requestSent,
    cause
  })

/** The error of a message that arrived a second time, or at another runner than the first. */
export const lost = (call: Call): OwError.ConnError =>
  unreachable(
    call,
    true,
    "the runner of the fleet that was asked stopped, or lost the connection to its caller, before it answered"
  )

/**
 * Makes a function that calls the runner of a server. It waits for the answer while a runner is alive that may give it. An
 * interruption takes effect at once, even if that runner is gone.
 */
export const make = ({ closed, name, server }: {
  readonly name: string
  readonly server: string
  readonly closed: Latch.Latch
}) =>
<A, E, E2>(
  { operation, path, requestSent }: Pick<Call, "operation" | "path"> & { readonly requestSent: boolean },
  ask: Effect.Effect<A, E | EngineError>,
  here: Effect.Effect<void, E2>
): Effect.Effect<A, Exclude<E, EngineError> | OwError.ConnError> => {
  const call: Call = { operation, path, server }
  const noRunner = (why: string, cause?: unknown) =>
    unreachable(
      call,
      requestSent,
      `no runner of the fleet answers for ${JSON.stringify(name.slice(0, 200))}: ${why}`,
      cause
    )

  const isClosed = Effect.andThen(
    closed.await,
    Effect.fail(
      new OwError.ConnError({
        ...call,
        reason: { _tag: "ClientClosed" },
        problem: "this client has been closed",
        attempts: [],
        requestSent
      })
    )
  )

  const watched = Effect.forever(
    Effect.andThen(
      Effect.sleep(askEvery),
      Effect.timeoutOrElse(leavable(Effect.exit(here)), {
        duration: patience,
        orElse: () =>
          Effect.fail(noRunner(`it has had none for ${Duration.format(Duration.fromInputUnsafe(patience))}`))
      })
    )
  )

  const answer = Effect.catchCause(
    leavable(ask),
    (cause): Effect.Effect<never, Exclude<E, EngineError> | OwError.ConnError> => {
      const error = Cause.findErrorOption(cause)
      if (Option.isSome(error)) {
        // A runner that leaves closes its client. The client of the next runner is open, and so is this one.
        if (
          error.value instanceof OwError.ConnError && error.value.reason._tag === "ClientClosed" && !closed.isOpen()
        ) {
          return Effect.fail(
            unreachable(
              call,
              error.value.requestSent,
              "the runner of the fleet that was asked stopped before it answered"
            )
          )
        }
        const why = problemOf(error.value)
        return Effect.fail(why === undefined ? error.value as Exclude<E, EngineError> : noRunner(why, error.value))
      }
      if (closed.isOpen()) return isClosed
      return Effect.fail(
        Cause.hasInterruptsOnly(cause)
          ? noRunner("it stopped before it answered")
          : noRunner("it failed: see its log", Cause.squash(cause))
      )
    }
  )

  return closed.isOpen() ? isClosed : Effect.raceAllFirst([answer, watched, isClosed])
}

/** An error of the engine in words. */
const problemOf = (error: unknown): string | undefined => {
  switch ((error as { readonly _tag?: unknown } | undefined)?._tag) {
    case "MailboxFull":
      return "it already has too many calls to answer"
    case "AlreadyProcessingMessage":
      return "it is already answering the same message"
    case "EntityNotAssignedToRunner":
      return "it is about to stop"
    case "PersistenceError":
      return "the engine's storage failed"
    default:
      return undefined
  }
}

/** Lets its caller leave at once, because the engine may try for a while to notify the runner of an interruption. */
const leavable = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(effect, { startImmediately: true }),
      (fiber) => Effect.onExit(restore(Fiber.join(fiber)), () => Effect.sync(() => fiber.interruptUnsafe()))
    )
  )

/** Ends a call after its time limit. */
export const within = <A, E>(
  call: Call,
  timeout: Duration.Input | undefined,
  ask: (millis: number | undefined) => Effect.Effect<A, E>
): Effect.Effect<A, E | OwError.ArgumentError | OwError.OwnetTimeout> => {
  if (timeout === undefined) return ask(undefined)
  const limit = Option.match(Duration.fromInput(timeout), { onNone: () => Number.NaN, onSome: Duration.toMillis })
  if (!(limit > 0)) {
    return Effect.fail(
      new OwError.ArgumentError({
        operation: call.operation,
        path: call.path,
        argument: "timeout",
        problem: `must be a duration above zero, not ${String(timeout)}`
      })
    )
  }
  if (limit === Infinity) return ask(undefined)
  return Effect.clockWith((clock) => {
    const startedAt = clock.monotonicTimeNanosUnsafe()
    return Effect.timeoutOrElse(ask(limit), {
      duration: limit,
      orElse: () =>
        Effect.fail(
          new OwError.OwnetTimeout({
            ...call,
            reason: { _tag: "Call" },
            elapsed: Number(clock.monotonicTimeNanosUnsafe() - startedAt) / 1e6,
            limit,
            requestSent: false
          })
        )
    })
  })
}
