/** The file of a history: killed writers, full disks, foreign files, two hubs. */
import { History, layerSql, layerSqlite } from "@effect-ownet/hub/History"
import type { HistoryError } from "@effect-ownet/hub/HistoryError"
import * as NodeSqlite from "@effect-ownet/hub/NodeSqlite"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { random } from "./fixtures/story.ts"
import { batchSize, begin } from "./fixtures/writer.ts"

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()).pipe(
  Effect.provide(NodeServices.layer)
)

const cellar = { device: "28.0A", property: "temperature", unit: "°C", since: begin }

const allRows = Effect.flatMap(
  History,
  (history) => Stream.runCollect(history.rows({ place: "28.0A", property: "temperature", from: 0, to: 1e10 }))
)

/** Appends some rows, one a second. */
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

/** Opens a history, and gives why it cannot be opened. */
const refusal = (layer: Layer.Layer<History, HistoryError>) =>
  Effect.flip(Effect.asVoid(Effect.scoped(Layer.build(layer))))

/** Lets a process write until it has written some more batches, and kills it. Gives the last batch that it said was written. */
const writeAndKill = (file: string, batches: number) =>
  Effect.callback<number>((resume) => {
    const writer = spawn(process.execPath, [fileURLToPath(new URL("fixtures/writer.ts", import.meta.url)), file], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let last = 0
    let count = 0
    createInterface({ input: writer.stdout }).on("line", (line) => {
      last = Number(line)
      count++
      if (count === batches) writer.kill("SIGKILL")
    }).on("close", () => resume(Effect.succeed(last)))
  })

describe("a history in a file", () => {
  it.effect("is there again after a restart", () =>
    Effect.gen(function*() {
      const layer = layerSqlite(`${yield* folder}/history.db`)
      yield* Effect.provide(append(begin, 5000), layer, { local: true })
      const { before, places } = yield* Effect.gen(function*() {
        const history = yield* History
        yield* history.maintain({ now: begin + 5000, keep: 10 ** 9 })
        return { before: yield* allRows, places: yield* history.places }
      }).pipe(Effect.provide(layer, { local: true }))
      assert.lengthOf(before, 5000)
      const after = yield* Effect.provide(allRows, layer, { local: true })
      assert.deepStrictEqual(after, before)
      assert.deepStrictEqual(places, [{ key: "28.0A", device: "28.0A", isHidden: false, limits: {} }])
    }))

  it.live("loses nothing that was written when its process is killed at any moment", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/history.db`
      const { below } = random(3)
      for (let i = 0; i < 3; i++) {
        const batches = yield* writeAndKill(file, 1 + below(250))
        const rows = yield* Effect.provide(allRows, layerSqlite(file), { local: true })
        assert.isAtLeast(rows.length, batches * batchSize)
        assert.strictEqual(rows.length % batchSize, 0)
        rows.forEach(({ at, value }, i) => {
          assert.strictEqual(at, begin + i)
          assert.strictEqual(value, i % 1000 / 16)
        })
      }
    }))

  it.effect("is written by one process at a time, and read by any", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/history.db`
      yield* Effect.gen(function*() {
        yield* append(begin, 10)
        const error = yield* refusal(Layer.fresh(layerSqlite(file)))
        assert.strictEqual(error.reason, "Busy")
        assert.match(error.message, /another program writes it/)
        assert.isTrue(error.isRetryable)
        const found = yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT * FROM ow_hot WHERE series > 0`)
          .pipe(
            Effect.provide(NodeSqlite.layer(file))
          )
        assert.lengthOf(found, 10)
      }).pipe(Effect.provide(layerSqlite(file)))
      yield* Effect.provide(append(begin + 10, 10), layerSqlite(file), { local: true })
    }))

  it.effect("is none if it is of something else, and that stays as it is", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const other = `${path}/other.db`
      yield* Effect.flatMap(SqlClient.SqlClient, (sql) => sql`CREATE TABLE recipes (name TEXT)`).pipe(
        Effect.provide(NodeSqlite.layer(other))
      )
      const letter = `${path}/letter.txt`
      writeFileSync(letter, "Dear history, ".repeat(100))
      for (const file of [other, letter]) {
        const before = readFileSync(file)
        const error = yield* refusal(layerSqlite(file))
        assert.strictEqual(error.reason, "Damaged", file)
        assert.isFalse(error.isRetryable)
        assert.isTrue(before.equals(readFileSync(file)))
      }
    }))

  it.effect("is refused if a newer version has written it, or if it is broken", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/history.db`
      yield* Effect.provide(append(begin, 10), layerSqlite(file), { local: true })
      const change = (statement: string) =>
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement)).pipe(Effect.provide(NodeSqlite.layer(file)))
      yield* change("UPDATE ow_meta SET value = '1000' WHERE name = 'version'")
      const newer = yield* refusal(Layer.fresh(layerSqlite(file)))
      assert.strictEqual(newer.reason, "Damaged")
      assert.match(newer.message, /newer version/)
      yield* change("UPDATE ow_meta SET value = '3' WHERE name = 'version'")
      yield* change("INSERT INTO ow_chunk (at, series, data) VALUES (1767225600, 1, x'0102ff')")
      const broken = yield* Effect.provide(Effect.flip(allRows), layerSqlite(file), { local: true })
      assert.strictEqual(broken.reason, "Damaged")
    }))

  it.effect("is told to be out of reach where there is no folder for it", () =>
    Effect.gen(function*() {
      const error = yield* refusal(layerSqlite(`${yield* folder}/nowhere/history.db`))
      assert.strictEqual(error.reason, "Unreachable")
    }))

  it.effect("is not written to where nobody finds it again: deleted, moved, or replaced", () =>
    Effect.gen(function*() {
      const path = `${yield* folder}/house`
      mkdirSync(path)
      const file = `${path}/history.db`
      yield* Effect.gen(function*() {
        const history = yield* History
        yield* append(begin, 10)
        const refused = Effect.gen(function*() {
          const error = yield* Effect.flip(append(begin + 10, 10))
          assert.strictEqual(error.reason, "Unreachable")
          assert.match(error.message, /deleted or moved/)
          yield* Effect.flip(history.setPlace({ key: "28.0A", device: "28.0A", isHidden: false, limits: {} }))
          yield* Effect.flip(history.maintain({ now: begin + 100_000, keep: 10 ** 9 }))
          assert.lengthOf(yield* allRows, 10)
        })
        renameSync(path, `${path}-moved`)
        yield* refused
        mkdirSync(path)
        writeFileSync(file, "")
        yield* refused
        rmSync(path, { recursive: true })
        renameSync(`${path}-moved`, path)
        yield* append(begin + 10, 10)
        assert.lengthOf(yield* allRows, 20)
        rmSync(path, { recursive: true })
        const error = yield* Effect.flip(append(begin + 20, 10))
        assert.strictEqual(error.reason, "Unreachable")
      }).pipe(Effect.provide(layerSqlite(file)))
    }))

  it.effect("is full when it may not grow, and goes on when it may", () =>
    Effect.gen(function*() {
      const database = NodeSqlite.layer(`${yield* folder}/history.db`)
      yield* Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        yield* append(begin, 1000)
        const [pages] = (yield* sql`PRAGMA page_count`.values)[0] ?? []
        yield* sql`PRAGMA max_page_count = ${sql.literal(String(pages))}`
        const error = yield* Effect.flip(append(begin + 1000, 1000))
        assert.strictEqual(error.reason, "Full")
        assert.lengthOf(yield* allRows, 1000)
        yield* sql`PRAGMA max_page_count = 100000`
        yield* append(begin + 1000, 1000)
        assert.lengthOf(yield* allRows, 2000)
      }).pipe(Effect.provide(Layer.provideMerge(layerSql("history.db"), database)))
    }))
})

