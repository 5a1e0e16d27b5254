/**
 * Contents of a path as commands read and print them: the bytes of a value, which are mostly text, or the entries of a directory.
 */
import type * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Payload from "@effect-ownet/core/protocol/Payload"
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as Effect from "effect/Effect"
import * as Hex from "effect/encoding/Hex"
import * as Option from "effect/Option"
import * as Output from "../terminal/Output.ts"

/** Bytes to read, and how to print them. */
export interface Options {
  /** Prints the bytes unchanged, including padding. Default: `false`. */
  readonly raw?: boolean | undefined
  /** Prints hexadecimal digits. Default: `false`. */
  readonly hex?: boolean | undefined
  /** First byte to read. Default: 0. */
  readonly offset?: number | undefined
  /** Maximum bytes to read. Default: all. */
  readonly size?: Option.Option<number> | undefined
}

/** A path in the form that a server takes. The leading slash is optional, because some shells on Windows turn it into a drive. */
export const pathOf = (path: string): string => path.startsWith("/") ? path : `/${path}`

/** Read options for a property. Values come without padding unless the caller wants them raw. */
export const toReadOptions = ({ offset, raw = false, size = Option.none() }: Options): OwClient.ReadOptions => ({
  offset,
  size: Option.getOrUndefined(size),
  flags: { trim: !raw }
})

/** Bytes as text, or `undefined` if they are not text. */
const textOf = (bytes: Uint8Array): string | undefined => {
  const text = Payload.decodeText(bytes)
  return text.isWellFormed() && !control.test(text) ? text : undefined
}

// The regular expression names the characters because the Unicode class `Cc` would make the start of the command slower.
const control = /[^\t\n -~\xA0-\uFFFF]/

/** Whether all lines of a text are safe on a terminal. */
const isShown = (text: string): boolean => Printable.isPrintable(text.replace(/[\t\n]/g, ""))

export const print = (path: string, bytes: Uint8Array, { hex = false, raw = false }: Options): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    const text = textOf(bytes)
    if (isJson) return Output.json({ path, value: text ?? null, hex: Hex.encode(bytes) })
    if (raw) return Output.bytes(bytes)
    return hex || text === undefined || !isShown(text) ? Output.line(Hex.encode(bytes)) : Output.drawn(text)
  })

/** Prints the entries of a directory. */
export const printEntries = (path: string, entries: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) =>
    isJson
      ? Output.json({ path, entries })
      : Effect.forEach(entries, Output.line, { discard: true }))
