import { History, layerMemory, layerPostgres, layerSqlite } from "@effect-ownet/hub/History"
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
      const last = [{ series: id, at: t0 + 60, value: 20.5, verdict: "Jump" }]
      assert.deepStrictEqual(yield* history.latest, last as never)
      yield* history.maintain({ now: t0 + 2 * day, keep: day })
      assert.deepStrictEqual(yield* history.latest, last as never)
      assert.strictEqual(yield* history.lastSeen, t0 + 2 * day)
    })))
  void cellar
}

describe("History", () => {
  layer(memory)("in memory", suite(6))
  layer(sqlite)("in a file of SQLite", suite(3))
  Postgres.describe(
    "",
    () => layer(postgres, { timeout: 60_000, excludeTestServices: true })("in PostgreSQL", suite(2))
  )
})
