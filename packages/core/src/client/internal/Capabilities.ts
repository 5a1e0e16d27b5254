/**
 * Facts learnt about a server. All clients derived from the same client share them.
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
  /** The server answered a DIRALL with -42: it knows only DIR. */
  lacksDirAll: boolean
  /** The server answered a GET with -42. */
  lacksGet: boolean
  /** The server's own text of a code, if it is available before the call's limit. */
  readonly text: (code: number, run: Run | undefined) => Effect.Effect<string | undefined>
}

/** Maximum wait of an error for the server's own text, in milliseconds. */
const patience = 1000

/** Pause before the next request for the text after the server did not answer, in milliseconds. */
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

  // This is part of the call that needs the text, so it has no span.
  const ask = Effect.suspend(() => {
    const range: Exchange.Range = { size: Math.min(mostAsked, maxPayload), offset: 0 }
    const message = Exchange.make(asked, {
      ...Exchange.read(asked, range, (frame) => {
        table = frame.ret < 0 ? [] : ReturnCode.decodeTable(FrameDecoder.text(frame))
      }),
      // If a server has no table, or its table is too long, the client does not request it again.
      judge: replies.none
    })
    return exchange(message, Effect.fail, begin(Infinity, undefined, undefined))
  })

  const fetch = (within: number) =>
    Effect.flatMap(Clock.Clock, (clock) =>
      Effect.suspend(() => {
        if (table !== undefined || monotonicMillis(clock) < restsUntil) return Effect.void
        // A short limit of the caller says nothing about the server.
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
