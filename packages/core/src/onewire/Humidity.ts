/**
 * The humidity of air: what follows from a relative one, and what the voltages say that a DS2438 measures at a humidity
 * sensor.
 *
 * Temperatures are in degrees Celsius, as a server gives them where no other scale is asked for.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"

/**
 * Air, as a sensor for temperature and humidity describes it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Air {
  /** Degrees Celsius. */
  readonly temperature: number
  /** Relative humidity in percent. Sensors give a little more than 100 in fog, and a little less than 0 in dry air. */
  readonly humidity: number
}

// The Magnus formula over water, as the WMO has it: saturated vapour has 611.2 Pa * exp(beta * t / (lambda + t)).
const saturationAtZero = 611.2
const beta = 17.62
const lambda = 243.12

/** The gas constant of water vapour in J/(kg K). */
const gasConstant = 461.52

const exponent = (temperature: number): number => beta * temperature / (lambda + temperature)

const finite = (value: number): Option.Option<number> => Number.isFinite(value) ? Option.some(value) : Option.none()

/**
 * The dew point in degrees Celsius: what the air must be cooled to for its water to condense.
 *
 * By the Magnus formula over water, which is off by 0.35 °C at most between -45 and 60 °C and gets worse slowly beyond.
 * `None` where there is none: for a humidity of 0 % or less, and for -243.12 °C or less, where the formula ends.
 *
 * **Example** (A wall colder than this gets wet)
 *
 * ```ts
 * import { Humidity } from "@effect-ownet/core"
 *
 * Humidity.dewPoint({ temperature: 20, humidity: 75 }) // => Option.some(15.431360...)
 * Humidity.dewPoint({ temperature: 20, humidity: 0 }) // => Option.none()
 * ```
 *
 * @category converting
 * @since 0.1.0
 */
export const dewPoint = ({ humidity, temperature }: Air): Option.Option<number> => {
  // The logarithm of a humidity of 0 % or less is not finite, and neither is the result then.
  const gamma = Math.log(humidity / 100) + exponent(temperature)
  return temperature > -lambda && gamma < beta ? finite(lambda * gamma / (beta - gamma)) : Option.none()
}

/**
 * The absolute humidity in g/m³: how much water the air holds.
 *
 * By the Magnus formula over water, made for -45 to 60 °C; at 100 °C it says 2.5 % too much. `None` where there is no
 * such air: for a humidity below 0 %, and for -243.12 °C or less, where the formula ends.
 *
 * **Example** (Is it drier outside?)
 *
 * ```ts
 * import { Humidity } from "@effect-ownet/core"
 *
 * Humidity.absoluteHumidity({ temperature: 20, humidity: 75 }) // => Option.some(12.930650...)
 * Humidity.absoluteHumidity({ temperature: 5, humidity: 95 }) // => Option.some(6.451227...)
 * ```
 *
 * @category converting
 * @since 0.1.0
 */
export const absoluteHumidity = ({ humidity, temperature }: Air): Option.Option<number> =>
  temperature > -lambda && humidity >= 0
    ? finite(
      10 * humidity * saturationAtZero * Math.exp(exponent(temperature)) / (gasConstant * (temperature + 273.15))
    )
    : Option.none()

/**
 * What a DS2438 measures at a humidity sensor, by the names of its properties. The three belong to one moment.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  /** The sensor's output in volts. */
  readonly VAD: number
  /** The supply of the chip and of the sensor in volts. */
  readonly VDD: number
  /** Degrees Celsius. */
  readonly temperature: number
}

/** What the sensors of Honeywell show, corrected for the temperature. */
const compensated = (humidity: number, temperature: number): Option.Option<number> =>
  finite(humidity / (1.0546 - 0.00216 * temperature))

/** A server refuses to work with a lower supply than this, in volts. */
const leastSupply = 0.01

/**
 * The relative humidity in percent by a HIH-3600, HIH-3602 or HIH-3610, whose output starts at 0.8 V: what a server
 * calls `HIH3600/humidity`, and `humidity` too unless the device is one of DataNAB's.
 *
 * The result is not clamped: one far outside 0 to 100 tells of a sensor that is broken or another one. `None` where the
 * supply is below 0.01 V.
 *
 * **Example** (From a reading to a dew point)
 *
 * ```ts
 * import { Humidity } from "@effect-ownet/core"
 * import { Option } from "effect"
 *
 * const reading = { VAD: 2.5, VDD: 5, temperature: 20 }
 *
 * const dewPoint = Humidity.fromHIH3600(reading).pipe(
 *   Option.flatMap((humidity) => Humidity.dewPoint({ ...reading, humidity }))
 * )
 * ```
 *
 * @category sensors
 * @since 0.1.0
 */
