import { Device, Family, MessageType, OwClient, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import * as Alarms from "@effect-ownet/core/monitor/Alarms"
import { Fault, SimulatedNetwork, type SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Fiber, Layer, Schedule, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as watched from "../fixtures/watched.ts"
import { secondOf, serve, toldOutage } from "../fixtures/watched.ts"

const kitchen = "28.000028D70100"
const door = "29.000029D60300"
const relay = "12.000012ED0100"
const coupler = "1F.00001FE00400"

/** An event in a few words. */
const what = (event: Alarms.Event): string => {
  switch (event._tag) {
    case "Raised":
      return `${event.device.name} raised on ${event.device.bus}`
    case "Reminded":
    case "Cleared":
      return `${event.device.name} ${event._tag.toLowerCase()}, raised ${secondOf(event.since)}`
    case "RearmFailed":
      return `${event.device.name} not re-armed: ${event.error._tag}`
    default:
      return toldOutage(event)
  }
}

/** The same, with the seconds since the test began. */
const told = (event: Alarms.Event): string => `${secondOf(event.at)} ${what(event)}`

const watch = (ow: OwClient.Client, options?: Alarms.Options) => watched.watch(ow, Alarms.alarms(options), told)

/** The paths that are written to from now on. */
const writes = (server: SimulatedServer.Server, faults: Fault.Plan = () => undefined) => {
  const written: Array<string> = []
  return Effect.as(
    server.setFaults((asked) => {
      if (asked.type === MessageType.Write) written.push(asked.path)
      return faults(asked)
    }),
    written
  )
}

describe("Alarms", () => {
  describe("devices", () => {
    it.effect("are raised when they enter, and cleared when they have been missing twice", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: { alias: "kitchen" }, "/bus.1/29.000029D60300": {} })
        yield* network.alarm(kitchen, true)
        const { after } = yield* watch(ow)
        assert.deepStrictEqual(yield* after(0), ["0 kitchen raised on bus.0"])
        yield* network.alarm(door, true)
        assert.deepStrictEqual(yield* after("10 seconds"), [`1 ${door} raised on bus.1`])
        yield* network.alarm(kitchen, false)
        assert.deepStrictEqual(yield* after("1 second"), [])
        assert.deepStrictEqual(yield* after("10 seconds"), ["12 kitchen cleared, raised 0"])
        yield* network.alarm(kitchen, true)
        assert.deepStrictEqual(yield* after("10 seconds"), ["22 kitchen raised on bus.0"])
      }))

    it.effect("are those beyond their limits, and can be told by their families and read", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({
          [kitchen]: {
            temperature: SimulatedNetwork.script([["0 seconds", 21], ["1 minute", 31], ["2 minutes", 21]]),
            temphigh: 30
          },
          [door]: {}
        })
        const { after, events } = yield* watch(ow, { every: "10 seconds" })
        assert.deepStrictEqual(yield* after("1 minute"), [`60 ${kitchen} raised on bus.0`])
        const [raised] = events
        assert.isTrue("device" in raised && Device.is(Families.DS18B20)(raised.device))
        if ("device" in raised && Device.is(Families.DS18B20)(raised.device)) {
          assert.strictEqual(yield* raised.device.read("temperature"), 31)
        }
        assert.deepStrictEqual(yield* after("10 minutes"), [`130 ${kitchen} cleared, raised 60`])
      }))

    it.effect("are those whose code has bit 7 turned over, too", () =>
      Effect.gen(function*() {
        const clone = "A8.0000A8570000"
        const { ow } = yield* serve({ [clone]: { temperature: 31, temphigh: 30 } })
        const { after, events } = yield* watch(ow, { catalogue: Catalogue.of })
        assert.deepStrictEqual(yield* after(0), [`0 ${clone} raised on bus.0`])
        const [raised] = events
        assert.isTrue("device" in raised && Device.is(Families.DS18B20)(raised.device))
        assert.strictEqual("device" in raised ? raised.device.family : undefined, Families.DS18B20)
      }))

    it.effect("that are missing once in a while stay in alarm", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        const patient = yield* watch(ow, { absences: 3 })
        const hasty = yield* watch(ow, { absences: 1 })
        for (let round = 0; round < 20; round++) {
          yield* network.alarm(kitchen, round % 3 === 0)
          yield* TestClock.adjust("1 second")
        }
        assert.deepStrictEqual(yield* patient.after(0), [`0 ${kitchen} raised on bus.0`])
        assert.deepStrictEqual((yield* hasty.after(0)).slice(0, 4), [
          `0 ${kitchen} raised on bus.0`,
          `2 ${kitchen} cleared, raised 0`,
          `4 ${kitchen} raised on bus.0`,
          `5 ${kitchen} cleared, raised 4`
        ])
      }))

    it.effect("are reminded of where that is wanted", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        yield* network.alarm(kitchen, true)
        const { after } = yield* watch(ow, { remindAfter: "10 minutes", every: "1 minute" })
        assert.deepStrictEqual(yield* after("25 minutes"), [
          `0 ${kitchen} raised on bus.0`,
          `600 ${kitchen} reminded, raised 0`,
          `1200 ${kitchen} reminded, raised 0`
        ])
        yield* network.alarm(kitchen, false)
        assert.deepStrictEqual(yield* after("1 hour"), [`1620 ${kitchen} cleared, raised 0`])
      }))

    it.effect("have no name that is the ROM id of another", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: { alias: door }, [relay]: { alias: "relay" } })
        yield* network.alarm(kitchen, true)
        yield* network.alarm(relay, true)
        const { after } = yield* watch(ow)
        assert.deepStrictEqual(yield* after(0), [`0 ${kitchen} raised on bus.0`, "0 relay raised on bus.0"])
      }))

    it.effect("keep their ROM ids when their aliases are exchanged", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: { alias: "kitchen" }, [door]: { alias: "door" } })
        yield* network.alarm(kitchen, true)
        let lookups = 0
        yield* server.setFaults(({ type }) => {
          if (type === MessageType.Presence) lookups++
          return undefined
        })
        const { after, events } = yield* watch(ow)
        yield* after("5 seconds")
        yield* ow.write(`/${kitchen}/alias`, "")
        yield* ow.write(`/${door}/alias`, "kitchen")
        yield* ow.write(`/${kitchen}/alias`, "door")
        assert.deepStrictEqual(yield* after("5 seconds"), [])
        yield* network.alarm(door, true)
        assert.deepStrictEqual(yield* after("5 seconds"), ["11 kitchen raised on bus.0"])
        assert.deepStrictEqual(
          events.flatMap((event) => "device" in event ? [RomId.format(event.device.id)] : []),
          [kitchen, door]
        )
        // No alias has to be looked up, which could have changed hands meanwhile.
        assert.strictEqual(lookups, 0)
      }))

    it.effect("behind couplers are found where their branch is given, and move with it", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [`/${coupler}/main/${kitchen}`]: {}, [door]: {} })
        yield* network.alarm(kitchen, true)
        yield* network.alarm(door, true)
        const all = yield* watch(ow)
        const branch = yield* watch(ow, { places: [`/bus.0/${coupler}/main`, `/${coupler}/aux`] })
        assert.deepStrictEqual(yield* all.after(0), [`0 ${door} raised on bus.0`])
        assert.deepStrictEqual(yield* branch.after(0), [`0 ${kitchen} raised on bus.0`])
        const [raised] = branch.events
        assert.strictEqual("device" in raised ? raised.device.path : "", `/${coupler}/main/${kitchen}`)
        yield* network.appear(`/${coupler}/aux/${kitchen}`)
        yield* network.alarm(kitchen, true)
        assert.deepStrictEqual(yield* branch.after("10 seconds"), [])
        yield* network.alarm(kitchen, false)
        assert.deepStrictEqual(yield* branch.after("10 seconds"), [`12 ${kitchen} cleared, raised 0`])
        const cleared = branch.events.at(-1)
        assert.strictEqual(
          cleared !== undefined && "device" in cleared ? cleared.device.path : "",
          `/${coupler}/aux/${kitchen}`
        )
      }))

    it.effect("that are none are left out, and aliases that come all the same are looked up", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [kitchen]: { alias: "kitchen" } })
        const other = (ow: OwClient.Client): OwClient.Client => ({
          ...ow,
          dir: (path, options) =>
            path?.endsWith("/alarm") === true
              ? Effect.succeed([`${path}/00.000000000000`, `${path}/28.000028D70100.00`, `${path}/kitchen`])
              : ow.dir(path, options),
          with: (options) => other(ow.with(options))
        })
        const { after, events } = yield* watch(other(ow))
        assert.deepStrictEqual(yield* after("10 seconds"), ["0 kitchen raised on bus.0"])
        assert.deepStrictEqual(
          events.flatMap((event) => "device" in event ? [RomId.format(event.device.id)] : []),
          [kitchen]
        )
      }))
  })

  describe("failures", () => {
    it.effect("of a bus are told once, hide no alarm of another, and clear none of its own", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {}, "/bus.1/29.000029D60300": {} })
        yield* network.alarm(door, true)
        const { after } = yield* watch(ow)
        yield* after("1500 millis")
        yield* network.breakBus(1, -5)
        yield* network.alarm(door, false)
        assert.deepStrictEqual(yield* after("2 seconds"), ["2 bus.1 failed: OwnetError"])
        yield* network.alarm(kitchen, true)
        assert.deepStrictEqual(yield* after("5 minutes"), [`4 ${kitchen} raised on bus.0`])
        yield* network.breakBus(1)
        assert.deepStrictEqual(yield* after("1 minute"), [
          "304 bus.1 recovered from 2",
          `305 ${door} cleared, raised 0`
        ])
      }))

    it.effect("of all buses are their own", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* network.breakBus(0, -5)
        assert.deepStrictEqual(yield* after("5 minutes"), ["1 bus.0 failed: OwnetError"])
        yield* network.breakBus(0)
        assert.deepStrictEqual(yield* after("5 minutes"), ["301 bus.0 recovered from 1"])
      }))

    it.effect("of the server are told once, and clear no alarm", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: {}, "/bus.1/29.000029D60300": {} })
        yield* network.alarm(kitchen, true)
        yield* network.alarm(door, true)
        const { after } = yield* watch(ow, { every: "5 seconds" })
        yield* after(0)
        yield* server.stop
        yield* network.alarm(door, false)
        assert.deepStrictEqual(yield* after("1 hour"), ["5 server failed: ConnError"])
        yield* server.start
        assert.deepStrictEqual(yield* after("1 minute"), [
          "3605 server recovered from 5",
          `3610 ${door} cleared, raised 0`
        ])
      }))

    it.effect("between two searches that miss a device clear no alarm, whatever fails in them", () =>
      Effect.gen(function*() {
        // With 5 minutes between them, each search lists the buses first.
        for (const every of ["5 seconds", "5 minutes"] as const) {
          const { network, ow, server } = yield* serve({ [kitchen]: {} })
          yield* network.alarm(kitchen, true)
          const { after, events } = yield* watch(ow, { every })
          const cleared = () => events.filter(({ _tag }) => _tag === "Cleared").length
          yield* after(0)
          for (let round = 0; round < 3; round++) {
            yield* network.alarm(kitchen, false)
            yield* after(every)
            yield* round === 0 ? network.breakBus(0, -5) : server.stop
            yield* after(every)
            yield* round === 0 ? network.breakBus(0) : server.start
            yield* after(every)
            assert.strictEqual(cleared(), 0, `${every}, ${round}`)
            yield* network.alarm(kitchen, true)
            yield* after(every)
          }
          yield* network.alarm(kitchen, false)
          yield* after(every)
          yield* after(every)
          assert.strictEqual(cleared(), 1)
        }
      }))

    it.effect("of the server have its buses listed anew when they are over", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: {} })
        const { after } = yield* watch(ow)
        yield* after("10 seconds")
        yield* server.stop
        yield* after("10 seconds")
        yield* network.appear(`/bus.1/${door}`)
        yield* network.alarm(door, true)
        yield* server.start
        assert.deepStrictEqual(yield* after("10 seconds"), [
          "21 server recovered from 11",
          `21 ${door} raised on bus.1`
        ])
      }))

    it.effect("of a bus that is gone end, and nobody looks for it any more", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {}, "/bus.1/29.000029D60300": {} })
        yield* network.alarm(door, true)
        let isGone = false
        let asked = 0
        const without = (ow: OwClient.Client): OwClient.Client => ({
          ...ow,
          dir: (path = "/", options) => {
            if (path.startsWith("/bus.1")) asked++
            return isGone && path.startsWith("/bus.1")
              ? ow.dir("/bus.7", options)
              : Effect.map(ow.dir(path, options), (paths) => paths.filter((path) => !isGone || path !== "/bus.1"))
          },
          with: (options) => without(ow.with(options))
        })
        const { after } = yield* watch(without(ow))
        yield* after("10 seconds")
        isGone = true
        asked = 0
        const said = yield* after("4 minutes")
        assert.deepStrictEqual(said.slice(0, 2), ["11 bus.1 failed: OwnetError", "12 bus.1 recovered from 11"])
        assert.deepStrictEqual(said.slice(2), [`13 ${door} cleared, raised 0`])
        assert.strictEqual(asked, 1)
      }))

    it.effect("of the very first search are the stream's, so that it can be tried again", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: {} })
        yield* network.alarm(kitchen, true)
        yield* server.stop
        for (const places of [undefined, ["/bus.0"]]) {
          const error = yield* Alarms.alarms({ places }).pipe(
            Stream.runDrain,
            Effect.provideService(OwClient.OwClient, ow),
            Effect.flip
          )
          assert.strictEqual(error._tag, "ConnError")
        }
        const fiber = yield* Alarms.alarms().pipe(
          Stream.retry(Schedule.spaced("10 seconds")),
          Stream.take(1),
          Stream.map(told),
          Stream.runCollect,
          Effect.provideService(OwClient.OwClient, ow),
          Effect.forkChild
        )
        yield* TestClock.adjust("1 minute")
        yield* server.start
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* Fiber.join(fiber), [`70 ${kitchen} raised on bus.0`])
      }))

    it.effect("of a client that is closed end the stream", () =>
      Effect.gen(function*() {
        for (const places of [undefined, ["/bus.0"]]) {
          const scope = yield* Scope.make()
          const context = yield* Layer.buildWithScope(TestOwClient.layer({ [kitchen]: {} }), scope)
          const { after, fiber } = yield* watch(Context.get(context, OwClient.OwClient), { places })
          yield* after(0)
          yield* Scope.close(scope, Exit.void)
          yield* after("10 seconds")
          const error = yield* Effect.flip(Fiber.join(fiber))
          assert.strictEqual(error._tag === "ConnError" ? error.reason._tag : error._tag, "ClientClosed")
        }
      }))

    it.effect("of a bus that is not there are told like any other", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        yield* network.alarm(kitchen, true)
        const { after } = yield* watch(ow, { places: ["/bus.0", "bus.7/"] })
        assert.deepStrictEqual(yield* after("5 minutes"), [
          "0 bus.7 failed: OwnetError",
          `0 ${kitchen} raised on bus.0`
        ])
      }))

    it.effect("in what is asked for are told before anything is sent", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({})
        const { requests } = yield* server.statistics
        const refused: ReadonlyArray<Alarms.Options> = [
          { absences: 0 },
          { remindAfter: 0 },
          { every: "0 seconds" },
          { places: [] },
          { places: [`/${kitchen}`] },
          { places: ["/settings"] },
          { places: ["/bus.x"] },
          { timeout: 0 },
          { flags: { uncashed: true } as object }
        ]
        const messages = yield* Effect.forEach(refused, (options) =>
          Alarms.alarms(options).pipe(
            Stream.runDrain,
            Effect.provideService(OwClient.OwClient, ow),
            Effect.flip,
            Effect.map(({ message }) => message)
          ))
        assert.deepStrictEqual(messages, [
          "Alarms.alarms: absences must be a whole number of at least 1, not 0; nothing was sent",
          "Alarms.alarms: remindAfter must be a duration above zero, not 0; nothing was sent",
          "Alarms.alarms: every must be a duration above zero, not 0 seconds; nothing was sent",
          "Alarms.alarms: places must not be empty: nothing would ever be searched; nothing was sent",
          `Alarms.alarms: places must be buses and branches, not /${kitchen}; nothing was sent`,
          "Alarms.alarms: places must be buses and branches, not /settings; nothing was sent",
          "Alarms.alarms: places has an invalid path: \"/bus.x\" has \"bus.x\" as a bus; a bus is written bus.0, bus.1 and so on; " +
          "nothing was sent",
          "Alarms.alarms: timeout must be a duration above zero, not 0; nothing was sent",
          "Alarms.alarms: flags has no \"uncashed\"; the flags are temperatureScale, pressureScale, deviceFormat, busReturn, persistence, " +
          "alias, safemode, uncached, trim, ownet, other; nothing was sent"
        ])
        assert.strictEqual((yield* server.statistics).requests, requests)
      }))
  })

  describe("re-arming", () => {
    const latched: SimulatedNetwork.Description = {
      [door]: { "latch.BYTE": 5, por: 1 },
      [relay]: { "latch.BYTE": 3 },
      [kitchen]: {}
    }

    it.effect("is not done unless it is wanted", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve(latched)
        const written = yield* writes(server)
        yield* network.alarm(door, true)
        const { after } = yield* watch(ow)
        assert.deepStrictEqual(yield* after("5 minutes"), [`0 ${door} raised on bus.0`])
        assert.deepStrictEqual(written, [])
      }))

    it.effect("resets what is latched, once it was reported", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve(latched)
        const written = yield* writes(server)
        yield* Effect.forEach([door, relay, kitchen], (device) => network.alarm(device, true))
        const seen: Array<readonly [string, number]> = []
        yield* Alarms.alarms({ rearm: Alarms.rearm }).pipe(
          Stream.runForEach((event) =>
            Effect.delay(Effect.sync(() => void seen.push([told(event), written.length])), "1 second")
          ),
          Effect.provideService(OwClient.OwClient, ow),
          Effect.forkChild
        )
        yield* TestClock.adjust("3 seconds")
        // Nothing was written before the last of them had been taken.
        assert.deepStrictEqual(seen, [
          [`0 ${door} raised on bus.0`, 0],
          [`0 ${relay} raised on bus.0`, 0],
          [`0 ${kitchen} raised on bus.0`, 0]
        ])
        assert.deepStrictEqual(written.toSorted(), [
          `/${relay}/latch.BYTE`,
          `/${door}/latch.BYTE`,
          `/${door}/por`
        ])
        assert.deepStrictEqual(
          yield* Effect.forEach([`/${relay}/latch.BYTE`, `/${door}/latch.BYTE`, `/${door}/por`], (path) =>
            ow.readText(path)),
          ["0", "0", "0"]
        )
        yield* Effect.forEach([door, relay], (device) =>
          network.alarm(device, false))
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual(seen.slice(3).map(([event]) => event), [
          `5 ${door} cleared, raised 0`,
          `5 ${relay} cleared, raised 0`
        ])
        assert.strictEqual(written.length, 3)
      }))

    it.effect("writes to each family what ends its alarm", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({
          "20.000020DF0500": {},
          "7E.00007E810100": { device_type: "EDS0068", "EDS0068/temperature": 19, "EDS0068/alarm/clear": 0 },
          "1C.00001CE30100": {},
          [kitchen]: {}
        })
        const written = yield* writes(server)
        yield* Effect.forEach(["20.000020DF0500", "7E.00007E810100", "1C.00001CE30100", kitchen], (address) =>
          Effect.flatMap(Device.make(Family.unknown, address), Alarms.rearm)).pipe(
            Effect.provideService(OwClient.OwClient, ow)
          )
        assert.deepStrictEqual(written, [
          "/20.000020DF0500/set_alarm/unset",
          "/7E.00007E810100/EDS0068/alarm/clear",
          "/1C.00001CE30100/latch.BYTE"
        ])
      }))

    it.effect("finds the kind of an EDS whatever surrounds it", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({
          "7E.00007E810100": { device_type: "EDS0068", "EDS0068/temperature": 19, "EDS0068/alarm/clear": 0 }
        })
        const written = yield* writes(server)
        const padded: OwClient.Client = {
          ...ow,
          readText: (path, options) => Effect.map(ow.readText(path, options), (text) => `  ${text}         `)
        }
        yield* Device.make(Family.unknown, "7E.00007E810100").pipe(
          Effect.flatMap(Alarms.rearm),
          Effect.provideService(OwClient.OwClient, padded)
        )
        assert.deepStrictEqual(written, ["/7E.00007E810100/EDS0068/alarm/clear"])
      }))

    it.effect("is done by an effect of one's own, which ends the alarm or is done again less and less often", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {}, [door]: {} })
        yield* network.alarm(kitchen, true)
        yield* network.alarm(door, true)
        const done: Array<string> = []
        const { after } = yield* watch(ow, {
          rearm: (device) =>
            Effect.andThen(
              Effect.sync(() => void done.push(device.name)),
              device.name === door ? Effect.orDie(network.alarm(door, false)) : Effect.void
            )
        })
        assert.deepStrictEqual(yield* after("10 minutes"), [
          `0 ${kitchen} raised on bus.0`,
          `0 ${door} raised on bus.0`,
          `2 ${door} cleared, raised 0`
        ])
        assert.strictEqual(done.filter((name) => name === door).length, 1)
        // After 1, 2, 4, 8, 16 and 32 seconds, and then each minute.
        assert.strictEqual(done.filter((name) => name === kitchen).length, 1 + 6 + 8)
      }))

    it.effect("that fails is told, and tried again", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve(latched)
        const written = yield* writes(server, ({ path }) =>
          path === `/${door}/latch.BYTE` ? Fault.Fault.Refuse({ code: -5 }) : undefined)
        yield* network.alarm(door, true)
        yield* network.alarm(relay, true)
        const { after } = yield* watch(ow, { rearm: Alarms.rearm })
        assert.deepStrictEqual(yield* after("5 seconds"), [
          `0 ${door} raised on bus.0`,
          `0 ${relay} raised on bus.0`,
          `0 ${door} not re-armed: OwnetError`,
          `1 ${door} not re-armed: OwnetError`,
          `3 ${door} not re-armed: OwnetError`
        ])
        assert.strictEqual(
          written.filter((path) =>
            path === `/${relay}/latch.BYTE`
          ).length,
          3
        )
      }))

    it.effect("is not tried with a hundred devices where no server answers", () =>
      Effect.gen(function*() {
        const ids = Array.from({ length: 100 }, (_, index) => `29.0000000000${index.toString(16).padStart(2, "0")}`)
        const { network, ow, server } = yield* serve(Object.fromEntries(ids.map((id) => [id, {}])))
        yield* Effect.forEach(ids, (id) => network.alarm(id, true))
        const written = yield* writes(server, ({ type }) =>
          type === MessageType.Write ? Fault.Fault.Close({ at: "before" }) : undefined)
        const { after, events } = yield* watch(ow, { rearm: Alarms.rearm })
        yield* after(0)
        assert.strictEqual(
          events.filter(({ _tag }) =>
            _tag === "Raised"
          ).length,
          100
        )
        assert.strictEqual(events.filter(({ _tag }) => _tag === "RearmFailed").length, 1)
        assert.strictEqual(written.length, 1)
        yield* server.setFaults()
        assert.deepStrictEqual(yield* after("1 minute"), [])
      }))
  })

  describe("whose clock is put back", () => {
    for (const step of ["1 hour", "1 day"] as const) {
      it.effect(`by ${step} remind, re-arm and look for buses as before`, () =>
        Effect.gen(function*() {
          const { network, ow } = yield* serve({ [kitchen]: {} })
          yield* network.alarm(kitchen, true)
          const { clock, putBack } = yield* watched.settable
          let rearmed = 0
          const { after, events } = yield* Effect.provideService(
            watch(ow, {
              every: "10 seconds",
              remindAfter: "2 minutes",
              rearm: () => Effect.sync(() => void rearmed++)
            }),
            Clock.Clock,
            clock
          )
          yield* after("70 seconds")
          const before = rearmed
          assert.isAbove(before, 3)
          yield* putBack(step)
          yield* network.appear(`/bus.1/${door}`)
          yield* network.alarm(door, true)
          yield* after("10 minutes")
          const count = (tag: string, name: string) =>
            events.filter((event) => event._tag === tag && "device" in event && event.device.name === name).length
          assert.strictEqual(count("Reminded", kitchen), 5)
          assert.strictEqual(count("Raised", door), 1)
          // Once a minute each.
          assert.isAtLeast(rearmed - before, 10)
        }))
    }
  })

  describe("searches", () => {
    it.effect("of a storm ask no more than once for each alarm that is raised", () =>
      Effect.gen(function*() {
        const ids = Array.from({ length: 100 }, (_, index) => `29.0000000000${index.toString(16).padStart(2, "0")}`)
        const { network, ow, server } = yield* serve(Object.fromEntries(ids.map((id) => [id, {}])))
        const { events } = yield* watch(ow, { absences: 1 })
        yield* TestClock.adjust(0)
        const before = (yield* server.statistics).requests
        for (let second = 0; second < 60; second++) {
          yield* Effect.forEach(ids, (id) => network.alarm(id, second % 2 === 0))
          yield* TestClock.adjust("1 second")
        }
        assert.strictEqual(events.filter(({ _tag }) => _tag === "Raised").length, 3000)
        assert.strictEqual(events.filter(({ _tag }) => _tag === "Cleared").length, 3000)
        const { requests } = yield* server.statistics
        assert.isAtMost(requests - before, 3000 + 60 + 10)
        // Those that stay in alarm cost nothing more.
        yield* Effect.forEach(ids, (id) => network.alarm(id, true))
        yield* TestClock.adjust("1 second")
        const during = (yield* server.statistics).requests
        yield* TestClock.adjust("1 minute")
        assert.isAtMost((yield* server.statistics).requests - during, 70)
      }))

    it.effect("see a bus that comes later, within five minutes", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        const { after } = yield* watch(ow)
        yield* after("10 seconds")
        yield* network.appear(`/bus.1/${door}`)
        yield* network.alarm(door, true)
        assert.deepStrictEqual(yield* after("10 minutes"), [`300 ${door} raised on bus.1`])
      }))

    it.effect(
      "of each device raise and clear in turn, whatever happens to buses and server",
      () =>
        Effect.gen(function*() {
          const ids = Array.from({ length: 6 }, (_, index) => `29.00000000000${index}`)
          const { network, ow, server } = yield* serve(
            Object.fromEntries(ids.map((id, index) => [`/bus.${index % 2}/${id}`, {}]))
          )
          const { events } = yield* watch(ow)
          const random = Fault.seeded(11, 0.3, [Fault.Fault.Http()])
          const isChosen = (index: number) =>
            random({ index, indexOfType: 0, connection: 0, type: MessageType.Read, path: "" }) !== undefined
          for (let second = 0; second < 1800; second++) {
            yield* Effect.forEach(ids, (id, index) => network.alarm(id, isChosen(10 * Math.floor(second / 5) + index)))
            yield* network.breakBus(1, second % 97 < 20 ? -5 : undefined)
            if (second % 301 === 100) yield* server.stop
            if (second % 301 === 160) yield* server.start
            yield* TestClock.adjust("1 second")
          }
          const raised = new Set<string>()
          for (const event of events) {
            if (event._tag === "Raised") {
              assert.isFalse(raised.has(event.device.id), told(event))
              raised.add(event.device.id)
            }
            if (event._tag === "Cleared") assert.isTrue(raised.delete(event.device.id), told(event))
          }
          for (const [tag, count] of [["Raised", 200], ["BusFailed", 10], ["ServerFailed", 5]] as const) {
            assert.isAtLeast(events.filter(({ _tag }) => _tag === tag).length, count, tag)
          }
          assert.isAtMost(events.filter(({ _tag }) => _tag === "ServerFailed").length, 6)
        }),
      30_000
    )

    it.effect("come when their schedule says, and end with it", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        const { after, fiber } = yield* watch(ow, {
          every: Schedule.spaced("5 seconds").pipe(Schedule.upTo({ times: 2 }))
        })
        yield* after("6 seconds")
        yield* network.alarm(kitchen, true)
        assert.deepStrictEqual(yield* after("1 hour"), [`10 ${kitchen} raised on bus.0`])
        yield* Fiber.join(fiber)
      }))

    it.effect("end with whoever takes the events, and leave nothing behind", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ [kitchen]: {} })
        yield* server.setFaults(() => Fault.Fault.Delay({ duration: "3 seconds" }))
        for (let round = 0; round < 20; round++) {
          const { fiber } = yield* watch(ow)
          yield* TestClock.adjust(`${round + 1} seconds`)
          yield* Fiber.interrupt(fiber)
        }
        yield* server.setFaults()
        yield* TestClock.adjust("2 minutes")
        const { connections, requests } = yield* server.statistics
        assert.strictEqual(connections, 0)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual((yield* server.statistics).requests, requests)
      }))
  })
})
