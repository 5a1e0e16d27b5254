/**
 * The bytes after the headers: paths and texts, lists of paths, and ROM ids.
 *
 * The protocol knows only bytes. Texts are read as UTF-8. A byte that is not valid UTF-8 (an alias may hold any byte except `/`)
 * becomes a lone surrogate, U+DC80 to U+DCFF, and becomes that byte again when sent, so every name survives.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { empty } from "../internal/bytes.ts"

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const utf8Encoder = new TextEncoder()

/**
 * Decodes bytes to text without loss, all of them or those from `start` to before `end`.
 *
 * **Example** (A Latin-1 alias, without loss)
 *
 * ```ts
 * import { Payload } from "@effect-ownet/core"
 *
 * const text = Payload.decodeText(Uint8Array.of(0x4b, 0xfc, 0x63, 0x68, 0x65))
 *
 * text.length // => 5
 * Payload.encodeText(text) // => Uint8Array.of(0x4b, 0xfc, 0x63, 0x68, 0x65)
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeText = (bytes: Uint8Array, start = 0, end = bytes.length): string => {
  if (end - start > 32) return decodeUnicode(bytes.subarray(start, end))
  // Most values are short. For those, calling the platform's decoder takes longer than this.
  let text = ""
  for (let i = start; i < end; i += 4) {
    const a = bytes[i]
    const b = i + 1 < end ? bytes[i + 1] : 0
    const c = i + 2 < end ? bytes[i + 2] : 0
    const d = i + 3 < end ? bytes[i + 3] : 0
    if ((a | b | c | d) >= 0x80) return decodeUnicode(bytes.subarray(start, end))
    const left = end - i
    if (left >= 4) text += String.fromCharCode(a, b, c, d)
    else if (left === 3) text += String.fromCharCode(a, b, c)
    else if (left === 2) text += String.fromCharCode(a, b)
    else text += String.fromCharCode(a)
  }
  return text
}

const decodeUnicode = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    return decodeEscaped(bytes)
  }
}

const decodeEscaped = (bytes: Uint8Array): string => {
  let text = ""
  let i = 0
  while (i < bytes.length) {
    const length = sequenceLength(bytes, i)
    if (length === 0) {
      text += String.fromCharCode(0xdc00 | bytes[i])
      i++
    } else {
      text += utf8.decode(bytes.subarray(i, i + length))
      i += length
    }
  }
  return text
}

/** Length of the well-formed UTF-8 sequence that starts at `at`, or 0. */
const sequenceLength = (bytes: Uint8Array, at: number): number => {
  const first = bytes[at]
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || at + length > bytes.length) return 0
  for (let i = 1; i < length; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1]
  // Overlong forms, surrogates, and code points above U+10FFFF.
  if (first === 0xe0 && second < 0xa0) return 0
  if (first === 0xed && second > 0x9f) return 0
  if (first === 0xf0 && second < 0x90) return 0
  if (first === 0xf4 && second > 0x8f) return 0
  return length
}

/**
 * Encodes text to bytes: as UTF-8, or the byte itself for each lone surrogate that `decodeText` made from a byte.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodeText = (text: string): Uint8Array => {
  const bytes = utf8Encoder.encode(text)
  // The encoder writes U+FFFD, EF BF BD, for each lone surrogate: as many bytes as the surrogate itself would take.
  let units = 0
  let at = 0
  let written = 0
  for (; units < text.length; units++) {
    const unit = text.charCodeAt(units)
    if (unit < 0x80) bytes[written++] = bytes[at++]
    else if (unit < 0x800) {
      bytes[written++] = bytes[at++]
      bytes[written++] = bytes[at++]
    } else if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text, units + 1)) {
      units++
      for (let i = 0; i < 4; i++) bytes[written++] = bytes[at++]
    } else if (isEscapedByte(unit)) {
      bytes[written++] = unit & 0xff
      at += 3
    } else {
      for (let i = 0; i < 3; i++) bytes[written++] = bytes[at++]
    }
  }
  return written === bytes.length ? bytes : bytes.slice(0, written)
}

const isLowSurrogate = (text: string, at: number): boolean => (text.charCodeAt(at) & 0xfc00) === 0xdc00

const isEscapedByte = (unit: number): boolean => unit >= 0xdc80 && unit <= 0xdcff

/**
 * Encodes a path and the NUL that ends it.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodePath = (path: string): Uint8Array => {
  const text = encodeText(path)
  const bytes = new Uint8Array(text.length + 1)
  bytes.set(text)
  return bytes
}

/**
 * Decodes a path up to its NUL, or to the end if there is none.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodePath = (bytes: Uint8Array): string => {
  // Searching text is fast; searching bytes is not.
  const text = decodeText(bytes)
  const end = text.indexOf("\0")
  return end < 0 ? text : text.slice(0, end)
}

/**
 * Decodes the paths of a DIRALL reply. They are separated by commas, which an alias may also contain: a comma separates only if a
 * slash follows it.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodeList = (bytes: Uint8Array): ReadonlyArray<string> => {
  const whole = decodeText(bytes)
  const end = whole.indexOf("\0")
  const text = end < 0 ? whole : whole.slice(0, end)
  if (text === "") return []
  if (whole.length !== bytes.length) return text.split(separator)
  // Here each byte is a character, and checking the first one of each entry is faster in the bytes.
  const parts = text.split(",")
  let at = parts[0].length + 1
  for (let i = 1; i < parts.length; i++) {
    if (bytes[at] !== slash) return text.split(separator)
    at += parts[i].length + 1
  }
  return parts
}

const separator = /,(?=\/)/

const slash = 0x2f

/**
 * Encodes paths as in a DIRALL reply.
 *
 * @category encoding
 * @since 0.1.0
 */
export const encodeList = (paths: ReadonlyArray<string>): Uint8Array =>
  paths.length === 0 ? empty : encodePath(paths.join(","))

/**
 * Gives the 8 bytes of a ROM id in a PRESENCE reply: family code, serial number, CRC. `None` if the path leads to no device: the
 * server then sends no bytes, or eight zeros.
 *
 * @category decoding
 * @since 0.1.0
 */
export const decodePresence = (bytes: Uint8Array): Option.Option<Uint8Array> =>
  bytes.length === 8 && bytes.some((byte) => byte !== 0) ? Option.some(bytes) : Option.none()

/**
 * Schema that decodes bytes to text, and encodes text.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TextFromBytes = Schema.Uint8Array.pipe(
  Schema.decodeTo(
    Schema.String,
    SchemaTransformation.transform({ decode: (bytes) => decodeText(bytes), encode: encodeText })
  )
)

/**
 * Schema that decodes a NUL-terminated path, and encodes a path.
 *
 * @category schemas
 * @since 0.1.0
 */
export const PathFromBytes = Schema.Uint8Array.pipe(
  Schema.decodeTo(Schema.String, {
    decode: SchemaGetter.transform(decodePath),
    encode: SchemaGetter.transformEffect((path: string, options) =>
      path.includes("\0")
        ? Effect.fail(new SchemaIssue.InvalidValue({ message: "a path must not contain NUL" }, path, options))
        : Effect.succeed(encodePath(path))
    )
  })
)

/**
 * Schema that decodes the payload of a DIRALL reply to its paths, and encodes paths.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListFromBytes = Schema.Uint8Array.pipe(
  Schema.decodeTo(
    Schema.Array(Schema.String),
    SchemaTransformation.transform({ decode: decodeList, encode: encodeList })
  )
)
