/**
 * Whether a value can be true: what a sensor says that has not measured, does not answer, or is beyond its means.
 *
 * @since 0.1.0
 */

/**
 * The verdict on a value: whether it can be a real measurement.
 *
 * **Details**
 *
 * - `Plausible`: nothing speaks against it.
 * - `PowerOn`: 85 °C of a thermometer, which it says as long as it has not measured: its power failed, or was too weak. What a
 *   thermocouple measures is not meant.
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
 *   const device = yield* Device.makeUnsafe(DS18B20, "28.000028D70100")
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
 *   const device = yield* Device.makeUnsafe(DS18B20, "28.000028D70100")
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

/**
 * Says in a few words what is behind a verdict, and what may help.
 *
 * @category formatting
 * @since 0.1.0
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
