/**
 * What is learnt of a server, and shared by all clients that derive from one.
 */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as MessageType from "../../protocol/MessageType.ts"
import { decodeText } from "../../protocol/Payload.ts"
import { maxPayload } from "../../protocol/Request.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import * as replies from "./replies.ts"
import { defaultFlags, type Transport } from "./Transport.ts"

export interface Memory {
  /** The server answered a DIRALL with -42: it knows DIR only. */
  lacksDirAll: boolean
  /** The server answered a GET with -42. */
  lacksGet: boolean
  /** The server's own text of a code, where it can be had within some milliseconds. */
  readonly text: (code: number, within: number) => Effect.Effect<string | undefined>
}

export const make = ({ exchange }: Transport): Memory => {
  let table: ReadonlyArray<string> | undefined
  const one = Semaphore.makeUnsafe(1)
  const fetch = one.withPermits(1)(Effect.suspend(() =>
    table !== undefined ? Effect.void : exchange({
      request: { type: MessageType.Read, flags: defaultFlags, path: ReturnCode.tablePath, size: maxPayload, offset: 0 },
      check: replies.read,
      // A server without a table is not asked for it again.
      isRaw: true,
      decode: (frame) => {
        table = frame.ret < 0 ? [] : ReturnCode.decodeTable(decodeText(frame.data))
      }
    })
  ))
  return {
    lacksDirAll: false,
    lacksGet: false,
    text: (code, within) =>
      Effect.suspend(() =>
        Effect.map(
          table !== undefined || within <= 0 ? Effect.void : Effect.ignore(Effect.timeoutOption(fetch, within)),
          () => table?.[-code]
        )
      )
  }
}
