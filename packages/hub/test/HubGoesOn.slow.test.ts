import { SimulatedNetwork, TestNetwork } from "@effect-ownet/core/testing"
import { type Hub, ServerRegistry } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, Random } from "effect"
import { TestClock } from "effect/testing"
import { Merge } from "../src/internal/fleet/Merge.ts"
import { network as networkOf, notebook } from "./fixtures/houses.ts"
import { followers, keep, movingFollowers } from "./fixtures/keepers.ts"

const kitchen = "28.000028D70100"
const attic = "28.000028D70200"
const relay = "12.000012AF0100"

const rooms: SimulatedNetwork.Description = {
  [kitchen]: { temperature: 20, alias: "kitchen" },
  [`/bus.1/${attic}`]: { temperature: 10, alias: "attic" },
  [relay]: { "PIO.A": false }
}

const options: Hub.Options = {
  search: { every: "10 seconds", absences: 1, grace: "20 seconds" },
  rules: { outagesFor: 30 },
  tell: ["phone"],
  places: { [kitchen]: { limits: { temperature: { above: 25 } }, isHidden: false } }
}

/** Rows that say something else than the ones before them: a hub that goes on keeps what it reads first once more. */
const stepsOf = (rows: ReadonlyArray<string>): ReadonlyArray<string> =>
  rows.filter((row, index) => row.replace(/^\d+/, "") !== rows[index - 1]?.replace(/^\d+/, ""))

/** All that was kept in a story, with a hub that is killed at some moments, or never. */
const story = Effect.fnUntraced(function*(seed: string, kills: boolean) {
  const begun = kills ? 10_000 : 0
  yield* TestClock.setTime(begun * 1000)
  const book = yield* notebook
  const context = yield* networkOf(rooms)
  const server = Context.get(context, TestNetwork.TestNetwork).server("pi")
  const { network } = server
  const fleet = yield* followers(context)
  let life = 1
  let hub = yield* keep(book, fleet, "a:1", options)
  const run = Effect.gen(function*() {
    for (let step = 0; step < 40; step++) {
      const what = yield* Random.nextIntBetween(0, 9)
      const value = yield* Random.nextIntBetween(15, 30)
      const pause = yield* Random.nextIntBetween(3, 40)
      const isKilled = (yield* Random.nextIntBetween(0, 3)) === 0
      const isKind = yield* Random.nextBoolean
      if (what < 4) yield* network.set(`${kitchen}/temperature`, value)
      else if (what === 4) yield* network.set(`${attic}/temperature`, SimulatedNetwork.refuse(-5))
      else if (what === 5) yield* network.set(`${attic}/temperature`, value)
      else if (what === 6) yield* network.vanish(attic)
      else if (what === 7) yield* network.appear(attic)
      else yield* server.stop
      yield* TestClock.adjust(`${pause} seconds`)
      if (what === 8) yield* server.start
      if (!isKilled) continue
      if (!kills) {
        yield* TestClock.adjust("2 seconds")
        continue
      }
      if (isKind) yield* hub.stop
      yield* book.kill
      if (!isKind) yield* hub.stop
      yield* TestClock.adjust("2 seconds")
      hub = yield* keep(book, fleet, `a:${++life}`, options)
    }
    yield* TestClock.adjust("3 minutes")
  })
  yield* Random.withSeed(run, seed)
  yield* hub.stop
  return {
    life,
    steps: (yield* Effect.forEach([kitchen, attic], (device) => book.rowsOf("temperature", device))).map((rows) =>
      stepsOf(rows).map((row) => row.replace(/^\d+/, (at) => String(Number(at) - begun)))
    ),
    // How long a value has to be within its limits is counted anew.
    told: book.told().filter((text) => !/^(?:Taken|Started|Stopped|Limit)/.test(text)),
    notices: (yield* book.memory.notices({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1000 }))
      .filter(({ kind }) => kind !== "Limit")
      .map(({ since, text, until }) => `${Math.round(since - begun)} ${text} ${until === undefined ? "" : "ended"}`)
  }
})

/** All that was told of a house that has changed while nobody followed it, by a hub that moves some seconds after that, or never. */
const gap = Effect.fnUntraced(function*(moves: ReadonlyArray<number>) {
  const book = yield* notebook
  const context = yield* networkOf(rooms)
  const { network } = Context.get(context, TestNetwork.TestNetwork).server("pi")
  const followers = yield* movingFollowers(context)
  // What is told between two batches of the journal is written before the next one.
  const wanted = { ...options, flush: "1 second" } as const
  let life = 1
  let hub = yield* keep(book, followers.fleet, "a:1", wanted)
  yield* TestClock.adjust("1 minute")
  yield* network.breakBus(1, -5)
  yield* TestClock.adjust("1 minute")
  yield* followers.leave
  yield* network.breakBus(1)
  yield* network.vanish(attic)
  yield* network.vanish(relay)
  yield* network.appear(`/bus.1/${relay}`)
  yield* TestClock.adjust("5 seconds")
  yield* followers.goOn
  for (let second = 0; second < 180; second++) {
    yield* TestClock.adjust("1 second")
    if (!moves.includes(second)) continue
    yield* book.kill
    yield* hub.stop
    hub = yield* keep(book, followers.fleet, `a:${++life}`, wanted)
  }
  const { places, servers } = yield* hub.hub.state
  yield* hub.stop
  return {
    told: book.told().filter((text) => !text.startsWith("Taken")),
    buses: servers.flatMap(({ buses }) => buses.map(({ name }) => name)),
    gone: places.filter(({ goneSince }) => goneSince !== undefined).map(({ key }) => key)
  }
})

