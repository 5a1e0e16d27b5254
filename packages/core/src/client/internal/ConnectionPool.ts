/**
 * The connections to one server: opened when needed, kept while they are good, replaced without a word.
 *
 * A call that finds no connection free waits in a queue, and the next one that comes free takes it at once. It is made of
 * one suspended callback, with no fiber, scope or timer of its own.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import { empty } from "../../internal/bytes.ts"
import { monotonicMillis } from "../../internal/clock.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Connector from "../Connector.ts"
import type * as OwError from "../OwError.ts"
import { type Call, Connection } from "./Connection.ts"
import type * as Failure from "./Failure.ts"
import * as replies from "./replies.ts"
import { defaultFlags, type Exchange, type Transport } from "./Transport.ts"

export interface Options {
  readonly maxConnections: number
  /** In milliseconds, as the next two. */
  readonly idleTimeout: number
  readonly connectTimeout: number
  readonly silenceTimeout: number
  readonly maxPayload: number
}

export interface ConnectionPool extends Transport {
  /** Opens a connection, and proves by it that an owserver answers. */
  readonly connect: Effect.Effect<void, Failure.Failure>
}

const handshake: Exchange<void> = {
  request: { type: MessageType.Nop, flags: defaultFlags, path: empty, size: 0, offset: 0 },
  check: replies.nop,
  // Whatever a server says in the form of a reply, it is an owserver.
  isRaw: true,
  decode: () => {}
}

/** Messages that change nothing: sending one twice does no harm. */
const idempotent: ReadonlySet<number> = new Set([
  MessageType.Nop,
  MessageType.Read,
  MessageType.Dir,
  MessageType.Presence,
  MessageType.DirAll,
  MessageType.Get,
  MessageType.DirAllSlash,
  MessageType.GetSlash
])

/** How long a failed opening rests while other connections serve. */
const restMillis = 100

/** The peer may be another one than the owserver that answered there, or that server may have stopped. */
const isDoubtful = (failure: Failure.Failure, { hasServed }: Connection): boolean =>
  failure._tag === "Protocol" || failure._tag === "Silence" || (failure._tag === "Closed" && !hasServed)

/** A step of opening a connection that takes its time. */
interface Step {
  readonly beganAt: number
  readonly onTimeout: () => void
}

type AttemptFailure = Failure.Failure | Failure.Refused | Connector.LinkError

