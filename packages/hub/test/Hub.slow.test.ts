import { Network } from "@effect-ownet/core"
import { SimulatedNetwork, TestNetwork } from "@effect-ownet/core/testing"
import { Api, type Hub, Places } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Layer, Queue, Schema, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { full, house, network as networkOf, notebook, start } from "./fixtures/houses.ts"

const kitchen = "28.000028D70100"
const attic = "28.000028D70200"
const relay = "12.000012AF0100"

const rooms = { [kitchen]: { temperature: 20, alias: "kitchen" }, [attic]: { temperature: 10, alias: "attic" } }

/** Without its jitter, a round comes each ten seconds; the test's clock lets time pass as clocks do. */
const pass = TestClock.adjust

const placeOf = ({ places }: Api.State, title: string): Api.PlaceState => {
  const place = places.find((place) => place.title === title)
  assert.isDefined(place)
  return place
}

const property = (state: Api.State, title: string, name = "temperature"): Api.Property => {
  const property = placeOf(state, title).properties.find((property) => property.name === name)
  assert.isDefined(property)
  return property
}

/** Rows without their times. */
const valuesOf = (rows: ReadonlyArray<string>): ReadonlyArray<string> => rows.map((row) => row.replace(/^\d+ /, ""))

/** The messages of a hub, as they come. */
const listen = Effect.fnUntraced(function*(hub: Hub.Hub["Service"]) {
  const messages: Array<Api.Live> = []
  yield* Effect.forkScoped(Stream.runForEach(hub.live, (message) => Effect.sync(() => void messages.push(message))))
  yield* pass("1 millis")
  return {
    messages,
    /** What has come in some time. */
    after: (duration: Parameters<typeof pass>[0]) =>
      Effect.map(Effect.andThen(Effect.sync(() => messages.splice(0)), pass(duration)), () => messages.splice(0))
  }
})

