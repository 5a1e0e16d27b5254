/**
 * Stored values, as a server formats them for reads and parses them from writes.
 */
import * as Result from "effect/Result"
import { fullLength } from "../../device/internal/property.ts"
import type { Property } from "../../device/Property.ts"
import { empty } from "../../internal/bytes.ts"
import * as Pressure from "../../onewire/Pressure.ts"
import * as Temperature from "../../onewire/Temperature.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import { decodeText, encodeText } from "../../protocol/Payload.ts"
import { all, byte } from "../../protocol/TypeRecord.ts"
import type { Element, Value } from "../Bus.ts"

const numberWidth = 12

const rangeError = -34
const sizeError = -90
const invalid = -22
const noValue = -14

/** Converts a quantity from the scales of one control-flag word to those of another. */
const convert = (kind: string, value: number, fromFlags: number, toFlags: number): number => {
  const from = ControlFlags.decode(fromFlags)
  const to = ControlFlags.decode(toFlags)
  const temperature = { from: from.temperatureScale, to: to.temperatureScale }
  if (kind === "t") return Temperature.convert(value, temperature)
  if (kind === "g") return Temperature.convertGap(value, temperature)
  return kind === "p" ? Pressure.convert(value, { from: from.pressureScale, to: to.pressureScale }) : value
}

/** The flags of the scales of stored values: degrees Celsius and millibar. */
const kept = 0

/** Six significant digits, as with C's `%G`. */
const general = (value: number): string => {
  if (Number.isNaN(value)) return "NAN"
  if (!Number.isFinite(value)) return value > 0 ? "INF" : "-INF"
  if (value === 0) return Object.is(value, -0) ? "-0" : "0"
  const [mantissa, exponent] = value.toExponential(5).split("e")
  const power = Number(exponent)
  if (power >= -4 && power < 6) return withoutZeros(value.toFixed(5 - power))
  return `${withoutZeros(mantissa)}E${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`
}

const withoutZeros = (digits: string): string => digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits

const weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

const formatDate = (seconds: number): string => {
  const date = new Date(seconds * 1000)
  const day = String(date.getUTCDate()).padStart(2)
  const time = date.toISOString().slice(-13, -5)
  return `${weekdays[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${day} ${time} ${date.getUTCFullYear()}`
}

const formatNumber = (kind: string, value: number, flags: number): string => {
  if (kind === "i") return String(value | 0)
  if (kind === "u") return String(value >>> 0)
  return general(convert(kind, value, kept, flags))
}

const isTrimmed = (flags: number): boolean => ControlFlags.decode(flags).trim

const formatOne = ({ kind }: Property, index: number, value: Value, flags: number): Uint8Array => {
  if (typeof value !== "number") return value
  if (kind === "d") return encodeText(formatDate(value))
  if (kind === "y" && index !== byte) return encodeText((value & 1) === 1 ? "1" : "0")
  const text = formatNumber(index === byte ? "u" : kind, value, flags)
  return encodeText(isTrimmed(flags) ? text : text.padStart(numberWidth))
}

export interface Range {
  readonly size: number
  readonly offset: number
}

const isText = (kind: string): boolean => kind === "a" || kind === "l"

export const isBytes = (kind: string): boolean => kind === "b" || isText(kind)

/** Formats the result of a read: the requested bytes of one value or of all elements, or a return code. */
export const format = (
  { index, property }: Element,
  values: ReadonlyArray<Value>,
  flags: number,
  { offset, size }: Range
): Uint8Array | number => {
  const { kind } = property
  const full = fullLength(property, index)
  if (index === all && size < full) return rangeError
  if (kind === "d" && (size < full || offset !== 0)) return sizeError
  const parts = values.map((value) => formatOne(property, index, value, flags))
  const whole = joined(parts, kind === "b" ? "" : ",")
  return offset >= full ? empty : cut(whole, { offset, size })
}

/** Gives the requested part of a value. */
export const cut = (bytes: Uint8Array, { offset, size }: Range): Uint8Array =>
  offset < 0 ? empty : bytes.subarray(offset, offset + size)

