/**
 * Humidity of air: values derived from a relative humidity, and the relative humidity from the voltages that a DS2438 measures at
 * a humidity sensor.
 *
 * Temperatures are in degrees Celsius, the scale that a server uses by default.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"

/**
 * Air, as a sensor for temperature and humidity measures it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Air {
  /** Temperature in degrees Celsius. */
  readonly temperature: number
  /** Relative humidity in percent. Sensors show a little more than 100 in fog, and a little less than 0 in dry air. */
  readonly humidity: number
}

// The Magnus formula over water, as published by the WMO: saturated vapour has 611.2 Pa * exp(beta * t / (lambda + t)).
const saturationAtZero = 611.2
const beta = 17.62
const lambda = 243.12

/** Gas constant of water vapour in J/(kg K). */
const gasConstant = 461.52

const exponent = (temperature: number): number => beta * temperature / (lambda + temperature)

const finite = (value: number): Option.Option<number> => Number.isFinite(value) ? Option.some(value) : Option.none()

/**
 * Computes the dew point in degrees Celsius: the temperature to which the air must cool for its water to condense.
 *
 * It uses the Magnus formula over water, whose error is at most 0.35 °C between -45 and 60 °C, and grows slowly outside that
 * range. `None` if there is no dew point: for a humidity of 0 % or less, and at -243.12 °C or less, where the formula ends.
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
  // The logarithm of a humidity of 0 % or less is not finite, so the result is not finite either.
  const gamma = Math.log(humidity / 100) + exponent(temperature)
  return temperature > -lambda && gamma < beta ? finite(lambda * gamma / (beta - gamma)) : Option.none()
}

/**
 * Computes the absolute humidity in g/m³: how much water the air holds.
 *
 * It uses the Magnus formula over water, made for -45 to 60 °C; at 100 °C the result is 2.5 % too high. `None` if no such air
 * exists: for a humidity below 0 %, and at -243.12 °C or less, where the formula ends.
 *
 * **Example** (Comparing indoor with outdoor air)
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
 * The measurements of a DS2438 at a humidity sensor, by the names of its properties. The three must be taken at the same time.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reading {
  /** Output of the sensor in volts. */
  readonly VAD: number
  /** Supply voltage of the chip and the sensor in volts. */
  readonly VDD: number
  /** Temperature in degrees Celsius. */
  readonly temperature: number
}

/** Corrects the reading of a Honeywell sensor for the temperature. */
const compensated = (humidity: number, temperature: number): Option.Option<number> =>
  finite(humidity / (1.0546 - 0.00216 * temperature))

/** Minimum supply in volts. A server refuses to compute with a lower one. */
const leastSupply = 0.01

/**
 * Computes the relative humidity in percent from an HIH-3600, HIH-3602 or HIH-3610, whose output starts at 0.8 V. A server calls
 * it `HIH3600/humidity`, and also `humidity` unless the device is from DataNAB.
 *
 * The result is not clamped: a value far outside 0 to 100 means that the sensor is broken or of another type. `None` if the
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
 * Computes the relative humidity in percent from an HIH-4000, HIH-4010, HIH-4020 or HIH-4030, whose output starts at 0.16 of the
 * supply. A server calls it `HIH4000/humidity`. At a supply of 5 V it equals `fromHIH3600`.
 *
 * The result is not clamped: a value far outside 0 to 100 means that the sensor is broken or of another type. `None` if the
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
 * Computes the relative humidity in percent from an HIH-5030 or HIH-5031, made for a supply of 3.3 V. A server calls it
 * `HIH5030/humidity`.
 *
 * The result is not clamped: a value far outside 0 to 100 means that the sensor is broken or of another type. `None` if the
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
 * Computes the relative humidity in percent from a HTM1735 at 5 V, whose output needs no correction. A server calls it
 * `HTM1735/humidity`.
 *
 * The result is not clamped: a value far outside 0 to 100 means that the sensor is broken or of another type.
 *
 * **Example** (The middle of the datasheet's range)
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
 * Computes the relative humidity in percent from a DataNAB sensor, an HIH-4000 connected to the current input. A server calls it
 * `DATANAB/humidity`, and for these devices also `humidity`.
 *
 * Each device has its own calibration in `pages/page.6`. If the page starts with `AA AA`, the next two bytes are the offset in
 * 0.1 mV and the two after them the slope in 10 µV/%, the high byte first. A slope of 0 means none.
 *
 * The result is not clamped: a value far outside 0 to 100 means that the sensor is broken or of another type. `None` if `VAD` or
 * the slope is 0.
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
    /** Voltage at the current input in volts. */
    readonly vis: number
  },
  calibration: {
    /** Volts at 0 %. Default 0.8. */
    readonly offset?: number | undefined
    /** Volts for each percent. Default 0.031. */
    readonly slope?: number | undefined
  } = {}
): Option.Option<number> => {
  const { offset = 0.8, slope = 0.031 } = calibration
  return compensated((vis / VAD * 85.65 - offset) / slope, temperature)
}
