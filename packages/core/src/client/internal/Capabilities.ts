/**
 * Facts learnt about a server, shared by all clients that derive from one.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { monotonicMillis } from "../../internal/clock.ts"
import * as FrameDecoder from "../../protocol/FrameDecoder.ts"
import { maxPayload as mostAsked } from "../../protocol/Request.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type { Transport } from "./connections/Transport.ts"
import * as Exchange from "./exchange/Exchange.ts"
import type { Run } from "./exchange/Progress.ts"
import * as replies from "./exchange/replies.ts"

export interface Capabilities {
  /** The server answered a DIRALL with -42: it knows DIR only. */
  lacksDirAll: boolean
  /** The server answered a GET with -42. */
  lacksGet: boolean
  /** The server's own text of a code, if it can be had before the call's limit. */
  readonly text: (code: number, run: Run | undefined) => Effect.Effect<string | undefined>
}

/** Longest wait of an error for the server's own text, in milliseconds. */
const patience = 1000

/** Pause before the server is asked again after it did not answer. */
const restMillis = 60_000

const asked: Exchange.Asked = {
  operation: "read",
  path: ReturnCode.tablePath,
  flags: Exchange.defaultFlags,
  limit: Infinity
}

export const make = ({ begin, exchange, maxPayload }: Transport): Capabilities => {
  let table: ReadonlyArray<string> | undefined
  let restsUntil = -Infinity
  let one: Semaphore.Semaphore | undefined

  // A part of the call that wants to know: no span of its own.
  const ask = Effect.suspend(() => {
    const range: Exchange.Range = { size: Math.min(mostAsked, maxPayload), offset: 0 }
    const message = Exchange.make(asked, {
      ...Exchange.read(asked, range, (frame) => {
        table = frame.ret < 0 ? [] : ReturnCode.decodeTable(FrameDecoder.text(frame))
      }),
      // A server without a table, or with one that is too long, is not asked for it again.
      judge: replies.none
    })
    return exchange(message, Effect.fail, begin(Infinity, undefined, undefined))
  })

  const fetch = (within: number) =>
    Effect.flatMap(Clock.Clock, (clock) =>
      Effect.suspend(() => {
        if (table !== undefined || monotonicMillis(clock) < restsUntil) return Effect.void
        // A caller in a hurry says nothing of the server.
        if (within >= patience) restsUntil = monotonicMillis(clock) + restMillis
        return ask
      }))

  return {
    lacksDirAll: false,
    lacksGet: false,
    text: (code, run) => {
      if (table !== undefined) return Effect.succeed(table[-code])
      return Effect.flatMap(Clock.Clock, (clock) => {
        const within = run === undefined ? Infinity : run.progress.startedAt + run.limit - monotonicMillis(clock)
        if (within <= 0) return Effect.undefined
        one ??= Semaphore.makeUnsafe(1)
        return one.withPermits(1)(fetch(within)).pipe(
          Effect.timeoutOption(Math.min(within, patience)),
          Effect.ignore,
          Effect.map(() => table?.[-code])
        )
      })
    }
  }
}
