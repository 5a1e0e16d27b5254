import { OwPath, Payload, RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Option, Result, Schema } from "effect"

const parse = (text: string): OwPath.OwPath => Result.getOrThrow(OwPath.parse(text))

const make = (options: OwPath.Options): OwPath.OwPath => Result.getOrThrow(OwPath.make(options))

const refusal = <A>(result: Result.Result<A, OwPath.PathError>): OwPath.PathError =>
  Result.getOrThrow(Result.flip(result))

const id = (text: string): RomId.RomId => Option.getOrThrow(RomId.fromString(text))

const int = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

/** What a path may be put together from. Any bytes are an alias, or are refused as one. */
const Name = Schema.Struct({
  family: Schema.UndefinedOr(Schema.Literals(["1F", "12", "28", "00"])),
  serial: int(0xffff_ffff_ffff),
  alias: Schema.Uint8Array.check(Schema.isMinLength(1), Schema.isMaxLength(12))
})

const named = ({ alias, family, serial }: typeof Name.Type): string =>
  family === undefined ? Payload.decodeText(alias) : `${family}.${serial.toString(16).padStart(12, "0")}`

const Segment = Schema.Union([
  Schema.Literals(["temperature", "errata", "PIO.ALL", "light_hi ", "main", "uncached", "Küche"]),
  Schema.NonEmptyString
])

const paths = Arbitrary.schema(Schema.Struct({
  bus: Schema.Array(int(0x7fff_ffff)).check(Schema.isMaxLength(3)),
  uncached: Schema.Boolean,
  unaliased: Schema.Boolean,
  branches: Schema.Array(Schema.Struct({ coupler: Name, branch: OwPath.BranchName })).check(Schema.isMaxLength(3)),
  alarm: Schema.Boolean,
  target: Schema.Union([Name, OwPath.Own, Schema.Undefined]),
  property: Schema.Array(Segment).check(Schema.isMaxLength(3))
})).pipe(
  Arbitrary.map(({ branches, property, target, ...modes }) =>
    OwPath.make({
      ...modes,
      branches: branches.map(({ branch, coupler }) => ({ branch, coupler: named(coupler) })),
      device: typeof target === "object" ? named(target) : undefined,
      own: typeof target === "string" ? target : undefined,
      property: property.length === 0 ? undefined : property.join("/")
    })
  ),
  Arbitrary.filter(Result.isSuccess),
  Arbitrary.map(({ success }) => success)
)

/** What people and programs put between slashes. */
const pieces = [
  "",
  ".",
  "..",
  " ",
  "bus.0",
  "bus.01",
  "bus.x",
  "BUS.1",
  "Uncached",
  "unaliased",
  "text",
  "JSON",
  "alarm",
  "Alarm",
  "settings",
  "Structure",
  "interface",
  "simultaneous",
  "thermostat",
  "main",
  "aux",
  "28.010028D70000",
  "28010028d7000026",
  "28.010028D70000.27",
  "1F.01001FE00100",
  "1f01001fe00100.",
  "12.010012ED0000",
  "00.000000000000",
  "boiler",
  "a,b",
  "Alarmanlage",
  "temperature",
  "errata",
  "light_hi ",
  "K\udcfcche",
  "half\ud800",
  "\0"
] as const

const texts = Arbitrary.schema(Schema.Array(Schema.Literals(pieces)).check(Schema.isMinLength(2)))
  .pipe(Arbitrary.map((segments) => segments.join("/")))

