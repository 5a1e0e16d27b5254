/**
 * Pressures, and their conversion between scales.
 *
 * @since 0.1.0
 */
import type { PressureScale } from "../protocol/ControlFlags.ts"

/** Factors for a value in millibar. They are the server's own, to the last digit. */
const scales: Record<PressureScale, number> = {
  mbar: 1,
  atm: 0.00098692316931,
  mmHg: 0.7500615613,
  inHg: 0.029529983071,
  psi: 0.014503773801,
  Pa: 100
}

/**
 * Converts a pressure to another scale, as a server does for a request in that scale. It also converts the difference of two
 * pressures.
 *
 * The factors are those of the server, which has ten digits of them. Nothing is rounded.
 *
 * **Example** (A barometer)
 *
 * ```ts
 * import { Pressure } from "@effect-ownet/core"
 *
 * Pressure.convert(1013.25, { from: "mbar", to: "Pa" }) // => 101325
 * Pressure.convert(1000, { from: "mbar", to: "mmHg" }) // => 750.0615613
 * ```
 *
 * @category converting
 * @since 0.1.0
 */
export const convert = (
  pressure: number,
  scale: { readonly from: PressureScale; readonly to: PressureScale }
): number => scale.from === scale.to ? pressure : pressure / scales[scale.from] * scales[scale.to]
