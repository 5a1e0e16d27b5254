/**
 * What holds of everything that is followed over several servers, whatever happens to them.
 */
import { Follow, Network, RomId, Snapshot } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import { SimulatedNetwork, TestNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Option, Schema } from "effect"
import { TestClock } from "effect/testing"
import { secondOf, watchNetwork } from "../fixtures/watched.ts"

const thermometers = ["28.000028D70100", "28.000028D70200", "10.000010EF0000", "28.000028D70300"]
const aliases = ["alias0", "alias1"]
const names = ["a", "b", "c", "d"]

const behindCoupler = 2

const couplerOf = (server: number): string => `1F.0${server}001FE00400`

/** Where a device may be on a server: on two buses, and behind a coupler. */
const places = (server: number): ReadonlyArray<string> => ["/bus.0", "/bus.1", `/${couplerOf(server)}/main`]

/** An event in a few words. */
const told = (event: Follow.Event): string =>
  `${secondOf(event.at)} ${event.server}: ${event._tag} ${"device" in event ? RomId.format(event.device.id) : ""}`

/** What holds of the events, whatever happened. */
const assertLaws = (events: ReadonlyArray<Follow.Event>): void => {
  const there = new Map<RomId.RomId, Follow.Event & { readonly device: unknown }>()
  const raised = new Set<RomId.RomId>()
  const outages = new Map<string, Set<string>>()
  for (const event of events) {
    const { server } = event
    const failing = outages.get(server)
    if (event._tag === "ServerAdded") {
      assert.isUndefined(failing, told(event))
      outages.set(server, new Set())
      continue
    }
    assert.isDefined(failing, told(event))
    switch (event._tag) {
      case "ServerRemoved":
        outages.delete(server)
        for (const before of there.values()) assert.notStrictEqual(before.server, server, told(event))
        break
      case "ServerFailed":
      case "BusFailed": {
        const what = event._tag === "BusFailed" ? event.bus : "server"
        assert.isFalse(failing?.has(what), told(event))
        failing?.add(what)
        break
      }
      case "ServerRecovered":
      case "BusRecovered":
        assert.isTrue(failing?.delete(event._tag === "BusRecovered" ? event.bus : "server"), told(event))
        break
      case "Found":
        for (const { device } of event.properties) {
          assert.strictEqual(there.get(device.id)?.server, server, told(event))
        }
        break
      case "Appeared":
        assert.isFalse(there.has(event.device.id), told(event))
        there.set(event.device.id, event)
        break
      default: {
        const { id } = event.device
        const before = there.get(id)
        assert.isDefined(before, told(event))
        assert.strictEqual(before?.server, event._tag === "Rerouted" ? event.from : server, told(event))
        switch (event._tag) {
          case "Vanished":
            there.delete(id)
            raised.delete(id)
            break
          case "Reading":
          case "Failed":
            assert.strictEqual(before?.device, event.device, told(event))
            break
          case "Raised":
            assert.isFalse(raised.has(id), told(event))
            raised.add(id)
            break
          case "Cleared":
            assert.isTrue(raised.delete(id), told(event))
            break
          case "Reminded":
          case "RearmFailed":
            assert.isTrue(raised.has(id), told(event))
            break
          default:
            there.set(id, event)
        }
      }
    }
  }
}

const below = (count: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: count - 1 }))

const Step = Schema.Struct({
  what: below(16),
  which: below(thermometers.length),
  server: below(names.length),
  place: below(3),
  seconds: below(200)
})

type Step = typeof Step.Type

const description = (server: number): SimulatedNetwork.Description => ({
  [`/bus.0/${couplerOf(server)}`]: {},
  [`/bus.1/29.0${server}0029D60300`]: {},
  ...server > 1 ? {} : Object.fromEntries(thermometers.map((name, at) => [
    `${places(server)[server === 1 && at === 0 ? behindCoupler : 0]}/${name}`,
    { temperature: server * 10 + at }
  ]))
})

