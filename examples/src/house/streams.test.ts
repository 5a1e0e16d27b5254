import { Device, Network, type Observation, OwClient } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Console, type Duration, Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { comings, everything, everywhere, minutely, news, rings, sayNews, temperatures } from "./streams.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"
const boiler = "10.000010EF0000"
const bath = "26.000026D90200"
const door = "29.000029D60300"

/** Lets fibers that wait only for each other settle. */
const settle = Effect.repeat(Effect.yieldNow, { times: 100 })

/** The output of a stream since the last call, after some time. */
const listen = Effect.fnUntraced(function*<A, E, R>(stream: Stream.Stream<A, E, R>) {
  let said: Array<A> = []
  yield* Effect.forkChild(Stream.runForEach(stream, (one) => Effect.sync(() => said.push(one))))
  yield* settle
  return (duration: Duration.Input): Effect.Effect<Array<A>> =>
    Effect.map(TestClock.adjust(duration), () => {
      const since = said
      said = []
      return since
    })
})

/** An observation in a few words. */
const told = (seen: Observation.Observation): string =>
  seen._tag === "Failed"
    ? `${seen.device.name}: ${seen.error._tag}`
    : `${seen.device.name}/${seen.property}: ${String(seen.value)} ${seen.verdict._tag}`

const house: SimulatedNetwork.Description = {
  [cellar]: {
    alias: "cellar",
    temperature: SimulatedNetwork.script([
      ["0 seconds", 11],
      ["1 minute", 11.5],
      ["2 minutes", 11.75],
      ["3 minutes", 85],
      ["4 minutes", 12],
      ["5 minutes", SimulatedNetwork.refuse(-5)],
      ["10 minutes", 12]
    ])
  },
  [`/bus.1/${bath}`]: {
    temperature: 23,
    humidity: SimulatedNetwork.script([["0 seconds", 50], ["1 minute", 50.25], ["2 minutes", 51]])
  },
  [door]: {}
}

/** The only server, as a network. */
const followed = Layer.provide(Network.fromClient, OwClient.layer({ lazy: true }))

describe("everything", () => {
  it.effect("tells what is measured, what comes and goes, and what fails", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const { network } = server
      yield* server.stop
      const after = yield* listen(everything)
      const [added, away, ...others] = yield* after("1 hour")
      assert.strictEqual(added, "ServerAdded")
      assert.match(away, /^dir \/ at simulated:4304: .*/)
      assert.deepStrictEqual(others, [])
      yield* server.start
      assert.deepStrictEqual(yield* after("1 minute"), [
        "ServerRecovered",
        "cellar is there",
        "Found",
        "cellar: temperature 11 °C"
      ])
      yield* network.appear(`/bus.1/${bath}`, { temperature: 23, humidity: 50, VAD: 2, VDD: 5 })
      yield* network.set("cellar/temperature", 11.25)
      assert.sameMembers(yield* after("90 seconds"), [
        `${bath} is there`,
        "Found",
        `${bath}: temperature 23 °C`,
        `${bath}: humidity 50 %RH`,
        `${bath}: VAD 2 V`,
        `${bath}: VDD 5 V`
      ])
      yield* network.vanish(bath)
      yield* network.set("cellar/temperature", 12)
      const said = yield* after("10 minutes")
      assert.include(said, "cellar: temperature 12 °C")
      assert.strictEqual(said.at(-1), `${bath} is gone`)
    }).pipe(Effect.provide(
      followed.pipe(
        Layer.provideMerge(SimulatedServer.layer({ [cellar]: { alias: "cellar", temperature: 11 } }))
      )
    )))
})

