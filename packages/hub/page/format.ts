/** Numbers, units, times and ages, in the language of the browser. */
import type { Reading } from "../src/Api.ts"
import { settings } from "./settings.ts"

/** Whether the unit differs for users who prefer °F. */
const isTurned = (unit: string | undefined): boolean => unit === "°C" && settings.isFahrenheit

/** The displayed unit. */
export const unitOf = (unit: string | undefined): string => isTurned(unit) ? "°F" : unit ?? ""

/** A value in the displayed unit. Stored and sent values are never converted. */
export const toView = (value: number, unit: string | undefined): number => isTurned(unit) ? value * 1.8 + 32 : value

/** A value that the user has entered, in the stored unit. */
export const fromView = (value: number, unit: string | undefined): number =>
  isTurned(unit) ? Math.round((value - 32) / 1.8 * 1e6) / 1e6 : value

/** A difference of values in the displayed unit. */
export const deltaToView = (delta: number, unit: string | undefined): number => isTurned(unit) ? delta * 1.8 : delta

/** A difference that the user has entered, in the stored unit. */
export const deltaFromView = (delta: number, unit: string | undefined): number =>
  isTurned(unit) ? Math.round(delta / 1.8 * 1e6) / 1e6 : delta

const numbers = new Map<string, Intl.NumberFormat>()

const format = (value: number, least: number, most: number): string => {
  const key = `${least} ${most}`
  let found = numbers.get(key)
  if (found === undefined) {
    found = new Intl.NumberFormat(undefined, { minimumFractionDigits: least, maximumFractionDigits: most })
    numbers.set(key, found)
  }
  return found.format(value).replace("-", "−")
}

/** Digits after the decimal point, as many as a sensor can resolve. */
const digitsOf = (value: number, unit: string | undefined): number =>
  unit === "°C" || unit?.startsWith("%") === true
    ? 1
    : Number.isInteger(value)
    ? 0
    : Math.abs(value) < 10
    ? 3
    : Math.abs(value) < 1000
    ? 1
    : 0

/** A stored number in the displayed unit, without the unit's name. */
export const number = (value: number, unit: string | undefined): string => {
  const digits = digitsOf(value, unit)
  return format(toView(value, unit), digits, digits)
}

/** A number that is already in the displayed unit, with the unit's name. */
export const plain = (value: number, unit: string | undefined): string => {
  const digits = digitsOf(value, unit)
  return `${format(value, digits, digits)} ${unitOf(unit)}`.trim()
}

/** A number of an axis, which is already in the displayed unit. */
export const tick = (value: number): string => format(value, 0, 4)

/** A difference of values, with its sign. */
export const signed = (delta: number, unit: string | undefined): string => {
  const value = deltaToView(delta, unit)
  return `${value > 0 ? "+" : ""}${format(value, 1, 1)}`
}

export const withUnit = (value: number, unit: string | undefined): string => {
  const shown = unitOf(unit)
  return shown === "" ? number(value, unit) : `${number(value, unit)} ${shown}`
}

/** A text in which the values of a unit are converted to the displayed unit. */
export const inText = (text: string, unit: string | undefined): string => {
  if (unit === undefined || unit === "") return text
  const escaped = unit.replaceAll(/[^\w\s]/g, "\\$&")
  const amounts = new RegExp(`(?<![\\w.,-])(-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?) ${escaped}(?!\\w)`, "g")
  return text.replaceAll(amounts, (_, value: string) => withUnit(Number(value), unit))
}

/** Any value as text. */
export const valueOf = (value: Reading["value"], unit: string | undefined): string =>
  typeof value === "number"
    ? number(value, unit)
    : typeof value === "boolean"
    ? value ? "on" : "off"
    : typeof value === "string"
    ? value
    : value.map((element) => valueOf(element, unit)).join(", ")

const steps = [["d", 86_400], ["h", 3600], ["min", 60]] as const

/** A duration in one unit, such as `5 min`. */
export const length = (seconds: number): string => {
  const [unit, size] = steps.find(([, size]) => seconds >= size) ?? ["s", 1]
  return `${format(Math.max(0, Math.floor(seconds / size)), 0, 0)} ${unit}`
}

const dates = (options: Intl.DateTimeFormatOptions) => {
  const made = new Intl.DateTimeFormat(undefined, options)
  return (at: number): string => made.format(at * 1000)
}

export const clock = dates({ hour: "2-digit", minute: "2-digit" })
export const exact = dates({ hour: "2-digit", minute: "2-digit", second: "2-digit" })
const day = dates({ weekday: "short", day: "numeric", month: "short" })
export const longDay = dates({ weekday: "long", day: "numeric", month: "long", year: "numeric" })
export const dayMonth = dates({ day: "numeric", month: "short" })
export const month = dates({ month: "short" })
export const year = dates({ year: "numeric" })
export const full = dates({ dateStyle: "medium", timeStyle: "medium" })

/** A time: the time of day for today, with the day otherwise. */
export const moment = (at: number, now: number): string =>
  day(at) === day(now) && now - at < 86_400 ? clock(at) : `${dayMonth(at)} ${clock(at)}`

/** The time of day for a time of today, and the day for an earlier one. */
export const dayOrClock = (at: number, now: number): string => day(at) === day(now) ? clock(at) : dayMonth(at)

/** A calendar date, such as `2026-03-29`. Noon is on the same day everywhere. */
export const date = (text: string): string => {
  const at = Date.parse(`${text}T12:00:00`) / 1000
  return Number.isNaN(at) ? text : day(at)
}
