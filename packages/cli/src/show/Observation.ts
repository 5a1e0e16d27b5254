/**
 * What was seen of a property, as people and programs are told: a value and its unit, what is to be thought of it, or why there
 * is none.
 */
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Family from "@effect-ownet/core/device/Family"
import type * as Plausibility from "@effect-ownet/core/device/Plausibility"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import * as Hex from "effect/encoding/Hex"
import type { Span } from "../terminal/Text.ts"

/** For programs. A value that is no number, yes or no or text is a text all the same; what is not there is `null`. */
export const toJson = (seen: Observation.Observation) =>
  seen._tag === "Reading"
    ? { value: jsonOf(seen.value), unit: seen.unit ?? null, verdict: seen.verdict._tag, error: null }
    : { value: null, unit: null, verdict: null, error: errorJson(seen.error) }

/** The least that tells one failure from another, as it is told elsewhere. */
export const errorJson = (error: Device.Failure) => ({
  _tag: error._tag,
  reason: "reason" in error ? { _tag: error.reason._tag } : null,
  message: error.message
})

type Json = number | boolean | string | null | ReadonlyArray<Json>

const jsonOf = (value: Family.Value): Json => {
  if (value instanceof Uint8Array) return Hex.encode(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  // Said to be an array by its type only where it is none of these.
  return typeof value === "object" ? value.map(jsonOf) : value
}

/** For people, with the property's name where neither the unit nor the value tells which it is. */
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

/** A value as a text, with what is to be thought of it. */
export const withDoubt = (text: string, verdict: Plausibility.Verdict): ReadonlyArray<Span> => {
  const doubt = doubtOf(verdict)
  return [doubt === undefined ? { text } : { text: `${text} (${doubt})`, color: "yellow" }]
}

const temperatures: ReadonlySet<string> = new Set(["°C", "°F", "K", "°R"])

/** Nothing else is measured in these. */
const telling: ReadonlySet<string> = new Set(
  [...temperatures, "%RH", "lux", "ppm", "mbar", "atm", "mmHg", "inHg", "psi", "Pa"]
)

/** With as many digits as are worth looking at, and arrays without anything that could be left out. */
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

/** A value as it came, in the form in which it would be written. Bytes are in hexadecimal, and moments in UTC. */
export const exact = (value: Family.Value): string => {
  const json = jsonOf(value)
  if (Array.isArray(json)) return json.map(textOf).join(",")
  return textOf(json)
}

const textOf = (value: Json): string => typeof value === "boolean" ? (value ? "1" : "0") : String(value ?? "none")

/** What is to be thought of a value that may not be true. */
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

/** Why there is no value, in a few words. */
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
