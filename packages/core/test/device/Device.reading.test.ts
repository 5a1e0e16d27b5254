import { Device, Family, OwClient } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import {
  answering,
  battery,
  converter,
  failure,
  logger,
  message,
  reason,
  relay,
  serve,
  thermometer,
  untyped
} from "../fixtures/devices.ts"

describe("Device", () => {
  describe("gives a reading", () => {
    it.effect("with its device, its name, its time and its verdict", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({ [thermometer]: { temperature: 21.5 }, [relay]: { "PIO.BYTE": 5 } })
        yield* TestClock.adjust("1 minute")
        const device = yield* make(Families.DS18B20, thermometer)
        const switches = yield* make(Families.DS2408, relay)
        const reading = yield* device.reading("temperature")
        assert.strictEqual(reading.device, device)
        assert.deepStrictEqual({ ...reading, device: undefined }, {
          _tag: "Reading",
          device: undefined,
          property: "temperature",
          value: 21.5,
          unit: "°C",
          at: new Date(60_000),
          verdict: { _tag: "Plausible" }
        })
        const property = switches.property("PIO.ALL")
        assert.deepStrictEqual([property.device, property.name], [switches, "PIO.ALL"])
        yield* TestClock.adjust("1 minute")
        const again = yield* property.reading()
        assert.deepStrictEqual([again.property, again.at, again.unit], ["PIO.ALL", new Date(120_000), undefined])
        assert.deepStrictEqual(again.value.slice(0, 3), [true, false, true])
      }))

    it.effect("of the time when the answer came", () =>
      Effect.gen(function*() {
        const network = yield* SimulatedNetwork.make({ [thermometer]: { temperature: 21.5 } }, { conversions: "real" })
        const { make } = yield* serve(network)
        const device = yield* make(Families.DS18B20, thermometer)
        const fiber = yield* Effect.forkChild(device.reading("temperature"))
        yield* TestClock.adjust("10 seconds")
        const { at } = yield* Fiber.join(fiber)
        assert.isAtLeast(at.getTime(), 750)
        assert.isBelow(at.getTime(), 10_000)
      }))

    it.effect("whose verdict knows the scale", () =>
      Effect.gen(function*() {
        const description = {
          [thermometer]: { temperature: SimulatedNetwork.script([["0 seconds", 85], ["1 second", 130]]) }
        }
        const read = (client: "C" | "F" | "K" | "R", call?: "C" | "F" | "K" | "R") =>
          Effect.gen(function*() {
            const { make } = yield* serve(description, { flags: { temperatureScale: client } })
            const device = yield* make(Families.DS18B20, thermometer)
            const flags = { temperatureScale: call }
            const first = yield* device.reading("temperature", { flags })
            yield* TestClock.adjust("1 second")
            const second = yield* device.reading("temperature", { flags })
            const limits = second.verdict._tag === "OutOfRange" ? [second.verdict.least, second.verdict.most] : []
            return [first.value, first.verdict._tag, second.value, ...limits]
          })
        assert.deepStrictEqual(yield* read("C"), [85, "PowerOn", 130, -55, 125])
        assert.deepStrictEqual(yield* read("F"), [185, "PowerOn", 266, -67, 257])
        assert.deepStrictEqual(yield* read("K"), [358.15, "PowerOn", 403.15, 218.15, 398.15])
        assert.deepStrictEqual(yield* read("C", "R"), [644.67, "PowerOn", 725.67, 392.67, 716.67])
        assert.deepStrictEqual(yield* read("R", "C"), yield* read("C"))
      }))

    it.effect("with its unit, in the scales of the client or of the call", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({
          [thermometer]: { tempres: 12 },
          [battery]: { "B1-R1-A/pressure": 1000, humidity: 45.2, temperature: 20, VAD: 4.98 },
          [converter]: { "volt.B": 2.5, "CO2/ppm": 350 },
          [logger]: {}
        }, { flags: { temperatureScale: "F", pressureScale: "psi" } })
        const unit = (family: Family.Family, address: string, name: string, options?: Device.ReadingOptions) =>
          make(untyped(family), address).pipe(
            Effect.flatMap((device) => device.reading(name, options)),
            Effect.map(({ unit }) => unit)
          )
        const kelvin = { flags: { temperatureScale: "K", pressureScale: "inHg" } } as const
        const read = (options?: Device.ReadingOptions) =>
          Effect.all([
            unit(Families.DS2438, battery, "temperature", options),
            unit(Families.DS2438, battery, "B1-R1-A/pressure", options),
            unit(Families.DS2438, battery, "B1-R1-A/gain", options),
            unit(Families.DS2438, battery, "humidity", options),
            unit(Families.DS2438, battery, "VAD", options),
            unit(Families.DS2438, battery, "date", options),
            unit(Families.DS2450, converter, "volt.B", options),
            unit(Families.DS2450, converter, "volt.ALL", options),
            unit(Families.DS2450, converter, "PIO.ALL", options),
            unit(Families.DS1921, logger, "log/temperature.7", options),
            unit(Families.DS18B20, thermometer, "tempres", options)
          ])
        const own = ["%RH", "V", undefined, "V", "V", undefined] as const
        assert.deepStrictEqual(yield* read(), ["°F", "psi", undefined, ...own, "°F", "bit"])
        assert.deepStrictEqual(yield* read(kelvin), ["K", "inHg", undefined, ...own, "K", "bit"])
        assert.deepStrictEqual(
          yield* read({ flags: { temperatureScale: "R" } }),
          ["°R", "psi", undefined, ...own, "°R", "bit"]
        )
        assert.deepStrictEqual(
          yield* read({ implausible: "readAgain", flags: { pressureScale: "Pa" } }),
          ["°F", "Pa", undefined, ...own, "°F", "bit"]
        )
      }))

    it.effect("with the unit of its scale, if its family is not known", () =>
      Effect.gen(function*() {
        const { make, ow } = yield* serve({ [battery]: { temperature: 20, VAD: 4.98, "B1-R1-A/pressure": 1000 } })
        const unitsOf = (device: Device.Device) =>
          Effect.forEach(
            ["temperature", "B1-R1-A/pressure", "VAD"],
            (name) => Effect.map(device.reading(name, { flags: { temperatureScale: "K" } }), ({ unit }) => unit)
          )
        const device = yield* make(Family.unknown, battery)
        assert.deepStrictEqual(yield* unitsOf(device), ["K", "mbar", undefined])
        assert.isTrue(Device.is(Families.DS2438)(device))
        assert.deepStrictEqual(yield* unitsOf(device), ["K", "mbar", undefined])
        const known = yield* Effect.provideService(Device.at(Catalogue.of, battery), OwClient.OwClient, ow)
        assert.deepStrictEqual(yield* unitsOf(known), ["K", "mbar", "V"])
      }))

    const path = `/${thermometer}/temperature`

    it.effect("however implausible it is, by default", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["85", "-127", "-0.0625", "NAN", "21.5"] })
        const device = yield* make(Families.DS18B20, thermometer)
        const keep = { implausible: "keep" } as const
        const readings = yield* Effect.forEach([undefined, keep, undefined, keep, keep], (options) =>
          device.reading("temperature", options))
        assert.deepStrictEqual(
          readings.map(({ value, verdict }) => [value, verdict._tag]),
          [[85, "PowerOn"], [-127, "Disconnected"], [-0.0625, "NoAnswer"], [Number.NaN, "OutOfRange"], [
            21.5,
            "Plausible"
          ]]
        )
        assert.strictEqual(server.requests.length, 5)
      }))

    it.effect("or an error instead", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["85", "-127", "-0.0625", "130", "NAN", "21.5"] })
        const device = yield* make(Families.DS18B20, thermometer)
        const reject = device.reading("temperature", { implausible: "reject" })
        const problems = yield* Effect.replicateEffect(Effect.flip(reject), 5)
        assert.deepStrictEqual(
          problems.map(({ message }) => message.replace(`read ${path} at scripted:4304: `, "")),
          [
            "85 is implausible: 85 °C is what a thermometer reports until it has measured: check its power",
            "-127 is implausible: -127 °C is what an adapter reports if a device does not answer: check the wires",
            "-0.0625 is implausible: it is what a bus returns if no device answers, unless it is freezing: check the wires",
            "130 is implausible: the chip measures from -55 to 125",
            "NaN is implausible: the chip measures from -55 to 125"
          ]
        )
        for (const error of problems) assert.deepStrictEqual([reason(error), error.isRetryable], ["Implausible", true])
        assert.strictEqual((yield* reject).value, 21.5)
        assert.strictEqual(server.requests.length, 6)
      }))

    it.effect("of an array, if each of its values is plausible", () =>
      Effect.gen(function*() {
        const volts = `/${converter}/volt.ALL`
        const { make } = yield* answering({ [volts]: ["1,2,3,4", "1,2,30,4", "1,NAN,3,4"] })
        const device = yield* make(Families.DS2450, converter)
        const reject = device.reading("volt.ALL", { implausible: "reject" })
        assert.deepStrictEqual((yield* reject).value, [1, 2, 3, 4])
        assert.strictEqual(
          yield* message(reject),
          `read ${volts} at scripted:4304: [1, 2, 30, 4] is implausible: the chip measures from 0 to 5.12`
        )
        assert.strictEqual(yield* failure(reject), "Implausible")
      }))

    it.effect("that was read again past the cache, until it was plausible", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["85", "-127", "21.5", "22", "85", "85", "85", "85"] })
        const device = yield* make(Families.DS18B20, thermometer)
        const again = Effect.map(
          device.reading("temperature", { implausible: "readAgain", flags: { temperatureScale: "C" } }),
          ({ value, verdict }) => [value, verdict._tag]
        )
        const isUncached = () => server.requests.map(({ flags }) => (flags & 0x20) !== 0)
        assert.deepStrictEqual(yield* again, [21.5, "Plausible"])
        assert.deepStrictEqual(isUncached(), [false, true, true])
        assert.deepStrictEqual(yield* again, [22, "Plausible"])
        assert.deepStrictEqual(isUncached().slice(3), [false])
        assert.deepStrictEqual(yield* again, [85, "PowerOn"])
        assert.deepStrictEqual(isUncached().slice(4), [false, true, true])
      }))

    it.effect("or the error of reading again", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["85", -5, "21.5"] })
        const device = yield* make(Families.DS18B20, thermometer)
        assert.strictEqual(yield* failure(device.reading("temperature", { implausible: "readAgain" })), "BusFault")
        assert.strictEqual(server.requests.filter(({ text }) => text === `${path}|`).length, 2)
      }))

    it.effect("that may not jump further from the one before than was wanted", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["20", "25", "25.1", "14.9", "26", "26", "21"] })
        const device = yield* make(Families.DS18B20, thermometer)
        const jump = { maxJump: 5, previous: 20 } as const
        const verdict = (options: Device.ReadingOptions) =>
          Effect.map(device.reading("temperature", options), ({ verdict }) => verdict)
        assert.deepStrictEqual(yield* verdict({ maxJump: 5 }), { _tag: "Plausible" })
        assert.deepStrictEqual(yield* verdict(jump), { _tag: "Plausible" })
        assert.deepStrictEqual(yield* verdict(jump), { _tag: "Jump", from: 20 })
        assert.deepStrictEqual(yield* verdict(jump), { _tag: "Jump", from: 20 })
        assert.strictEqual(
          yield* message(verdict({ ...jump, implausible: "reject" })),
          `read ${path} at scripted:4304: 26 is implausible: it was 20 just before`
        )
        assert.deepStrictEqual(yield* verdict({ ...jump, implausible: "readAgain" }), { _tag: "Plausible" })
        assert.strictEqual(server.requests.length, 7)
      }))
  })
})