describe("everywhere", () => {
  it.effect("has thermometers that come later, from a bus that failed at first, and none that are gone", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      yield* network.breakBus(1, -5)
      const after = yield* listen(everywhere)
      assert.deepStrictEqual(yield* after("10 seconds"), [["cellar", 11]])
      yield* network.breakBus(1)
      yield* network.appear("28.000028D70300", { temperature: 3 })
      const later = Object.fromEntries(yield* after("90 seconds"))
      assert.deepStrictEqual(later, { cellar: 11, [attic]: 17, [boiler]: 60, "28.000028D70300": 3 })
      yield* network.vanish(attic)
      yield* after("10 minutes")
      const names = (yield* after("1 minute")).map(([name]) => name)
      assert.sameMembers([...new Set(names)], ["cellar", boiler, "28.000028D70300"])
    }).pipe(Effect.provide(
      followed.pipe(Layer.provideMerge(SimulatedServer.layer({
        [cellar]: { alias: "cellar", temperature: 11 },
        [`/bus.1/${attic}`]: { temperature: 17 },
        [`/bus.1/${boiler}`]: { temperature: 60 },
        [door]: {}
      })))
    )))

  it.effect("begins once there is a server", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.stop
      const after = yield* listen(everywhere)
      assert.deepStrictEqual(yield* after("1 minute"), [])
      yield* server.start
      assert.deepStrictEqual((yield* after("1 minute"))[0], [cellar, 11])
    }).pipe(Effect.provide(
      followed.pipe(Layer.provideMerge(SimulatedServer.layer({ [cellar]: { temperature: 11 } })))
    )))
})

describe("temperatures", () => {
  it.effect("are those of now, at once", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ [cellar]: { alias: "cellar", temperature: 11 }, [attic]: {} })
      const program = Effect.gen(function*() {
        yield* network.set(`${attic}/temperature`, SimulatedNetwork.refuse(-5))
        const now = yield* temperatures
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(yield* now, ["cellar: 11 °C", `${attic}: unknown`])
        yield* network.set("cellar/temperature", 12)
        yield* network.appear(`/bus.1/${boiler}`, { temperature: 60 })
        yield* TestClock.adjust("2 minutes")
        assert.deepStrictEqual(yield* now, ["cellar: 12 °C", `${attic}: unknown`, `${boiler}: 60 °C`])
      })
      yield* Effect.provide(program, Network.fromClient.pipe(Layer.provide(TestOwClient.layer(network))))
    }))
})

describe("news", () => {
  it.effect("are values that have gone somewhere, doubtful ones, and failures that begin or end", () =>
    Effect.gen(function*() {
      const after = yield* listen(Stream.map(news, told))
      assert.sameMembers(yield* after("1 second"), [
        "cellar/temperature: 11 Plausible",
        `${bath}/temperature: 23 Plausible`,
        `${bath}/humidity: 50 Plausible`
      ])
      assert.deepStrictEqual(yield* after("100 seconds"), [])
      assert.sameMembers(yield* after("1 minute"), [
        "cellar/temperature: 11.75 Plausible",
        `${bath}/humidity: 51 Plausible`
      ])
      assert.deepStrictEqual(yield* after("1 minute"), ["cellar/temperature: 85 PowerOn"])
      assert.deepStrictEqual(yield* after("1 minute"), ["cellar/temperature: 12 Plausible"])
      assert.deepStrictEqual(yield* after("5 minutes"), ["cellar: OwnetError"])
      assert.deepStrictEqual(yield* after("10 minutes"), ["cellar/temperature: 12 Plausible"])
    }).pipe(Effect.provide(TestOwClient.layer(house))))
})

describe("sayNews", () => {
  it.effect("says them, and warns of what fails", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const say = (...words: ReadonlyArray<unknown>) => void lines.push(words.slice(1).join(" "))
      yield* Effect.forkChild(Effect.provideService(sayNews, Console.Console, { ...console, log: say, warn: say }))
      yield* settle
      yield* TestClock.adjust("1 second")
      assert.include(lines, "cellar temperature 11 Plausible")
      yield* TestClock.adjust("6 minutes")
      assert.match(lines.at(-1) ?? "", /^read \/28\.000028D70100\/temperature at .*: refused with -5 EIO/)
    }).pipe(Effect.provide(TestOwClient.layer(house))))
})

