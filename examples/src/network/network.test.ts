import { Follow, Network, Snapshot } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { TestNetwork } from "@effect-ownet/core/testing"
import type * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
import { assert, describe, it } from "@effect/vitest"
import { Console, type Duration, Effect, Fiber, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { addresses, layer } from "./announced.ts"
import { heat, house, log, move, overview, servers, serversOf, single, thermometers } from "./network.ts"

const kitchen = "28.000028D70100"
const cellar = "28.000028D70200"
const relay = "29.000029D60300"

const coupler = "/1F.37B104000000"

const description = {
  raspberrypi: { [kitchen]: { temperature: 21.5 }, [relay]: { "PIO.BYTE": 0 } },
  barn: {
    [cellar]: { alias: "cellar", temperature: 3 },
    [coupler]: {},
    [`${coupler}/main/${kitchen}`]: { temperature: 21.5 }
  }
}

const both = TestNetwork.layer(description)

/** Runs a program while the test clock advances. */
const within = Effect.fnUntraced(function*<A, E, R>(program: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(program)
  yield* TestClock.adjust("30 seconds")
  return yield* Fiber.join(fiber)
})

/** The output of a stream since the last call, after some time. */
const listen = Effect.fnUntraced(function*<A, E, R>(stream: Stream.Stream<A, E, R>) {
  const said: Array<A> = []
  yield* Effect.forkChild(Stream.runForEach(stream, (one) => Effect.sync(() => said.push(one))))
  return (duration: Duration.Input) => Effect.map(TestClock.adjust(duration), () => said.splice(0))
})

const names = Effect.gen(function*() {
  const network = yield* Network.Network
  return (yield* network.servers).map(({ name }) => name)
})

describe("house", () => {
  it.effect("is a network of two servers that need not answer", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* servers, ["raspberrypi: Disconnected", "barn: Disconnected"])
    }).pipe(Effect.provide(house)))
})

describe("heat", () => {
  const heating = Effect.gen(function*() {
    const network = yield* Network.Network
    const device = yield* network.device(DS2408, relay)
    return yield* device.read("PIO.0")
  })

  it.effect("takes the thermometer and the relay from whichever servers they are on", () =>
    Effect.gen(function*() {
      const { server } = yield* TestNetwork.TestNetwork
      yield* within(heat)
      assert.isTrue(yield* within(heating))
      yield* server("barn").network.vanish(cellar)
      yield* server("raspberrypi").network.appear(cellar, { alias: "cellar", temperature: 8 })
      yield* within(heat)
      assert.isFalse(yield* within(heating))
    }).pipe(Effect.provide(both)))

  it.effect("goes on with the servers that work", () =>
    Effect.gen(function*() {
      const { server } = yield* TestNetwork.TestNetwork
      yield* server("raspberrypi").stop
      yield* within(heat)
      assert.isTrue(yield* within(heating))
    }).pipe(Effect.provide(TestNetwork.layer({
      raspberrypi: { "28.000028D70200": { alias: "cellar", temperature: 3 } },
      barn: { "28.000028D70200": { alias: "cellar", temperature: 3 }, "29.000029D60300": { "PIO.BYTE": 0 } }
    }))))
})

describe("serversOf", () => {
  it.effect("are all that show a device, the nearest first", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* within(serversOf(kitchen)), ["raspberrypi", "barn"])
      assert.deepStrictEqual(yield* within(serversOf(cellar)), ["barn"])
    }).pipe(
      Effect.provide(TestNetwork.layer({ raspberrypi: { [kitchen]: {} }, barn: { [kitchen]: {}, [cellar]: {} } }))
    ))
})

