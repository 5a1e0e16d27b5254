/** Runners of a fleet over real sockets and a real database. */
import { TestNetwork } from "@effect-ownet/core/testing"
import { type Api, Fleet, History, Hub, HubRelay, NodeFleet, ServerRegistry } from "@effect-ownet/hub"
import { PgClient } from "@effect/sql-pg"
import { assert, layer } from "@effect/vitest"
import { ConfigProvider, Context, Effect, Fiber, Layer, Stream } from "effect"
import { spawnSync } from "node:child_process"
import * as Postgres from "./fixtures/postgres.ts"
import * as Runners from "./fixtures/runners.ts"
import * as States from "./fixtures/states.ts"

Postgres.describe("runners over PostgreSQL", () => {
  layer(Layer.effect(Postgres.Server, Postgres.start), { timeout: "60 seconds", excludeTestServices: true })((it) => {
    it.effect("keep what runs once in one of them, and in another when that ends", () =>
      Effect.gen(function*() {
        const url = yield* Postgres.database((yield* Postgres.Server).url, "once")
        const { connectors } = yield* Runners.servers({})
        const running: Array<string> = []
        const told: Array<string> = []
        const one = (name: string) =>
          Fleet.once(
            "hub",
            Layer.effectDiscard(Effect.acquireRelease(
              Effect.sync(() => void (running.push(name), told.push(name))),
              () => Effect.sync(() => void running.splice(running.indexOf(name), 1))
            ))
          )
        const all = yield* Effect.forEach(["a", "b", "c"], (name) =>
          Effect.map(Runners.start(url, connectors, {}, one(name)), (runner) => ({ ...runner, id: name })), {
          concurrency: 3
        })
        yield* Runners.until(
          "it runs",
          Effect.sync(() =>
            running.length === 1
          )
        )
        const [name] = running
        const kept = all.find(({ id }) => id === name)!
        const { where } = Context.get(kept.context, Fleet.Fleet)
        yield* Runners.until(
          "it is told where",
          Effect.map(where, ({ once, runners }) => once[0]?.runner === kept.name && runners.length === 3)
        )
        yield* kept.stop
        yield* Runners.until("it runs elsewhere", Effect.sync(() => running.length === 1))
        assert.notStrictEqual(running[0], name)
        assert.lengthOf(told, 2)
      }), 60_000)

    it.effect(
      "give all of them the hub of one, and go on in another, with nothing written twice",
      () =>
        Effect.gen(function*() {
          const url = yield* Postgres.database((yield* Postgres.Server).url, "relay")
          const { connectors } = yield* Runners.servers({})
          let keeper = ""
          const writes: Array<string> = []
          const many = Array.from(
            { length: 2000 },
            (_, number) => States.place(`28.${number.toString(16).padStart(12, "0")}`, { name: `Room ${number}` })
          )
          const kept = (name: string) =>
            Layer.effect(
              Hub.Hub,
              Effect.gen(function*() {
                const context = yield* Layer.build(
                  Hub.layer({ title: name }).pipe(Layer.provide([TestNetwork.layer({}), History.layerMemory]))
                )
                const hub = Context.get(context, Hub.Hub)
                keeper = name
                return {
                  ...hub,
                  live: Stream.concat(
                    Stream.succeed<Api.Live>({ _tag: "Snapshot", state: States.state(many, { title: name }) }),
                    Stream.never
                  ),
                  write: () => Effect.andThen(Effect.sync(() => writes.push(name)), Effect.never)
                }
              })
            )
          const over = (name: string) =>
            Fleet.once("hub", Layer.provide(HubRelay.layerHandlers, kept(name))).pipe(
              Layer.provideMerge(HubRelay.layer)
            )
          const all = yield* Effect.forEach(["a", "b", "c"], (name) =>
            Effect.map(Runners.start(url, connectors, {}, over(name)), (runner) => ({
              ...runner,
              id: name,
              hub: Context.get(runner.context, Hub.Hub)
            })), { concurrency: 3 })
          const far = yield* Layer.build(
            HubRelay.layer.pipe(Layer.provide(NodeFleet.layerClient), Layer.provide(Runners.database(url)))
          )
          const hubs = [
            ...all.map(({ hub }) =>
              hub
            ),
            Context.get(far, Hub.Hub)
          ]
          const shows = (hub: Hub.Hub["Service"]) =>
            Effect.map(hub.state, ({ notice, places, title }) =>
              title === keeper && notice === undefined && places.length === 2000)
          for (const hub of hubs) {
            yield* Runners.until("it is shown", shows(hub))
          }
          const first = all.find(({ id }) =>
            id === keeper
          )!
          const [other, another] = all.filter(({ id }) =>
            id !== keeper
          )
          const write = yield* Effect.forkChild(
            Effect.flip(other!.hub.write("3A.00003AD70100", "PIO.A", true)),
            { startImmediately: true }
          )
          yield* Runners.until("it is written", Effect.sync(() => writes.length === 1))
          yield* first.stop
          yield* Runners.until("another keeps it", Effect.sync(() => keeper !== first.id))
          const rest = hubs.filter((hub) => hub !== first.hub)
          for (const hub of rest) yield* Runners.until("the next is shown", shows(hub))
          assert.include([other!.id, another!.id], keeper)
          const error = yield* Fiber.join(write)
          assert.include(error.message, "the request may have taken effect")
          assert.lengthOf(writes, 1)
        }),
      90_000
    )

    it.effect("follow the servers of their own site, and those of none", () =>
      Effect.gen(function*() {
        const url = yield* Postgres.database((yield* Postgres.Server).url, "sites")
        const probe = { "28.000028D70100": { temperature: 8.5 } }
        const { connectors } = yield* Runners.servers({ barn: probe, office: probe, anywhere: probe })
        // They come one after the other, and know different sites.
        const office = yield* Runners.start(url, connectors, { site: "office" }, Layer.empty)
        const barn = yield* Runners.start(url, connectors, { site: "barn" }, Layer.empty)
        for (const { context } of [office, barn]) yield* Context.get(context, Fleet.Fleet).follow({ every: "1 second" })
        const registry = Context.get(office.context, ServerRegistry.ServerRegistry)
        yield* registry.add("barn", { site: "barn" })
        yield* registry.add("office", { site: "office" })
        yield* registry.add("anywhere")
        const { where } = Context.get(barn.context, Fleet.Fleet)
        const followed = Effect.map(where, ({ servers }) =>
          Object.fromEntries(servers.flatMap(({ runner, seen, server }) =>
            runner === undefined || seen === undefined ? [] : [[server, runner]]
          )))
        yield* Runners.until(
          "all are followed",
          Effect.map(followed, (found) =>
            Object.keys(found).length === 3)
        )
        const found = yield* followed
        assert.deepStrictEqual([found["barn"], found["office"]], [barn.name, office.name])
        const sql = Context.get(yield* Layer.build(Runners.database(url)), PgClient.PgClient)
        const locks = yield* sql<
          { lock: number; sessions: number }
        >`SELECT objid::int AS lock, count(DISTINCT pid)::int AS sessions
          FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted GROUP BY objid`
        // Each shard of both sites, and of none, has a lock of its own.
        assert.deepStrictEqual(
          locks.filter(({ sessions }) =>
            sessions > 1
          ),
          []
        )
        const groups = new Set(locks.map(({ lock }) => Math.floor(lock / 1_000_000)))
        assert.deepStrictEqual([...groups].toSorted(), [1, 2, 3])
        yield* registry.remove("anywhere")
        yield* Runners.until("it is followed no more", Effect.map(followed, (found) => !("anywhere" in found)))
      }), 90_000)

    it.effect(
      "listen where they are told to, whatever the environment says, and say so if they cannot",
      () =>
        Effect.gen(function*() {
          const url = yield* Postgres.database((yield* Postgres.Server).url, "listen")
          const { connectors } = yield* Runners.servers({})
          const [port, listening] = [yield* Runners.freePort, yield* Runners.freePort]
          const environment = ConfigProvider.layer(ConfigProvider.fromEnv({
            env: {
              HOST: "elsewhere",
              PORT: "1",
              LISTEN_HOST: "0.0.0.0",
              LISTEN_PORT: "1",
              SHARDS_PER_GROUP: "7",
              SHARD_GROUPS: "x"
            }
          }))
          const runner = yield* Runners.start(url, connectors, {
            runner: { host: "localhost", port },
            listen: { host: Runners.host, port: listening }
          }, Layer.empty).pipe(Effect.provide(environment))
          assert.strictEqual(Context.get(runner.context, Fleet.Fleet).runner, `localhost:${port}`)
          const listeners = spawnSync("ss", ["-Hltn"], { encoding: "utf8" }).stdout
          assert.include(listeners, `127.0.0.1:${listening} `)
          assert.notInclude(listeners, `:${port} `)
          const error = yield* Effect.flip(Runners.start(url, connectors, {
            runner: { host: Runners.host, port: listening }
          }, Layer.empty))
          assert.strictEqual(error._tag, "FleetError")
          assert.strictEqual(
            error.message,
            `Listening on 127.0.0.1:${listening}: another program listens there. Give each runner on a machine its own port`
          )
        }),
      60_000
    )
  })
})
