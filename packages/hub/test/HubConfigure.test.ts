import { Network } from "@effect-ownet/core"
import { TestNetwork } from "@effect-ownet/core/testing"
import { type Api, HistoryError, type Hub, type Places } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import { house, notebook, start } from "./fixtures/houses.ts"

const kitchen = "28.000028D70100"
const attic = "28.000028D70200"
const relay = "12.000012AF0100"

const rooms = { [kitchen]: { temperature: 20, alias: "kitchen" }, [attic]: { temperature: 10, alias: "attic" } }

const pass = TestClock.adjust

const placeOf = ({ places }: Api.State, key: string): Api.PlaceState => {
  const place = places.find((place) => place.key === key)
  assert.isDefined(place)
  return place
}

const temperatureOf = (state: Api.State, key: string) =>
  placeOf(state, key).properties.find(({ name }) => name === "temperature")?.reading

describe("Hub.configure", () => {
  it.effect("tells everybody what the page shows, and which properties may be written", () =>
    Effect.gen(function*() {
      const { hub, network } = yield* house({ ...rooms, [relay]: {} })
      yield* pass("15 seconds")
      const messages: Array<Api.Live> = []
      yield* Effect.forkScoped(Stream.runForEach(hub.live, (message) => Effect.sync(() => void messages.push(message))))
      yield* pass("2 seconds")
      messages.splice(0)
      yield* network.set(`${kitchen}/temperature`, 25)
      yield* hub.configure({ alarms: false, title: "At home", notice: "Hello", allowWrite: ["PIO.*"] })
      yield* pass("30 seconds")
      const snapshot = messages.find((message) => message._tag === "Snapshot")
      assert.deepInclude(snapshot?.state, { title: "At home", notice: "Hello", every: 10 })
      assert.isTrue(placeOf(snapshot!.state, relay).properties.some(({ isWritable }) => isWritable))
      assert.isBelow(messages.filter(({ _tag }) => _tag === "Snapshot").length, 2)
      const refused = yield* Effect.flip(hub.configure({ every: 0 }))
      assert.match(refused.message, /Hub\.configure.*every/)
      assert.strictEqual((yield* hub.state).title, "At home")
    }))

  it.effect("follows anew without an event, a gap or a reading less", () =>
    Effect.gen(function*() {
      const { after, book, hub, network, stop } = yield* house(rooms, { alarms: true })
      yield* pass("1 minute")
      const told = book.told().length
      for (const every of ["5 seconds", "1 second", "2 minutes", "10 seconds"] as const) {
        yield* hub.configure({
          every,
          timeout: "5 seconds",
          alarms: every !== "1 second",
          search: { every: "20 seconds" }
        })
        yield* pass("7 seconds")
      }
      yield* network.set(`${kitchen}/temperature`, 21)
      const state = yield* after("3 minutes")
      assert.strictEqual(state.every, 10)
      assert.strictEqual(temperatureOf(state, kitchen)?.value, 21)
      assert.isAbove(temperatureOf(state, attic)?.at ?? 0, state.at - 12)
      yield* stop
      assert.deepStrictEqual(book.told().slice(told), ["Stopped: The hub has stopped"])
      const values = (yield* book.rowsOf("temperature", kitchen)).map((row) => row.replace(/^\d+ /, ""))
      assert.deepStrictEqual(values, ["20", "21"])
    }))

  it.effect("tells once what has vanished, failed, raised an alarm and recovered in between", () =>
    Effect.gen(function*() {
      const { book, hub, network, server } = yield* house(rooms)
      yield* pass("1 minute")
      yield* server.stop
      yield* pass("30 seconds")
      yield* hub.configure({ alarms: false, every: "5 seconds" })
      yield* pass("1 minute")
      yield* server.start
      yield* pass("3 minutes")
      assert.deepStrictEqual(book.kinds().slice(3), ["ServerFailed", "ServerRecovered"])
      yield* network.vanish(attic)
      yield* hub.configure({ alarms: false, every: "10 seconds" })
      yield* pass("10 minutes")
      assert.deepStrictEqual(book.kinds().slice(5), ["Vanished"])
      yield* network.appear(attic, { temperature: 10 })
      yield* pass("2 minutes")
      assert.deepStrictEqual(book.kinds().slice(6), ["Appeared"])
    }))

  it.effect("keeps a bus that fails as failing, and sees when it does not", () =>
    Effect.gen(function*() {
      const { book, hub, network } = yield* house({
        [`/bus.0/${kitchen}`]: { temperature: 20 },
        [`/bus.1/${attic}`]: { temperature: 10 }
      })
      yield* pass("1 minute")
      yield* network.breakBus(1, -5)
      yield* pass("3 minutes")
      const before = book.kinds().length
      yield* hub.configure({ alarms: false, every: "5 seconds" })
      yield* pass("5 minutes")
      assert.deepStrictEqual(book.kinds().slice(before), [])
      assert.deepStrictEqual((yield* hub.state).servers[0]?.buses.map(({ name }) => name), ["bus.1"])
    }))

  it.effect("writes the history as often as it says, at once, and keeps what it says", () =>
    Effect.gen(function*() {
      const { book, hub, network } = yield* house(rooms, { flush: "1 hour" })
      yield* pass("2 minutes")
      assert.strictEqual(book.rows.length, 0)
      yield* hub.configure({ alarms: false, flush: "5 seconds", deadBand: { temperature: 2 } })
      yield* pass("10 seconds")
      assert.isAbove(book.rows.length, 0)
      yield* network.set(`${kitchen}/temperature`, 21)
      yield* pass("30 seconds")
      yield* network.set(`${kitchen}/temperature`, 23)
      yield* pass("30 seconds")
      const values = (yield* book.rowsOf("temperature", kitchen)).map((row) => row.replace(/^\d+ /, ""))
      assert.deepStrictEqual(values, ["20", "23"])
    }))

  it.effect("has places as they are said to be, each as a whole, and edits where that is said", () =>
    Effect.gen(function*() {
      const book = yield* notebook
      const context = yield* Layer.build(TestNetwork.layer({ pi: rooms }))
      const saved: Array<Places.Place> = []
      let failure: HistoryError.HistoryError | undefined
      const options: Hub.Options = {
        places: { [kitchen]: { name: "Kitchen", isHidden: false, limits: { temperature: { above: 30 } } } },
        savePlace: (place) =>
          Effect.suspend(() => failure === undefined ? Effect.sync(() => void saved.push(place)) : Effect.fail(failure))
      }
      yield* Effect.orDie(
        book.memory.setPlace({ key: kitchen, device: kitchen, group: "Old", isHidden: true, limits: {} })
      )
      const { hub } = yield* start(book, context, options)
      yield* pass("15 seconds")
      assert.deepInclude(placeOf(yield* hub.state, kitchen), { name: "Kitchen", isHidden: false })
      assert.isUndefined(placeOf(yield* hub.state, kitchen).group)
      // A page edit goes there, and nowhere if that fails.
      yield* hub.edit(kitchen, { group: "Ground floor" })
      assert.deepInclude(saved.at(-1), { key: kitchen, name: "Kitchen", group: "Ground floor" })
      failure = new HistoryError.HistoryError({
        reason: "Refused",
        operation: "write",
        database: "hub.yaml",
        problem: "read-only"
      })
      assert.strictEqual(yield* Effect.flip(hub.edit(kitchen, { group: "Attic" })), failure)
      assert.strictEqual(placeOf(yield* hub.state, kitchen).group, "Ground floor")
      failure = undefined
      // What is taken out has its defaults, and what nobody names stays as it is.
      yield* hub.edit(attic, { name: "Roof" })
      yield* hub.configure({
        ...options,
        alarms: false,
        places: { [attic]: { name: "Roof", isHidden: false, limits: {} } }
      })
      yield* pass("2 seconds")
      assert.isUndefined(placeOf(yield* hub.state, kitchen).name)
      assert.isUndefined(placeOf(yield* hub.state, kitchen).group)
      assert.strictEqual(placeOf(yield* hub.state, attic).name, "Roof")
      yield* pass("2 minutes")
      const kept = yield* Effect.orDie(book.memory.places)
      assert.deepInclude(kept.find(({ key }) => key === kitchen), { limits: {}, isHidden: false })
    }))

  it.effect("fills a place with the device that is said to, once that is known", () =>
    Effect.gen(function*() {
      const { book, hub, network } = yield* house({ [kitchen]: { temperature: 20 } })
      yield* pass("1 minute")
      const saved: Array<Places.Place> = []
      const savePlace = (place: Places.Place) => Effect.sync(() => void saved.push(place))
      const own = { name: "Kitchen", isHidden: false, limits: {}, device: attic }
      yield* hub.configure({ alarms: false, savePlace, places: { [kitchen]: own } })
      yield* pass("1 minute")
      assert.strictEqual(placeOf(yield* hub.state, kitchen).device, kitchen)
      yield* network.appear(attic, { temperature: 10 })
      yield* pass("2 minutes")
      const state = yield* hub.state
      assert.deepInclude(placeOf(state, kitchen), { device: attic, name: "Kitchen" })
      assert.strictEqual(state.places.length, 1)
      assert.strictEqual(temperatureOf(state, kitchen)?.value, 10)
      assert.strictEqual(book.kinds().filter((kind) => kind === "Filled").length, 1)
      // The page gives the device its own place back, and that is what is said from then on.
      yield* hub.fill(attic, attic)
      assert.deepStrictEqual(saved.map(({ device, key }) => [key, device]), [[kitchen, kitchen], [attic, attic]])
      yield* pass("1 minute")
      assert.strictEqual(placeOf(yield* hub.state, kitchen).device, kitchen)
    }))

  it.effect("takes servers that come and go by the network", () =>
    Effect.gen(function*() {
      const book = yield* notebook
      const context = yield* Layer.build(
        TestNetwork.layer({ pi: { [kitchen]: { temperature: 20 } }, barn: { [attic]: { temperature: 10 } } })
      )
      const { hub } = yield* start(book, context)
      yield* pass("1 minute")
      yield* Context.get(context, Network.Network).set(["pi"])
      yield* hub.configure({ alarms: false, every: "5 seconds" })
      yield* pass("5 minutes")
      assert.deepStrictEqual((yield* hub.state).servers.map(({ name }) => name), ["pi"])
      assert.deepStrictEqual(book.kinds().slice(3), ["Vanished"])
    }))
})
