/**
 * Problems of a call that can be found before a byte is sent.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { isUint8Array } from "../../internal/brand.ts"
import { quoted } from "../../internal/printable.ts"
import { hasHalfCharacter } from "../../internal/surrogates.ts"
import * as ControlFlags from "../../protocol/ControlFlags.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import { encodeText } from "../../protocol/Payload.ts"
import { maxPayload } from "../../protocol/Request.ts"

export interface Problem {
  readonly argument: string
  readonly problem: string
}

/** The options of every call, as untyped callers may pass them. */
export interface Options {
  readonly flags?: ControlFlags.Input | undefined
  readonly timeout?: Duration.Input | undefined
  readonly retry?: unknown
}

/** Maximum length of a path in bytes. A server has no room for a longer one. */
const maxPath = 4094

const maxInt32 = 0x7fff_ffff

const isInt32 = (value: number, least: number): boolean =>
  Number.isInteger(value) && value >= least && value <= maxInt32

export const path = (path: string): Problem | undefined => {
  // Untyped callers also get an error before anything is sent.
  if (typeof path !== "string") return { argument: "path", problem: `must be a string, not ${typeof path}` }
  if (path.includes("\0")) return { argument: "path", problem: `${quoted(path)} must not contain NUL` }
  if (path.length * 3 > maxPath && encodeText(path).length > maxPath) {
    return { argument: "path", problem: `must not be longer than ${maxPath} bytes` }
  }
  // V8 knows without a scan that a string of one-byte characters is well-formed.
  return path.isWellFormed() ? undefined : text("path", path)
}

/** A single path is also iterable, and would count as one path for each of its characters. */
export const many = (paths: Iterable<string>): Problem | undefined =>
  typeof paths === "object" && Symbol.iterator in (paths ?? {})
    ? undefined
    : { argument: "paths", problem: `must be a list or a set of paths, not ${paths === null ? "null" : typeof paths}` }

/** The problem of a call that a read-only client refuses. */
export const readOnly: Problem = {
  argument: "readOnly",
  problem: "is set: this client is read-only, and sends nothing that can change a value"
}

/** A lone surrogate represents a byte that is not UTF-8, or is a mistake. */
const text = (argument: string, text: string): Problem | undefined =>
  hasHalfCharacter(text)
    ? { argument, problem: `${quoted(text)} contains half a character` }
    : undefined

export const range = (
  options: { readonly size?: number | undefined; readonly offset?: number | undefined } | undefined,
  acceptedPayload: number
): Problem | undefined => {
  const size = options?.size
  const most = Math.min(maxPayload, acceptedPayload)
  if (size !== undefined && !(isInt32(size, 1) && size <= most)) {
    return { argument: "size", problem: `must be a whole number from 1 to ${most}, not ${size}` }
  }
  return offset(options?.offset)
}

const offset = (offset: number | undefined): Problem | undefined =>
  offset === undefined || isInt32(offset, 0)
    ? undefined
    : { argument: "offset", problem: `must be a whole number from 0 to ${maxInt32}, not ${offset}` }

/** Untyped callers get an error, because a number would be sent as no bytes. */
const content = (argument: string, value: unknown): Problem | undefined =>
  typeof value === "string" || isUint8Array(value)
    ? undefined
    : { argument, problem: `must be a string or a Uint8Array, not ${value === null ? "null" : typeof value}` }

export const data = (
  path: string,
  data: string | Uint8Array,
  bytes: Uint8Array,
  options: { readonly offset?: number | undefined } | undefined
): Problem | undefined => {
  const untyped = content("data", data)
  if (untyped !== undefined) return untyped
  const room = maxPayload - encodeText(path).length - 1
  return bytes.length > room
    ? { argument: "data", problem: `of ${bytes.length} bytes is too long; ${room} fit behind this path` }
    : (typeof data === "string" ? text("data", data) : undefined) ?? offset(options?.offset)
}

