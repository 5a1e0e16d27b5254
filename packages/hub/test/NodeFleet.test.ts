/** Runners of a fleet over real sockets and a real database. */
import { Fleet, HubRelay, NodeFleet, ServerRegistry } from "@effect-ownet/hub"
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import * as Postgres from "./fixtures/postgres.ts"
import * as Runners from "./fixtures/runners.ts"

Postgres.describe("runners over PostgreSQL", () => {
  layer(Layer.effect(Postgres.Server, Postgres.start), { timeout: "60 seconds", excludeTestServices: true })((it) => {
    it.effect("keep what runs once in one of them, and in another when that ends", () =>
      Effect.gen(function*() {
        const url = yield* Postgres.database((yield* Postgres.Server).url, "once")
        const { connectors } = yield* Runners.servers({})
        const running: Array<string> = []
        const told: Array<string> = []
        const one = (name: string) =>
          Fleet.once("hub", Layer.effectDiscard(Effect.acquireRelease(
            Effect.sync(() => void (running.push(name), told.push(name))),
            () => Effect.sync(() => void running.splice(running.indexOf(name), 1))
          )))
        const all = yield* Effect.forEach(["a", "b", "c"], (name) =>
          Effect.map(Runners.start(url, connectors, {}, one(name)), (runner) => ({ ...runner, id: name })), { concurrency: 3 })
        yield* Runners.until("it runs", Effect.sync(() => running.length === 1))
        const [name] = running
        const kept = all.find(({ id }) => id === name)!
        const where = yield* Context.get(kept.context, Fleet.Fleet).where
        assert.deepStrictEqual(where.once, [{ name: "hub", runner: kept.name }])
        assert.lengthOf(where.runners, 3)
        yield* kept.stop
        yield* Runners.until("it runs elsewhere", Effect.sync(() => running.length === 1))
        assert.notStrictEqual(running[0], name)
        console.log(told)
      }), 60_000)
  })
})
