/**
 * Illuminance from light sensors connected to a DS2438.
 *
 * All results are in lux, without rounding.
 *
 * @since 0.1.0
 */

/**
 * The measurement of a DS2438 at its current input, by the name of the property.
 *
 * @category models
 * @since 0.1.0
 */
export interface CurrentReading {
  /** Voltage at the current input in volts, in steps of 0.2441 mV. Noise makes it fall below 0 in the dark. */
  readonly vis: number
}

/**
 * Computes the illuminance in lux from the S3-R1-A of Hobby Boards, a photodiode with a resistor of 390 Ω. A server calls it
 * `S3-R1-A/illuminance`.
 *
 * The minimum is 1, which means darkness, as on the server. One step of `vis` is 66 lx.
 *
 * **Example** (The board's own diode)
 *
 * ```ts
 * import { Light } from "@effect-ownet/core"
 *
 * Light.fromS3R1A({ vis: 0.0741 }) // => 20000
 * Light.fromS3R1A({ vis: -0.0002 }) // => 1
 * ```
 *
 * @category sensors
 * @since 0.1.0
 */
export const fromS3R1A = ({ vis }: CurrentReading, options: {
  /** Lux for each microampere. A server calls it `S3-R1-A/gain`. Default 1000 / 9.5, for a bare SFH203P. */
  readonly gain?: number | undefined
} = {}): number => {
  const { gain = 1000 / 9.5 } = options
  return Math.max(1, vis * 1_000_000 / 390 * gain)
}

/**
 * Computes the illuminance in lux from a multisensor AMS-S or BMS-S of Elaborated Networks up to hardware revision 13, with the
 * formula of openHAB. The sensor is a photodiode: 0 in the dark.
 *
 * The revision is byte 3 of the property `pages/page.5`.
 *
 * **Example** (A bright day)
 *
 * ```ts
 * import { Light } from "@effect-ownet/core"
 *
 * Light.fromElabNetV1({ vis: 0.1 }) // => 97441.9...
 * ```
 *
 * @category sensors
 * @since 0.1.0
 */
export const fromElabNetV1 = ({ vis }: CurrentReading): number =>
  20_000 * Math.exp(4.518) * Math.max(0, vis * 1_000_000 / (4096 * 390)) ** 1.059

/**
 * Computes the illuminance in lux from a multisensor AMS-S or BMS-S of Elaborated Networks from hardware revision 14 on, with the
 * formula of openHAB. Ten times the light gives 47 mV more. The result is 1 at 0 V, which means darkness.
 *
 * The revision is byte 3 of the property `pages/page.5`.
 *
 * **Example** (An office)
 *
 * ```ts
 * import { Light } from "@effect-ownet/core"
 *
 * Light.fromElabNetV2({ vis: 0.141 }) // => 1000
 * ```
 *
 * @category sensors
 * @since 0.1.0
 */
export const fromElabNetV2 = ({ vis }: CurrentReading): number => 10 ** (vis * 1000 / 47)

/**
 * Computes the illuminance in lux from an iButtonLink MS-TL, whose `MultiSensor/type` is `MS-TL`, with the formula of openHAB.
 *
 * The result is 0 if `VAD` is not above 0 V, and if it is above the 10 V that the chip can measure.
 *
 * **Example** (Some light)
 *
 * ```ts
 * import { Light } from "@effect-ownet/core"
 *
 * Light.fromMSTL({ VAD: 4.7, VDD: 5 }) // => 100
 * ```
 *
 * @category sensors
 * @since 0.1.0
 */
export const fromMSTL = ({ VAD, VDD }: {
  /** Output of the sensor in volts. */
  readonly VAD: number
  /** Supply voltage of the chip and the sensor in volts. */
  readonly VDD: number
}): number => VAD <= 0 || VAD > 10 ? 0 : 10 ** ((65 - 47 * VDD / VAD) / 7.5)
