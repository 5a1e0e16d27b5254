/**
 * Temperatures and temperature differences, and their conversion between scales.
 *
 * @since 0.1.0
 */
import type { TemperatureScale } from "../protocol/ControlFlags.ts"

/** Factor for a value in degrees Celsius, and the number to add afterwards. */
const scales: Record<TemperatureScale, readonly [factor: number, summand: number]> = {
  C: [1, 0],
  F: [1.8, 32],
  K: [1, 273.15],
  R: [1.8, 491.67]
}

const symbols: Record<TemperatureScale, string> = { C: "°C", F: "°F", K: "K", R: "°R" }

/**
 * Gives the symbol to print after a temperature, or after the difference of two. Pressure scales are named by their symbols.
 *
 * **Example** (Printing a temperature)
 *
 * ```ts
 * import { Temperature } from "@effect-ownet/core"
 *
 * `${Temperature.convert(25, { from: "C", to: "F" })} ${Temperature.symbol("F")}` // => "77 °F"
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const symbol = (scale: TemperatureScale): string => symbols[scale]

/**
 * Converts a temperature to another scale, as a server does for a request in that scale.
 *
 * Nothing is rounded, and no temperature is too low. For the difference of two temperatures, use `convertGap`.
 *
 * **Example** (A room)
 *
 * ```ts
 * import { Temperature } from "@effect-ownet/core"
 *
 * Temperature.convert(25, { from: "C", to: "F" }) // => 77
 * Temperature.convert(25, { from: "C", to: "K" }) // => 298.15
 * ```
 *
 * @category converting
 * @since 0.1.0
 */
export const convert = (
  temperature: number,
  scale: { readonly from: TemperatureScale; readonly to: TemperatureScale }
): number => {
  if (scale.from === scale.to) return temperature
  const [fromFactor, fromSummand] = scales[scale.from]
  const [toFactor, toSummand] = scales[scale.to]
  return (temperature - fromSummand) / fromFactor * toFactor + toSummand
}

/**
 * Converts the difference of two temperatures to another scale. A property of the type `g`, a temperature gap, is such a
 * difference, and so is a hysteresis.
 *
 * **Example** (Warmer by five degrees)
 *
 * ```ts
 * import { Temperature } from "@effect-ownet/core"
 *
 * Temperature.convertGap(5, { from: "C", to: "F" }) // => 9
 * Temperature.convertGap(5, { from: "C", to: "K" }) // => 5
 * ```
 *
 * @category converting
 * @since 0.1.0
 */
export const convertGap = (
  gap: number,
  scale: { readonly from: TemperatureScale; readonly to: TemperatureScale }
): number => scale.from === scale.to ? gap : gap / scales[scale.from][0] * scales[scale.to][0]
