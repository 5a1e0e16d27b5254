import { OwClient, type OwError } from "@effect-ownet/core"
import { SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Clock, Effect, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { reason } from "../fixtures/scripted.ts"

const sensor = "/28.000028D70100"

/** A network, and a client of a server for it. */
const serve = Effect.fnUntraced(function*(
  description: SimulatedNetwork.Description,
  options?: SimulatedServer.Options
) {
  const context = yield* Layer.build(
    Layer.provideMerge(OwClient.layer(), SimulatedServer.layer(description, options))
  )
  const { network } = yield* Effect.provide(SimulatedServer.SimulatedServer, context)
  return { network, ow: yield* Effect.provide(OwClient.OwClient, context) }
})

const failure = <A>(call: Effect.Effect<A, OwError.OwError>) => Effect.map(Effect.flip(call), reason)

/** How long a call takes, by the test's clock. */
const timed = <A, E>(call: Effect.Effect<A, E>) =>
  Effect.gen(function*() {
    const began = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.forkChild(Effect.map(
      Effect.all([call, Clock.currentTimeMillis]),
      ([value, ended]) => ({ value, took: ended - began })
    ))
    yield* TestClock.adjust("10 seconds")
    return yield* Fiber.join(fiber)
  })

describe("SimulatedNetwork", () => {
  describe("shows a property as", () => {
    it.effect("a number, a text, a switch, bytes, a moment and an array", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({
          [sensor]: { temperature: 21.53, "errata/die": "B7", power: true, scratchpad: Uint8Array.of(1, 2, 3) },
          "26.000026D90200": { date: new Date("2026-01-02T03:04:05Z"), "B1-R1-A/pressure": 1000, VAD: "4.5" },
          "29.000029D60300": { "PIO.ALL": [1, 0, 0, 0, 0, 0, 0, true], "latch.BYTE": 5, "sensed.3": true },
          "20.000020DF0500": { "volt.ALL": "0.5,1,1.5,2", "PIO.B": false }
        })
        const texts = (...paths: ReadonlyArray<string>) => Effect.forEach(paths, (path) => ow.readText(path))
        assert.deepStrictEqual(
          yield* texts(`${sensor}/temperature`, `${sensor}/errata/die`, `${sensor}/power`),
          ["21.53", "B7", "1"]
        )
        assert.deepStrictEqual(yield* ow.read(`${sensor}/scratchpad`), Uint8Array.of(1, 2, 3, 0, 0, 0, 0, 0, 0))
        assert.deepStrictEqual(
          yield* texts("/26.000026D90200/date", "/26.000026D90200/udate", "/26.000026D90200/VAD"),
          ["Fri Jan  2 03:04:05 2026", "1767323045", "4.5"]
        )
        assert.strictEqual(
          yield* ow.readText("/26.000026D90200/B1-R1-A/pressure", { flags: { pressureScale: "inHg" } }),
          "29.53"
        )
        assert.deepStrictEqual(
          yield* texts("/29.000029D60300/PIO.0", "/29.000029D60300/PIO.ALL", "/29.000029D60300/PIO.BYTE"),
          ["1", "1,0,0,0,0,0,0,1", "129"]
        )
        assert.deepStrictEqual(
          yield* texts("/29.000029D60300/latch.0", "/29.000029D60300/latch.1", "/29.000029D60300/latch.ALL"),
          ["1", "0", "1,0,1,0,0,0,0,0"]
        )
        assert.deepStrictEqual(
          yield* texts("/20.000020DF0500/volt.C", "/20.000020DF0500/volt.ALL", "/20.000020DF0500/PIO.B"),
          ["1.5", "0.5,1,1.5,2", "0"]
        )
      }))

    it.effect("a function of time, a script, or a refusal", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({
          [sensor]: {
            temperature: (seconds) => 20 + seconds / 2,
            temphigh: SimulatedNetwork.script([["0 seconds", 30], ["1 minute", SimulatedNetwork.refuse(-5)], [
              "2 minutes",
              40
            ]]),
            templow: SimulatedNetwork.refuse(-22)
          },
          "29.000029D60300": {
            "PIO.BYTE": (seconds) => Math.floor(seconds),
            "sensed.ALL": () => [0, 0, 0, 0, 0, 0, 0, 1]
          }
        })
        const high = ow.readText(`${sensor}/temphigh`)
        assert.strictEqual(yield* ow.readText(`${sensor}/temperature`), "20")
        assert.strictEqual(yield* ow.readText(`${sensor}/latesttemp`), "20")
        assert.strictEqual(yield* high, "30")
        assert.strictEqual(yield* failure(ow.read(`${sensor}/templow`)), "BusFault")
        yield* TestClock.adjust("3 seconds")
        assert.strictEqual(yield* ow.readText(`${sensor}/temperature`), "21.5")
        assert.strictEqual(yield* ow.readText("/29.000029D60300/PIO.1"), "1")
        assert.strictEqual(yield* ow.readText("/29.000029D60300/PIO.ALL"), "1,1,0,0,0,0,0,0")
        assert.strictEqual(yield* ow.readText("/29.000029D60300/sensed.7"), "1")
        yield* TestClock.adjust("58 seconds")
        assert.strictEqual(yield* failure(high), "BusFault")
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* high, "40")
        yield* network.set(`${sensor}/temperature`, 3)
        assert.strictEqual(yield* ow.readText(`${sensor}/temperature`), "3")
      }))

    it.effect("what was written to it, unless it is computed", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({
          [sensor]: { templow: () => 5 },
          "29.000029D60300": { "PIO.BYTE": 3 },
          "14.000014EB0600": {}
        })
        yield* ow.write(`${sensor}/templow`, "9")
        assert.strictEqual(yield* ow.readText(`${sensor}/templow`), "5")
        yield* ow.write(`${sensor}/temphigh`, "77", { flags: { temperatureScale: "F" } })
        assert.strictEqual(yield* ow.readText(`${sensor}/temphigh`), "25")
        yield* ow.write("/29.000029D60300/PIO.7", "1")
        assert.strictEqual(yield* ow.readText("/29.000029D60300/PIO.BYTE"), "131")
        yield* ow.write("/29.000029D60300/PIO.BYTE", "66")
        assert.strictEqual(yield* ow.readText("/29.000029D60300/PIO.ALL"), "0,1,0,0,0,0,1,0")
        yield* ow.write("/29.000029D60300/PIO.ALL", "1,0,0,0,0,0,0,0")
        assert.strictEqual(yield* ow.readText("/29.000029D60300/PIO.BYTE"), "1")
        yield* ow.write("/14.000014EB0600/memory", Uint8Array.of(1, 2, 3), { offset: 30 }).pipe(Effect.flip)
        yield* ow.write("/14.000014EB0600/memory", Uint8Array.of(7, 8), { offset: 1 })
        const memory = yield* ow.read("/14.000014EB0600/memory")
        assert.deepStrictEqual([...memory.subarray(0, 4), ...memory.subarray(30)], [0x14, 7, 8, 0x14, 1, 2])
      }))

    it.effect("what the server would compute, where nothing is said", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(SimulatedNetwork.tester(["28", "99"]))
        assert.deepStrictEqual(yield* ow.dir("/", { slash: false }), ["/28.000028D70000", "/99.000099660100"])
        assert.strictEqual(yield* ow.readText("/28.000028D70000/temperature"), "4")
        assert.deepStrictEqual(yield* ow.dir("/99.000099660100"), [
          "/99.000099660100/address",
          "/99.000099660100/crc8",
          "/99.000099660100/family",
          "/99.000099660100/id",
          "/99.000099660100/r_address",
          "/99.000099660100/r_id"
        ])
      }))

    it.effect("one that only some devices of the family have, once it is described", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({
          "7E.00007E810000": {},
          "7E.00007E810100": { "EDS0068/temperature": 19 }
        })
        assert.notInclude(yield* ow.dir("/7E.00007E810000"), "/7E.00007E810000/EDS0068/")
        assert.include(yield* ow.dir("/7E.00007E810100"), "/7E.00007E810100/EDS0068/")
        assert.deepStrictEqual(yield* ow.dir("/7E.00007E810100/EDS0068"), ["/7E.00007E810100/EDS0068/temperature"])
        assert.strictEqual(yield* ow.readText("/7E.00007E810100/EDS0068/temperature"), "19")
      }))
  })

  describe("has devices that", () => {
    it.effect("appear, vanish and come back", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [sensor]: { temperature: 21 } })
        yield* network.appear("10.000010EF0000", { temperature: 3 })
        assert.deepStrictEqual(yield* ow.dir(), [`${sensor}/`, "/10.000010EF0000/"])
        yield* network.vanish(sensor)
        assert.deepStrictEqual(yield* ow.dir(), ["/10.000010EF0000/"])
        assert.isFalse(yield* ow.present(sensor))
        assert.strictEqual(yield* failure(ow.read(`${sensor}/temperature`)), "NotFound")
        // What is said of a device that is away does not bring it back.
        yield* network.set(`${sensor}/temperature`, 22)
        assert.isFalse(yield* ow.present(sensor))
        yield* network.appear(sensor, { alias: "kitchen" })
        assert.strictEqual(yield* ow.readText(`${sensor}/temperature`), "22")
        yield* network.set("/kitchen/temperature", 23)
        assert.strictEqual(yield* ow.readText("/kitchen/temperature"), "23")
        yield* network.vanish("kitchen")
        assert.isFalse(yield* ow.present("/kitchen"))
        yield* network.appear("/bus.0/kitchen")
        assert.isTrue(yield* ow.present("/kitchen"))
      }))

    it.effect("take the alias of one that is away, as servers do, and not of one that is there", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [sensor]: { alias: "kitchen" }, "10.000010EF0000": {} })
        const taken = yield* Effect.flip(network.set("/10.000010EF0000/alias", "kitchen"))
        assert.include(taken.message, "is that of 28000028D70100D5")
        yield* network.vanish(sensor)
        yield* network.set("/10.000010EF0000/alias", "kitchen")
        assert.deepStrictEqual(yield* ow.romId("/kitchen"), Option.some("10000010EF00005B"))
        assert.strictEqual(yield* ow.readText("/settings/alias/list"), "10000010EF00005B=kitchen\r\n")
        yield* network.appear(sensor)
        assert.strictEqual(yield* ow.readText(`${sensor}/alias`), "")
        // Each has the alias that it was given last, and nobody one that was taken away.
        yield* network.set(`${sensor}/alias`, "bath")
        yield* network.set("/10.000010EF0000/alias", "cellar")
        yield* network.set(`${sensor}/alias`, "kitchen")
        assert.strictEqual(
          yield* ow.readText("/settings/alias/list"),
          "10000010EF00005B=cellar\r\n28000028D70100D5=kitchen\r\n"
        )
        assert.isFalse(yield* ow.present("/bath"))
      }))

    it.effect("can have an alias that looks like a ROM id, by which nobody finds them", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [sensor]: { alias: "28.AABBCCDDEEFF" }, "10.000010EF0000": {} })
        assert.deepStrictEqual(yield* ow.dir(), ["/28.AABBCCDDEEFF/", "/10.000010EF0000/"])
        assert.isFalse(yield* ow.present("/28.AABBCCDDEEFF"))
        yield* ow.write("/10.000010EF0000/alias", "28.000028D70100")
        assert.strictEqual(yield* ow.readText(`${sensor}/family`), "28")
      }))

    it.effect("are described by the ten thousand, each with an alias, and found by them", () =>
      Effect.gen(function*() {
        // To look through all aliases for each of them takes minutes.
        const ids = Array.from({ length: 50_000 }, (_, index) => `28.${index.toString(16).padStart(12, "0")}`)
        const network = yield* SimulatedNetwork.make(
          Object.fromEntries(ids.map((id, index) => [id, { alias: `sensor ${index}` }]))
        )
        yield* Effect.forEach(ids, (_, index) => network.vanish(`sensor ${index}`))
      }))

    it.effect("are on one bus or another, and move", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [sensor]: { temperature: 1 }, "/bus.1/10.000010EF0000": {} })
        assert.deepStrictEqual(yield* ow.dir("/", { slash: false, bus: true }), [
          sensor,
          "/10.000010EF0000",
          "/bus.0",
          "/bus.1",
          "/uncached",
          "/settings",
          "/system",
          "/statistics",
          "/structure",
          "/simultaneous",
          "/alarm"
        ])
        const devices = (bus: number) =>
          Effect.map(ow.dir(`/bus.${bus}`, { slash: false }), (paths) => paths.slice(1, -2))
        assert.deepStrictEqual(yield* devices(1), ["/bus.1/10.000010EF0000"])
        assert.isFalse(yield* ow.present(`/bus.1${sensor}`))
        yield* network.appear(`/bus.1${sensor}`)
        assert.deepStrictEqual(yield* devices(0), [])
        assert.deepStrictEqual(yield* devices(1), [`/bus.1${sensor}`, "/bus.1/10.000010EF0000"])
        assert.strictEqual(yield* ow.readText(`/bus.1${sensor}/temperature`), "1")
        assert.strictEqual(yield* ow.readText(`${sensor}/temperature`), "1")
      }))

    it.effect("stand behind couplers", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ "/1F.00001FE00400/main/28.000028D70100": { temperature: 1 } })
        const main = "/1F.00001FE00400/main"
        assert.deepStrictEqual(yield* ow.dir("/", { slash: false }), ["/1F.00001FE00400"])
        assert.includeMembers([...yield* ow.dir("/1F.00001FE00400")], [`${main}/`, "/1F.00001FE00400/aux/"])
        assert.deepStrictEqual(yield* ow.dir(main), [`${main}${sensor}/`])
        assert.deepStrictEqual(yield* ow.dir("/1F.00001FE00400/aux"), [])
        assert.strictEqual(yield* ow.readText(`${main}${sensor}/temperature`), "1")
        assert.isFalse(yield* ow.present(sensor))
        assert.deepStrictEqual(yield* ow.romId(main), Option.some("1F00001FE00400E7"))
      }))

    it.effect("answer alarm searches, by their limits or because they are told to", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({
          [sensor]: { temperature: (seconds) => 20 + seconds, temphigh: 25 },
          "29.000029D60300": {}
        })
        const alarms = ow.dir("/alarm", { slash: false })
        assert.deepStrictEqual(yield* alarms, [])
        yield* TestClock.adjust("5 seconds")
        assert.deepStrictEqual(yield* alarms, [`/alarm${sensor}`])
        assert.strictEqual(yield* ow.readText(`/alarm${sensor}/temperature`), "25")
        yield* ow.write(`${sensor}/temphigh`, "50")
        yield* network.alarm("29.000029D60300", true)
        assert.deepStrictEqual(yield* alarms, ["/alarm/29.000029D60300"])
        yield* network.alarm(sensor, true)
        yield* network.alarm("29.000029D60300", false)
        assert.deepStrictEqual(yield* alarms, [`/alarm${sensor}`])
      }))

    it.effect("are out of reach while their bus does not work", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [sensor]: {}, "/bus.1/10.000010EF0000": {} })
        yield* network.breakBus(1, -5)
        // What another bus has is listed all the same, and nothing tells of the rest.
        assert.deepStrictEqual(yield* ow.dir(), [`${sensor}/`])
        assert.strictEqual(yield* failure(ow.dir("/bus.1")), "BusFault")
        assert.strictEqual(yield* failure(ow.read("/10.000010EF0000/temperature")), "BusFault")
        assert.strictEqual(yield* failure(ow.write("/10.000010EF0000/templow", "1")), "BusFault")
        yield* network.breakBus(0, -5)
        assert.strictEqual(yield* failure(ow.dir()), "BusFault")
        yield* network.breakBus(1)
        assert.deepStrictEqual(yield* ow.dir(), ["/10.000010EF0000/"])
      }))
  })

  describe("moves couplers, and devices behind them,", () => {
    const inner = "/1F.00001FE00400/main/28.000028D70100"
    const tree = { [inner]: { temperature: 1 } }

    it.effect("together to another bus", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve(tree)
        yield* network.appear("/bus.1/1F.00001FE00400")
        assert.deepStrictEqual(yield* ow.dir("/1F.00001FE00400/main"), [`${inner}/`])
        assert.strictEqual(yield* ow.readText(`/bus.1${inner}/temperature`), "1")
        assert.isFalse(yield* ow.present(`/bus.0${inner}`))
        yield* network.set(`${inner}/temperature`, 3)
        assert.strictEqual(yield* ow.readText(`${inner}/temperature`), "3")
        assert.include((yield* Effect.flip(network.set(`/bus.0${inner}/temperature`, 4))).message, "is not there")
      }))

    it.effect("behind a coupler that was not there before, and out again", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [sensor]: { temperature: 2 } })
        yield* network.appear(inner)
        assert.strictEqual(yield* ow.readText(`${inner}/temperature`), "2")
        assert.isFalse(yield* ow.present(sensor))
        yield* network.appear(`/bus.0${sensor}`)
        assert.isTrue(yield* ow.present(sensor))
        assert.deepStrictEqual(yield* ow.dir("/1F.00001FE00400/main"), [])
      }))

    it.effect("which are out of reach while their coupler is away", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve(tree, { cache: true })
        yield* ow.readText(`${inner}/temperature`)
        yield* network.vanish("/1F.00001FE00400/")
        assert.strictEqual(
          yield* failure(ow.read(`${inner}/temperature`, { flags: { uncached: true } })),
          "NotFound"
        )
        yield* network.appear("1F.00001FE00400")
        assert.strictEqual(yield* ow.readText(`${inner}/temperature`), "1")
      }))

    it.effect("wherever a description names them first", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ "/bus.1/1F.00001FE00400": {}, ...tree })
        assert.strictEqual(yield* ow.readText(`/bus.1${inner}/temperature`), "1")
      }))
  })

  it.effect("lets what is said of an element overrule what is said of the whole", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({
        "29.000029D60300": {
          "PIO.BYTE": (seconds) => seconds < 60 ? 255 : 0,
          "PIO.3": 0,
          "sensed.ALL": () => "1,0,0,0,0,0,0,0"
        }
      })
      const all = ow.readText("/29.000029D60300/PIO.ALL")
      assert.strictEqual(yield* all, "1,1,1,0,1,1,1,1")
      assert.strictEqual(yield* ow.readText("/29.000029D60300/PIO.BYTE"), "247")
      assert.strictEqual(yield* ow.readText("/29.000029D60300/sensed.ALL"), "1,0,0,0,0,0,0,0")
      yield* ow.write("/29.000029D60300/PIO.3", "1")
      assert.strictEqual(yield* all, "1,1,1,1,1,1,1,1")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* all, "0,0,0,1,0,0,0,0")
    }))

  it.effect("changes nothing by a description that makes no sense", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [sensor]: {} })
      yield* Effect.flip(network.appear("/bus.2/10.000010EF0000", { temphigh: 1, temprature: 3 }))
      yield* Effect.flip(network.set("/bus.5/nonsense", 1))
      assert.strictEqual((yield* Effect.flip(network.breakBus(1, -5))).message, "bus.1: not a bus of this network")
      assert.notInclude(yield* ow.dir("/", { bus: true }), "/bus.1/")
      assert.isFalse(yield* ow.present("/10.000010EF0000"))
    }))

  it.effect("takes return codes with and without their signs, and moments in any order", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({
        [sensor]: {
          templow: SimulatedNetwork.refuse(5),
          temphigh: SimulatedNetwork.script([["1 hour", 85], ["0 seconds", 20]])
        }
      })
      assert.strictEqual(yield* failure(ow.read(`${sensor}/templow`)), "BusFault")
      assert.strictEqual(yield* ow.readText(`${sensor}/temphigh`), "20")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* ow.readText(`${sensor}/temphigh`), "85")
      yield* network.breakBus(0, 5)
      assert.strictEqual(yield* failure(ow.dir()), "BusFault")
    }))

  describe("with real conversions", () => {
    const real = { conversions: "real" } as const

    it.effect("takes as long for a measurement as the chip does", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [sensor]: { temperature: 21 } }, real)
        const times = yield* Effect.forEach(
          ["type", "temperature9", "temperature10", "temperature11", "temperature12", "temperature", "fasttemp"],
          (name) => Effect.map(timed(ow.readText(`${sensor}/${name}`)), ({ took }) => took)
        )
        assert.deepStrictEqual(times, [0, 104, 198, 385, 760, 760, 104])
        // Whatever the chip is set to.
        yield* timed(ow.write(`${sensor}/tempres`, "10"))
        const { took, value } = yield* timed(ow.readText(`${sensor}/temperature`))
        assert.deepStrictEqual([took, value], [760, "21"])
      }))

    it.effect("gives each chip a supply of its own, unless it is said to have none", () =>
      Effect.gen(function*() {
        const description = { "28.000028D70000": {}, "28.000028D70100": { power: false } }
        for (const [conversions, powers] of [["instant", ["0", "0"]], ["real", ["1", "0"]]] as const) {
          const { ow } = yield* serve(description, { conversions })
          const { value } = yield* timed(
            Effect.forEach(Object.keys(description), (id) => ow.readText(`/${id}/power`))
          )
          assert.deepStrictEqual(value, [...powers])
        }
      }))

    it.effect("takes a battery monitor for one that measures in no time", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ "26.000026D90200": { temperature: 21 } }, real)
        assert.deepStrictEqual(yield* timed(ow.readText("/26.000026D90200/temperature")), { took: 20, value: "21" })
      }))

    it.effect("shows 85 °C until a chip has measured, and again after it lost its power", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [sensor]: { temperature: (seconds) => 20 + seconds } }, real)
        const latest = Effect.map(timed(ow.readText(`${sensor}/latesttemp`)), ({ value }) => value)
        assert.strictEqual(yield* latest, "85")
        assert.strictEqual((yield* timed(ow.readText(`${sensor}/temperature`))).value, "30.76")
        assert.strictEqual(yield* latest, "30.76")
        yield* network.vanish(sensor)
        yield* network.appear(sensor)
        assert.strictEqual(yield* latest, "85")
      }))

    it.effect("loses what was being measured with the power, and sets off no alarm before it has measured", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [sensor]: { temperature: 30, temphigh: 25 } }, real)
        const alarms = Effect.map(timed(ow.dir("/alarm", { slash: false })), ({ value }) => value)
        assert.deepStrictEqual(yield* alarms, [])
        const reading = yield* Effect.forkChild(ow.readText(`${sensor}/temperature`))
        yield* TestClock.adjust("300 millis")
        yield* network.vanish(sensor)
        yield* network.appear(sensor)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Fiber.join(reading), "85")
        assert.strictEqual((yield* timed(ow.readText(`${sensor}/temperature`))).value, "30")
        assert.deepStrictEqual(yield* alarms, [`/alarm${sensor}`])
      }))

    it.effect("shows what is said of a single way to read, and lets a chip on parasite power measure by itself", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({
          [sensor]: { temperature: 20, latesttemp: 40, temperature10: 30 },
          "10.000010EF0000": { temperature: 3, power: false }
        }, real)
        yield* timed(ow.write("/simultaneous/temperature", "1"))
        const values = yield* Effect.forEach(
          [`${sensor}/latesttemp`, `${sensor}/temperature10`, `${sensor}/temperature`, "/10.000010EF0000/temperature"],
          (path) => timed(ow.readText(path))
        )
        assert.deepStrictEqual(values.map(({ value }) => value), ["40", "30", "20", "3"])
        assert.strictEqual(values[3]?.took, 760)
      }))

    it.effect("measures all at once, but for those on parasite power", () =>
      Effect.gen(function*() {
        const ids = Arr.makeBy(20, (index) => `28.${index.toString(16).toUpperCase().padStart(12, "0")}`)
        const { ow } = yield* serve({
          ...Object.fromEntries(ids.map((id, index) => [id, { temperature: index }])),
          [sensor]: { temperature: 1, power: false }
        }, real)
        assert.strictEqual((yield* timed(ow.write("/simultaneous/temperature", "1"))).took, 10)
        const { took, value } = yield* timed(
          Effect.forEach(ids, (id) => ow.readText(`/${id}/temperature`), { concurrency: "unbounded" })
        )
        assert.deepStrictEqual(value, ids.map((_, index) => String(index)))
        // One after the other on the bus, ten milliseconds each, and none measures again.
        assert.strictEqual(took, 200)
        assert.strictEqual((yield* timed(ow.readText(`${sensor}/latesttemp`))).value, "85")
      }))

    /** Tells all chips of a place to convert, and goes on at once. */
    const convert = (ow: OwClient.Client, place = "") =>
      Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(ow.write(`${place}/simultaneous/temperature`, "1"))
        yield* TestClock.adjust("10 millis")
        yield* Fiber.join(fiber)
      })

    /** What is read within 10 milliseconds. */
    const soon = (ow: OwClient.Client, path: string) =>
      Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(ow.readText(path))
        yield* TestClock.adjust("10 millis")
        return yield* Fiber.join(fiber)
      })

    it.effect("lets each chip convert in its own time, and the program wait for it", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({
          [sensor]: { temperature: 1 },
          "28.000000000001": { temperature: 2, tempres: 9 },
          "26.000026D90200": { temperature: 3 },
          "10.000010EF0000": { temperature: 4 }
        }, real)
        const latest = Effect.forEach(
          [sensor, "/28.000000000001", "/26.000026D90200", "/10.000010EF0000"],
          (path) => soon(ow, `${path}/latesttemp`)
        )
        yield* convert(ow)
        assert.deepStrictEqual(yield* latest, ["85", "85", "3", "85"])
        yield* TestClock.adjust("54 millis")
        // It keeps what it has measured, whatever comes after.
        yield* network.set("/28.000000000001/temperature", 20)
        assert.deepStrictEqual(yield* latest, ["85", "2", "3", "85"])
        // The first of them is asked a millisecond too early.
        yield* TestClock.adjust("605 millis")
        assert.deepStrictEqual(yield* latest, ["85", "2", "3", "4"])
        assert.deepStrictEqual(yield* latest, ["1", "2", "3", "4"])
        assert.strictEqual(yield* soon(ow, "/simultaneous/temperature"), "0")
      }))

    it.effect("loses with its power what a chip measures together with others", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [sensor]: { temperature: 1 } }, real)
        yield* convert(ow)
        yield* network.vanish(sensor)
        yield* network.appear(sensor)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* soon(ow, `${sensor}/latesttemp`), "85")
      }))

    it.effect("measures together with the resolution that a server last set", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [sensor]: { temperature: 1, tempres: 9 } }, real)
        const took = (name: string) => Effect.map(timed(ow.readText(`${sensor}/${name}`)), ({ took }) => took)
        yield* convert(ow)
        assert.deepStrictEqual([yield* took("temperature"), yield* soon(ow, `${sensor}/latesttemp`)], [760, "1"])
        yield* convert(ow)
        assert.deepStrictEqual([yield* took("fasttemp"), yield* took("temperature")], [104, 760])
        // Its own setting is in its EEPROM, and to read that has it fetch it from there.
        yield* soon(ow, `${sensor}/tempres`)
        yield* convert(ow)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual([yield* took("temperature9"), yield* took("temperature")], [10, 760])
      }))

    it.effect("waits itself where it reads what is measured together, as carelessly as the real server", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [sensor]: { temperature: 1 } }, real)
        const temperature = ow.readText(`${sensor}/temperature`)
        yield* TestClock.adjust("100 millis")
        yield* convert(ow)
        assert.deepStrictEqual(yield* timed(temperature), { took: 1010, value: "1" })
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual((yield* timed(temperature)).took, 760)

        const { ow: other } = yield* serve({ [sensor]: { temperature: 1 } }, real)
        const late = (yield* Clock.currentTimeMillis) % 1000
        yield* TestClock.adjust(1970 - late)
        yield* convert(other)
        yield* TestClock.adjust("20 millis")
        assert.deepStrictEqual(yield* timed(other.readText(`${sensor}/temperature`)), { took: 10, value: "85" })
      }))

    it.effect("measures by itself for who wants nothing that is kept", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [sensor]: { temperature: 1 } }, { ...real, cache: true })
        assert.strictEqual(yield* soon(ow, `${sensor}/latesttemp`), "85")
        yield* convert(ow)
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* soon(ow, `${sensor}/latesttemp`), "85")
        assert.strictEqual(yield* soon(ow, `/uncached${sensor}/latesttemp`), "1")
        assert.strictEqual((yield* timed(ow.readText(`/uncached${sensor}/temperature`))).took, 760)
        yield* convert(ow)
        assert.strictEqual((yield* timed(ow.readText(`${sensor}/temperature`))).took, 1010)
      }))

    it.effect("searches all buses side by side, and remembers what they have, but not for one that is named", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(
          { [sensor]: {}, "/bus.1/28.000000000001": {}, "/bus.1/28.000000000002": {} },
          { ...real, cache: true }
        )
        const took = (path: string) => Effect.map(timed(ow.dir(path)), ({ took }) => took)
        assert.deepStrictEqual([yield* took("/"), yield* took("/")], [20, 0])
        assert.deepStrictEqual([yield* took("/bus.1"), yield* took("/bus.1"), yield* took("/uncached")], [20, 20, 20])
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* took("/bus.1"), 20)
        // What is found on a bus by itself is remembered, too.
        assert.strictEqual(yield* took("/"), 10)
      }))

    it.effect("has chips convert on one bus, and takes those of all for converted", () =>
      Effect.gen(function*() {
        const inner = "/1F.00001FE00400/main/10.000010EF0000"
        const { network, ow } = yield* serve({
          [sensor]: { temperature: 1 },
          [inner]: { temperature: 2 },
          "/bus.1/28.000000000001": { temperature: 3 }
        }, real)
        const latest = Effect.forEach(
          [sensor, inner, "/28.000000000001"],
          (path) => Effect.map(timed(ow.readText(`${path}/latesttemp`)), ({ value }) => value)
        )
        yield* convert(ow, "/bus.0")
        yield* convert(ow, "/1F.00001FE00400/main")
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* soon(ow, "/28.000000000001/temperature"), "85")
        assert.deepStrictEqual(yield* latest, ["1", "85", "85"])
        yield* convert(ow)
        assert.deepStrictEqual(yield* latest, ["1", "85", "3"])

        // A bus that does not work is no reason for a server to refuse.
        yield* network.vanish(sensor)
        yield* network.appear(sensor)
        yield* network.breakBus(0, -5)
        yield* convert(ow)
        yield* network.breakBus(0)
        assert.deepStrictEqual(yield* latest, ["85", "85", "3"])
      }))

    for (const power of [true, false]) {
      it.effect(`keeps the bus while a chip measures by itself, with power: ${power}`, () =>
        Effect.gen(function*() {
          const { ow } = yield* serve({ [sensor]: { power }, "10.000010EF0000": {} }, real)
          const calls = [ow.read(`${sensor}/temperature`), ow.read("/10.000010EF0000/scratchpad")] as const
          assert.strictEqual((yield* timed(Effect.all(calls, { concurrency: 2 }))).took, 770)
          assert.strictEqual((yield* timed(Effect.raceFirst(...calls))).took, 760)
        }))
    }
  })

  it.effect("is told from a description, and from anything else", () =>
    Effect.gen(function*() {
      assert.isTrue(SimulatedNetwork.isSimulatedNetwork(yield* SimulatedNetwork.make({})))
      for (const other of [{}, { "28.000028D70100": {} }, undefined, null, "network"]) {
        assert.isFalse(SimulatedNetwork.isSimulatedNetwork(other))
      }
    }))

  it.effect("refuses a description that makes no sense, and says where", () =>
    Effect.gen(function*() {
      const wrong: ReadonlyArray<readonly [SimulatedNetwork.Description, string]> = [
        [{ "28.000028D70100.00": {} }, "needs a ROM id"],
        [{ kitchen: {} }, "needs a ROM id"],
        [{ "28.000028D70100": 21 }, "is a device"],
        [{ "28.000028D70100/temperature": {} }, "is a property"],
        [
          { "28.000028D70100": { temprature: 1 } },
          "temprature: not a property of a DS18B20; did you mean temperature?"
        ],
        [{ "28.000028D70100": { temperature: "warm" } }, "temperature: cannot be \"warm\""],
        [{ "28.000028D70100": { temperature: [1, 2] } }, "temperature: holds 1 values, not [1,2]"],
        [{ "29.000029D60300": { PIO: 1 } }, "PIO: not a property of a DS2408; did you mean PIO.ALL?"],
        [{ "29.000029D60300": { "PIO.8": 1 } }, "PIO.8: not a property of a DS2408; did you mean PIO.ALL?"],
        [{ "29.000029D60300": { "PIo.3": 1 } }, "PIo.3: not a property of a DS2408; did you mean PIO.3?"],
        [{ "29.000029D60300": { "PIO.ALL": [1] } }, "PIO.ALL: holds 8 values, not [1]"],
        [{ "29.000029D60300": { "PIO.BYTE": 256 } }, "PIO.BYTE: holds 8 values, not 256"],
        [{ "14.000014EB0600": { memory: new Uint8Array(33) } }, "memory: cannot be 33 bytes"],
        [{ "28.000028D70100": { alias: "a/b" } }, "alias: cannot be \"a/b\""],
        [{ "28.000028D70100": { alias: "" } }, "alias: cannot be \"\""],
        [
          { "28.000028D70100": { alias: "a" }, "10.000010EF0000": { alias: "a" } },
          "alias: is that of 28000028D70100D5"
        ],
        [{ "28.000028D70100": {}, "/bus.1/28000028D70100": {} }, "is described twice"],
        [{ "28.000028D70100": {}, "/bus.1/28.000028D70100/temperature": 1 }, "is not there, but at bus.0"],
        [{ "/10.000010EF0000/main/28.000028D70100": {} }, "is a property"],
        [{ "26.000026D90200": { date: new Date("garbage") } }, "date: cannot be null"],
        [{ "28.000028D70100": { type: new Date() } }, "type: cannot be"],
        [{ "28.000028D70100": { tempres: -1 } }, "tempres: cannot be -1"],
        [{ "29.000029D60300": { "PIO.0": 2 } }, "PIO.0: cannot be 2"],
        [{ "29.000029D60300": { "PIO.BYTE": 1.5 } }, "PIO.BYTE: holds 8 values, not 1.5"],
        [{ "99.000099660100": { temperature: 1 } }, "temperature: not a property of a device of family 99"]
      ]
      for (const [description, problem] of wrong) {
        const error = yield* Effect.flip(SimulatedNetwork.make(description))
        assert.include(error.message, problem)
        assert.isTrue(error.message.startsWith(Object.keys(description).at(-1) ?? ""))
      }
      const network = yield* SimulatedNetwork.make({})
      const unknown = yield* Effect.flip(network.vanish("28.000028D70100"))
      assert.strictEqual(unknown.message, "28.000028D70100: not a device of this network")
    }))
})
