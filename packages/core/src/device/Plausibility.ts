/**
 * Whether a value can be true: what a sensor says that has not measured, does not answer, or is beyond its means.
 *
 * @since 0.1.0
 */
import * as Pressure from "../onewire/Pressure.ts"
import * as Temperature from "../onewire/Temperature.ts"
import * as TypeRecord from "../protocol/TypeRecord.ts"
import type { Place, Value } from "./Family.ts"
import type { Scales } from "./Property.ts"

/**
 * What is to be thought of a value.
 *
 * **Details**
 *
 * - `Plausible`: nothing speaks against it.
 * - `PowerOn`: 85 °C of a thermometer, which it says as long as it has not measured: its power failed, or was too weak.
 * - `Disconnected`: -127 °C, by which drivers of adapters say that nobody answered.
 * - `NoAnswer`: -0.0625 °C of a thermometer, or -0.125 °C of a battery monitor: nothing but ones, which is what a bus gives
 *   on which nobody answers. In frost it may be true.
 * - `OutOfRange`: beyond what the chip can measure, or no number at all.
 * - `Jump`: further from the one before than was wanted.
 *
 * **Example** (Leaving out a thermometer that has not measured)
 *
 * ```ts
 * import { Device, type Plausibility } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { Effect } from "effect"
 *
 * const isBelievable = (verdict: Plausibility.Verdict): boolean => verdict._tag !== "PowerOn"
 *
 * const program = Effect.gen(function*() {
 *   const device = yield* Device.make(DS18B20, "28.000028D70100")
 *   const { value, verdict } = yield* device.reading("temperature")
 *   return isBelievable(verdict) ? value : undefined
 * })
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export type Verdict =
  | { readonly _tag: "Plausible" }
  | { readonly _tag: "PowerOn" }
  | { readonly _tag: "Disconnected" }
  | { readonly _tag: "NoAnswer" }
  | { readonly _tag: "OutOfRange"; readonly least: number; readonly most: number }
  | { readonly _tag: "Jump"; readonly from: number }

/**
 * What to do about an implausible value.
 *
 * **Example** (Having nothing to do with what cannot be)
 *
 * ```ts
 * import { Device } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { Effect } from "effect"
 *
 * const temperature = Effect.gen(function*() {
 *   const device = yield* Device.make(DS18B20, "28.000028D70100")
 *   const { value } = yield* device.reading("temperature", { implausible: "reject" })
 *   return value
 * })
 * ```
 *
 * @category models
 * @since 0.1.0
 */
export interface Policy {
  /**
   * `keep` gives it, with its verdict. `reject` fails with a `DeviceError`. `readAgain` reads it twice more at most, past the
   * server's cache, and gives the first plausible one, or else the last with its verdict. Default `keep`.
   */
  readonly implausible?: "keep" | "reject" | "readAgain" | undefined
  /** How far a number may be from the one before, in its own unit. Any distance by default. */
  readonly maxJump?: number | undefined
}

const plausible: Verdict = { _tag: "Plausible" }

/** Thermometers that hold 85 °C until they have measured. */
const thermometers: ReadonlySet<string> = new Set(["10", "22", "28", "3B", "42"])

/** What nothing but ones is as a temperature, by the last bit of the chip. */
const ones = (familyCode: string): number | undefined => {
  if (thermometers.has(familyCode) || familyCode === "7E") return -0.0625
  return batteryMonitors.has(familyCode) ? -0.125 : undefined
}

const batteryMonitors: ReadonlySet<string> = new Set(["2E", "30", "32", "35", "3D", "51"])

/** Scales have their digits, too. */
const tolerance = 0.002

/**
 * What is to be thought of what was read.
 *
 * @internal
 */
export const judge = (
  familyCode: string,
  { range, record }: Place,
  value: Value,
  scales: Scales,
  { maxJump, previous }: { readonly maxJump?: number | undefined; readonly previous?: Value | undefined } = {}
): Verdict => {
  const judgeOne = judgeNumber(familyCode, record, inScale(record.kind, range, scales) ?? everything, scales)
  if (Array.isArray(value)) {
    for (const one of value) {
      const verdict = judgeOne(one)
      if (verdict._tag !== "Plausible") return verdict
    }
    return plausible
  }
  const verdict = judgeOne(value)
  return verdict._tag === "Plausible" && typeof value === "number" && record.kind !== "y" &&
      typeof previous === "number" && maxJump !== undefined && Math.abs(value - previous) > maxJump
    ? { _tag: "Jump", from: previous }
    : verdict
}

const judgeNumber = (
  familyCode: string,
  record: TypeRecord.TypeRecord,
  [least, most]: readonly [least: number, most: number],
  { temperatureScale }: Scales
) =>
(value: Value): Verdict => {
  if (typeof value !== "number" || record.kind === "y") return plausible
  // What is written is no measurement: 85 °C is a limit as good as any.
  if (record.kind === "t" && !TypeRecord.isWritable(record)) {
    const celsius = Temperature.convert(value, { from: temperatureScale, to: "C" })
    // A thermocouple measures so far down.
    const isMeasured = least !== everything[0] && value >= least
    if (Math.abs(celsius + 127) < tolerance && !isMeasured) return { _tag: "Disconnected" }
    if (Math.abs(celsius - 85) < tolerance && thermometers.has(familyCode)) return { _tag: "PowerOn" }
    if (Math.abs(celsius - (ones(familyCode) ?? Number.NaN)) < tolerance) return { _tag: "NoAnswer" }
  }
  return value >= least && value <= most ? plausible : { _tag: "OutOfRange", least, most }
}

/** Any number, and neither an infinite one nor `NaN`. */
const everything = [-Number.MAX_VALUE, Number.MAX_VALUE] as const

/**
 * A range in the scale of a request.
 *
 * @internal
 */
export const inScale = (
  kind: TypeRecord.Kind,
  range: readonly [least: number, most: number] | undefined,
  { pressureScale, temperatureScale }: Scales
): readonly [least: number, most: number] | undefined => {
  if (range === undefined) return undefined
  const convert = kind === "t"
    ? (value: number) => Temperature.convert(value, { from: "C", to: temperatureScale })
    : kind === "g"
    ? (value: number) => Temperature.convertGap(value, { from: "C", to: temperatureScale })
    : kind === "p"
    ? (value: number) => Pressure.convert(value, { from: "mbar", to: pressureScale })
    : undefined
  return convert === undefined ? range : [sixDigits(convert(range[0])), sixDigits(convert(range[1]))]
}

/** A server gives six digits: the limit itself, rounded as it does, is not beyond the limit. */
const sixDigits = (value: number): number => Number(value.toPrecision(6))

/**
 * A verdict in an error.
 *
 * @internal
 */
export const describe = (verdict: Verdict): string => {
  switch (verdict._tag) {
    case "Plausible":
      return "it is plausible"
    case "PowerOn":
      return "85 °C is what a thermometer says until it has measured: look at its power"
    case "Disconnected":
      return "-127 °C is what an adapter says of a device that does not answer: look at its wires"
    case "NoAnswer":
      return "it is what a bus gives on which nobody answers, unless it freezes: look at the wires"
    case "OutOfRange":
      return verdict.most === Number.MAX_VALUE
        ? "it is no finite number"
        : `the chip measures from ${verdict.least} to ${verdict.most}`
    case "Jump":
      return `it was ${verdict.from} just before`
  }
}
