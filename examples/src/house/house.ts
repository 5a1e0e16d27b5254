/**
 * A house with a 1-Wire network: what programs ask of its devices.
 */
import { Counter, Device, Humidity, OwRetry, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import { DS18B20, DS2408, type DS2423, type DS2438 } from "@effect-ownet/core/families"
import { Console, Effect, Option } from "effect"

/** Reads a thermometer, and switches what hangs on eight relays. */
export const frostGuard = Effect.gen(function*() {
  const cellar = yield* Device.make(DS18B20, "28.000028D70100")
  const relays = yield* Device.make(DS2408, "29.000029D60300")

  const celsius = yield* cellar.read("temperature") // a number
  yield* relays.write("PIO.0", celsius < 3) // a boolean
  return yield* relays.read("PIO.ALL") // eight booleans, in one request
})

/** The device that is called so now. */
export const kitchen = Effect.gen(function*() {
  const thermometer = yield* Device.find(DS18B20, "kitchen")
  return yield* thermometer.read("temperature", { flags: { temperatureScale: "F" } })
})

/** A value of the device that somebody means by an alias, a ROM id or a path, whatever its family. */
export const value = Effect.fnUntraced(function*(address: string, property: string) {
  const device = yield* Device.at(Catalogue.of, address)
  return yield* device.read(property)
})

/** Sets when a thermometer is in alarm, and makes sure of it. */
export const setLimits = (thermometer: Device.Device<DS18B20>) =>
  Effect.gen(function*() {
    yield* thermometer.write("temphigh", 30, { verify: true })
    yield* thermometer.write("templow", 5, { verify: true })
  })

/** What to do about a thermometer that says 85 °C because it has not measured, or nothing at all. */
export const trusted = (thermometer: Device.Device<DS18B20>) =>
  thermometer.reading("temperature", { implausible: "readAgain", retry: OwRetry.transient }).pipe(
    Effect.tap(({ device, value, verdict }) =>
      verdict._tag === "Plausible" ? Effect.void : Console.warn(`${device.name}: ${value} (${verdict._tag})`)
    )
  )

/** What a sensor of humidity says, as it is shown to people. */
export const shown = (sensor: Device.Device<DS2438>) =>
  Effect.map(
    Effect.all([sensor.reading("temperature"), sensor.reading("humidity"), sensor.reading("VDD")]),
    (readings) => readings.map(({ property, unit, value }) => `${property} ${value} ${unit ?? ""}`)
  ) // temperature 21.5 °C, humidity 45.2 %RH, VDD 4.98 V

/** How dry the air at a DS2438 with a humidity sensor is, whatever its temperature. */
export const moisture = (sensor: Device.Device<DS2438>) =>
  Effect.gen(function*() {
    const temperature = yield* sensor.read("temperature")
    const humidity = yield* sensor.read("humidity")
    return Option.all({
      gramsPerCubicMetre: Humidity.absoluteHumidity({ temperature, humidity }),
      dewPoint: Humidity.dewPoint({ temperature, humidity })
    })
  })

/** What a meter has counted, and the readings that this rests on. */
export interface Meter {
  readonly total: number
  /** The last reading that is believed. */
  readonly last: number
  /** The readings since then that are not. The latest counts for this much if the next one agrees with it. */
  readonly doubted?: { readonly readings: number; readonly latest: number; readonly count: number } | undefined
}

/** Adds a reading. No single one is believed that does not follow on the last: a glitch of 0 looks like a reset. */
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

/** What a meter has counted by now. It counts at most `maxIncrease` from one reading to the next. */
export const consumed = (device: Device.Device<DS2423>, meter: Meter, maxIncrease: number) =>
  Effect.map(device.read("counter.A"), (now) => add(meter, now, maxIncrease))

/** A thermometer is whatever has a temperature. */
type Thermometer = Device.Device<{ readonly read: { readonly temperature: number }; readonly write: object }>

export const warmest = (thermometers: ReadonlyArray<Thermometer>) =>
  Effect.map(
    Effect.forEach(thermometers, (thermometer) => thermometer.read("temperature")),
    (temperatures) => Math.max(...temperatures)
  )

/** Whether a device is the one of a ROM id that somebody has written, in whatever format. */
export const isDevice = ({ id }: Device.AnyDevice, written: string): boolean =>
  Option.contains(RomId.fromString(written), id)
