/**
 * Monitoring of a server, real or simulated: devices that come and go, and alarms. The real one's simulated devices never leave
 * and are never in alarm, so the events here come from names and servers.
 */
import { Device, OwClient } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import * as Alarms from "@effect-ownet/core/monitor/Alarms"
import * as Arrivals from "@effect-ownet/core/monitor/Arrivals"
import { NodeOwClient } from "@effect-ownet/node"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber, Schedule, Stream } from "effect"
import { eventually, leavesNothing } from "./fixtures/census.ts"
import * as owserver from "./fixtures/owserver.ts"

const kitchen = "28.000028D70000"
const attic = "10.000010EF0100"
const coupler = "1F.00001FE00200"
const counter = "1D.00001DE20200"

/** The output of a stream so far, each event in a few words. */
const watch = Effect.fnUntraced(function*<E, R>(
  events: Stream.Stream<Arrivals.Event | Alarms.Event, E, R>,
  ow: OwClient.Client
) {
  const said: Array<string> = []
  const fiber = yield* events.pipe(
    Stream.runForEach((event) =>
      Effect.sync(() => {
        const what = event._tag === "BusFailed" || event._tag === "BusRecovered"
          ? event.bus
          : "device" in event
          ? event.device.name
          : "server"
        said.push(`${event._tag} ${what}`)
      })
    ),
    Effect.provideService(OwClient.OwClient, ow),
    Effect.forkChild
  )
  return { fiber, said }
})

/** Counts alarm searches, one every 20 milliseconds. If the server disappears before the first search ends, the stream ends. */
const searches = () => {
  let searched = 0
  const every = Schedule.tap(Schedule.spaced("20 millis"), () => Effect.sync(() => void searched++))
  return { every, searched: () => searched }
}

for (const backend of owserver.everyBackend) {
  backend.describe(backend.name, () => {
    const serve = owserver.serveBy(backend)
    // The kernel does not show the devices behind a coupler.
    const [args, third, branches] = backend === owserver.kernel
      ? [["--tester=28,10,1D"], counter, []]
      : [["--tester=28,10,1F"], coupler, [`/${coupler}/main`, `/bus.0/${coupler}/aux`]]

    it.live("has its devices appear, once each", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(args)
        // All of them are also behind this coupler, in both of its branches.
        const events = yield* Arrivals.arrivals({ every: "1 milli" }).pipe(
          Stream.interruptWhen(Effect.sleep("200 millis")),
          Stream.runCollect,
          Effect.provideService(OwClient.OwClient, ow)
        )
        const devices = events.flatMap((event) => event._tag === "Appeared" ? [event.device] : [])
        assert.strictEqual(events.length, 3)
        assert.sameMembers(devices.map(({ name }) => name), [kitchen, attic, third])
        assert.deepStrictEqual(
          devices.map(({ bus, path }) => `/${bus}${path}`),
          devices.map(({ name }) => `/bus.0/${name}`)
        )
        const temperatures = yield* Effect.forEach(
          devices.filter(Device.is(Families.DS18B20)),
          (device) => device.read("temperature")
        )
        assert.deepStrictEqual(temperatures, [4])
      }))

    it.live("is left alone, and nothing is left behind, when the streams are interrupted", () =>
      Effect.gen(function*() {
        const { host, port } = yield* backend.start(args)
        const layer = NodeOwClient.layer({ host, port })
        yield* leavesNothing(Effect.gen(function*() {
          const ow = yield* owserver.client(layer)
          for (let round = 0; round < 50; round++) {
            const { fiber } = yield* watch(
              Stream.merge(Arrivals.arrivals({ every: "1 milli" }), Alarms.alarms({ every: "1 milli" })),
              ow
            )
            yield* Effect.sleep(`${round % 10} millis`)
            yield* Fiber.interrupt(fiber)
          }
        }))
      }))

    it.live("renames those that get other aliases", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(args)
        const { said } = yield* watch(Arrivals.arrivals({ every: "10 millis" }), ow)
        yield* eventually(() => said.length === 3)
        yield* ow.write(`/${kitchen}/alias`, "kitchen")
        yield* eventually(() => said.length === 4)
        yield* ow.write(`/${kitchen}/alias`, "bath")
        yield* eventually(() => said.length === 5)
        assert.deepStrictEqual(said.slice(3), ["Renamed kitchen", "Renamed bath"])
      }))

    it.live("is told to fail and to recover once, and has no device vanish by that", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(args)
        const { host, port } = server
        const ow = yield* owserver.client(NodeOwClient.layer({ host, port }))
        const arrivals = yield* watch(
          Arrivals.arrivals({ every: "20 millis", absences: 1, grace: "1 milli", couplers: false }),
          ow
        )
        const { every, searched } = searches()
        const alarms = yield* watch(Alarms.alarms({ every }), ow)
        yield* eventually(() => arrivals.said.length === 3 && searched() > 0)
        yield* server.kill
        yield* eventually(() => arrivals.said.length === 4 && alarms.said.length === 1)
        yield* Effect.sleep("200 millis")
        yield* backend.start(args, port)
        yield* eventually(() => arrivals.said.length === 5 && alarms.said.length === 2)
        yield* Effect.sleep("200 millis")
        assert.deepStrictEqual(arrivals.said.slice(3), ["ServerFailed server", "ServerRecovered server"])
        assert.deepStrictEqual(alarms.said, ["ServerFailed server", "ServerRecovered server"])
      }))

    it.live("is searched for alarms, all of it or where it is said", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve(args)
        for (const places of [undefined, ["/bus.0", ...branches]]) {
          const { said } = yield* watch(Alarms.alarms({ every: "5 millis", places }), ow)
          yield* Effect.sleep("200 millis")
          assert.deepStrictEqual(said, [])
        }
        const { said } = yield* watch(Alarms.alarms({ places: ["/bus.7"] }), ow)
        yield* eventually(() => said.length === 1)
        assert.deepStrictEqual(said, ["BusFailed bus.7"])
      }))
  })
}

owserver.describe("a server in front of another", () => {
  it.live("tells the failure of that one as the failure of a bus, and has none of its devices vanish", () =>
    Effect.gen(function*() {
      const behind = yield* owserver.start(["--tester=28"])
      const { host, port } = yield* owserver.start([`--server=127.0.0.1:${behind.port}`, "--tester=10"])
      const ow = yield* owserver.client(NodeOwClient.layer({ host, port }))
      const arrivals = yield* watch(Arrivals.arrivals({ every: "20 millis", absences: 1, grace: "1 milli" }), ow)
      const { every, searched } = searches()
      const alarms = yield* watch(Alarms.alarms({ every }), ow)
      yield* eventually(() => arrivals.said.length === 2 && searched() > 0)
      assert.sameMembers(arrivals.said, [`Appeared ${kitchen}`, "Appeared 10.000010EF0000"])
      yield* behind.kill
      yield* eventually(() => arrivals.said.includes("BusFailed bus.0") && alarms.said.length === 1)
      yield* Effect.sleep("500 millis")
      yield* owserver.start(["--tester=28"], behind.port)
      yield* eventually(() => arrivals.said.includes("BusRecovered bus.0") && alarms.said.length === 2)
      // That server may disappear between the listing of its buses and that of one bus, which is then reported first.
      const told = arrivals.said.slice(2).filter((event) => !event.endsWith(" bus.0/bus.0"))
      assert.deepStrictEqual(told, ["BusFailed bus.0", "BusRecovered bus.0"])
      assert.include([4, 6], arrivals.said.length)
      assert.deepStrictEqual(alarms.said, ["BusFailed bus.0", "BusRecovered bus.0"])
    }))
})
