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
import { identity } from "effect/Function"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import { empty } from "../../internal/bytes.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Connector from "../Connector.ts"
import { Call } from "./Call.ts"
import { CallQueue } from "./CallQueue.ts"
import * as ClientState from "./ClientState.ts"
import { Connection, type Holder } from "./Connection.ts"
import { Deadlines } from "./Deadlines.ts"
import * as ExchangeFailure from "./ExchangeFailure.ts"
import * as Observer from "./Observer.ts"
import type { Run } from "./Progress.ts"
import * as replies from "./replies.ts"
import { defaultFlags, type Exchange, type Recover, type Transport } from "./Transport.ts"

export interface Options {
  readonly maxConnections: number
  /** In milliseconds, as the next two. */
  readonly idleTimeout: number
  readonly connectTimeout: number
  readonly silenceTimeout: number
  readonly maxPayload: number
  readonly metrics: boolean
}

export interface ConnectionPool extends Transport {
  /** Opens a connection, and proves by it that an owserver answers. */
  readonly connect: Effect.Effect<void, ExchangeFailure.Told>
}

const handshake: Exchange<void> = {
  operation: "connect",
  type: MessageType.Nop,
  flags: defaultFlags,
  path: empty,
  data: undefined,
  size: 0,
  offset: 0,
  limit: Infinity,
  progress: undefined,
  check: replies.nop,
  // Whatever a server says in the form of a reply, it is an owserver.
  judge: replies.none,
  decode: () => {},
  onEntry: undefined
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
const isDoubtful = (failure: ExchangeFailure.ExchangeFailure, { hasServed }: Connection): boolean =>
  failure._tag === "Protocol" || failure._tag === "Silence" || (failure._tag === "Closed" && !hasServed)

export const make = Effect.fnUntraced(
  function*(options: Options): Effect.fn.Return<ConnectionPool, never, Connector.Connector | Scope.Scope> {
    const connector = yield* Connector.Connector
    const clock = yield* Clock.Clock
    // Closed after the finalizer below has told every caller.
    const scope = yield* Scope.fork(yield* Effect.scope)
    const context = yield* Effect.context()
    const runFork = Effect.runForkWith(context)
    const fork = (effect: Effect.Effect<void>): Fiber.Fiber<void> => Fiber.runIn(runFork(effect), scope)
    const deadlines = new Deadlines(
      clock,
      Math.min(options.silenceTimeout, options.idleTimeout, options.connectTimeout),
      fork
    )
    const clientState = yield* ClientState.make
    const observers = Observer.make({ server: connector.server, deadlines, context, hasMetrics: options.metrics })

    /** Every connection that is not closed. */
    const connections = new Set<Connection>()
    /** How many of them serve calls; the others are being opened. */
    let serving = 0
    /** Those that are free, the one used last at the end. */
    const free: Array<Connection> = []
    /** The attempts at a connection that are under way, by their numbers, the oldest first. */
    const attempts = new Set<number>()
    let lastAttempt = 0
    /** Who hoped for older attempts than this has seen one succeed since, and hopes anew. */
    let renewed = 0
    /** Opening failed while others served; it is tried again after a while. */
    let isResting = false
    /** Calls without a connection, in their order. */
    const waiting = new CallQueue()
    /** Addresses at which an owserver has answered, whether it keeps connections, and the last of them that did. */
    const known = new Map<string, "keeps" | "refuses">()
    let lastGood: string | undefined
    let isClosed = false
    let isPumping = false

    /** Lends a connection to the next call. */
    const release = (connection: Connection): void => {
      if (!connection.isServing) return
      free.push(connection)
      pump()
    }

    const holder: Holder = {
      ...options,
      deadlines,
      onAnswered: (connection, isFirst) => {
        clientState.onAnswered(isFirst)
        if (!connection.isClosed) release(connection)
      },
      onClosed: (connection, failure) => {
        // Whoever lives there now must say again who they are, before a request is sent that might be lost.
        const { address } = connection.endpoint
        if (failure !== undefined && isDoubtful(failure, connection)) {
          known.delete(address)
          if (lastGood === address) lastGood = undefined
        }
        connections.delete(connection)
        observers.onConnections(-1)
        const index = free.indexOf(connection)
        if (index >= 0) free.splice(index, 1)
        if (!connection.isServing) return
        serving--
        if (failure !== undefined && !isClosed) clientState.onLost(failure, serving + attempts.size)
        pump()
      }
    }

    /** More calls wait than connections are coming, and there is room for one more. */
    const isShort = (): boolean =>
      !isClosed && attempts.size < waiting.size && serving + attempts.size < options.maxConnections &&
      !(isResting && serving + attempts.size > 0)

    /** Gives calls that wait to connections that are free, and opens more of them while calls are left. */
    const pump = (): void => {
      // A link that answers at once comes back to here from within.
      if (isPumping) return
      isPumping = true
      while (free.length > 0) {
        // Taken one by one, for a call that fails at once comes back in front of the others.
        const call = waiting.shift()
        if (call === undefined) break
        free.pop()?.begin(call)
      }
      isPumping = false
      while (isShort()) {
        attempts.add(++lastAttempt)
        fork(openOne(lastAttempt))
      }
    }

    /** Opens a link to one address, and asks who is there where that is not known. */
    const openEndpoint = (endpoint: Connector.Endpoint): Effect.Effect<Connection, ExchangeFailure.ExchangeFailure> =>
      Effect.callback((resume) => {
        if (isClosed) return resume(Effect.fail(closedByUs(false)))
        const fiber = Fiber.getCurrent()
        const connection = new Connection(endpoint, holder)
        connections.add(connection)
        observers.onConnections(1)
        const failWith = (failure: ExchangeFailure.ExchangeFailure): void => resume(Effect.fail(failure))
        const introduce = (): void => {
          const call = new Call(
            handshake,
            ({ observer }, failure) => {
              observer?.onFailure(failure)
              failWith(failure)
            },
            Effect.fail,
            () => {
              known.set(endpoint.address, connection.isClosed ? "refuses" : "keeps")
              resume(Effect.succeed(connection))
            },
            undefined,
            observers.of(handshake, fiber, undefined)
          )
          connection.begin(call)
        }
        connection.open((failure) => {
          if (failure !== undefined) return failWith(failure)
          // That a server took a connection proves nothing: one that is shutting down takes them and never answers. Only
          // where an owserver has answered before, and the connection will serve one call, that call goes ahead.
          const answer = known.get(endpoint.address)
          const call = waiting.peek()
          const isForOneCall = call !== undefined && !ControlFlags.isPersistent(call.exchange.flags)
          if (answer === "refuses" || (answer === "keeps" && isForOneCall)) resume(Effect.succeed(connection))
          else introduce()
        })
        return Effect.sync(() => connection.close())
      })

    const resolve = connector.resolve.pipe(
      // An address is there at once, and needs no clock.
      Exit.isExit(connector.resolve) ? identity : Effect.timeoutOrElse({
        duration: options.connectTimeout,
        orElse: () =>
          Effect.fail(new Connector.LinkError({ problem: `no answer within ${options.connectTimeout / 1000} s` }))
      }),
      Effect.mapError(({ cause, problem }): ExchangeFailure.Told => ({ _tag: "Resolve", problem, cause }))
    )

    const open = Effect.gen(function*() {
      const endpoints = yield* resolve
      const failures: Array<readonly [address: string, failure: ExchangeFailure.ExchangeFailure]> = []
      // An address that serves is asked first, so that a dead one beside it is met once.
      const good = endpoints.filter(({ address }) => address === lastGood)
      for (const endpoint of [...good, ...endpoints.filter(({ address }) => address !== lastGood)]) {
        const result = yield* Effect.result(openEndpoint(endpoint))
        if (Result.isSuccess(result)) {
          lastGood = endpoint.address
          return result.success
        }
        if (isClosed) return yield* Effect.fail(closedByUs(false))
        failures.push([endpoint.address, result.failure])
      }
      return yield* Effect.fail(ExchangeFailure.verdict(failures))
    })

    const adopt = (connection: Connection): void => {
      // A server that keeps no connection closed this one after it had said who it is.
      if (connection.isClosed) return
      if (isClosed) return connection.close()
      connection.isServing = true
      serving++
      renewed = ++lastAttempt
      release(connection)
    }

    const failWaiting = (failure: ExchangeFailure.ExchangeFailure, isHopeless: (call: Call) => boolean): void => {
      const failed = waiting.filter(isHopeless)
      for (const call of failed) waiting.delete(call)
      for (const call of failed) onFailure(call, failure)
    }

    /** Once an attempt has failed, a call waits for those that were under way then, and not for ever newer ones. */
    const failHopeless = (failure: ExchangeFailure.ExchangeFailure): void => {
      const [oldest = Infinity] = attempts
      failWaiting(failure, (call) => {
        if (call.lastHope < renewed) call.lastHope = lastAttempt
        return call.lastHope < oldest
      })
    }

    const openOne = (attempt: number) =>
      Effect.matchCause(open, {
        onSuccess: (connection) => {
          attempts.delete(attempt)
          adopt(connection)
          pump()
        },
        onFailure: (cause) => {
          attempts.delete(attempt)
          const failure = failureOf(connector.server, cause)
          if (!isClosed) clientState.onUnopened(failure, serving + attempts.size)
          if (serving === 0) failHopeless(failure)
          // A call that others can still serve waits for them, or for the next attempt.
          if (serving + attempts.size > 0 && !isResting) {
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
        failWaiting(closedByUs(false), () => true)
        for (const connection of connections) connection.fail(closedByUs(true))
        clientState.onClientClosed()
      })
    )

    /** Takes a call away from wherever it is. */
    const withdraw = (call: Call): void => {
      call.isOver = true
      waiting.delete(call)
      if (call.run !== undefined) deadlines.delete(call)
      call.connection?.close()
    }

    /**
     * A connection that was closed while idle is met once, so that passing by those ends; a new one that is closed at the
     * first request may be closed because of it, and that is tried once.
     */
    const isReplayable = (call: Call): boolean => {
      if (isClosed || !idempotent.has(call.exchange.type)) return false
      if (call.connection?.hasServed === true) return true
      const isFirst = !call.isReplayed
      call.isReplayed = true
      return isFirst
    }

    const onFailure = (call: Call, failure: ExchangeFailure.ExchangeFailure): void => {
      if (call.isOver) return
      if (failure._tag === "Closed" && failure.isUnheard && isReplayable(call)) {
        call.observer?.onReplay()
        call.lastHope = -1
        waiting.unshift(call)
        return pump()
      }
      withdraw(call)
      call.observer?.onFailure(failure)
      call.resume(call.recover(failure, call.exchange, call.run))
    }

    const start = (
      exchange: Exchange<unknown>,
      recover: Recover<unknown, unknown, unknown>,
      run: Run | undefined,
      resume: (effect: Effect.Effect<unknown, unknown>) => void
    ): Effect.Effect<void> | void => {
      const fiber = Fiber.getCurrent()
      if (run === undefined) {
        // As a part of a run it comes back to here.
        if (observers.isTraced(fiber)) return resume(trace(exchange, recover))
        if (exchange.limit < Infinity || exchange.progress !== undefined) {
          run = begin(exchange.limit, exchange.progress, undefined)
        }
      }
      const call = new Call(exchange, onFailure, recover, resume, run, observers.of(exchange, fiber, run))
      if (isClosed) return onFailure(call, closedByUs(false))
      if (run !== undefined && run.limit < Infinity) deadlines.add(call)
      const connection = waiting.size === 0 ? free.pop() : undefined
      if (connection !== undefined) connection.begin(call)
      else {
        waiting.push(call)
        pump()
      }
      return Effect.sync(() => {
        withdraw(call)
        call.observer?.onInterrupt()
      })
    }

    const trace = (exchange: Exchange<unknown>, recover: Recover<unknown, unknown, unknown>) =>
      observers.withSpan(
        exchange,
        (span) => Effect.suspend(() => send(exchange, recover, begin(exchange.limit, exchange.progress, span)))
      )

    const send = (
      exchange: Exchange<unknown>,
      recover: Recover<unknown, unknown, unknown>,
      run?: Run
    ): Effect.Effect<unknown, unknown> => Effect.callback((resume) => start(exchange, recover, run, resume))

    const begin: Transport["begin"] = (limit, progress, span) => ({
      progress: progress ?? { startedAt: deadlines.now(), requestSent: false },
      limit,
      span,
      waited: 0,
      keepalives: 0,
      replays: 0
    })

    return {
      server: connector.server,
      maxPayload: options.maxPayload,
      state: clientState.changes,
      observers,
      connect: Effect.map(open, adopt),
      begin,
      // What is recovered and what is decoded is what comes back.
      exchange: send as Transport["exchange"]
    }
  }
)

const closedByUs = (requestSent: boolean): ExchangeFailure.Told => ({
  _tag: "Closed",
  problem: "this client has been closed",
  requestSent,
  isUnheard: false,
  isOurs: true
})

/** A connector that breaks its promise must not leave its callers waiting. */
const failureOf = (address: string, cause: Cause.Cause<ExchangeFailure.Told>): ExchangeFailure.Told => {
  const failure = Cause.findError(cause)
  return Result.isSuccess(failure)
    ? failure.success
    : { _tag: "Connect", attempts: [{ address, problem: `did not open (${String(Cause.squash(cause))})` }] }
}
