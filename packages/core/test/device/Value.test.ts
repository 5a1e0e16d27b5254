/**
 * Values on their way: as a program has them, to a server and back.
 */
import { Device, Family, MessageType, OwClient, Payload } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { shown } from "../../src/device/internal/Value.ts"
import { hostile } from "../fixtures/hostile.ts"
import * as scripted from "../fixtures/scripted.ts"

/** A family with a property of each kind in each shape. */
const gadget: Family.Family<Family.Unknown> = {
  codes: ["99"],
  chip: "gadget",
  records: [
    ...["i", "u", "f", "t", "g", "p"].flatMap((kind) => [`${kind} ${kind} rw 12 v`, `${kind}s ${kind}3 rw 12 v`]),
    "y y rw 1 v\nys y8B rw 1 v\na a rw 40 v\nas a3 rw 40 v\nl l rw 256 v\nb b rw 16 v\nbs b3 rw 4 v\nbx bx rw 8 v",
    "date d rw 24 v\nudate u rw 12 v\nclock u rw 12 t\nend d ro 24 v\nD D oo 8 v"
  ].join("\n")
}

const names = [...Family.names(gadget), "ys.BYTE", "ys.7", "fs.0", "as.2", "bs.1", "bx.ALL"]

const address = "99.000099660100"

describe("a value in an error", () => {
  it("has nothing that a terminal would obey, or that turns the direction of a line", () => {
    for (const char of hostile) {
      assert.notInclude(shown(`a${char}b`), char)
      assert.notInclude(shown([`a${char}b`]), char)
      assert.strictEqual(JSON.parse(shown(`a${char}b`)), `a${char}b`)
    }
    assert.strictEqual(shown("Küche 日本"), "\"Küche 日本\"")
  })

  it("is its beginning if it is long", () => {
    assert.strictEqual(shown("x".repeat(64_000)), `"${"x".repeat(40)}…"`)
    assert.isTrue(JSON.parse(shown(`${"x".repeat(39)}👩👩`)).isWellFormed())
  })
})

/** A gadget whose server answers each read as it is told, and takes whatever is written. */
const answering = Effect.gen(function*() {
  let answer: string | Uint8Array = ""
  const server = yield* scripted.make((peer) =>
    Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
      peer.send(
        header.type === MessageType.Write
          ? scripted.reply(header, "", { size: header.size })
          : scripted.reply(header, answer)
      )))
  )
  const ow = yield* scripted.client(server)
  const device = yield* Effect.provideService(Device.make(gadget, address), OwClient.OwClient, ow)
  return {
    device,
    /** What the server says from now on. */
    says: (given: string | Uint8Array) =>
      Effect.sync(() => {
        answer = given
      })
  }
})
const Bytes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))

/** A device of a simulated network, for as long as a test takes. */
const withDevice = <P extends Family.Properties, A>(
  family: Family.Family<P>,
  properties: Readonly<Record<string, string>>,
  body: (device: Device.Device<P>) => Effect.Effect<A, Device.Failure>
) => {
  const address = `${family.codes[0]}.000000000001`
  return Effect.flatMap(Device.make(family, address), body).pipe(
    Effect.provide(TestOwClient.layer({ [address]: properties }))
  )
}

const runs = (seed: string, runs = 40) => ({ arbitrary: { runs, seed } })

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** What a server can give back of a number. */
const sixDigits = (value: number): number => Number(value.toPrecision(6))