const joined = (parts: ReadonlyArray<Uint8Array>, separator: string): Uint8Array => {
  if (parts.length === 1) return parts[0]
  const between = encodeText(separator)
  const bytes = new Uint8Array(
    parts.reduce((sum, part) => sum + part.length, 0) + (parts.length - 1) * between.length
  )
  let at = 0
  for (const [index, part] of parts.entries()) {
    if (index > 0) {
      bytes.set(between, at)
      at += between.length
    }
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A parsed write: the new values of its elements, and the number of bytes used. */
export interface Written {
  readonly values: ReadonlyArray<readonly [index: number, value: Value]>
  readonly accepted: number
}

/** Parses a written value as a server does, or gives the server's return code. */
export const parse = (
  { index, property }: Element,
  data: Uint8Array,
  offset: number,
  flags: number,
  now: number
): Result.Result<Written, number> => {
  if (index === all) return offset === 0 ? parseAll(property, data, flags, now) : Result.fail(invalid)
  if (isBytes(property.kind)) {
    const accepted = offset < 0 ? 0 : Math.max(0, Math.min(data.length, property.length - offset))
    return Result.succeed({ values: [[index, data.slice(0, accepted)]], accepted })
  }
  return Result.map(
    parseOne(index === byte ? "u" : property.kind, decodeText(data), flags, now),
    (value) => ({ values: [[index, value]], accepted: data.length })
  )
}

const parseAll = (property: Property, data: Uint8Array, flags: number, now: number): Result.Result<Written, number> => {
  const { elements, kind, length } = property
  const values: Array<readonly [number, Value]> = []
  if (kind === "b") {
    if (data.length !== elements * length) return Result.fail(invalid)
    for (let i = 0; i < elements; i++) values.push([i, data.slice(i * length, (i + 1) * length)])
    return Result.succeed({ values, accepted: data.length })
  }
  const parts = decodeText(data).split(",")
  if (parts.length < elements) return Result.fail(invalid)
  for (let i = 0; i < elements; i++) {
    const text = i === elements - 1 ? parts.slice(i).join(",") : parts[i]
    if (isText(kind)) values.push([i, encodeText(text).subarray(0, length)])
    else {
      const value = parseOne(kind, text, flags, now)
      // For any problem with an element of an array, the server gives no more detail than this.
      if (Result.isFailure(value) || text === "") return Result.fail(invalid)
      values.push([i, value.success])
    }
  }
  return Result.succeed({ values, accepted: data.length })
}

const parseOne = (kind: string, text: string, flags: number, now: number): Result.Result<number, number> => {
  switch (kind) {
    case "i":
      return Result.map(parseInteger(text, -(2n ** 63n), 2n ** 63n - 1n), (value) => Number(BigInt.asIntN(32, value)))
    case "u":
      return Result.map(
        parseInteger(text, -(2n ** 64n) + 1n, 2n ** 64n - 1n),
        (value) => Number(BigInt.asUintN(32, value))
      )
    case "y":
      return parseYesNo(text)
    case "d":
      return parseDate(text, now)
    default:
      return Result.map(parseFloating(text), (value) => convert(kind, value, flags, kept))
  }
}

const parseInteger = (text: string, least: bigint, most: bigint): Result.Result<bigint, number> => {
  const [, sign, digits] = /^\s*([+-]?)(\d+)/.exec(text) ?? []
  if (digits === undefined) return Result.fail(invalid)
  const value = sign === "-" ? -BigInt(digits) : BigInt(digits)
  return value < least || value > most ? Result.fail(rangeError) : Result.succeed(value)
}

const parseFloating = (text: string): Result.Result<number, number> => {
  const [, sign, digits] =
    /^\s*([+-]?)(0x[\da-f]+(?:\.[\da-f]*)?(?:p[+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|nan)/i.exec(text) ?? []
  if (digits === undefined) return Result.fail(invalid)
  const isNamed = /^[in]/i.test(digits)
  const value = isNamed
    ? /^i/i.test(digits) ? Infinity : Number.NaN
    : /^0x/i.test(digits)
    ? parseHexadecimal(digits)
    : Number(digits)
  const isTooFar = !isNamed && (value === Infinity || (value < smallestNormal && /[1-9]/.test(digits.split(/e/i)[0])))
  return isTooFar ? Result.fail(rangeError) : Result.succeed(sign === "-" ? -value : value)
}

const smallestNormal = 2.2250738585072014e-308

const parseHexadecimal = (text: string): number => {
  const [, whole, fraction = "", power = "0"] = /^0x([\da-f]+)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/i.exec(text) ?? []
  return parseInt(whole + fraction, 16) * 2 ** (Number(power) - 4 * fraction.length)
}

const parseYesNo = (text: string): Result.Result<number, number> => {
  const number = parseInteger(text, -(2n ** 63n), 2n ** 63n - 1n)
  if (Result.isSuccess(number)) return Result.succeed(number.success === 0n ? 0 : 1)
  const word = text.replace(/^[ \t]+/, "")
  if (word === "") return Result.fail(noValue)
  if (/^(y|on)/i.test(word)) return Result.succeed(1)
  return /^(n|off)/i.test(word) ? Result.succeed(0) : Result.fail(invalid)
}

const weekday = "(?:sun|mon|tue|wed|thu|fri|sat)[a-z]*"
const month = "(?<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
const time = "(?<hour>\\d{1,2}):(?<minute>\\d{1,2}):(?<second>\\d{1,2})"

/** The accepted formats of a date. */
const dateForms = [
  `${time}\\s*${weekday}\\s*${month}\\s*(?<day>\\d{1,2})\\s*(?<year>\\d{4})`,
  `${month}\\s*(?<day>\\d{1,2})\\s*(?<year>\\d{4})\\s*${time}`,
  `${weekday}\\s*${month}\\s*(?<day>\\d{1,2})\\s*(?<year>\\d{4})\\s*${time}`,
  `${weekday}\\s*${month}\\s*(?<day>\\d{1,2})\\s*${time}\\s*(?<year>\\d{4})`,
  `(?<number>\\d{1,2})/(?<day>\\d{1,2})/(?<short>\\d{1,2})\\s*${time}`
].map((form) => new RegExp(`^\\s*${form}`, "i"))

const parseDate = (text: string, now: number): Result.Result<number, number> => {
  if (text.length < 2 || text.startsWith("\0") || text.startsWith("\n")) return Result.succeed(now)
  for (const form of dateForms) {
    const found = form.exec(text)?.groups
    if (found === undefined) continue
    const { day, hour, minute, month, number, second, short, year } = found
    const monthIndex = month === undefined
      ? Number(number) - 1
      : months.findIndex((name) => name.toLowerCase() === month.toLowerCase())
    // A year of two digits means 1969 to 2068.
    const fullYear = short === undefined ? Number(year) : Number(short) + (Number(short) < 69 ? 2000 : 1900)
    return Result.succeed(
      Date.UTC(fullYear, monthIndex, Number(day), Number(hour), Number(minute), Number(second)) / 1000
    )
  }
  return Result.fail(invalid)
}

/** Parses a text in degrees Celsius and millibar. */
export const parseText = (kind: string, text: string): Result.Result<number, number> => parseOne(kind, text, kept, 0)
