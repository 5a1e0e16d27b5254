/**
 * Values as programs have them, and as servers write and take them.
 */
import * as Result from "effect/Result"
import { encodeText } from "../../protocol/Payload.ts"
import type * as TypeRecord from "../../protocol/TypeRecord.ts"
import { all, byte } from "../../protocol/TypeRecord.ts"
import type { Scalar, Value } from "../Family.ts"

/** What a number looks like on the wire; servers write `NAN` and `INF`, too. */
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:E[+-]?\d+)?$/i

const isNumeric = (kind: TypeRecord.Kind): boolean => "iuftgp".includes(kind)

/** Reads what a server wrote, or nothing where it is no value of this type. */
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

/** Reads the bytes of a memory, or those of all its elements. */
export const fromBytes = (
  { elements, index }: TypeRecord.TypeRecord,
  bytes: Uint8Array
): Value | undefined => {
  if (index !== all) return bytes
  const length = bytes.length / elements
  return Number.isInteger(length)
    ? Array.from({ length: elements }, (_, index) => bytes.subarray(index * length, (index + 1) * length))
    : undefined
}

/** Writes a value as a server takes it, or says what is wrong with it. */
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

/** A comma is what stands between elements, and only the last may have one. */
const joinTexts = (parts: ReadonlyArray<string | Uint8Array>): Result.Result<string, string> =>
  parts.some((part, at) => at < parts.length - 1 && String(part).includes(","))
    ? Result.fail("must not have a comma in any element but the last")
    : Result.succeed(parts.join(","))

const joinBytes = (
  { elements, length }: TypeRecord.TypeRecord,
  parts: ReadonlyArray<string | Uint8Array>
): Result.Result<Uint8Array, string> => {
  const each = length / elements
  const bytes = new Uint8Array(length)
  for (const [at, part] of parts.entries()) {
    if (part.length !== each) return Result.fail(`at ${at} must have ${each} bytes, not ${part.length}`)
    if (typeof part !== "string") bytes.set(part, at * each)
  }
  return Result.succeed(bytes)
}

const encodeOne = (
  { index, kind, length }: TypeRecord.TypeRecord,
  range: readonly [least: number, most: number] | undefined,
  value: unknown
): Result.Result<string | Uint8Array, string> => {
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
      return encodeString(kind, value, length)
    case "b":
      if (!(value instanceof Uint8Array)) return Result.fail(`must be a Uint8Array, not ${shown(value)}`)
      // Of an array as a whole the elements are looked at together.
      return index !== all && value.length > length
        ? Result.fail(`must not be longer than ${length} bytes, not ${value.length}`)
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

const encodeString = (kind: "a" | "l", value: unknown, length: number): Result.Result<string, string> => {
  if (typeof value !== "string") return Result.fail(`must be a string, not ${shown(value)}`)
  if (encodeText(value).length > length) return Result.fail(`must not be longer than ${length} bytes`)
  return kind === "l" && value.includes("/") ? Result.fail("must not have a slash, as an alias") : Result.succeed(value)
}

/** A value in an error. */
export const shown = (value: unknown): string => {
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid date" : value.toISOString()
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  return typeof value === "object" && value !== null ? "an object" : String(value)
}

/** Whether a value that was read back is the one that was written, in the six digits that a server gives. */
export const isSame = (written: unknown, read: unknown): boolean => {
  if (typeof written === "number" && typeof read === "number") {
    return Math.abs(written - read) <= Math.max(Math.abs(written), Math.abs(read)) * 1e-5
  }
  if (written instanceof Date && read instanceof Date) {
    return Math.round(written.getTime() / 1000) === Math.round(read.getTime() / 1000)
  }
  if (isList(written) && isList(read)) {
    return written.length === read.length && written.every((part, at) => isSame(part, read[at]))
  }
  return written === read
}

const isList = (value: unknown): value is ReadonlyArray<unknown> | Uint8Array =>
  Array.isArray(value) || value instanceof Uint8Array

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

/** The milliseconds of a server's date as if it were in UTC, or `NaN`. */
export const localMillis = (text: string): number => {
  const [, month, day, hour, minute, second, year] =
    /^\w{3} (\w{3}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(text) ?? []
  const index = months.indexOf(month)
  return index < 0
    ? Number.NaN
    : Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second))
}