/** Only root may mount. */
const canMount = process.getuid?.() === 0 && process.platform === "linux"

const describeMounted = canMount
  ? describe
  : (name: string, suite: () => void) => describe.skip(`${name} (skipped: mounting needs root)`, suite)

describeMounted("a history on a disk that is full", () => {
  it.effect("says so, keeps what it has, and goes on once there is room", () =>
    Effect.gen(function*() {
      const path = yield* folder
      yield* Effect.acquireRelease(
        Effect.sync(() => spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path])),
        () => Effect.sync(() => spawnSync("umount", [path]))
      )
      yield* Effect.gen(function*() {
        yield* append(begin, 1000)
        const { free, used } = yield* Effect.sync(() => {
          const filler = `${path}/filler`
          spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=4096"], { stdio: "ignore" })
          return { free: () => spawnSync("rm", [filler]), used: filler }
        })
        let written = 1000
        const error = yield* Effect.gen(function*() {
          for (;;) {
            yield* append(begin + written, 1000)
            written += 1000
          }
        }).pipe(Effect.flip)
        assert.strictEqual(error.reason, "Full", used)
        assert.lengthOf(yield* allRows, written)
        free()
        yield* append(begin + written, 1000)
        assert.lengthOf(yield* allRows, written + 1000)
      }).pipe(Effect.provide(layerSqlite(`${path}/history.db`)))
      yield* Effect.provide(allRows, layerSqlite(`${path}/history.db`), { local: true })
    }))
})
