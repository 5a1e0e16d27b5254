/**
 * What holds of everything that is followed, whatever happens to the network.
 */
import { Alarms, MessageType, type OwClient, RomId, Snapshot } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import * as Follow from "@effect-ownet/core/network/Follow"
import { Fault, SimulatedNetwork, type SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Schedule, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as watched from "../fixtures/watched.ts"
import { secondOf, serve, toldOutage } from "../fixtures/watched.ts"

const kitchen = "28.000028D70100"
const cellar = "28.000028D70200"
const attic = "10.000010EF0000"
const relay = "29.000029D60300"
const coupler = "1F.00001FE00400"

const what = (event: Follow.Event): string => {
  switch (event._tag) {
    case "Found": {
      const found = event.properties.map(({ device, name }) => `${RomId.format(device.id)}/${name}`)
      return ["found", ...found, ...event.missing.map(({ error }) => `no ${error._tag}`)].join(" ")
    }
    case "Reading":
      return `${event.device.name}/${event.property} = ${event.value}`
    case "Failed":
      return `${event.device.name}/${event.property} failed: ${event.error._tag}`
    case "Moved":
      return `${RomId.format(event.device.id)} moved from ${event.from} to ${event.to}`
    case "Renamed":
      return `${RomId.format(event.device.id)} renamed to ${event.to}`
    case "BusFailed":
    case "BusRecovered":
    case "ServerFailed":
    case "ServerRecovered":
      return toldOutage(event)
    case "ServerAdded":
    case "ServerRemoved":
      return event._tag
    default:
      return `${RomId.format(event.device.id)} ${event._tag}`
  }
}

/** An event in a few words, with the second in which it came about. */
const told = (event: Follow.Event): string => `${Math.round(secondOf(event.at))} ${what(event)}`

const follow = (
  ow: OwClient.Client,
  targets: Follow.Target | ReadonlyArray<Follow.Target> = Follow.all(),
  options: Follow.Options = {}
) => watched.watch(ow, Follow.follow(targets, "1 minute", { jitter: 0, ...options }), told)

/** What a server is asked from now on, and when. */
const overhear = Effect.fnUntraced(function*(server: SimulatedServer.Server, plan: Fault.Plan = () => undefined) {
  const clock = yield* Clock.Clock
  const asked: Array<{ readonly path: string; readonly type: number; readonly at: number }> = []
  yield* server.setFaults((request) => {
    asked.push({ path: request.path, type: request.type, at: clock.currentTimeMillisUnsafe() })
    return plan(request)
  })
  return asked
})

const aliasOf = (ow: OwClient.Client, device: string, alias: string) =>
  Effect.orDie(ow.write(`/${device}/alias`, alias))

/** A client of a server that has an alias for any device whose path begins with a bus, as a real one has. */
const gullible = (ow: OwClient.Client, address: string): OwClient.Client => ({
  ...ow,
  readText: (path, options) => path === `${address}/alias` ? Effect.succeed("") : ow.readText(path, options),
  with: (options) => gullible(ow.with(options), address)
})

const ended = (lines: ReadonlyArray<string>, end: string): ReadonlyArray<string> =>
  lines.filter((line) => line.endsWith(end))

/** What holds of the events, whatever happened. */
const assertLaws = (events: ReadonlyArray<Follow.Event>): void => {
  const there = new Map<RomId.RomId, Follow.Event>()
  const raised = new Set<RomId.RomId>()
  const outages = new Map<string, Date>()
  let isFound = false
  for (const event of events) {
    switch (event._tag) {
      case "BusFailed":
      case "ServerFailed": {
        const key = event._tag === "BusFailed" ? event.bus : "server"
        assert.isFalse(outages.has(key), told(event))
        outages.set(key, event.at)
        break
      }
      case "BusRecovered":
      case "ServerRecovered": {
        const key = event._tag === "BusRecovered" ? event.bus : "server"
        assert.strictEqual(event.since, outages.get(key), told(event))
        assert.isAtLeast(event.at.getTime(), event.since.getTime(), told(event))
        outages.delete(key)
        break
      }
      case "ServerAdded":
      case "ServerRemoved":
        break
      case "Found":
        isFound = true
        for (const { device } of event.properties) assert.isTrue(there.has(device.id), told(event))
        break
      case "Appeared":
        assert.isFalse(there.has(event.device.id), told(event))
        there.set(event.device.id, event)
        break
      case "Vanished":
        assert.isTrue(there.delete(event.device.id), told(event))
        raised.delete(event.device.id)
        break
      default: {
        const before = there.get(event.device.id)
        assert.isDefined(before, told(event))
        if (event._tag === "Reading" || event._tag === "Failed") {
          assert.isTrue(isFound, told(event))
          assert.strictEqual(before !== undefined && "device" in before ? before.device : undefined, event.device)
        } else if (event._tag === "Raised") {
          assert.isFalse(raised.has(event.device.id), told(event))
          raised.add(event.device.id)
        } else if (event._tag === "Cleared") assert.isTrue(raised.delete(event.device.id), told(event))
        else if (event._tag === "Reminded" || event._tag === "RearmFailed") {
          assert.isTrue(raised.has(event.device.id), told(event))
        } else there.set(event.device.id, event)
      }
    }
  }
}

/** Whether a device is there, as far as some events tell. */
const isThere = (events: ReadonlyArray<Follow.Event>, name: string): boolean => {
  const last = events.findLast((event) =>
    (event._tag === "Appeared" || event._tag === "Vanished") && RomId.format(event.device.id) === name
  )
  return last?._tag === "Appeared"
}

describe("Follow holds its laws", () => {
  const thermometers = [kitchen, cellar, attic, "28.000028D70300"]

  const below = (count: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: count - 1 }))

  const Step = Schema.Struct({ what: below(13), which: below(thermometers.length), bus: below(2), seconds: below(400) })

  type Step = typeof Step.Type

  const step = (
    { network, ow, server }: Effect.Success<ReturnType<typeof serve>>,
    there: Set<string>,
    { bus, what, which }: Step
  ) => {
    const name = thermometers[which]
    switch (what) {
      case 0:
      case 1:
        there.add(name)
        return network.appear(`/bus.${bus}/${name}`, { temperature: which })
      case 2:
      case 3:
        there.delete(name)
        return network.vanish(name)
      case 4:
        return there.has(name) ? Effect.ignore(ow.write(`/${name}/alias`, `alias${bus}`)) : Effect.void
      case 5:
        return network.breakBus(bus, -5)
      case 6:
        return network.breakBus(bus)
      case 7:
        return server.stop
      case 8:
        return server.start
      case 9:
        return server.pause
      case 10:
        return server.resume
      case 11:
        return network.alarm(name, bus === 0)
      default:
        return network.set(`/${name}/temperature`, bus === 0 ? SimulatedNetwork.refuse(-5) : which)
    }
  }

  const targets: ReadonlyArray<Follow.Target | ReadonlyArray<Follow.Target>> = [
    Follow.all(),
    Follow.families([Families.DS18B20, Families.DS18S20], ["temperature"]),
    [Follow.all(["temperature"]), Follow.device(Catalogue.of, "alias0"), Follow.device(Catalogue.of, kitchen)]
  ]

  const options: ReadonlyArray<Follow.Options> = [
    {},
    { alarms: { remindAfter: "20 seconds" } },
    { together: true, rest: 1 },
    { search: { every: "13 seconds", absences: 1, grace: "1 second" }, timeout: "5 seconds" }
  ]

  it.effect.prop(
    "in any weather, and knows all when it has cleared",
    [
      Schema.Array(Step).check(Schema.isMinLength(8), Schema.isMaxLength(24)),
      below(targets.length),
      below(options.length)
    ],
    ([steps, target, option]) =>
      Effect.gen(function*() {
        const all = Object.fromEntries(thermometers.map((name, at) => [`/bus.0/${name}`, { temperature: at }]))
        const world = yield* serve({ ...all, "/bus.1/29.000029D60300": {} })
        const { network, ow, server } = world
        const { after, events } = yield* follow(ow, targets[target], options[option])
        const reads: Array<{ readonly path: string; readonly told: number }> = []
        const asked = yield* overhear(server, ({ path }) => {
          if (/^\/(?:10|28)\.\w+\/(?:latest)?temp(?:erature)?$/.test(path)) reads.push({ path, told: events.length })
          return undefined
        })
        const there = new Set(thermometers)
        yield* after("1 second")
        for (const one of steps) {
          // A call of this script waits for a server that does not answer.
          yield* Effect.forkChild(Effect.orDie(step(world, there, one)))
          yield* after(Duration.seconds(one.seconds))
        }
        yield* server.start
        yield* server.resume
        yield* network.breakBus(0)
        yield* network.breakBus(1)
        for (const [at, name] of thermometers.entries()) {
          if (!there.has(name)) continue
          yield* network.set(`/${name}/temperature`, at)
        }
        yield* after("20 minutes")
        assertLaws(events)
        const now = yield* Clock.currentTimeMillis
        const snapshot = events.reduce(Snapshot.take<unknown>, Snapshot.empty)
        const known = Snapshot.devices(snapshot).filter(({ device }) => RomId.familyCode(device.id) !== "29")
        assert.sameMembers(known.map(({ device }) => RomId.format(device.id)), [...there])
        for (const { buses, failing } of snapshot.servers.values()) {
          assert.isUndefined(failing)
          assert.strictEqual(buses.size, 0)
        }
        for (const { device, properties } of known) {
          const temperature = properties.get("temperature")
          assert.isUndefined(temperature?.failing)
          assert.strictEqual(temperature?.reading?.value, thermometers.indexOf(RomId.format(device.id)))
          assert.isAtLeast(temperature?.reading?.at.getTime() ?? 0, now - 70_000)
        }
        for (const { path, told } of reads) {
          const [, name] = path.split("/")
          assert.isTrue(isThere(events.slice(0, told), name), `${path} after ${told} events`)
        }
        const perSecond = asked.length / (now / 1000)
        assert.isBelow(perSecond, option === 1 ? 6 : option === 3 ? 3 : 1)
      }),
    { arbitrary: { runs: process.env["FUZZ_CASES"] === undefined ? 10 : 250, seed: "weather" }, timeout: 600_000 }
  )

  it.effect("of requests, which are bounded while a bus is dead for an hour", () =>
    Effect.gen(function*() {
      const { network, ow, server } = yield* serve({
        [kitchen]: {},
        [`/bus.1/${attic}`]: {},
        [`/bus.1/${cellar}`]: {}
      })
      const { after } = yield* follow(ow, Follow.all(), { retry: false })
      yield* after("90 seconds")
      yield* network.breakBus(1, -5)
      const asked = yield* overhear(server)
      yield* after("1 hour")
      const directories = asked.filter(({ type }) => type !== 2)
      // The root and both buses, once a minute, and some more often at the beginning.
      assert.isAtMost(directories.length, 3 * 65)
      assert.isAtMost(asked.filter(({ path }) => path.includes(attic)).length, 12)
      assert.isAtMost(asked.filter(({ path }) => path.includes(kitchen)).length, 61)
    }))

  for (const every of ["1 minute", Infinity] as const) {
    it.effect(`of requests, while a server is dead, searched every ${every}`, () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ [kitchen]: {} })
        let requests = 0
        yield* server.setFaults(() => {
          requests++
          return Fault.Fault.Close({ at: "before" })
        })
        const { after, events } = yield* follow(ow, Follow.all(), { search: { every }, retry: false })
        yield* after("1 hour")
        assert.isAtMost(requests, 3 * 65)
        yield* server.setFaults()
        yield* after("2 minutes")
        assert.deepStrictEqual(events.map(({ _tag }) => _tag).slice(0, 4), [
          "ServerFailed",
          "ServerRecovered",
          "Appeared",
          "Found"
        ])
      }))
  }
})

