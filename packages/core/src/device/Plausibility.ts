/**
 * Checks whether a value can be true: a sensor may not have measured, may not answer, or may report a value beyond its range.
 *
 * @since 0.1.0
 */

/**
 * The verdict on a value: whether it can be a real measurement.
 *
 * **Details**
 *
 * - `Plausible`: nothing is wrong with it.
 * - `PowerOn`: 85 °C from a thermometer that has not measured: its power failed, or was too weak. Does not apply to
 *   thermocouples.
 * - `Disconnected`: -127 °C, which drivers of adapters report if no device answered.
 * - `NoAnswer`: -0.0625 °C from a thermometer, or -0.125 °C from a DS2751, DS2755, DS2760, DS2770, DS2780 or DS2781. All bits are
 *   ones, which is what a bus returns if no device answers. In frost the value may be true. A DS2438 never gets this verdict:
 *   it sends a checksum, so a missing answer is an error.
 * - `OutOfRange`: beyond the range of the chip, or not a number.
 * - `Jump`: further from the previous value than allowed.
 *
 * A value within 2 °C of the previous one is neither `PowerOn` nor `NoAnswer`: a boiler passes through 85 °C, and a sensor in
 * frost through -0.0625 °C. Streams know the previous value, and `reading` takes it as an option.
 *
 * **Example** (Skipping a thermometer that has not measured)
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
 * How to treat an implausible value.
 *
 * **Example** (Rejecting implausible values)
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
   * `keep` returns the value with its verdict. `reject` fails with a `DeviceError`. `readAgain` reads up to two more times,
   * bypassing the server's cache, and returns the first plausible value, or else the last one with its verdict. Default `keep`.
   */
  readonly implausible?: "keep" | "reject" | "readAgain" | undefined
  /** Maximum change of a number from the previous value, in its own unit. Unlimited by default. */
  readonly maxJump?: number | undefined
}

/**
 * Explains a verdict in a few words, with a possible remedy.
 *
 * @category formatting
 * @since 0.1.0
 */
export const describe = (verdict: Verdict): string => {
  switch (verdict._tag) {
    case "Plausible":
      return "it is plausible"
    case "PowerOn":
      return "85 °C is what a thermometer reports until it has measured: check its power"
    case "Disconnected":
      return "-127 °C is what an adapter reports if a device does not answer: check the wires"
    case "NoAnswer":
      return "it is what a bus returns if no device answers, unless it is freezing: check the wires"
    case "OutOfRange":
      return verdict.most === Number.MAX_VALUE
        ? "it is not a finite number"
        : `the chip measures from ${verdict.least} to ${verdict.most}`
    case "Jump":
      return `it was ${verdict.from} just before`
  }
}
