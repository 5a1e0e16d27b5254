/**
 * One network of real servers and a simulated one, which are killed and started, behind each other and next to each other.
 */
import { Follow, Network, RomId, Snapshot } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { NodeNetwork, type NodeOwserver } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { eventually, leavesNothing, sockets } from "./fixtures/census.ts"
import * as owserver from "./fixtures/owserver.ts"

const kitchen = "28.000028D70000"
const attic = "10.000010EF0100"
const relay = "29.000029D60000"
const boiler = "28.AABBCCDDEEFF"

const often: Follow.Options = {
  jitter: 0,
  retry: false,
  search: { every: "50 millis", absences: 1, grace: "1 milli" }
}

const addressOf = (name: string, { host, port }: Pick<NodeOwserver.Owserver, "host" | "port">): Network.Address => ({
  name,
  host,
  port
})

/** All events of a network so far, and the state derived from them. */
const follow = Effect.fnUntraced(function*() {
  const seen: Array<Follow.Event> = []
  let snapshot: Snapshot.Snapshot = Snapshot.empty
  yield* Follow.follow(Follow.all(), "50 millis", often).pipe(
    Stream.runForEach((event) =>
      Effect.sync(() => {
        seen.push(event)
        snapshot = Snapshot.take(snapshot, event)
      })
    ),
    Effect.forkChild
  )
  return {
    seen,
    where: () =>
      Snapshot.devices(snapshot).map(({ device, server }) => `${RomId.format(device.id)} ${server}/${device.bus}`),
    count: (tag: Follow.Event["_tag"]) => seen.filter(({ _tag }) => _tag === tag).length
  }
})

