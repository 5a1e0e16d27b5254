import { Bus, OwClient, Poll } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import * as Follow from "@effect-ownet/core/network/Follow"
import { type Fault, SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Schedule, Scope } from "effect"
import * as bareBus from "../fixtures/bareBus.ts"
import * as watched from "../fixtures/watched.ts"
import { secondOf, serve, what } from "../fixtures/watched.ts"

const kitchen = "28.000028D70100"
const cellar = "28.000028D70200"
const attic = "10.000010EF0000"
const relay = "29.000029D60300"

/** The same, with the seconds since the test began. */
const told = (event: Follow.Event): string => `${Math.round(secondOf(event.at))} ${what(event)}`

const follow = (
  ow: OwClient.Client,
  targets: Follow.Target | ReadonlyArray<Follow.Target> = Follow.all(),
  options: Follow.Options = {}
) => watched.watch(ow, Follow.follow(targets, "1 minute", { jitter: 0, ...options }), told)

/** A server, and a client that was made before the server began to listen. */
const serveLater = Effect.fnUntraced(function*(description: SimulatedNetwork.Description) {
  const context = yield* Layer.build(
    Layer.provideMerge(OwClient.layer({ lazy: true }), SimulatedServer.layer(description))
  )
  const server = Context.get(context, SimulatedServer.SimulatedServer)
  yield* server.stop
  return { server, network: server.network, ow: Context.get(context, OwClient.OwClient) }
})

