/** Derived values of a hub over a simulated house, in virtual time. */
import { Humidity } from "@effect-ownet/core"
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import type { Api, Derived, Hub } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { house, start } from "./fixtures/houses.ts"

const bath = "26.000026D90100"
const hall = "28.000028D70100"
const attic = "28.000028D70200"
const meter = "1D.00001DD00100"

const pass = TestClock.adjust

const rooms: SimulatedNetwork.Description = {
  [`/bus.0/${bath}`]: { alias: "Bathroom", temperature: 20, humidity: 75, VAD: 1.2, VDD: 5 },
  [`/bus.1/${hall}`]: { alias: "hall", temperature: 21 },
  [`/bus.1/${attic}`]: { alias: "attic", temperature: 11 }
}

const dew: Derived.Definition = { dew_point: { temperature: `${bath}/temperature`, humidity: `${bath}/humidity` } }

const derived = {
  dew,
  spread: { difference: [`${hall}/temperature`, `${attic}/temperature`] },
  warm: { group: "House", property: "temperature" }
} satisfies Hub.Options["derived"]

const placeOf = ({ places }: Api.State, key: string): Api.PlaceState => {
  const place = places.find((place) => place.key === key)
  assert.isDefined(place)
  return place
}

const valueOf = (state: Api.State, key: string, property?: string): Api.Property | undefined =>
  placeOf(state, key).properties.find(({ name }) => property === undefined || name === property)