describe("Rounds", () => {
  it.effect("read devices that come together one after another, and each once", () =>
    Effect.gen(function*() {
      const { network, ow, server } = yield* serve({ [attic]: {} })
      const { after } = yield* follow(ow, Follow.all(), { search: { every: "40 seconds" } })
      yield* after("30 seconds")
      const ids = Object.keys(SimulatedNetwork.tester(Array.from({ length: 20 }, () => "28")))
      for (const [at, path] of ids.entries()) yield* network.appear(`/bus.${at % 2}${path}`)
      const asked = yield* overhear(
        server,
        ({ path }) => path.endsWith("/temperature") ? Fault.Fault.Delay({ duration: "100 millis" }) : undefined
      )
      yield* after("25 seconds")
      const reads = asked.filter(({ path }) => path.endsWith("/temperature"))
      for (const path of ids) {
        assert.strictEqual(reads.filter((read) => read.path === `${path}/temperature`).length, 1, path)
      }
      // One of each bus.
      for (const { at } of reads) assert.isAtMost(reads.filter((read) => read.at === at).length, 2)
    }))

  it.effect("ask nothing of a device that vanishes while a round goes on", () =>
    Effect.gen(function*() {
      const { network, ow, server } = yield* serve({ [attic]: {}, [kitchen]: {}, [cellar]: {} })
      const { after } = yield* follow(ow, Follow.all(), {
        search: { every: "5 seconds", absences: 1, grace: "1 second" }
      })
      yield* after("50 seconds")
      const asked = yield* overhear(
        server,
        ({ path }) => path.endsWith(`${attic}/temperature`) ? Fault.Fault.Delay({ duration: "30 seconds" }) : undefined
      )
      yield* after("12 seconds")
      yield* network.vanish(cellar)
      const said = yield* after("60 seconds")
      assert.strictEqual(ended(said, `${cellar} Vanished`).length, 1)
      assert.deepStrictEqual(asked.filter(({ path }) => path.endsWith(`${cellar}/temperature`)), [])
    }))

  it.effect("remember the last value of a device that is renamed, and tell its new name", () =>
    Effect.gen(function*() {
      const { network, ow, server } = yield* serve({ [kitchen]: { temperature: 20 } })
      const { after, events } = yield* follow(ow, Follow.all(), { maxJump: 1, search: { every: "50 seconds" } })
      yield* after("55 seconds")
      yield* overhear(
        server,
        ({ path }) => path.endsWith("/temperature") ? Fault.Fault.Delay({ duration: "45 seconds" }) : undefined
      )
      yield* network.set(`${kitchen}/temperature`, 30)
      yield* after("10 seconds")
      yield* aliasOf(ow, kitchen, "kitchen")
      const said = yield* after("50 seconds")
      assert.deepStrictEqual(said.map((line) => line.replace(/^\d+ /, "")), [
        `${kitchen} renamed to kitchen`,
        "kitchen/temperature = 30"
      ])
      yield* server.setFaults()
      yield* after("60 seconds")
      const verdicts = events.flatMap((event) => event._tag === "Reading" ? [event.verdict._tag] : [])
      assert.deepStrictEqual(verdicts.slice(0, 3), ["Plausible", "Jump", "Jump"])
    }))

  it.effect("know a jump of those that measure together", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({
        [kitchen]: { temperature: 20, power: true },
        [cellar]: { temperature: 10, power: true }
      })
      const { after, events } = yield* follow(ow, Follow.all(), { together: true, maxJump: 1, rest: 1 })
      yield* after("59 seconds")
      yield* network.set(`${kitchen}/temperature`, 30)
      yield* after("30 seconds")
      const verdicts = events.flatMap((event) =>
        event._tag === "Reading" ? [`${event.device.name} ${event.value} ${event.verdict._tag}`] : []
      )
      assert.deepStrictEqual(verdicts, [
        `${kitchen} 20 Plausible`,
        `${cellar} 10 Plausible`,
        `${kitchen} 30 Jump`,
        `${cellar} 10 Plausible`
      ])
    }))

  it.effect("believe frost and a boiler of those that measure together", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({
        [kitchen]: { temperature: 0.5, power: true },
        [cellar]: { temperature: 84.5, power: true }
      })
      const { after, events } = yield* follow(ow, Follow.all(), { together: true, rest: 1 })
      yield* after("59 seconds")
      yield* network.set(`${kitchen}/temperature`, -0.0625)
      yield* network.set(`${cellar}/temperature`, 85)
      yield* after("30 seconds")
      const verdicts = events.flatMap((event) =>
        event._tag === "Reading" ? [`${event.device.name} ${event.value} ${event.verdict._tag}`] : []
      )
      assert.deepStrictEqual(verdicts, [
        `${kitchen} 0.5 Plausible`,
        `${cellar} 84.5 Plausible`,
        `${kitchen} -0.0625 Plausible`,
        `${cellar} 85 Plausible`
      ])
    }))

  it.effect("begin again at once when a server answers again, or a bus", () =>
    Effect.gen(function*() {
      const { network, ow, server } = yield* serve({ [kitchen]: { temperature: 20 } })
      const { after } = yield* follow(ow, Follow.all(), {
        timeout: "3 seconds",
        retry: false,
        search: { every: "10 seconds" }
      })
      yield* after("30 seconds")
      yield* server.pause
      yield* after("1 hour")
      yield* server.resume
      assert.isAtLeast(ended(yield* after("80 seconds"), `${kitchen}/temperature = 20`).length, 1)
      yield* network.breakBus(0, -5)
      yield* after("1 hour")
      yield* network.breakBus(0)
      assert.isAtLeast(ended(yield* after("80 seconds"), `${kitchen}/temperature = 20`).length, 1)
    }))
})