export const make = Effect.fnUntraced(
  function*(options: Options): Effect.fn.Return<ConnectionPool, never, Connector.Connector | Scope.Scope> {
    const connector = yield* Connector.Connector
    const clock = yield* Clock.Clock
    // Closed after the finalizer below has told every caller.
    const scope = yield* Scope.fork(yield* Effect.scope)
    const runFork = Effect.runForkWith(yield* Effect.context())
    const fork = (effect: Effect.Effect<void>): void => void Fiber.runIn(runFork(effect), scope)

    /** Every connection that has a link. */
    const linked = new Set<Connection>()
    /** Those that serve calls; the others are asked who they are. */
    const serving = new Set<Connection>()
    /** Those of them that are free, the one used last at the end. */
    const free: Array<Connection> = []
    let opening = 0
    /** Opening failed while others served; it is tried again after a while. */
    let isResting = false
    /** Calls without a connection, in their order. */
    let waiting = new Set<Call>()
    /** Addresses at which an owserver has answered, whether it keeps connections, and the last of them that did. */
    const known = new Map<string, "keeps" | "refuses">()
    let lastGood: string | undefined
    let isClosed = false
    let isPumping = false

    // One watch for all clocks. Nothing that begins while it sleeps can end before it wakes, for it never sleeps longer
    // than the shortest of the limits.
    const steps = new Set<Step>()
    const shortest = Math.min(options.silenceTimeout, options.idleTimeout, options.connectTimeout)
    let isWatching = false
    const watch = Effect.gen(function*() {
      while (linked.size + steps.size > 0) {
        const now = monotonicMillis(clock)
        let next = shortest
        for (const connection of linked) {
          const elapsed = now - connection.activeAt
          const limit = connection.isBusy ? options.silenceTimeout : options.idleTimeout
          if (elapsed < limit) next = Math.min(next, limit - elapsed)
          else if (connection.isBusy) connection.fail({ _tag: "Silence", elapsed, limit })
          else connection.close()
        }
        for (const step of steps) {
          const left = options.connectTimeout - (now - step.beganAt)
          if (left > 0) next = Math.min(next, left)
          else step.onTimeout()
        }
        if (linked.size + steps.size > 0) yield* Effect.sleep(next)
      }
      isWatching = false
    })
    const startWatch = (): void => {
      if (isWatching) return
      isWatching = true
      fork(watch)
    }

    /** Ends a step of opening a connection when the connect clock runs out, whatever becomes of it. */
    const limited = <A, E>(effect: Effect.Effect<A, E>, onTimeout: () => E): Effect.Effect<A, E> =>
      Effect.callback((resume) => {
        const fiber = runFork(effect)
        const exit = fiber.pollUnsafe()
        if (exit !== undefined) return resume(exit)
        const step: Step = {
          beganAt: monotonicMillis(clock),
          onTimeout: () => {
            steps.delete(step)
            resume(Effect.fail(onTimeout()))
            fiber.interruptUnsafe()
          }
        }
        steps.add(step)
        startWatch()
        fiber.addObserver((exit) => {
          steps.delete(step)
          resume(exit)
        })
        return Effect.suspend(() => {
          steps.delete(step)
          return Fiber.interrupt(fiber)
        })
      })
    const connectSeconds = options.connectTimeout / 1000

    const onClosed = (connection: Connection): void => {
      linked.delete(connection)
      const index = free.indexOf(connection)
      if (index >= 0) free.splice(index, 1)
      if (serving.delete(connection)) pump()
    }

    const onFree = (connection: Connection): void => {
      if (!serving.has(connection)) return
      free.push(connection)
      pump()
    }

    /** More calls wait than connections are coming, and there is room for one more. */
    const isShort = (): boolean =>
      !isClosed && opening < waiting.size && serving.size + opening < options.maxConnections &&
      !(isResting && serving.size + opening > 0)

    /** Gives calls that wait to connections that are free, and opens more of them while calls are left. */
    const pump = (): void => {
      // A link that answers at once comes back to here from within.
      if (isPumping) return
      isPumping = true
      while (free.length > 0) {
        // Taken one by one, for a call that fails at once comes back in front of the others.
        const [call] = waiting
        if (call === undefined) break
        waiting.delete(call)
        free.pop()?.begin(call)
      }
      isPumping = false
      while (isShort()) {
        opening++
        fork(openOne)
      }
    }

    const openLink = Effect.fnUntraced(function*(endpoint: Connector.Endpoint) {
      const linkScope = yield* Scope.fork(scope)
      const connection = new Connection({
        clock,
        maxPayload: options.maxPayload,
        onFree,
        onClosed: (closed, failure) => {
          // Whoever lives there now must say again who they are, before a request is sent that might be lost.
          if (failure !== undefined && isDoubtful(failure, closed)) {
            known.delete(endpoint.address)
            if (lastGood === endpoint.address) lastGood = undefined
          }
          onClosed(closed)
          runFork(Scope.close(linkScope, Exit.void))
        }
      })
      const link = yield* Effect.onError(
        limited(
          Scope.provide(endpoint.open(connection), linkScope),
          () => new Connector.LinkError({ problem: `did not answer within ${connectSeconds} s` })
        ),
        () => Effect.sync(() => connection.close())
      )
      connection.attach(link)
      if (connection.isClosed) {
        return yield* new Connector.LinkError({ problem: "took the connection and closed it at once" })
      }
      linked.add(connection)
      startWatch()
      return connection
    })

    /** Asks who is there. */
    const introduce = (connection: Connection) =>
      limited(
        Effect.callback<unknown, AttemptFailure>((resume) => {
          connection.begin({
            exchange: handshake,
            resume,
            onFailure: (failure) => resume(Effect.fail(failure)),
            connection: undefined
          })
          return Effect.sync(() => connection.close())
        }),
        (): AttemptFailure => ({ _tag: "Silence", elapsed: options.connectTimeout, limit: options.connectTimeout })
      )

    const openEndpoint = Effect.fnUntraced(function*(endpoint: Connector.Endpoint) {
      const connection = yield* openLink(endpoint)
      // That a server took a connection proves nothing: one that is shutting down takes them and never answers. Only where
      // an owserver has answered before, and the connection will serve one call, that call goes ahead.
      const answer = known.get(endpoint.address)
      const [call] = waiting
      const isForOneCall = call !== undefined && !ControlFlags.isPersistent(call.exchange.request.flags)
      if (answer === "refuses" || (answer === "keeps" && isForOneCall)) return connection
      yield* introduce(connection)
      connection.hasServed = false
      known.set(endpoint.address, connection.isClosed ? "refuses" : "keeps")
      return connection
    })

    const resolve = Effect.mapError(
      limited(
        connector.resolve,
        () => new Connector.LinkError({ problem: `no answer within ${connectSeconds} s` })
      ),
      ({ cause, problem }): Failure.Failure => ({ _tag: "Resolve", problem, cause })
    )

    const open = Effect.gen(function*() {
      const endpoints = yield* resolve
      const failures: Array<readonly [address: string, failure: AttemptFailure]> = []
      // An address that serves is asked first, so that a dead one beside it is met once.
      const good = endpoints.filter(({ address }) => address === lastGood)
      for (const endpoint of [...good, ...endpoints.filter(({ address }) => address !== lastGood)]) {
        const result = yield* Effect.result(openEndpoint(endpoint))
        if (Result.isSuccess(result)) {
          lastGood = endpoint.address
          return result.success
        }
        failures.push([endpoint.address, result.failure])
      }
      return yield* Effect.fail(verdict(failures))
    })

    const adopt = (connection: Connection): void => {
      // A server that keeps no connection closed this one after it had said who it is.
      if (connection.isClosed) return
      serving.add(connection)
      onFree(connection)
    }

    const failWaiting = (failure: Failure.Failure): void => {
      const failed = waiting
      waiting = new Set()
      for (const call of failed) call.onFailure(failure)
    }

    const openOne = Effect.matchCause(open, {
      onSuccess: (connection) => {
        opening--
        adopt(connection)
        pump()
      },
      onFailure: (cause) => {
        opening--
        if (serving.size + opening === 0) failWaiting(failureOf(connector.server, cause))
        // A call that other connections can still serve waits for them, or for the next attempt.
        else if (!isResting) {
          isResting = true
          fork(rest)
        }
      }
    })

    const rest = Effect.map(Effect.sleep(restMillis), () => {
      isResting = false
      pump()
    })

    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isClosed = true
        failWaiting(closedByUs(false))
        for (const connection of linked) connection.fail(closedByUs(true))
      })
    )

    const exchange = <A>(exchange: Exchange<A>): Effect.Effect<A, Failure.Failure | Failure.Refused> =>
      Effect.callback((resume) => {
        if (isClosed) return resume(Effect.fail(closedByUs(false)))
        const call: Call = {
          exchange,
          // The answer is made by `exchange.decode`, and so is the `A` that this caller waits for.
          resume: resume as Call["resume"],
          onFailure: (failure) => {
            // This ends: a connection that was closed while idle is met once, and a new one was never idle.
            const isReplayed = failure._tag === "Closed" && failure.isStale && !isClosed &&
              idempotent.has(exchange.request.type)
            if (!isReplayed) return resume(Effect.fail(failure))
            waiting = new Set([call, ...waiting])
            pump()
          },
          connection: undefined
        }
        const connection = waiting.size === 0 ? free.pop() : undefined
        if (connection !== undefined) connection.begin(call)
        else {
          waiting.add(call)
          pump()
        }
        return Effect.sync(() => {
          waiting.delete(call)
          call.connection?.close()
        })
      })

    return {
      server: connector.server,
      maxPayload: options.maxPayload,
      connect: Effect.map(open, adopt),
      exchange
    }
  }
)