describe("derived values of a hub", () => {
  it.effect("are places with a value, a history, a name and limits", () =>
    Effect.gen(function*() {
      const { after, book, hub, network, stop } = yield* house(rooms, { derived })
      const first = yield* hub.state
      assert.deepStrictEqual(
        first.places.filter(({ chip }) => chip === "derived").map(({ key, title }) => [key, title]),
        [["dew", "dew"], ["spread", "spread"], ["warm", "warm"]]
      )
      const state = yield* after("15 seconds")
      assert.strictEqual(placeOf(state, "dew").derived, "dew point of Bathroom")
      assert.deepStrictEqual(
        placeOf(state, "dew").properties.map((
          { failing, isKept, isWritable, name, reading, unit }
        ) => [name, reading?.value, unit, isKept, isWritable, failing]),
        [["dew_point", 15.4, "°C", true, false, undefined]]
      )
      assert.strictEqual(valueOf(state, "warm")?.failing?.message, "no place in House has a known temperature")
      yield* hub.edit(hall, { group: "House" })
      yield* hub.edit(attic, { group: "House" })
      yield* hub.edit("dew", { name: "Dew point", group: "House", limits: { dew_point: { above: 17 } } })
      const edited = yield* after("2 seconds")
      assert.strictEqual(valueOf(edited, "warm", "mean")?.reading?.value, 16)
      assert.strictEqual(placeOf(edited, "dew").title, "Dew point")
      yield* hub.edit(bath, { name: "Bath" })
      yield* network.set(`/bus.0/${bath}/humidity`, 90)
      const humid = yield* after("10 seconds")
      assert.strictEqual(placeOf(humid, "dew").derived, "dew point of Bath")
      assert.strictEqual(valueOf(humid, "dew")?.reading?.value, 18.3)
      yield* stop
      assert.include(book.told(), "LimitExceeded: Dew point: dew_point is 18.3 °C, above 17 °C")
      const rows = (yield* book.rowsOf("dew_point", "dew")).map((row) => row.replace(/^\d+ /, ""))
      assert.deepStrictEqual(rows, ["15.4", "18.3"])
    }))

  it.effect("are a gap from the moment at which a source is not known", () =>
    Effect.gen(function*() {
      const { book, hub, network, stop } = yield* house(rooms, { derived: { dew } })
      yield* pass("15 seconds")
      yield* network.set(`/bus.0/${bath}/humidity`, SimulatedNetwork.refuse(-5))
      yield* pass("10 seconds")
      assert.strictEqual(valueOf(yield* hub.state, "dew")?.failing?.message, "humidity of Bathroom is not known")
      yield* pass("20 seconds")
      yield* network.set(`/bus.0/${bath}/humidity`, 75)
      yield* pass("20 seconds")
      // The server says so in degrees, but no bathroom has them.
      yield* network.set(`/bus.0/${bath}/temperature`, 400)
      yield* pass("20 seconds")
      yield* network.set(`/bus.0/${bath}/temperature`, 20)
      yield* pass("20 seconds")
      yield* network.breakBus(0, -5)
      yield* pass("20 seconds")
      yield* network.breakBus(0)
      yield* pass("60 seconds")
      yield* stop
      const times = (rows: ReadonlyArray<string>) =>
        rows.filter((row) => row.endsWith("-")).map((row) => row.split(" ")[0])
      const [humidity, temperature, dewPoint] = [
        times(yield* book.rowsOf("humidity", bath)),
        times(yield* book.rowsOf("temperature", bath)),
        times(yield* book.rowsOf("dew_point", "dew"))
      ]
      assert.strictEqual(dewPoint.length, 3)
      assert.include(humidity, dewPoint[0])
      assert.include(temperature, dewPoint[2])
    }))

  it.effect("go on after a restart, and say where the hub was off", () =>
    Effect.gen(function*() {
      const first = yield* house(rooms, { derived: { dew } })
      yield* first.hub.edit("dew", { name: "Dew point" })
      yield* pass("1 minute")
      yield* first.stop
      yield* pass("1 hour")
      const second = yield* start(first.book, first.context, { derived: { dew } })
      const before = placeOf(yield* second.hub.state, "dew")
      assert.strictEqual(before.title, "Dew point")
      assert.isUndefined(before.goneSince)
      yield* pass("1 minute")
      yield* second.stop
      assert.deepStrictEqual(yield* first.book.rowsOf("dew_point", "dew"), ["0 15.4", "60 -", "3660 15.4"])
    }))

  it.effect("come and go with their definitions, and their history stays", () =>
    Effect.gen(function*() {
      const { after, book, hub } = yield* house(rooms)
      yield* pass("5 seconds")
      yield* hub.configure({ derived: { dew } })
      assert.strictEqual(valueOf(yield* after("2 seconds"), "dew")?.reading?.value, 15.4)
      yield* hub.edit("dew", { name: "Dew point" })
      const removal = yield* Effect.forkChild(
        hub.live.pipe(
          Stream.filter((message) => message._tag === "Change" && message.removed.includes("dew")),
          Stream.runHead
        )
      )
      yield* pass("1 seconds")
      yield* hub.configure({})
      const gone = yield* after("2 minutes")
      assert.isUndefined(gone.places.find(({ key }) => key === "dew"))
      assert.isTrue(Option.isSome(yield* Fiber.join(removal)), "pages are told")
      assert.deepStrictEqual(yield* hub.edit("dew", { name: "?" }), undefined)
      const rows = yield* book.rowsOf("dew_point", "dew")
      assert.deepStrictEqual(rows.map((row) => row.split(" ")[1]), ["15.4", "-"])
      yield* hub.configure({ derived: { dew: { absolute_humidity: dew.dew_point } } })
      const back = placeOf(yield* after("2 seconds"), "dew")
      assert.strictEqual(back.title, "Dew point")
      assert.deepStrictEqual(back.properties.map(({ name, reading }) => [name, reading?.value]), [
        ["absolute_humidity", 12.9]
      ])
    }))

  it.effect("take no device, and are neither read nor written", () =>
    Effect.gen(function*() {
      const { hub } = yield* house({ ...rooms, [`/bus.0/28.000028D70300`]: { alias: "dew", temperature: 1 } }, {
        derived: { dew },
        allowWrite: ["*"]
      })
      yield* pass("5 seconds")
      assert.include((yield* Effect.flip(hub.fill("dew", hall))).message, "dew is a derived value: no device fills it")
      assert.include((yield* Effect.flip(hub.read("dew", "temperature"))).message, "dew is a derived value")
      assert.include((yield* Effect.flip(hub.write("dew", "temphigh", 1))).message, "it is a derived value")
    }))

  it.effect("are refused if they cannot be made, and the hub goes on with those that it has", () =>
    Effect.gen(function*() {
      const { after, hub } = yield* house(rooms, { derived: { dew } })
      const error = yield* Effect.flip(hub.configure({ derived: { dew: { rate: { of: "dew/rate", per: "hour" } } } }))
      assert.include(error.message, "\"dew\" cannot be made: it depends on itself: dew → dew")
      assert.strictEqual(valueOf(yield* after("5 seconds"), "dew")?.reading?.value, 15.4)
    }))

  const Turn = Schema.Union([
    Schema.Struct({
      set: Schema.Literals(["bath", "hall", "attic"]),
      to: Schema.Int.check(Schema.isBetween({ minimum: 5, maximum: 30 }))
    }),
    Schema.Struct({ humidity: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })) }),
    Schema.Struct({ count: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 50 })) }),
    Schema.Literals(["fail", "vanish", "break", "mend", "reset", "restart"])
  ])

  const counter = { rate: { of: `${meter}/counter.A`, per: "minute" } } satisfies Derived.Definition

  /** The value that rows say a series has at a time. */
  const heldAt = (rows: ReadonlyArray<string>, at: number): number | undefined => {
    const last = rows.map((row) => row.split(" ")).findLast(([time]) => Number(time) <= at)
    return last === undefined || last[1] === "-" ? undefined : Number(last[1])
  }

  it.effect.prop(
    "have a history that follows from that of their sources, over restarts too",
    [Schema.Array(Turn).check(Schema.isMinLength(3), Schema.isMaxLength(10))],
    ([turns]) =>
      Effect.gen(function*() {
        const options = { derived: { ...derived, flow: counter } }
        const { book, context, hub, network, stop } = yield* house(
          { ...rooms, [`/bus.1/${meter}`]: { alias: "meter", "counter.A": 100, "counter.B": 0 } },
          options
        )
        let running = { hub, stop }
        yield* pass("5 seconds")
        for (const key of [hall, attic]) yield* hub.edit(key, { group: "House" })
        let count = 100
        for (const turn of turns) {
          if (typeof turn === "object") {
            if ("count" in turn) yield* network.set(`/bus.1/${meter}/counter.A`, count += turn.count)
            else if ("humidity" in turn) yield* network.set(`/bus.0/${bath}/humidity`, turn.humidity)
            else {
              const path = { bath: `/bus.0/${bath}`, hall: `/bus.1/${hall}`, attic: `/bus.1/${attic}` }[turn.set]
              yield* Effect.ignore(network.set(`${path}/temperature`, turn.to))
            }
          } else if (turn === "fail") {
            yield* Effect.ignore(network.set(`/bus.1/${hall}/temperature`, SimulatedNetwork.refuse(-5)))
          } else if (turn === "vanish") yield* Effect.ignore(network.vanish(`/bus.1/${attic}`))
          else if (turn === "break") yield* network.breakBus(0, -5)
          else if (turn === "mend") {
            yield* network.breakBus(0)
            yield* Effect.ignore(network.appear(`/bus.1/${attic}`))
          } else if (turn === "reset") yield* network.set(`/bus.1/${meter}/counter.A`, count = 0)
          else {
            yield* running.stop
            yield* pass("5 minutes")
            running = yield* start(book, context, options)
          }
          yield* pass("20 seconds")
        }
        yield* pass("90 seconds")
        const end = yield* running.hub.state
        yield* running.stop
        const of = {
          humidity: yield* book.rowsOf("humidity", bath),
          bath: yield* book.rowsOf("temperature", bath),
          hall: yield* book.rowsOf("temperature", hall),
          attic: yield* book.rowsOf("temperature", attic),
          dew: yield* book.rowsOf("dew_point", "dew"),
          spread: yield* book.rowsOf("difference", "spread"),
          min: yield* book.rowsOf("min", "warm"),
          mean: yield* book.rowsOf("mean", "warm")
        }
        const rounded = (value: number) => Math.round(value * 10) / 10 + 0
        for (let at = 25; at < end.at - 5; at += 10) {
          const [humidity, temperature, warm, cold] = [of.humidity, of.bath, of.hall, of.attic].map((rows) =>
            heldAt(rows, at)
          )
          const air = humidity === undefined || temperature === undefined ? undefined : { humidity, temperature }
          const expected = air && Option.getOrUndefined(Option.map(Humidity.dewPoint(air), rounded))
          assert.strictEqual(heldAt(of.dew, at), expected, `dew point at ${at}`)
          assert.strictEqual(
            heldAt(of.spread, at),
            warm === undefined || cold === undefined ? undefined : warm - cold,
            `difference at ${at}`
          )
          const known = [warm, cold].filter((one) => one !== undefined)
          const isEmpty = known.length === 0
          assert.strictEqual(heldAt(of.min, at), isEmpty ? undefined : Math.min(...known), `min at ${at}`)
          const mean = known.reduce((sum, one) => sum + one, 0) / known.length
          assert.strictEqual(heldAt(of.mean, at), isEmpty ? undefined : rounded(mean), `mean at ${at}`)
        }
        // It has stood still for more than a minute.
        assert.strictEqual(valueOf(end, "flow")?.reading?.value, 0)
      }),
    { arbitrary: { runs: 12, seed: "derived" } }
  )
})