describe("a hub that goes on at another runner", () => {
  for (const moves of [[1], [8], [14, 17], [18, 60], [119, 123], [3, 9, 19, 40, 100, 124, 130]]) {
    it.effect(`tells what has changed while nobody followed a server, and moves after ${moves.join(", ")} s`, () =>
      Effect.gen(function*() {
        const calm = yield* gap([])
        const moved = yield* gap(moves)
        assert.deepStrictEqual(moved, calm)
        assert.deepStrictEqual(calm.buses, [])
        assert.deepStrictEqual(calm.gone, [attic])
        assert.deepStrictEqual(calm.told.slice(-3), [
          "BusRecovered: bus.1 of pi works again, after 81 seconds",
          "Moved: 12.000012AF0100 has moved from bus.0 to bus.1",
          "Vanished: attic is gone"
        ])
      }))
  }

  for (const seed of ["a", "c", "d", "e"]) {
    it.effect(`keeps and tells each thing once, like a hub that was never killed (${seed})`, () =>
      Effect.gen(function*() {
        const calm = yield* Random.withSeed(story(seed, false), seed)
        const killed = yield* Random.withSeed(story(seed, true), seed)
        assert.isAbove(killed.life, 3)
        assert.deepStrictEqual(killed.steps, calm.steps)
        assert.deepStrictEqual(killed.told.toSorted(), calm.told.toSorted())
        // An outage that has lasted for a while counts anew, and may be over before it is told.
        assert.includeMembers([...calm.notices], [...killed.notices])
        assert.lengthOf(new Set(killed.notices), killed.notices.length)
      }))
  }

  it.effect("tells that a server was removed while no hub ran, and ends what was read of it", () =>
    Effect.gen(function*() {
      const book = yield* notebook
      const far = "28.000028D70300"
      const context = yield* Layer.build(TestNetwork.layer({ pi: rooms, barn: { [far]: { temperature: 5 } } }))
      const fleet = yield* followers(context)
      const first = yield* keep(book, fleet, "a:1", options)
      yield* TestClock.adjust("1 minute")
      yield* book.kill
      yield* first.stop
      assert.isTrue(yield* Context.get(fleet, ServerRegistry.ServerRegistry).remove("barn"))
      yield* TestClock.adjust("20 seconds")
      const { hub } = yield* keep(book, fleet, "a:2", options)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual((yield* hub.state).servers.map(({ name }) => name), ["pi"])
      assert.deepStrictEqual(book.told().filter((text) => text.startsWith("Vanished")), [`Vanished: ${far} is gone`])
      assert.match((yield* book.rowsOf("temperature", far)).at(-1) ?? "", / -$/)
      assert.notInclude(book.told().join("\n"), "Slept")
    }))

  it.effect("keeps all of a journal that is longer than what may wait", () =>
    Effect.gen(function*() {
      const book = yield* notebook
      const context = yield* networkOf(rooms)
      const { network } = Context.get(context, TestNetwork.TestNetwork).server("pi")
      const fleet = yield* followers(context)
      const first = yield* keep(book, fleet, "a:1", options)
      yield* TestClock.adjust("1 minute")
      yield* book.kill
      yield* first.stop
      const values = Array.from({ length: 40 }, (_, i) => 30 + i)
      for (const value of values) {
        yield* network.set(`${kitchen}/temperature`, value)
        yield* TestClock.adjust("10 seconds")
      }
      const { hub } = yield* keep(book, fleet, "a:2", { ...options, buffer: 20 })
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* hub.health).dropped, 0)
      const kept = (yield* book.rowsOf("temperature", kitchen)).map((row) => Number(row.split(" ")[1]))
      assert.deepStrictEqual(kept.filter((value) => value >= 30), [...values, 69].slice(0, values.length))
      assert.notInclude(book.told().join("\n"), "Slept")
    }))

  it.effect("says which server nobody follows", () =>
    Effect.sync(() => {
      const merge = new Merge([], () => undefined)
      merge.register(["pi"], 0)
      const [event] = merge.miss("pi", "no runner of the site barn follows it; a:1 did before", 30)
      assert(event?._tag === "ServerFailed")
      assert.strictEqual(event.error.message, "connect to pi: no runner of the site barn follows it; a:1 did before")
    }))
})
