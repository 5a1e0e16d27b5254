/**
 * The connections to one server: opened when needed, kept while they work, and replaced silently.
 */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import * as Scope from "effect/Scope"
import * as Connector from "../../Connector.ts"
import { Buses } from "../Buses.ts"
import * as ExchangeFailure from "../exchange/ExchangeFailure.ts"
import { ClientState } from "./ClientState.ts"
import { Connection, type Holder } from "./Connection.ts"
import { Deadlines } from "./Deadlines.ts"
import { Lanes } from "./Lanes.ts"
import { Lending } from "./Lending.ts"
import * as Observer from "./Observer.ts"
import * as Opener from "./Opener.ts"
import { Openings } from "./Openings.ts"
import * as Transport from "./Transport.ts"

export interface Options {
  readonly maxConnections: number
  /** In milliseconds, like the next two. */
  readonly idleTimeout: number
  readonly connectTimeout: number
  readonly silenceTimeout: number
  readonly maxPayload: number
  readonly metrics: boolean
}

export interface ConnectionPool extends Transport.Transport {
  /** Opens a connection, which proves that an owserver answers. */
  readonly connect: Effect.Effect<void, ExchangeFailure.Told>
}

/** Pause after a failed opening while other connections serve, in milliseconds. */
const restMillis = 100

/** The peer may not be the owserver that answered there before, or that server may have stopped. */
const isDoubtful = (failure: ExchangeFailure.ExchangeFailure, { hasServed }: Connection): boolean =>
  failure._tag === "Protocol" || failure._tag === "Silence" || (failure._tag === "Closed" && !hasServed)

export const make = Effect.fnUntraced(
  function*(options: Options): Effect.fn.Return<ConnectionPool, never, Connector.Connector | Scope.Scope> {
    const { idleTimeout, connectTimeout, maxConnections, maxPayload, metrics, silenceTimeout } = options
    const connector = yield* Connector.Connector
    const clock = yield* Clock.Clock
    // Closed after the finalizer below has informed every caller.
    const scope = yield* Scope.fork(yield* Effect.scope)
    const context = yield* Effect.context()
    const runFork = Effect.runForkWith(context)
    const fork = (effect: Effect.Effect<void>): Fiber.Fiber<void> => Fiber.runIn(runFork(effect), scope)
    const deadlines = new Deadlines(clock, Math.min(silenceTimeout, idleTimeout, connectTimeout), fork)
    const clientState = yield* ClientState.make
    const observers = Observer.make({ server: connector.server, deadlines, context, hasMetrics: metrics })

    /** Every connection that is not closed. */
    const connections = new Set<Connection>()
    /** Number of connections that serve calls; the others are being opened. */
    let serving = 0
    const openings = new Openings()
    /** Whether opening failed while others served. It is tried again after a pause. */
    let isResting = false

    const buses = new Buses()
    const lanes = new Lanes(buses, deadlines, maxConnections)
    /** Shortest handshake, in milliseconds, of the connections that serve, or that served while the others were opened. */
    let roundTrip = 0

    /** Whether more calls could use a connection than are being opened, and there is room for another. */
    const isShort = (): boolean =>
      !lending.isClosed && serving + openings.size < maxConnections && lanes.exceed(openings.size) &&
      !(isResting && serving + openings.size > 0)

    const lending = new Lending(lanes, deadlines, () => {
      while (isShort()) openOne(openings.begin())
    })

    const holder: Holder = {
      deadlines,
      maxPayload,
      connectTimeout,
      silenceTimeout,
      idleTimeout,
      onAnswered: (connection, isFirst) => {
        clientState.onAnswered(isFirst)
        if (!connection.isClosed && connection.isServing) lending.release(connection)
      },
      onClosed: (connection, failure, isUnanswered) => {
        if (failure !== undefined || isUnanswered) opener.forget()
        if (failure !== undefined && isDoubtful(failure, connection)) opener.doubt(connection.endpoint.address)
        connections.delete(connection)
        observers.onConnections(-1)
        lending.remove(connection)
        if (!connection.isServing) return
        serving--
        if (failure !== undefined && !lending.isClosed) clientState.onLost(failure, serving + openings.size)
        lending.lend()
      }
    }

    const opener = Opener.make({
      connector,
      deadlines,
      connectTimeout,
      observers,
      fork,
      nextCall: () => lanes.peek(),
      connectionTo: (endpoint) => {
        const connection = new Connection(endpoint, holder)
        connections.add(connection)
        observers.onConnections(1)
        return connection
      },
      isClosed: () => lending.isClosed
    })

    const adopt = (connection: Connection): void => {
      // A server that keeps no connections closed this one after it had identified itself.
      if (connection.isClosed) return
      if (lending.isClosed) return connection.close()
      roundTrip = serving === 0 ? connection.roundTrip : Math.min(roundTrip, connection.roundTrip)
      lanes.measure(roundTrip)
      connection.isServing = true
      serving++
      openings.renewHopes()
      lending.release(connection)
    }

    const openOne = (opening: number): void =>
      opener.begin((outcome) => {
        openings.end(opening)
        if (Exit.isSuccess(outcome)) {
          adopt(outcome.value)
          return lending.lend()
        }
        const failure = failureOf(connector.server, outcome.cause)
        if (!lending.isClosed) clientState.onUnopened(failure, serving + openings.size)
        if (serving === 0) lending.failWaiting(failure, openings.hopeless())
        // A call that other connections can still serve waits for them, or for the next opening.
        if (serving + openings.size > 0 && !isResting) {
          isResting = true
          fork(rest)
        }
      })

    const rest = Effect.map(Effect.sleep(restMillis), () => {
      isResting = false
      lending.lend()
    })

    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        lending.close()
        for (const connection of connections) connection.fail(ExchangeFailure.closedByUs(true))
        clientState.onClientClosed()
      })
    )

    return {
      server: connector.server,
      maxPayload,
      state: clientState.changes,
      observers,
      buses,
      maxConnections,
      connect: Effect.map(opener.open, adopt),
      ...Transport.make({ deadlines, lending, observers })
    }
  }
)

/** A connector that breaks its contract must not leave its callers waiting. */
const failureOf = (address: string, cause: Cause.Cause<ExchangeFailure.Told>): ExchangeFailure.Told => {
  const failure = Cause.findError(cause)
  return Result.isSuccess(failure)
    ? failure.success
    : { _tag: "Connect", attempts: [{ address, problem: `did not open (${String(Cause.squash(cause))})` }] }
}
