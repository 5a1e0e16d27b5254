/**
 * Judges whether a value can be a real measurement.
 */
import * as FamilyCode from "../../onewire/FamilyCode.ts"
import * as Pressure from "../../onewire/Pressure.ts"
import * as Temperature from "../../onewire/Temperature.ts"
import * as TypeRecord from "../../protocol/TypeRecord.ts"
import type * as Family from "../Family.ts"
import type * as Plausibility from "../Plausibility.ts"
import type * as Property from "../Property.ts"

const plausible: Plausibility.Verdict = { _tag: "Plausible" }

/** Thermometers that hold 85 °C until they have measured, by the codes of their drivers. */
const thermometers: ReadonlySet<string> = new Set(["10", "22", "28", "3B", "42"])

/** The properties that show the chip's own conversion, not the hardware connected to it. */
const registers: ReadonlySet<string> = new Set([
  "temperature",
  "temperature9",
  "temperature10",
  "temperature11",
  "temperature12",
  "fasttemp",
  "latesttemp"
])

/** The junction of a MAX31850. It can be of any type and measures temperatures that no other chip of its family can. */
const thermocouple = "thermocouple"

/** The temperature that consists only of ones, by the resolution of the chip. */
const ones = (driver: string, name: string): number | undefined => {
  if (driver === "7E") return -0.0625
  if (!registers.has(name)) return undefined
  if (thermometers.has(driver)) return -0.0625
  return batteryMonitors.has(driver) ? -0.125 : undefined
}

/** Battery monitors that send their temperature without a checksum. A DS2438 sends one, and a missing answer is an error. */
const batteryMonitors: ReadonlySet<string> = new Set(["2E", "30", "32", "35", "3D", "51"])

/**
 * Distance from the previous value, in degrees Celsius, within which a chip is believed to have measured a value that it also
 * reports without measuring. A sensor in frost passes through -0.0625 °C, and a boiler through 85 °C.
 */
const nearby = 2

/** Whether a value may be within that distance of another, in the scale of both, whichever that is. */
export const mayBeNear = (value: Family.Value, previous: Family.Value | undefined): boolean =>
  typeof value === "number" && typeof previous === "number" && Math.abs(value - previous) <= nearby * 1.8 + tolerance

/** Covers the rounding of other scales. */
const tolerance = 0.002

/** The verdict on a value. */
export const judge = (
  familyCode: string,
  { name, range, record }: Property.Element,
  value: Family.Value,
  scales: Property.Scales,
  { maxJump, previous }: { readonly maxJump?: number | undefined; readonly previous?: Family.Value | undefined } = {}
): Plausibility.Verdict => {
  const judgeOne = judgeNumber(
    FamilyCode.driver(familyCode),
    name,
    record,
    inScale(record.kind, range, scales) ?? everything,
    scales,
    typeof previous === "number" ? previous : Number.NaN
  )
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
  driver: string,
  name: string,
  record: TypeRecord.TypeRecord,
  [least, most]: readonly [least: number, most: number],
  { temperatureScale }: Property.Scales,
  previous: number
) =>
(value: Family.Value): Plausibility.Verdict => {
  if (typeof value !== "number" || record.kind === "y") return plausible
  // A writable property is not a measurement: 85 °C is a valid limit.
  if (record.kind === "t" && !TypeRecord.isWritable(record) && name !== thermocouple) {
    const celsius = Temperature.convert(value, { from: temperatureScale, to: "C" })
    // A thermocouple can measure temperatures as low as this.
    const isMeasured = least !== everything[0] && value >= least
    if (Math.abs(celsius + 127) < tolerance && !isMeasured) return { _tag: "Disconnected" }
    const isNear = Math.abs(celsius - Temperature.convert(previous, { from: temperatureScale, to: "C" })) <= nearby
    if (Math.abs(celsius - 85) < tolerance && thermometers.has(driver) && registers.has(name) && !isNear) {
      return { _tag: "PowerOn" }
    }
    if (Math.abs(celsius - (ones(driver, name) ?? Number.NaN)) < tolerance && !isNear) return { _tag: "NoAnswer" }
  }
  return value >= least && value <= most ? plausible : { _tag: "OutOfRange", least, most }
}

/** Any number except infinite ones and `NaN`. */
const everything = [-Number.MAX_VALUE, Number.MAX_VALUE] as const

/** A range in the scale of a request. */
export const inScale = (
  kind: TypeRecord.Kind,
  range: readonly [least: number, most: number] | undefined,
  { pressureScale, temperatureScale }: Property.Scales
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

/** A server returns six digits: a limit that it has rounded is still within the range. */
const sixDigits = (value: number): number => Number(value.toPrecision(6))
