/**
 * What is learnt of a server, and shared by all clients that derive from one.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { monotonicMillis } from "../../internal/clock.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import { decodeText } from "../../protocol/Payload.ts"
import { maxPayload as mostAsked } from "../../protocol/Request.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type { Run } from "./Progress.ts"
import * as replies from "./replies.ts"
import { defaultFlags, type Exchange, type Transport } from "./Transport.ts"

export interface Capabilities {
  /** The server answered a DIRALL with -42: it knows DIR only. */
  lacksDirAll: boolean
  /** The server answered a GET with -42. */
  lacksGet: boolean
  /** The server's own text of a code, where it can be had while the call may take. */
  readonly text: (code: number, run: Run | undefined) => Effect.Effect<string | undefined>
}

/** How many milliseconds an error waits for the server's own words at most. */
const patience = 1000

/** How long the server is not asked again after it did not answer. */
const restMillis = 60_000

export const make = ({ begin, exchange, maxPayload }: Transport): Capabilities => {
  let table: ReadonlyArray<string> | undefined
  let restsUntil = -Infinity
  const one = Semaphore.makeUnsafe(1)

  const message: Exchange<void> = {
    operation: "read",
    type: MessageType.Read,
    flags: defaultFlags,
    path: ReturnCode.tablePath,
    data: undefined,
    size: Math.min(mostAsked, maxPayload),
    offset: 0,
    limit: Infinity,
    progress: undefined,
    check: replies.read,
    // A server without a table, or with one that is too long, is not asked for it again.
    judge: replies.none,
    decode: (frame) => {
      table = frame.ret < 0 ? [] : ReturnCode.decodeTable(decodeText(frame.data))
    },
    onEntry: undefined
  }
  // A part of the call that wants to know: no span of its own.
  const ask = Effect.suspend(() => exchange(message, Effect.fail, begin(Infinity, undefined, undefined)))

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
        return one.withPermits(1)(fetch(within)).pipe(
          Effect.timeoutOption(Math.min(within, patience)),
          Effect.ignore,
          Effect.map(() => table?.[-code])
        )
      })
    }
  }
}