describe("Named devices", () => {
  it.effect("follow an alias to another device, and let the old one go", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve({
        [kitchen]: { alias: "room", temperature: 21 },
        [cellar]: { temperature: 11 }
      })
      const { after } = yield* follow(ow, Follow.device(Families.DS18B20, "room", ["temperature"]), {
        search: { every: "50 seconds" }
      })
      yield* after("90 seconds")
      yield* aliasOf(ow, kitchen, "")
      yield* aliasOf(ow, cellar, "room")
      assert.deepStrictEqual(yield* after("25 seconds"), [
        `100 ${cellar} Appeared`,
        `100 ${kitchen} Vanished`,
        `100 found ${cellar}/temperature`,
        "100 room/temperature = 11"
      ])
      const asked = yield* overhear(server)
      yield* after("10 minutes")
      assert.deepStrictEqual(asked.filter(({ path }) => path.includes(kitchen)), [])
    }))

  it.effect("are let go when the alias leads to a device of another family, or is taken away", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({ [kitchen]: { alias: "room" }, [cellar]: { alias: "low" }, [relay]: {} })
      const { after } = yield* follow(ow, [
        Follow.device(Families.DS18B20, "room"),
        Follow.device(Families.DS18B20, "low")
      ])
      yield* after("90 seconds")
      yield* aliasOf(ow, kitchen, "")
      yield* aliasOf(ow, relay, "room")
      yield* aliasOf(ow, cellar, "")
      assert.sameMembers([...yield* after("35 seconds")].slice(0, 3), [
        `120 ${kitchen} Vanished`,
        `120 ${cellar} Vanished`,
        "120 found no DeviceError no OwnetError"
      ])
      assert.deepStrictEqual(yield* after("10 minutes"), [])
    }))

  it.effect("are read as their targets want it, also if they were followed before", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({
        [kitchen]: { temperature: 21, temphigh: 30 },
        [cellar]: { temperature: 11, temphigh: 31 }
      })
      const { after } = yield* follow(ow, [Follow.all(), Follow.device(Families.DS18B20, "room", ["temphigh"])])
      yield* after("30 seconds")
      yield* aliasOf(ow, kitchen, "room")
      assert.includeMembers([...yield* after("60 seconds")], [
        `60 found ${kitchen}/temphigh`,
        "60 room/temphigh = 30"
      ])
      yield* aliasOf(ow, cellar, "room")
      assert.includeMembers([...yield* after("60 seconds")], [`120 found ${cellar}/temphigh`, "120 room/temphigh = 31"])
    }))

  it.effect("stay where they are while their bus fails", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [kitchen]: { alias: "kitchen" }, [`/bus.1/${attic}`]: {} })
      const { after } = yield* follow(ow, [Follow.all(), Follow.device(Catalogue.of, "kitchen")])
      yield* after("30 seconds")
      yield* network.breakBus(0, -5)
      const broken = yield* after("5 minutes")
      assert.deepStrictEqual(broken.filter((line) => line.includes("moved")), [])
      yield* network.breakBus(0)
      assert.deepStrictEqual((yield* after("5 minutes")).filter((line) => line.includes("moved")), [])
    }))

  it.effect("are missing as long as they lack a property, and their others are read", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({ [kitchen]: { temperature: 21 } })
      const { after, events } = yield* follow(ow, Follow.device(Catalogue.of, kitchen, ["temprature", "temperature"]))
      assert.deepStrictEqual(yield* after("5 seconds"), [
        `0 ${kitchen} Appeared`,
        `0 found ${kitchen}/temperature no ArgumentError`,
        `0 ${kitchen}/temperature = 21`
      ])
      yield* after("10 minutes")
      assert.strictEqual(events.filter(({ _tag }) => _tag === "Found").length, 1)
    }))

  it.effect("are found once, however often one of their targets cannot be listed", () =>
    Effect.gen(function*() {
      const eds = "7E.00007E000400"
      const { ow, server } = yield* serve({ [kitchen]: { temperature: 21 }, [eds]: {} })
      const asked = yield* overhear(
        server,
        ({ path, type }) => type !== 2 && path === `/${eds}` ? Fault.Fault.Refuse({ code: 5 }) : undefined
      )
      const { after, events } = yield* follow(ow, [
        Follow.all(["tag", "temperature"]),
        Follow.device(Catalogue.of, eds)
      ])
      yield* after("310 seconds")
      assert.isAbove(asked.filter(({ path, type }) => type !== 2 && path === `/${eds}`).length, 3)
      assert.strictEqual(events.filter(({ _tag }) => _tag === "Found").length, 1)
    }))

  it.effect("that are not where their address says are lost once, until they are there", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [kitchen]: {} })
      const address = `/bus.0/${cellar}`
      const { after } = yield* follow(gullible(ow, address), Follow.device(Catalogue.of, address), {
        search: { every: "10 seconds", absences: 2, grace: "5 seconds" }
      })
      const said = yield* after("20 minutes")
      assert.deepStrictEqual(said.map((line) => line.replace(/^\d+ /, "")), [
        `${cellar} Appeared`,
        `found ${cellar}/temperature`,
        `${cellar}/temperature failed: OwnetError`,
        "found no OwnetError",
        `${cellar} Vanished`
      ])
      yield* network.appear(address, { temperature: 11 })
      assert.deepStrictEqual((yield* after("15 seconds")).map((line) => line.replace(/^\d+ /, "")), [
        `${cellar} Appeared`,
        `found ${cellar}/temperature`,
        `${cellar}/temperature = 11`
      ])
    }))

  it.effect("vanish without properties, too, whatever the server remembers", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [kitchen]: { alias: "kitchen" } }, { cache: true })
      const { after } = yield* follow(ow, Follow.device(Catalogue.of, "kitchen", []), {
        search: { every: "10 seconds", absences: 2, grace: "15 seconds" }
      })
      yield* after("25 seconds")
      yield* network.vanish(kitchen)
      const away = yield* after("4 minutes")
      assert.strictEqual(ended(away, `${kitchen} Vanished`).length, 1)
      assert.strictEqual(ended([...away, ...yield* after("5 minutes")], `${kitchen} Appeared`).length, 0)
      yield* network.appear(kitchen)
      assert.strictEqual(ended(yield* after("1 minute"), `${kitchen} Appeared`).length, 1)
    }))

  it.effect("are there behind a coupler, by their path and by an alias in it", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({
        [`/${coupler}/main/${kitchen}`]: { temperature: 21 },
        [`/${coupler}/aux/${cellar}`]: { temperature: 11, alias: "boiler" }
      })
      const { after } = yield* follow(ow, [
        Follow.device(Families.DS18B20, `/${coupler}/main/${kitchen}`),
        Follow.device(Families.DS18B20, `/${coupler}/aux/boiler`)
      ])
      assert.deepStrictEqual(yield* after("5 seconds"), [
        `0 ${kitchen} Appeared`,
        `0 ${cellar} Appeared`,
        `0 found ${kitchen}/temperature ${cellar}/temperature`,
        `0 ${kitchen}/temperature = 21`,
        "0 boiler/temperature = 11"
      ])
    }))

  it.effect("are searched on no bus, so that their search says nothing of one that fails", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [kitchen]: {}, [`/bus.1/${attic}`]: {} })
      const { after } = yield* follow(ow, Follow.device(Catalogue.of, kitchen), {
        alarms: true,
        search: { every: "5 seconds" }
      })
      yield* after("30 seconds")
      yield* network.breakBus(1, -5)
      const broken = yield* after("10 minutes")
      yield* network.breakBus(1)
      const healed = yield* after("10 minutes")
      const outages = [...broken, ...healed].filter((line) => line.includes("bus.1"))
      assert.deepStrictEqual(outages.map((line) => line.split(" ")[2]), ["failed:", "recovered"])
    }))
})