/** Where the devices are, by the servers. */
type World = ReadonlyArray<Map<string, number>>

const step = Effect.fnUntraced(function*(world: World, { place, server: number, what, which }: Step) {
  const at = number % world.length
  const network = yield* Network.Network
  const server = (yield* TestNetwork.TestNetwork).server(names[at])
  const name = thermometers[which]
  const here = world[at]
  const address = { name: names[at], host: names[at] }
  // To describe what is not there would plug it in.
  if (!here.has(name) && [4, 11, 15].includes(what)) return
  switch (what) {
    case 0:
    case 1:
      if (here.has(name)) return
      here.set(name, place)
      return yield* server.network.appear(`${places(at)[place]}/${name}`, { temperature: at * 10 + which })
    case 2:
    case 3:
      here.delete(name)
      return yield* Effect.ignore(server.network.vanish(name))
    case 4:
      return yield* Effect.ignore(server.network.set(`${name}/alias`, aliases[place] ?? ""))
    case 5:
      return yield* server.network.breakBus(place === 0 ? 0 : 1, -5)
    case 6:
      return yield* Effect.andThen(server.network.breakBus(0), server.network.breakBus(1))
    case 7:
      return yield* server.stop
    case 8:
      return yield* server.start
    case 9:
      return yield* server.pause
    case 10:
      return yield* server.resume
    case 11:
      return yield* Effect.ignore(server.network.alarm(name, place > 0))
    case 12:
      return yield* network.remove(names[at])
    case 13:
      return yield* network.add(address)
    case 14:
      yield* network.remove(names[at])
      return yield* network.add(address)
    default:
      return yield* Effect.ignore(
        server.network.set(`/${name}/temperature`, place === 0 ? SimulatedNetwork.refuse(-5) : at * 10 + which)
      )
  }
})

/** The test's clock does not wait for what one fiber hands to another. */
const settled = Effect.replicateEffect(TestClock.adjust("1 millis"), 50)

const temperatureOf = (address: string) => Follow.device(Catalogue.of, address, ["temperature"])

interface Targets {
  readonly targets: ReadonlyArray<Follow.Target>
  /** What they call their devices, if they name them. By itself a server finds nothing behind a coupler. */
  readonly addresses?: ReadonlyArray<string>
}

const some: ReadonlyArray<Targets> = [
  { targets: [Follow.families([Families.DS18B20, Families.DS18S20], ["temperature"])] },
  { targets: [Follow.all(["temperature"])] },
  { targets: [Follow.all(["temperature"]), ...aliases.map(temperatureOf)] },
  ...[[aliases[0], thermometers[0]], [...aliases, thermometers[1]]].map((addresses) => ({
    targets: addresses.map(temperatureOf),
    addresses
  }))
]

const options: ReadonlyArray<Follow.Options> = [
  { retry: false },
  { alarms: { every: "10 seconds", remindAfter: "1 minute" } },
  { together: true, rest: 1 },
  { search: { every: "13 seconds", absences: 1, grace: "1 second" }, timeout: "5 seconds" }
]

