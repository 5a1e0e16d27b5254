/**
 * The connections to one server: opened when needed, kept while they are good, replaced without a word.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Pool from "effect/Pool"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import { empty } from "../../internal/bytes.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as Connector from "../Connector.ts"
import * as Connection from "./Connection.ts"
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
  /** Opens a connection where there is none, and proves by it that an owserver answers. */
  readonly connect: Effect.Effect<void, Failure.Failure>
}

const handshake: Exchange<void> = {
  request: {
    type: MessageType.Nop,
    flags: defaultFlags,
    path: empty,
    size: 0,
    offset: 0
  },
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

const closedByUs: Failure.Failure = {
  _tag: "Closed",
  problem: "this client has been closed",
  requestSent: false,
  isStale: false
}

export const make = Effect.fnUntraced(
  function*(options: Options): Effect.fn.Return<ConnectionPool, never, Connector.Connector | Scope.Scope> {
    const connector = yield* Connector.Connector
    const clock = yield* Clock.Clock
    const runFork = Effect.runForkWith(yield* Effect.context())
    const connections = new Set<Connection.Connection>()
    /** Addresses at which an owserver has answered. */
    const known = new Set<string>()
    let lastGood: string | undefined
    let isClosed = false

    // One watch for all connections: their limit is the same, so no request can end before one that began earlier.
    let isWatching = false
    const watch = Effect.gen(function*() {
      while (true) {
        const now = clock.currentTimeMillisUnsafe()
        let next = Infinity
        for (const connection of connections) {
          const since = connection.silentSince
          if (since === undefined) continue
          const elapsed = now - since
          if (elapsed >= options.silenceTimeout) {
            connection.fail({ _tag: "Silence", elapsed, limit: options.silenceTimeout })
          } else next = Math.min(next, options.silenceTimeout - elapsed)
        }
        if (next === Infinity) {
          isWatching = false
          return
        }
        yield* Effect.sleep(next)
      }
    })
    const watchScope = yield* Scope.fork(yield* Effect.scope)
    const onWaiting = (): void => {
      if (isWatching || options.silenceTimeout === Infinity) return
      isWatching = true
      runFork(Effect.forkIn(Effect.andThen(Effect.yieldNow, watch), watchScope))
    }

    // The connection may still be lent when it retires. Told then, the pool would open another for the same caller.
    const onRetired = (connection: Connection.Connection): void => {
      connections.delete(connection)
      if (!isClosed) runFork(Effect.andThen(Effect.yieldNow, Effect.suspend(() => Pool.invalidate(pool, connection))))
    }

    const openLink = Effect.fnUntraced(function*(endpoint: Connector.Endpoint) {
      const connection = new Connection.Connection({ clock, maxPayload: options.maxPayload, onWaiting, onRetired })
      connection.attach(
        yield* endpoint.open(connection).pipe(Effect.timeoutOrElse({
          duration: options.connectTimeout,
          orElse: () => new Connector.LinkError({ problem: `did not answer within ${options.connectTimeout / 1000} s` })
        }))
      )
      connections.add(connection)
      yield* Effect.addFinalizer(() => Effect.sync(() => connection.shutdown()))
      return connection
    })

    /** Opens a connection to an address, and asks one that is not known yet who it is. */
    const openEndpoint = Effect.fnUntraced(function*(
      endpoint: Connector.Endpoint
    ): Effect.fn.Return<Connection.Connection, AttemptFailure, Scope.Scope> {
      const connection = yield* openLink(endpoint)
      if (known.has(endpoint.address)) return connection
      yield* connection.exchange(handshake).pipe(Effect.timeoutOrElse({
        duration: options.connectTimeout,
        orElse: () =>
          Effect.fail<AttemptFailure>({
            _tag: "Silence",
            elapsed: options.connectTimeout,
            limit: options.connectTimeout
          })
      }))
      known.add(endpoint.address)
      return connection.isUsable ? connection : yield* openLink(endpoint)
    })

    const resolve = connector.resolve.pipe(
      Effect.timeoutOrElse({
        duration: options.connectTimeout,
        orElse: () => new Connector.LinkError({ problem: `no answer within ${options.connectTimeout / 1000} s` })
      }),
      Effect.mapError(({ cause, problem }): Failure.Failure => ({ _tag: "Resolve", problem, cause }))
    )

    const open = Effect.gen(function*() {
      const endpoints = yield* resolve
      const scope = yield* Effect.scope
      const failures: Array<readonly [address: string, failure: AttemptFailure]> = []
      // An address that serves is asked first, so that a dead one beside it is met once.
      const good = endpoints.filter(({ address }) => address === lastGood)
      for (const endpoint of [...good, ...endpoints.filter(({ address }) => address !== lastGood)]) {
        const attemptScope = yield* Scope.fork(scope)
        const result = yield* openEndpoint(endpoint).pipe(Scope.provide(attemptScope), Effect.result)
        if (Result.isSuccess(result)) {
          lastGood = endpoint.address
          return result.success
        }
        yield* Scope.close(attemptScope, Exit.void)
        failures.push([endpoint.address, result.failure])
      }
      return yield* Effect.fail(verdict(failures))
    })

    const pool: Pool.Pool<Connection.Connection, Failure.Failure> = yield* Pool.makeWithTTL({
      acquire: open,
      min: 0,
      max: options.maxConnections,
      timeToLive: options.idleTimeout
    })

    // The pool waits for what it has lent when it shuts down; a server at work would keep it waiting.
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        isClosed = true
        for (const connection of connections) connection.shutdown()
      })
    )

    const run = <A>(exchange: Exchange<A>, replays: number): Effect.Effect<A, Failure.Failure | Failure.Refused> =>
      isClosed
        ? Effect.fail(closedByUs)
        : Effect.catch(Pool.use(pool, (connection) => connection.exchange(exchange)), (failure) => {
          if (failure._tag === "Unusable") {
            return Effect.andThen(
              Pool.invalidate(pool, failure.connection),
              Effect.suspend(() => run(exchange, replays))
            )
          }
          if (failure._tag === "Protocol") known.clear()
          // Each connection that was closed while idle can be met once, and is gone then.
          return failure._tag === "Closed" && failure.isStale && replays > 0 && idempotent.has(exchange.request.type)
            ? Effect.suspend(() => run(exchange, replays - 1))
            : Effect.fail(failure)
        })

    return {
      server: connector.server,
      connect: Pool.use(pool, () => Effect.void),
      exchange: (exchange) => Effect.suspend(() => run(exchange, options.maxConnections))
    }
  }
)

type AttemptFailure = Failure.Failure | Failure.Refused | Connector.LinkError | Connection.Unusable

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
  const attempts = failures.map(([address, failure]): Failure.Attempt => ({ address, problem: problemOf(failure) }))
  for (const [address, failure] of failures) {
    if (failure._tag === "Protocol") {
      return {
        ...failure,
        problem: `${address}: ${failure.problem}`,
        attempts: attempts.filter((attempt) => attempt.address !== address)
      }
    }
  }
  return { _tag: failures.every(([, { _tag }]) => _tag === "LinkError") ? "Connect" : "Silent", attempts }
}
