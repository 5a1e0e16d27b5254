import type { Family } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
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
  describe("reads", () => {
    it.effect("each kind of value, in each of its shapes", () =>
      Effect.gen(function*() {
        const counts = Array.from({ length: 63 }, (_, at) => at)
        const pages = Array.from({ length: 8 }, (_, at) => new Uint8Array(8).fill(at))
        const { make } = yield* serve({
          [thermometer]: { temperature: 21.5, "errata/die": "B7", power: true, tempres: 11, alias: "boiler, old" },
          [relay]: { "PIO.ALL": [1, 0, 0, 1, 0, 0, 0, 0], "sensed.BYTE": 255, "latch.BYTE": () => 130 },
          [logger]: { "histogram/counts.ALL": counts },
          [battery]: { udate: 1_767_323_045, "pages/page.ALL": pages, vis: -0.01 },
          [converter]: { "volt.ALL": [0.5, 1, 1.5, 2] },
          "27.000000000001": { interval: 3 },
          "EF.000000000001": { "moisture/sensor.ALL": [0, 50, 100, 255] },
          "DD.000000000001": { "is_index_prime.000": true },
          "02.000000000001": { "subkey0/id.xxx": new Uint8Array(8).fill(7) }
        })
        const expected: ReadonlyArray<readonly [Family.Family, string, Readonly<Record<string, Family.Value>>]> = [
          [Families.DS18B20, thermometer, {
            temperature: 21.5,
            "errata/die": "B7",
            power: true,
            tempres: 11,
            alias: "boiler, old",
            address: "28000028D70100D5",
            scratchpad: Uint8Array.of(0x28, 0, 0, 0x28, 0xd7, 1, 0, 0xd5, 0x28)
          }],
          [Families.DS2408, relay, {
            "PIO.0": true,
            "PIO.1": false,
            "PIO.ALL": [true, false, false, true, false, false, false, false],
            "PIO.BYTE": 9,
            "sensed.7": true,
            "sensed.BYTE": 255,
            "latch.BYTE": 130
          }],
          [Families.DS1921, logger, { "histogram/counts.ALL": counts, "histogram/counts.62": 62 }],
          [Families.DS2438, battery, {
            date: new Date("2026-01-02T03:04:05Z"),
            vis: -0.01,
            "pages/page.ALL": pages,
            "pages/page.2": new Uint8Array(8).fill(2)
          }],
          [Families.DS2450, converter, { "volt.ALL": [0.5, 1, 1.5, 2], "volt.C": 1.5 }],
          [Families.DS2417, "27.000000000001", { interval: 3 }],
          [Families.HobbyBoards_EF, "EF.000000000001", { "moisture/sensor.ALL": [0, 50, 100, 255] }],
          [Families.Example_slave, "DD.000000000001", { "is_index_prime.0": true }],
          [Families.DS1991, "02.000000000001", { "subkey0/id.whatever": new Uint8Array(8).fill(7) }]
        ]
        for (const [family, address, values] of expected) {
          const device = yield* make(untyped(family), address)
          for (const [name, value] of Object.entries(values)) {
            assert.deepStrictEqual(yield* device.read(name), value, `${family.chip} ${name}`)
          }
        }
      }))

    it.effect("temperatures, gaps and pressures in the client's scale, or in the call's", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({
          [thermometer]: { temperature: 25 },
          [logger]: { "about/resolution": 0.5 },
          [battery]: { "B1-R1-A/pressure": 1000, "B1-R1-A/gain": 10, VAD: 5 }
        }, { flags: { temperatureScale: "F", pressureScale: "psi" } })
        const chip = yield* make(Families.DS18B20, thermometer)
        const log = yield* make(Families.DS1921, logger)
        const monitor = yield* make(Families.DS2438, battery)
        const inScale = (temperatureScale?: "C" | "K" | "R", pressureScale?: "mbar" | "inHg" | "Pa") => {
          const flags = { temperatureScale, pressureScale }
          return Effect.all([
            chip.read("temperature", { flags }),
            log.read("about/resolution", { flags }),
            monitor.read("B1-R1-A/pressure", { flags }),
            monitor.read("VAD", { flags })
          ])
        }
        assert.deepStrictEqual(yield* inScale(), [77, 0.9, 14.5038, 5])
        assert.deepStrictEqual(yield* inScale("K", "Pa"), [298.15, 0.5, 100_000, 5])
        assert.deepStrictEqual(yield* inScale("R", "inHg"), [536.67, 0.9, 29.53, 5])
        assert.deepStrictEqual(yield* inScale("C", "mbar"), [25, 0.5, 1000, 5])
      }))

    it.effect("numbers with padding, and those that are none", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({
          [thermometer]: { temperature: Number.NaN, temphigh: 5e-5, templow: -0 },
          [battery]: { VAD: Infinity, VDD: -Infinity, humidity: 1.5e11 },
          [converter]: { "volt.ALL": [0, Number.NaN, Infinity, 1] }
        }, { flags: { trim: false } })
        const chip = yield* make(Families.DS18B20, thermometer)
        const monitor = yield* make(Families.DS2438, battery)
        const volts = yield* make(Families.DS2450, converter)
        assert.isNaN(yield* chip.read("temperature"))
        assert.strictEqual(yield* chip.read("temphigh"), 5e-5)
        assert.strictEqual(yield* chip.read("templow"), -0)
        assert.strictEqual(yield* monitor.read("VAD"), Infinity)
        assert.strictEqual(yield* monitor.read("VDD"), -Infinity)
        assert.strictEqual(yield* monitor.read("humidity"), 1.5e11)
        assert.deepStrictEqual(yield* volts.read("volt.ALL"), [0, Number.NaN, Infinity, 1])
      }))

    it.effect("texts that are no UTF-8, and gives them back as they were", () =>
      Effect.gen(function*() {
        const { make, ow } = yield* serve({ [thermometer]: { alias: "x" }, [relay]: {} })
        yield* ow.write(`/${thermometer}/alias`, Uint8Array.of(0xff, 0x4b, 0xfc, 0x63, 0xc3, 0xa9))
        const chip = yield* make(Families.DS18B20, thermometer)
        const alias = yield* chip.read("alias")
        assert.strictEqual(alias, "\udcffK\udcfcc\u00e9")
        const other = yield* make(Families.DS2408, relay)
        yield* other.write("alias", alias, { verify: true })
        assert.deepStrictEqual(
          yield* ow.read(`/${relay}/alias`),
          Uint8Array.of(0xff, 0x4b, 0xfc, 0x63, 0xc3, 0xa9)
        )
        assert.strictEqual(yield* chip.read("alias"), "")
      }))

    it.effect("a part of texts and of bytes, and of nothing else", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({ [thermometer]: { temperature: 21, alias: "kitchen" } })
        const device = yield* make(Families.DS18B20, thermometer)
        assert.deepStrictEqual(yield* device.read("scratchpad", { size: 3, offset: 3 }), Uint8Array.of(0x28, 0xd7, 1))
        assert.strictEqual(yield* device.read("alias", { size: 4, offset: 1 }), "itch")
        assert.deepStrictEqual(yield* device.read("scratchpad", { offset: 9 }), new Uint8Array(0))
        assert.strictEqual(yield* device.read("temperature", { offset: 0 }), 21)
        asked.length = 0
        assert.strictEqual(
          yield* message(device.read("temperature", { size: 4 })),
          `read /${thermometer}/temperature: size is for texts and bytes: any other value is read as a whole; nothing was sent`
        )
        assert.strictEqual(
          yield* message(device.reading("power", { offset: 1 })),
          `read /${thermometer}/power: offset is for texts and bytes: any other value is read as a whole; nothing was sent`
        )
        const eeprom = yield* make(Families.DS2433, "23.000000000001")
        assert.strictEqual(yield* failure(eeprom.read("pages/page.ALL", { size: 32 })), "ArgumentError")
        const monitor = yield* make(Families.DS2438, battery)
        assert.strictEqual(yield* failure(monitor.read("date", { size: 24 })), "ArgumentError")
        assert.strictEqual(yield* failure(device.read("scratchpad", { size: 0 })), "ArgumentError")
        assert.deepStrictEqual(asked, [])
      }))

    it.effect("nothing that can only be written", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({})
        const display = yield* make(untyped(Families.DS2408), relay)
        assert.strictEqual(
          yield* message(display.read("LCD_H/message")),
          `read /${relay}/LCD_H/message: property cannot be read; nothing was sent`
        )
        const log = yield* make(untyped(Families.DS1921), logger)
        assert.strictEqual(yield* failure(log.read("set_alarm/trigger")), "ArgumentError")
        assert.deepStrictEqual(asked, [])
      }))

    it.effect("dates by their seconds, whatever the server's time zone", () =>
      Effect.gen(function*() {
        // A server five hours behind: its dates are, its seconds are not.
        const local = (iso: string) => new Date(Date.parse(iso) - 5 * 3_600_000)
        const begins = Array.from({ length: 12 }, (_, at) => `2026-02-0${1 + at % 9}T00:00:${10 + at}Z`)
        const ends = Array.from({ length: 12 }, (_, at) => `2026-02-1${at % 9}T22:30:${10 + at}Z`)
        const { asked, make } = yield* serve({
          [battery]: {
            date: local("2026-01-02T03:04:05Z"),
            udate: 1_767_323_045,
            "disconnect/date": local("2007-03-23T04:00:00Z"),
            "disconnect/udate": 1_174_622_400
          },
          [logger]: {
            "overtemp/date.ALL": begins.map(local),
            "overtemp/udate.ALL": begins.map((begin) => Date.parse(begin) / 1000),
            "overtemp/end.ALL": ends.map(local)
          }
        })
        const monitor = yield* make(Families.DS2438, battery)
        assert.deepStrictEqual(yield* monitor.read("date"), new Date("2026-01-02T03:04:05Z"))
        assert.deepStrictEqual(yield* monitor.read("disconnect/date"), new Date("2007-03-23T04:00:00Z"))
        assert.deepStrictEqual(asked, [`read /${battery}/udate`, `read /${battery}/disconnect/udate`])
        const log = yield* make(Families.DS1921, logger)
        assert.deepStrictEqual(yield* log.read("overtemp/date.ALL"), begins.map((begin) => new Date(begin)))
        assert.deepStrictEqual(yield* log.read("overtemp/date.11"), new Date(begins[11] ?? ""))
        assert.deepStrictEqual(yield* log.read("overtemp/end.ALL"), ends.map((end) => new Date(end)))
        assert.deepStrictEqual(yield* log.read("overtemp/end.3"), new Date(ends[3] ?? ""))
        assert.deepStrictEqual((yield* log.reading("overtemp/end.0")).verdict, { _tag: "Plausible" })
      }))

    const numbers = ["abc", "1,2", "12abc", "0x10", "1e", "١٢", "--1", "21.5 °C", "true", "1\x002", " "]
    const malformed: ReadonlyArray<readonly [family: Family.Family, property: string, texts: ReadonlyArray<string>]> = [
      [Families.DS18B20, "temperature", numbers],
      [Families.DS18B20, "tempres", [...numbers, "1.5", "-1", "1E3", "NAN"]],
      [Families.DS2417, "interval", [...numbers, "1.5", "1E3", "INF"]],
      [Families.DS18B20, "power", ["2", "10", "true", " 1", "yes"]],
      [Families.DS2408, "PIO.BYTE", ["1.5", "-1", "1,0,0,0,0,0,0,0"]],
      [Families.DS2408, "PIO.ALL", ["1", "1,0,0,0,0,0,0", "1,0,0,0,0,0,0,0,0", "1,0,0,0,2,0,0,0", "1,,0,0,0,0,0,0"]],
      [Families.DS2450, "volt.ALL", ["1,2,3", "1,2,3,4,5", "1,2,x,4", ",,,"]],
      [Families.DS2433, "pages/page.ALL", ["0".repeat(511), "0".repeat(16), "0".repeat(513)]],
      [Families.DS1921, "overtemp/udate.ALL", ["1,2,3", "1,2,3,4,5,6,7,8,9,10,11,never"]]
    ]
    for (const [family, property, texts] of malformed) {
      it.effect(`no ${property} of a ${family.chip} in what is none`, () =>
        Effect.gen(function*() {
          const path = `/${family.codes[0]}.000000000001`
          for (const text of texts) {
            const { make } = yield* answering({ [`${path}/${property}`]: text })
            const device = yield* make(untyped(family), path)
            const error = yield* Effect.flip(device.read(property))
            assert.strictEqual(reason(error), "Malformed", text)
            assert.isTrue(error.isRetryable)
          }
          // Some servers count the NUL that ends a text. Bytes stay as they are.
          for (const nothing of property === "pages/page.ALL" ? [""] : ["", "\0"]) {
            const { make } = yield* answering({ [`${path}/${property}`]: nothing })
            const device = yield* make(untyped(family), path)
            const error = yield* Effect.flip(device.read(property))
            assert.strictEqual(reason(error), "NoValue")
            assert.isTrue(error.isRetryable)
            assert.strictEqual(
              error.message,
              `read ${path}/${property} at scripted:4304: the server returned nothing; the device may not have answered`
            )
          }
        }))
    }

    it.effect("no date in what is none", () =>
      Effect.gen(function*() {
        const path = `/${logger}`
        const begin = "Fri Mar 23 04:00:00 2007"
        const read = (property: string, answers: Readonly<Record<string, string>>) =>
          Effect.gen(function*() {
            const all = Object.entries(answers).map(([name, text]) => [`${path}/${name}`, text])
            const { make } = yield* answering(Object.fromEntries(all))
            const device = yield* make(untyped(Families.DS1921), path)
            return yield* Effect.match(device.read(property), { onFailure: reason, onSuccess: String })
          })
        assert.strictEqual(yield* read("mission/date", { "mission/udate": begin }), "Malformed")
        assert.strictEqual(yield* read("mission/date", { "mission/udate": "" }), "NoValue")
        const ends = (end: string, others?: Readonly<Record<string, string>>) =>
          read("overtemp/end.0", {
            "overtemp/end.0": end,
            "overtemp/date.0": begin,
            "overtemp/udate.0": "1174622400",
            ...others
          })
        assert.strictEqual(yield* ends("Fri Mar 23 05:00:00 2007"), String(new Date("2007-03-23T05:00:00Z")))
        assert.strictEqual(yield* ends(""), "NoValue")
        for (const end of ["2007-03-23T05:00:00Z", "Fri Foo 23 05:00:00 2007", `${begin},${begin}`, `${begin} `]) {
          assert.strictEqual(yield* ends(end), "Malformed", end)
        }
        assert.strictEqual(yield* ends(begin, { "overtemp/date.0": "yesterday" }), "Malformed")
        assert.strictEqual(yield* ends(begin, { "overtemp/udate.0": "" }), "NoValue")
        const twelve = (text: string, count = 12) => Array.from({ length: count }, () => text).join(",")
        const all = (end: string) =>
          read("overtemp/end.ALL", {
            "overtemp/end.ALL": end,
            "overtemp/date.ALL": twelve(begin),
            "overtemp/udate.ALL": twelve("1174622400")
          })
        assert.strictEqual(yield* all(twelve(begin, 11)), "Malformed")
        assert.strictEqual(yield* all(twelve(begin, 13)), "Malformed")
        assert.strictEqual((yield* all(twelve(begin))).split(",").length, 12)
      }))

    it.effect("what came into the error, and no more of it than a line has room for", () =>
      Effect.gen(function*() {
        const path = `/${thermometer}`
        const { make } = yield* answering({ [`${path}/temperature`]: `!\u0007${"x".repeat(1000)}` })
        const device = yield* make(Families.DS18B20, path)
        assert.strictEqual(
          yield* message(device.read("temperature")),
          `read ${path}/temperature at scripted:4304: "!\\u0007${"x".repeat(38)}…" is not a value of this property`
        )
      }))

    it.effect("with what the call says: flags, size, offset and timeout", () =>
      Effect.gen(function*() {
        const path = `/${thermometer}`
        const { make, server } = yield* answering({ [`${path}/scratchpad`]: "abc", [`${path}/temperature`]: "1" })
        const device = yield* make(Families.DS18B20, path)
        yield* device.read("scratchpad", { size: 3, offset: 2, flags: { uncached: true } })
        yield* device.property("temperature").read({ flags: { temperatureScale: "R" } })
        const [first, second] = server.requests
        assert.deepStrictEqual(
          [first?.text, first?.size, first?.offset, (first?.flags ?? 0) & 0x20],
          [`${path}/scratchpad|`, 3, 2, 0x20]
        )
        assert.deepStrictEqual([second?.text, (second?.flags ?? 0) & 0x30020], [`${path}/temperature|`, 0x30000])
      }))
  })
})
