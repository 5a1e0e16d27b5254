import { Follow, Network, Place, RomId, Snapshot } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import { SimulatedNetwork, TestNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Layer, Schedule, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { secondOf, watchNetwork, what } from "../fixtures/watched.ts"

const kitchen = "28.000028D70100"
const cellar = "28.000028D70200"
const coupler = "/1F.37B104000000"

const told = (event: Follow.Event): string => `${Math.round(secondOf(event.at))} ${event.server}: ${what(event)}`

const withoutTime = (line: string): string => line.replace(/^\d+ | from [\d.]+$/g, "")

const thermometers = Follow.families([Families.DS18B20], ["temperature"])

const follow = (
  targets: Follow.Target | ReadonlyArray<Follow.Target> = thermometers,
  options: Follow.Options = {}
) => watchNetwork(Follow.follow(targets, "1 minute", { jitter: 0, retry: false, ...options }), told)

const server = (name: string) => TestNetwork.TestNetwork.useSync((test) => test.server(name))

describe("Follow over several servers", () => {
  it.effect("tells of each event which server it comes from, and reads each bus of each in rounds of its own", () =>
    Effect.gen(function*() {
      const { after } = yield* follow()
      assert.sameMembers(yield* after("1 second"), [
        "0 pi-1: ServerAdded",
        "0 barn: ServerAdded",
        `0 pi-1: ${kitchen} appeared`,
        `0 pi-1: found ${kitchen}/temperature`,
        `0 pi-1: ${kitchen}/temperature = 1`,
        `0 barn: ${cellar} appeared`,
        `0 barn: found ${cellar}/temperature`,
        `0 barn: ${cellar}/temperature = 2`
      ])
      assert.sameMembers(yield* after("1 minute"), [
        `60 pi-1: ${kitchen}/temperature = 1`,
        `60 barn: ${cellar}/temperature = 2`
      ])
    }).pipe(
      Effect.provide(
        TestNetwork.layer({ "pi-1": { [kitchen]: { temperature: 1 } }, barn: { [cellar]: { temperature: 2 } } })
      )
    ))

  it.effect("waits for no server that is dead, tells of it once, and follows it when it is back", () =>
    Effect.gen(function*() {
      const barn = yield* server("barn")
      yield* barn.stop
      const { after, events } = yield* follow()
      assert.includeMembers([...yield* after("1 second")], [
        `0 pi-1: ${kitchen}/temperature = 1`,
        "0 barn: server failed: ConnError"
      ])
      yield* after("10 minutes")
      const ofBarn = events.filter((event) => event.server === "barn").map(what)
      assert.deepStrictEqual(ofBarn, ["ServerAdded", "server failed: ConnError"])
      yield* barn.start
      assert.includeMembers([...yield* after("1 minute")].map(withoutTime), [
        "barn: server recovered",
        `barn: ${cellar} appeared`,
        `barn: ${cellar}/temperature = 2`
      ])
    }).pipe(
      Effect.provide(
        TestNetwork.layer({ "pi-1": { [kitchen]: { temperature: 1 } }, barn: { [cellar]: { temperature: 2 } } })
      )
    ))

  describe("of a device that two servers show", () => {
    const shared = TestNetwork.layer({
      "pi-1": { [kitchen]: { temperature: 1 } },
      barn: { [coupler]: {}, [`${coupler}/main/${kitchen}`]: { temperature: 2 } }
    })

    it.effect("reads it once, on the nearest that works", () =>
      Effect.gen(function*() {
        const { after, events } = yield* follow()
        yield* after("1 second")
        assert.deepStrictEqual(events.filter(({ _tag }) => _tag === "Appeared").length, 1)
        const [pi, barn] = [yield* server("pi-1"), yield* server("barn")]
        assert.deepStrictEqual(yield* after("1 minute"), [`60 pi-1: ${kitchen}/temperature = 1`])
        yield* pi.stop
        const lost = yield* after("1 minute")
        assert.deepStrictEqual([...new Set(lost)], [
          "120 pi-1: server failed: ConnError",
          `120 barn: ${kitchen} rerouted from pi-1: ServerFailed`,
          `120 barn: ${kitchen}/temperature = 2`
        ])
        assert.deepStrictEqual(yield* after("1 minute"), [`180 barn: ${kitchen}/temperature = 2`])
        yield* pi.start
        const back = (yield* after("2 minutes")).map(withoutTime)
        assert.includeMembers([...back], [
          "pi-1: server recovered",
          `pi-1: ${kitchen} rerouted from barn: Nearer`,
          `pi-1: ${kitchen}/temperature = 1`
        ])
        assert.deepStrictEqual(yield* after("1 minute"), [`360 pi-1: ${kitchen}/temperature = 1`])
        const requests = (yield* barn.statistics).requests
        yield* barn.stop
        assert.isAbove(requests, 0)
        const quiet = (yield* after("5 minutes")).filter((line) => !line.includes("pi-1: 28"))
        assert.deepStrictEqual(quiet.length, 1, quiet.join("\n"))
      }).pipe(Effect.provide(shared)))

    it.effect("goes on with the other when the device is no longer with the first", () =>
      Effect.gen(function*() {
        const { after, events } = yield* follow()
        yield* after("1 second")
        const pi = yield* server("pi-1")
        yield* pi.network.vanish(kitchen)
        assert.deepStrictEqual([...new Set(yield* after("1 minute"))], [
          `60 pi-1: ${kitchen}/temperature failed: OwnetError`,
          `60 barn: ${kitchen} rerouted from pi-1: Moved`,
          `60 barn: ${kitchen}/temperature = 2`
        ])
        yield* after("10 minutes")
        const later = events.filter((event) => secondOf(event.at) > 61)
        assert.deepStrictEqual([...new Set(later.map(({ server, _tag }) => `${server} ${_tag}`))], ["barn Reading"])
        const barn = yield* server("barn")
        yield* barn.network.vanish(kitchen)
        const gone = (yield* after("10 minutes")).filter((line) => line.includes("vanished"))
        assert.strictEqual(gone.length, 1)
      }).pipe(Effect.provide(shared)))
  })

  it.effect("takes a device that is plugged in elsewhere for the same", () =>
    Effect.gen(function*() {
      const { after, events } = yield* follow()
      yield* after("1 second")
      const [pi, barn] = [yield* server("pi-1"), yield* server("barn")]
      yield* pi.network.vanish(kitchen)
      yield* barn.network.appear(kitchen, { temperature: 5 })
      yield* after("10 minutes")
      assert.strictEqual(events.filter(({ _tag }) => _tag === "Vanished").length, 0)
      assert.strictEqual(events.filter(({ _tag }) => _tag === "Appeared").length, 2)
      assert.deepStrictEqual(yield* after("1 minute"), [
        `660 barn: ${cellar}/temperature = 2`,
        `660 barn: ${kitchen}/temperature = 5`
      ])
      const house = events.reduce<Snapshot.Snapshot<unknown>>(Snapshot.take, Snapshot.empty)
      assert.deepStrictEqual(
        Snapshot.devices(house).map(({ device, server }) => `${device.name} ${server}/${Place.format(device.place)}`),
        [`${kitchen} barn/bus.0`, `${cellar} barn/bus.0`]
      )
    }).pipe(
      Effect.provide(
        TestNetwork.layer({ "pi-1": { [kitchen]: { temperature: 1 } }, barn: { [cellar]: { temperature: 2 } } })
      )
    ))

  it.effect("follows servers that are added, and lets go of those that are removed", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      const { after, fiber } = yield* follow()
      assert.deepStrictEqual(yield* after("1 second"), [
        "0 pi-1: ServerAdded",
        `0 pi-1: ${kitchen} appeared`,
        `0 pi-1: found ${kitchen}/temperature`,
        `0 pi-1: ${kitchen}/temperature = 1`
      ])
      yield* network.add("barn")
      // The test's clock does not wait for what one fiber hands to another.
      const soon = Effect.map(Effect.replicateEffect(after("10 millis"), 50), (said) => said.flat())
      assert.deepStrictEqual(yield* soon, [
        "1 barn: ServerAdded",
        `1 barn: ${cellar} appeared`,
        `1 barn: found ${cellar}/temperature`,
        `1 barn: ${cellar}/temperature = 2`
      ])
      yield* network.remove("pi-1")
      assert.deepStrictEqual([...yield* after(0), ...yield* after("1 second")], [
        `2 pi-1: ${kitchen} vanished`,
        "2 pi-1: ServerRemoved"
      ])
      assert.deepStrictEqual(yield* after("1 minute"), [`61 barn: ${cellar}/temperature = 2`])
      yield* network.set([])
      assert.deepStrictEqual(yield* after("10 minutes"), [`63 barn: ${cellar} vanished`, "63 barn: ServerRemoved"])
      assert.isUndefined(fiber.pollUnsafe())
    }).pipe(
      Effect.provide(
        TestNetwork.layer(
          { "pi-1": { [kitchen]: { temperature: 1 } }, barn: { [cellar]: { temperature: 2 } } },
          { servers: ["pi-1"] }
        )
      )
    ))

  it.effect("ends with its schedule once all servers have had their rounds, and fails when the network is closed", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(
        TestNetwork.layer({ "pi-1": { [kitchen]: {} }, barn: { [cellar]: {} } }),
        scope
      )
      const ending = yield* Effect.provide(
        watchNetwork(Follow.follow(thermometers, Schedule.recurs(1)), told),
        context
      )
      yield* ending.after("1 second")
      assert.deepStrictEqual(ending.fiber.pollUnsafe(), Exit.void)
      assert.strictEqual(ending.events.filter(({ _tag }) => _tag === "Reading").length, 4)
      const endless = yield* Effect.provide(follow(), context)
      yield* endless.after("1 second")
      yield* Scope.close(scope, Exit.void)
      yield* endless.after("1 minute")
      const error = yield* Effect.flip(Fiber.join(endless.fiber))
      assert.strictEqual(error._tag === "ConnError" && error.reason._tag, "ClientClosed")
    }))

  it.effect("fails when the network is closed though it has no server", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(TestNetwork.layer({ "pi-1": {} }, { servers: [] }), scope)
      const { after, fiber } = yield* Effect.provide(follow(), context)
      yield* after("1 second")
      assert.isUndefined(fiber.pollUnsafe())
      yield* Scope.close(scope, Exit.void)
      yield* after("1 second")
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(error._tag === "ConnError" && error.reason._tag, "ClientClosed")
    }))

  describe("of a named device", () => {
    const room = Follow.device(Families.DS18B20, "room", ["temperature"])

    it.effect("misses it only if no server has it", () =>
      Effect.gen(function*() {
        const { after, events } = yield* follow([room, Follow.device(Catalogue.of, "nowhere")])
        yield* after("1 second")
        assert.include(events.map(what), "room/temperature = 2")
        const house = events.reduce<Snapshot.Snapshot<unknown>>(Snapshot.take, Snapshot.empty)
        assert.deepStrictEqual(house.missing?.map(({ target }) => target._tag === "Named" && target.address), [
          "nowhere"
        ])
        yield* after("10 minutes")
        assert.strictEqual(
          events.filter(({ _tag }) => _tag === "Found").filter((e) => what(e).includes("no ")).length,
          1
        )
      }).pipe(
        Effect.provide(
          TestNetwork.layer({ "pi-1": { [kitchen]: {} }, barn: { [cellar]: { alias: "room", temperature: 2 } } })
        )
      ))

    it.effect("does not follow an alias that leads to two, and says so until it leads to one", () =>
      Effect.gen(function*() {
        const { after, events } = yield* follow(room)
        yield* after("1 second")
        const house = events.reduce<Snapshot.Snapshot<unknown>>(Snapshot.take, Snapshot.empty)
        assert.strictEqual(Snapshot.devices(house).length, 0)
        const [missing] = house.missing ?? []
        assert.strictEqual(missing.error._tag === "DeviceError" && missing.error.reason._tag, "Ambiguous")
        for (const part of [kitchen, cellar, "\"pi-1\"", "\"barn\""]) assert.include(missing.error.message, part)
        const seen = events.length
        yield* after("2 minutes")
        assert.deepStrictEqual(events.slice(seen).map(told), [])
        const barn = yield* server("barn")
        yield* barn.network.set(`${cellar}/alias`, "other")
        yield* after("3 minutes")
        const later = events.reduce<Snapshot.Snapshot<unknown>>(Snapshot.take, Snapshot.empty)
        assert.deepStrictEqual(Snapshot.devices(later).map(({ server }) => server), ["pi-1"])
        assert.deepStrictEqual(later.missing, [])
        assert.strictEqual(events.findLast(({ _tag }) => _tag === "Reading")?.server, "pi-1")
      }).pipe(
        Effect.provide(TestNetwork.layer({
          "pi-1": { [kitchen]: { alias: "room", temperature: 1 } },
          barn: { [cellar]: { alias: "room", temperature: 2 } }
        }))
      ))

    it.effect("does not follow an alias that leads to another on a server which is not the nearest of that one", () =>
      Effect.gen(function*() {
        const { after, events } = yield* follow([room, Follow.device(Families.DS18B20, cellar, ["temperature"])])
        yield* after("1 second")
        const house = events.reduce<Snapshot.Snapshot<unknown>>(Snapshot.take, Snapshot.empty)
        assert.deepStrictEqual(Snapshot.devices(house).map(({ device }) => RomId.format(device.id)), [cellar])
        assert.strictEqual(house.missing?.length, 1)
      }).pipe(
        Effect.provide(TestNetwork.layer({
          "pi-1": { [kitchen]: { alias: "room" }, [cellar]: {} },
          barn: { [cellar]: { alias: "room" } }
        }))
      ))

    it.effect("does follow two with one alias if they are wanted by their ROM ids, too", () =>
      Effect.gen(function*() {
        const { after, events } = yield* follow([thermometers, room])
        yield* after("1 second")
        const house = events.reduce<Snapshot.Snapshot<unknown>>(Snapshot.take, Snapshot.empty)
        assert.strictEqual(Snapshot.devices(house).length, 2)
        assert.strictEqual(house.missing?.length, 1)
      }).pipe(
        Effect.provide(TestNetwork.layer({
          "pi-1": { [kitchen]: { alias: "room" } },
          barn: { [cellar]: { alias: "room" } }
        }))
      ))
  })

  it.effect("tells an alarm of the server that is told, and clears it when another one knows of none", () =>
    Effect.gen(function*() {
      const { after, events } = yield* follow(thermometers, { alarms: true })
      const pi = yield* server("pi-1")
      yield* after("10 seconds")
      yield* pi.network.alarm(kitchen, true)
      yield* after("10 seconds")
      assert.deepStrictEqual(events.filter(({ _tag }) => _tag === "Raised").map(({ server }) => server), ["pi-1"])
      yield* pi.stop
      yield* after("2 minutes")
      const house = events.reduce<Snapshot.Snapshot<unknown>>(Snapshot.take, Snapshot.empty)
      assert.deepStrictEqual(Snapshot.devices(house).map(({ alarm, server }) => [server, alarm]), [["barn", undefined]])
    }).pipe(
      Effect.provide(
        TestNetwork.layer({ "pi-1": { [kitchen]: { temperature: 1 } }, barn: { [kitchen]: { temperature: 2 } } })
      )
    ))

  it.effect("comes back to the nearest server when a device can be read there again", () =>
    Effect.gen(function*() {
      const { after } = yield* follow()
      const pi = yield* server("pi-1")
      yield* after("1 second")
      yield* pi.network.set(`${kitchen}/temperature`, SimulatedNetwork.refuse(-5))
      assert.include(yield* after("1 minute"), `60 barn: ${kitchen} rerouted from pi-1: Moved`)
      yield* pi.network.set(`${kitchen}/temperature`, 1)
      assert.include((yield* after("10 minutes")).map(withoutTime), `pi-1: ${kitchen} rerouted from barn: Nearer`)
      assert.deepStrictEqual(yield* after("1 minute"), [`720 pi-1: ${kitchen}/temperature = 1`])
    }).pipe(
      Effect.provide(
        TestNetwork.layer({
          "pi-1": { [kitchen]: { temperature: 1 } },
          barn: { [coupler]: {}, [`${coupler}/main/${kitchen}`]: { temperature: 2 } }
        })
      )
    ))

  it.effect("says that a server was found only if it has answered", () =>
    Effect.gen(function*() {
      const barn = yield* server("barn")
      yield* barn.stop
      const { after, events } = yield* follow(Follow.device(Families.DS18B20, "nowhere"))
      yield* after("10 seconds")
      const house = events.reduce<Snapshot.Snapshot<unknown>>(Snapshot.take, Snapshot.empty)
      assert.strictEqual(house.missing?.length, 1)
      assert.deepStrictEqual([...house.servers.values()].map(({ isFound }) => isFound), [true, false])
    }).pipe(Effect.provide(TestNetwork.layer({ "pi-1": { [kitchen]: {} }, barn: { [cellar]: {} } }))))

  it.effect("tells the alarm of a device again when its alias leads to it alone again", () =>
    Effect.gen(function*() {
      const { after, events } = yield* follow(Follow.device(Families.DS18B20, "room", []), { alarms: true })
      const [pi, barn] = [yield* server("pi-1"), yield* server("barn")]
      yield* pi.network.alarm(kitchen, true)
      yield* after("10 seconds")
      yield* barn.network.set(`${cellar}/alias`, "other")
      yield* after("3 minutes")
      yield* pi.network.alarm(kitchen, false)
      yield* after("10 seconds")
      assert.deepStrictEqual(
        events.map(({ _tag }) => _tag).filter((tag) => tag !== "Found" && tag !== "ServerAdded"),
        ["Appeared", "Raised", "Vanished", "Appeared", "Raised", "Cleared"]
      )
    }).pipe(
      Effect.provide(
        TestNetwork.layer({ "pi-1": { [kitchen]: { alias: "room" } }, barn: { [cellar]: { alias: "room" } } })
      )
    ))

  it.effect("has the first values of many servers at once, though a third of them is dead", () => {
    const servers = Object.fromEntries(Array.from({ length: 60 }, (_, at) => {
      const digits = at.toString(16).toUpperCase().padStart(4, "0")
      return [`pi-${at}`, { [`28.${digits}28D70100`]: { temperature: at } }] as const
    }))
    return Effect.gen(function*() {
      for (let at = 0; at < 60; at += 3) yield* (yield* server(`pi-${at}`)).stop
      const { after, events } = yield* follow()
      yield* after("250 millis")
      const count = (tag: Follow.Event["_tag"]) => events.filter(({ _tag }) => _tag === tag).length
      assert.deepStrictEqual([count("ServerAdded"), count("Reading"), count("ServerFailed")], [60, 40, 20])
      yield* after("3 minutes")
      assert.deepStrictEqual([count("Reading"), count("ServerFailed")], [160, 20])
    }).pipe(Effect.provide(TestNetwork.layer(servers)))
  })

  it.effect("sleeps once for all searches, and once for all rounds", () =>
    Effect.gen(function*() {
      const clock = yield* Clock.Clock
      let sleeping = 0
      const counting: Clock.Clock = {
        currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe(),
        currentTimeMillis: clock.currentTimeMillis,
        currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe(),
        currentTimeNanos: clock.currentTimeNanos,
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
        monotonicTimeNanos: clock.monotonicTimeNanos,
        sleep: (duration) =>
          Effect.acquireUseRelease(
            Effect.sync(() => sleeping++),
            () => clock.sleep(duration),
            () => Effect.sync(() => sleeping--)
          )
      }
      const events: Array<Follow.Event> = []
      const count = (tag: Follow.Event["_tag"]) => events.filter(({ _tag }) => _tag === tag).length
      yield* Follow.follow(thermometers, "10 minutes", { jitter: 0, search: { every: "15 minutes" } }).pipe(
        Stream.runForEach((event) => Effect.sync(() => events.push(event))),
        Effect.provideService(Clock.Clock, counting),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual([count("Reading"), sleeping], [20, 2])
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual([count("Reading"), sleeping], [140, 2])
    }).pipe(
      Effect.provide(TestNetwork.layer(
        Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`pi-${at}`, {
          [`28.${at.toString(16).toUpperCase().padStart(4, "0")}28D70100`]: {}
        }]))
      ))
    ))
})
