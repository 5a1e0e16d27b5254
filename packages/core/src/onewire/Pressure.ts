/**
 * Pressures from scale to scale.
 *
 * @since 0.1.0
 */
import type { PressureScale } from "../protocol/ControlFlags.ts"

/** What a value in millibar is multiplied by. They are the server's own, to the last digit. */
const scales: Record<PressureScale, number> = {
  mbar: 1,
  atm: 0.00098692316931,
  mmHg: 0.7500615613,
  inHg: 0.029529983071,
  psi: 0.014503773801,
  Pa: 100
}

/**
 * A pressure in another scale: what a server makes of it for a request in that scale. The difference of two pressures
 * is converted alike.
 *
 * The factors are those of the server, which has them to ten digits. Nothing is rounded.
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