const closedByUs = (requestSent: boolean): Failure.Failure => ({
  _tag: "Closed",
  problem: "this client has been closed",
  requestSent,
  isStale: false
})

/** A connector that breaks its promise must not leave its callers waiting. */
const failureOf = (address: string, cause: Cause.Cause<Failure.Failure>): Failure.Failure => {
  const failure = Cause.findError(cause)
  return Result.isSuccess(failure)
    ? failure.success
    : { _tag: "Connect", attempts: [{ address, problem: `did not open (${String(Cause.squash(cause))})` }] }
}

const problemOf = (failure: AttemptFailure): string => {
  switch (failure._tag) {
    case "LinkError":
    case "Protocol":
    case "Resolve":
      return failure.problem
    case "Silence":
      return `took the connection and said nothing for ${failure.limit / 1000} s`
    default:
      return "took the connection and closed it without an answer"
  }
}

/** What to say when no address served: the most telling of the failures, and every address with its own. */
const verdict = (
  failures: ReadonlyArray<readonly [address: string, failure: AttemptFailure]>
): Failure.Failure => {
  const attempts = failures.map(([address, failure]): OwError.Attempt => ({ address, problem: problemOf(failure) }))
  for (const [address, failure] of failures) {
    if (failure._tag === "Protocol") {
      return {
        ...failure,
        problem: `${address}: ${failure.problem}`,
        attempts: attempts.filter((attempt) => attempt.address !== address)
      }
    }
  }
  const [[, first]] = failures
  return {
    _tag: failures.every(([, { _tag }]) => _tag === "LinkError") ? "Connect" : "Silent",
    attempts,
    cause: "cause" in first ? first.cause : undefined
  }
}
