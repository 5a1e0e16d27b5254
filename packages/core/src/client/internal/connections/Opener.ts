/**
 * The opening of one connection: resolves the server's name, tries its addresses one after the other, and checks with a handshake
 * that an owserver answers.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Result from "effect/Result"
import { empty } from "../../../internal/bytes.ts"
import * as ControlFlags from "../../../protocol/ControlFlags.ts"
import * as Connector from "../../Connector.ts"
import * as Exchange from "../exchange/Exchange.ts"
import * as ExchangeFailure from "../exchange/ExchangeFailure.ts"
import * as replies from "../exchange/replies.ts"
import { Call } from "./Call.ts"
import type { Connection } from "./Connection.ts"
import type { Deadlines } from "./Deadlines.ts"
import type { Observers } from "./Observer.ts"

const asked: Exchange.Asked = { operation: "connect", path: empty, flags: Exchange.defaultFlags, limit: Infinity }

const handshake = Exchange.make(asked, {
  ...Exchange.ping(asked),
  // Any well-formed reply comes from an owserver, regardless of its content.
  judge: replies.none
})

/** Time for which a name is not resolved again while its address works, in milliseconds. */
const freshMillis = 5000

/** An address that did not work, and the reason. */
type Failed = readonly [address: string, failure: ExchangeFailure.ExchangeFailure]

export interface Opener {
  /** Opens a connection to the first address that works. */
  readonly open: Effect.Effect<Connection, ExchangeFailure.Told>
  /** Starts to open a connection, by plain calls if the address is known, and reports the result. */
  readonly begin: (onOpened: (outcome: Exit.Exit<Connection, ExchangeFailure.Told>) => void) => void
  /** Resolves the name again for the next connection, because one ended badly. */
  readonly forget: () => void
  /** Checks the server at an address again, before sending a request there that might be lost. */
  readonly doubt: (address: string) => void
}

export const make = ({ connectTimeout, connectionTo, connector, deadlines, fork, isClosed, nextCall, observers }: {
  readonly connector: Connector.Connector["Service"]
  readonly deadlines: Deadlines
  /** Time limit of resolving, in milliseconds. */
  readonly connectTimeout: number
  readonly observers: Observers
  readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  /** The call that may need the connection. */
  readonly nextCall: () => Call | undefined
  /** Makes a connection that is not open yet. */
  readonly connectionTo: (endpoint: Connector.Endpoint) => Connection
  /** Whether the client is closed. */
  readonly isClosed: () => boolean
}): Opener => {
  /** Addresses at which an owserver has answered, and whether it keeps connections. */
  const known = new Map<string, "keeps" | "refuses">()
  /** The last address that worked, and the time until which it is used for the name. */
  let good: Connector.Endpoint | undefined
  let freshUntil = -Infinity

  /** Whether a link to an address needs no handshake. */
  const isTrusted = (address: string): boolean => {
    // An accepted connection proves nothing: a server that is shutting down accepts connections and never answers. A call goes
    // ahead only if an owserver has answered there before, and the connection will serve one call.
    const answer = known.get(address)
    const call = nextCall()
    const isForOneCall = call !== undefined && !ControlFlags.isPersistent(call.exchange.flags)
    return answer === "refuses" || (answer === "keeps" && isForOneCall)
  }

  /** Opens a link to one address, and checks the server if it is not known. */
  const openAt = (
    endpoint: Connector.Endpoint,
    onOpened: (connection: Connection, failure?: ExchangeFailure.ExchangeFailure) => void
  ): Connection => {
    const connection = connectionTo(endpoint)
    const introduce = (): void => {
      const call = new Call(
        handshake,
        ({ observer }, failure) => {
          observer?.onFailure(failure)
          onOpened(connection, failure)
        },
        Effect.fail,
        () => {
          known.set(endpoint.address, connection.isClosed ? "refuses" : "keeps")
          onOpened(connection)
        },
        undefined,
        observers.of(handshake, undefined, undefined)
      )
      connection.begin(call)
    }
    connection.open((failure) => {
      if (failure !== undefined || isTrusted(endpoint.address)) onOpened(connection, failure)
      else introduce()
    })
    return connection
  }

  const openEndpoint = (endpoint: Connector.Endpoint): Effect.Effect<Connection, ExchangeFailure.ExchangeFailure> =>
    Effect.callback((resume) => {
      if (isClosed()) return resume(Effect.fail(ExchangeFailure.closedByUs(false)))
      const connection = openAt(
        endpoint,
        (connection, failure) => resume(failure === undefined ? Effect.succeed(connection) : Effect.fail(failure))
      )
      return Effect.sync(() => connection.close())
    })

  const isAtHand = Exit.isExit(connector.resolve)
  const resolve = connector.resolve.pipe(
    // A known address is available at once, and needs no clock.
    isAtHand ? identity : Effect.raceFirst(
      Effect.andThen(
        deadlines.after(connectTimeout),
        Effect.fail(new Connector.LinkError({ problem: `no answer within ${connectTimeout / 1000} s` }))
      )
    ),
    Effect.mapError((cause): ExchangeFailure.Told => ({ _tag: "Resolve", problem: cause.problem, cause }))
  )

  /** Opens a connection to the first address that works, except one that has just failed. */
  const openBeside = Effect.fnUntraced(function*(failed?: Failed) {
    const endpoints = yield* resolve
    const staysFreshUntil = isAtHand ? Infinity : deadlines.now() + freshMillis
    const left = endpoints.filter(({ address }) => address !== failed?.[0])
    const failures = failed !== undefined && left.length < endpoints.length ? [failed] : []
    // The address that works comes first, so that a dead one is met only once.
    const first = left.filter(({ address }) => address === good?.address)
    for (const endpoint of [...first, ...left.filter(({ address }) => address !== good?.address)]) {
      const result = yield* Effect.result(openEndpoint(endpoint))
      if (Result.isSuccess(result)) {
        good = endpoint
        freshUntil = staysFreshUntil
        return result.success
      }
      if (isClosed()) return yield* Effect.fail(ExchangeFailure.closedByUs(false))
      failures.push([endpoint.address, result.failure])
    }
    return yield* Effect.fail(ExchangeFailure.verdict(failures))
  })

  const begin: Opener["begin"] = (onOpened) => {
    const openAnew = (failed?: Failed): void => {
      fork(Effect.map(Effect.exit(openBeside(failed)), onOpened))
    }
    if (good === undefined || deadlines.now() >= freshUntil) return openAnew()
    openAt(good, (connection, failure) => {
      if (failure === undefined) onOpened(Exit.succeed(connection))
      else if (isClosed()) onOpened(Exit.fail(ExchangeFailure.closedByUs(false)))
      else openAnew([connection.endpoint.address, failure])
    })
  }

  const forget = (): void => {
    freshUntil = -Infinity
  }

  return {
    open: openBeside(),
    begin,
    forget,
    doubt: (address) => {
      known.delete(address)
      if (good?.address === address) good = undefined
    }
  }
}