describe("Follow holds its laws over several servers", () => {
  it.effect.prop(
    "in any weather, and knows all when it has cleared",
    [
      Schema.Array(Step).check(Schema.isMinLength(8), Schema.isMaxLength(24)),
      Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: names.length })),
      below(some.length),
      below(options.length)
    ],
    ([steps, count, target, option]) => {
      const { addresses, targets } = some[target]
      const servers = names.slice(0, count)
      const world: World = servers.map((_, at) =>
        new Map(at > 1 ? [] : thermometers.map((name, which) => [name, at === 1 && which === 0 ? behindCoupler : 0]))
      )
      return Effect.gen(function*() {
        const network = yield* Network.Network
        const test = yield* TestNetwork.TestNetwork
        const { after, events } = yield* watchNetwork(
          Follow.follow(targets, "1 minute", { jitter: 0, ...options[option] }),
          told
        )
        yield* after("1 second")
        for (const one of steps) {
          yield* step(world, one)
          if (one.what >= 12 && one.what <= 14) yield* settled
          yield* after(Duration.seconds(one.seconds))
        }
        let reads = new Map<string, number>()
        for (const [at, name] of servers.entries()) {
          const server = test.server(name)
          yield* server.start
          yield* server.resume
          yield* server.network.breakBus(0)
          yield* server.network.breakBus(1)
          yield* network.add({ name, host: name })
          for (const [which, device] of thermometers.entries()) {
            if (world[at].has(device)) yield* server.network.set(`/${device}/temperature`, at * 10 + which)
          }
          yield* server.setFaults(({ path }) => {
            const [, device] = /\/((?:10|28)\.\w+)\/(?:latest)?temp(?:erature)?$/.exec(path) ?? []
            if (device !== undefined) reads.set(device, (reads.get(device) ?? 0) + 1)
            return undefined
          })
        }
        yield* settled
        yield* after("30 minutes")
        assertLaws(events)
        const now = yield* Clock.currentTimeMillis
        const house = events.reduce<Snapshot.Snapshot<unknown>>(Snapshot.take, Snapshot.empty)
        const known = Snapshot.devices(house).filter(({ device }) => /^(?:10|28)/.test(RomId.format(device.id)))
        /** How far each device is from each server. */
        const distances = new Map(thermometers.map((name) => [
          name,
          world.map((here) => {
            const place = here.get(name)
            if (place === undefined || (place === behindCoupler && addresses !== undefined)) return Infinity
            return place === behindCoupler ? 1 : 0
          })
        ]))
        const there = thermometers.filter((name) => Math.min(...distances.get(name) ?? []) < Infinity)
        const wanted = new Set(addresses === undefined ? there : there.filter((name) => addresses.includes(name)))
        for (const alias of addresses ?? []) {
          const led = new Set<string>()
          for (const { client, name } of yield* network.servers) {
            const id = Option.getOrUndefined(yield* Effect.orDie(client.romId(`/${alias}`)))
            const device = id === undefined ? "" : RomId.format(id)
            if ((world[names.indexOf(name)].get(device) ?? behindCoupler) !== behindCoupler) led.add(device)
          }
          if (led.size === 1) { for (const name of led) wanted.add(name) }
        }
        assert.sameMembers(known.map(({ device }) => RomId.format(device.id)), [...wanted])
        for (const { buses, failing, isFound } of house.servers.values()) {
          assert.isUndefined(failing)
          assert.strictEqual(buses.size, 0)
          assert.isTrue(isFound)
        }
        for (const { device, properties, server } of known) {
          const id = RomId.format(device.id)
          const at = names.indexOf(server)
          const temperature = properties.get("temperature")
          const far = distances.get(id) ?? []
          assert.strictEqual(far[at], Math.min(...far), `${id} on ${server}`)
          assert.isUndefined(temperature?.failing)
          assert.strictEqual(temperature?.reading?.value, at * 10 + thermometers.indexOf(id))
          assert.isAtLeast(temperature?.reading?.at.getTime() ?? 0, now - 70_000)
        }
        reads = new Map()
        const before = events.length
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(
          [...new Set(events.slice(before).map(({ _tag }) => _tag))].filter((tag) => tag !== "Reminded"),
          known.length === 0 ? [] : ["Reading"]
        )
        for (const { device } of known) {
          assert.strictEqual(reads.get(RomId.format(device.id)), 10, RomId.format(device.id))
        }
      }).pipe(Effect.provide(TestNetwork.layer(Object.fromEntries(servers.map((name, at) => [name, description(at)])))))
    },
    {
      arbitrary: { runs: process.env["FUZZ_CASES"] === undefined ? 4 : 250, seed: "servers" },
      timeout: 600_000
    }
  )
})