describe("thermometers", () => {
  it.effect("are there once each, and a server that fails is told", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* within(thermometers), [[kitchen, "raspberrypi"], ["cellar", "barn"]])
      const { server } = yield* TestNetwork.TestNetwork
      yield* server("raspberrypi").stop
      const warnings: Array<string> = []
      const warn = (line: string) => void warnings.push(line)
      const left = within(Effect.provideService(thermometers, Console.Console, { ...console, warn }))
      assert.deepStrictEqual(yield* left, [[kitchen, "barn"], ["cellar", "barn"]])
      assert.match(warnings.join(), /^raspberrypi: dir \/ at raspberrypi:4304: /)
    }).pipe(Effect.provide(both)))
})

describe("move", () => {
  it.effect("adds a server and removes another", () =>
    Effect.gen(function*() {
      yield* move
      assert.deepStrictEqual(yield* names, ["raspberrypi", "attic"])
    }).pipe(Effect.provide(house)))
})

describe("log", () => {
  it.effect("goes on with another server, and goes back", () =>
    Effect.gen(function*() {
      const { server } = yield* TestNetwork.TestNetwork
      const after = yield* listen(log)
      assert.includeMembers(yield* after("10 seconds"), [
        "raspberrypi: ServerAdded",
        "barn: ServerAdded",
        `raspberrypi: ${kitchen}: Appeared`,
        `raspberrypi: ${kitchen}: temperature 21.5`,
        "barn: cellar: temperature 3"
      ])
      yield* server("raspberrypi").stop
      assert.includeMembers(yield* after("1 minute"), [
        `barn: ${kitchen}: read here, and not by raspberrypi (ServerFailed)`,
        `barn: ${kitchen}: temperature 21.5`
      ])
      yield* server("raspberrypi").start
      assert.includeMembers(yield* after("2 minutes"), [
        "raspberrypi: ServerRecovered",
        `raspberrypi: ${kitchen}: read here, and not by barn (Nearer)`,
        `raspberrypi: ${kitchen}: temperature 21.5`
      ])
    }).pipe(Effect.provide(both)))
})

describe("overview", () => {
  it.effect("says what each server has, and since when it fails", () =>
    Effect.gen(function*() {
      const { server } = yield* TestNetwork.TestNetwork
      const { now } = yield* Snapshot.hold(Follow.follow(Follow.all(), "30 seconds"))
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(overview(yield* now), ["raspberrypi: 2 devices", "barn: 2 devices"])
      yield* server("barn").stop
      yield* TestClock.adjust("1 minute")
      assert.match(overview(yield* now)[1], /^barn: no answer since 1970-01-01T00:00:/)
    }).pipe(Effect.provide(both)))
})

describe("single", () => {
  it.effect("is a network of one server", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* names, ["raspberrypi"])
      const network = yield* Network.Network
      assert.strictEqual((yield* Effect.flip(network.add("barn")))._tag, "ArgumentError")
    }).pipe(Effect.provide(single)))
})

const announcement = (name: string, host: string): NodeBrowse.Server => ({
  name,
  host: `${host}.local`,
  port: 4304,
  addresses: [host]
})

describe("the servers that are announced", () => {
  const pi = announcement("owserver on raspberrypi", "raspberrypi")
  const barn = announcement("owserver on barn", "barn")
  const at = new Date(0)

  const events = Stream.fromIterable<NodeBrowse.Event>([
    { _tag: "Announced", server: pi, at },
    { _tag: "Announced", server: barn, at },
    { _tag: "Changed", server: { ...barn, port: 4305 }, before: barn, at },
    { _tag: "Withdrawn", server: pi, at }
  ]).pipe(Stream.tap(() => Effect.sleep("1 minute")))

  it("are looked for only when the layer is built", () => assert.isTrue(Layer.isLayer(layer)))

  it.effect("are those of the network", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* names, [])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* names, ["raspberrypi"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* names, ["raspberrypi", "barn"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* names, ["raspberrypi", "barn:4305"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* names, ["barn:4305"])
    }).pipe(Effect.provide(TestNetwork.layer(description, { servers: addresses(events) }))))
})