describe("minutely", () => {
  it.effect("gives all temperatures as they were when all began to measure, once a minute", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({
        [cellar]: { temperature: (seconds) => seconds / 60 },
        [attic]: { temperature: (seconds) => seconds / 60 },
        [`/bus.1/${boiler}`]: { temperature: (seconds) => seconds / 60 },
        [door]: {}
      }, { conversions: "real" })
      const program = Effect.gen(function*() {
        const after = yield* listen(minutely)
        for (let minute = 0; minute < 3; minute++) {
          const readings = (yield* after("1 minute")).flatMap((seen) => seen._tag === "Reading" ? [seen] : [])
          assert.sameMembers(readings.map(({ device }) => device.name), [cellar, attic, boiler])
          const minutes = readings.map(({ value }) => value)
          assert.strictEqual(Math.floor(Math.min(...minutes)), minute)
          assert.isBelow(Math.max(...minutes) - Math.min(...minutes), 0.1 / 60)
        }
      })
      yield* Effect.provide(program, TestOwClient.layer(network))
    }))
})

describe("comings", () => {
  it.effect("are told, one line each, from when there is a server", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const { network } = server
      yield* server.stop
      const after = yield* listen(comings)
      assert.deepStrictEqual(yield* after("1 minute"), [])
      yield* server.start
      assert.deepStrictEqual(yield* after("10 seconds"), ["cellar is on bus.0", `${boiler} is on bus.1`])
      yield* network.appear(attic)
      yield* network.set(`${cellar}/alias`, "vault")
      yield* network.appear(`/bus.0/${boiler}`)
      assert.sameMembers(yield* after("1 minute"), [
        `${attic} is on bus.0`,
        "cellar is now called vault",
        `${boiler} moved from bus.1 to bus.0`
      ])
      yield* network.breakBus(1, -5)
      assert.deepStrictEqual(yield* after("1 minute"), [
        "bus.1 fails: dir /bus.1 at simulated:4304: refused with -5 EIO: " +
        "the bus or its master did not do what was asked; try again"
      ])
      yield* network.breakBus(1)
      assert.deepStrictEqual(yield* after("1 minute"), ["bus.1 works again"])
      yield* network.vanish(attic)
      assert.deepStrictEqual(yield* after("2 minutes"), [])
      assert.deepStrictEqual(yield* after("1 minute"), [`${attic} is gone since 1970-01-01T00:04:10.000Z`])
      yield* server.stop
      assert.deepStrictEqual(yield* after("10 hours"), ["ServerFailed"])
      yield* server.start
      assert.deepStrictEqual(yield* after("1 minute"), ["ServerRecovered"])
    }).pipe(Effect.provide(
      OwClient.layer({ lazy: true }).pipe(Layer.provideMerge(SimulatedServer.layer({
        [cellar]: { alias: "cellar" },
        [`/bus.1/${boiler}`]: {}
      })))
    )))
})

describe("rings", () => {
  it.effect("are told of door bells, which are made ready for the next one", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      const bell = yield* Device.make(DS2408, door)
      const after = yield* listen(rings)
      yield* network.alarm(cellar, true)
      assert.deepStrictEqual(yield* after("1 minute"), [])
      for (let ring = 0; ring < 2; ring++) {
        yield* bell.write("latch.BYTE", 0b1)
        yield* network.alarm(door, true)
        const [device, ...others] = yield* after("2 seconds")
        assert.deepStrictEqual([device.id, others], [bell.id, []])
        assert.strictEqual(yield* device.read("latch.BYTE"), 0)
        yield* network.alarm(door, false)
        assert.deepStrictEqual(yield* after("5 seconds"), [])
      }
    }).pipe(Effect.provide(
      OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer({ [cellar]: {}, [door]: { por: true } })))
    )))
})
