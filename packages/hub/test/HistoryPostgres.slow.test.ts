/** A history in PostgreSQL: what can be wrong with the server, and with its address. */
import { History, layerPostgres } from "@effect-ownet/hub/History"
import type { HistoryError } from "@effect-ownet/hub/HistoryError"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Redacted, Schedule, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import { spawnSync } from "node:child_process"
import * as Postgres from "./fixtures/postgres.ts"
import { Database, suite } from "./fixtures/suite.ts"

const begin = 1_767_225_600
const cellar = { device: "28.0A", property: "temperature", unit: "°C", since: begin }

const refusal = (layer: Layer.Layer<History, HistoryError>) =>
  Effect.flip(Effect.asVoid(Effect.scoped(Layer.build(layer))))

const append = Effect.fnUntraced(function*(from: number, count: number) {
  const history = yield* History
  const { id } = yield* history.open(cellar)
  const rows = Array.from({ length: count }, (_, i) => ({
    series: id,
    at: from + i,
    value: i / 16,
    verdict: "Plausible" as const
  }))
  yield* history.append({ at: from + count, rows, events: [] })
})

describe("a history in PostgreSQL that is out of reach", () => {
  it.live("is told so, without its password", () =>
    Effect.gen(function*() {
      const url = "postgres://ow:s3cr3t@127.0.0.1:1/history?password=s3cr3t&sslmode=disable"
      for (const given of [url, Redacted.make(url)]) {
        const error = yield* refusal(layerPostgres(given))
        assert.strictEqual(error.reason, "Unreachable")
        assert.strictEqual(error.database, "postgres://ow@127.0.0.1:1/history")
        assert.notInclude(JSON.stringify(error) + error.message, "s3cr3t")
      }
    }))

  it.live("is refused if its address is none, without showing it", () =>
    Effect.gen(function*() {
      for (const url of ["postgres//ow:s3cr3t@pi/history", "http://ow:s3cr3t@pi/history", "s3cr3t"]) {
        const error = yield* refusal(layerPostgres(url))
        assert.strictEqual(error.reason, "Refused")
        assert.notInclude(JSON.stringify(error) + error.message, "s3cr3t")
      }
    }))

  it("says what to install if the package is missing", () => {
    const hooks = `import { registerHooks } from "node:module"
      registerHooks({ resolve: (name, context, next) => {
        if (name.startsWith("@effect/sql-pg")) throw Object.assign(new Error(name), { code: "ERR_MODULE_NOT_FOUND" })
        return next(name, context)
      } })`
    const program = `import { layerPostgres } from "@effect-ownet/hub/History"
      import { Effect, Layer } from "effect"
      const opened = Effect.scoped(Layer.build(layerPostgres("postgres://ow@127.0.0.1:1/history")))
      Effect.runPromise(Effect.flip(opened)).then((error) => console.log(error.reason, error.message))`
    const { stdout } = spawnSync(process.execPath, [
      `--import=data:text/javascript,${encodeURIComponent(hooks)}`,
      "--input-type=module",
      `--eval=${program}`
    ], { cwd: import.meta.dirname, encoding: "utf8" })
    assert.match(stdout, /^Refused .*npm install @effect\/sql-pg$/m)
  })
})

const { Server } = Postgres

let count = 0

/** An address of an empty database. */
const fresh = Effect.flatMap(Server, ({ url }) => Postgres.database(url, `history${count++}`))

const histories = Layer.effect(
  Database,
  Effect.map(Server, (server) => ({
    fresh: Effect.orDie(Effect.map(Effect.provideService(fresh, Server, server), (url) => layerPostgres(url)))
  }))
)

const servers = Layer.orDie(Layer.provideMerge(histories, Layer.effect(Server, Postgres.start)))

