/** The command `ow fleet` at the real PostgreSQL: its servers, where they run, and databases that are away or of something else. */
import * as Postgres from "@effect-ownet/hub/Postgres"
import { assert, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as PostgresServer from "../../hub/test/fixtures/postgres.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 60_000

/** An empty database, and the command at it. */
const at = Effect.fnUntraced(function*(name: string) {
  const url = yield* PostgresServer.database((yield* PostgresServer.Server).url, name)
  return {
    url,
    sql: <A, E>(use: (sql: SqlClient.SqlClient) => Effect.Effect<A, E>) =>
      Effect.scoped(
        Effect.flatMap(Layer.build(Postgres.layer(url)), (context) => use(Context.get(context, SqlClient.SqlClient)))
      ),
    fleet: (...args: ReadonlyArray<string>) => ow.run(["fleet", ...args], { env: { OW_FLEET_DATABASE: url } })
  }
})

/** A name that would do harm on a terminal that is not careful. */
const hostile = "x\u001b[2J\ny"

/** What runners have said of themselves. */
const runners = (sql: SqlClient.SqlClient) =>
  Effect.andThen(
    sql`INSERT INTO ow_fleet_runner (runner, site, since, seen, waiting, dropped) VALUES
      ('10.0.0.1:34431', 'barn', now(), now(), 0, 0),
      ('10.0.0.2:34431', NULL, now(), now() - interval '3 hours', 4, 5),
      (${hostile}, NULL, now(), now(), 2, 0)`,
    Effect.andThen(
      sql`INSERT INTO ow_fleet_follower (server, runner, since, seen) VALUES
        ('attic', ${hostile}, now(), now()),
        ('barn:4305', '10.0.0.1:34431', now(), now()),
        ('cellar', '10.0.0.2:34431', now(), now() - interval '3 hours')`,
      sql`INSERT INTO ow_fleet_once (name, runner) VALUES ('hub', '10.0.0.1:34431')`
    )
  )

PostgresServer.describe("ow fleet", () => {
  it.layer(Layer.effect(PostgresServer.Server, PostgresServer.start), { timeout, excludeTestServices: true })((it) => {
    it.effect("adds, moves and removes servers, and says what it did, however often", () =>
      Effect.gen(function*() {
        const { fleet } = yield* at("changed")
        const done = (...args: ReadonlyArray<string>) => Effect.map(fleet(...args), ow.resultOf)
        assert.deepStrictEqual(
          ow.jsonOf(yield* done("add", "attic", "owserver://barn:4305", "--site", "barn", "--json")),
          [
            { server: "attic", site: "barn", change: "added" },
            { server: "barn:4305", site: "barn", change: "added" }
          ]
        )
        assert.strictEqual(
          yield* done("add", "attic:4304", "cellar"),
          "attic is there already, at site barn\ncellar added; a runner follows it within seconds\n"
        )
        assert.strictEqual(yield* done("add", "attic", "--site", "house"), "attic moved to site house\n")
        assert.strictEqual(
          yield* done("remove", "cellar", "mill"),
          "cellar removed: no runner follows it now, and its history stays\nmill is not there\n"
        )
        assert.deepStrictEqual(ow.jsonOf(yield* done("list", "--json")), [
          { server: "attic", site: "house", followed: false, runner: null, since: null, seen: null },
          { server: "barn:4305", site: "barn", followed: false, runner: null, since: null, seen: null }
        ])
      }), timeout)

    it.effect("lists who follows what, and shows what runs where, safe on a terminal", () =>
      Effect.gen(function*() {
        const { fleet, sql } = yield* at("whereabouts")
        yield* fleet("add", "attic", "cellar", "mill")
        yield* fleet("add", "barn:4305", "--site", "barn")
        yield* sql(runners)
        const [list, where, json, listed] = yield* Effect.all([
          fleet("list"),
          fleet("where"),
          fleet("where", "--json"),
          fleet("list", "--json")
        ], { concurrency: 2 })
        const plain = (text: string) =>
          text.replaceAll(/\d{4}-\S+/g, "THEN").replaceAll(/just now|\d+ s ago/g, "AGO").replaceAll(/ +/g, " ")
        assert.strictEqual(
          plain(ow.resultOf(list)),
          [
            "SERVER SITE FOLLOWED BY SINCE SEEN",
            "attic - x\uFFFD[2J\uFFFDy THEN AGO",
            "barn:4305 barn 10.0.0.1:34431 THEN AGO",
            "cellar - no runner; last 10.0.0.2:34431 - 3 h ago",
            "mill - no runner yet - -",
            ""
          ].join("\n")
        )
        assert.strictEqual(
          plain(where.stdout),
          [
            "RUNNER SITE SEEN WAITING DROPPED ONCE SERVERS",
            "10.0.0.1:34431 barn AGO 0 0 hub barn:4305",
            "10.0.0.2:34431 - gone; 3 h ago 4 5 - -",
            "x\uFFFD[2J\uFFFDy - AGO 2 0 - attic",
            ""
          ].join("\n")
        )
        assert.deepInclude(where, { status: 0, stderr: "no runner follows cellar, mill\n" })
        const [first, second, third] = ow.jsonOf(ow.resultOf(json)) as ReadonlyArray<Record<string, unknown>>
        assert.deepInclude(first, { site: "barn", there: true, once: ["hub"], servers: ["barn:4305"] })
        assert.deepInclude(second, { site: null, there: false, waiting: 4, dropped: 5, once: [], servers: [] })
        assert.deepInclude(third, { runner: hostile, there: true, servers: ["attic"] })
        const [attic] = ow.jsonOf(ow.resultOf(listed)) as ReadonlyArray<Record<string, unknown>>
        assert.deepInclude(attic, { server: "attic", followed: true, runner: hostile })
        assert.match(String(attic?.["since"]), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
      }), timeout)

    it.effect("leaves a database without a fleet as it is", () =>
      Effect.gen(function*() {
        const { fleet, sql, url } = yield* at("other")
        for (const args of [["list"], ["where"], ["remove", "attic"]]) {
          const { status, stderr, stdout } = yield* fleet(...args)
          assert.deepStrictEqual([status, stdout], [1, ""])
          assert.strictEqual(
            stderr,
            `ow: Reading where the fleet runs in ${url}: it has no fleet yet: start a runner or add a server to create one\n`
          )
        }
        assert.deepStrictEqual(yield* sql((sql) => sql`SELECT 1 FROM pg_tables WHERE tablename LIKE 'ow%'`), [])
        yield* sql((sql) => sql`CREATE TABLE ow_fleet_server (number int)`)
        const odd = yield* fleet("list")
        assert.strictEqual(odd.status, 1)
        assert.match(odd.stderr, /^ow: Reading where the fleet runs in postgres:.*does not exist\n$/)
      }), timeout)

    it.effect(
      "takes the database from a flag, the environment or hub.yaml, in that order",
      () =>
        Effect.gen(function*() {
          const { url } = yield* at("named")
          const folder = yield* Effect.acquireRelease(
            Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-fleet-"))),
            (path) => Effect.sync(() => rmSync(path, { recursive: true }))
          )
          const file = join(folder, "hub.yaml")
          writeFileSync(file, `version: 1\nhistory: { database: "${url}" }\n`)
          const away = "postgres://ow:geheim@127.0.0.1:1/away"
          ow.resultOf(yield* ow.run(["fleet", "add", "attic", "--config", file], { env: { OW_FLEET_DATABASE: away } }))
          ow.resultOf(yield* ow.run(["fleet", "list", "--database", url], { env: { OW_FLEET_DATABASE: away } }))
          const unreachable = yield* ow.run(["fleet", "list"], { env: { OW_FLEET_DATABASE: away } })
          assert.strictEqual(unreachable.status, 3)
          assert.match(
            unreachable.stderr,
            /^ow: Opening the fleet in postgres:\/\/ow@127.0.0.1:1\/away: .*\n$/
          )
          assert.notInclude(unreachable.stderr, "geheim")
          const misspelt = yield* ow.run(["fleet", "list", "--database", "postgre://ow:geh@eim@127.0.0.1:1/away"])
          assert.strictEqual(misspelt.status, 2)
          assert.match(
            misspelt.stderr,
            /: "postgre:\*\*\*@127\.0\.0\.1:1\/away"\. Expected: postgres:\/\/USER:PASSWORD@/
          )
        }),
      timeout
    )
  })

  it.live("does not wait for a database that says nothing", () =>
    Effect.gen(function*() {
      const server = yield* Effect.acquireRelease(
        Effect.callback<ReturnType<typeof createServer>>((resume) => {
          const made = createServer(() => {})
          made.listen(0, "127.0.0.1", () => resume(Effect.succeed(made)))
        }),
        (server) => Effect.sync(() => server.close())
      )
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      const silent = yield* ow.run([
        "fleet",
        "list",
        "--timeout",
        "1s",
        "--database",
        `postgres://ow:geheim@127.0.0.1:${port}/x`
      ])
      assert.deepInclude(silent, {
        status: 4,
        stderr: `ow: asking the fleet in postgres://ow@127.0.0.1:${port}/x: not done within 1 s, the --timeout\n`
      })
    }), timeout)

  it.live("says what is wrong with a call, and asks nobody", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, problem: RegExp]> = [
        [["list"], /name the PostgreSQL of the fleet: --database postgres:/],
        [["list", "--database", "fleet.sqlite"], /postgres:\/\/USER:PASSWORD@HOST\/DATABASE/],
        [["add", "--database", "postgres://localhost:1/x"], /server/],
        [["add", "http://x y", "--database", "postgres://localhost:1/x"], /http:\/\/x y/],
        [
          ["add", "attic", "--site", "a/b", "--database", "postgres://localhost:1/x"],
          /a name of letters, digits, - and _/
        ],
        [["list", "-s", "attic", "--database", "postgres://localhost:1/x"], /takes no -s/]
      ]
      for (const [args, problem] of cases) {
        const { status, stderr } = yield* ow.run(["fleet", ...args], { env: { XDG_DATA_HOME: "/nonexistent" } })
        assert.strictEqual(status, 2, stderr)
        assert.match(stderr, problem)
      }
    }), timeout)
})