describe("a value", () => {
  describe("that is written is read again, if it is", () => {
    it.effect.prop("a whole number", [between(0, 333_333_333), between(0, 131_072), between(0, 2 ** 32 - 1)], (
      [alarm, interval, offset]
    ) =>
      Effect.gen(function*() {
        yield* withDevice(Families.DS2408, {}, (device) =>
          Effect.gen(function*() {
            yield* device.write("set_alarm", alarm, { verify: true })
            assert.strictEqual(yield* device.read("set_alarm"), alarm)
          }))
        yield* withDevice(Families.DS2417, {}, (device) =>
          Effect.gen(function*() {
            yield* device.write("itime", interval, { verify: true })
            assert.strictEqual(yield* device.read("itime"), interval)
          }))
        yield* withDevice(Families.DS2438, {}, (device) =>
          Effect.gen(function*() {
            yield* device.write("offset", offset, { verify: true })
            assert.strictEqual(yield* device.read("offset"), offset)
          }))
      }), runs("whole"))

    it.effect.prop(
      "a number, in six digits and in any scale",
      [
        between(0, 6553_5000),
        between(-198_4000, 260_6000),
        between(-3276_7000, 3276_7000)
      ],
      (tenThousandths) =>
        Effect.gen(function*() {
          const [gain, fahrenheit, pascal] = tenThousandths.map((value) => value / 10_000)
          yield* withDevice(Families.DS2438, {}, (device) =>
            Effect.gen(function*() {
              yield* device.write("S3-R1-A/gain", gain, { verify: true })
              assert.strictEqual(yield* device.read("S3-R1-A/gain"), sixDigits(gain))
              const options = { flags: { pressureScale: "Pa" } } as const
              yield* device.write("B1-R1-A/gain", pascal, { ...options, verify: true })
              assert.closeTo(yield* device.read("B1-R1-A/gain", options), pascal, Math.abs(pascal) * 1e-5)
            }))
          yield* withDevice(Families.DS18B20, {}, (device) =>
            Effect.gen(function*() {
              const options = { flags: { temperatureScale: "F" } } as const
              yield* device.write("temphigh", fahrenheit, { ...options, verify: true })
              assert.closeTo(yield* device.read("temphigh", options), fahrenheit, 0.001)
            }))
        }),
      runs("numbers")
    )

    it.effect.prop("a switch, all of them, or their bits", [
      Schema.Array(Schema.Boolean).check(Schema.isMinLength(8), Schema.isMaxLength(8))
    ], ([switches]) =>
      withDevice(Families.DS2408, {}, (device) =>
        Effect.gen(function*() {
          const bits = switches.reduce((bits, isOn, at) => bits + (isOn ? 2 ** at : 0), 0)
          yield* device.write("PIO.ALL", switches, { verify: true })
          assert.deepStrictEqual(yield* device.read("PIO.ALL"), switches)
          assert.strictEqual(yield* device.read("PIO.BYTE"), bits)
          yield* device.write("PIO.3", !(switches[3] ?? false), { verify: true })
          yield* device.write("PIO.BYTE", bits, { verify: true })
          assert.strictEqual(yield* device.read("PIO.3"), switches[3] ?? false)
        })), runs("switches"))

    it.effect.prop("numbers, all of them", [
      Schema.Array(between(0, 5_100_000)).check(Schema.isMinLength(4), Schema.isMaxLength(4))
    ], ([microvolts]) =>
      withDevice(Families.DS2450, {}, (device) =>
        Effect.gen(function*() {
          const volts = microvolts.map((value) => value / 1e6)
          yield* device.write("set_alarm/volthigh.ALL", volts, { verify: true })
          assert.deepStrictEqual(yield* device.read("set_alarm/volthigh.ALL"), volts.map(sixDigits))
          assert.strictEqual(yield* device.read("set_alarm/volthigh.D"), sixDigits(volts[3] ?? 0))
        })), runs("volts"))

    it.effect.prop(
      "a text of any bytes",
      [Bytes.check(Schema.isMaxLength(21))],
      ([values]) =>
        withDevice(Families.HobbyBoards_EF, { "humidity/location": "cellar" }, (device) =>
          Effect.gen(function*() {
            const text = Payload.decodeText(Uint8Array.from(values))
            yield* device.write("humidity/location", text, { verify: true })
            assert.strictEqual(yield* device.read("humidity/location"), text.replace(/\0+$/, ""))
          })),
      runs("texts", 100)
    )

    it.effect.prop("a memory, a part of one, or its pages", [
      Bytes.check(Schema.isMaxLength(64)),
      between(0, 448)
    ], ([values, offset]) =>
      withDevice(Families.DS2433, {}, (device) =>
        Effect.gen(function*() {
          const bytes = Uint8Array.from(values)
          yield* device.write("memory", bytes, { offset, verify: true })
          if (bytes.length > 0) {
            assert.deepStrictEqual(yield* device.read("memory", { offset, size: bytes.length }), bytes)
          }
          const pages = Array.from({ length: 16 }, (_, at) => Uint8Array.from({ length: 32 }, () => values[at] ?? at))
          yield* device.write("pages/page.ALL", pages, { verify: true })
          assert.deepStrictEqual(yield* device.read("pages/page.ALL"), pages)
          assert.deepStrictEqual(yield* device.read("pages/page.15"), pages[15])
        })), runs("memories"))

    it.effect.prop(
      "a date, to the second",
      [between(0, 2 ** 32 - 1), between(-499, 499)],
      ([seconds, millis]) =>
        withDevice(Families.DS2438, {}, (device) =>
          Effect.gen(function*() {
            const date = new Date(Math.max(0, seconds * 1000 + millis))
            yield* device.write("date", date, { verify: true })
            assert.deepStrictEqual(yield* device.read("date"), new Date(seconds * 1000))
            assert.strictEqual(yield* device.read("udate"), seconds)
          })),
      runs("dates")
    )
  })

  describe("that comes from a server", () => {
    const types: Readonly<Record<string, string>> = {
      a: "string",
      l: "string",
      y: "boolean",
      b: "object",
      date: "object"
    }

    const typeOf = (name: string): string =>
      name === "ys.BYTE" ? "number" : types[name] ?? types[name.charAt(0)] ?? "number"

    /** Texts of what stands in values, and any others. */
    const Received = Schema.Array(Schema.Struct({
      name: Schema.Literals(names.filter((name) => !/^(?:D|end)$/.test(name))),
      text: Schema.Union([
        Schema.Array(Schema.Literals([..."0123456789,+-.eE xNAIFy\u00e9\udcff\0"])).check(Schema.isMaxLength(16)),
        Schema.Array(Schema.String).check(Schema.isMaxLength(4))
      ])
    })).check(Schema.isMinLength(50), Schema.isMaxLength(50))

    it.effect.prop("is of its type, or an error that says what came", [Received], ([cases]) =>
      Effect.gen(function*() {
        const { device, says } = yield* answering
        for (const { name, text } of cases) {
          const bytes = Payload.encodeText(text.join(""))
          yield* says(bytes)
          const result = yield* Effect.result(device.read(name))
          if (result._tag === "Success") {
            const { success } = result
            assert.strictEqual(Array.isArray(success), name.endsWith(".ALL") && name !== "bx.ALL", name)
            for (const one of Array.isArray(success) ? success : [success]) {
              assert.strictEqual(typeof one, typeOf(name), name)
            }
          } else {
            const { failure } = result
            assert.strictEqual(failure._tag, "DeviceError", name)
            if (failure._tag !== "DeviceError") continue
            assert.strictEqual(failure.reason._tag, bytes.every((byte) => byte === 0) ? "NoValue" : "Malformed", name)
            assert.isBelow(failure.message.length, 400)
          }
        }
      }), runs("received", 20))

    it.effect("is a number in each of a server's ways to write one", () =>
      Effect.gen(function*() {
        const { device, says } = yield* answering
        const read = (name: string, text: string) => Effect.andThen(says(text), device.read(name))
        const ways = [
          "        21.5",
          "21.5",
          "-0.0625",
          "+1",
          "1E+11",
          "5e-05",
          "-1.",
          ".5",
          "NAN",
          "-nan",
          "INF",
          "-inf"
        ]
        for (const kind of ["f", "t", "g", "p"]) {
          assert.deepStrictEqual(
            yield* Effect.forEach(ways, (text) => read(kind, text)),
            [21.5, 21.5, -0.0625, 1, 1e11, 5e-5, -1, 0.5, Number.NaN, Number.NaN, Infinity, -Infinity]
          )
        }
        assert.strictEqual(yield* read("i", "         -12"), -12)
        assert.strictEqual(yield* read("u", "  4294967295"), 4_294_967_295)
        assert.deepStrictEqual(yield* read("ts.ALL", "         3.2,         3.3,         NAN"), [3.2, 3.3, Number.NaN])
      }))

    it.effect("is found to be none at once, however long it is", () =>
      Effect.gen(function*() {
        const { device, says } = yield* answering
        for (const filler of ["1", "1.", ".", "1e", ",", " ", "E+", "-"]) {
          yield* says(`${filler.repeat(8_000 / filler.length)}x`)
          for (const name of ["i", "u", "f", "ys.BYTE", "fs.ALL", "date"]) {
            const error = yield* Effect.flip(device.read(name))
            assert.strictEqual(error._tag, "DeviceError", `${name} ${filler}`)
          }
        }
      }))

    it.effect("is as many bytes for each element, or nothing", () =>
      Effect.gen(function*() {
        const { device, says } = yield* answering
        for (const length of [0, 1, 3, 6, 11, 13, 24]) {
          yield* says(new Uint8Array(length))
          assert.isTrue((yield* Effect.result(device.read("bs.ALL")))._tag === "Failure", `${length}`)
        }
        yield* says(Uint8Array.from({ length: 12 }, (_, at) => at))
        assert.deepStrictEqual(yield* device.read("bs.ALL"), [
          Uint8Array.of(0, 1, 2, 3),
          Uint8Array.of(4, 5, 6, 7),
          Uint8Array.of(8, 9, 10, 11)
        ])
      }))
  })

  describe("that is to be written", () => {
    it.effect("is a whole number of 32 bits, where nothing more is known", () =>
      Effect.gen(function*() {
        const { device } = yield* answering
        const problem = (name: string, value: number) =>
          Effect.match(device.write(name, value), {
            onFailure: ({ message }) => message.replace(/^.*: (.*); nothing was sent$/, "$1"),
            onSuccess: () => "sent"
          })
        assert.deepStrictEqual(
          yield* Effect.forEach([-2147483649, -2147483648, 2147483647, 2147483648], (value) => problem("i", value)),
          [
            "value must be between -2147483648 and 2147483647, not -2147483649",
            "sent",
            "sent",
            "value must be between -2147483648 and 2147483647, not 2147483648"
          ]
        )
        assert.deepStrictEqual(
          yield* Effect.forEach([-1, 0, 4294967295, 4294967296], (value) => problem("u", value)),
          [
            "value must be between 0 and 4294967295, not -1",
            "sent",
            "sent",
            "value must be between 0 and 4294967295, not 4294967296"
          ]
        )
      }))

    const Anything = Schema.Array(
      Schema.Struct({
        name: Schema.Literals([...names, "nothing"]),
        value: Schema.Union([Schema.Unknown, Schema.Array(Schema.Unknown), Schema.Finite, Schema.String])
      })
    ).check(Schema.isMinLength(50), Schema.isMaxLength(50))

    it.effect.prop(
      "is sent, or refused with a reason, whatever it is",
      [Anything],
      ([cases]) =>
        Effect.gen(function*() {
          const { device } = yield* answering
          for (const { name, value } of cases) {
            // Whoever has no compiler may give anything.
            const result = yield* Effect.result(device.write(name, value as Family.Value))
            if (result._tag === "Failure") assert.strictEqual(result.failure._tag, "ArgumentError", name)
          }
        }),
      runs("sent")
    )
  })

  describe("that was read back", () => {
    /** Whether a value counts as written where the server then says something. */
    const isTaken = (name: string, value: Family.Value, said: string | Uint8Array) =>
      Effect.gen(function*() {
        const { device, says } = yield* answering
        yield* says(said)
        return yield* Effect.match(device.write(name, value, { verify: true }), {
          onFailure: (error) => {
            assert.strictEqual(error._tag, "DeviceError", error.message)
            return false
          },
          onSuccess: () => true
        })
      })

    const cases: ReadonlyArray<readonly [what: string, taken: ReadonlyArray<Said>, other: ReadonlyArray<Said>]> = [
      [
        "the same to six digits, if it is no whole number",
        [["f", 1 / 3, "0.333333"], ["t", -55.06251, "-55.0625"], ["t", 0, "1.42109E-14"], ["p", -0, "0"]],
        [["f", 1 / 3, "0.3334"], ["t", 30.5, "30"], ["t", 0, "0.0625"], ["f", 1, "NAN"], ["f", -1.5625e-6, "0"]]
      ],
      [
        "the very same, if it is",
        [["u", 4_294_967_295, "  4294967295"], ["ys.BYTE", 255, "255"], ["y", true, "1"]],
        [
          ["u", 4_294_967_295, "4294967294"],
          ["i", 1_000_000, "1000001"],
          ["ys.BYTE", 255, "254"],
          ["y", true, "0"],
          ["a", "attic", "attic "],
          ["b", Uint8Array.of(200), Uint8Array.of(201)]
        ]
      ],
      [
        "the same in each element",
        [
          ["fs.ALL", [1, 2, 1 / 3], "1,2,0.333333"],
          ["as.ALL", ["a", "", "b"], "a,,b"],
          [
            "bs.ALL",
            [1, 2, 3].map((byte) => new Uint8Array(4).fill(byte)),
            Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3)
          ]
        ],
        [
          ["fs.ALL", [1, 2, 3], "1,2,4"],
          ["as.ALL", ["a", "", "b"], "a,b,b"],
          [
            "bs.ALL",
            [1, 2, 3].map((byte) => new Uint8Array(4).fill(byte)),
            Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4)
          ]
        ]
      ],
      [
        "a clock's, if that has run on for no more than a minute",
        [
          ["date", new Date(100_000), "100"],
          ["date", new Date(99_600), "100"],
          ["date", new Date(100_000), "160"],
          ["clock", 100, "101"]
        ],
        [
          ["date", new Date(100_000), "99"],
          ["date", new Date(100_000), "161"],
          ["clock", 100, "99"],
          ["clock", 100, "161"],
          ["udate", 100, "101"]
        ]
      ],
      ["a value", [], [["f", 1, ""], ["f", 1, "one"], ["fs.ALL", [1, 2, 3], "1,2"], [
        "bs.ALL",
        [1, 2, 3].map(() => new Uint8Array(4)),
        "1"
      ]]]
    ]

    type Said = readonly [name: string, value: Family.Value, said: string | Uint8Array]

    for (const [what, taken, other] of cases) {
      it.effect(`is ${what}`, () =>
        Effect.gen(function*() {
          for (const said of taken) assert.isTrue(yield* isTaken(...said), JSON.stringify(said))
          for (const said of other) assert.isFalse(yield* isTaken(...said), JSON.stringify(said))
        }))
    }
  })
})
