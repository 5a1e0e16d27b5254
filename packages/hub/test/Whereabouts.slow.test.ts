/** Which runner follows what, as all of them see it. */
import { type Fleet, Journal, ServerRegistry } from "@effect-ownet/hub"
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Scope } from "effect"
import * as Whereabouts from "../src/internal/fleet/Whereabouts.ts"
import * as Fleets from "./fixtures/fleets.ts"
import * as Postgres from "./fixtures/postgres.ts"

type Where = Fleet.Where

const health = { waiting: 3, dropped: 7, failing: undefined }

/** The whereabouts as a runner has them, whose journal has something to tell. */
const runnerOf = (url: string, runner: string, site?: string) =>
  Effect.map(
    Fleets.build(
      url,
      Whereabouts.layerSql({ runner, site }).pipe(
        Layer.provide(Layer.mock(Journal.Journal, { health: Effect.succeed(health), standing: undefined }))
      ),
      runner
    ),
    (context) => Context.get(context, Whereabouts.Whereabouts)
  )

const server = (server: string) => ({ _tag: "Server", server }) as const

const until = (whereabouts: Whereabouts.Whereabouts["Service"], isSo: (where: Where) => boolean) =>
  Effect.andThen(Effect.sleep("20 millis"), whereabouts.where).pipe(
    Effect.repeat({ until: isSo }),
    Effect.timeout("40 seconds")
  )

const runnersOf = ({ servers }: Where) => servers.map(({ runner, server, site }) => [server, site, runner])

Postgres.describe("the whereabouts of a fleet", () => {
  layer(Fleets.server, { timeout: 60_000, excludeTestServices: true })("in PostgreSQL", (it) => {
    it.effect("are the same for all, and change hands", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const registry = Context.get(
          yield* Fleets.build(url, ServerRegistry.layerSql),
          ServerRegistry.ServerRegistry
        )
        yield* Effect.forEach(["pi", "barn"], (server) => registry.add(server))
        yield* registry.add("hut", { site: "hill" })
        const a = yield* runnerOf(url, "a:1")
        const b = yield* runnerOf(url, "b:1", "hill")
        yield* a.holds(server("pi"))
        yield* a.holds(server("barn"))
        yield* a.holds({ _tag: "Once", name: "hub" })
        const first = yield* until(b, (where) => where.once.length === 1 && where.runners.length === 2)
        assert.deepStrictEqual(runnersOf(first), [["barn", undefined, "a:1"], ["hut", "hill", undefined], [
          "pi",
          undefined,
          "a:1"
        ]])
        assert.deepStrictEqual(first.once, [{ name: "hub", runner: "a:1" }])
        assert.deepStrictEqual(
          first.runners.map(({ dropped, runner, site, waiting }) => [runner, site, waiting, dropped]),
          [["a:1", undefined, 3, 7], ["b:1", "hill", 3, 7]]
        )
        // A runner that was frozen does not know yet that another has taken over.
        yield* b.holds(server("barn"))
        yield* b.holds({ _tag: "Once", name: "hub" })
        const second = yield* until(a, ({ once }) => once[0]?.runner === "b:1")
        const seenOf = (where: Where, name: string) => where.servers.find(({ server }) => server === name)?.seen ?? 0
        const third = yield* until(a, (where) => seenOf(where, "pi") > seenOf(second, "pi"))
        assert.deepStrictEqual(runnersOf(third), [["barn", undefined, "b:1"], ["hut", "hill", undefined], [
          "pi",
          undefined,
          "a:1"
        ]])
        const [, , pi] = third.servers
        assert.strictEqual(pi?.since, second.servers[2]?.since)
        // What it leaves keeps its row, which grows old.
        yield* a.leaves(server("barn"))
        yield* a.leaves(server("pi"))
        yield* b.holds(server("hut"))
        const fourth = yield* until(b, (where) => seenOf(where, "barn") > seenOf(third, "barn"))
        const left = seenOf(fourth, "pi")
        const fifth = yield* until(b, (where) => seenOf(where, "barn") > seenOf(fourth, "barn"))
        assert.strictEqual(seenOf(fifth, "pi"), left)
        assert.deepStrictEqual(fifth.servers.map(({ runner }) => runner), ["b:1", "b:1", "a:1"])
      }))

    it.effect("hold nobody up while the database is away, and are told afterwards", () =>
      Effect.gen(function*() {
        const postgres = yield* Postgres.Server
        const url = yield* Fleets.fresh
        const registry = Context.get(yield* Fleets.build(url, ServerRegistry.layerSql), ServerRegistry.ServerRegistry)
        yield* registry.add("pi")
        const a = yield* runnerOf(url, "a:1")
        yield* until(a, ({ runners }) => runners.length === 1)
        yield* postgres.restart(Effect.gen(function*() {
          yield* a.holds(server("pi"))
          const error = yield* Effect.flip(a.where)
          assert.strictEqual(error.reason, "Unreachable")
        }))
        yield* Effect.retry(until(a, ({ servers }) => servers[0]?.runner === "a:1"), {
          while: (error) => error._tag === "HistoryError"
        })
      }))

    it.effect("have the beginning of a runner anew when it is started again, and forget those of yesterday", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const scope = yield* Scope.make()
        const first = yield* Scope.provide(runnerOf(url, "a:1"), scope)
        yield* until(first, ({ runners }) => runners.length === 1)
        yield* Scope.close(scope, Exit.void)
        yield* Fleets.withSql(url, (sql) =>
          Effect.andThen(
            sql`UPDATE ow_fleet_runner SET since = now() - interval '3 hours', seen = now() - interval '3 hours'`,
            sql`INSERT INTO ow_fleet_runner (runner, since, seen, waiting, dropped) VALUES
              ('old:1', now() - interval '2 days', now() - interval '25 hours', 0, 0),
              (${"\u001b[31m"}, now() - interval '2 days', now() - interval '23 hours', 0, 0)`
          ))
        const second = yield* runnerOf(url, "a:1")
        const { runners } = yield* until(second, ({ runners }) => runners.length === 2)
        assert.deepStrictEqual(runners.map(({ runner }) => runner), ["\u001b[31m", "a:1"])
        const since = runners[1]?.since ?? 0
        const { runners: [, later] } = yield* until(second, ({ runners: [, one] }) => (one?.seen ?? 0) > since)
        assert.strictEqual(later?.since, since)
      }))
  })
})
