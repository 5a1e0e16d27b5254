/** Registries of servers: what they take, and who sees it. */
import { OwError } from "@effect-ownet/core"
import { ServerRegistry } from "@effect-ownet/hub"
import { assert, describe, it, layer } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Scope, Stream } from "effect"
import * as Fleets from "./fixtures/fleets.ts"
import * as Postgres from "./fixtures/postgres.ts"

type Registry = ServerRegistry.ServerRegistry["Service"]

const sites = ["", " ", "a b", "a/b", "ä", "x".repeat(41), "a\0", "\u001b[31m", "..", "site default"]

/** What holds of every registry that has sites. */
const rules = Effect.fnUntraced(function*(registry: Registry) {
  assert.deepStrictEqual(yield* registry.add("owserver://raspberrypi:4304", { site: "barn_2-b" }), {
    server: "raspberrypi",
    site: "barn_2-b"
  })
  yield* registry.add("barn:4305")
  yield* registry.add("[::1]:4304")
  const all = [
    { server: "[::1]:4304", site: undefined },
    { server: "barn:4305", site: undefined },
    { server: "raspberrypi", site: "barn_2-b" }
  ]
  assert.deepStrictEqual(yield* registry.list, all)
  for (const site of sites) {
    const error = yield* Effect.flip(registry.add("barn", { site }))
    assert.instanceOf(error, OwError.ArgumentError)
    assert.strictEqual(error.argument, "site")
  }
  for (const address of ["", "a b", "pi:0", "pi:99999", "pi\0", "pi\u001b", "[::\0]", "http://pi"]) {
    assert.instanceOf(yield* Effect.flip(registry.add(address)), OwError.ArgumentError)
    assert.instanceOf(yield* Effect.flip(registry.remove(address)), OwError.ArgumentError)
  }
  const kernel = yield* Effect.flip(registry.add("w1:"))
  assert.match(kernel.message, /the bus of one machine.*run ow serve --w1 on that machine, and add its host;/)
  assert.deepStrictEqual(yield* registry.list, all)
  // It moves.
  yield* registry.add("raspberrypi:4304")
  assert.deepStrictEqual((yield* registry.list).at(-1), { server: "raspberrypi", site: undefined })
  assert.isTrue(yield* registry.remove("owserver://barn:4305"))
  assert.isFalse(yield* registry.remove("barn:4305"))
  assert.deepStrictEqual((yield* registry.list).map(({ server }) => server), ["[::1]:4304", "raspberrypi"])
})

describe("a registry in memory", () => {
  it.effect("takes addresses as people write them, and names of sites", () =>
    ServerRegistry.ServerRegistry.use(rules).pipe(Effect.provide(ServerRegistry.layerMemory())))
})

const registryOf = (url: string, name?: string) =>
  Effect.map(
    Fleets.build(url, ServerRegistry.layerSql, name),
    (context) => Context.get(context, ServerRegistry.ServerRegistry)
  )

const names = (servers: ReadonlyArray<ServerRegistry.Registered>) => servers.map(({ server }) => server)

/** Waits until a registry tells of some servers and no others. */
const until = (registry: Registry, wanted: ReadonlyArray<string>) =>
  Stream.runHead(Stream.filter(registry.changes, (servers) => names(servers).join() === wanted.join())).pipe(
    Effect.timeout("10 seconds")
  )

Postgres.describe("a registry", () => {
  layer(Fleets.server, { timeout: 60_000, excludeTestServices: true })("in PostgreSQL", (it) => {
    it.effect("takes addresses as people write them, and names of sites", () =>
      Effect.flatMap(Effect.flatMap(Fleets.fresh, registryOf), rules))

    it.effect("tells of changes by others, once each", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const [own, other] = yield* Effect.forEach(["a", "b"], (name) => registryOf(url, name))
        assert(own !== undefined && other !== undefined)
        const told = yield* Effect.forkChild(Stream.runCollect(Stream.take(own.changes, 4)))
        yield* until(own, [])
        yield* other.add("pi")
        yield* until(own, ["pi"])
        yield* other.add("pi")
        yield* other.add("barn")
        yield* until(own, ["barn", "pi"])
        yield* other.remove("pi")
        const changes = yield* Effect.timeout(Fiber.join(told), "10 seconds")
        assert.deepStrictEqual(changes.map(names), [[], ["pi"], ["barn", "pi"], ["barn"]])
      }))

    it.effect("has its servers while the database is away, and those that came meanwhile", () =>
      Effect.gen(function*() {
        const server = yield* Postgres.Server
        const url = yield* Fleets.fresh
        const registry = yield* registryOf(url)
        yield* registry.add("pi")
        const changes: Array<ReadonlyArray<string>> = []
        yield* Effect.forkScoped(
          Stream.runForEach(registry.changes, (servers) => Effect.sync(() => changes.push(names(servers))))
        )
        yield* server.restart(Effect.gen(function*() {
          yield* Effect.sleep("500 millis")
          const error = yield* Effect.flip(registry.add("barn"))
          assert(error._tag === "HistoryError")
          assert.strictEqual(error.reason, "Unreachable")
          assert.strictEqual(error.database, url)
        }))
        yield* Effect.scoped(Effect.flatMap(registryOf(url), (other) => other.add("barn")))
        yield* until(registry, ["barn", "pi"])
        assert.deepStrictEqual(changes, [["pi"], ["barn", "pi"]])
      }))

    it.effect("passes over rows that somebody has written by hand, and makes no sense of", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const registry = yield* registryOf(url)
        yield* registry.add("pi")
        yield* Fleets.withSql(
          url,
          (sql) =>
            sql`INSERT INTO ow_fleet_server (server, site) VALUES ('pi:4304', NULL), ('a b', NULL), ('barn', 'a/b'), ('hut', 'a')`
        )
        yield* until(registry, ["hut", "pi"])
      }))

    it.effect("leaves no connection behind, however often it is opened", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const registry = yield* registryOf(url, "stays")
        const connections = (name: string) =>
          Effect.map(
            Fleets.withSql(
              url,
              (sql) => sql<{ query: string }>`SELECT query FROM pg_stat_activity WHERE application_name = ${name}`
            ),
            (rows) => rows.length
          )
        for (let i = 0; i < 100; i++) {
          yield* registry.add(`pi${i % 7}`)
          yield* registry.remove(`pi${i % 7}`)
        }
        assert.isAtMost(yield* connections("stays"), 4)
        for (let i = 0; i < 10; i++) {
          const scope = yield* Scope.make()
          yield* Scope.provide(registryOf(url, "goes"), scope)
          yield* Scope.close(scope, Exit.void)
        }
        yield* Effect.repeat(Effect.andThen(Effect.sleep("20 millis"), connections("goes")), {
          until: (count) => count === 0
        }).pipe(Effect.timeout("10 seconds"))
      }))
  })
})
