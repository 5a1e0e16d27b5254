import { Device, Network, OwClient } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { SimulatedNetwork, SimulatedServer, TestNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Console, type Duration, Effect, Fiber, Layer, Option, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { TestClock } from "effect/testing"
import * as errors from "./errors.ts"
import { log } from "./follow.ts"
import { fresh, pass } from "./fresh.ts"
import { House } from "./house.ts"
import { inventory } from "./inventory.ts"
import { frostGuard, layer } from "./network.ts"
import * as poll from "./poll.ts"
import * as raw from "./raw.ts"
import * as relay from "./relay.ts"

const kitchen = "28.000028D70100"
const garden = "10.000010EF0000"
const relays = "29.000029D60300"

const house: SimulatedNetwork.Description = {
  [kitchen]: { alias: "kitchen", temperature: 21.5 },
  [garden]: { alias: "garden", temperature: -3.5 },
  "26.000026D90200": { alias: "bathroom", temperature: 19.25, humidity: 45.2 },
  [relays]: { "PIO.BYTE": 0, "sensed.BYTE": 5 }
}

/** A simulated server, and a client of it. */
const layerServer = OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer(house)))

const thermometer = Device.make(DS18B20, kitchen)

/** The outcome of an effect, while the test clock advances. */
const within = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>, duration: Duration.Input) {
  const fiber = yield* Effect.forkChild(effect)
  yield* TestClock.adjust(duration)
  return yield* Fiber.join(fiber)
})

/** The printed output of an effect. */
const printing = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>, lines: Array<string>) {
  const print = (...words: ReadonlyArray<unknown>) => void lines.push(words.join(" ").trim())
  return yield* Effect.provideService(effect, Console.Console, { ...globalThis.console, log: print, warn: print })
})

describe("read", () => {
  it.live("is a whole program", () =>
    Effect.gen(function*() {
      const { host, port } = yield* NodeSimulatedServer.start(house)
      const child = yield* ChildProcess.make(process.execPath, [new URL("read.ts", import.meta.url).pathname], {
        env: { PATH: process.env["PATH"], OWSERVER: `${host}:${port}`, NODE_NO_WARNINGS: "1" },
        stdin: "ignore"
      })
      assert.strictEqual(yield* Stream.mkString(Stream.decodeText(child.all)), "kitchen: 21.5 °C\n")
      assert.strictEqual(yield* child.exitCode, 0)
    }).pipe(Effect.provide(NodeServices.layer)))
})

describe("inventory", () => {
  it.effect("reads what each family has", () =>
    Effect.gen(function*() {
      const readings = (yield* inventory).flat().map(({ device, property, unit, value }) =>
        [device.name, property, value, unit].join(" ")
      )
      assert.sameMembers(readings, [
        "garden temperature -3.5 °C",
        "kitchen temperature 21.5 °C",
        "bathroom temperature 19.25 °C",
        "bathroom humidity 45.2 %RH"
      ])
    }).pipe(Effect.provide(TestOwClient.layer(house))))
})

describe("errors", () => {
  it.effect("say where to look", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const status = errors.status(yield* thermometer)
      assert.strictEqual(yield* status, "21.5 °C")
      yield* server.network.vanish(kitchen)
      assert.strictEqual(yield* status, "the device does not answer")
      yield* server.network.appear(kitchen)
      yield* server.network.breakBus(0, -5)
      assert.strictEqual(yield* within(status, "15 seconds"), "the bus failed: EIO")
      yield* server.stop
      assert.strictEqual(yield* within(status, "15 seconds"), `no answer from ${server.connector.server}`)
    }).pipe(Effect.provide(layerServer)))

  it.effect("of one device leave the others, and of a server do not", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const read = errors.all(yield* Effect.all([Device.make(DS18B20, "28.0000000000AA"), thermometer]))
      assert.deepStrictEqual((yield* read).map(Option.isSome), [false, true])
      yield* server.stop
      assert.strictEqual((yield* Effect.flip(read))._tag, "ConnError")
    }).pipe(Effect.provide(layerServer)))
})

describe("relay", () => {
  it.effect("switches, pushes and reads its inputs", () =>
    Effect.gen(function*() {
      const device = yield* Device.make(DS2408, relays)
      yield* relay.heat(device, true)
      yield* relay.push(device)
      assert.deepStrictEqual((yield* device.read("PIO.ALL")).slice(0, 3), [true, true, false])
      assert.deepStrictEqual((yield* relay.inputs(device)).slice(0, 4), [true, false, true, false])
    }).pipe(Effect.provide(TestOwClient.layer(house))))
})

