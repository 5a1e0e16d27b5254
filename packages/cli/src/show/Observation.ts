/**
 * An observation of a property, for people and programs: a value with its unit and a verdict on it, or the reason why there is
 * none.
 */
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Family from "@effect-ownet/core/device/Family"
import type * as Plausibility from "@effect-ownet/core/device/Plausibility"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import * as Hex from "effect/encoding/Hex"
import type { Span } from "../terminal/Text.ts"

/** An observation for programs. A value other than a number, a boolean or a text becomes a text. A missing value is `null`. */
export const toJson = (seen: Observation.Observation) =>
  seen._tag === "Reading"
    ? { value: jsonOf(seen.value), unit: seen.unit ?? null, verdict: seen.verdict._tag, error: null }
    : { value: null, unit: null, verdict: null, error: errorJson(seen.error) }

/** The fields that distinguish one failure from another, as elsewhere in the output. */
export const errorJson = (error: Device.Failure) => ({
  _tag: error._tag,
  reason: "reason" in error ? { _tag: error.reason._tag } : null,
  message: error.message
})

type Json = number | boolean | string | null | ReadonlyArray<Json>

const jsonOf = (value: Family.Value): Json => {
  if (value instanceof Uint8Array) return Hex.encode(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  // TypeScript knows it as an array only after these checks.
  return typeof value === "object" ? value.map(jsonOf) : value
}

/** An observation for people. It names the property unless the unit or the value identifies it. */
export const toSpans = (seen: Observation.Observation, isOnly: boolean): ReadonlyArray<Span> => {
  const name = seen.property.replace(/^.*\//, "").replace(/\.ALL$/, "")
  if (seen._tag === "Failed") {
    return [{ text: `${isOnly ? "" : `${name}: `}${problemOf(seen.error)}`, color: "red" }]
  }
  const { unit, value, verdict } = seen
  const isClear = value instanceof Date || (unit !== undefined && telling.has(unit))
  const text = `${isClear ? "" : `${name} `}${rounded(value, unit)}${unit === undefined ? "" : ` ${unit}`}`
  return withDoubt(text, verdict)
}

/** A value as text, with the verdict on it. */
export const withDoubt = (text: string, verdict: Plausibility.Verdict): ReadonlyArray<Span> => {
  const doubt = doubtOf(verdict)
  return [doubt === undefined ? { text } : { text: `${text} (${doubt})`, color: "yellow" }]
}

const temperatures: ReadonlySet<string> = new Set(["°C", "°F", "K", "°R"])

/** Units that belong to a single kind of measurement. */
const telling: ReadonlySet<string> = new Set(
  [...temperatures, "%RH", "lux", "ppm", "mbar", "atm", "mmHg", "inHg", "psi", "Pa"]
)

/** A value with a sensible number of digits. Arrays contain nothing that could be left out. */
const rounded = (value: Family.Value, unit: string | undefined): string => {
  if (typeof value === "number") return digits(value, unit)
  if (!Array.isArray(value)) return exact(value)
  return value.map((one: Family.Scalar) => rounded(one, unit)).join(typeof value[0] === "boolean" ? "" : " ")
}

const digits = (value: number, unit: string | undefined): string => {
  if (unit !== undefined && (temperatures.has(unit) || unit === "%RH")) return value.toFixed(1)
  if (unit === "V" && (value === 0 || Math.abs(value) >= 0.1)) return value.toFixed(2)
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)))
}

/** A value unchanged, in the form in which you would write it. Bytes are hexadecimal, and times are in UTC. */
export const exact = (value: Family.Value): string => {
  const json = jsonOf(value)
  if (Array.isArray(json)) return json.map(textOf).join(",")
  return textOf(json)
}

const textOf = (value: Json): string => typeof value === "boolean" ? (value ? "1" : "0") : String(value ?? "none")

/** The verdict on a value that may be wrong. */
export const doubtOf = (verdict: Plausibility.Verdict): string | undefined => {
  switch (verdict._tag) {
    case "Plausible":
      return undefined
    case "PowerOn":
      return "power-on value"
    case "Disconnected":
      return "disconnected"
    case "NoAnswer":
      return "no answer, or frost"
    case "OutOfRange":
      return "out of range"
    case "Jump":
      return "a jump"
  }
}

/** Reason for a missing value, in a few words. */
export const problemOf = (error: Device.Failure): string => {
  switch (error._tag) {
    case "ConnError":
      return error.reason._tag === "Closed" ? "connection lost" : "no connection"
    case "OwnetTimeout":
      return "timed out"
    case "ProtocolError":
      return "protocol error"
    case "ArgumentError":
      return error.problem
    case "DeviceError":
      return error.reason._tag === "Malformed" ? "malformed value" : "no value"
    case "OwnetError":
      return words.get(error.reason._tag) ?? `refused (${error.codeName})`
  }
}

const words: ReadonlyMap<OwError.OwnetReason["_tag"], string> = new Map([
  ["BusFault", "bus fault"],
  ["NotFound", "no answer"],
  ["Unsupported", "cannot be read"]
])