export const message = (
  type: number,
  payload: Uint8Array | string,
  options: { readonly size?: number | undefined; readonly offset?: number | undefined } | undefined
): Problem | undefined => {
  const untyped = content("payload", payload)
  if (untyped !== undefined) return untyped
  const length = typeof payload === "string" ? encodeText(payload).length + 1 : payload.length
  const size = options?.size ?? 0
  if (!isInt32(type, 0)) return { argument: "type", problem: `must be a whole number from 0, not ${type}` }
  if (!isInt32(size, 0)) return { argument: "size", problem: `must be a whole number from 0, not ${size}` }
  if (length > maxPayload) {
    return { argument: "payload", problem: `of ${length} bytes is longer than ${maxPayload}` }
  }
  if (type === MessageType.Write && size >= length) {
    return { argument: "size", problem: `of ${size} leaves no room for the path in a payload of ${length} bytes` }
  }
  return (typeof payload === "string" ? path(payload) : undefined) ?? offset(options?.offset)
}

/** Checks all options except the timeout, which is checked when it is converted to milliseconds. */
export const call = (options: Options | undefined): Problem | undefined =>
  options === undefined ? undefined : retry(options.retry) ?? flags(options.flags)

const retry = (retry: unknown): Problem | undefined =>
  retry === undefined || retry === false || Schedule.isSchedule(retry)
    ? undefined
    : { argument: "retry", problem: "must be a Schedule, or false" }

const flags = (flags: ControlFlags.Input | undefined): Problem | undefined => {
  if (flags === undefined) return undefined
  if (typeof flags === "number") return word("flags", flags)
  // Untyped callers get an error, because a misspelt flag would have no effect.
  if (typeof flags !== "object") return { argument: "flags", problem: "must be an object of flags, or a number" }
  for (const name in flags) {
    if (!flagNames.has(name)) {
      return { argument: "flags", problem: `has no ${quoted(name)}; the flags are ${[...flagNames].join(", ")}` }
    }
  }
  return oneOf("temperatureScale", flags.temperatureScale, temperatureScales) ??
    oneOf("pressureScale", flags.pressureScale, pressureScales) ??
    oneOf("deviceFormat", flags.deviceFormat, deviceFormats) ??
    (flags.other === undefined ? undefined : word("other", flags.other))
}

const word = (argument: string, value: number): Problem | undefined =>
  ControlFlags.isWord(value)
    ? undefined
    : { argument, problem: `must be a whole number of 32 bits, not ${String(value)}` }

const flagNames: ReadonlySet<string> = new Set(Object.keys(ControlFlags.decode(0)))

const temperatureScales: ReadonlyArray<string> = ControlFlags.TemperatureScale.literals
const pressureScales: ReadonlyArray<string> = ControlFlags.PressureScale.literals
const deviceFormats: ReadonlyArray<string> = ControlFlags.DeviceFormat.literals

const oneOf = (argument: string, value: string | undefined, names: ReadonlyArray<string>): Problem | undefined =>
  value === undefined || names.includes(value)
    ? undefined
    : { argument, problem: `must be one of ${names.join(", ")}, not ${quoted(String(value))}` }

/** The timeout of a call in milliseconds: `Infinity` if there is none, and `NaN` if it is invalid. */
export const limit = (timeout: Duration.Input | undefined): number =>
  timeout === undefined ? Infinity : millis(timeout) ?? Number.NaN

/** A duration above zero in milliseconds, or `undefined`. */
export const millis = (timeout: Duration.Input): number | undefined => {
  const duration = Option.getOrUndefined(Duration.fromInput(timeout))
  return duration !== undefined && Duration.isPositive(duration) ? Duration.toMillis(duration) : undefined
}

/** Checks a count. */
export const whole = (argument: string, value: number, least = 1): Problem | undefined =>
  Number.isSafeInteger(value) && value >= least
    ? undefined
    : { argument, problem: `must be a whole number of at least ${least}, not ${value}` }

export const notPositive = (argument: string, duration: Duration.Input): Problem => ({
  argument,
  problem: `must be a duration above zero, not ${
    Duration.isDuration(duration)
      ? Duration.format(duration)
      : typeof duration === "object"
      ? "an object"
      : String(duration)
  }`
})
