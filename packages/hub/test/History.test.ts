import { History, layerMemory, layerPostgres, layerSqlite } from "@effect-ownet/hub/History"
import type { Row } from "@effect-ownet/hub/History"
import type { HistoryError } from "@effect-ownet/hub/HistoryError"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Context, Effect, FileSystem, Layer, Stream } from "effect"
import * as Postgres from "./fixtures/postgres.ts"
import * as Story from "./fixtures/story.ts"

/** Makes an empty history, and opens it once more for as often as it is provided. */
class Database extends Context.Service<Database, {
  readonly fresh: Effect.Effect<Layer.Layer<History, HistoryError>>
}>()("test/Database") {}

const memory = Layer.succeed(Database, { fresh: Effect.succeed(Layer.fresh(layerMemory)) })

const sqlite = Layer.effect(
  Database,
  Effect.gen(function*() {
    const folder = yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
    let count = 0
    return { fresh: Effect.sync(() => layerSqlite(`${folder}/${count++}.db`)) }
  }).pipe(Effect.orDie)
).pipe(Layer.provide(NodeServices.layer))

const postgres = Layer.effect(
  Database,
  Effect.gen(function*() {
    const { url } = yield* Postgres.start
    let count = 0
    return {
      fresh: Effect.suspend(() => Postgres.database(url, `history${count++}`)).pipe(
        Effect.map((url) => layerPostgres(url)),
        Effect.orDie
      )
    }
  }).pipe(Effect.orDie)
)

/** Runs on an empty history. */
const onFresh = <A, E>(self: Effect.Effect<A, E, History>) =>
  Effect.flatMap(Effect.flatMap(Database, ({ fresh }) => fresh), (layer) => Effect.provide(self, layer))

const t0 = Date.UTC(2026, 0, 5) / 1000
const day = 86_400
const cellar = { place: "28.0A", property: "temperature" }

const openCellar = Effect.flatMap(
  History,
  (history) => history.open({ device: "28.0A", property: "temperature", unit: "°C", since: t0 })
)

const plausible = (series: number, at: number, value: number | undefined): Row => ({
  series,
  at,
  value,
  verdict: "Plausible"
})

const close = (is: number | undefined, should: number | undefined, what: string): void => {
  if (is === undefined || should === undefined) assert.strictEqual(is, should, what)
  else assert.closeTo(is, should, 1e-9 * Math.max(1, Math.abs(should)), what)
}