describe("OwPath", () => {
  it.prop("what was put together is taken apart again", [paths], ([path]) => {
    assert.deepStrictEqual(parse(OwPath.format(path)), path)
    assert.deepStrictEqual(make(path), path)
  }, { arbitrary: { runs: 500, seed: "path" } })

  it.effect.prop("survives the wire, and its schemas take it", [paths], ([path]) =>
    Effect.gen(function*() {
      const text = yield* Schema.encodeEffect(OwPath.OwPathFromString)(path)
      assert.strictEqual(text, OwPath.format(path))
      assert.strictEqual(Payload.decodePath(Payload.encodePath(text)), text)
      assert.deepStrictEqual(yield* Schema.decodeEffect(OwPath.OwPathFromString)(text), path)
    }), { arbitrary: { runs: 300, seed: "schema" } })

  it.prop("what can be taken apart is safe, and is written in one way only", [texts], ([text]) => {
    const parsed = OwPath.parse(text)
    if (Result.isFailure(parsed)) {
      assert.strictEqual(parsed.failure.text, text)
      assert.notInclude(parsed.failure.message, "undefined")
      return
    }
    const written = OwPath.format(parsed.success)
    assert.match(written, /^\/(?:[^/\0]+(?:\/[^/\0]+)*)?$/)
    assert.notMatch(written, /\/\.\.?(?:\/|$)/)
    assert.deepStrictEqual(parse(written), parsed.success)
  }, { arbitrary: { runs: 3000, seed: "text" } })

  it.prop("any text is taken apart or refused, and no slash or NUL gets by a name", [Schema.String], ([text]) => {
    const device = OwPath.make({ device: text })
    if (Result.isSuccess(device)) assert.deepStrictEqual(parse(`/${text}`), device.success)
    const again = Result.map(OwPath.parse(text), (path) => OwPath.format(path))
    if (Result.isSuccess(again)) assert.strictEqual(OwPath.format(parse(again.success)), again.success)
  }, { arbitrary: { runs: 1000, seed: "any" } })

  it("is taken apart as a server lists it", () => {
    assert.deepStrictEqual(parse("/"), {
      bus: [],
      uncached: false,
      unaliased: false,
      branches: [],
      alarm: false,
      device: undefined,
      own: undefined,
      property: undefined
    })
    const path = parse("/bus.0/1F.01001FE00100/main/1F.01001FE00100/aux/28.010028D70000")
    assert.deepStrictEqual(path.bus, [0])
    assert.deepStrictEqual(path.branches.map(({ branch, coupler }) => `${coupler}/${branch}`), [
      "1F01001FE001002F/main",
      "1F01001FE001002F/aux"
    ])
    assert.deepStrictEqual(OwPath.romId(path), Option.some(id("28.010028D70000")))
    assert.isUndefined(path.property)
    assert.deepStrictEqual(parse("/28.010028D70000/errata/trim").property, "errata/trim")
    assert.deepStrictEqual(parse("/bus.0/alarm/28.010028D70000"), {
      ...parse("/bus.0/28.010028D70000"),
      alarm: true
    })
  })

  it("is the same however a server would take it", () => {
    // All the spellings of one line lead to the same place on owserver 3.2p4.
    const spellings: ReadonlyArray<readonly [written: string, ...others: ReadonlyArray<string>]> = [
      ["/", "/text", "json/"],
      ["/28.010028D70000", "28.010028D70000", "/28.010028D70000/", "/28010028d70000", "/text/28.010028D70000"],
      ["/28.010028D70000", "/28.010028D70000.26", "/28.010028D7000026", "/28010028D70000.26", "/28010028d7000026"],
      ["/28.010028D70000", "/28.010028D70000.", "/28010028D70000."],
      ["/28.010028D70000/errata", "/28.010028D70000/errata/", "/json/28010028D7000026/errata"],
      ["/bus.0", "/BUS.0/", "bus.00"],
      ["/bus.0/uncached", "/Uncached/Bus.0", "/bus.0/uncached/uncached"],
      [
        "/bus.0/uncached/unaliased/28.010028D70000/temperature",
        "/uncached/unaliased/bus.0/28.010028D70000/temperature",
        "/unaliased/uncached/bus.0/28.010028D70000/temperature",
        "/bus.0/UNALIASED/uncached/28.010028D70000/temperature"
      ],
      [
        "/uncached/1F.01001FE00100/main/28.010028D70000/temperature",
        "/1F.01001FE00100/main/uncached/28.010028D70000/temperature",
        "/1F.01001FE00100/main/text/UNCACHED/28.010028D70000/temperature"
      ],
      ["/1F.01001FE00100/main/alarm", "/alarm/1F.01001FE00100/main", "/Alarm/1f01001fe00100/main/alarm/"],
      ["/uncached/alarm/28.010028D70000", "/alarm/uncached/28.010028D70000"],
      ["/alarm/simultaneous/temperature", "/Alarm/Simultaneous/temperature"],
      [
        "/uncached/settings/units/temperature_scale",
        "/settings/uncached/units/temperature_scale",
        "/Settings/text/Uncached/units/temperature_scale"
      ],
      ["/structure/28/temperature", "/Structure/text/28/temperature", "structure/28/temperature"],
      ["/bus.0/interface/settings/name", "/BUS.0/Interface/json/settings/name"],
      ["/bus.1/bus.0/uncached/28.010028D70000", "/bus.1/uncached/bus.0/28.010028D70000"]
    ]
    for (const [written, ...others] of spellings) {
      const path = parse(written)
      assert.strictEqual(OwPath.format(path), written)
      for (const other of others) assert.deepStrictEqual(parse(other), path, other)
    }
  })

  it("stays as it is where case and spaces count", () => {
    for (
      const text of [
        "/boiler room/temperature",
        "/Boiler room/Temperature",
        "/7E.1234567890AB/EDS0067/threshold/light_hi ",
        "/12.010012ED0000/aux/29.000029D60000/PIO.all",
        "/12.010012ED0000/PIO.BYTE",
        "/bus.0/1F.01001FE00100/main/simultaneous",
        "/bus.0/simultaneous/temperature",
        "/simultaneous/uncached",
        "/thermostat/temperature",
        "/settings/Units",
        "/settings/main",
        "/system/configuration/version",
        "/statistics/read/calls",
        "/bus.1/settings/units/temperature_scale",
        "/a,b/alarm",
        "/a,b/temperature/main",
        "/20.1234567890AB/alarm/high.A",
        "/buster",
        "/28.0100",
        "/main/main/aux/aux/main",
        "/.../PIO.ALL",
        "/\udce9l\udce9ment, 1/PIO.ALL",
        "/00.000000000000"
      ]
    ) assert.strictEqual(OwPath.format(parse(text)), text)
  })

  it("says what is wrong with a text", () => {
    const refused: ReadonlyArray<readonly [text: string, OwPath.PathReason]> = [
      ["", { _tag: "Empty" }],
      ["/28.010028D70000/temperature\0", { _tag: "Nul" }],
      ["/uncached\0/28.010028D70000", { _tag: "Nul" }],
      ["/half\ud800/temperature", { _tag: "HalfCharacter" }],
      ["/boiler/\udc00", { _tag: "HalfCharacter" }],
      ["//", { _tag: "EmptySegment" }],
      ["//28.010028D70000", { _tag: "EmptySegment" }],
      ["/28.010028D70000//temperature", { _tag: "EmptySegment" }],
      ["/28.010028D70000//", { _tag: "EmptySegment" }],
      ["/28.010028D70000/./temperature", { _tag: "DotSegment" }],
      ["/28.010028D70000/..", { _tag: "DotSegment" }],
      [".", { _tag: "DotSegment" }],
      ["/28.010028D70000.27/temperature", {
        _tag: "WrongCrc",
        name: "28.010028D70000.27",
        expected: id("28.010028D70000")
      }],
      ["/1f01001fe0010000/main/28.010028D70000", {
        _tag: "WrongCrc",
        name: "1f01001fe0010000",
        expected: id("1F.01001FE00100")
      }],
      ["/ 28.010028D70000/temperature", { _tag: "InvalidName", name: " 28.010028D70000" }],
      ["/boiler /temperature", { _tag: "InvalidName", name: "boiler " }],
      ["/Alarmanlage/PIO.ALL", { _tag: "ReservedName", name: "Alarmanlage", word: "alarm" }],
      ["/alar", { _tag: "ReservedName", name: "alar", word: "alarm" }],
      ["/system pump/temperature", { _tag: "ReservedName", name: "system pump", word: "system" }],
      ["/textile/main", { _tag: "ReservedName", name: "textile", word: "text" }],
      ["/settings/uncachedfoo/units", { _tag: "ReservedName", name: "uncachedfoo", word: "uncached" }],
      ["/bus.", { _tag: "InvalidBus", name: "bus." }],
      ["/Bus.x/28.010028D70000", { _tag: "InvalidBus", name: "Bus.x" }],
      ["/bus.-1", { _tag: "InvalidBus", name: "bus.-1" }],
      ["/bus.4294967296", { _tag: "InvalidBus", name: "4294967296" }],
      ["/28.010028D70000/main/28.010028D70100", {
        _tag: "NoBranch",
        coupler: id("28.010028D70000"),
        branch: "main"
      }],
      ["/12.010012ED0000/main", { _tag: "NoBranch", coupler: id("12.010012ED0000"), branch: "main" }],
      ["/alarm/bus.0", { _tag: "Misplaced", word: "bus" }],
      ["/1F.01001FE00100/main/bus.0/28.010028D70000", { _tag: "Misplaced", word: "bus" }],
      ["/alarm/alarm", { _tag: "Misplaced", word: "alarm" }],
      ["/alarm/uncached/alarm", { _tag: "Misplaced", word: "alarm" }],
      ["/alarm/settings", { _tag: "Misplaced", word: "settings" }],
      ["/1F.01001FE00100/main/structure", { _tag: "Misplaced", word: "structure" }],
      ["/interface/settings", { _tag: "Misplaced", word: "interface" }],
      ["/bus.0/alarm/interface", { _tag: "Misplaced", word: "interface" }]
    ]
    for (const [text, reason] of refused) {
      const error = refusal(OwPath.parse(text))
      assert.deepStrictEqual(error.reason, reason, text)
      assert.strictEqual(error.text, text)
    }
  })

  it("says it in a line", () => {
    const lines = {
      "": "\"\" is empty; the root is written /",
      "/a\0": "\"/a\\u0000\" contains NUL",
      "/a\ud800": "\"/a\\ud800\" contains half a character",
      "/28.010028D70000//temperature": "\"/28.010028D70000//temperature\" has nothing between two slashes",
      "/..": "\"/..\" contains . or .., which lead nowhere on a server",
      "/28.010028D70000.27":
        "\"/28.010028D70000.27\" has a wrong CRC in 28.010028D70000.27; with the right one it is 28.010028D70000.26",
      "/boiler /type":
        "\"/boiler /type\" has \"boiler \" as a device; a name contains no slash and has no space at its ends",
      "/Alarmanlage":
        "\"/Alarmanlage\" has \"Alarmanlage\", which a server takes for its own alarm; a device with that alias is reached only by its ROM id",
      "/bus.x": "\"/bus.x\" has \"bus.x\" as a bus; a bus is written bus.0, bus.1 and so on",
      "/28.010028D70000/main":
        "\"/28.010028D70000/main\" has main after 28.010028D70000; only couplers have branches: family 1F main and aux, family 12 aux",
      "/interface":
        "\"/interface\" has interface in the wrong position: it comes right after a bus, in place of a device"
    }
    for (const [text, line] of Object.entries(lines)) assert.strictEqual(refusal(OwPath.parse(text)).message, line)
  })

  it("is put together from its parts", () => {
    assert.strictEqual(OwPath.format(make({})), "/")
    assert.strictEqual(OwPath.format(make({ bus: 3 })), "/bus.3")
    assert.strictEqual(
      OwPath.format(make({
        bus: [1, 0],
        uncached: true,
        unaliased: true,
        branches: [{ coupler: "1F01001FE001002F", branch: "main" }, { coupler: "hub", branch: "aux" }],
        alarm: true,
        device: "28010028d70000",
        property: "errata/trim"
      })),
      "/bus.1/bus.0/uncached/unaliased/1F.01001FE00100/main/hub/aux/alarm/28.010028D70000/errata/trim"
    )
    assert.strictEqual(
      OwPath.format(make({ own: "structure", property: "7E/EDS0067/threshold/light_hi " })),
      "/structure/7E/EDS0067/threshold/light_hi "
    )
  })

  it("is put together from nothing that reaches beyond its part", () => {
    const device = "28.010028D70000"
    const refused: ReadonlyArray<readonly [OwPath.Options, tag: OwPath.PathReason["_tag"], text: string]> = [
      [{ bus: -1 }, "InvalidBus", "-1"],
      [{ bus: [0, 1.5] }, "InvalidBus", "1.5"],
      [{ bus: 2 ** 31 }, "InvalidBus", "2147483648"],
      [{ device: "" }, "EmptySegment", ""],
      [{ device: "boiler/../../settings" }, "DotSegment", "boiler/../../settings"],
      [{ device: "boiler/temperature" }, "InvalidName", "boiler/temperature"],
      [{ device: "boiler\0" }, "Nul", "boiler\0"],
      [{ device: ".." }, "DotSegment", ".."],
      [{ device: "uncached" }, "ReservedName", "uncached"],
      [{ device: "bus.0" }, "InvalidBus", "bus.0"],
      [{ device: "28.010028D70000.00" }, "WrongCrc", "28.010028D70000.00"],
      [{ device: "\ud83d" }, "HalfCharacter", "\ud83d"],
      [{ branches: [{ coupler: "Settings", branch: "main" }] }, "ReservedName", "Settings"],
      [{ branches: [{ coupler: device, branch: "main" }] }, "NoBranch", device],
      [{ property: "temperature" }, "NoDevice", "temperature"],
      [{ device, property: "" }, "EmptySegment", ""],
      [{ device, property: "/temperature" }, "EmptySegment", "/temperature"],
      [{ device, property: "temperature/" }, "EmptySegment", "temperature/"],
      [{ device, property: "../settings" }, "DotSegment", "../settings"],
      [{ device, property: "temperature\0" }, "Nul", "temperature\0"],
      [{ device, property: "main/28.010028D70100" }, "Misplaced", "main/28.010028D70100"],
      [{ device: "boiler", property: "aux" }, "Misplaced", "aux"],
      [{ device, own: "settings" }, "Misplaced", "settings"],
      [{ own: "interface" }, "Misplaced", "interface"],
      [{ own: "system", alarm: true }, "Misplaced", "system"],
      [{ own: "settings", property: "Text/units" }, "ReservedName", "Text/units"]
    ]
    for (const [options, tag, text] of refused) {
      const error = refusal(OwPath.make(options))
      assert.strictEqual(error.reason._tag, tag, JSON.stringify(options))
      assert.strictEqual(error.text, text)
      assert.include(error.message, JSON.stringify(text))
    }
  })

  it("every word of a server's own is no alias, in any case", () => {
    for (const word of [...OwPath.Own.literals, "uncached", "unaliased", "alarm", "text", "json", "bus.7"]) {
      for (const name of [word, word.toUpperCase(), `${word}2`]) {
        assert.isTrue(Result.isFailure(OwPath.make({ device: name })), name)
        assert.isFalse(Schema.is(OwPath.Alias)(name), name)
      }
    }
  })

  it("is changed part by part", () => {
    const path = parse("/bus.0/28.010028D70000/temperature")
    assert.strictEqual(OwPath.format(OwPath.uncached(path)), "/bus.0/uncached/28.010028D70000/temperature")
    assert.strictEqual(
      OwPath.format(Result.getOrThrow(OwPath.withProperty(path, "power"))),
      "/bus.0/28.010028D70000/power"
    )
    assert.strictEqual(
      OwPath.format(Result.getOrThrow(OwPath.withProperty(parse("/settings/units"), "timeout/volatile"))),
      "/settings/timeout/volatile"
    )
    assert.strictEqual(refusal(OwPath.withProperty(path, "a//b")).reason._tag, "EmptySegment")
    assert.strictEqual(refusal(OwPath.withProperty(parse("/bus.0"), "temperature")).reason._tag, "NoDevice")
  })

  it("has a ROM id where its device is not named by an alias", () => {
    assert.deepStrictEqual(OwPath.romId(parse("/alarm/28010028d7000026/type")), Option.some(id("28.010028D70000")))
    assert.isTrue(Option.isNone(OwPath.romId(parse("/boiler"))))
    assert.isTrue(Option.isNone(OwPath.romId(parse("/1F.01001FE00100/main"))))
    assert.isTrue(Option.isNone(OwPath.romId(parse("/structure/28"))))
  })

  it.effect("has schemas that take nothing else", () =>
    Effect.gen(function*() {
      const root = parse("/")
      const decode = Schema.decodeUnknownEffect(OwPath.OwPath)
      assert.deepStrictEqual(yield* decode({ ...root, device: "boiler", property: "type" }), parse("/boiler/type"))
      const wrong: ReadonlyArray<object> = [
        { bus: [-1] },
        { device: "28.010028D70000" },
        { device: "28010028D7000027" },
        { device: "a/b" },
        { property: "type" },
        { device: "boiler", property: "a//b" },
        { device: "boiler", own: "settings" },
        { branches: [{ coupler: id("28.010028D70000"), branch: "aux" }] }
      ]
      for (const parts of wrong) yield* Effect.flip(decode({ ...root, ...parts }))
      const error = yield* Effect.flip(Schema.decodeEffect(OwPath.OwPathFromString)("/28.010028D70000.27"))
      assert.include(error.message, "with the right one it is 28.010028D70000.26")
    }))

  it("is had at once from a constant, which throws what is wrong with it", () => {
    assert.deepStrictEqual(OwPath.parseUnsafe("/bus.0/boiler/type"), parse("/bus.0/boiler/type"))
    assert.deepStrictEqual(OwPath.makeUnsafe({ bus: 0, device: "boiler" }), make({ bus: 0, device: "boiler" }))
    const thrown = (take: () => OwPath.OwPath) => Result.getOrThrow(Result.flip(Result.try(take)))
    assert.deepStrictEqual(thrown(() => OwPath.parseUnsafe("/a//b")), refusal(OwPath.parse("/a//b")))
    assert.deepStrictEqual(thrown(() => OwPath.makeUnsafe({ bus: -1 })), refusal(OwPath.make({ bus: -1 })))
  })

  it("has branches behind couplers whose code has bit 7 turned over", () => {
    for (const path of ["/9F.00009F600300/main", "/9F.00009F600300/aux/boiler", "/92.0000926D0400/aux"]) {
      assert.strictEqual(OwPath.format(parse(path)), path)
    }
    assert.strictEqual(refusal(OwPath.parse("/92.0000926D0400/main")).reason._tag, "NoBranch")
  })

  it.effect("fails as an error with reasons", () =>
    Effect.gen(function*() {
      const found = yield* Effect.fromResult(OwPath.parse("/28.010028D70000.27/type")).pipe(
        Effect.catchReason("PathError", "WrongCrc", ({ expected }) => Effect.succeed(make({ device: expected })))
      )
      assert.strictEqual(OwPath.format(found), "/28.010028D70000")
    }))
})
