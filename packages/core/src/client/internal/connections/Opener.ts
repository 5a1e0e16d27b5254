/**
 * The opening of one connection: the server's name is resolved, its addresses are tried one after the other, and a handshake
 * proves that an owserver answers.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
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
  // Any reply of good form comes from an owserver, whatever it says.
  judge: replies.none
})

export interface Opener {
  /** Opens a connection to the first address that serves. */
  readonly open: Effect.Effect<Connection, ExchangeFailure.Told>
  /** Asks again who is at an address, before a request is sent there that might be lost. */
  readonly doubt: (address: string) => void
}

export const make = ({ connectTimeout, connectionTo, connector, deadlines, isClosed, nextCall, observers }: {
  readonly connector: Connector.Connector["Service"]
  readonly deadlines: Deadlines
  /** Limit of the resolving, in milliseconds. */
  readonly connectTimeout: number
  readonly observers: Observers
  /** The call that may need the connection. */
  readonly nextCall: () => Call | undefined
  /** Makes a connection that is not open yet. */
  readonly connectionTo: (endpoint: Connector.Endpoint) => Connection
  /** Whether the client is closed. */
  readonly isClosed: () => boolean
}): Opener => {
  /** Addresses at which an owserver has answered, whether it keeps connections, and the last of them that did. */
  const known = new Map<string, "keeps" | "refuses">()
  let lastGood: string | undefined

  /** Whether a link to an address can do without a handshake. */
  const isTrusted = (address: string): boolean => {
    // That a server took a connection proves nothing: one that is shutting down takes them and never answers. A call goes
    // ahead only if an owserver has answered there before, and the connection will serve one call.
    const answer = known.get(address)
    const call = nextCall()
    const isForOneCall = call !== undefined && !ControlFlags.isPersistent(call.exchange.flags)
    return answer === "refuses" || (answer === "keeps" && isForOneCall)
  }

  /** Opens a link to one address, and asks who is there if that is not known. */
  const openEndpoint = (endpoint: Connector.Endpoint): Effect.Effect<Connection, ExchangeFailure.ExchangeFailure> =>
    Effect.callback((resume) => {
      if (isClosed()) return resume(Effect.fail(ExchangeFailure.closedByUs(false)))
      const fiber = Fiber.getCurrent()
      const connection = connectionTo(endpoint)
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
        if (isTrusted(endpoint.address)) resume(Effect.succeed(connection))
        else introduce()
      })
      return Effect.sync(() => connection.close())
    })

  const resolve = connector.resolve.pipe(
    // An address is there at once, and needs no clock.
    Exit.isExit(connector.resolve) ? identity : Effect.raceFirst(
      Effect.andThen(
        deadlines.after(connectTimeout),
        Effect.fail(new Connector.LinkError({ problem: `no answer within ${connectTimeout / 1000} s` }))
      )
    ),
    Effect.mapError((cause): ExchangeFailure.Told => ({ _tag: "Resolve", problem: cause.problem, cause }))
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
      if (isClosed()) return yield* Effect.fail(ExchangeFailure.closedByUs(false))
      failures.push([endpoint.address, result.failure])
    }
    return yield* Effect.fail(ExchangeFailure.verdict(failures))
  })

  return {
    open,
    doubt: (address) => {
      known.delete(address)
      if (lastGood === address) lastGood = undefined
    }
  }
}
