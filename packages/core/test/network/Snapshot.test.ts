import { Device, MessageType, OwClient, OwError, Place, RomId, Snapshot } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import * as Follow from "@effect-ownet/core/network/Follow"
import { SimulatedNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { type Cause, Deferred, Effect, Exit, Fiber, HashMap, Option, Queue, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { networkOf, serve } from "../fixtures/watched.ts"

const kitchen = "28.000028D70100"
const cellar = "28.000028D70200"

const deviceAt = (address: string) =>
  Device.make(Families.DS18B20, address).pipe(Effect.provide(TestOwClient.layer({})))

const at = (second: number): Date => new Date(second * 1000)

const appeared = (device: Device.AnyDevice, second = 0): Follow.Event => ({
  _tag: "Appeared",
  server: "pi",
  device,
  at: at(second)
})

const found = (
  properties: ReadonlyArray<Device.DeviceProperty>,
  missing: ReadonlyArray<Follow.Missing> = []
): Follow.Event => ({ _tag: "Found", server: "pi", at: at(0), properties, missing })

const reading = (device: Device.AnyDevice, value: number, second = 1, property = "temperature"): Follow.Event => ({
  _tag: "Reading",
  server: "pi",
  device,
  property,
  value,
  unit: "°C",
  at: at(second),
  verdict: { _tag: "Plausible" }
})

const error = OwError.refused(-5, MessageType.Read, { operation: "read", path: "/", server: "pi:4304" })

const failed = (device: Device.AnyDevice, second: number, property = "temperature"): Follow.Event => ({
  _tag: "Failed",
  server: "pi",
  device,
  property,
  at: at(second),
  error
})

const fold = (...events: ReadonlyArray<Follow.Event>): Snapshot.Snapshot =>
  events.reduce<Snapshot.Snapshot>(Snapshot.take, Snapshot.empty)

describe("Snapshot", () => {
  describe("take", () => {
    it.effect("knows a device from its appearing to its vanishing", () =>
      Effect.gen(function*() {
        const device = yield* deviceAt(kitchen)
        const there = fold(appeared(device, 3))
        const state = Option.getOrUndefined(HashMap.get(there.devices, device.id))
        assert.strictEqual(state?.device, device)
        assert.deepStrictEqual(state?.since, at(3))
        assert.strictEqual(state?.alarm, undefined)
        const gone = Snapshot.take(there, { _tag: "Vanished", server: "pi", device, at: at(9), lastSeen: at(8) })
        assert.strictEqual(HashMap.size(gone.devices), 0)
        assert.strictEqual(HashMap.size(there.devices), 1)
        assert.deepStrictEqual(Snapshot.property(gone, device.id, "temperature"), Option.none())
      }))

    it.effect("knows the properties in the order in which they are read, before they are", () =>
      Effect.gen(function*() {
        const device = yield* deviceAt(kitchen)
        const known = fold(
          appeared(device),
          found([device.property("temphigh"), device.property("temperature")])
        )
        const { properties } = Snapshot.devices(known)[0]
        assert.deepStrictEqual([...properties.keys()], ["temphigh", "temperature"])
        assert.deepStrictEqual(properties.get("temphigh"), { name: "temphigh", reading: undefined, failing: undefined })
        const read = [reading(device, 20), found([device.property("temperature")])].reduce(Snapshot.take, known)
        const temperature = Option.getOrThrow(Snapshot.property(read, device.id, "temperature"))
        assert.strictEqual(temperature.reading?.value, 20)
        assert.deepStrictEqual([...Snapshot.devices(read)[0].properties.keys()], ["temphigh", "temperature"])
      }))

    it.effect("keeps the last reading, and the beginning of what fails", () =>
      Effect.gen(function*() {
        const device = yield* deviceAt(kitchen)
        const property = (...events: ReadonlyArray<Follow.Event>) =>
          Option.getOrThrow(Snapshot.property(fold(appeared(device), ...events), device.id, "temperature"))
        const failing = property(reading(device, 20), failed(device, 5), failed(device, 7))
        assert.strictEqual(failing.reading?.value, 20)
        assert.deepStrictEqual(failing.failing, { since: at(5), error })
        const again = property(failed(device, 5), reading(device, 21, 9))
        assert.strictEqual(again.reading?.value, 21)
        assert.strictEqual(again.failing, undefined)
      }))

    it.effect("knows where a device is and what it is called, and keeps the rest", () =>
      Effect.gen(function*() {
        const device = yield* deviceAt(`/bus.0/${kitchen}`)
        const moved = yield* deviceAt(`/bus.1/${kitchen}`)
        const snapshot = fold(
          appeared(device, 2),
          reading(device, 20),
          { _tag: "Raised", server: "pi", device, at: at(3) },
          { _tag: "Moved", server: "pi", device: moved, at: at(4), from: "bus.0", to: "bus.1" },
          { _tag: "Renamed", server: "pi", device: moved, at: at(4), from: device.name, to: "kitchen" }
        )
        const [state] = Snapshot.devices(snapshot)
        assert.strictEqual(state.device, moved)
        assert.deepStrictEqual(state.since, at(2))
        assert.strictEqual(state.properties.get("temperature")?.reading?.value, 20)
        assert.strictEqual(state.alarm?.device, device)
      }))

    it.effect("knows alarms until they are cleared", () =>
      Effect.gen(function*() {
        const device = yield* deviceAt(kitchen)
        const raised: Follow.Event = { _tag: "Raised", server: "pi", device, at: at(3) }
        const alarm = (...events: ReadonlyArray<Follow.Event>) =>
          Snapshot.devices(fold(appeared(device), ...events))[0].alarm
        assert.strictEqual(alarm(raised), raised)
        assert.strictEqual(alarm(raised, { _tag: "Reminded", server: "pi", device, at: at(4), since: at(3) }), raised)
        assert.strictEqual(alarm(raised, { _tag: "RearmFailed", server: "pi", device, at: at(4), error }), raised)
        assert.strictEqual(alarm(raised, { _tag: "Cleared", server: "pi", device, at: at(4), since: at(3) }), undefined)
      }))

    it("knows what fails of the server and of its buses", () => {
      const busFailed = (bus: string, second: number): Follow.Event => ({
        _tag: "BusFailed",
        server: "pi",
        bus,
        at: at(second),
        error
      })
      const failing = fold(busFailed("bus.0", 1), busFailed("bus.1", 2), {
        _tag: "ServerFailed",
        server: "pi",
        at: at(3),
        error
      })
      const pi = (snapshot: Snapshot.Snapshot) => snapshot.servers.get("pi")
      assert.deepStrictEqual(pi(failing)?.failing, { since: at(3), error })
      assert.deepStrictEqual([...pi(failing)?.buses ?? []], [
        ["bus.0", { since: at(1), error }],
        ["bus.1", { since: at(2), error }]
      ])
      const events: ReadonlyArray<Follow.Event> = [
        { _tag: "BusRecovered", server: "pi", bus: "bus.0", at: at(4), since: at(1) },
        { _tag: "ServerRecovered", server: "pi", at: at(4), since: at(3) }
      ]
      const recovered = events.reduce<Snapshot.Snapshot>(Snapshot.take, failing)
      assert.strictEqual(pi(recovered)?.failing, undefined)
      assert.deepStrictEqual([...pi(recovered)?.buses.keys() ?? []], ["bus.1"])
      assert.strictEqual(pi(failing)?.buses.size, 2)
    })

    it("knows what is missing, once a search was answered", () => {
      const missing = [{ target: Follow.device(Catalogue.of, "kitchen"), error }]
      assert.strictEqual(Snapshot.empty.missing, undefined)
      assert.strictEqual(fold(found([], missing)).missing, missing)
      assert.deepStrictEqual(fold(found([], missing), found([])).missing, [])
    })

    it.effect("leaves alone what is of no device that is there", () =>
      Effect.gen(function*() {
        const device = yield* deviceAt(kitchen)
        const snapshot = fold(
          found([device.property("temperature")]),
          reading(device, 20),
          failed(device, 2),
          { _tag: "Raised", server: "pi", device, at: at(3) },
          { _tag: "Renamed", server: "pi", device, at: at(4), from: "a", to: "b" },
          { _tag: "Vanished", server: "pi", device, at: at(5), lastSeen: at(4) }
        )
        assert.strictEqual(HashMap.size(snapshot.devices), 0)
      }))

    it.effect("of one device copies nothing of another, however many there are", () =>
      Effect.gen(function*() {
        const ow = yield* Effect.provide(OwClient.OwClient, TestOwClient.layer({}))
        const names = ["temperature", "temphigh", "templow"] as const
        const addresses = Object.keys(SimulatedNetwork.tester(Array.from({ length: 10_000 }, () => "28")))
        const many = yield* Effect.forEach(addresses, (address) => Device.make(Families.DS18B20, address)).pipe(
          Effect.provideService(OwClient.OwClient, ow)
        )
        const properties = many.flatMap((device) => names.map((name) => device.property(name)))
        const whole = [
          ...many.map((device) => appeared(device)),
          found(properties),
          ...properties.map(({ device, name }) => reading(device, 20, 1, name))
        ].reduce<Snapshot.Snapshot>(Snapshot.take, Snapshot.empty)
        const states = Snapshot.devices(whole)
        assert.strictEqual(states.length, 10_000)
        assert.isTrue(states.every((state) => state.properties.size === 3))
        const { device } = states[5000]
        const after = Snapshot.take(whole, reading(device, 21, 2))
        const changed = Snapshot.devices(after).filter((state, index) => state !== states[index])
        assert.deepStrictEqual(changed.map(({ device }) => device.id), [device.id])
        assert.strictEqual(changed[0].properties.get("temphigh"), states[5000].properties.get("temphigh"))
        // Only such a map shares with the one before what has not changed.
        assert.isTrue(HashMap.isHashMap(after.devices))
      }))
  })

  describe("devices", () => {
    it.effect("are in the order of their buses, their branches and their ROM ids", () =>
      Effect.gen(function*() {
        const paths = [
          `/bus.10/${kitchen}`,
          `/bus.2/${cellar}`,
          `/bus.2/${kitchen.replace("1", "3")}`,
          "/bus.0/1F.00001FE00400/main/28.000028D70400",
          "/bus.0/28.000028D70500"
        ]
        const devices = yield* Effect.forEach(paths, deviceAt)
        const inOrder = Snapshot.devices(fold(...devices.map((device) => appeared(device)))).map(({ device }) =>
          `${Place.format(device.place)} ${RomId.format(device.id)}`
        )
        assert.deepStrictEqual(inOrder, [
          "bus.0 28.000028D70500",
          "bus.0/1F.00001FE00400/main 28.000028D70400",
          `bus.2 ${cellar}`,
          `bus.2 ${kitchen.replace("1", "3")}`,
          `bus.10 ${kitchen}`
        ])
      }))
  })

  describe("failing", () => {
    it.effect("is a property by itself, or with its server", () =>
      Effect.gen(function*() {
        const device = yield* deviceAt(kitchen)
        const failing = (...events: ReadonlyArray<Follow.Event>) =>
          Option.map(Snapshot.failing(fold(appeared(device), ...events), device.id, "temperature"), ({ since }) =>
            since.getTime() / 1000)
        const server: Follow.Event = { _tag: "ServerFailed", server: "pi", at: at(4), error }
        assert.deepStrictEqual(failing(), Option.none())
        assert.deepStrictEqual(failing(reading(device, 20)), Option.none())
        assert.deepStrictEqual(failing(failed(device, 2)), Option.some(2))
        assert.deepStrictEqual(failing(reading(device, 20), server), Option.some(4))
        assert.deepStrictEqual(failing(failed(device, 2), server), Option.some(2))
        assert.deepStrictEqual(
          failing(server, { _tag: "ServerRecovered", server: "pi", at: at(5), since: at(4) }, reading(device, 20)),
          Option.none()
        )
      }))
  })

  describe("snapshots", () => {
    it.effect("come after each event", () =>
      Effect.gen(function*() {
        const device = yield* deviceAt(kitchen)
        const sizes = yield* Stream.make(
          appeared(device),
          found([]),
          { _tag: "Vanished", server: "pi", device, at: at(1), lastSeen: at(1) } as const
        ).pipe(
          Snapshot.snapshots,
          Stream.map(({ devices }) => HashMap.size(devices)),
          Stream.runCollect
        )
        assert.deepStrictEqual(sizes, [1, 1, 0])
      }))
  })

  describe("hold", () => {
    const sizeOf = ({ devices }: Snapshot.Snapshot<unknown>) => HashMap.size(devices)

    it.effect("knows what is now, of a network", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: { temperature: 21.5 } })
        const house = yield* Snapshot.hold(Follow.follow(Follow.all(), "1 minute")).pipe(
          Effect.provide(networkOf(ow))
        )
        assert.strictEqual(sizeOf(yield* house.now), 0)
        yield* TestClock.adjust("1 second")
        const [{ properties }] = Snapshot.devices(yield* house.now)
        assert.strictEqual(properties.get("temperature")?.reading?.value, 21.5)
        yield* network.appear(cellar)
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual(sizeOf(yield* house.now), 2)
      }))

    /** Events that a test makes. */
    const made = Effect.map(
      Queue.unbounded<Follow.Event, OwError.OwError | Cause.Done>(),
      (queue) => ({ queue, events: Stream.fromQueue(queue) })
    )

    const settled = TestClock.adjust("1 second")

    it.effect("shows a slow reader the latest, and nothing in between", () =>
      Effect.gen(function*() {
        const { events, queue } = yield* made
        const held = yield* Snapshot.hold(events)
        const gate = yield* Deferred.make<void>()
        const seen: Array<number> = []
        yield* held.changes.pipe(
          Stream.runForEach((snapshot) => {
            seen.push(sizeOf(snapshot))
            return seen.length === 2 ? Deferred.await(gate) : Effect.void
          }),
          Effect.forkChild
        )
        yield* settled
        for (const path of Object.keys(SimulatedNetwork.tester(Array.from({ length: 200 }, () => "28")))) {
          yield* Queue.offer(queue, appeared(yield* deviceAt(path)))
          yield* settled
        }
        yield* Deferred.succeed(gate, undefined)
        yield* settled
        assert.strictEqual(seen[0], 0)
        assert.strictEqual(seen.at(-1), 200)
        assert.isAtMost(seen.length, 5)
      }))

    it.effect("ends with the events, after the last snapshot, for readers before and after", () =>
      Effect.gen(function*() {
        const { events, queue } = yield* made
        const held = yield* Snapshot.hold(events)
        const reader = yield* Effect.forkChild(Stream.runCollect(Stream.map(held.changes, sizeOf)))
        yield* settled
        yield* Queue.offer(queue, appeared(yield* deviceAt(kitchen)))
        yield* Queue.end(queue)
        yield* settled
        assert.deepStrictEqual(yield* Fiber.join(reader), [0, 1])
        assert.deepStrictEqual(yield* Stream.runCollect(Stream.map(held.changes, sizeOf)), [1])
        assert.strictEqual(sizeOf(yield* held.now), 1)
      }))

    it.effect("fails with the events, after the last snapshot, for readers before and after", () =>
      Effect.gen(function*() {
        const { events, queue } = yield* made
        const held = yield* Snapshot.hold(events)
        const collect = Effect.gen(function*() {
          const seen: Array<number> = []
          const exit = yield* Effect.exit(
            Stream.runForEach(held.changes, (snapshot) => Effect.sync(() => void seen.push(sizeOf(snapshot))))
          )
          return [seen, exit] as const
        })
        const reader = yield* Effect.forkChild(collect)
        yield* settled
        yield* Queue.offer(queue, appeared(yield* deviceAt(kitchen)))
        yield* Queue.fail(queue, error)
        yield* settled
        assert.deepStrictEqual(yield* Fiber.join(reader), [[0, 1], Exit.fail(error)])
        assert.deepStrictEqual(yield* collect, [[1], Exit.fail(error)])
        assert.strictEqual(yield* Effect.flip(held.now), error)
      }))

    it.effect("ends when its scope is closed, and the stream with it", () =>
      Effect.gen(function*() {
        const { events, queue } = yield* made
        const scope = yield* Scope.make()
        let isEnded = false
        const held = yield* Snapshot.hold(
          Stream.ensuring(
            events,
            Effect.sync(() => {
              isEnded = true
            })
          )
        ).pipe(Scope.provide(scope))
        const reader = yield* Effect.forkChild(Stream.runCollect(Stream.map(held.changes, sizeOf)))
        yield* settled
        yield* Queue.offer(queue, appeared(yield* deviceAt(kitchen)))
        yield* settled
        yield* Scope.close(scope, Exit.void)
        yield* settled
        assert.isTrue(isEnded)
        assert.deepStrictEqual(yield* Fiber.join(reader), [0, 1])
        assert.strictEqual(sizeOf(yield* held.now), 1)
      }))
  })
})
