import { Diagnosis, MessageType, OwClient, type OwError, RomId } from "@effect-ownet/core"
import { Fault, SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import { reason } from "../fixtures/scripted.ts"

const thermometer = "/28.000028D70100"
const relay = "/29.000029D60300"
const battery = "/26.000026D90000"
const hub = "/1F.00001FE00400"

const house = Layer.provideMerge(
  OwClient.layer(),
  SimulatedServer.layer({
    [thermometer]: { alias: "kitchen", temperature: 21.5 },
    [relay]: {},
    [battery]: {},
    "/99.000099660200": {},
    "/bus.1/10.000010EF0000": { alias: "bath" },
    [`${hub}/main/28.000028D70200`]: { alias: "cellar" }
  })
)

/** What is found out, and how many requests that takes. */
const asked = Effect.fnUntraced(function*(
  path: string,
  options?: Diagnosis.Options,
  fault?: (path: string) => Fault.Fault | undefined
) {
  const { setFaults } = yield* SimulatedServer.SimulatedServer
  let count = 0
  yield* setFaults(({ path, type }) => {
    if (!Fault.isOwn(type, path)) count++
    return fault?.(path)
  })
  const { path: shown, ...diagnosis } = yield* Diagnosis.diagnose(path, options)
  assert.strictEqual(shown, path)
  return [diagnosis, count] as const
})

const id = (text: string): RomId.RomId => Option.getOrThrow(RomId.fromString(text))

const message = (path: string, options?: Diagnosis.Options) =>
  Effect.map(Diagnosis.diagnose(path, options), ({ _tag, message }) => `${_tag}: ${message}`)

const failure = <A, R>(call: Effect.Effect<A, OwError.OwError, R>) => Effect.map(Effect.flip(call), reason)

const refuse = (code: number, on: (path: string) => boolean) =>
  Effect.flatMap(
    SimulatedServer.SimulatedServer,
    ({ setFaults }) =>
      setFaults(({ path, type }) => type !== MessageType.Nop && on(path) ? Fault.Fault.Refuse({ code }) : undefined)
  )

describe("Diagnosis", () => {
  it.effect("asks nothing about a path that no server can make anything of", () =>
    Effect.gen(function*() {
      const [wrongCrc, count] = yield* asked("/28.000028D70100.00/temperature")
      assert.strictEqual(count, 0)
      assert.strictEqual(wrongCrc._tag, "Malformed")
      assert.strictEqual(
        wrongCrc.message,
        "\"/28.000028D70100.00/temperature\" has a wrong CRC in 28.000028D70100.00; with the right one it is " +
          "28.000028D70100.D5"
      )
      assert.strictEqual(
        yield* message("//28.000028D70100"),
        "Malformed: \"//28.000028D70100\" has nothing between two slashes"
      )
      if (wrongCrc._tag === "Malformed") assert.strictEqual(wrongCrc.problem.reason._tag, "WrongCrc")
    }).pipe(Effect.provide(house)))

  it.effect("finds nothing wrong with what answers now", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* asked(`${thermometer}/temperature`), [
        { _tag: "Nothing", message: `nothing is wrong with ${thermometer}/temperature now` },
        1
      ])
      for (
        const path of [
          "/",
          "/bus.1",
          thermometer,
          "/kitchen",
          "/kitchen/temperature",
          `/bus.0${thermometer}`,
          `${thermometer}/errata`,
          `${hub}/main`,
          `${hub}/main/cellar`,
          `${hub}/main/28.000028D70200/temperature`,
          "/settings/units",
          "/settings/units/temperature_scale",
          "/bus.1/interface/settings/name",
          "/alarm"
        ]
      ) {
        assert.include(yield* message(path), "Nothing")
      }
    }).pipe(Effect.provide(house)))

  it.effect("knows an absent device from a name that nothing has", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      assert.deepStrictEqual(yield* asked("/28.0000000000FF/temperature"), [
        {
          _tag: "Absent",
          id: id("28.0000000000FF"),
          isElsewhere: false,
          message: "28.0000000000FF does not answer on the bus now"
        },
        // The last question is whether it is the alias of another.
        3
      ])
      assert.deepStrictEqual((yield* asked("/28.0000000000FF"))[1], 2)
      assert.deepStrictEqual(yield* asked("/kitchn/temperature"), [
        {
          _tag: "UnknownAlias",
          alias: "kitchn",
          meant: "kitchen",
          message: "no device on this server has the alias \"kitchn\"; did you mean kitchen?"
        },
        4
      ])
      assert.strictEqual(yield* message("/attic"), "UnknownAlias: no device on this server has the alias \"attic\"")
      // A digit is missing, so that it may be an alias.
      assert.strictEqual(
        yield* message("/29.000029D6030/PIO.0"),
        "UnknownAlias: no device on this server has the alias \"29.000029D6030\"; did you mean 29.000029D60300?"
      )
      // The server remembers who has the alias.
      yield* network.vanish(thermometer)
      assert.strictEqual(
        yield* message("/kitchen/temperature"),
        "Absent: 28.000028D70100 does not answer on the bus now"
      )
      assert.strictEqual(yield* message("/kitchen"), "Absent: 28.000028D70100 does not answer on the bus now")
    }).pipe(Effect.provide(house)))

  it.effect("knows a ROM id that is written backwards", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* message("/28-0001d7280000/temperature"),
        "UnknownAlias: no device on this server has the alias \"28-0001d7280000\"; did you mean 28.000028D70100?"
      )
      assert.include(
        yield* message("/D50001D728000028/temperature"),
        "has a wrong CRC in D50001D728000028; read backwards it is 28.000028D70100"
      )
    }).pipe(Effect.provide(house)))

  it.effect("shows no name as it came, and of none more than its beginning", () =>
    Effect.gen(function*() {
      const hostile = "\u202e\u009b2J\u2028\u2066"
      const paths = [
        `/a${hostile}b`,
        `/a${hostile}b/temperature`,
        `${thermometer}/a${hostile}b`,
        `/settings/units/a${hostile}b`,
        `/${"x".repeat(3000)}/temperature`,
        `${thermometer}/${"x".repeat(3000)}`,
        `/\0${hostile}`
      ]
      for (const path of paths) {
        for (const operation of ["read", "write"] as const) {
          const text = (yield* Diagnosis.diagnose(path, { operation })).message
          assert.notMatch(text, /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u)
          assert.isAtMost(text.length, 600)
        }
      }
    }).pipe(Effect.provide(house)))

  it.effect("knows a misspelt property, and what was meant", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* asked(`${thermometer}/temprature`), [
        {
          _tag: "UnknownProperty",
          property: "temprature",
          meant: "temperature",
          message: `${thermometer} has no temprature; did you mean temperature?`
        },
        3
      ])
      assert.deepStrictEqual(
        yield* Effect.forEach(
          [
            `${thermometer}/Temperature`,
            `${thermometer}/temperature.0`,
            `${thermometer}/temperature/raw`,
            `${thermometer}/errata/dye`,
            `${thermometer}/erata/die`,
            `${thermometer}/nonsense`,
            `${relay}/PlO.3`,
            `${relay}/sened`,
            "/kitchen/temprature",
            "/bus.1/bath/temprature",
            `${hub}/main/cellar/temprature`,
            "/settings/units/temprature_scale",
            "/setings/units",
            "/structure/28/temprature",
            "/bus.0/interface/setings/name"
          ],
          (path) => Effect.map(Diagnosis.diagnose(path), (found) => [found._tag, "meant" in found && found.meant])
        ),
        [
          ["UnknownProperty", "temperature"],
          ["UnknownProperty", "temperature"],
          ["UnknownProperty", "temperature"],
          ["UnknownProperty", "errata/die"],
          ["UnknownProperty", "errata/die"],
          ["UnknownProperty", undefined],
          ["UnknownProperty", "PIO.3"],
          ["UnknownProperty", "sensed.ALL"],
          ["UnknownProperty", "temperature"],
          ["UnknownProperty", "temperature"],
          ["UnknownProperty", "temperature"],
          ["UnknownProperty", "units/temperature_scale"],
          // It may be the alias of a device.
          ["UnknownAlias", "settings"],
          ["UnknownProperty", "28/temperature"],
          ["UnknownProperty", "settings/name"]
        ]
      )
    }).pipe(Effect.provide(house)))

  it.effect("tells the elements of an array", () =>
    Effect.gen(function*() {
      const elements = ["PIO.BYTE", "PIO.ALL", ...Array.from({ length: 8 }, (_, index) => `PIO.${index}`)]
      assert.deepStrictEqual(yield* asked(`${relay}/PIO`), [
        {
          _tag: "NoElement",
          property: "PIO",
          elements,
          message: "PIO is an array: it has PIO.BYTE, PIO.ALL, PIO.0 to PIO.7"
        },
        2
      ])
      for (const name of ["PIO.8", "PIO.A", "PIO.all ", "PIO."]) {
        assert.strictEqual((yield* Diagnosis.diagnose(`${relay}/${name}`))._tag, "NoElement", name)
      }
      assert.strictEqual(
        yield* message(`${battery}/pages/page`),
        "NoElement: pages/page is an array: it has pages/page.ALL, pages/page.0, pages/page.1 to pages/page.7"
      )
    }).pipe(Effect.provide(house)))

  it.effect("knows what a chip lacks, and families without a driver", () =>
    Effect.gen(function*() {
      const path = `${battery}/DATANAB/humidity`
      assert.strictEqual(yield* message(path), `Nothing: nothing is wrong with ${path} now`)
      const refusal = Fault.Fault.Refuse({ code: -22 })
      assert.deepStrictEqual(yield* asked(path, {}, (asked) => asked === path ? refusal : undefined), [
        {
          _tag: "Lacking",
          id: id("26.000026D90000"),
          property: "DATANAB/humidity",
          message: "26.000026D90000 does not list DATANAB/humidity, which other devices of its family have"
        },
        3
      ])
      yield* refuse(-1, (asked) => asked === path)
      assert.strictEqual((yield* Diagnosis.diagnose(path))._tag, "Lacking")
      yield* refuse(-1, () => false)
      assert.deepStrictEqual(yield* asked("/99.000099660200/temperature"), [
        {
          _tag: "NoDriver",
          id: id("99.000099660200"),
          message: "the server has no driver for family 99: it knows only the ROM id of 99.000099660200"
        },
        3
      ])
    }).pipe(Effect.provide(house)))

  it.effect("knows a bus that is not there, and a device that is on another", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* asked("/bus.7/28.000028D70100/temperature"), [
        { _tag: "NoBus", bus: "bus.7", message: "there is no bus.7 on this server" },
        2
      ])
      for (
        const path of ["/bus.7", "/bus.7/alarm", "/bus.7/interface", "/bus.7/interface/settings/name", "/bus.7/kitchen"]
      ) {
        assert.strictEqual((yield* Diagnosis.diagnose(path))._tag, "NoBus", path)
      }
      const elsewhere = "is not at this path; it is on another bus, or not behind this coupler"
      for (
        const path of [
          "/bus.1/28.000028D70100/temperature",
          "/bus.1/28.000028D70100",
          "/bus.1/kitchen/temperature",
          `${hub}/main/28.000028D70100`,
          `${hub}/aux/kitchen/temperature`
        ]
      ) {
        assert.strictEqual(yield* message(path), `Absent: 28.000028D70100 ${elsewhere}`, path)
      }
      assert.strictEqual(
        yield* message("/bus.1/28.0000000000FF/temperature"),
        "Absent: 28.0000000000FF does not answer on the bus now"
      )
      assert.strictEqual(
        yield* message("/1F.000000000001/main/28.000028D70100/temperature"),
        "Absent: 1F.000000000001 does not answer on the bus now"
      )
      assert.strictEqual(
        yield* message(`/bus.1${hub}/main/28.000028D70200/temperature`),
        "Absent: 1F.00001FE00400 is not at this path; it is on another bus, or not behind this coupler"
      )
      assert.strictEqual((yield* Diagnosis.diagnose(`/bus.7${hub}/main`))._tag, "NoBus")
    }).pipe(Effect.provide(house)))

  it.effect("knows what cannot be read, and what cannot be written", () =>
    Effect.gen(function*() {
      const write = { operation: "write" } as const
      assert.deepStrictEqual(yield* asked(`${relay}/out_of_testmode`), [
        {
          _tag: "NotReadable",
          property: "out_of_testmode",
          message: "out_of_testmode can be written, but not read"
        },
        1
      ])
      assert.include(yield* message(`${relay}/out_of_testmode`, write), "Nothing")
      assert.deepStrictEqual(yield* asked(`${thermometer}/temperature`, write), [
        { _tag: "NotWritable", property: "temperature", message: "temperature can be read, but not written" },
        2
      ])
      for (
        const path of [`${thermometer}/temphigh`, "/kitchen/errata", `${relay}/PIO.3`, "/settings/units/pressure_scale"]
      ) {
        assert.include(yield* message(path, write), "Nothing", path)
      }
      assert.include(yield* message(`${thermometer}/temphgh`, write), "did you mean temphigh?")
      assert.include(yield* message("/28.0000000000FF/temphigh", write), "does not answer")
      assert.include(yield* message("/bus.1/28.000028D70100/temphigh", write), "on another bus")
    }).pipe(Effect.provide(house)))

  it.effect("fails as its own questions do", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      yield* network.set(`${thermometer}/temphigh`, SimulatedNetwork.refuse(-22))
      assert.strictEqual(yield* failure(Diagnosis.diagnose(`${thermometer}/temphigh`)), "BusFault")
      yield* refuse(-22, (path) => path === "/kitchen/temprature")
      assert.strictEqual(yield* failure(Diagnosis.diagnose("/kitchen/temprature")), "BusFault")
      yield* refuse(-1, (path) => path.endsWith("/temperature"))
      assert.include(yield* message(`${thermometer}/temperature`), "Nothing")
      yield* refuse(-90, (path) => path.endsWith("/temperature"))
      assert.strictEqual(yield* failure(Diagnosis.diagnose(`${thermometer}/temperature`)), "TooLarge")
      yield* refuse(-5, (path) => path === "/settings/alias/list")
      assert.strictEqual(yield* failure(Diagnosis.diagnose("/attic")), "BusFault")
      yield* refuse(-5, (path) => path === "/settings/units/pressure_scale")
      assert.strictEqual(yield* failure(Diagnosis.diagnose("/settings/units/pressure_scale")), "BusFault")
      // An older server has no such list.
      yield* refuse(-1, (path) => path === "/settings/alias/list")
      assert.include(yield* message("/kitchn"), "did you mean kitchen?")
      yield* refuse(-1, () => true)
      assert.strictEqual(yield* failure(Diagnosis.diagnose("/")), "NotFound")
      assert.strictEqual(yield* failure(Diagnosis.diagnose("/settings/units/foo")), "NotFound")
    }).pipe(Effect.provide(house)))
})
