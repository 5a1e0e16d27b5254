/**
 * Moments and durations as people read them.
 */
import * as Output from "./Output.ts"

const two = (value: number): string => String(value).padStart(2, "0")

/** The time of day here. */
export const timeOf = (at: Date): string => [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":")

const dayOf = (at: Date): string => [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-")

/** Date and time here: in a pipe as one word, with how far that is from UTC, which `date -d` and others understand. */
export const momentOf = (at: Date): string => {
  if (Output.isTerminal()) return `${dayOf(at)} ${timeOf(at)}`
  const minutes = -at.getTimezoneOffset()
  const distance = Math.abs(minutes)
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(distance / 60))}:${two(distance % 60)}`
  return `${dayOf(at)}T${timeOf(at)}${offset}`
}

/** How long something takes, in the unit that suits it. */
export const spanOf = (millis: number): string => {
  const seconds = Math.round(millis / 1000)
  if (millis < 1000) return `${millis} ms`
  if (seconds < 120) return `${Number((millis / 1000).toFixed(seconds < 10 ? 1 : 0))} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`
}
