/**
 * What must compile, and what must not: this file is checked, and never run.
 */
import {
  Conversion,
  Device,
  type DeviceError,
  Discovery,
  type Elements,
  Family,
  type Observation,
  type OwClient,
  type OwError
} from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { Effect, type Stream } from "effect"
import { expectTypeOf } from "vitest"

type ValueOf<A> = A extends Effect.Effect<infer Value, infer _E, infer _R> ? Value : never

declare const thermometer: Device.Device<Families.DS18B20>
declare const relay: Device.Device<Families.DS2408>
declare const converter: Device.Device<Families.DS2450>
declare const logger: Device.Device<Families.DS1921>
declare const button: Device.Device<Families.DS1991>
declare const eeprom: Device.Device<Families.DS2433>
declare const battery: Device.Device<Families.DS2438>
declare const house: Device.Device<Families.EDS>
declare const anything: Device.Device
declare const found: ReadonlyArray<Device.AnyDevice>

// A constant costs no error.
expectTypeOf(Device.make(Families.DS18B20, "28.000028D70100"))
  .toEqualTypeOf<Effect.Effect<Device.Device<Families.DS18B20>, OwError.ArgumentError, OwClient.OwClient>>()
expectTypeOf(Device.makeUnsafe<Families.DS18B20>).returns.toEqualTypeOf<Device.Device<Families.DS18B20>>()

// A value has the type that the server's record says.
expectTypeOf<ValueOf<ReturnType<typeof thermometer.read<"temperature">>>>().toEqualTypeOf<number>()
expectTypeOf(thermometer.read("temperature")).toEqualTypeOf<Effect.Effect<number, Device.Failure>>()
expectTypeOf(thermometer.read("power")).toEqualTypeOf<Effect.Effect<boolean, Device.Failure>>()
expectTypeOf(thermometer.read("type")).toEqualTypeOf<Effect.Effect<string, Device.Failure>>()
expectTypeOf(thermometer.read("errata/die")).toEqualTypeOf<Effect.Effect<string, Device.Failure>>()
expectTypeOf(thermometer.read("scratchpad")).toEqualTypeOf<Effect.Effect<Uint8Array, Device.Failure>>()
expectTypeOf(battery.read("date")).toEqualTypeOf<Effect.Effect<Date, Device.Failure>>()
expectTypeOf(battery.read("B1-R1-A/pressure")).toEqualTypeOf<Effect.Effect<number, Device.Failure>>()

// An element, all of them, and their bits.
expectTypeOf(relay.read("PIO.7")).toEqualTypeOf<Effect.Effect<boolean, Device.Failure>>()
expectTypeOf(relay.read("PIO.ALL")).toEqualTypeOf<Effect.Effect<ReadonlyArray<boolean>, Device.Failure>>()
expectTypeOf(relay.read("PIO.BYTE")).toEqualTypeOf<Effect.Effect<number, Device.Failure>>()
expectTypeOf(converter.read("volt.A")).toEqualTypeOf<Effect.Effect<number, Device.Failure>>()
expectTypeOf(eeprom.read("pages/page.ALL")).toEqualTypeOf<Effect.Effect<ReadonlyArray<Uint8Array>, Device.Failure>>()
expectTypeOf(logger.read("log/temperature.2047")).toEqualTypeOf<Effect.Effect<number, Device.Failure>>()
expectTypeOf(logger.read("log/date.ALL")).toEqualTypeOf<Effect.Effect<ReadonlyArray<Date>, Device.Failure>>()
expectTypeOf(button.read("subkey0/id.secret")).toEqualTypeOf<Effect.Effect<Uint8Array, Device.Failure>>()
expectTypeOf(house.read("EDS0067/threshold/light_hi ")).toEqualTypeOf<Effect.Effect<number, Device.Failure>>()

// What goes wrong is known, too.
expectTypeOf<Device.Failure>().toEqualTypeOf<OwError.OwError | DeviceError.DeviceError>()
expectTypeOf(Device.make(Families.DS18B20, "28.000028D70100")).toEqualTypeOf<
  Effect.Effect<Device.Device<Families.DS18B20>, OwError.ArgumentError, OwClient.OwClient>
>()

// A name that the family has not.
export const misspelt = [
  // @ts-expect-error: temprature is none of its properties
  thermometer.read("temprature"),
  // @ts-expect-error: its switches are a DS2408's
  thermometer.read("PIO.0"),
  // @ts-expect-error: an array is read whole or by element
  relay.read("PIO"),
  // @ts-expect-error: there are eight
  relay.read("PIO.8"),
  // @ts-expect-error: its inputs have letters
  converter.read("volt.0"),
  // @ts-expect-error: volts are no bits
  converter.read("volt.BYTE")
]

// What can only be written, and what can only be read.
export const accesses = [
  relay.write("LCD_H/message", "hello"),
  // @ts-expect-error: it is for writing
  relay.read("LCD_H/message"),
  thermometer.write("temphigh", 30),
  // @ts-expect-error: a temperature is for reading
  thermometer.write("temperature", 30),
  // @ts-expect-error: nobody can tell a chip its address
  thermometer.write("address", "28000028D7010055"),
  // @ts-expect-error: it can neither be read nor written
  logger.read("set_alarm/trigger")
]