describe("Alarms", () => {
  it.effect("of a device that appears later are told with it, however often they were reminded of", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [kitchen]: { temperature: 40, temphigh: 30 } })
      const { after, events } = yield* follow(ow, Follow.device(Catalogue.of, "kitchen"), {
        alarms: { remindAfter: "10 seconds" }
      })
      yield* after("45 seconds")
      yield* aliasOf(ow, kitchen, "kitchen")
      const said = yield* after("30 seconds")
      assert.deepStrictEqual(said.slice(0, 2).map((line) => line.replace(/^\d+ /, "")), [
        `${kitchen} Appeared`,
        `${kitchen} Raised`
      ])
      yield* aliasOf(ow, kitchen, "")
      assert.strictEqual(ended(yield* after("1 minute"), `${kitchen} Vanished`).length, 1)
      yield* aliasOf(ow, kitchen, "kitchen")
      assert.strictEqual(ended(yield* after("1 minute"), `${kitchen} Raised`).length, 1)
      yield* network.set(`${kitchen}/temperature`, 20)
      assert.strictEqual(ended(yield* after("1 minute"), `${kitchen} Cleared`).length, 1)
      assertLaws(events)
    }))

  it.effect("are re-armed of what is followed, and of nothing else", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [relay]: {}, "29.000029D60400": {} })
      yield* network.alarm(relay, true)
      yield* network.alarm("29.000029D60400", true)
      const rearmed: Array<string> = []
      const { after } = yield* follow(ow, Follow.device(Families.DS2408, relay), {
        alarms: {
          rearm: (device) => {
            rearmed.push(`${device.name} ${device.family?.chip}`)
            return Alarms.rearm(device)
          }
        }
      })
      yield* after("10 seconds")
      assert.deepStrictEqual([...new Set(rearmed)], [`${relay} DS2408`])
    }))

  it.effect("say nothing of a bus that is not searched for them yet", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [kitchen]: {} })
      const { after } = yield* follow(ow, Follow.all(), { alarms: true, search: { every: "10 seconds" } })
      yield* after("15 seconds")
      yield* network.appear(`/bus.1/${attic}`)
      yield* network.breakBus(1, -5)
      const broken = yield* after("2 minutes")
      yield* network.breakBus(1)
      const healed = yield* after("2 minutes")
      const outages = [...broken, ...healed].filter((line) => line.includes("bus.1 "))
      assert.deepStrictEqual(outages.map((line) => line.split(" ")[2]), ["failed:", "recovered"])
    }))

  it.effect("refuse to be searched for nowhere", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({})
      const { after, fiber } = yield* follow(ow, Follow.all(), { alarms: { places: [] } })
      yield* after("1 second")
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(error._tag === "ArgumentError" ? error.argument : error._tag, "alarms.places")
    }))
})

