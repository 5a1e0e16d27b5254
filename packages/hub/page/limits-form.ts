/** Fields for the limits of a property, which show their own errors. */
import type { Limits } from "../src/Places.ts"
import { h, put, say } from "./dom.ts"
import * as Format from "./format.ts"
import * as Look from "./look.ts"

/** A field for a number, with a line for its error. */
export interface NumberField {
  readonly input: HTMLInputElement
  readonly mistake: HTMLElement
  /** The number: `undefined` if the field is empty, and `NaN` if it contains something else. */
  readonly value: () => number | undefined
  /** Shows the error, or removes it. */
  readonly complain: (problem: string | undefined) => boolean
}

let made = 0

export const numberField = (label: string, value: number | undefined, placeholder?: string): NumberField => {
  const id = `mistake-${made++}`
  const mistake = h("small", { class: "mistake", id, hidden: true })
  const input = h("input", {
    type: "number",
    step: "any",
    inputmode: "decimal",
    "aria-label": label,
    placeholder,
    value: value === undefined ? "" : Math.round(value * 1e6) / 1e6
  })
  const complain = (problem: string | undefined): boolean => {
    put(input, "aria-invalid", problem === undefined ? undefined : "true")
    put(input, "aria-describedby", problem === undefined ? undefined : id)
    put(mistake, "hidden", problem === undefined)
    say(mistake, problem ?? "")
    return problem !== undefined
  }
  return {
    input,
    mistake,
    value: () => input.validity.badInput ? NaN : input.value === "" ? undefined : input.valueAsNumber,
    complain
  }
}

/** The error of a number that must be 0 or more. */
const problemOf = (value: number | undefined, what: string): string | undefined =>
  value === undefined || value >= 0 ? undefined : `${what} must be a number, 0 or greater.`

export interface LimitsForm {
  readonly element: HTMLElement
  /** Shows all errors, and returns the first field that has one. */
  readonly check: () => HTMLInputElement | undefined
  /** The limits, or `undefined` if all fields are empty. */
  readonly limits: () => Limits | undefined
}

const minute = 60

export const make = (name: string, unit: string | undefined, limit: Limits): LimitsForm => {
  const word = Look.wordOf(name)
  const shown = Format.unitOf(unit)
  const inUnit = (value: number | undefined) => value === undefined ? undefined : Format.toView(value, unit)
  const above = numberField(`${word} above, ${shown}`, inUnit(limit.above))
  const below = numberField(`${word} below, ${shown}`, inUnit(limit.below))
  const lasting = numberField(
    `${word}: minutes that it must last`,
    limit.for === undefined ? undefined : limit.for / minute,
    "0"
  )
  const back = numberField(
    `${word}: hysteresis, ${shown}`,
    limit.hysteresis === undefined ? undefined : Format.deltaToView(limit.hysteresis, unit),
    "0"
  )
  const withUnit = ({ input }: NumberField) => h("span", {}, input, shown)
  const isUrgent = h("input", { type: "checkbox", checked: limit.isUrgent === true })
  const hasMore = limit.for !== undefined || limit.hysteresis !== undefined || limit.isUrgent === true
  const more = h(
    "details",
    { open: hasMore },
    h("summary", {}, `When to send a notice about ${word}`),
    h("p", { class: "sentence" }, "only if it lasts", lasting.input, "minutes"),
    lasting.mistake,
    h("p", { class: "sentence" }, "ends when it is back by", withUnit(back)),
    back.mistake,
    h("label", { class: "check" }, isUrgent, h("span", {}, "also in quiet hours"))
  )
  const element = h(
    "div",
    { class: "limit" },
    h("span", {}, `${word} needs a look`),
    h("p", { class: "sentence" }, "below", below.input, "or above", withUnit(above)),
    below.mistake,
    above.mistake,
    more
  )

  const check = (): HTMLInputElement | undefined => {
    const [high, low, delta] = [above.value(), below.value(), back.value()]
    const isCrossed = high !== undefined && low !== undefined && high <= low
    const isWide = high !== undefined && low !== undefined && !isCrossed && delta !== undefined && delta >= high - low
    const wrong = [
      below.complain(Number.isNaN(low) ? "Enter a number." : undefined) && below,
      above.complain(
        Number.isNaN(high) ? "Enter a number." : isCrossed ? "It must be greater than the lower limit." : undefined
      ) && above,
      lasting.complain(problemOf(lasting.value(), "The time")) && lasting,
      back.complain(
        problemOf(delta, "The hysteresis") ??
          (isWide ? "The hysteresis must be smaller than the distance between the limits." : undefined)
      ) && back
    ].find((field) => field !== false)
    if (wrong === lasting || wrong === back) more.open = true
    return wrong?.input
  }

  const limits = (): Limits | undefined => {
    const [high, low, seconds, delta] = [above.value(), below.value(), lasting.value(), back.value()]
    if (high === undefined && low === undefined) return undefined
    return {
      ...high === undefined ? undefined : { above: Format.fromView(high, unit) },
      ...low === undefined ? undefined : { below: Format.fromView(low, unit) },
      ...seconds === undefined || seconds === 0 ? undefined : { for: Math.round(seconds * minute) },
      ...delta === undefined || delta === 0 ? undefined : { hysteresis: Format.deltaFromView(delta, unit) },
      ...isUrgent.checked ? { isUrgent: true } : undefined
    }
  }

  return { element, check, limits }
}
