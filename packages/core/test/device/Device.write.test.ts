import { type Device, type Family, MessageType } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { TestClock } from "effect/testing"
import { runInNewContext } from "node:vm"
import {
  answering,
  battery,
  converter,
  failure,
  message,
  reason,
  relay,
  serve,
  thermometer,
  untyped
} from "../fixtures/devices.ts"

describe("Device", () => {
  describe("writes", () => {
    const addressOf = ({ codes }: Family.Family): string => `${codes[0]}.000000000001`

    const bytes = (...values: ReadonlyArray<number>) => Uint8Array.from(values)

    it.effect("each kind of value as servers take it", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({})
        const write = (family: Family.Family, property: string, value: Family.Value, options?: Device.WriteOptions) =>
          Effect.flatMap(make(untyped(family), addressOf(family)), (device) => device.write(property, value, options))
        const pages = Array.from({ length: 8 }, (_, at) => new Uint8Array(8).fill(0x41 + at))
        const temperature = (temperatureScale: "F" | "K" | "R") => ({ flags: { temperatureScale } })
        const cases: ReadonlyArray<
          readonly [Family.Family, string, Family.Value, Device.WriteOptions | undefined, sent: string]
        > = [
          [Families.DS18B20, "temphigh", 30.5, undefined, "30.5"],
          [Families.DS18B20, "templow", -128, undefined, "-128"],
          [Families.DS18B20, "temphigh", 260.6, temperature("F"), "260.6"],
          [Families.DS18B20, "templow", -198.4, temperature("F"), "-198.4"],
          [Families.DS18B20, "temphigh", 400.15, temperature("K"), "400.15"],
          [Families.DS18B20, "templow", 145.15, temperature("K"), "145.15"],
          [Families.DS18B20, "temphigh", 720.27, temperature("R"), "720.27"],
          [Families.DS18B20, "templow", 261.27, temperature("R"), "261.27"],
          [Families.DS18B20, "tempres", 12, undefined, "12"],
          [Families.DS18B20, "tempres", 12, { offset: 0 }, "12"],
          [Families.DS18B20, "alias", "", undefined, ""],
          [Families.DS18B20, "alias", "Küche, alt", undefined, "Küche, alt"],
          [Families.DS18B20, "alias", "ü".repeat(128), undefined, "ü".repeat(128)],
          [Families.DS2417, "itime", 131_072, undefined, "131072"],
          [Families.DS2438, "offset", 4_294_967_295, undefined, "4294967295"],
          [Families.DS2438, "B1-R1-A/gain", 0.000_001, undefined, "0.000001"],
          [Families.DS2438, "B1-R1-A/gain", 1e-7, undefined, "1e-7"],
          [Families.DS2438, "IAD", true, undefined, "1"],
          [Families.DS2438, "IAD", false, undefined, "0"],
          [Families.DS2438, "pages/page.ALL", pages, undefined, "ABCDEFGH".replaceAll(/./g, "$&$&$&$&$&$&$&$&")],
          [Families.DS2438, "pages/page.7", bytes(0x58, 0x59), { offset: 6 }, "XY"],
          [Families.DS2408, "PIO.3", true, undefined, "1"],
          [Families.DS2408, "PIO.BYTE", 255, undefined, "255"],
          [
            Families.DS2408,
            "PIO.ALL",
            [true, false, false, true, false, false, false, true],
            undefined,
            "1,0,0,1,0,0,0,1"
          ],
          [Families.DS2408, "LCD_H/message", "Hello", undefined, "Hello"],
          [Families.DS2450, "set_alarm/volthigh.ALL", [1, 2.5, 0, 5.1], undefined, "1,2.5,0,5.1"],
          [Families.LCD, "line16.ALL", ["a", "", "c".repeat(16), "d,e"], undefined, "a,,cccccccccccccccc,d,e"],
          [Families.DS1991, "subkey0/password.key", bytes(0x30, 0x31), undefined, "01"],
          [Families.HobbyBoards_EF, "humidity/location", "attic", { offset: 16 }, "attic"]
        ]
        for (const [family, property, value, options, sent] of cases) {
          yield* write(family, property, value, options)
          const request = server.requests.at(-1)
          assert.strictEqual(request?.text, `/${addressOf(family)}/${property}|${sent}`)
          assert.strictEqual(request?.offset, options?.offset ?? 0)
        }
        yield* write(Families.DS2438, "date", new Date("2026-01-02T03:04:05.400Z"))
        assert.strictEqual(server.requests.at(-1)?.text, "/26.000000000001/udate|1767323045")
        yield* write(Families.DS1921, "clock/date", new Date("2106-02-07T06:28:15Z"))
        assert.strictEqual(server.requests.at(-1)?.text, "/21.000000000001/clock/udate|4294967295")
        assert.strictEqual(server.requests.length, cases.length + 2)
      }))

    const loop: Array<unknown> = []
    loop.push(loop)

    const noPart = "is for texts and bytes: any other value is written as a whole"

    /** What is wrong with a value, and with the options where there are any. */
    type Refused = readonly [value: unknown, problem: string, options?: Device.WriteOptions]

    const refused: ReadonlyArray<readonly [Family.Family, Readonly<Record<string, ReadonlyArray<Refused>>>]> = [
      [Families.DS18B20, {
        "temphigh": [
          ["30", "value must be a number, not \"30\""],
          [Number.NaN, "value must be a number, not NaN"],
          [Infinity, "value must be a number, not Infinity"],
          [undefined, "value must be a number, not undefined"],
          [null, "value must be a number, not null"],
          [30n, "value must be a number, not a bigint"],
          [() => 30, "value must be a number, not a function"],
          [{}, "value must be a number, not an object"],
          [[30, "31"], "value must be a number, not [30, \"31\"]"],
          [loop, "value must be a number, not [an array of 1]"],
          [new Date(0), "value must be a number, not 1970-01-01T00:00:00.000Z"],
          [127.5, "value must be between -128 and 127, not 127.5"],
          [30, `offset ${noPart}`, { offset: 1 }]
        ],
        "tempres": [
          [9.5, "value must be a whole number, not 9.5"],
          [true, "value must be a whole number, not true"],
          [13, "value must be between 9 and 12, not 13"]
        ],
        "errata/trim": [[-1, "value must be between 0 and 65535, not -1"]],
        "errata/trimblanket": [
          [1, "value must be true or false, not 1"],
          ["on", "value must be true or false, not \"on\""]
        ],
        "alias": [
          [5, "value must be a string, not 5"],
          [bytes(1, 0xab), "value must be a string, not 2 bytes (01AB)"],
          ["a/b", "value must be an alias, by which a server finds a device again, not \"a/b\""],
          ["Alarmanlage", "value must be an alias, by which a server finds a device again, not \"Alarmanlage\""],
          [" a", "value must be an alias, by which a server finds a device again, not \" a\""],
          ["x".repeat(257), "value must not be longer than 256 bytes, not 257"],
          ["ü".repeat(129), "value must not be longer than 256 bytes, not 258"],
          ["\ud800", "value must be an alias, by which a server finds a device again, not \"\\ud800\""],
          ["x", `offset ${noPart}`, { offset: 1 }]
        ],
        "temperature": [[20, "property cannot be written"]],
        "temprature": [[20, "property is not one of a DS18B20; did you mean temperature?"]],
        "PIO.0": [[true, "property is not one of a DS18B20"]]
      }],
      [Families.DS2408, {
        "PIO": [[true, "property is not one of a DS2408; did you mean PIO.ALL?"]],
        "PIO.0": [[1, "value must be true or false, not 1"]],
        "PIO.BYTE": [
          [256, "value must be between 0 and 255, not 256"],
          [-1, "value must be between 0 and 255, not -1"],
          [true, "value must be a whole number, not true"]
        ],
        "PIO.ALL": [
          [true, "value must be an array of 8 values, not true"],
          [129, "value must be an array of 8 values, not 129"],
          [[true, false], "value must be an array of 8 values, not [true, false]"],
          [Array.from({ length: 64 }), "value must be an array of 8 values, not an array of 64"],
          [[true, false, 1, true, true, true, true, true], "value at 2 must be true or false, not 1"]
        ],
        "LCD_H/message": [
          ["x".repeat(129), "value must not be longer than 128 bytes, not 129"],
          ["x", "verify needs a property that can be read", { verify: true }]
        ]
      }],
      [Families.HobbyBoards_EF, {
        "humidity/location": [
          ["cellar", "value of 6 bytes does not fit at offset 16 of 21", { offset: 16 }],
          ["Küche", "value of 6 bytes does not fit at offset 16 of 21", { offset: 16 }]
        ]
      }],
      [Families.LCD, {
        "line16.ALL": [
          [["a,b", "c", "d", "e"], "value must not have a comma in any element but the last"],
          [["a", "b".repeat(17), "", ""], "value at 1 must not be longer than 16 bytes, not 17"],
          ["a,b,c,d", "value must be an array of 4 values, not \"a,b,c,d\""]
        ]
      }],
      [Families.DS2433, {
        "memory": [
          ["text", "value must be a Uint8Array, not \"text\""],
          [[1, 2], "value must be a Uint8Array, not [1, 2]"],
          [new Uint8Array(513), "value must not be longer than 512 bytes, not 513"],
          [bytes(1, 2, 3), "value of 3 bytes does not fit at offset 510 of 512", { offset: 510 }],
          [bytes(1), "offset must be a whole number from 0 to 2147483647, not -1", { offset: -1 }],
          [bytes(1), "offset must be a whole number from 0 to 2147483647, not NaN", { offset: Number.NaN }]
        ],
        "pages/page.0": [[new Uint8Array(33), "value must not be longer than 32 bytes, not 33"]]
      }],
      [Families.DS2438, {
        "offset": [
          [-1, "value must be between 0 and 4294967295, not -1"],
          [2 ** 32, "value must be between 0 and 4294967295, not 4294967296"]
        ],
        "pages/page.ALL": [
          [
            Array.from({ length: 8 }, (_, at) => new Uint8Array(at === 3 ? 7 : 8)),
            "value at 3 must have 8 bytes, not 7"
          ],
          [
            Array.from({ length: 8 }, () => "12345678"),
            "value at 0 must be a Uint8Array, not \"12345678\""
          ],
          [new Uint8Array(64), "value must be an array of 8 values, not 64 bytes"]
        ],
        "date": [
          ["2026-01-02", "value must be a date, not \"2026-01-02\""],
          [1_767_323_045, "value must be a date, not 1767323045"],
          [new Date(Number.NaN), "value must be a date, not an invalid date"],
          [[new Date(0)], "value must be a date, not [1970-01-01T00:00:00.000Z]"],
          [
            new Date(-1000),
            "value must be from 1970 to 2106-02-07T06:28:15.000Z, not 1969-12-31T23:59:59.000Z"
          ]
        ],
        "disconnect/date": [[
          new Date(2 ** 32 * 1000),
          "value must be from 1970 to 2106-02-07T06:28:15.000Z, not 2106-02-07T06:28:16.000Z"
        ]]
      }],
      [Families.DS1921, {
        "mission/date": [[new Date(0), "property cannot be written"]],
        "overtemp/end.0": [[new Date(0), "property cannot be written"]]
      }]
    ]

    it.effect("nothing that makes no sense, and sends nothing", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({})
        for (const [family, properties] of refused) {
          const device = yield* make(untyped(family), addressOf(family))
          for (const [property, cases] of Object.entries(properties)) {
            for (const [value, problem, options] of cases) {
              // What is tried here a compiler would refuse.
              const error = yield* Effect.flip(device.write(property, value as Family.Value, options))
              assert.strictEqual(error.message, `write ${device.path}/${property}: ${problem}; nothing was sent`)
              assert.strictEqual(error._tag, "ArgumentError")
              assert.isFalse(error.isRetryable)
            }
          }
        }
        assert.deepStrictEqual(server.requests, [])
      }))

    it.effect("nothing beyond the range of the chip, in whatever scale", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({ [thermometer]: {} }, {
          flags: { temperatureScale: "F", pressureScale: "atm" }
        })
        const chip = yield* make(Families.DS18B20, thermometer)
        const monitor = yield* make(Families.DS2438, battery)
        const problem = (call: Effect.Effect<void, Device.Failure>) =>
          Effect.map(message(call), (text) => text.replace(/^.*: value (.*); nothing was sent$/, "$1"))
        const temphigh = (value: number, temperatureScale?: "C" | "K" | "R") =>
          problem(chip.write("temphigh", value, { flags: { temperatureScale } }))
        assert.deepStrictEqual(
          yield* Effect.all([
            temphigh(260.7),
            temphigh(-198.5),
            temphigh(127.1, "C"),
            temphigh(30, "K"),
            temphigh(720.3, "R")
          ]),
          [
            "must be between -198.4 and 260.6, not 260.7",
            "must be between -198.4 and 260.6, not -198.5",
            "must be between -128 and 127, not 127.1",
            "must be between 145.15 and 400.15, not 30",
            "must be between 261.27 and 720.27, not 720.3"
          ]
        )
        assert.strictEqual(
          yield* problem(monitor.write("B1-R1-A/gain", 0.0324)),
          "must be between -0.0323385 and 0.0323385, not 0.0324"
        )
        assert.deepStrictEqual(asked, [])
        yield* chip.write("temphigh", 86)
        assert.strictEqual(yield* chip.read("temphigh", { flags: { temperatureScale: "C" } }), 30)
      }))

    it.effect("nothing to a device that is gone", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({})
        const gone = yield* make(Families.DS18B20, "28.000028D70500")
        assert.strictEqual(yield* failure(gone.write("temphigh", 30, { verify: true })), "NotFound")
        assert.deepStrictEqual(asked, ["write /28.000028D70500/temphigh"])
      }))

    describe("and verifies", () => {
      it.effect("what took, with one more request", () =>
        Effect.gen(function*() {
          const { asked, make } = yield* serve({
            [thermometer]: { alias: "a longer name" },
            "23.000000000001": {},
            "EF.000000000001": { "humidity/location": "the old cellar" },
            [relay]: {},
            [converter]: {},
            [battery]: {}
          }, { flags: { temperatureScale: "F" } })
          const chip = yield* make(Families.DS18B20, thermometer)
          const verify = { verify: true } as const
          yield* chip.write("temphigh", 86.9, verify)
          yield* chip.write("templow", 0, verify)
          yield* chip.write("temphigh", 300, { ...verify, offset: 0, flags: { temperatureScale: "K" } })
          yield* chip.write("alias", "attic", verify)
          yield* chip.write("alias", "", verify)
          yield* chip.write("errata/trimblanket", true, verify)
          const switches = yield* make(Families.DS2408, relay)
          yield* switches.write("PIO.BYTE", 129, verify)
          yield* switches.write("PIO.ALL", [true, false, true, false, true, false, true, true], verify)
          const volts = yield* make(Families.DS2450, converter)
          yield* volts.write("set_alarm/volthigh.ALL", [1, 2, 1 / 3, 0], verify)
          const eeprom = yield* make(Families.DS2433, "23.000000000001")
          yield* eeprom.write("memory", bytes(1, 2, 3), verify)
          yield* eeprom.write("memory", bytes(4, 5), { ...verify, offset: 510 })
          yield* eeprom.write(
            "pages/page.ALL",
            Array.from({ length: 16 }, (_, at) => new Uint8Array(32).fill(at)),
            verify
          )
          const board = yield* make(Families.HobbyBoards_EF, "EF.000000000001")
          yield* board.write("humidity/location", "house", { ...verify, offset: 8 })
          assert.strictEqual(yield* board.read("humidity/location"), "the old house")
          const monitor = yield* make(Families.DS2438, battery)
          yield* monitor.write("disconnect/date", new Date("2026-01-02T03:04:05.499Z"), verify)
          assert.deepStrictEqual(asked.slice(-2), [
            `write /${battery}/disconnect/udate`,
            `read /${battery}/disconnect/udate`
          ])
          assert.strictEqual(asked.length, 2 * 14 + 1)
        }))

      it.effect("dates and bytes of another realm, as test runners make them", () =>
        Effect.gen(function*() {
          const foreign: unknown = runInNewContext(`({
            date: new Date("2026-01-02T03:04:05Z"),
            page: new Uint8Array([1, 2]),
            pages: Array.from({ length: 16 }, () => new Uint8Array(32))
          })`)
          // What the text above makes.
          const { date, page, pages } = foreign as {
            readonly date: Date
            readonly page: Uint8Array
            readonly pages: ReadonlyArray<Uint8Array>
          }
          const { make, ow } = yield* serve({ [battery]: {}, "23.000000000001": {} })
          const monitor = yield* make(Families.DS2438, battery)
          yield* monitor.write("date", date, { verify: true })
          assert.strictEqual(yield* monitor.read("udate"), 1_767_323_045)
          const eeprom = yield* make(Families.DS2433, "23.000000000001")
          yield* eeprom.write("memory", page, { verify: true })
          yield* eeprom.write("pages/page.ALL", pages, { verify: true })
          yield* eeprom.write("memory", page, { verify: true, offset: 510 })
          yield* ow.write("/23.000000000001/memory", page)
          assert.deepStrictEqual(yield* eeprom.read("memory", { size: 3 }), bytes(1, 2, 0))
          const invalid: unknown = runInNewContext("new Date(NaN)")
          assert.strictEqual(
            yield* message(monitor.write("date", invalid as Date)),
            `write /${battery}/date: value must be a date, not an invalid date; nothing was sent`
          )
        }))

      it.effect("that nothing of nothing was written", () =>
        Effect.gen(function*() {
          const { asked, make } = yield* serve({ "23.000000000001": {} })
          const eeprom = yield* make(Families.DS2433, "23.000000000001")
          yield* eeprom.write("memory", new Uint8Array(0), { verify: true })
          assert.deepStrictEqual(asked, ["write /23.000000000001/memory"])
        }))

      it.effect("past the server's cache, and with the call's own flags", () =>
        Effect.gen(function*() {
          const { make, server } = yield* answering({ [`/${thermometer}/temphigh`]: "300" })
          const device = yield* make(Families.DS18B20, thermometer)
          yield* device.write("temphigh", 300, { verify: true, flags: { temperatureScale: "K", uncached: false } })
          assert.deepStrictEqual(
            server.requests.map(({ flags, type }) => [type, flags & 0x30020]),
            [[MessageType.Write, 0x20000], [MessageType.Read, 0x20020]]
          )
        }))

      it.effect("what did not take: that is no error to try again", () =>
        Effect.gen(function*() {
          const { asked, make } = yield* serve({
            [thermometer]: { templow: () => 5, temphigh: SimulatedNetwork.refuse(-5), "errata/trim": () => 65_535 },
            [relay]: { "PIO.BYTE": () => 128 },
            [battery]: { "endcharge/udate": () => 1_767_323_046 },
            "23.000000000001": { memory: () => bytes(9, 9) }
          })
          const chip = yield* make(Families.DS18B20, thermometer)
          const switches = yield* make(Families.DS2408, relay)
          const monitor = yield* make(Families.DS2438, battery)
          const eeprom = yield* make(Families.DS2433, "23.000000000001")
          const verify = { verify: true } as const
          const problems = yield* Effect.forEach([
            chip.write("templow", 9, verify),
            chip.write("templow", 5.01, verify),
            chip.write("errata/trim", 65_534, verify),
            chip.write("temphigh", 30, verify),
            switches.write("PIO.ALL", [true, false, false, false, false, false, false, true], verify),
            switches.write("PIO.BYTE", 127, verify),
            monitor.write("endcharge/udate", 1_767_323_045, verify),
            eeprom.write("memory", bytes(9, 8), verify),
            eeprom.write("memory", new Uint8Array(512), verify)
          ], (call) =>
            Effect.map(Effect.flip(call), (error) => {
              assert.strictEqual(reason(error), "NotVerified")
              assert.isFalse(error.isRetryable)
              return error.message.replace(/^write (\S+) at simulated:4304: /, "")
            }))
          assert.deepStrictEqual(problems, [
            "wrote 9, and read back 5",
            "wrote 5.01, and read back 5",
            "wrote 65534, and read back 65535",
            `wrote 30, and could not read it back: read /${thermometer}/temphigh at simulated:4304: refused with -5 EIO: ` +
            "the bus or its master did not do what was asked; try again",
            "wrote 1,0,0,0,0,0,0,1, and read back 0,0,0,0,0,0,0,1",
            "wrote 127, and read back 128",
            "wrote 1767323045, and read back 1767323046",
            "wrote 2 bytes (0908), and read back 2 bytes (0909)",
            "wrote 512 bytes, and read back 512 bytes"
          ])
          assert.strictEqual(asked.length, 2 * problems.length)
        }))

      it.effect("a clock that has run on, but none that stands elsewhere", () =>
        Effect.gen(function*() {
          const set = new Date("2026-01-02T03:04:05Z")
          const { make } = yield* serve({ [battery]: { udate: (seconds) => 1_767_323_045 + seconds } })
          const monitor = yield* make(Families.DS2438, battery)
          const verify = (date: Date) => Effect.exit(monitor.write("date", date, { verify: true }))
          assert.isTrue(Exit.isSuccess(yield* verify(set)))
          assert.isTrue(Exit.isFailure(yield* verify(new Date(set.getTime() + 1000))))
          yield* TestClock.adjust("60 seconds")
          assert.isTrue(Exit.isSuccess(yield* verify(set)))
          yield* monitor.write("udate", 1_767_323_045, { verify: true })
          yield* TestClock.adjust("1 second")
          assert.isTrue(Exit.isFailure(yield* verify(set)))
          assert.strictEqual(
            yield* message(monitor.write("date", set, { verify: true })),
            `write /${battery}/date at simulated:4304: wrote 2026-01-02T03:04:05.000Z, and read back 2026-01-02T03:05:06.000Z`
          )
        }))
    })
  })
})