describe("Schedules", () => {
  it.effect("that end do so while a bus is dead, and do not wait for it", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [kitchen]: { temperature: 21 }, [`/bus.1/${attic}`]: {} })
      yield* network.breakBus(1, -5)
      for (
        const [schedule, readings] of [
          [Schedule.recurs(0), 1],
          [Schedule.upTo(Schedule.spaced("10 seconds"), { duration: "25 seconds" }), 4]
        ] as const
      ) {
        const { after, events, fiber } = yield* watched.watch(
          ow,
          Follow.follow(Follow.all(), schedule, { jitter: 0 }),
          told
        )
        yield* after("1 minute")
        yield* Fiber.join(fiber)
        assert.strictEqual(events.filter(({ _tag }) => _tag === "Reading").length, readings)
      }
    }))

  it.effect("that end wait for the only bus", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [kitchen]: {} })
      yield* network.breakBus(0, -5)
      const { after, fiber } = yield* watched.watch(ow, Follow.follow(Follow.all(), Schedule.recurs(0)), told)
      // A server does not tell which buses there are if none of them works.
      assert.deepStrictEqual(yield* after("1 minute"), ["0 server failed: OwnetError"])
      yield* network.breakBus(0)
      yield* after("1 minute")
      yield* Fiber.join(fiber)
    }))

  it.effect("are jittered within their share", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({ [kitchen]: {}, [`/bus.1/${attic}`]: {} })
      const { after, events } = yield* watched.watch(
        ow,
        Follow.follow(Follow.all(), "20 seconds", { jitter: 0.1 }),
        told
      )
      yield* after("1 hour")
      for (const name of [kitchen, attic]) {
        const times = events.flatMap((event) =>
          event._tag === "Reading" && event.device.name === name ? [event.at.getTime()] : []
        )
        const pauses = times.slice(1).map((time, at) => time - times[at])
        assert.isAtLeast(Math.min(...pauses), 18_000)
        assert.isAtMost(Math.max(...pauses), 22_000)
        assert.isAbove(new Set(pauses).size, 3)
      }
    }))
})

