import { Device, OwClient, RomId } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import * as Arrivals from "@effect-ownet/core/monitor/Arrivals"
import { Fault, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Fiber, Layer, Option, Schedule, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as watched from "../fixtures/watched.ts"
import { secondOf, serve, toldOutage } from "../fixtures/watched.ts"

const kitchen = "28.000028D70100"
const cellar = "28.000028D70200"
const attic = "10.000010EF0000"
const coupler = "1F.00001FE00400"

/** An event in a few words. */
const what = (event: Arrivals.Event): string => {
  switch (event._tag) {
    case "Appeared":
      return `${event.device.name} appeared on ${event.device.bus}`
    case "Vanished":
      return `${event.device.name} vanished, seen ${secondOf(event.lastSeen)}`
    case "Moved":
      return `${event.device.name} moved from ${event.from} to ${event.to}`
    case "Renamed":
      return `${RomId.format(event.device.id)} renamed from ${event.from} to ${event.to}`
    default:
      return toldOutage(event)
  }
}

/** The same, with the seconds since the test began. */
const told = (event: Arrivals.Event): string => `${secondOf(event.at)} ${what(event)}`

const watch = (ow: OwClient.Client, options?: Arrivals.Options) => watched.watch(ow, Arrivals.arrivals(options), told)

/** A client that does not hear some devices when it lists a bus. */
const deaf = (ow: OwClient.Client, isHeard: (path: string) => boolean): OwClient.Client => ({
  ...ow,
  dir: (path, options) => Effect.map(ow.dir(path, options), (paths) => paths.filter(isHeard)),
  with: (options) => deaf(ow.with(options), isHeard)
})

describe("Arrivals", () => {
  describe("devices", () => {
    it.effect("appear, all of the first scan and later ones", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: { alias: "kitchen" }, "/bus.1/10.000010EF0000": {} })
        const { after } = yield* watch(ow)
        assert.deepStrictEqual(yield* after(0), ["0 kitchen appeared on bus.0", `0 ${attic} appeared on bus.1`])
        yield* network.appear(cellar)
        assert.deepStrictEqual(yield* after("59 seconds"), [])
        assert.deepStrictEqual(yield* after("10 minutes"), [`60 ${cellar} appeared on bus.0`])
      }))

    it.effect("can be told by their families, and read", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [kitchen]: { temperature: 21.5 }, [attic]: { temperature: 3 } })
        const temperatures = yield* Arrivals.arrivals().pipe(
          Stream.filter((event) => event._tag === "Appeared"),
          Stream.map(({ device }) => device),
          Stream.take(2),
          Stream.filter(Device.is(Families.DS18B20)),
          Stream.mapEffect((device) => device.read("temperature")),
          Stream.runCollect,
          Effect.provideService(OwClient.OwClient, ow)
        )
        assert.deepStrictEqual(temperatures, [21.5])
      }))

    it.effect("are those of some families, with their types", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: { temperature: 21.5 }, [attic]: { temperature: 3 } })
        const read: Array<string> = []
        yield* Arrivals.arrivals({ families: [Families.DS18B20] }).pipe(
          Stream.runForEach((event) =>
            event._tag === "Appeared"
              ? Effect.map(event.device.read("temperature"), (celsius) => read.push(`${event.device.name} ${celsius}`))
              : Effect.sync(() => read.push(what(event)))
          ),
          Effect.provideService(OwClient.OwClient, ow),
          Effect.forkChild
        )
        yield* TestClock.adjust(0)
        yield* network.appear(cellar)
        yield* network.vanish(attic)
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(read, [`${kitchen} 21.5`, `${cellar} 4.2`])
      }))

    it.effect("vanish when they have been missing often enough, and long enough", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {}, [cellar]: {} })
        const slow = yield* watch(ow)
        const quick = yield* watch(ow, { every: "10 seconds" })
        const impatient = yield* watch(ow, { every: "10 seconds", grace: "1 second", absences: 2 })
        yield* Effect.forEach([slow, quick, impatient], ({ after }) => after("30 seconds"))
        yield* network.vanish(kitchen)
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(yield* slow.after(0), [`240 ${kitchen} vanished, seen 60`])
        assert.deepStrictEqual(yield* quick.after(0), [`210 ${kitchen} vanished, seen 90`])
        assert.deepStrictEqual(yield* impatient.after(0), [`110 ${kitchen} vanished, seen 90`])
      }))

    it.effect("that return in time have never been away, and the count begins anew", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        const { after } = yield* watch(ow)
        yield* after("30 seconds")
        for (let round = 0; round < 3; round++) {
          yield* network.vanish(kitchen)
          assert.deepStrictEqual(yield* after("2 minutes"), [])
          yield* network.appear(kitchen)
          assert.deepStrictEqual(yield* after("1 minute"), [])
        }
        yield* network.vanish(kitchen)
        assert.deepStrictEqual(yield* after("10 minutes"), [`720 ${kitchen} vanished, seen 540`])
        yield* network.appear(kitchen)
        assert.deepStrictEqual(yield* after("1 minute"), [`1200 ${kitchen} appeared on bus.0`])
      }))

    it.effect("that a search misses have not vanished as long as they answer", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {}, [cellar]: {} })
        let isHeard = true
        const { after } = yield* watch(deaf(ow, (path) => isHeard || !path.endsWith(kitchen)))
        yield* after(0)
        isHeard = false
        assert.deepStrictEqual(yield* after("1 hour"), [])
        yield* network.vanish(kitchen)
        assert.deepStrictEqual(yield* after("5 minutes"), [`3780 ${kitchen} vanished, seen 0`])
      }))

    for (const step of ["1 hour", "1 day"] as const) {
      it.effect(`vanish as long afterwards if the clock is put back by ${step}`, () =>
        Effect.gen(function*() {
          const { network, ow } = yield* serve({ [kitchen]: {}, [cellar]: {} })
          const { clock, putBack } = yield* watched.settable
          const { after, events } = yield* Effect.provideService(watch(ow), Clock.Clock, clock)
          yield* after("30 seconds")
          yield* network.vanish(kitchen)
          yield* after("1 minute")
          yield* putBack(step)
          yield* after("90 seconds")
          const gone = () => events.flatMap((event) => event._tag === "Vanished" ? [event.device.name] : [])
          assert.deepStrictEqual(gone(), [kitchen])
          yield* putBack(step)
          yield* network.vanish(cellar)
          yield* after("3 minutes")
          assert.deepStrictEqual(gone(), [kitchen, cellar])
        }))
    }

    it.effect("are renamed when they get an alias, another, or none, and also when two change theirs", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {}, [attic]: { alias: "attic" } })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* network.set(`${kitchen}/alias`, "kitchen")
        assert.deepStrictEqual(yield* after("1 minute"), [`60 ${kitchen} renamed from ${kitchen} to kitchen`])
        yield* ow.write(`/${kitchen}/alias`, "")
        yield* ow.write(`/${attic}/alias`, "kitchen")
        yield* ow.write(`/${kitchen}/alias`, "attic")
        assert.deepStrictEqual(yield* after("10 minutes"), [
          `120 ${attic} renamed from attic to kitchen`,
          `120 ${kitchen} renamed from kitchen to attic`
        ])
        yield* ow.write(`/${attic}/alias`, "")
        assert.deepStrictEqual(yield* after("10 minutes"), [`720 ${attic} renamed from kitchen to ${attic}`])
      }))

    it.effect("move to another bus, behind a coupler, and back", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({
          [kitchen]: { alias: "kitchen" },
          "/bus.1/10.000010EF0000": {},
          [coupler]: {}
        })
        const { after, events } = yield* watch(ow)
        yield* after(0)
        yield* network.appear(`/bus.1/${kitchen}`)
        assert.deepStrictEqual(yield* after("1 minute"), ["60 kitchen moved from bus.0 to bus.1"])
        yield* network.appear(`/${coupler}/aux/${kitchen}`)
        assert.deepStrictEqual(yield* after("1 minute"), [`120 kitchen moved from bus.1 to bus.0/${coupler}/aux`])
        assert.strictEqual(
          events.flatMap((event) => event._tag === "Moved" ? [event.device.path] : []).at(-1),
          `/${coupler}/aux/${kitchen}`
        )
        yield* network.appear(`/bus.0/${kitchen}`)
        yield* network.set(`${kitchen}/alias`, "bath")
        assert.deepStrictEqual(yield* after("10 minutes"), [
          `180 bath moved from bus.0/${coupler}/aux to bus.0`,
          `180 ${kitchen} renamed from kitchen to bath`
        ])
      }))

    it.effect("vanish with the coupler that they are behind", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [`/${coupler}/main/${kitchen}`]: {}, [attic]: {} })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* network.vanish(coupler)
        assert.deepStrictEqual(yield* after("10 minutes"), [
          `180 ${coupler} vanished, seen 0`,
          `180 ${kitchen} vanished, seen 0`
        ])
      }))

    it.effect("behind couplers are left alone where that is wanted", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({ [`/${coupler}/main/${kitchen}`]: {} })
        const { after } = yield* watch(ow, { couplers: false })
        assert.deepStrictEqual(yield* after("1 hour"), [`0 ${coupler} appeared on bus.0`])
      }))
  })

  describe("failures", () => {
    it.effect("of a bus are told once, hide no other bus, and have no device vanish", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {}, "/bus.1/10.000010EF0000": {} })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* network.breakBus(1, -5)
        assert.deepStrictEqual(yield* after("90 seconds"), ["60 bus.1 failed: OwnetError"])
        yield* network.vanish(kitchen)
        yield* network.vanish(attic)
        assert.deepStrictEqual(yield* after("8 hours"), [`240 ${kitchen} vanished, seen 60`])
        yield* network.breakBus(1)
        // Missing since the bus is back.
        assert.deepStrictEqual(yield* after("1 hour"), [
          "28920 bus.1 recovered from 60",
          `29040 ${attic} vanished, seen 0`
        ])
      }))

    it.effect("begin the count of absences anew, and hide what is behind couplers, too", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: {}, [`/bus.1/${coupler}/main/${attic}`]: {} })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* network.vanish(kitchen)
        yield* network.vanish(attic)
        yield* after("2 minutes")
        yield* network.breakBus(1, -5)
        assert.deepStrictEqual(yield* after("10 minutes"), [
          "180 bus.1 failed: OwnetError",
          `180 ${kitchen} vanished, seen 0`
        ])
        yield* network.appear(kitchen)
        yield* after("1 minute")
        yield* network.vanish(kitchen)
        yield* network.breakBus(1)
        assert.deepStrictEqual(yield* after("2 minutes"), ["840 bus.1 recovered from 180"])
        yield* server.stop
        yield* after("1 hour")
        yield* server.start
        assert.deepStrictEqual(yield* after("10 minutes"), [
          "4560 server recovered from 960",
          `4680 ${attic} vanished, seen 0`,
          `4680 ${kitchen} vanished, seen 780`
        ])
      }))

    it.effect("of the only bus are its own, and not the server's", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* network.breakBus(0, -5)
        assert.deepStrictEqual(yield* after("1 hour"), ["60 bus.0 failed: OwnetError"])
        yield* network.breakBus(0)
        assert.deepStrictEqual(yield* after("1 hour"), ["3660 bus.0 recovered from 60"])
      }))

    it.effect("of a branch are told like those of a bus", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ [`/${coupler}/main/${kitchen}`]: {}, [attic]: {} })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* server.setFaults(({ path }) => path.endsWith("/main") ? Fault.Fault.Refuse({ code: -5 }) : undefined)
        assert.deepStrictEqual(yield* after("1 hour"), [`60 bus.0/${coupler}/main failed: OwnetError`])
        yield* server.setFaults()
        assert.deepStrictEqual(yield* after("1 hour"), [`3660 bus.0/${coupler}/main recovered from 60`])
      }))

    it.effect("of the server are told once, and have no device vanish", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: {}, "/bus.1/10.000010EF0000": {} })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* server.stop
        yield* network.vanish(kitchen)
        assert.deepStrictEqual(yield* after("1 hour"), ["60 server failed: ConnError"])
        yield* server.start
        assert.deepStrictEqual(yield* after("1 hour"), [
          "3660 server recovered from 60",
          `3780 ${kitchen} vanished, seen 0`
        ])
      }))

    it.effect("of the server in the midst of a scan are not those of its buses", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ [kitchen]: {}, "/bus.1/10.000010EF0000": {} })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* server.setFaults(({ path }) =>
          path.startsWith("/bus.") ? Fault.Fault.Close({ at: "before" }) : undefined
        )
        assert.deepStrictEqual(yield* after("1 hour"), ["60 server failed: ConnError"])
        yield* server.setFaults()
        assert.deepStrictEqual(yield* after("1 hour"), ["3660 server recovered from 60"])
      }))

    it.effect("to ask a missing device by itself leave it where it is, until it is asked again", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: {}, [cellar]: {}, [attic]: {} })
        const { after } = yield* watch(ow)
        yield* after(0)
        yield* Effect.forEach([kitchen, cellar], network.vanish)
        yield* server.setFaults(({ path }) =>
          path === `/${kitchen}/present` ? Fault.Fault.Refuse({ code: -5 }) : undefined
        )
        assert.deepStrictEqual(yield* after("10 minutes"), [`180 ${cellar} vanished, seen 0`])
        let asked = 0
        yield* server.setFaults(({ path }) => {
          if (!path.endsWith("/present")) return undefined
          asked++
          return Fault.Fault.Close({ at: "before" })
        })
        yield* network.vanish(attic)
        assert.deepStrictEqual(yield* after("10 minutes"), [])
        // Three connections for one device in each scan: the other is due as well, and would not be answered either. A search of
        // one bus opens no second connection, so that no attempt meets one that is still open.
        assert.strictEqual(asked, 30)
        yield* server.setFaults()
        assert.deepStrictEqual(yield* after("1 minute"), [
          `1260 ${attic} vanished, seen 600`,
          `1260 ${kitchen} vanished, seen 0`
        ])
      }))

    it.effect("are found out by the user's own flags, time-out and retries, past the cache", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        const asked: Array<
          readonly [path: string, call: OwClient.CallOptions, options: OwClient.CallOptions | undefined]
        > = []
        const overheard = (ow: OwClient.Client, call: OwClient.CallOptions): OwClient.Client => ({
          ...ow,
          readText: (path, options) => {
            if (path.endsWith("/present")) asked.push([path, call, options])
            return ow.readText(path, options)
          },
          with: (options) => overheard(ow.with(options), { ...call, ...options })
        })
        const flags = { temperatureScale: "F" } as const
        const { after } = yield* watch(overheard(ow, {}), { timeout: "7 seconds", flags })
        yield* after(0)
        yield* network.vanish(kitchen)
        yield* after("10 minutes")
        assert.strictEqual(asked.length, 1)
        const [path, call, options] = asked[0]
        assert.strictEqual(path, `/${kitchen}/present`)
        assert.deepStrictEqual([call.timeout, call.flags], ["7 seconds", flags])
        assert.deepStrictEqual(options, { flags: { uncached: true }, retry: false })
      }))

    it.effect("to ask a missing device within the user's time-out are none of the others'", () =>
      Effect.gen(function*() {
        const { network, ow, server } = yield* serve({ [kitchen]: {}, [cellar]: {} })
        const { after } = yield* watch(ow, { timeout: "7 seconds" })
        yield* after(0)
        yield* network.vanish(kitchen)
        yield* network.vanish(cellar)
        yield* server.setFaults(({ path }) =>
          path === `/${kitchen}/present` ? Fault.Fault.Delay({ duration: "25 seconds" }) : undefined
        )
        // Nobody waits for longer than 7 seconds for the one before the other is asked.
        assert.deepStrictEqual(yield* after("190 seconds"), [`180 ${cellar} vanished, seen 0`])
      }))

    it.effect("of the very first scan are the stream's, so that it can be tried again", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ [kitchen]: {} })
        yield* server.stop
        const once = Arrivals.arrivals().pipe(Stream.provideService(OwClient.OwClient, ow))
        const error = yield* Effect.flip(Stream.runDrain(once))
        assert.strictEqual(error._tag, "ConnError")
        assert.isTrue(error.isRetryable)
        const events: Array<string> = []
        yield* once.pipe(
          Stream.retry(Schedule.spaced("10 seconds")),
          Stream.runForEach((event) => Effect.sync(() => void events.push(told(event)))),
          Effect.forkChild
        )
        yield* TestClock.adjust("1 minute")
        yield* server.start
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(events, [`70 ${kitchen} appeared on bus.0`])
      }))

    it.effect("of a client that is closed end the stream", () =>
      Effect.gen(function*() {
        const scope = yield* Scope.make()
        const context = yield* Layer.buildWithScope(TestOwClient.layer({ [kitchen]: {} }), scope)
        const { after, fiber } = yield* watch(Context.get(context, OwClient.OwClient))
        yield* after(0)
        yield* Scope.close(scope, Exit.void)
        yield* after("1 minute")
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert.strictEqual(error._tag === "ConnError" ? error.reason._tag : error._tag, "ClientClosed")
      }))

    it.effect("in what is asked for are told before anything is sent", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({})
        const { requests } = yield* server.statistics
        const refused: ReadonlyArray<Arrivals.Options> = [
          { absences: 0 },
          { absences: 1.5 },
          { grace: 0 },
          { every: "0 seconds" },
          { timeout: 0 },
          { flags: { uncashed: true } as object }
        ]
        const messages = yield* Effect.forEach(refused, (options) =>
          Arrivals.arrivals(options).pipe(
            Stream.runDrain,
            Effect.provideService(OwClient.OwClient, ow),
            Effect.flip,
            Effect.map(({ message }) => message)
          ))
        assert.deepStrictEqual(messages, [
          "Arrivals.arrivals: absences must be a whole number of at least 1, not 0; nothing was sent",
          "Arrivals.arrivals: absences must be a whole number of at least 1, not 1.5; nothing was sent",
          "Arrivals.arrivals: grace must be a duration above zero, not 0; nothing was sent",
          "Arrivals.arrivals: every must be a duration above zero, not 0 seconds; nothing was sent",
          "Arrivals.arrivals: timeout must be a duration above zero, not 0; nothing was sent",
          "Arrivals.arrivals: flags has no \"uncashed\"; the flags are temperatureScale, pressureScale, deviceFormat, busReturn, persistence, " +
          "alias, safemode, uncached, trim, ownet, other; nothing was sent"
        ])
        assert.strictEqual((yield* server.statistics).requests, requests)
      }))
  })

  describe("scans", () => {
    it.effect("come when their schedule says, and end with it", () =>
      Effect.gen(function*() {
        const { network, ow } = yield* serve({ [kitchen]: {} })
        const { after, fiber } = yield* watch(ow, {
          every: Schedule.spaced("5 seconds").pipe(Schedule.upTo({ times: 2 }))
        })
        yield* after("6 seconds")
        yield* network.appear(cellar)
        assert.deepStrictEqual(yield* after("1 hour"), [`10 ${cellar} appeared on bus.0`])
        yield* Fiber.join(fiber)
      }))

    it.effect("never overlap, however long they take", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ [kitchen]: {}, "/bus.1/10.000010EF0000": {} })
        const asked: Array<string> = []
        yield* server.setFaults(({ path, type }) => {
          if (Fault.isOwn(type, path)) return undefined
          asked.push(path)
          return Fault.Fault.Delay({ duration: "90 seconds" })
        })
        yield* watch(ow)
        yield* TestClock.adjust("1 hour")
        // Three minutes each, one after the other.
        const count = "/system/connections/count_current_buses"
        assert.strictEqual(asked.filter((path) => path === count).length, 21)
        for (let i = 0; i + 3 < asked.length; i += 4) {
          assert.deepStrictEqual(asked.slice(i, i + 4).toSorted(), ["/bus.0", "/bus.1", "/settings/alias/list", count])
        }
      }))

    it.effect("wait for whoever takes the events, and end with him", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ [kitchen]: {}, [cellar]: {} })
        const requests = Effect.map(server.statistics, ({ requests }) => requests)
        const fiber = yield* Arrivals.arrivals({ every: "1 second" }).pipe(
          Stream.runForEach(() => Effect.sleep("10 minutes")),
          Effect.provideService(OwClient.OwClient, ow),
          Effect.forkChild
        )
        yield* TestClock.adjust("1 second")
        const one = yield* requests
        yield* TestClock.adjust("19 minutes")
        assert.strictEqual(yield* requests, one)
        yield* TestClock.adjust("2 minutes")
        const some = yield* requests
        assert.isAbove(some, one + 50)
        yield* Fiber.interrupt(fiber)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(yield* requests, some)
        assert.strictEqual((yield* server.statistics).connections, 0)
      }))

    it.effect("that are interrupted leave nothing behind", () =>
      Effect.gen(function*() {
        const { ow, server } = yield* serve({ [kitchen]: {} })
        yield* server.setFaults(() => Fault.Fault.Delay({ duration: "10 seconds" }))
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

  describe("a day of drop-outs", () => {
    for (const seed of process.env["FUZZ_CASES"] === undefined ? [1] : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      it.effect(
        `has each device appear and vanish in turn, and only those that are gone (seed ${seed})`,
        () => day(seed),
        60_000
      )
    }
  })
})

/** Numbers from 0 to below 1 that seem to be chance. */
const chance = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Twelve devices on two buses and behind a coupler, to which all sorts of things happen. */
const day = Effect.fnUntraced(function*(seed: number) {
  const random = chance(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const places = ["/bus.0", "/bus.1", `/bus.0/${coupler}/main`]
  const ids = Array.from({ length: 12 }, (_, index) => `28.0000${index.toString(16).padStart(8, "0").toUpperCase()}`)
  const at = new Map(ids.map((id, index) => [id, places[index % places.length]]))
  // Those of the second half are away for short times only.
  const isSteady = (id: string) => ids.indexOf(id) >= 6
  const { network, ow, server } = yield* serve({
    [`/bus.0/${coupler}`]: {},
    ...Object.fromEntries([...at].map(([id, place]) => [`${place}/${id}`, {}]))
  })
  const away = new Map<string, number>()
  const back = new Map<string, number>()
  const known = new Set<string>()
  const failing = new Set<string>()
  const counts: Record<string, number> = {}
  const wrong: Array<string> = []
  const check = (event: Arrivals.Event): boolean => {
    switch (event._tag) {
      case "Appeared":
        return !known.has(event.device.id) && known.add(event.device.id).size > 0
      case "Vanished": {
        const name = RomId.format(event.device.id)
        return known.delete(event.device.id) && away.has(name) && !isSteady(name)
      }
      case "Moved":
      case "Renamed":
        return known.has(event.device.id) && event.from !== event.to
      case "BusFailed":
        return !failing.has(event.bus) && failing.add(event.bus).size > 0
      case "BusRecovered":
        return failing.delete(event.bus)
      case "ServerFailed":
        return !failing.has("server") && failing.add("server").size > 0
      case "ServerRecovered":
        return failing.delete("server")
    }
  }
  yield* Arrivals.arrivals().pipe(
    Stream.runForEach((event) =>
      Effect.sync(() => {
        counts[event._tag] = (counts[event._tag] ?? 0) + 1
        if (!check(event)) wrong.push(told(event))
      })
    ),
    Effect.provideService(OwClient.OwClient, ow),
    Effect.forkChild
  )
  let brokenUntil = 0
  let stoppedUntil = 0
  const end = 24 * 60
  for (let minute = 1; minute <= end + 10; minute++) {
    yield* TestClock.adjust("1 minute")
    const isOver = minute > end
    for (const [id, until] of away) {
      if (minute < until && !isOver) continue
      away.delete(id)
      back.set(id, minute)
      yield* network.appear(`${at.get(id)}/${id}`)
    }
    if (brokenUntil > 0 && (minute >= brokenUntil || isOver)) {
      brokenUntil = 0
      yield* network.breakBus(1)
    }
    if (stoppedUntil > 0 && (minute >= stoppedUntil || isOver)) {
      stoppedUntil = 0
      yield* server.start
    }
    if (isOver) continue
    const id = ids[below(ids.length)]
    const what = random()
    if (what < 0.2 && !away.has(id) && minute - (back.get(id) ?? 0) > 3) {
      away.set(id, minute + 1 + below(isSteady(id) ? 2 : 20))
      yield* network.vanish(id)
    } else if (what < 0.25 && !away.has(id) && brokenUntil + stoppedUntil === 0) {
      // Who has moved to a bus that fails is nowhere to be found.
      at.set(id, places[below(places.length)])
      yield* network.appear(`${at.get(id)}/${id}`)
    } else if (what < 0.3) yield* network.set(`${id}/alias`, `name ${minute}`)
    else if (what < 0.31 && brokenUntil === 0) {
      brokenUntil = minute + 1 + below(90)
      yield* network.breakBus(1, -5)
    } else if (what < 0.32 && stoppedUntil === 0) {
      stoppedUntil = minute + 1 + below(90)
      yield* server.stop
    }
  }
  assert.deepStrictEqual(wrong, [])
  assert.deepStrictEqual(
    [...known].toSorted(),
    [coupler, ...ids].map((id) => RomId.fromString(id).pipe(Option.getOrThrow)).toSorted()
  )
  assert.strictEqual(failing.size, 0)
  for (const tag of ["Appeared", "Vanished", "Moved", "Renamed", "BusFailed", "ServerFailed"]) {
    assert.isAbove(counts[tag] ?? 0, 2, tag)
  }
})