Postgres.describe("a history", () => {
  layer(servers, { timeout: 60_000, excludeTestServices: true })("in PostgreSQL", (it) => {
    suite(1)(it)

    it.effect("is written by two hubs at once, and packed by both", () =>
      Effect.gen(function*() {
        const url = yield* fresh
        const opened = yield* Effect.forEach([1, 2], () => Layer.build(Layer.fresh(layerPostgres(url))), {
          concurrency: "unbounded"
        })
        const each = 200
        yield* Effect.forEach(opened, (context, i) =>
          Effect.gen(function*() {
            const history = yield* History
            const { id } = yield* history.open({ ...cellar, device: `28.0${i}` })
            for (let hour = 0; hour < 4; hour++) {
              const from = begin + hour * 3600
              const rows = Array.from({ length: each }, (_, i) => ({
                series: id,
                at: from + i * 18,
                value: i,
                verdict: "Plausible" as const
              }))
              yield* history.append({ at: from + 3600, rows, events: [] })
              yield* history.maintain({ now: from + 3600, keep: 10 ** 9 })
            }
          }).pipe(Effect.provide(context)), { concurrency: "unbounded" })
        yield* Effect.gen(function*() {
          const history = yield* History
          for (let i = 0; i < 2; i++) {
            const of = { place: `28.0${i}`, property: "temperature" }
            const rows = yield* Stream.runCollect(history.rows({ ...of, from: 0, to: 1e10 }))
            assert.strictEqual(rows.length, 4 * each)
          }
        }).pipe(Effect.provide(opened[0]!))
      }))

    it.effect("waits for no server that has fallen silent", () =>
      Effect.gen(function*() {
        const server = yield* Server
        const url = yield* fresh
        yield* Effect.gen(function*() {
          yield* append(begin, 10)
          yield* server.freeze(Effect.gen(function*() {
            const history = yield* History
            const tries = yield* Effect.forkChild(
              Effect.all([Effect.flip(append(begin + 10, 10)), Effect.flip(history.places)], {
                concurrency: "unbounded"
              })
            )
            // It is on its way by then.
            yield* TestClock.withLive(Effect.sleep("50 millis"))
            yield* TestClock.adjust("21 seconds")
            for (const error of yield* Fiber.join(tries)) {
              assert.strictEqual(error.reason, "Unreachable")
              assert.isTrue(error.isRetryable)
            }
          }))
          yield* append(begin + 20, 10)
        }).pipe(Effect.provide(Layer.merge(layerPostgres(url), TestClock.layer())))
        // It ends with a server that is silent, too.
        const scope = yield* Scope.make()
        const context = yield* Layer.buildWithScope(Layer.fresh(layerPostgres(url)), scope)
        const asked = yield* Effect.forkChild(Effect.exit(Effect.provide(append(begin + 40, 10), context)))
        yield* server.freeze(Scope.close(scope, Exit.void))
        yield* Fiber.join(asked)
      }))

    it.effect("has a batch of a fleet once, if its server fell silent on the way and the batch is given again", () =>
      Effect.gen(function*() {
        const server = yield* Server
        yield* Effect.gen(function*() {
          const history = yield* History
          const keeper = yield* history.takeOver
          const batch = (turn: number) => ({
            at: begin + turn,
            rows: [],
            events: [{ at: begin + turn, kind: "Raised", text: String(turn) }],
            progress: { keeper, turn, position: turn }
          })
          yield* history.append(batch(1))
          for (const delay of [0, 1, 2, 3, 5, 8]) {
            const turn = ((yield* history.position) ?? 0) + 1
            const tries = yield* Effect.forkChild(Effect.exit(history.append(batch(turn))))
            // Where on its way it is by then is up to chance.
            yield* TestClock.withLive(Effect.sleep(delay))
            yield* server.freeze(TestClock.adjust("21 seconds"))
            yield* Fiber.join(tries)
            yield* history.append(batch(turn))
          }
          const events = yield* history.events({ from: 0, to: 1e10, limit: 100 })
          assert.deepStrictEqual(events.map(({ text }) => text), ["7", "6", "5", "4", "3", "2", "1"])
          assert.strictEqual(yield* history.position, 7)
        }).pipe(Effect.provide(Layer.merge(layerPostgres(yield* fresh), TestClock.layer())))
      }))

    it.effect("tells that its server has gone, and goes on when it is back", () =>
      Effect.gen(function*() {
        const server = yield* Server
        yield* Effect.gen(function*() {
          yield* append(begin, 10)
          yield* server.restart(Effect.gen(function*() {
            const error = yield* Effect.flip(append(begin + 10, 10))
            assert.strictEqual(error.reason, "Unreachable")
            assert.isTrue(error.isRetryable)
          }))
          yield* Effect.retry(append(begin + 20, 10), { schedule: Schedule.spaced("50 millis"), times: 800 })
          const history = yield* History
          const rows = yield* Stream.runCollect(
            history.rows({ place: "28.0A", property: "temperature", from: 0, to: 1e10 })
          )
          assert.strictEqual(rows.length, 20)
        }).pipe(Effect.provide(layerPostgres(yield* fresh)))
      }))
  })
})