describe("Many buses", () => {
  const busCount = 64

  const house = (perBus: number): SimulatedNetwork.Description =>
    Object.fromEntries(
      Object.keys(SimulatedNetwork.tester(Array.from({ length: busCount * perBus }, () => "28"))).map((path, at) => [
        `/bus.${at % busCount}${path}`,
        { temperature: (seconds: number) => Math.floor(seconds / 60) % 80 }
      ])
    )

  it.effect("are slowed down by a slow consumer, so that no rounds pile up", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve(house(2))
      const events: Array<readonly [event: Follow.Event, taken: number]> = []
      const stream = Follow.follow(Follow.all(), "10 seconds", { jitter: 0 })
      yield* watched.watch(
        ow,
        Stream.tap(stream, (event) =>
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            events.push([event, now])
            // What it begins with is taken at once.
            return event._tag === "Reading" ? Effect.sleep("1 minute") : Effect.void
          })),
        told
      )
      yield* TestClock.adjust("1 hour")
      const before = (yield* server.statistics).requests
      yield* TestClock.adjust("5 hours")
      const readings = events.flatMap(([event, taken]) => event._tag === "Reading" ? [[event, taken] as const] : [])
      // One search waits, and one reading of each bus.
      assert.isAtMost((yield* server.statistics).requests - before, 300 + 5 * (busCount + 1) * 3)
      for (const [{ at, device }, taken] of readings) {
        assert.isAtMost(taken - at.getTime(), (busCount + 2) * 60_000, device.name)
      }
      // Each bus has its turn.
      const last = readings.slice(-(busCount + 1)).map(([{ device }]) => device.bus)
      assert.strictEqual(new Set(last).size, busCount)
    }), 60_000)

  it.effect(
    "do not tell a slow consumer that a server is back by what was read before it failed",
    () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve(house(1))
        const events: Array<Follow.Event> = []
        yield* watched.watch(
          ow,
          Follow.follow(Follow.all(), "10 seconds", { jitter: 0, retry: false }).pipe(
            Stream.tap((event) => {
              events.push(event)
              return event._tag === "Reading" ? Effect.sleep("2 seconds") : Effect.void
            })
          ),
          told
        )
        yield* TestClock.adjust("31 seconds")
        yield* server.stop
        yield* TestClock.adjust("20 minutes")
        yield* server.start
        yield* TestClock.adjust("20 minutes")
        assertLaws(events)
        assert.strictEqual(events.filter(({ _tag }) => _tag === "ServerFailed").length, 1)
        assert.strictEqual(events.filter(({ _tag }) => _tag === "ServerRecovered").length, 1)
      }),
    60_000
  )

  it.effect("of 2,000 devices read each in each round", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve(house(32))
      const { after, events } = yield* follow(ow)
      const readings = () => events.filter(({ _tag }) => _tag === "Reading").length
      const count = busCount * 32
      for (const round of [1, 2]) {
        yield* after(round === 1 ? "1 second" : "1 minute")
        // This many fibers may need longer than a test's clock waits for them.
        for (let step = 0; step < 10_000 && readings() < round * count; step++) yield* after("1 millis")
        assert.strictEqual(readings(), round * count)
      }
      assert.strictEqual(events.filter(({ _tag }) => _tag === "Appeared").length, count)
      assertLaws(events)
    }), 120_000)
})

