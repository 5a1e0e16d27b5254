import { type Device, MessageType, Network, OwClient, Place, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import { Fault, TestNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schedule, Stream } from "effect"
import { TestClock } from "effect/testing"

const kitchen = "28.000028D70100"
const cellar = "28.000028D70200"
const attic = "28.000028D70300"
const relay = "29.000029D60300"

const house = {
  "pi-1": { [kitchen]: { temperature: 21.5 }, [cellar]: { alias: "cellar", temperature: 8 } },
  barn: { [attic]: { alias: "attic", temperature: 15 }, [relay]: {} }
}

/** Advances the test's clock until an effect has ended. */
const within = Effect.fnUntraced(function*<A, E, R>(effect: Effect.Effect<A, E, R>) {
  const fiber = yield* Effect.forkChild(effect)
  yield* TestClock.adjust("30 seconds")
  return yield* Fiber.join(fiber)
})

const device = Effect.fnUntraced(function*(address: string) {
  const network = yield* Network.Network
  return yield* network.device(Families.DS18B20, address)
})

const server = (name: string) => TestNetwork.TestNetwork.useSync((test) => test.server(name))

const requests = (name: string) =>
  Effect.flatMap(server(name), ({ statistics }) => Effect.map(statistics, (s) => s.requests))

describe("Network", () => {
  describe("device", () => {
    it.effect("is found by its ROM id in any format, by its alias and by a path, on whichever server it is", () =>
      Effect.gen(function*() {
        for (const address of [attic, "28000028D70300", "attic", `/bus.9/${attic}`]) {
          const found = yield* within(device(address))
          assert.strictEqual(RomId.format(found.id), attic)
          assert.strictEqual(yield* found.read("temperature"), 15)
        }
        const network = yield* Network.Network
        const some = yield* within(network.device(Catalogue.of, "cellar"))
        assert.strictEqual(some.family, Families.DS18B20)
        assert.strictEqual(some.name, "cellar")
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("is not asked for twice once it is known", () =>
      Effect.gen(function*() {
        yield* within(device(kitchen))
        const before = [yield* requests("pi-1"), yield* requests("barn")]
        yield* device(kitchen)
        assert.deepStrictEqual([yield* requests("pi-1"), yield* requests("barn")], before)
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("is refused before anything is asked if it is of another family, or no device", () =>
      Effect.gen(function*() {
        const before = [yield* requests("pi-1"), yield* requests("barn")]
        for (const address of [relay, "/28.000028D70100/temperature", "/", "a//b"]) {
          const error = yield* Effect.flip(device(address))
          assert.strictEqual(error._tag, "ArgumentError", address)
        }
        assert.deepStrictEqual([yield* requests("pi-1"), yield* requests("barn")], before)
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("of another family that an alias leads to is told", () =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        const error = yield* Effect.flip(within(network.device(Families.DS2408, "attic")))
        assert.strictEqual(error._tag === "DeviceError" && error.reason._tag, "OtherFamily")
        assert.include(error.message, attic)
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("that no server has is told, with the servers that did not answer", () =>
      Effect.gen(function*() {
        const absent = yield* Effect.flip(within(device("garage")))
        assert.strictEqual(absent._tag === "OwnetError" && absent.reason._tag, "NotFound")
        assert.isFalse(absent.isRetryable)
        const { stop } = yield* server("barn")
        yield* stop
        const doubtful = yield* Effect.flip(within(device("garage")))
        assert.isTrue(doubtful._tag === "OwnetError" && doubtful.isRetryable)
        assert.include(doubtful.message, "\"barn\" did not answer")
        const { stop: stopToo } = yield* server("pi-1")
        yield* stopToo
        assert.strictEqual((yield* Effect.flip(within(device("garage"))))._tag, "ConnError")
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("is not waited for by servers that say nothing, a quarter of a second after one that has it", () =>
      Effect.gen(function*() {
        const { pause } = yield* server("barn")
        yield* pause
        const fiber = yield* Effect.forkChild(device("cellar"))
        yield* TestClock.adjust("249 millis")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(RomId.format((yield* Fiber.join(fiber)).id), cellar)
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("is looked for on all servers, however slow, if its finder has the patience", () =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        const barn = yield* server("barn")
        yield* barn.pause
        const fiber = yield* Effect.forkChild(network.ways("cellar", { patience: Infinity }))
        yield* TestClock.adjust("2 seconds")
        assert.isUndefined(fiber.pollUnsafe())
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* Fiber.join(fiber)).length, 1)
        const error = yield* Effect.flip(network.ways("cellar", { patience: -1 }))
        assert.strictEqual(error._tag, "ArgumentError")
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("with an alias that leads to two devices is refused, and both are named", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(within(device("room")))
        assert.strictEqual(error._tag === "DeviceError" && error.reason._tag, "Ambiguous")
        for (const part of [kitchen, attic, "\"pi-1\"", "\"barn\""]) assert.include(error.message, part)
        assert.isFalse(error.isRetryable)
        assert.strictEqual(yield* (yield* within(device(kitchen))).read("temperature"), 21.5)
      }).pipe(Effect.provide(TestNetwork.layer({
        "pi-1": { [kitchen]: { alias: "room", temperature: 21.5 } },
        barn: { [attic]: { alias: "room" } }
      }))))

    it.effect("behind a coupler is found by its ROM id", () =>
      Effect.gen(function*() {
        const found = yield* within(device(attic))
        assert.strictEqual(yield* found.read("temperature"), 4)
      }).pipe(Effect.provide(TestNetwork.layer({
        "pi-1": {},
        barn: { "/1F.37B104000000": {}, [`/1F.37B104000000/main/${attic}`]: { temperature: 4 } }
      }))))
  })

  describe("a device that two servers show", () => {
    const shared = TestNetwork.layer({
      "pi-1": { [kitchen]: { temperature: 1 }, [cellar]: {} },
      barn: { [cellar]: {}, "/1F.37B104000000": {}, [`/1F.37B104000000/aux/${kitchen}`]: { temperature: 2 } }
    })

    it.effect("is one, with its ways", () =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        const { devices, failures } = yield* within(network.devices())
        assert.deepStrictEqual(failures, [])
        assert.deepStrictEqual(devices.map((one) => [one.device.name, one.server, one.ways.length]), [
          [kitchen, "pi-1", 2],
          [cellar, "pi-1", 2],
          ["1F.37B104000000", "barn", 1]
        ])
        const ways = yield* within(network.ways(kitchen))
        assert.deepStrictEqual(ways.map(({ device, server }) => `${server} ${Place.format(device.place)}`), [
          "pi-1 bus.0",
          "barn bus.0/1F.37B104000000/aux"
        ])
        const both = yield* within(network.ways(cellar))
        assert.deepStrictEqual(both.map(({ device, server }) => `${server} ${device.bus}`), [
          "pi-1 bus.0",
          "barn bus.0"
        ])
      }).pipe(Effect.provide(shared)))

    it.effect("is read by the nearest that works, and by it again when it is back", () =>
      Effect.gen(function*() {
        const found = yield* within(device(kitchen))
        const read = within(found.read("temperature"))
        assert.strictEqual(yield* read, 1)
        const pi = yield* server("pi-1")
        yield* pi.stop
        assert.strictEqual(yield* read, 2)
        assert.strictEqual(yield* read, 2)
        yield* pi.start
        yield* read
        assert.strictEqual(yield* read, 1)
      }).pipe(Effect.provide(shared)))

    it.effect("is read by the next one before a server that fails is tried again", () =>
      Effect.gen(function*() {
        const found = yield* within(device(cellar))
        const [pi, barn] = [yield* server("pi-1"), yield* server("barn")]
        yield* pi.stop
        const reading = yield* Effect.forkChild(found.read("temphigh", { retry: Schedule.spaced("1 minute") }))
        yield* TestClock.adjust("1 second")
        assert.isDefined(reading.pollUnsafe())
        yield* barn.stop
        const waiting = yield* Effect.forkChild(found.read("temphigh", { retry: Schedule.spaced("1 minute") }))
        yield* TestClock.adjust("50 seconds")
        yield* pi.start
        assert.isUndefined(waiting.pollUnsafe())
        yield* TestClock.adjust("2 minutes")
        assert.isNumber(yield* Fiber.join(waiting))
      }).pipe(Effect.provide(shared)))

    it.effect("is written once, unless nothing of it was sent", () =>
      Effect.gen(function*() {
        const found = yield* within(device(cellar))
        const pi = yield* server("pi-1")
        const atBarn = Effect.gen(function*() {
          const network = yield* Network.Network
          const way = (yield* within(network.ways(cellar))).find(({ server }) => server === "barn")
          return yield* (way as Network.Way<Device.Device>).device.read("temphigh")
        })
        yield* pi.setFaults(Fault.ofType(MessageType.Write, () => Fault.Fault.Close({ at: "before" })))
        const error = yield* Effect.flip(within(found.write("temphigh", 30)))
        assert.isTrue(error._tag === "ConnError" && error.requestSent)
        assert.notStrictEqual(yield* atBarn, "30")
        yield* pi.stop
        yield* within(found.write("temphigh", 31))
        assert.strictEqual(String(yield* atBarn).trim(), "31")
      }).pipe(Effect.provide(shared)))
  })

  it.effect("a device that was plugged in elsewhere is the same device", () =>
    Effect.gen(function*() {
      const found = yield* within(device("cellar"))
      const [pi, barn] = [yield* server("pi-1"), yield* server("barn")]
      assert.strictEqual(yield* found.read("temperature"), 8)
      yield* pi.network.vanish(cellar)
      yield* barn.network.appear(cellar, { temperature: 9 })
      assert.strictEqual(yield* within(found.read("temperature")), 9)
      assert.strictEqual(yield* within(found.read("temperature")), 9)
    }).pipe(Effect.provide(TestNetwork.layer(house))))

  describe("servers", () => {
    const names = Effect.gen(function*() {
      const network = yield* Network.Network
      return (yield* network.servers).map(({ name, state }) => `${name} ${state._tag}`)
    })

    it.effect("are there with their states before any is asked, whichever of them work", () =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        assert.deepStrictEqual(yield* names, ["pi-1 Disconnected", "barn Disconnected"])
        const { stop } = yield* server("barn")
        yield* stop
        const { devices, failures } = yield* within(network.devices())
        assert.deepStrictEqual(devices.map(({ device }) => device.name), [kitchen, "cellar"])
        assert.deepStrictEqual(failures.map(({ error, server }) => [server, error._tag]), [["barn", "ConnError"]])
        assert.deepStrictEqual(yield* names, ["pi-1 Connected", "barn Disconnected"])
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("are added and removed while it runs, and what is asked of one that goes ends", () =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        assert.deepStrictEqual(yield* names, ["pi-1 Disconnected"])
        yield* network.add("barn")
        yield* network.add("barn")
        const found = yield* within(device("attic"))
        const { pause } = yield* server("barn")
        yield* pause
        const reading = yield* Effect.forkChild(Effect.flip(found.read("temperature")))
        yield* TestClock.adjust(0)
        yield* network.remove("barn")
        yield* TestClock.adjust("1 second")
        const error = yield* Fiber.join(reading)
        assert.strictEqual(error._tag === "ConnError" && error.reason._tag, "ClientClosed")
        assert.deepStrictEqual(yield* names, ["pi-1 Connected"])
        const gone = yield* Effect.flip(within(device(attic)))
        assert.strictEqual(gone._tag === "OwnetError" && gone.reason._tag, "NotFound")
      }).pipe(Effect.provide(TestNetwork.layer(house, { servers: ["pi-1"] }))))

    it.effect("are those that a stream says, and one that stays keeps its client", () =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        yield* TestClock.adjust(0)
        const [first] = yield* network.servers
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* names, ["pi-1 Disconnected", "barn Disconnected"])
        assert.strictEqual((yield* network.servers)[0].client, first.client)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* names, ["barn Disconnected"])
      }).pipe(Effect.provide(TestNetwork.layer(house, {
        servers: Stream.fromIterable([["pi-1"], ["pi-1", "no server", "barn"], ["barn"]]).pipe(
          Stream.mapEffect((servers, at) => Effect.as(Effect.sleep(at === 0 ? 0 : "1 minute"), servers))
        )
      }))))

    it.effect("are told as they change", () =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        const told: Array<string> = []
        yield* network.changes.pipe(
          Stream.runForEach((servers) => Effect.sync(() => void told.push(servers.map(({ name }) => name).join(" ")))),
          Effect.forkChild
        )
        for (const change of [Effect.void, network.remove({ host: "barn" }), network.set(["barn", "pi-1"])]) {
          yield* change
          yield* TestClock.adjust(1)
        }
        assert.deepStrictEqual(told, ["pi-1 barn", "pi-1", "pi-1 barn"])
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("that make no sense are refused, and so is a second one with a name", () =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        const refused = [
          "http://pi",
          { host: "" },
          { host: "pi", port: 0 },
          { host: "pi", port: 4304.5 },
          { name: "barn", host: "pi-1" }
        ]
        for (const address of refused) {
          const error = yield* Effect.flip(network.add(address))
          assert.strictEqual(error._tag, "ArgumentError", JSON.stringify(address))
        }
        assert.deepStrictEqual(yield* names, ["pi-1 Disconnected", "barn Disconnected"])
      }).pipe(Effect.provide(TestNetwork.layer(house))))

    it.effect("of one client is that of the client, and has no others", () =>
      Effect.gen(function*() {
        const network = yield* Network.Network
        const [only] = yield* network.servers
        assert.strictEqual(only.client, yield* OwClient.OwClient)
        assert.strictEqual((yield* Effect.flip(network.add("barn")))._tag, "ArgumentError")
        assert.strictEqual(yield* (yield* within(device("cellar"))).read("temperature"), 8)
      }).pipe(Effect.provide(Layer.provideMerge(Network.fromClient, TestOwClient.layer(house["pi-1"])))))
  })
})
