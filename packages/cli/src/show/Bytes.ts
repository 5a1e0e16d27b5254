/**
 * Values as commands read and print them.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Payload from "@effect-ownet/core/protocol/Payload"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Option from "effect/Option"
import * as Output from "../terminal/Output.ts"

/** Which bytes to read, and how to print them. */
export interface Given {
  readonly raw: boolean
  readonly hex: boolean
  readonly offset: number
  readonly size: Option.Option<number>
}

/** A path as a server takes it. The slash in front may be left out, which shells of Windows would make a drive of. */
export const pathOf = (path: string): string => path.startsWith("/") ? path : `/${path}`

/** What to read of a property. Numbers come without padding, unless they are wanted raw. */
export const options = ({ offset, raw, size }: Given): OwClient.ReadOptions => ({
  offset,
  size: Option.getOrUndefined(size),
  flags: { trim: !raw }
})

/** Bytes as a text that a terminal can be given, where they are one. */
const textOf = (bytes: Uint8Array): string | undefined => {
  const text = Payload.decodeText(bytes)
  return text.isWellFormed() && !control.test(text) ? text : undefined
}

const control = /(?![\t\n])\p{Cc}/u

export const print = (path: string, bytes: Uint8Array, { hex, raw }: Given): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    const text = textOf(bytes)
    if (isJson) return Output.json({ path, value: text ?? null, hex: Hex.encode(bytes) })
    if (raw) return Output.bytes(bytes)
    return Output.line(hex || text === undefined ? Hex.encode(bytes) : text)
  })

/** The entries of a directory. */
export const printEntries = (path: string, entries: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) =>
    isJson
      ? Output.json({ path, entries })
      : Effect.forEach(entries, (entry) => Output.line(nameOf(entry)), { discard: true }))

/** A name as a terminal can be given it, on one line. Anybody on the network may have set an alias. */
export const nameOf = (name: string): string => name.replace(/\p{Cc}/gu, "\uFFFD")