describe("Hub", () => {
  describe("history", () => {
    it.effect("keeps what changes, what merely stays, and where measuring stopped", () =>
      Effect.gen(function*() {
        const { book, network, stop } = yield* house(rooms)
        yield* pass("15 seconds")
        yield* network.set(`${kitchen}/temperature`, 21)
        yield* pass("12 minutes")
        yield* network.set(`${kitchen}/temperature`, SimulatedNetwork.refuse(-5))
        yield* pass("1 minute")
        yield* network.set(`${kitchen}/temperature`, 22)
        yield* pass("2 minutes")
        yield* stop
        const values = valuesOf(yield* book.rowsOf("temperature", kitchen))
        assert.deepStrictEqual(values, ["20", "21", "21", "-", "22"])
        assert.deepStrictEqual(
          valuesOf(yield* book.rowsOf("temperature", attic)),
          ["10", "10"]
        )
        assert.deepStrictEqual(book.kinds(), ["Started", "Appeared", "Appeared", "Failed", "Restored", "Stopped"])
      }))

    it.effect("keeps nothing twice after a restart, and says where it was off", () =>
      Effect.gen(function*() {
        const first = yield* house(rooms)
        yield* pass("1 minute")
        yield* first.stop
        yield* pass("1 hour")
        const second = yield* start(first.book, first.context)
        yield* pass("1 minute")
        yield* second.stop
        const rows = yield* first.book.rowsOf("temperature", kitchen)
        assert.deepStrictEqual(rows, ["0 20", "60 -", "3660 20"])
        assert.deepStrictEqual(first.book.told().slice(3), [
          "Stopped: The hub has stopped",
          "Started: The hub has started, after it was off for 60 minutes",
          "Stopped: The hub has stopped"
        ])
      }))

    it.effect("loses no more than was not flushed if it is killed", () =>
      Effect.gen(function*() {
        const { book, context, network } = yield* house(rooms)
        yield* pass("90 seconds")
        yield* network.set(`${kitchen}/temperature`, 25)
        yield* pass("20 seconds")
        // Nothing that it says from now on is heard.
        yield* book.kill
        yield* pass("10 minutes")
        const second = yield* start(book, context)
        yield* pass("1 minute")
        yield* second.stop
        assert.deepStrictEqual(yield* book.rowsOf("temperature", kitchen), ["0 20", "60 -", "710 25"])
        assert.include(book.kinds().slice(3), "Stopped")
      }))

    it.effect("is told up to now, however seldom it is written, and while it cannot be", () =>
      Effect.gen(function*() {
        const { book, network, server } = yield* house(rooms, { flush: "10 minutes" })
        const told = Effect.gen(function*() {
          const now = (yield* Clock.currentTimeMillis) / 1000
          const of = [{ place: kitchen, property: "temperature" }]
          const [buckets] = yield* book.memory.buckets({ of, edges: [now - 60, now - 30, now], now })
          const rows = yield* Stream.runCollect(book.memory.rows({ ...of[0]!, from: 0, to: now + 1 }))
          const events = yield* book.memory.events({ from: 0, to: now + 1, limit: 100 })
          return {
            mean: buckets!.mean,
            values: rows.map(({ value }) => value),
            kinds: events.map(({ kind }) => kind).toReversed(),
            written: book.rows.length
          }
        })
        yield* pass("65 seconds")
        const found = ["Started", "Appeared", "Appeared"]
        assert.deepStrictEqual(yield* told, { mean: [20, 20], values: [20], kinds: found, written: 0 })
        yield* book.fail(full)
        yield* network.set(`${kitchen}/temperature`, 25)
        yield* pass("15 minutes")
        assert.deepStrictEqual(yield* told, {
          mean: [25, 25],
          values: [20, 25, 25],
          kinds: [...found, "HistoryFailed"],
          written: 0
        })
        yield* server.stop
        yield* pass("2 minutes")
        assert.deepStrictEqual((yield* told).mean, [undefined, undefined])
        const before = yield* told
        yield* book.fail(undefined)
        yield* pass("10 minutes")
        const after = yield* told
        assert.deepStrictEqual(after.values, before.values)
        assert.deepStrictEqual(after.kinds, [...before.kinds, "HistoryRecovered"])
        assert.isAbove(after.written, 0)
      }))

    it.effect("marks what cannot be, and keeps it", () =>
      Effect.gen(function*() {
        const { after, book, network, stop } = yield* house(rooms)
        yield* pass("15 seconds")
        yield* network.set(`${kitchen}/temperature`, 85)
        const state = yield* after("1 minute")
        assert.deepInclude(property(state, "kitchen").reading, { value: 85, verdict: "PowerOn" })
        yield* stop
        assert.strictEqual(valuesOf(yield* book.rowsOf("temperature", kitchen)).at(-1), "85 PowerOn")
      }))

    it.effect("goes on while the history is full, and writes all once it is not", () =>
      Effect.gen(function*() {
        const { after, book, hub, network } = yield* house(rooms)
        yield* pass("1 minute")
        yield* book.fail(full)
        yield* network.set(`${kitchen}/temperature`, 21)
        yield* pass("2 minutes")
        yield* network.set(`${kitchen}/temperature`, 22)
        const failing = yield* after("20 minutes")
        assert.include(failing.historyFailing?.message, "no space left")
        assert.strictEqual(property(failing, "kitchen").reading?.value, 22)
        assert.strictEqual((yield* book.rowsOf("temperature", kitchen)).length, 1)
        yield* book.fail(undefined)
        yield* pass("2 minutes")
        assert.isUndefined((yield* hub.state).historyFailing)
        const values = valuesOf(yield* book.rowsOf("temperature", kitchen))
        assert.deepStrictEqual(values, ["20", "21", "22", "22", "22"])
        const told = book.told().filter((line) => line.startsWith("History"))
        assert.strictEqual(told.length, 2)
        assert.include(told[0], "no space left on device")
        assert.include(told[1], "nothing was lost")
      }))

    it.effect("drops the oldest values if too many wait, and leaves a gap there", () =>
      Effect.gen(function*() {
        const { book, network } = yield* house({ [kitchen]: { temperature: 20 } }, { buffer: 10, every: "1 second" })
        yield* pass("65 seconds")
        yield* book.fail(full)
        for (let value = 0; value < 30; value++) {
          yield* network.set(`${kitchen}/temperature`, value)
          yield* pass("2 seconds")
        }
        yield* book.fail(undefined)
        yield* pass("2 minutes")
        const values = valuesOf(yield* book.rowsOf("temperature"))
        assert.deepStrictEqual(values.slice(0, 2), ["20", "-"])
        assert.strictEqual(values.at(-1), "29")
        assert.isBelow(values.length, 14)
        const times = book.rows.map(({ at }) => at)
        assert.deepStrictEqual(times, times.toSorted((a, b) => a - b))
        assert.match(book.told().find((line) => line.startsWith("HistoryRecovered")) ?? "", /; \d+ values were lost$/)
      }))

    it.effect("ends though the history does not answer", () =>
      Effect.gen(function*() {
        const { book, stop } = yield* house(rooms)
        yield* pass("15 seconds")
        yield* book.fail("silent")
        const fiber = yield* Effect.forkScoped(stop)
        yield* pass("10 seconds")
        assert.isDefined(fiber.pollUnsafe())
      }))

    it.effect("does not begin with a history that cannot be read", () =>
      Effect.gen(function*() {
        const book = yield* notebook
        yield* book.fail(full)
        const context = yield* networkOf(rooms)
        const error = yield* Effect.flip(start(book, context))
        assert.strictEqual(error, full)
      }))

    it.effect("refuses options that make no sense", () =>
      Effect.gen(function*() {
        const context = yield* networkOf(rooms)
        for (
          const options of [{ every: 0 }, { flush: "Infinity" }, { keep: -1 }, { buffer: 0 }] as ReadonlyArray<
            Hub.Options
          >
        ) {
          const error = yield* Effect.flip(start(yield* notebook, context, options))
          assert.strictEqual(error._tag, "ArgumentError")
        }
      }))
  })

  describe("places", () => {
    it.effect("stay when their device vanishes, with what was last known", () =>
      Effect.gen(function*() {
        const { after, book, network } = yield* house(rooms)
        yield* pass("1 minute")
        yield* network.vanish(kitchen)
        const gone = yield* after("10 minutes")
        assert.isNumber(placeOf(gone, "kitchen").goneSince)
        assert.strictEqual(property(gone, "kitchen").reading?.value, 20)
        assert.isUndefined(property(gone, "kitchen").failing)
        yield* network.appear(kitchen, { temperature: 23, alias: "kitchen" })
        const back = yield* after("3 minutes")
        assert.isUndefined(placeOf(back, "kitchen").goneSince)
        assert.strictEqual(property(back, "kitchen").reading?.value, 23)
        assert.deepStrictEqual(book.told().filter((line) => /gone|back/.test(line)), [
          "Vanished: kitchen is gone",
          "Appeared: kitchen is back on bus.0 of pi"
        ])
        assert.deepStrictEqual(
          valuesOf(yield* book.rowsOf("temperature", kitchen)),
          ["20", "-", "23"]
        )
      }))

    it.effect("are there after a restart, with their last values and their age, whatever is there", () =>
      Effect.gen(function*() {
        const first = yield* house({ ...rooms, [relay]: { "PIO.A": true } })
        yield* pass("1 minute")
        yield* first.hub.edit(kitchen, { name: "Küche", group: "House", limits: { temperature: { above: 30 } } })
        yield* first.stop
        yield* first.network.vanish(kitchen)
        yield* first.network.vanish(relay)
        yield* pass("1 day")
        const second = yield* start(first.book, first.context)
        yield* pass("1 minute")
        const state = yield* second.hub.state
        const place = placeOf(state, "Küche")
        assert.deepInclude(place, {
          key: kitchen,
          group: "House",
          limits: { temperature: { above: 30 } },
          goneSince: 60
        })
        assert.deepStrictEqual(property(state, "Küche"), {
          name: "temperature",
          unit: "°C",
          reading: { value: 20, at: 0 },
          isKept: true,
          isWritable: false
        })
        assert.strictEqual(property(state, relay, "PIO.A").reading?.value, true)
        assert.isUndefined(placeOf(state, "attic").goneSince)
        assert.deepStrictEqual(state.places.map(({ title }) => title), ["Küche", "attic", relay])
      }))

    it.effect("keep their name and history when a sensor is replaced", () =>
      Effect.gen(function*() {
        const { after, book, hub, network } = yield* house({ [kitchen]: { temperature: 20 } })
        yield* pass("1 minute")
        yield* hub.edit(kitchen, { name: "freezer" })
        yield* network.vanish(kitchen)
        yield* network.appear(attic, { temperature: -18 })
        const both = yield* after("10 minutes")
        assert.deepStrictEqual(both.places.map(({ title }) => title).toSorted(), [attic, "freezer"])
        const { after: said } = yield* listen(hub)
        const place = yield* hub.fill(kitchen, attic)
        assert.deepInclude(place, { key: kitchen, device: attic, name: "freezer" })
        const [message] = yield* said("1 second")
        assert.strictEqual(message?._tag, "Change")
        assert.deepStrictEqual(message._tag === "Change" && message.removed, [attic])
        const state = yield* after("1 minute")
        assert.deepStrictEqual(state.places.map(({ title }) => title), ["freezer"])
        assert.strictEqual(property(state, "freezer").reading?.value, -18)
        assert.isUndefined(placeOf(state, "freezer").goneSince)
        assert.deepStrictEqual((yield* book.memory.series).map(({ place }) => place), [kitchen, kitchen])
        // The old one is plugged in again: there is no place for it.
        yield* network.appear(kitchen, { temperature: 5 })
        const later = yield* after("5 minutes")
        assert.deepStrictEqual(later.places.map(({ title }) => title), ["freezer"])
        assert.notInclude(valuesOf(yield* book.rowsOf("temperature", kitchen)), "5")
        assert.isUndefined(yield* hub.fill(kitchen, "28.0000000000FF"))
        assert.isUndefined(yield* hub.fill(kitchen, "nonsense"))
        assert.isUndefined(yield* hub.fill("nowhere", attic))
        // A mistake is undone: both have what they had.
        assert.deepInclude(yield* hub.fill(attic, attic), { key: attic, device: attic })
        const undone = yield* after("1 minute")
        assert.strictEqual(property(undone, "freezer").reading?.value, 5)
        assert.strictEqual(property(undone, attic).reading?.value, -18)
        assert.deepStrictEqual((yield* book.memory.series).map(({ place }) => place), [kitchen, attic])
      }))

    it.effect("are edited bit by bit, or not at all if that cannot be kept", () =>
      Effect.gen(function*() {
        const { book, hub } = yield* house(rooms)
        yield* pass("1 minute")
        yield* hub.edit(kitchen, { name: "room 10", order: 2, isHidden: true })
        const edited = yield* hub.edit(kitchen, { order: null, group: "House" })
        assert.deepStrictEqual(edited, {
          key: kitchen,
          device: kitchen,
          name: "room 10",
          group: "House",
          isHidden: true,
          limits: {}
        })
        assert.deepInclude(yield* book.memory.places, edited)
        assert.isUndefined(yield* hub.edit("nowhere", { name: "x" }))
        yield* book.fail(full)
        assert.strictEqual(yield* Effect.flip(hub.edit(kitchen, { name: "other" })), full)
        assert.strictEqual(placeOf(yield* hub.state, "room 10").name, "room 10")
      }))

    it.effect("are kept of devices that have nothing to measure, so that they appear once only", () =>
      Effect.gen(function*() {
        const first = yield* house({ "01.000001000001": {} })
        yield* pass("1 minute")
        yield* first.stop
        const second = yield* start(first.book, first.context)
        yield* pass("1 minute")
        yield* second.stop
        assert.deepStrictEqual(first.book.kinds(), ["Started", "Appeared", "Stopped", "Started", "Stopped"])
      }))
  })

  describe("outages", () => {
    it.effect("of a bus are told once, without a word of each of its sensors", () =>
      Effect.gen(function*() {
        const { after, book, network } = yield* house(rooms, { alarms: true })
        yield* pass("1 minute")
        yield* network.breakBus(0, -5)
        const failing = yield* after("3 minutes")
        assert.deepStrictEqual(failing.servers.map(({ buses }) => buses.map(({ name }) => name)), [["bus.0"]])
        yield* network.set(`${kitchen}/temperature`, 25)
        yield* network.breakBus(0)
        const mended = yield* after("3 minutes")
        assert.deepStrictEqual(mended.servers[0]?.buses, [])
        assert.deepStrictEqual(book.kinds(), ["Started", "Appeared", "Appeared", "BusFailed", "BusRecovered"])
        assert.deepStrictEqual(
          valuesOf(yield* book.rowsOf("temperature", kitchen)),
          ["20", "-", "25"]
        )
      }))

    it.effect("of a server are told once, and everything is there again after it", () =>
      Effect.gen(function*() {
        const { after, book, server } = yield* house(rooms)
        yield* pass("1 minute")
        yield* server.stop
        const failing = yield* after("10 minutes")
        assert.isDefined(failing.servers[0]?.failing)
        assert.strictEqual(property(failing, "kitchen").reading?.value, 20)
        yield* server.start
        const back = yield* after("3 minutes")
        assert.isUndefined(back.servers[0]?.failing)
        assert.deepStrictEqual(book.kinds(), ["Started", "Appeared", "Appeared", "ServerFailed", "ServerRecovered"])
        assert.deepStrictEqual(
          valuesOf(yield* book.rowsOf("temperature", kitchen)),
          ["20", "-", "20"]
        )
      }))

    it.effect("alarms come and go", () =>
      Effect.gen(function*() {
        const { after, book, network } = yield* house(rooms, { alarms: { every: "5 seconds" } })
        yield* pass("1 minute")
        yield* network.alarm(kitchen, true)
        assert.isNumber(placeOf(yield* after("10 seconds"), "kitchen").alarmSince)
        yield* network.alarm(kitchen, false)
        assert.isUndefined(placeOf(yield* after("1 minute"), "kitchen").alarmSince)
        assert.deepStrictEqual(book.kinds().slice(3), ["Raised", "Cleared"])
      }))

    it.effect("leave open whether what was there before is gone", () =>
      Effect.gen(function*() {
        const first = yield* house(rooms)
        yield* pass("1 minute")
        yield* first.stop
        yield* first.network.vanish(kitchen)
        yield* first.server.stop
        const second = yield* start(first.book, first.context)
        yield* pass("1 minute")
        assert.deepStrictEqual((yield* second.hub.state).places.map(({ goneSince }) => goneSince), [
          undefined,
          undefined
        ])
        yield* first.server.start
        yield* pass("2 minutes")
        const state = yield* second.hub.state
        assert.deepStrictEqual(
          state.places.map(({ goneSince, title }) => [title, goneSince]),
          [["attic", undefined], [kitchen, 60]]
        )
      }))

    it.effect("goes on to answer when the network is closed", () =>
      Effect.gen(function*() {
        const scope = yield* Scope.make()
        const network = yield* Effect.provideService(networkOf(rooms), Scope.Scope, scope)
        const { hub } = yield* start(yield* notebook, network)
        yield* pass("1 minute")
        yield* Scope.close(scope, Exit.void)
        yield* pass("1 minute")
        const state = yield* hub.state
        assert.strictEqual(state.places.length, 2)
        assert.include(state.servers[0]?.failing?.message, "closed")
      }))
  })

  describe("live", () => {
    it.effect("begins with all that is known, and then tells changes at most once a second", () =>
      Effect.gen(function*() {
        const { hub, network } = yield* house(rooms, { every: "200 millis" })
        // Between two rounds.
        yield* pass("5100 millis")
        const { after, messages } = yield* listen(hub)
        assert.deepStrictEqual(messages, [{ _tag: "Snapshot", state: { ...yield* hub.state, at: 5.1 } }])
        yield* network.set(`${kitchen}/temperature`, 25)
        const said = yield* after("10 seconds")
        assert.strictEqual(said.length, 10)
        const [first] = said
        assert.strictEqual(first?._tag === "Change" && first.readings[kitchen]?.["temperature"]?.value, 25)
        assert.deepStrictEqual(first?._tag === "Change" && first.places, [])
      }))

    it.effect("says nothing if nothing changes", () =>
      Effect.gen(function*() {
        const { hub } = yield* house({ [kitchen]: {} }, { every: "1 hour" })
        yield* pass("5 seconds")
        const { after } = yield* listen(hub)
        assert.deepStrictEqual(yield* after("1 minute"), [])
      }))

    it.effect("is the same message for all who look", () =>
      Effect.gen(function*() {
        const { hub } = yield* house(rooms)
        const one = yield* listen(hub)
        const other = yield* listen(hub)
        const [ones, others] = [yield* one.after("30 seconds"), other.messages]
        assert.isAbove(ones.length, 2)
        assert.strictEqual(ones.at(-1), others.at(-1))
      }))

    it.effect("gives a slow reader all that is known instead of a queue", () =>
      Effect.gen(function*() {
        const { hub, network } = yield* house(rooms, { every: "1 second" })
        yield* pass("5 seconds")
        const taken = yield* Queue.bounded<Api.Live>(0)
        yield* Effect.forkScoped(Stream.runForEach(hub.live, (message) => Queue.offer(taken, message)))
        yield* pass("1 minute")
        yield* network.set(`${kitchen}/temperature`, 30)
        yield* pass("5 seconds")
        const messages: Array<Api.Live> = []
        for (let count = 0; count < 40; count++) {
          const next = yield* Effect.forkScoped(Queue.take(taken))
          yield* pass("1 millis")
          const exit = next.pollUnsafe()
          if (exit?._tag === "Success") messages.push(exit.value)
        }
        const snapshots = messages.filter(({ _tag }) => _tag === "Snapshot")
        assert.strictEqual(snapshots.length, 2)
        const last = snapshots.at(-1)
        assert.strictEqual(last?._tag === "Snapshot" && property(last.state, "kitchen").reading?.value, 30)
        assert.isBelow(messages.length, 40)
      }))

    it.effect("tells places that change, outages and events", () =>
      Effect.gen(function*() {
        const { book, hub, network } = yield* house(rooms, { alarms: { every: "5 seconds" } })
        yield* pass("5 seconds")
        const { after } = yield* listen(hub)
        yield* network.breakBus(0, -5)
        const broken = yield* after("20 seconds")
        const told = broken.flatMap((message) =>
          message._tag === "Change" ? message.events.map(({ kind }) => kind) : []
        )
        assert.deepStrictEqual(told, ["BusFailed"])
        assert.isTrue(
          broken.some((message) => message._tag === "Change" && message.servers?.[0]?.buses[0]?.name === "bus.0")
        )
        yield* hub.edit(kitchen, { name: "room" })
        yield* book.fail(full)
        const edited = yield* after("90 seconds")
        assert.isTrue(
          edited.some((message) => message._tag === "Change" && message.places.some(({ title }) => title === "room"))
        )
        assert.isTrue(
          edited.some((message) => message._tag === "Change" && message.historyFailing?.message.includes("no space"))
        )
        yield* book.fail(undefined)
        const mended = yield* after("90 seconds")
        assert.isTrue(mended.some((message) => message._tag === "Change" && message.historyFailing === null))
      }))

    it.effect("ends with the hub", () =>
      Effect.gen(function*() {
        const { hub, stop } = yield* house(rooms)
        const fiber = yield* Effect.forkScoped(Stream.runDrain(hub.live))
        yield* pass("5 seconds")
        yield* stop
        yield* pass("1 second")
        assert.deepStrictEqual(fiber.pollUnsafe(), Exit.void)
      }))
  })

  describe("relays", () => {
    const switches = { [relay]: { "PIO.A": false, "PIO.B": false, alias: "pump" }, ...rooms }

    it.effect("are shown, and written by nobody unless that is allowed", () =>
      Effect.gen(function*() {
        const { after, book, hub } = yield* house(switches)
        const state = yield* after("5 seconds")
        assert.deepInclude(property(state, "pump", "PIO.A"), { isWritable: false, isKept: true })
        const error = yield* Effect.flip(hub.write(relay, "PIO.A", true))
        assert.strictEqual(error._tag, "WriteRefused")
        yield* pass("1 minute")
        assert.notInclude(book.kinds(), "Written")
        assert.strictEqual(property(yield* hub.state, "pump", "PIO.A").reading?.value, false)
      }))

    it.effect("are switched if that is allowed, and shown as they were read back", () =>
      Effect.gen(function*() {
        const { after, book, hub } = yield* house(switches, { allowWrite: ["PIO.*"] })
        const state = yield* after("5 seconds")
        assert.isTrue(property(state, "pump", "PIO.B").isWritable)
        assert.isFalse(property(state, "pump", "sensed.B").isWritable)
        const fiber = yield* Effect.forkScoped(hub.write(relay, "PIO.B", true))
        const switched = yield* after("1 second")
        const exit = fiber.pollUnsafe()
        assert.deepInclude(exit?._tag === "Success" ? exit.value : undefined, { property: "PIO.B", value: true })
        assert.strictEqual(property(switched, "pump", "PIO.B").reading?.value, true)
        assert.strictEqual(property(switched, "pump", "PIO.A").reading?.value, false)
        yield* pass("1 minute")
        assert.include(book.told(), "Written: pump: PIO.B was switched on")
        assert.deepStrictEqual(valuesOf(yield* book.rowsOf("PIO.B")), ["0", "1"])
      }))

    it.effect("are all that is written: no alias, no setting, nothing outside of the device", () =>
      Effect.gen(function*() {
        const { hub } = yield* house(switches, { allowWrite: ["*", "*/*", "*/*/*"] })
        yield* pass("5 seconds")
        for (
          const [device, name] of [
            [relay, "alias"],
            [relay, "../settings/timeout/volatile"],
            [relay, "a/../alias"],
            [relay, "PIO.A\n"],
            [relay, ""],
            ["/settings", "timeout"],
            ["pump", "PIO.A"],
            ["settings", "timeout/volatile"]
          ] as const
        ) {
          const error = yield* Effect.flip(hub.write(device, name, "1"))
          assert.strictEqual(error._tag, "WriteRefused", `${device} ${name}`)
        }
        const read = yield* Effect.flip(hub.read(relay, "../alias"))
        assert.strictEqual(read._tag, "ArgumentError")
      }))

    it.effect("are those that some pattern means, and no others", () =>
      Effect.gen(function*() {
        const { after } = yield* house({ ...switches, "05.000005FA0500": { alias: "single" } }, {
          allowWrite: ["PIO.*"]
        })
        const state = yield* after("5 seconds")
        assert.isTrue(property(state, "single", "PIO").isWritable)
        const other = yield* house(switches, { allowWrite: ["PIO.B", "temp*", "P+.A"] })
        const { places } = yield* other.after("5 seconds")
        const writable = places.flatMap(({ properties }) => properties).filter(({ isWritable }) => isWritable)
        assert.deepStrictEqual(writable.map(({ name }) => name), ["PIO.B"])
      }))

    it.effect("tells what the server says against it", () =>
      Effect.gen(function*() {
        const { hub } = yield* house(switches, { allowWrite: ["PIO.*", "temperature"] })
        yield* pass("5 seconds")
        const readonly = yield* Effect.forkScoped(Effect.flip(hub.write(kitchen, "temperature", 1)))
        const wrong = yield* Effect.forkScoped(Effect.flip(hub.write(relay, "PIO.A", "on")))
        const absent = yield* Effect.forkScoped(Effect.flip(hub.write("12.000012AF9900", "PIO.A", true)))
        yield* pass("10 seconds")
        const tags = [readonly, wrong, absent].map((fiber) => {
          const exit = fiber.pollUnsafe()
          return exit?._tag === "Success" ? exit.value._tag : exit
        })
        assert.deepStrictEqual(tags, ["ArgumentError", "ArgumentError", "OwnetError"])
      }))

    it.effect("reads past the cache, for everybody", () =>
      Effect.gen(function*() {
        const { hub, network } = yield* house(rooms, { every: "1 hour" })
        yield* pass("5 seconds")
        yield* network.set(`${kitchen}/temperature`, 33)
        const fiber = yield* Effect.forkScoped(hub.read(kitchen, "temperature"))
        yield* pass("2 seconds")
        const exit = fiber.pollUnsafe()
        assert.strictEqual(exit?._tag === "Success" && exit.value.value, 33)
        assert.strictEqual(property(yield* hub.state, "kitchen").reading?.value, 33)
        const other = yield* Effect.forkScoped(hub.read(kitchen, "temphigh"))
        yield* pass("2 seconds")
        assert.strictEqual(other.pollUnsafe()?._tag, "Success")
      }))
  })

  it.effect("shows limits that are exceeded as events, from the moment that somebody sets them", () =>
    Effect.gen(function*() {
      const { book, hub, network } = yield* house(rooms)
      yield* pass("15 seconds")
      yield* hub.edit(kitchen, { limits: { temperature: { above: 19 } } })
      yield* pass("1 minute")
      yield* network.set(`${kitchen}/temperature`, 18)
      yield* pass("3 minutes")
      assert.deepStrictEqual(book.told().slice(3), [
        "LimitExceeded: kitchen: temperature is 20 °C, above 19 °C",
        "LimitKept: kitchen: temperature is 18 °C, within its limits again"
      ])
    }))

  it.effect("keeps notices before it tells them, over restarts, and lets them be acknowledged", () =>
    Effect.gen(function*() {
      const first = yield* house(rooms, { tell: ["phone"] })
      yield* pass("15 seconds")
      const turns: Array<string> = []
      const listenTo = (hub: Hub.Hub["Service"]) =>
        Effect.forkScoped(
          Stream.runForEach(
            hub.notices,
            ({ notice, phase }) =>
              Effect.map(first.book.memory.notices({ from: 0, to: 1e10, limit: 9 }), (kept) => {
                assert.deepInclude(kept, notice)
                turns.push(`${phase} ${notice.title}`)
              })
          )
        )
      yield* listenTo(first.hub)
      yield* first.hub.edit(kitchen, { limits: { temperature: { above: 19, hysteresis: 1 } } })
      yield* first.hub.edit(attic, { name: "attic", noNewsFor: 60 })
      yield* pass("12 seconds")
      const [notice] = (yield* first.hub.state).notices
      assert.deepInclude(notice, { kind: "Limit", place: kitchen, limit: 19, value: 20 })
      const known = yield* first.hub.acknowledge(notice?.id ?? "")
      assert.isDefined(known)
      assert.isNumber(known.acknowledgedAt)
      assert.deepStrictEqual(yield* first.hub.acknowledge(notice?.id ?? ""), known)
      assert.isUndefined(yield* first.hub.acknowledge("nothing"))
      yield* pass("1 second")
      assert.deepStrictEqual((yield* first.hub.state).notices, [known])
      yield* first.book.kill
      yield* first.stop
      assert.deepStrictEqual(turns.splice(0), ["Began kitchen", "Acknowledged kitchen"])
      yield* first.network.vanish(attic)
      const second = yield* start(first.book, first.context, { tell: ["phone"] })
      yield* listenTo(second.hub)
      yield* pass("90 seconds")
      assert.deepStrictEqual(turns.splice(0), ["Began kitchen", "Began attic"])
      yield* first.network.set(`${kitchen}/temperature`, 18)
      yield* pass("12 seconds")
      assert.deepStrictEqual(turns, ["Ended kitchen"])
      const untold = yield* first.book.memory.untold
      assert.deepStrictEqual(
        untold.map(({ channel, notice, phase }) => `${channel} ${phase} ${notice.title}`),
        ["phone Began kitchen", "phone Began attic", "phone Ended kitchen"]
      )
      yield* second.stop
      // The event of the first hub had not been flushed.
      assert.deepStrictEqual(first.book.kinds().filter((kind) => /Limit|News/.test(kind)), ["NewsLost", "LimitKept"])
    }))

  it.effect("refuses limits that make no sense", () =>
    Effect.gen(function*() {
      const { hub } = yield* house(rooms)
      yield* pass("15 seconds")
      for (
        const limits of [
          { above: 1, below: 2 },
          { above: 2, below: 1, hysteresis: 1.5 },
          { above: 1, for: -1 },
          { below: 1, hysteresis: -1 }
        ]
      ) {
        const error = yield* Effect.flip(hub.edit(kitchen, { limits: { temperature: limits } }))
        assert.strictEqual(error._tag, "ArgumentError")
        assert.include(error.message, "limits of temperature")
        assert.isFalse(Schema.is(Places.Limits)(limits))
      }
    }))

  it.effect("tells what a device can tell and take, without asking it", () =>
    Effect.gen(function*() {
      const { hub } = yield* house({ [relay]: { alias: "pump" } }, { allowWrite: ["PIO.*", "temp*"] })
      const told = yield* hub.describe(kitchen)
      assert.strictEqual(told.chip, "DS18B20")
      const of = (name: string) => told.properties.find((property) => property.name === name)
      const fixed = { isReadable: true, isWritable: false, isOptional: false }
      assert.deepStrictEqual(of("temperature"), { name: "temperature", unit: "°C", kind: "number", ...fixed })
      assert.deepStrictEqual(of("temphigh"), {
        ...fixed,
        name: "temphigh",
        unit: "°C",
        kind: "number",
        isWritable: true
      })
      assert.deepStrictEqual(of("power"), { name: "power", kind: "boolean", ...fixed })
      assert.isFalse(of("alias")?.isWritable)
      const { properties } = yield* hub.describe(relay)
      assert.deepStrictEqual(
        properties.filter(({ isWritable }) => isWritable).map(({ name }) => name),
        ["PIO.A", "PIO.B"]
      )
      assert.deepStrictEqual(yield* hub.describe("99.000099000000"), { chip: "family 99", properties: [] })
      assert.deepStrictEqual(yield* Schema.decodeEffect(Api.Described)(told), told)
    }))

  it.effect("shows all kinds of devices as its API has them", () =>
    Effect.gen(function*() {
      const { hub } = yield* house(SimulatedNetwork.tester(SimulatedNetwork.families))
      const { messages } = yield* listen(hub)
      yield* pass("40 seconds")
      const state = yield* hub.state
      assert.strictEqual(state.places.length, SimulatedNetwork.families.length)
      for (const message of [...messages, { _tag: "Snapshot", state }]) {
        const json: unknown = JSON.parse(JSON.stringify(message))
        assert.deepStrictEqual(yield* Schema.decodeUnknownEffect(Api.Live)(json), message)
      }
      const kept = state.places.flatMap(({ properties }) => properties).filter(({ isKept }) => isKept)
      assert.isAbove(kept.length, 50)
    }))

  it.effect("keeps nothing while the clock is behind, and says so", () =>
    Effect.gen(function*() {
      const context = yield* networkOf(rooms)
      const network = Context.get(context, TestNetwork.TestNetwork).server("pi").network
      const measured = yield* Clock.Clock
      let ahead = 3600
      const clock: Clock.Clock = {
        ...measured,
        currentTimeMillisUnsafe: () => measured.currentTimeMillisUnsafe() + ahead * 1000,
        currentTimeMillis: Effect.sync(() => measured.currentTimeMillisUnsafe() + ahead * 1000)
      }
      const book = yield* notebook
      const { hub } = yield* Effect.provideService(start(book, context), Clock.Clock, clock)
      yield* pass("1 minute")
      ahead = 3300
      yield* network.set(`${kitchen}/temperature`, 25)
      yield* pass("1 minute")
      const state = yield* hub.state
      assert.include(state.historyFailing?.message, "1970-01-01T01:0")
      assert.strictEqual(property(state, "kitchen").reading?.value, 25)
      yield* pass("6 minutes")
      assert.isUndefined((yield* hub.state).historyFailing)
      assert.deepStrictEqual(valuesOf(yield* book.rowsOf("temperature", kitchen)), ["20", "25"])
      assert.include(book.kinds(), "ClockBehind")
    }))

  it.effect("follows several servers, and the names that people give", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(
        TestNetwork.layer({ pi: { [kitchen]: { temperature: 20 } }, barn: { [attic]: { alias: "hay" } } })
      )
      const book = yield* notebook
      const { hub } = yield* start(book, context)
      yield* pass("5 seconds")
      assert.deepStrictEqual(
        (yield* hub.state).places.map(({ server, title }) => [server, title]),
        [["barn", "hay"], ["pi", kitchen]]
      )
      const { network } = Context.get(context, TestNetwork.TestNetwork).server("pi")
      yield* network.set(`${kitchen}/alias`, "<b>kitchen\u001b")
      yield* pass("3 minutes")
      const place = (yield* hub.state).places.find(({ key }) => key === kitchen)
      assert.strictEqual(place?.title, "<b>kitchen\u001b")
      assert.include(book.told(), `Renamed: ${kitchen} is now called <b>kitchen\uFFFD`)
    }))

  it.effect("keeps one scale, whatever the clients of the network have", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(
        TestNetwork.layer({ pi: { [kitchen]: { temperature: 20 } } }, { flags: { temperatureScale: "F" } })
      )
      const { hub } = yield* start(yield* notebook, Context.pick(Network.Network)(context))
      yield* pass("5 seconds")
      assert.deepInclude(property(yield* hub.state, kitchen), { unit: "°C" })
      assert.strictEqual(property(yield* hub.state, kitchen).reading?.value, 20)
    }))
})