describe("poll", () => {
  it.effect("logs each reading, and one line while the server is gone", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const lines: Array<string> = []
      yield* Effect.forkChild(printing(poll.log, lines))
      const after = (duration: Duration.Input) =>
        Effect.map(TestClock.adjust(duration), () => lines.splice(0).map((line) => line.replace(/^[-0-9T:.]+Z /, "")))
      assert.deepStrictEqual(yield* after("70 seconds"), Array(3).fill("28.000028D70100 21.5"))
      yield* server.stop
      const [reason = "", ...more] = yield* after("30 minutes")
      assert.include(reason, "ECONNREFUSED")
      assert.deepStrictEqual(more, [])
      yield* server.start
      const back = yield* after("2 minutes")
      assert.isAtLeast(back.length, 3)
      assert.sameMembers([...new Set(back)], ["28.000028D70100 21.5"])
    }).pipe(Effect.provide(layerServer)))
})

const one = { house: { [kitchen]: { alias: "kitchen", temperature: 21.5 }, [garden]: { temperature: -3.5 } } }

describe("follow", () => {
  it.effect("logs what changes, what is gone, and what fails", () =>
    Effect.gen(function*() {
      const { server } = yield* TestNetwork.TestNetwork
      const lines: Array<string> = []
      yield* Effect.forkChild(printing(log, lines))
      const after = (duration: Duration.Input) =>
        Effect.map(TestClock.adjust(duration), () => lines.splice(0).map((line) => line.replace(/^[-0-9T:.]+Z /, "")))
      assert.sameMembers(yield* after("10 seconds"), ["kitchen 21.5", `10.000010EF0000 -3.5`])
      yield* server("house").network.set(`${garden}/temperature`, -4)
      assert.deepStrictEqual(yield* after("1 minute"), ["10.000010EF0000 -4"])
      yield* server("house").network.vanish(garden)
      assert.include(yield* after("10 minutes"), "10.000010EF0000 is gone")
      yield* server("house").stop
      assert.match((yield* after("5 minutes")).join("\n"), /^.*ECONNREFUSED.*$|^.*house.*$/)
    }).pipe(Effect.provide(TestNetwork.layer(one))))
})

describe("house", () => {
  it.effect("answers at once", () =>
    Effect.gen(function*() {
      const { temperature } = yield* House
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* temperature("kitchen"), Option.some(21.5))
      assert.deepStrictEqual(yield* temperature("cellar"), Option.none())
    }).pipe(Effect.provide(House.layer.pipe(Layer.provideMerge(TestNetwork.layer(one))))))
})

describe("fresh", () => {
  it.effect("measures one thermometer, and refuses 85 °C", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make(house)
      const read = Effect.flatMap(thermometer, fresh).pipe(Effect.provide(TestOwClient.layer(network)))
      assert.strictEqual((yield* read).value, 21.5)
      yield* network.set(`${kitchen}/temperature`, 85)
      assert.deepInclude(yield* Effect.flip(read), { _tag: "DeviceError" })
    }))

  it.effect("measures all at the same time", () =>
    Effect.gen(function*() {
      const seen = yield* within(pass, "2 seconds")
      const values = seen.map((one) => one._tag === "Reading" ? one.value : one.error.message)
      assert.sameMembers(values, [21.5, -3.5])
    }).pipe(Effect.provide(TestOwClient.layer(house))))
})

describe("network", () => {
  it.effect("finds a thermometer and a relay on whichever server has them", () =>
    Effect.gen(function*() {
      yield* within(frostGuard, "5 seconds")
      const network = yield* Network.Network
      const relay = yield* within(network.device(DS2408, relays), "5 seconds")
      assert.isTrue(yield* relay.read("PIO.0"))
    }).pipe(Effect.provide(TestNetwork.layer({
      raspberrypi: { "28.000028D70200": { alias: "cellar", temperature: 3 } },
      barn: { [relays]: { "PIO.BYTE": 0 } }
    }))))

  it.effect("is there before any server answers", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      assert.deepStrictEqual((yield* network.servers).map(({ name }) => name), ["raspberrypi", "barn"])
    }).pipe(Effect.provide(layer)))
})

describe("raw", () => {
  it.effect("reads one property of every device", () =>
    Effect.gen(function*() {
      assert.sameMembers(yield* raw.chips, [
        "/kitchen/type: DS18B20",
        "/garden/type: DS18S20",
        "/bathroom/type: DS2438",
        `/${relays}/type: DS2408`
      ])
    }).pipe(Effect.provide(TestOwClient.layer(house))))
})
