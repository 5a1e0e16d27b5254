/**
 * The illuminance by light sensors that are wired to a DS2438.
 *
 * All of them are in lux, and not rounded.
 *
 * @since 0.1.0
 */

/**
 * What a DS2438 measures at its current input, by the name of the property.
 *
 * @category models
 * @since 0.1.0
 */
export interface CurrentReading {
  /** The voltage at the current input in volts, in steps of 0.2441 mV. Below 0 in the dark, by noise. */
  readonly vis: number
}

/**
 * The illuminance in lux by the S3-R1-A of Hobby Boards, a photodiode with a resistor of 390 Ω: what a server calls
 * `S3-R1-A/illuminance`.
 *
 * At least 1, which stands for darkness, as it does with the server. One step of `vis` is 66 lx.
 *
 * **Example** (The diode that the board comes with)
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
  /** Lux for each microampere, what a server calls `S3-R1-A/gain`. The default is 1000 / 9.5, for a bare SFH203P. */
  readonly gain?: number | undefined
} = {}): number => {
  const { gain = 1000 / 9.5 } = options
  return Math.max(1, vis * 1_000_000 / 390 * gain)
}

/**
 * The illuminance in lux by a multisensor AMS-S or BMS-S of Elaborated Networks up to hardware revision 13, by the
 * formula of openHAB. A photodiode: 0 in the dark.
 *
 * The revision is the byte at 3 of the property `pages/page.5`.
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
 * The illuminance in lux by a multisensor AMS-S or BMS-S of Elaborated Networks from hardware revision 14 on, by the
 * formula of openHAB. Ten times the light are 47 mV more: 1 at 0 V, which is the dark.
 *
 * The revision is the byte at 3 of the property `pages/page.5`.
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
 * The illuminance in lux by an iButtonLink MS-TL, whose `MultiSensor/type` is `MS-TL`, by the formula of openHAB.
 *
 * 0 where `VAD` is not above 0 V, and where it is above the 10 V that the chip can measure.
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
  /** The sensor's output in volts. */
  readonly VAD: number
  /** The supply of the chip and of the sensor in volts. */
  readonly VDD: number
}): number => VAD <= 0 || VAD > 10 ? 0 : 10 ** ((65 - 47 * VDD / VAD) / 7.5)
