import type { HubConfig } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Setup from "../../src/hub/Setup.ts"
import { Settings } from "../../src/server/Settings.ts"

const settings: Settings["Service"] = { server: [], timeout: Option.none(), retries: 0 }

const fileOf = (config: Omit<HubConfig.HubConfig, "version">): Setup.File => ({
  path: "/etc/hub.yaml",
  contents: { config: { version: 1, ...config }, lines: {}, secrets: [], warnings: [] }
})

describe("Setup", () => {
  it.effect("keeps the servers that were found while the file says the same of them, whether they answer now or not", () =>
    Effect.gen(function*() {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-setup-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const asked = { demo: false, database: join(folder, "hub.sqlite") }
      const given = yield* Setup.optionsOf(asked, fileOf({ servers: ["127.0.0.1:1"] }))
      const servers = [{ host: "192.0.2.1", port: 4304 }]
      for (const named of [{}, { servers: ["auto"] }]) {
        const before = { ...given, servers, config: fileOf(named).contents.config }
        const next = yield* Setup.optionsOf(asked, fileOf({ ...named, title: "Other" }), before)
        assert.deepInclude(next, { servers, title: "Other", notice: undefined })
        assert.deepStrictEqual(
          (yield* Setup.optionsOf(asked, fileOf({ servers: ["127.0.0.1:2"] }), before)).servers,
          [{ host: "127.0.0.1", port: 2 }]
        )
      }
    }).pipe(Effect.scoped, Effect.provideService(Settings, settings)))

  it.effect("takes where line protocol goes from a flag first, and the rest of that from the file", () =>
    Effect.gen(function*() {
      const file = fileOf({ influx: { url: "http://pi/write?db=a", measurement: "house" } })
      const influxOf = (influx: string | undefined, config = file) =>
        Effect.map(Setup.optionsOf({ demo: true, influx }, config), ({ config }) => config.influx)
      assert.deepStrictEqual(yield* influxOf(undefined), file.contents.config.influx)
      assert.deepStrictEqual(yield* influxOf("-"), { url: "-", measurement: "house" })
      assert.deepStrictEqual(yield* influxOf("-", fileOf({})), { url: "-" })
      assert.isUndefined(yield* influxOf(undefined, fileOf({})))
    }).pipe(Effect.provideService(Settings, settings)))

  it.effect("has a place in a fleet only by an address and a PostgreSQL that are named", () =>
    Effect.gen(function*() {
      const database = "postgres://ow:geheim@db/ow"
      const runner = { host: "10.8.0.2", port: 34431 }
      const refused = (asked: Omit<Setup.Asked, "demo"> & { readonly demo?: boolean }) =>
        Effect.map(Effect.flip(Setup.optionsOf({ demo: false, ...asked })), ({ message }) => message)
      const kernel = Setup.optionsOf({ demo: false, runner, database }, fileOf({ servers: ["pi", "w1:"] }))
      assert.match((yield* Effect.flip(kernel)).message, /the bus of one machine.*run ow serve --w1 on that machine/)
      assert.match(yield* refused({ runner }), /needs the PostgreSQL.*add --database postgres:.*OW_FLEET_DATABASE/)
      assert.match(yield* refused({ runner, database: "hub.sqlite" }), /needs the PostgreSQL/)
      assert.match(yield* refused({ site: "barn", database }), /^--site is for a runner.*add --runner HOST:PORT/)
      assert.match(yield* refused({ "runner-listen": runner, database }), /^--runner-listen is for a runner/)
      assert.match(yield* refused({ runner, demo: true }), /--demo shows a simulated house/)

      // No server is searched for, and none is simulated.
      const options = yield* Setup.optionsOf({ demo: false, runner, database })
      assert.deepInclude(options, {
        fleet: { runner, listen: runner, site: undefined },
        servers: [],
        isSimulated: false,
        database,
        flush: 5000
      })
      assert.strictEqual(Setup.shownDatabase(options), "postgres://ow@db/ow")

      const file = fileOf({ fleet: { runner: "[::1]:1", listen: "0.0.0.0:2", site: "barn" }, history: { database } })
      assert.deepStrictEqual((yield* Setup.optionsOf({ demo: false, site: "mill" }, file)).fleet, {
        runner: { host: "::1", port: 1 },
        listen: { host: "0.0.0.0", port: 2 },
        site: "mill"
      })
    }).pipe(Effect.provideService(Settings, settings)))
})