// A value of another type.
export const values = [
  relay.write("PIO.0", true),
  // @ts-expect-error: a switch is on or off
  relay.write("PIO.0", 1),
  // @ts-expect-error: a temperature is a number
  thermometer.write("temphigh", "30"),
  relay.write("PIO.ALL", [true, false, true, false, true, false, true, false]),
  // @ts-expect-error: all of them are many
  relay.write("PIO.ALL", true),
  eeprom.write("memory", new Uint8Array(4)),
  // @ts-expect-error: a memory takes bytes
  eeprom.write("memory", "text"),
  battery.write("date", new Date(0)),
  // @ts-expect-error: a date is a Date
  battery.write("date", 0)
]

// A reading has the type of its value, and so has a property.
expectTypeOf(thermometer.reading("temperature")).toEqualTypeOf<Effect.Effect<Device.Reading<number>, Device.Failure>>()
expectTypeOf(relay.property("PIO.ALL")).toEqualTypeOf<Device.DeviceProperty<ReadonlyArray<boolean>>>()
export const notPolled = [
  // @ts-expect-error: a property that is only written is not polled
  relay.property("LCD_H/message")
]

// A device of which the compiler knows nothing: any name, and any value.
expectTypeOf(anything.read("whatever")).toEqualTypeOf<Effect.Effect<Family.Value, Device.Failure>>()
export const unknown = [
  anything.write("whatever", 1)
]

// What was found is of a family once it has been looked at.
const thermometers = found.filter(Device.is(Families.DS18B20))
expectTypeOf(thermometers).toEqualTypeOf<Array<Device.Device<Families.DS18B20>>>()
const either = found.filter(Device.is(Families.DS18B20, Families.DS2438))
expectTypeOf(Effect.forEach(either, (one) => one.read("temperature"))).toEqualTypeOf<
  Effect.Effect<Array<number>, Device.Failure>
>()
const batteries = either.filter(Device.is(Families.DS2438))
expectTypeOf(Effect.forEach(batteries, (one) => one.read("VDD"))).toEqualTypeOf<
  Effect.Effect<Array<number>, Device.Failure>
>()
const measuring = found.filter(Conversion.isThermometer)
expectTypeOf(Conversion.convertAll(measuring)).toEqualTypeOf<
  Stream.Stream<Observation.Observation<number>, OwError.ArgumentError>
>()
const whatever = found.filter(Device.is(Family.unknown))
expectTypeOf(Effect.forEach(whatever, (one) => one.read("temperature"))).toEqualTypeOf<
  Effect.Effect<Array<Family.Value>, Device.Failure>
>()
export const notKnown = [
  // @ts-expect-error: only one of the two has humidity
  Effect.forEach(either, (one) => one.read("humidity")),
  // @ts-expect-error: before that, nothing is known of it
  Effect.forEach(found, (one) => one.read("temperature"))
]

// A program may ask for what it needs, and take whatever has that.
type Thermometer = Device.Device<{ readonly read: { readonly temperature: number }; readonly write: object }>
const warmest = (thermometers: ReadonlyArray<Thermometer>) =>
  Effect.map(
    Effect.forEach(thermometers, (one) => one.read("temperature")),
    (temperatures) => Math.max(...temperatures)
  )
export const structural = [
  warmest([thermometer, battery, logger]),
  // @ts-expect-error: a DS2408 does not measure temperatures
  warmest([relay])
]

// Options in a variable of their own type know no families.
const options: Discovery.Options = { couplers: false }
expectTypeOf(Effect.map(Discovery.devices(options), ({ devices }) => devices[0])).toEqualTypeOf<
  Effect.Effect<Device.AnyDevice, OwError.OwError, OwClient.OwClient>
>()

// The names of elements, by their number.
expectTypeOf<{ readonly [N in keyof Elements.Numbered<"page", 3, Date>]: Elements.Numbered<"page", 3, Date>[N] }>()
  .toEqualTypeOf<{
    readonly "page.ALL": ReadonlyArray<Date>
    readonly "page.0": Date
    readonly "page.1": Date
    readonly "page.2": Date
  }>()
expectTypeOf<keyof Elements.Lettered<"volt", 4, number>>().toEqualTypeOf<
  "volt.ALL" | "volt.A" | "volt.B" | "volt.C" | "volt.D"
>()
expectTypeOf<Elements.Lettered<"volt", 4, number>["volt.D"]>().toEqualTypeOf<number>()
expectTypeOf<keyof Elements.NumberedBits<"PIO", 2>>().toEqualTypeOf<"PIO.ALL" | "PIO.BYTE" | "PIO.0" | "PIO.1">()
expectTypeOf<Elements.NumberedBits<"PIO", 2>["PIO.ALL"]>().toEqualTypeOf<ReadonlyArray<boolean>>()
expectTypeOf<keyof Elements.LetteredBits<"PIO", 2>>().toEqualTypeOf<"PIO.ALL" | "PIO.BYTE" | "PIO.A" | "PIO.B">()
expectTypeOf<Elements.LetteredBits<"PIO", 2>["PIO.BYTE"]>().toEqualTypeOf<number>()

// Up to 32 elements have names, and of more, or of nobody knows how many, any number is one.
expectTypeOf<"page.31" extends keyof Elements.Numbered<"page", 32, Date> ? true : false>().toEqualTypeOf<true>()
expectTypeOf<"page.32" extends keyof Elements.Numbered<"page", 32, Date> ? true : false>().toEqualTypeOf<false>()
expectTypeOf<keyof Elements.Numbered<"page", 33, Date>>().toEqualTypeOf<"page.ALL" | `page.${number}`>()
expectTypeOf<keyof Elements.Numbered<"page", number, Date>>().toEqualTypeOf<"page.ALL" | `page.${number}`>()
