/**
 * Times and durations as people read and write them.
 */
import * as Output from "./Output.ts"

const two = (value: number): string => String(value).padStart(2, "0")

/** The local time of day. */
export const timeOf = (at: Date): string => [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")

const dayOf = (at: Date): string => [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-")

/** The local date and time. In a pipe it is one word with its offset from UTC, which `date -d` and other programs understand. */
export const momentOf = (at: Date): string => {
  if (Output.isTerminal()) return `${dayOf(at)} ${timeOf(at)}`
  const minutes = -at.getTimezoneOffset()
  const distance = Math.abs(minutes)
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(distance / 60))}:${two(distance % 60)}`
  return `${dayOf(at)}T${timeOf(at)}${offset}`
}

/** A duration in a suitable unit. */
export const spanOf = (millis: number): string => {
  const seconds = Math.round(millis / 1000)
  if (millis < 1000) return `${millis} ms`
  if (seconds < 120) return `${Number((millis / 1000).toFixed(seconds < 10 ? 1 : 0))} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}

/** Milliseconds, rounded to the significant digits. */
export const round = (millis: number): number => Number(millis.toPrecision(millis < 100 ? 2 : 3))