describe("Aliases", () => {
  const list = "/settings/alias/list"
  const untold: Fault.Plan = ({ path }) => path === list ? Fault.Fault.Refuse({ code: -1 }) : undefined
  const named = { [kitchen]: { alias: "stove" }, [cellar]: { alias: "wine" } }

  /** The names about which a server was asked whose they are. */
  const namesAsked = (asked: ReadonlyArray<{ readonly path: string; readonly type: number }>) =>
    asked.filter(({ path, type }) => type === MessageType.Presence && path.startsWith("/bus.0/")).map(({ path }) =>
      path.slice("/bus.0/".length)
    )

  for (
    const [words, plan, names] of [
      ["that a server lists are never asked for", () => undefined, []],
      ["that it does not list are asked for once, and again if they change", untold, ["stove", "wine"]]
    ] as const
  ) {
    it.effect(words, () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve(named)
        const first = yield* overhear(server, plan)
        const { after } = yield* follow(ow)
        yield* after("1 second")
        assert.sameMembers(namesAsked(first), [...names])
        const later = yield* overhear(server, plan)
        yield* after("5 minutes")
        assert.isAbove(later.filter(({ path }) => path === list).length, 3)
        assert.deepStrictEqual(namesAsked(later), [])
        yield* aliasOf(ow, kitchen, "")
        yield* aliasOf(ow, cellar, "")
        yield* aliasOf(ow, kitchen, "wine")
        yield* aliasOf(ow, cellar, "stove")
        assert.includeMembers([...yield* after("1 minute")], [
          `360 ${kitchen} renamed to wine`,
          `360 ${cellar} renamed to stove`
        ])
        assert.sameMembers(namesAsked(later), [...names])
      }))
  }

  it.effect("that are given to another device in the place of one are found out, also without a list", () =>
    Effect.gen(function*() {
      const { network, ow, server } = yield* serve({ [kitchen]: { alias: "stove" } })
      yield* overhear(server, untold)
      const { after } = yield* follow(ow)
      yield* after("1 second")
      yield* network.vanish(kitchen)
      const other = "28.000028D70180"
      yield* network.appear(other, { alias: "stove" })
      const lines = yield* after("10 minutes")
      assert.strictEqual(ended(lines, `${other} Appeared`).length, 1)
      assert.strictEqual(ended(lines, `${kitchen} Vanished`).length, 1)
    }))
})