describe("Follow", () => {
  describe("all", () => {
    it.effect("tells what there is, and what it measures, round by round", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({
          [kitchen]: { alias: "kitchen", temperature: 21.5 },
          [`/bus.1/${attic}`]: { temperature: 8 }
        })
        const { after } = yield* follow(ow)
        const said = yield* after("1 second")
        assert.deepStrictEqual(said.slice(0, 3), [
          "0 kitchen appeared",
          `0 ${attic} appeared`,
          `0 found kitchen/temperature ${attic}/temperature`
        ])
        assert.sameMembers(said.slice(3), ["0 kitchen/temperature = 21.5", `0 ${attic}/temperature = 8`])
        assert.sameMembers([...yield* after("2 minutes")], [
          "60 kitchen/temperature = 21.5",
          `60 ${attic}/temperature = 8`,
          "120 kitchen/temperature = 21.5",
          `120 ${attic}/temperature = 8`
        ])
      }))

    it.effect("knows the units and ranges of all families", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [kitchen]: { temperature: 85 } })
        const { after, events } = yield* follow(ow)
        yield* after("1 second")
        const reading = events.find((event) => event._tag === "Reading")
        assert.strictEqual(reading?.unit, "°C")
        assert.strictEqual(reading?.verdict._tag, "PowerOn")
      }))

    it.effect("reads those of some properties that a device has", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [kitchen]: { temphigh: 30 }, [relay]: { "PIO.BYTE": 3 } })
        const { after } = yield* follow(ow, Follow.all(["temphigh", "PIO.BYTE"]))
        assert.deepStrictEqual((yield* after("1 second")).slice(2), [
          `0 found ${kitchen}/temphigh ${relay}/PIO.BYTE`,
          `0 ${kitchen}/temphigh = 30`,
          `0 ${relay}/PIO.BYTE = 3`
        ])
      }))

    it.effect("reads nothing if no properties are wanted", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        const { after } = yield* follow(ow, Follow.all([]))
        assert.deepStrictEqual(yield* after("610 seconds"), [`0 ${kitchen} appeared`, "0 found"])
        yield* network.appear(cellar)
        assert.deepStrictEqual(yield* after("1 minute"), [`660 ${cellar} appeared`])
      }))

    it.effect("has what comes later read at once, and then with the others", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: { temperature: 21.5 } })
        const { after } = yield* follow(ow, Follow.all(), { search: { every: "10 seconds" } })
        yield* after("15 seconds")
        yield* network.appear(cellar, { temperature: 11 })
        yield* network.appear(`/bus.1/${attic}`, { temperature: 8 })
        assert.deepStrictEqual(yield* after("10 seconds"), [
          `20 ${cellar} appeared`,
          `20 ${attic} appeared`,
          `20 found ${cellar}/temperature ${attic}/temperature`,
          `20 ${cellar}/temperature = 11`,
          `20 ${attic}/temperature = 8`
        ])
        assert.deepStrictEqual(yield* after("58 seconds"), [
          `60 ${kitchen}/temperature = 21.5`,
          `60 ${cellar}/temperature = 11`,
          `80 ${attic}/temperature = 8`
        ])
      }))

    it.effect("asks nothing more of what has vanished, and follows it when it is back", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({
          [kitchen]: { temperature: 21.5 },
          [cellar]: { temperature: 11 }
        })
        const { after } = yield* follow(ow, Follow.all(), { rest: 1 })
        yield* after("90 seconds")
        yield* network.vanish(cellar)
        const away = yield* after("5 minutes")
        assert.include(away, `240 ${cellar} vanished`)
        assert.deepStrictEqual(
          away.slice(away.indexOf(`240 ${cellar} vanished`) + 1).filter((line) => line.includes(cellar)),
          []
        )
        const asked: Array<string> = []
        yield* server.setFaults(({ path }): Fault.Fault | undefined => {
          asked.push(path)
          return undefined
        })
        yield* after("5 minutes")
        assert.isAbove(asked.filter((path) => path.includes(kitchen)).length, 3)
        assert.deepStrictEqual(asked.filter((path) => path.includes(cellar)), [])
        yield* network.appear(cellar, { temperature: 12 })
        assert.includeMembers([...yield* after("1 minute")], [
          `720 ${cellar} appeared`,
          `720 ${cellar}/temperature = 12`
        ])
      }))

    it.effect("follows a device that moves, and tells its new name", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({
          [kitchen]: { temperature: 21.5 },
          [`/bus.1/${attic}`]: { temperature: 8 }
        })
        const { after, events } = yield* follow(ow)
        yield* after("30 seconds")
        yield* network.vanish(kitchen)
        yield* network.appear(`/bus.1/${kitchen}`, { alias: "kitchen", temperature: 20 })
        const said = yield* after("100 seconds")
        assert.includeMembers([...said], [
          "60 kitchen moved from bus.0 to bus.1",
          `60 ${kitchen} renamed to kitchen`,
          "120 kitchen/temperature = 20"
        ])
        assert.strictEqual(said.filter((line) => line.startsWith("120 kitchen/temperature")).length, 1)
        const last = events.findLast((event) => event._tag === "Reading" && event.device.name === "kitchen")
        assert.strictEqual(last?._tag === "Reading" ? last.device.bus : undefined, "bus.1")
      }))

    it.effect("tells nothing of a device between its vanishing and its return", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: { temperature: 21.5 }, [cellar]: { temperature: 11 } })
        const { after, events } = yield* follow(ow, Follow.all(), {
          search: { every: "7 seconds", absences: 2, grace: "1 second" }
        })
        for (let round = 0; round < 4; round++) {
          yield* after("2 minutes")
          yield* network.vanish(cellar)
          yield* after("2 minutes")
          yield* network.appear(cellar, { temperature: round })
        }
        let isThere = false
        for (const event of events) {
          if (!("device" in event) || event.device.name !== cellar) continue
          if (event._tag === "Appeared") isThere = true
          else if (event._tag === "Vanished") isThere = false
          else assert.isTrue(isThere, told(event))
        }
        assert.strictEqual(events.filter((event) => event._tag === "Vanished").length, 4)
      }))
  })

  describe("families", () => {
    it.effect("are those that are wanted, with the types of their properties", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({
          [kitchen]: { temperature: 21.5 },
          [relay]: {},
          [attic]: { temperature: 8 }
        })
        const target = Follow.families([Families.DS18B20, Families.DS18S20], ["temperature"])
        const { after, events } = yield* watched.watch(ow, Follow.follow(target, "1 minute", { jitter: 0 }), told)
        yield* after("1 second")
        yield* network.appear("29.000029D60400")
        yield* after("2 minutes")
        const values = events.flatMap((event) => event._tag === "Reading" ? [event.value] : [])
        const sum: number = values.reduce((sum, value) => sum + value, 0)
        assert.strictEqual(sum, 3 * (21.5 + 8))
        assert.strictEqual(events.filter((event) => event._tag === "Appeared").length, 2)
      }))

    it.effect("have what of a family was customised", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ "A8.0000A8570000": { temperature: 16.8 } })
        const { after } = yield* follow(ow, Follow.families([Families.DS18B20]))
        assert.include(yield* after("1 second"), "0 A8.0000A8570000/temperature = 16.8")
      }))
  })

  describe("a device", () => {
    it.effect("is found by its ROM id, its path or its alias, and no bus is searched for it", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({
          [kitchen]: { alias: "kitchen", temperature: 21.5 },
          [cellar]: { alias: "cellar", temperature: 11 },
          [`/bus.1/${attic}`]: { temperature: 8 }
        })
        const asked: Array<string> = []
        yield* server.setFaults(({ path, type }): Fault.Fault | undefined => {
          asked.push(`${type} ${path}`)
          return undefined
        })
        const { after } = yield* follow(ow, [
          Follow.device(Families.DS18B20, "kitchen", ["temperature"]),
          Follow.device(Catalogue.of, cellar),
          Follow.device(Catalogue.of, `/bus.1/${attic}`, ["temperature"])
        ])
        const said = yield* after("185 seconds")
        assert.deepStrictEqual(said.slice(0, 4), [
          "0 kitchen appeared",
          "0 cellar appeared",
          `0 ${attic} appeared`,
          `0 found kitchen/temperature cellar/temperature ${attic}/temperature`
        ])
        assert.includeMembers([...said], [
          "60 kitchen/temperature = 21.5",
          "120 cellar/temperature = 11",
          `180 ${attic}/temperature = 8`
        ])
        assert.deepStrictEqual(asked.filter((line) => /^(4|7|9) /.test(line)), [])
      }))

    it.effect("that is not there is looked for until it is", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [cellar]: { temperature: 11 } })
        const { after } = yield* follow(ow, [
          Follow.device(Catalogue.of, "kitchen"),
          Follow.device(Catalogue.of, attic)
        ])
        const [found, ...others] = yield* after("130 seconds")
        assert.strictEqual(found, `0 found no romId /kitchen no read /${attic}/alias`)
        assert.deepStrictEqual(others, [])
        yield* network.appear(kitchen, { alias: "kitchen", temperature: 21.5 })
        assert.deepStrictEqual(yield* after("1 minute"), [
          "180 kitchen appeared",
          `180 found kitchen/temperature no read /${attic}/alias`,
          "180 kitchen/temperature = 21.5",
          "180 kitchen/temperature = 21.5"
        ])
      }))

    it.effect("vanishes when it no longer answers", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: { temperature: 21.5 } })
        const { after } = yield* follow(ow, Follow.device(Catalogue.of, kitchen))
        yield* after("90 seconds")
        yield* network.vanish(kitchen)
        const away = yield* after("10 minutes")
        const vanished = away.findIndex((line) => line.endsWith(`${kitchen} vanished`))
        assert.isAtLeast(vanished, 0, away.join("\n"))
        assert.deepStrictEqual(away.slice(vanished + 1).filter((line) => line.includes("failed")), [])
        const asked: Array<string> = []
        yield* server.setFaults(({ path }): Fault.Fault | undefined => {
          asked.push(path)
          return undefined
        })
        yield* after("3 minutes")
        assert.deepStrictEqual(asked.filter((path) => path.endsWith("/temperature")), [])
        yield* network.appear(kitchen, { temperature: 20 })
        assert.include(
          (yield* after("1 minute")).map((line) => line.replace(/^\d+ /, "")),
          `${kitchen}/temperature = 20`
        )
      }))

    it.effect("of another family, or with a property that it has not, is missing", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [kitchen]: { temperature: 21.5 } })
        const { after, events } = yield* follow(ow, [
          Follow.device(Families.DS2408, kitchen),
          Follow.device(Catalogue.of, kitchen, ["temprature"])
        ])
        yield* after("1 second")
        const found = events.find((event) => event._tag === "Found")
        assert.deepStrictEqual(
          found?.missing.map(({ device, error }) => [device?.name, error._tag, error.message.includes("temperature?")]),
          [[undefined, "ArgumentError", false], [kitchen, "ArgumentError", true]]
        )
      }))

    it.effect("is read once, however often it is wanted", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [kitchen]: { alias: "kitchen", temperature: 21.5, temphigh: 30 } })
        const { after } = yield* follow(ow, [
          Follow.all(),
          Follow.device(Catalogue.of, kitchen, ["temphigh"]),
          Follow.device(Catalogue.of, "kitchen")
        ])
        assert.deepStrictEqual(yield* after("1 second"), [
          "0 kitchen appeared",
          "0 found kitchen/temperature kitchen/temphigh",
          "0 kitchen/temperature = 21.5",
          "0 kitchen/temphigh = 30"
        ])
      }))
  })

  describe("outages", () => {
    it.effect("of a server are told once, also at the beginning, and nothing else with them", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serveLater({
          [kitchen]: { temperature: 21.5 },
          [cellar]: { temperature: 11 }
        })
        const { after } = yield* follow(ow)
        assert.deepStrictEqual(yield* after("10 minutes"), ["0 server failed: ConnError"])
        yield* server.start
        const back = yield* after("65 seconds")
        assert.match(back[0], /^\d+ server recovered from 0\.001$/)
        assert.deepStrictEqual(back.slice(1).map((line) => line.replace(/^\d+ /, "")), [
          `${kitchen} appeared`,
          `${cellar} appeared`,
          `found ${kitchen}/temperature ${cellar}/temperature`,
          `${kitchen}/temperature = 21.5`,
          `${cellar}/temperature = 11`
        ])
        yield* server.stop
        yield* after("30 seconds")
        assert.strictEqual((yield* after("30 minutes")).length, 0)
        yield* network.set(`${kitchen}/temperature`, 3)
        yield* server.start
        const again = yield* after("2 minutes")
        assert.match(again[0], /server recovered from/)
        assert.isTrue(again.some((line) => line.endsWith(`${kitchen}/temperature = 3`)))
        assert.isFalse(again.some((line) => line.includes("vanished") || line.includes("failed")))
      }))

    it.effect("of a server end with a search at once", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: { temperature: 21.5 } })
        const { after } = yield* follow(ow, Follow.all(), { search: { every: "1 hour" } })
        yield* after("90 seconds")
        yield* server.stop
        assert.deepStrictEqual(yield* after("40 seconds"), ["120 server failed: ConnError"])
        yield* network.appear(cellar, { temperature: 11 })
        yield* server.start
        assert.includeMembers([...yield* after("65 seconds")], [
          `180 ${cellar} appeared`,
          `180 ${cellar}/temperature = 11`
        ])
      }))

    it.effect("of a bus are told once, and its devices join when it works", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({
          [kitchen]: { temperature: 21.5 },
          [`/bus.1/${attic}`]: { temperature: 8 }
        })
        yield* network.breakBus(1, -5)
        const { after } = yield* follow(ow)
        const failing = yield* after("10 minutes")
        assert.deepStrictEqual(failing.filter((line) => !line.includes("kitchen") && !line.includes(kitchen)), [
          "0 bus.1 failed: OwnetError"
        ])
        yield* network.breakBus(1)
        const said = yield* after("65 seconds")
        assert.isTrue(said.some((line) => line.endsWith("bus.1 recovered from 0.001")))
        assert.isTrue(said.some((line) => line.endsWith(`${attic}/temperature = 8`)))
      }))

    it.effect("say nothing of a property that cannot be read", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({
          [kitchen]: { temperature: SimulatedNetwork.refuse(-5) },
          [cellar]: { temperature: 11 }
        })
        const { after } = yield* follow(ow)
        assert.deepStrictEqual((yield* after("1 second")).slice(3), [
          `0 ${kitchen}/temperature failed: OwnetError`,
          `0 ${cellar}/temperature = 11`
        ])
      }))

    it.effect("that no client outlasts end the stream", () =>
      Effect.gen(function*() {
        const scope = yield* Scope.make()
        const { ow } = yield* Scope.provide(serve({ [kitchen]: { temperature: 21.5 } }), scope)
        const { after, fiber } = yield* follow(ow)
        yield* after("30 seconds")
        yield* Scope.close(scope, Exit.void)
        yield* after("2 minutes")
        const exit = yield* Fiber.await(fiber)
        assert.isTrue(Exit.isFailure(exit))
      }))
  })

  describe("together", () => {
    it.effect("has the thermometers of a bus measure at once where that is faster", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({
          [kitchen]: { temperature: 21.5, power: true },
          [cellar]: { temperature: 11, power: true },
          [relay]: { "PIO.BYTE": 0, "sensed.BYTE": 0 },
          [`/bus.1/${attic}`]: { temperature: 8 }
        })
        const asked: Array<string> = []
        yield* server.setFaults(({ path }): Fault.Fault | undefined => {
          asked.push(path)
          return undefined
        })
        const { after } = yield* follow(ow, Follow.all(), { together: true })
        const said = yield* after("59 seconds")
        assert.includeMembers([...said], [
          `1 ${kitchen}/temperature = 21.5`,
          `1 ${cellar}/temperature = 11`,
          `0 ${attic}/temperature = 8`
        ])
        assert.isTrue(said.some((line) => line.includes("PIO.ALL")))
        assert.strictEqual(asked.filter((path) => path === "/bus.0/simultaneous/temperature").length, 1)
        assert.strictEqual(asked.filter((path) => path.includes("/bus.1/simultaneous")).length, 0)
        yield* after("1 minute")
        assert.strictEqual(asked.filter((path) => path === "/bus.0/simultaneous/temperature").length, 2)
      }))
  })

  describe("alarms", () => {
    it.effect("are told of devices that are followed, after these have appeared", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({
          [kitchen]: { alias: "kitchen", temperature: 40, temphigh: 30 },
          [attic]: { temperature: 40, temphigh: 30 }
        })
        const { after } = yield* follow(ow, Follow.families([Families.DS18B20]), { alarms: true })
        const said = yield* after("5 seconds")
        assert.isBelow(
          said.findIndex((line) => line.endsWith("kitchen appeared")),
          said.findIndex((line) => line.endsWith("kitchen: Raised"))
        )
        assert.strictEqual(said.filter((line) => line.endsWith(": Raised")).length, 1)
        yield* network.set(`${kitchen}/temperature`, 20)
        assert.isTrue((yield* after("2 minutes")).some((line) => line.endsWith("kitchen: Cleared")))
      }))
  })

  it.effect("ends with its schedule, once all buses have had their rounds", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({ [kitchen]: { temperature: 21.5 }, [`/bus.1/${attic}`]: { temperature: 8 } })
      const rounds = Schedule.upTo(Schedule.spaced("10 seconds"), { times: 2 })
      const { after, events, fiber } = yield* watched.watch(
        ow,
        Follow.follow(Follow.all(), rounds, { jitter: 0 }),
        told
      )
      yield* after("21 seconds")
      yield* Fiber.join(fiber)
      assert.strictEqual(events.filter((event) => event._tag === "Reading").length, 6)
    }))

  it.effect("ends with its schedule where there is nothing, too", () =>
    Effect.gen(function*() {
      const { ow } = yield* serve({})
      const { after, fiber } = yield* watched.watch(ow, Follow.follow(Follow.all(), Schedule.recurs(0)), told)
      assert.deepStrictEqual(yield* after("1 second"), ["0 found"])
      yield* Fiber.join(fiber)
    }))

  it.effect("searches once if nothing else is wanted", () =>
    Effect.gen(function*() {
      const { network, ow } = yield* serve({ [kitchen]: { temperature: 21.5 } })
      const { after } = yield* follow(ow, Follow.all(), { search: { every: Infinity } })
      yield* after("1 second")
      yield* network.appear(cellar)
      assert.isFalse((yield* after("1 hour")).some((line) => line.includes(cellar)))
    }))

  it.effect("lets through what is news, and whatever is no observation", () =>
    Effect.gen(function*() {
      const { network, ow, server } = yield* serve({ [kitchen]: { temperature: 21.5 } })
      const { after } = yield* watched.watch(
        ow,
        Follow.follow(Follow.all(), "1 minute", { jitter: 0 }).pipe(Poll.changes({ deadBand: 0.5 })),
        told
      )
      assert.strictEqual((yield* after("610 seconds")).length, 3)
      yield* network.set(`${kitchen}/temperature`, 23)
      assert.deepStrictEqual(yield* after("5 minutes"), [`660 ${kitchen}/temperature = 23`])
      yield* network.vanish(kitchen)
      yield* after("10 minutes")
      yield* network.appear(kitchen, { temperature: 23 })
      assert.isTrue((yield* after("2 minutes")).some((line) => line.endsWith(`${kitchen}/temperature = 23`)))
      yield* server.stop
      yield* after("2 minutes")
      yield* server.start
      assert.strictEqual((yield* after("5 minutes")).filter((line) => line.endsWith("temperature = 23")).length, 1)
    }))

  for (
    const [argument, options] of [
      ["search.every", { search: { every: 0 } }],
      ["search.absences", { search: { absences: 0 } }],
      ["search.grace", { search: { grace: "-1 second" } }],
      ["together.wait", { together: { wait: 0 } }],
      ["alarms.every", { alarms: { every: 0 } }],
      ["alarms.absences", { alarms: { absences: 0.5 } }],
      ["jitter", { jitter: 2 }],
      ["timeout", { timeout: 0 }]
    ] as const
  ) {
    it.effect(`refuses an argument that makes no sense: ${argument}`, () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({})
        const { after, fiber } = yield* follow(ow, Follow.all(), options)
        yield* after("1 second")
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert.strictEqual(error._tag === "ArgumentError" ? error.argument : error._tag, argument)
      }))
  }
})

describe("a server that has less of a chip than owserver", () => {
  it.effect("is asked again what it has, and read from when it has more", () =>
    Effect.gen(function*() {
      const made = bareBus.make()
      const bare = Bus.part(Bus.chip("28"), ({ name }) => name === "address")
      made.there = [{ ...bareBus.thermometer, chip: bare }]
      const { after, events } = yield* follow(yield* bareBus.clientOf(made))
      yield* after("5 minutes")
      assert.isFalse(events.some(({ _tag }) => _tag === "Reading" || _tag === "Failed"))
      made.there = [bareBus.thermometer]
      yield* after("5 minutes")
      assert.isTrue(events.some(({ _tag }) => _tag === "Reading"))
    }))
})