const suite = (runs: number) => (it: Parameters<Parameters<ReturnType<typeof layer<Database, never>>>[1]>[0]) => {
  it.effect("agrees with a list of all readings, whatever was packed when", () =>
    Effect.forEach(Array.from({ length: runs }, (_, i) => i + 1), (seed) =>
      onFresh(Effect.gen(function*() {
        const history = yield* History
        const { begin, now, random, written } = yield* Story.live(seed)
        const of = ["28.0A", "28.0B"].map((place) => ({ place, property: "temperature" }))
        const check = Effect.fnUntraced(function*(edges: ReadonlyArray<number>, until: number) {
          const found = yield* history.buckets({ of, edges, now: until })
          of.forEach((one, i) => {
            const should = Story.bucketsOf(written, one, edges, until)
            const is = found[i]!
            const what = `seed ${seed}, ${one.place}, ${edges[0]} to ${edges.at(-1)} in ${edges.length - 1}, ${until}`
            edges.slice(1).forEach((_, b) => {
              close(is.covered[b], should.covered[b], `covered ${b}: ${what}`)
              close(is.min[b], should.min[b], `min ${b}: ${what}`)
              close(is.max[b], should.max[b], `max ${b}: ${what}`)
              close(is.mean[b], should.mean[b], `mean ${b}: ${what}`)
            })
            assert.deepStrictEqual(is.marks, should.marks, what)
          })
        })
        const checkAll = Effect.gen(function*() {
          yield* check(Story.midnights, now)
          for (let i = 0; i < 12; i++) {
            const from = begin - 5000 + random.below(now - begin)
            const width = [60, 300, 900, 3600, 7200, 8000, 20_000][random.below(7)]!
            const first = random.isOnce(2) ? Math.floor(from / width) * width : from
            const count = 1 + random.below(60)
            const edges = Array.from({ length: count + 1 }, (_, i) => first + width * i)
            yield* check(edges, random.isOnce(3) ? first + random.below(width * count) + 1 : now)
          }
          for (const one of of) {
            const from = begin + random.below(now - begin)
            const rows = yield* Stream.runCollect(history.rows({ ...one, from, to: now }))
            assert.deepStrictEqual(rows, [...Story.rowsOf(written, one, from, now)])
          }
        })
        yield* checkAll
        yield* history.maintain({ now, keep: 10 ** 9 })
        yield* checkAll
      })), { discard: true }))

  it.effect("knows until when measuring went on, and the last value of each series", () =>
    onFresh(Effect.gen(function*() {
      const history = yield* History
      assert.isUndefined(yield* history.lastSeen)
      const { id } = yield* openCellar
      yield* openCellar
      const empty = yield* history.open({ device: "28.0B", property: "temperature", unit: undefined, since: t0 })
      assert.deepStrictEqual((yield* history.series).map(({ id }) => id), [id, empty.id])
      yield* history.append({
        at: t0 + 2 * day,
        rows: [
          { series: id, at: t0, value: 20, verdict: "Plausible" },
          { series: id, at: t0 + 60, value: 20.5, verdict: "Jump" },
          { series: id, at: t0 + 90, value: undefined, verdict: "Plausible" }
        ],
        events: []
      })
      const last = [{ series: id, at: t0 + 60, value: 20.5, verdict: "Jump" as const }]
      assert.deepStrictEqual(yield* history.latest, last)
      yield* history.maintain({ now: t0 + 2 * day, keep: day })
      assert.deepStrictEqual(yield* history.latest, last)
      assert.strictEqual(yield* history.lastSeen, t0 + 2 * day)
    })))

  it.effect("holds a value on until the next row, for weeks, and to now", () =>
    onFresh(Effect.gen(function*() {
      const history = yield* History
      const { id } = yield* openCellar
      const now = t0 + 30 * day + 1800
      const seen = Effect.fnUntraced(function*(edges: ReadonlyArray<number>) {
        const [found] = yield* history.buckets({ of: [cellar], edges, now })
        return [found!.covered, found!.mean]
      })
      yield* history.append({ at: t0 + 60, rows: [plausible(id, t0 + 60, 20)], events: [] })
      yield* history.append({ at: t0 + 20 * day, rows: [plausible(id, t0 + 20 * day, 30)], events: [] })
      const check = Effect.gen(function*() {
        assert.deepStrictEqual(yield* seen([t0, t0 + day, t0 + 2 * day]), [[day - 60, day], [20, 20]])
        assert.deepStrictEqual(yield* seen([t0 + 9 * day, t0 + 9 * day + 60]), [[60], [20]])
        assert.deepStrictEqual(yield* seen([t0 + 19 * day, t0 + 21 * day]), [[2 * day], [25]])
        assert.deepStrictEqual(yield* seen([now - 60, now, now + 60]), [[60, 0], [30, undefined]])
        assert.deepStrictEqual(yield* seen([now - 1800, now + 1800, now + 5400]), [[1800, 0], [30, undefined]])
        assert.deepStrictEqual(yield* seen([t0 - 5 * day, t0]), [[0], [undefined]])
      })
      yield* check
      yield* history.maintain({ now, keep: 10 ** 9 })
      yield* check
      yield* history.append({ at: now, rows: [], events: [] })
      yield* history.maintain({ now, keep: 10 ** 9 })
      yield* check
      // What comes late changes what held from then on.
      yield* history.append({ at: now, rows: [plausible(id, t0 + 10 * day, 40)], events: [] })
      assert.deepStrictEqual(yield* seen([t0 + 19 * day, t0 + 21 * day]), [[2 * day], [35]])
      assert.deepStrictEqual(yield* seen([t0 + 9 * day, t0 + 9 * day + 60]), [[60], [20]])
    })))

  it.effect("forgets rows and events that are too old, and keeps the hours", () =>
    onFresh(Effect.gen(function*() {
      const history = yield* History
      const { id } = yield* openCellar
      const now = t0 + 10 * day
      const rows = Array.from({ length: 1440 }, (_, i) => plausible(id, t0 + i * 600, i % 2))
      const marked = { series: id, at: t0 + 100, value: 85, verdict: "PowerOn" as const }
      yield* history.append({ at: now, rows: [...rows, marked], events: [{ at: t0, kind: "Started", text: "" }] })
      const all = Effect.map(
        Effect.all([
          Stream.runCollect(history.rows({ ...cellar, from: 0, to: now })),
          history.events({ from: 0, to: now, limit: 10 }),
          history.buckets({ of: [cellar], edges: [t0, t0 + 5 * day, now], now })
        ]),
        ([rows, events, [buckets]]) => [rows.length, events.length, buckets!.covered, buckets!.marks.length]
      )
      const kept = [5 * day - 500, 5 * day]
      assert.deepStrictEqual(yield* all, [1441, 1, kept, 1])
      yield* history.maintain({ now, keep: 100 * day })
      assert.deepStrictEqual(yield* all, [1441, 1, kept, 1])
      yield* history.maintain({ now, keep: 3 * day })
      assert.deepStrictEqual(yield* all, [3 * 144, 0, kept, 0])
      // No row comes back to where rows are gone, and roll-ups stay what they are.
      yield* history.append({ at: now, rows: [plausible(id, t0 + 5000, 7)], events: [] })
      assert.deepStrictEqual(yield* all, [3 * 144, 0, kept, 0])
      const [part] = yield* history.buckets({ of: [cellar], edges: [t0 + day, t0 + day + 1800], now })
      assert.deepStrictEqual([part!.covered, part!.mean], [[1800], [0.5]])
    })))

  it.effect("keeps places, and lets a device fill another one's", () =>
    onFresh(Effect.gen(function*() {
      const history = yield* History
      const old = yield* openCellar
      const place = {
        key: "28.0A",
        device: "28.0A",
        name: "Cellar '); DROP TABLE ow_place; --",
        group: "<b>\u{1F525}",
        order: 2.5,
        isHidden: true,
        limits: { temperature: { above: 8, below: -1 } }
      }
      yield* history.setPlace(place)
      assert.deepStrictEqual(yield* history.places, [place])
      const made = yield* history.open({ device: "28.0B", property: "temperature", unit: "°C", since: t0 + day })
      assert.strictEqual(made.place, "28.0B")
      yield* history.append({
        at: t0 + day,
        rows: [plausible(old.id, t0, 10), plausible(made.id, t0 + 3600, 20)],
        events: [{ at: t0 + day, kind: "Appeared", place: "28.0B", text: "" }]
      })
      yield* history.fill("28.0A", "28.0B")
      assert.deepStrictEqual(yield* history.places, [{ ...place, device: "28.0B" }])
      assert.deepStrictEqual((yield* history.series).map(({ place }) => place), ["28.0A", "28.0A"])
      assert.lengthOf(yield* history.events({ from: 0, to: 1e10, place: "28.0A", limit: 9 }), 1)
      const rows = yield* Stream.runCollect(history.rows({ ...cellar, from: 0, to: t0 + day }))
      assert.deepStrictEqual(rows.map(({ series, value }) => [series, value]), [[old.id, 10], [made.id, 20]])
      const [buckets] = yield* history.buckets({ of: [cellar], edges: [t0, t0 + 3600, t0 + 7200], now: t0 + day })
      assert.deepStrictEqual(buckets!.mean, [10, 20])
      // What else the new one measures belongs to the place, too.
      const more = yield* history.open({ device: "28.0B", property: "power", unit: undefined, since: t0 + day })
      assert.strictEqual(more.place, "28.0A")
      const nowhere = yield* Effect.flip(history.fill("28.FF", "28.0B"))
      assert.strictEqual(nowhere.reason, "Refused")
      // And back again.
      yield* history.fill("28.0A", "28.0A")
      assert.deepStrictEqual(yield* history.places, [place])
    })))

  it.effect("keeps events, the latest first, with any text", () =>
    onFresh(Effect.gen(function*() {
      const history = yield* History
      const hostile = "\u0000 \uD800 '\"; DROP TABLE ow_event; \u001B[31m"
      const events = Array.from({ length: 5 }, (_, i) => ({
        at: t0 + i,
        kind: "Raised",
        ...i % 2 === 0 ? { place: "28.0A" } : {},
        server: "pi:4304",
        bus: "bus.0",
        text: `${i} ${hostile}`
      }))
      yield* history.append({ at: t0 + 9, rows: [], events })
      const kept = events.map((event) => ({ ...event, text: event.text.replace("\0", "\uFFFD").toWellFormed() }))
      const all = { from: t0, to: t0 + 9, limit: 100 }
      assert.deepStrictEqual(yield* history.events(all), kept.toReversed())
      assert.deepStrictEqual(yield* history.events({ ...all, from: t0 + 1, to: t0 + 3 }), [kept[2]!, kept[1]!])
      assert.deepStrictEqual(yield* history.events({ ...all, place: "28.0A", limit: 2 }), [kept[4]!, kept[2]!])
    })))

  it.effect("takes no number for what is none, and the last row of a second", () =>
    onFresh(Effect.gen(function*() {
      const history = yield* History
      const { id } = yield* openCellar
      yield* history.append({
        at: t0 + 9,
        rows: [
          plausible(id, t0, NaN),
          plausible(id, t0 + 1, Infinity),
          plausible(id, t0 + 2.2, 1),
          plausible(id, t0 + 2.9, 2),
          plausible(id, t0 + 3, -1e308)
        ],
        events: []
      })
      const rows = yield* Stream.runCollect(history.rows({ ...cellar, from: t0, to: t0 + 9 }))
      assert.deepStrictEqual(rows.map(({ at, value }) => [at - t0, value]), [
        [0, undefined],
        [1, undefined],
        [2, 2],
        [3, undefined]
      ])
    })))

  it.effect("gives the first hundred marks, and empty answers to empty questions", () =>
    onFresh(Effect.gen(function*() {
      const history = yield* History
      const { id } = yield* openCellar
      const rows = Array.from(
        { length: 300 },
        (_, i) => ({ series: id, at: t0 + i * 60, value: 85, verdict: "PowerOn" as const })
      )
      yield* history.append({ at: t0 + day, rows, events: [] })
      const edges = [t0 + 60, t0 + day]
      for (let i = 0; i < 2; i++) {
        const [found] = yield* history.buckets({ of: [cellar], edges, now: t0 + day })
        assert.deepStrictEqual(found!.marks, rows.slice(1, 101))
        assert.deepStrictEqual([found!.covered, found!.mean], [[0], [undefined]])
        yield* history.maintain({ now: t0 + day, keep: 100 * day })
      }
      assert.deepStrictEqual(yield* history.buckets({ of: [], edges, now: t0 }), [])
      const unknown = { place: "28.FF", property: "temperature" }
      const [none] = yield* history.buckets({ of: [unknown], edges, now: t0 + day })
      assert.deepStrictEqual([none!.covered, none!.marks], [[0], []])
      const [noEdges] = yield* history.buckets({ of: [cellar], edges: [], now: t0 + day })
      assert.deepStrictEqual([noEdges!.covered, noEdges!.mean], [[], []])
      assert.lengthOf(yield* Stream.runCollect(history.rows({ ...unknown, from: 0, to: 1e10 })), 0)
    })))
}

describe("History", () => {
  layer(memory)("in memory", suite(6))
  layer(sqlite)("in a file of SQLite", suite(3))
  Postgres.describe(
    "",
    () => layer(postgres, { timeout: 60_000, excludeTestServices: true })("in PostgreSQL", suite(2))
  )
})
