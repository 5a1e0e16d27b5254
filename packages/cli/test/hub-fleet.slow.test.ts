/** Runners of a fleet as people start them: two processes of `ow hub` over the real PostgreSQL and a simulated server. */
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Schedule, Schema } from "effect"
import { FetchHttpClient, HttpClient, HttpClientResponse } from "effect/http"
import * as PostgresServer from "../../hub/test/fixtures/postgres.ts"
import { freePort } from "../../hub/test/fixtures/runners.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 90_000

const Shown = Schema.Struct({
  servers: Schema.Array(Schema.Struct({ name: Schema.String, runner: Schema.optionalKey(Schema.String) })),
  fleet: Schema.optionalKey(Schema.Struct({
    runner: Schema.optionalKey(Schema.String),
    runners: Schema.Array(Schema.Struct({ runner: Schema.String, isThere: Schema.Boolean }))
  })),
  places: Schema.Array(Schema.Struct({ key: Schema.String }))
})

/** Starts a runner, and gives the address of its page. */
const start = Effect.fnUntraced(function*(database: string, args: ReadonlyArray<string>) {
  const runner = `127.0.0.1:${yield* freePort}`
  const hub = yield* ow.start([
    "hub",
    "--runner",
    runner,
    "--listen",
    "127.0.0.1:0",
    "--every",
    "1s",
    "--json",
    ...args
  ], {
    // Those of other programs.
    env: { OW_FLEET_DATABASE: database, PORT: "1", HOST: "192.0.2.1", XDG_DATA_HOME: "/nonexistent" }
  })
  const told = JSON.parse(yield* hub.awaitLine((line) => line.startsWith("{"))) as Record<string, unknown>
  return { hub, runner, told, url: String(told["url"]) }
})

/** What a page says, as soon as it is so. */
const until = (url: string, isSo: (state: typeof Shown.Type) => boolean) =>
  HttpClient.get(`${url}api/v1/state`).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Shown)),
    Effect.filterOrFail(isSo, (state) => JSON.stringify(state)),
    Effect.retry({ schedule: Schedule.spaced("200 millis"), times: 200 })
  )

PostgresServer.describe("a fleet of ow hub", () => {
  it.layer(Layer.merge(Layer.effect(PostgresServer.Server, PostgresServer.start), FetchHttpClient.layer), {
    timeout,
    excludeTestServices: true
  })((it) => {
    it.effect(
      "shows all of it on each page, and goes on when the runner that holds the hub ends",
      () =>
        Effect.gen(function*() {
          const database = yield* PostgresServer.database((yield* PostgresServer.Server).url, "runners")
          const { port } = yield* NodeSimulatedServer.start({ "/28.000028D70100": { temperature: 21.5 } })
          const server = `127.0.0.1:${port}`
          const a = yield* start(database, ["-s", server])
          assert.deepInclude(a.told, { runner: a.runner, site: null, database, servers: [server] })
          yield* a.hub.awaitLine((line) => line.includes(`${server} was added to the fleet`), "stderr")
          yield* until(a.url, ({ fleet, places }) => fleet?.runner === a.runner && places.length === 1)

          const b = yield* start(database, ["--site", "barn"])
          assert.deepInclude(b.told, { runner: b.runner, site: "barn", servers: [] })
          const both = yield* until(
            b.url,
            ({ fleet, places, servers }) =>
              fleet?.runners.length === 2 && places.length === 1 && servers[0]?.runner !== undefined
          )
          assert.sameMembers(both.fleet!.runners.map(({ runner }) => runner), [a.runner, b.runner])
          // Some of what runs moves to a runner that joins: which of them holds the hub now depends on their addresses.
          const metrics = yield* Effect.flatMap(HttpClient.get(`${b.url}metrics`), ({ text }) => text).pipe(
            Effect.filterOrFail((text) => /^onewire_fleet_runner_hub\{.*\} 1$/m.test(text)),
            Effect.retry({ schedule: Schedule.spaced("200 millis"), times: 200 })
          )
          assert.include(metrics, `onewire_fleet_runner_up{runner="${a.runner}"} 1`)
          assert.include(metrics, `onewire_fleet_runner_up{runner="${b.runner}",site="barn"} 1`)

          // A hub on its own would write all of it once more.
          const alone = yield* ow.run(["hub", "--listen", "0", "--database", database, "-s", server])
          assert.strictEqual(alone.status, 1)
          assert.match(
            alone.stderr,
            /a fleet keeps its history there, by its runner 127\.0\.0\.1:\d+\. Take part in it with --runner/
          )

          yield* a.hub.kill("SIGTERM")
          assert.strictEqual(yield* a.hub.exit, 0)
          yield* until(b.url, ({ fleet, servers }) => fleet?.runner === b.runner && servers[0]?.runner === b.runner)
          const [one] = ow.jsonOf(ow.resultOf(yield* ow.run(["fleet", "list", "--json", "--database", database])))
          assert.deepInclude(one, { server, runner: b.runner, followed: true })

          // Of two runners of one address, the second one is refused.
          const taken = yield* ow.run(["hub", "--runner", b.runner, "--listen", "0", "--database", database])
          assert.strictEqual(taken.status, 1)
          assert.include(taken.stderr, `Listening on ${b.runner}: another program listens there`)
          yield* b.hub.kill("SIGTERM")
          assert.strictEqual(yield* b.hub.exit, 0)
        }),
      timeout
    )

    it.effect("needs its database at the start", () =>
      Effect.gen(function*() {
        const { status, stderr } = yield* ow.run([
          "hub",
          "--runner",
          `127.0.0.1:${yield* freePort}`,
          "--listen",
          "0",
          "--database",
          "postgres://ow:geheim@127.0.0.1:1/away"
        ])
        assert.strictEqual(status, 1)
        assert.match(stderr, /^ow: cannot open postgres:\/\/ow@127.0.0.1:1\/away: .*ECONNREFUSED/)
        assert.notInclude(stderr, "geheim")
      }), timeout)
  })
})
