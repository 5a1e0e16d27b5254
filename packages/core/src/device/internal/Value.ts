/**
 * Converts values between programs and the text that servers send and accept.
 */
import * as Result from "effect/Result"
import { isDate, isUint8Array } from "../../internal/brand.ts"
import { toHex } from "../../internal/bytes.ts"
import { quoted } from "../../internal/printable.ts"
import * as OwPath from "../../onewire/OwPath.ts"
import { encodeText } from "../../protocol/Payload.ts"
import type * as TypeRecord from "../../protocol/TypeRecord.ts"
import { all, byte } from "../../protocol/TypeRecord.ts"
import type { Scalar, Value } from "../Family.ts"

/** Syntax of a number on the wire; servers also write `NAN` and `INF`. */
const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:E[+-]?\d+)?$/i

const isNumeric = (kind: TypeRecord.Kind): boolean => "iuftgp".includes(kind)

/** Parses a server's text. `undefined` if it is not a value of this type. */
export const fromText = ({ elements, index, kind }: TypeRecord.TypeRecord, text: string): Value | undefined => {
  if (index === byte) return unsigned(text.trim())
  if (index !== all) return one(kind, text)
  const parts = text.split(",")
  if (parts.length !== elements) return undefined
  const values: Array<Scalar> = []
  for (const part of parts) {
    const value = one(kind, part)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

const one = (kind: TypeRecord.Kind, text: string): Scalar | undefined => {
  if (isNumeric(kind)) return numeric(kind, text.trim())
  if (kind !== "y") return text
  return text === "1" ? true : text === "0" ? false : undefined
}

const numeric = (kind: TypeRecord.Kind, text: string): number | undefined => {
  if (kind === "u") return unsigned(text)
  if (kind === "i") return /^[+-]?\d+$/.test(text) ? Number(text) : undefined
  if (number.test(text)) return Number(text)
  switch (text.toUpperCase()) {
    case "NAN":
    case "-NAN":
      return Number.NaN
    case "INF":
      return Infinity
    case "-INF":
      return -Infinity
  }
  return undefined
}

const unsigned = (text: string): number | undefined => /^\d+$/.test(text) ? Number(text) : undefined

/** Splits the bytes of a memory, or of all its elements. */
export const fromBytes = (
  { elements, index, length }: TypeRecord.TypeRecord,
  bytes: Uint8Array
): Value | undefined => {
  if (index !== all) return bytes
  const each = length / elements
  // If some bytes are missing, it is unknown which element lacks them.
  return bytes.length === length && Number.isInteger(each) && each > 0
    ? Array.from({ length: elements }, (_, at) => bytes.subarray(at * each, (at + 1) * each))
    : undefined
}

/** Maximum length of one element's value. The elements of a text array have commas between them. */
const lengthOfOne = ({ elements, index, kind, length }: TypeRecord.TypeRecord): number =>
  index !== all ? length : Math.floor(kind === "b" ? length / elements : (length + 1) / elements - 1)

/** Formats a value as a server accepts it, or returns what is wrong with it. */
export const encode = (
  record: TypeRecord.TypeRecord,
  range: readonly [least: number, most: number] | undefined,
  value: unknown
): Result.Result<string | Uint8Array, string> => {
  const { elements, index, kind } = record
  if (index === byte) return whole(value, [0, 2 ** elements - 1])
  if (index !== all) return encodeOne(record, range, value)
  if (!Array.isArray(value) || value.length !== elements) {
    return Result.fail(`must be an array of ${elements} values, not ${shown(value)}`)
  }
  const parts: Array<string | Uint8Array> = []
  for (const [at, element] of value.entries()) {
    const part = encodeOne(record, range, element)
    if (Result.isFailure(part)) return Result.fail(`at ${at} ${part.failure}`)
    parts.push(part.success)
  }
  return kind === "b" ? joinBytes(record, parts) : joinTexts(parts)
}

/** A comma separates elements, so only the last one may contain one. */
const joinTexts = (parts: ReadonlyArray<string | Uint8Array>): Result.Result<string, string> =>
  parts.some((part, at) => at < parts.length - 1 && String(part).includes(","))
    ? Result.fail("must not have a comma in any element but the last")
    : Result.succeed(parts.join(","))

const joinBytes = (
  record: TypeRecord.TypeRecord,
  parts: ReadonlyArray<string | Uint8Array>
): Result.Result<Uint8Array, string> => {
  const each = lengthOfOne(record)
  const bytes = new Uint8Array(each * parts.length)
  for (const [at, part] of parts.entries()) {
    if (part.length !== each) return Result.fail(`at ${at} must have ${each} bytes, not ${part.length}`)
    if (typeof part !== "string") bytes.set(part, at * each)
  }
  return Result.succeed(bytes)
}

const encodeOne = (
  record: TypeRecord.TypeRecord,
  range: readonly [least: number, most: number] | undefined,
  value: unknown
): Result.Result<string | Uint8Array, string> => {
  const { index, kind } = record
  switch (kind) {
    case "i":
      return whole(value, range ?? [-(2 ** 31), 2 ** 31 - 1])
    case "u":
      return whole(value, range ?? [0, 2 ** 32 - 1])
    case "f":
    case "t":
    case "g":
    case "p":
      return finite(value, range)
    case "y":
      return typeof value === "boolean"
        ? Result.succeed(value ? "1" : "0")
        : Result.fail(`must be true or false, not ${shown(value)}`)
    case "a":
    case "l":
      return encodeString(kind, value, lengthOfOne(record))
    case "b":
      if (!isUint8Array(value)) return Result.fail(`must be a Uint8Array, not ${shown(value)}`)
      // For a whole array, the elements are checked together.
      return index !== all && value.length > record.length
        ? Result.fail(`must not be longer than ${record.length} bytes, not ${value.length}`)
        : Result.succeed(value)
    default:
      return Result.fail("cannot be written")
  }
}

const whole = (value: unknown, range: readonly [least: number, most: number]): Result.Result<string, string> =>
  Number.isInteger(value) ? finite(value, range) : Result.fail(`must be a whole number, not ${shown(value)}`)

const finite = (
  value: unknown,
  range: readonly [least: number, most: number] | undefined
): Result.Result<string, string> => {
  if (typeof value !== "number" || !Number.isFinite(value)) return Result.fail(`must be a number, not ${shown(value)}`)
  return range === undefined || (value >= range[0] && value <= range[1])
    ? Result.succeed(String(value))
    : Result.fail(`must be between ${range[0]} and ${range[1]}, not ${value}`)
}

const encodeString = (kind: "a" | "l", value: unknown, most: number): Result.Result<string, string> => {
  if (typeof value !== "string") return Result.fail(`must be a string, not ${shown(value)}`)
  const { length } = encodeText(value)
  if (length > most) return Result.fail(`must not be longer than ${most} bytes, not ${length}`)
  // An empty text removes an alias.
  return kind === "l" && value !== "" && !OwPath.isAlias(value)
    ? Result.fail(`must be an alias, by which a server finds a device again, not ${shown(value)}`)
    : Result.succeed(value)
}

/** A value as shown in an error. */
export const shown = (value: unknown): string =>
  Array.isArray(value) && value.length <= mostShown ? `[${value.map(shownOne).join(", ")}]` : shownOne(value)

const mostShown = 16

const shownOne = (value: unknown): string => {
  if (isUint8Array(value)) {
    return value.length === 0 || value.length > mostShown
      ? `${value.length} bytes`
      : `${value.length} bytes (${toHex(value)})`
  }
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (isDate(value)) return Number.isNaN(value.getTime()) ? "an invalid date" : value.toISOString()
  switch (typeof value) {
    case "string":
      return quoted(value, 40)
    case "object":
      return value === null ? "null" : "an object"
    case "bigint":
    case "function":
    case "symbol":
      return `a ${typeof value}`
    default:
      return String(value)
  }
}

/** A value in the form in which a server takes it: 1 or 0 for a yes or no, and commas between the values of an array. */
export const written = (value: unknown): string =>
  typeof value === "boolean"
    ? (value ? "1" : "0")
    : Array.isArray(value) && value.length > 0 && value.length <= mostShown
    ? value.map(written).join(",")
    : shown(value)

/** Maximum milliseconds by which a clock may advance between the write and the read. */
const mostTicked = 60_000

/** Whether a value that was read back is the one that was written. */
export const isSame = (record: TypeRecord.TypeRecord, written: unknown, read: unknown): boolean => {
  if (isList(written) && isList(read)) {
    return written.length === read.length && written.every((part, at) => isSame(record, part, read[at]))
  }
  const { change, index, kind } = record
  if (typeof written === "string" && typeof read === "string") return withoutPadding(written) === read
  if (isDate(written) && isDate(read)) return hasTicked(wholeSeconds(written) * 1000, read.getTime())
  if (typeof written !== "number" || typeof read !== "number") return written === read
  if (change === "t") return hasTicked(written * 1000, read * 1000)
  // A server returns whole numbers in full, and any other number with six digits.
  return kind === "i" || kind === "u" || kind === "b" || index === byte
    ? written === read
    : Math.abs(written - read) <= Math.max(Math.abs(written), Math.abs(read), 1e-4) * 1e-5
}

/** A text as it is read back: servers pad with NULs, so trailing ones do not count. */
const withoutPadding = (text: string): string => {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0) end--
  return text.slice(0, end)
}

/** The seconds since 1970 of a date. */
export const wholeSeconds = (date: Date): number => Math.round(date.getTime() / 1000)

const hasTicked = (written: number, read: number): boolean => read >= written && read - written <= mostTicked

const isList = (value: unknown): value is ReadonlyArray<unknown> | Uint8Array =>
  Array.isArray(value) || isUint8Array(value)

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** The milliseconds of a server's date, taken as UTC, or `NaN`. */
export const localMillis = (text: string): number => {
  const [, month, day, hour, minute, second, year] =
    /^\w{3} (\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(text) ?? []
  const index = months.indexOf(month)
  return index < 0
    ? Number.NaN
    : Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second))
}