export const fromHIH3600 = ({ VAD, VDD, temperature }: Reading): Option.Option<number> =>
  VDD < leastSupply ? Option.none() : compensated((VAD - 0.8) / VDD / 0.0062, temperature)

/**
 * The relative humidity in percent by a HIH-4000, HIH-4010, HIH-4020 or HIH-4030, whose output starts at 0.16 of the
 * supply: what a server calls `HIH4000/humidity`. At a supply of 5 V it equals `fromHIH3600`.
 *
 * The result is not clamped: one far outside 0 to 100 tells of a sensor that is broken or another one. `None` where the
 * supply is below 0.01 V.
 *
 * **Example** (A supply of 4.93 V)
 *
 * ```ts
 * import { Humidity } from "@effect-ownet/core"
 *
 * Humidity.fromHIH4000({ VAD: 2.5, VDD: 4.93, temperature: 20 }) // => Option.some(55.3527...)
 * ```
 *
 * @category sensors
 * @since 0.1.0
 */
export const fromHIH4000 = ({ VAD, VDD, temperature }: Reading): Option.Option<number> =>
  VDD < leastSupply ? Option.none() : compensated((VAD / VDD - 0.16) / 0.0062, temperature)

/**
 * The relative humidity in percent by a HIH-5030 or HIH-5031, made for a supply of 3.3 V: what a server calls
 * `HIH5030/humidity`.
 *
 * The result is not clamped: one far outside 0 to 100 tells of a sensor that is broken or another one. `None` where the
 * supply is below 0.01 V.
 *
 * **Example** (Half of the supply)
 *
 * ```ts
 * import { Humidity } from "@effect-ownet/core"
 *
 * Humidity.fromHIH5030({ VAD: 1.65, VDD: 3.3, temperature: 25 }) // => Option.some(54.7627...)
 * ```
 *
 * @category sensors
 * @since 0.1.0
 */
export const fromHIH5030 = ({ VAD, VDD, temperature }: Reading): Option.Option<number> =>
  VDD < leastSupply ? Option.none() : compensated((VAD / VDD - 0.1515) / 0.00636, temperature)

/**
 * The relative humidity in percent by a HTM1735 at 5 V, whose output asks for no correction: what a server calls
 * `HTM1735/humidity`.
 *
 * The result is not clamped: one far outside 0 to 100 tells of a sensor that is broken or another one.
 *
 * **Example** (The middle of the datasheet)
 *
 * ```ts
 * import { Humidity } from "@effect-ownet/core"
 *
 * Humidity.fromHTM1735({ VAD: 2.48 }) // => 54.5416...
 * ```
 *
 * @category sensors
 * @since 0.1.0
 */
export const fromHTM1735 = ({ VAD }: Pick<Reading, "VAD">): number => 38.92 * VAD - 41.98

/**
 * The relative humidity in percent by a sensor of DataNAB, a HIH-4000 that is read at the current input: what a server
 * calls `DATANAB/humidity`, and `humidity` too for these devices.
 *
 * Each device keeps its own calibration in `pages/page.6`: where that starts with `AA AA`, the next two bytes are the
 * offset in 0.1 mV and the two behind them the slope in 10 µV/%, the high byte first; a slope of 0 stands for none.
 *
 * The result is not clamped: one far outside 0 to 100 tells of a sensor that is broken or another one. `None` where
 * `VAD` or the slope is 0.
 *
 * **Example** (With the usual calibration)
 *
 * ```ts
 * import { Humidity } from "@effect-ownet/core"
 *
 * Humidity.fromDATANAB({ VAD: 5, vis: 0.12, temperature: 20 }) // => Option.some(40.0466...)
 * ```
 *
 * @category sensors
 * @since 0.1.0
 */
export const fromDATANAB = (
  { VAD, temperature, vis }: Pick<Reading, "VAD" | "temperature"> & {
    /** The voltage at the current input in volts. */
    readonly vis: number
  },
  calibration: {
    /** Volts at 0 %. The default is 0.8. */
    readonly offset?: number | undefined
    /** Volts for each percent. The default is 0.031. */
    readonly slope?: number | undefined
  } = {}
): Option.Option<number> => {
  const { offset = 0.8, slope = 0.031 } = calibration
  return compensated((vis / VAD * 85.65 - offset) / slope, temperature)
}
