/**
 * A house with a 1-Wire network: typical tasks with its devices.
 */
import { Counter, Device, Humidity, OwRetry, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import { DS18B20, DS2408, type DS2423, type DS2438 } from "@effect-ownet/core/families"
import { Console, Effect, Option } from "effect"

/** Reads a thermometer, and switches eight relays. */
export const frostGuard = Effect.gen(function*() {
  const cellar = yield* Device.make(DS18B20, "28.000028D70100")
  const relays = yield* Device.make(DS2408, "29.000029D60300")

  const celsius = yield* cellar.read("temperature") // a number
  yield* relays.write("PIO.0", celsius < 3) // a boolean
  return yield* relays.read("PIO.ALL") // eight booleans, in one request
})

/** The device that has this alias now. */
export const kitchen = Effect.gen(function*() {
  const thermometer = yield* Device.find(DS18B20, "kitchen")
  return yield* thermometer.read("temperature", { flags: { temperatureScale: "F" } })
})

/** A value of the device at an alias, a ROM id or a path, of any family. */
export const value = Effect.fnUntraced(function*(address: string, property: string) {
  const device = yield* Device.at(Catalogue.of, address)
  return yield* device.read(property)
})

/** Sets the alarm limits of a thermometer, and verifies them. */
export const setLimits = (thermometer: Device.Device<DS18B20>) =>
  Effect.gen(function*() {
    yield* thermometer.write("temphigh", 30, { verify: true })
    yield* thermometer.write("templow", 5, { verify: true })
  })

/** Handles a thermometer that returns 85 °C because it has not measured, or that does not answer. */
export const trusted = (thermometer: Device.Device<DS18B20>) =>
  thermometer.reading("temperature", { implausible: "readAgain", retry: OwRetry.transient }).pipe(
    Effect.tap(({ device, value, verdict }) =>
      verdict._tag === "Plausible" ? Effect.void : Console.warn(`${device.name}: ${value} (${verdict._tag})`)
    )
  )

/** The values of a humidity sensor, formatted for people. */
export const shown = (sensor: Device.Device<DS2438>) =>
  Effect.map(
    Effect.all([sensor.reading("temperature"), sensor.reading("humidity"), sensor.reading("VDD")]),
    (readings) => readings.map(({ property, unit, value }) => `${property} ${value} ${unit ?? ""}`)
  ) // temperature 21.5 °C, humidity 45.2 %RH, VDD 4.98 V

/** The humidity of the air at a DS2438 with a humidity sensor, independent of its temperature. */
export const moisture = (sensor: Device.Device<DS2438>) =>
  Effect.gen(function*() {
    const temperature = yield* sensor.read("temperature")
    const humidity = yield* sensor.read("humidity")
    return Option.all({
      gramsPerCubicMetre: Humidity.absoluteHumidity({ temperature, humidity }),
      dewPoint: Humidity.dewPoint({ temperature, humidity })
    })
  })

/** The total of a meter, and the readings that it is based on. */
export interface Meter {
  readonly total: number
  /** The last accepted reading. */
  readonly last: number
  /** Later readings that are not accepted. The latest adds this count if the next one agrees with it. */
  readonly doubted?: { readonly readings: number; readonly latest: number; readonly count: number } | undefined
}

/** Adds a reading. A single one that does not follow on the last is not accepted, because a glitch of 0 looks like a reset. */
export const add = ({ doubted, last, total }: Meter, now: number, maxIncrease: number): Meter => {
  const readings = (doubted?.readings ?? 0) + 1
  const delta = Counter.delta(last, now, { maxIncrease: maxIncrease * readings })
  if (delta._tag === "Increase") return { total: total + delta.count, last: now }
  if (doubted !== undefined && now > 0) {
    const since = Counter.delta(doubted.latest, now, { maxIncrease })
    if (since._tag === "Increase") return { total: total + doubted.count + since.count, last: now }
  }
  return { total, last, doubted: { readings, latest: now, count: delta._tag === "Reset" ? delta.count : 0 } }
}

/** The current total of a meter, which counts at most `maxIncrease` between readings. */
export const consumed = (device: Device.Device<DS2423>, meter: Meter, maxIncrease: number) =>
  Effect.map(device.read("counter.A"), (now) => add(meter, now, maxIncrease))

/** Any device with a temperature. */
type Thermometer = Device.Device<{ readonly read: { readonly temperature: number }; readonly write: object }>

export const warmest = (thermometers: ReadonlyArray<Thermometer>) =>
  Effect.map(
    Effect.forEach(thermometers, (thermometer) => thermometer.read("temperature")),
    (temperatures) => Math.max(...temperatures)
  )

/** Whether a device has the given ROM id, in any format. */
export const isDevice = ({ id }: Device.AnyDevice, written: string): boolean =>
  Option.contains(RomId.fromString(written), id)