owserver.describe("a network of two real servers and a simulated one", () => {
  it.live("shows each device once, where it is nearest, and goes on when a server dies and comes back", () =>
    Effect.gen(function*() {
      const cellar = yield* owserver.start(["--tester=28,10"])
      // It has the cellar's bus behind one of its own.
      const house = yield* owserver.start(["--tester=29", "-s", `${cellar.host}:${cellar.port}`])
      const barn = yield* NodeSimulatedServer.start({ [`/${boiler}`]: { alias: "boiler", temperature: 61.5 } })
      const network = NodeNetwork.layer({
        servers: [addressOf("house", house), addressOf("cellar", cellar), addressOf("barn", barn)],
        timeout: "5 seconds"
      })
      yield* Effect.gen(function*() {
        const { seen, where } = yield* follow()
        yield* eventually(() =>
          where().join() === [
            `${relay} house/bus.0`,
            `${attic} cellar/bus.0`,
            `${kitchen} cellar/bus.0`,
            `${boiler} barn/bus.0`
          ].join()
        )
        const service = yield* Network.Network
        const ways = yield* service.ways(kitchen)
        assert.deepStrictEqual(ways.map(({ device, server }) => `${server} ${device.bus}`), [
          "cellar bus.0",
          "house bus.1/bus.0"
        ])
        const hot = yield* service.device(Families.DS18B20, "boiler")
        assert.strictEqual(yield* hot.read("temperature"), 61.5)
        yield* cellar.kill
        // The devices behind the house disappear with it.
        yield* eventually(() => seen.some(({ _tag, server }) => _tag === "ServerFailed" && server === "cellar"))
        const again = yield* owserver.start(["--tester=28,10"], cellar.port)
        yield* eventually(() =>
          seen.some(({ _tag, server }) => _tag === "ServerRecovered" && server === "cellar") &&
          seen.findLast((event) => event._tag === "Reading" && RomId.format(event.device.id) === kitchen)?.server ===
            "cellar"
        )
        assert.strictEqual(again.port, cellar.port)
        const told = seen.filter(({ _tag, server }) => _tag === "ServerFailed" && server === "cellar")
        assert.strictEqual(told.length, 1)
        assert.isFalse(seen.some(({ _tag }) => _tag === "Vanished"))
      }).pipe(Effect.provide(network))
    }).pipe(Effect.scoped))

  it.live("names both devices of an alias that two servers have, and writes to neither", () =>
    Effect.gen(function*() {
      const cellar = yield* owserver.start(["--tester=28"])
      const barn = yield* owserver.start(["--tester=10,28"])
      const network = NodeNetwork.layer({ servers: [addressOf("cellar", cellar), addressOf("barn", barn)] })
      yield* Effect.gen(function*() {
        const service = yield* Network.Network
        const other = "28.000028D70100"
        const [first, second] = [
          yield* service.device(Families.DS18B20, kitchen),
          yield* service.device(Families.DS18B20, other)
        ]
        yield* first.write("alias", "room")
        yield* second.write("alias", "room")
        const error = yield* Effect.flip(service.device(Families.DS18B20, "room"))
        assert.strictEqual(error._tag === "DeviceError" && error.reason._tag, "Ambiguous")
        for (const part of [kitchen, other, "cellar", "barn"]) assert.include(error.message, part)
        yield* second.write("alias", "")
        const room = yield* service.device(Families.DS18B20, "room")
        assert.strictEqual(room.id, first.id)
      }).pipe(Effect.provide(network))
    }).pipe(Effect.scoped))

  it.live("reads by the other server while one is halted, and takes what is plugged in elsewhere for the same", () =>
    Effect.gen(function*() {
      const cellar = yield* owserver.start([`--mock=${boiler}`])
      const barn = yield* owserver.start([`--mock=${boiler}`])
      const network = NodeNetwork.layer({
        servers: [addressOf("cellar", cellar), addressOf("barn", barn)],
        silenceTimeout: "300 millis",
        connectTimeout: "300 millis"
      })
      yield* Effect.gen(function*() {
        const service = yield* Network.Network
        const device = yield* service.device(Families.DS18B20, boiler)
        yield* device.read("temphigh")
        yield* cellar.signal("SIGSTOP")
        assert.isNumber(yield* device.read("temphigh"))
        yield* cellar.signal("SIGCONT")
        yield* cellar.kill
        const empty = yield* owserver.start(["--tester=10"], cellar.port)
        assert.isNumber(yield* device.read("temphigh"))
        assert.strictEqual(empty.port, cellar.port)
        const { devices } = yield* service.devices()
        assert.deepStrictEqual(
          devices.map(({ device, server, ways }) => `${RomId.format(device.id)} ${server} ${ways.length}`),
          ["10.000010EF0000 cellar 1", `${boiler} barn 1`]
        )
      }).pipe(Effect.provide(network))
    }).pipe(Effect.scoped))

  it.live("leaves nothing behind of servers that were removed, and of streams that were ended early", () =>
    Effect.gen(function*() {
      const [cellar, barn] = [yield* owserver.start(["--tester=28,10"]), yield* owserver.start(["--tester=28,10"])]
      const all = [
        addressOf("cellar", cellar),
        addressOf("barn", barn),
        addressOf("again", { ...barn, host: "localhost" })
      ]
      yield* Effect.gen(function*() {
        const network = yield* Network.Network
        for (const count of [1, 5, 12]) {
          const events = Follow.follow(Follow.all(), "20 millis", { ...often, alarms: true, together: true })
          assert.strictEqual((yield* Stream.runCollect(Stream.take(events, count))).length, count)
        }
        const { seen, where } = yield* follow()
        yield* eventually(() => where().length === 2)
        const before = sockets()
        for (let times = 0; times < 10; times++) {
          yield* network.set([])
          yield* network.set(all)
          yield* Effect.sleep("5 millis")
        }
        yield* eventually(() => where().length === 2)
        yield* network.set([])
        yield* eventually(() => where().length === 0)
        assert.isBelow(sockets(), before)
        assert.isAbove(seen.length, 0)
      }).pipe(Effect.provide(NodeNetwork.layer({ servers: all })), leavesNothing)
    }).pipe(Effect.scoped))
})
