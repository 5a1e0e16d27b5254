/** Copies of a history: made while it is written, put in its place, and read as text. */
import { History, layerSqlite } from "@effect-ownet/hub/History"
import * as HistoryExport from "@effect-ownet/hub/HistoryExport"
import * as HistoryFile from "@effect-ownet/hub/HistoryFile"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Stream } from "effect"
import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { DatabaseSync } from "node:sqlite"

const begin = 1_767_225_600
/** Root can give a directory to nobody, and others have only their own. */
const owner = process.getuid?.() === 0 ? 65_534 : process.getuid?.()

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()).pipe(
  Effect.provide(NodeServices.layer)
)

const place = { key: "28.0A", device: "28.0A", name: "=1+1 \u001b[2J", group: "a,\"b\"", isHidden: false, limits: {} }

/** Appends some rows, one a second, and an event. */
const append = Effect.fnUntraced(function*(from: number, count: number) {
  const history = yield* History
  const { id } = yield* history.open({ device: "28.0A", property: "temperature", unit: "°C", since: begin })
  yield* history.append({
    at: from + count,
    rows: Array.from({ length: count }, (_, i) => ({
      series: id,
      at: from + i,
      value: i / 16,
      verdict: "Plausible" as const
    })),
    events: [{ at: from, kind: "Raised", place: "28.0A", text: "=cmd|' /C calc'!A0" }]
  })
})

const countIn = (file: string) =>
  Effect.flatMap(
    History,
    (history) => Stream.runCount(history.rows({ place: "28.0A", property: "temperature", from: 0, to: 1e10 }))
  ).pipe(Effect.provide(HistoryFile.layer(file), { local: true }))

const made = Effect.fnUntraced(function*(file: string, count = 100) {
  yield* Effect.gen(function*() {
    const history = yield* History
    yield* history.setPlace(place)
    yield* append(begin, count)
  }).pipe(Effect.provide(layerSqlite(file), { local: true }))
})

describe("a copy of a history", () => {
  it.live("is made while the history is written, and is whole", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const file = `${path}/hub.sqlite`
      yield* Effect.gen(function*() {
        yield* append(begin, 5000)
        const history = yield* History
        const [{ lastSeen }] = yield* Effect.all([
          HistoryFile.backup(file, `${path}/copy.sqlite`),
          Effect.forEach(Array.from({ length: 20 }, (_, i) => i), (i) =>
            Effect.andThen(append(begin + 5000 + i * 100, 100), Effect.sleep("2 millis")))
        ], { concurrency: 2 })
        assert.isAtLeast(lastSeen ?? 0, begin + 5000)
        assert.strictEqual(yield* countIn(`${path}/copy.sqlite`), lastSeen! - begin)
        // Another one takes its place, and none is left half.
        yield* HistoryFile.backup(file, `${path}/copy.sqlite`)
        assert.strictEqual(yield* countIn(`${path}/copy.sqlite`), 7000)
        assert.strictEqual((yield* history.series).length, 1)
        assert.sameMembers(
          readdirSync(path).filter((name) =>
            name.startsWith("copy")
          ),
          ["copy.sqlite"]
        )
        assert.strictEqual(statSync(`${path}/copy.sqlite`).mode, statSync(file).mode)
      }).pipe(Effect.provide(layerSqlite(file)))
    }))

  it.effect("replaces no file of something else, and not itself", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const file = `${path}/hub.sqlite`
      yield* made(file)
      writeFileSync(`${path}/letter`, "Dear history")
      for (const to of [`${path}/letter`, file]) {
        const error = yield* Effect.flip(HistoryFile.backup(file, to))
        assert.strictEqual(error.reason, "Refused")
      }
      assert.strictEqual(readFileSync(`${path}/letter`, "utf8"), "Dear history")
      assert.strictEqual((yield* Effect.flip(HistoryFile.backup(`${path}/none`, `${path}/copy`))).reason, "Unreachable")
      assert.isFalse(existsSync(`${path}/none`))
      assert.strictEqual((yield* Effect.flip(HistoryFile.backup(file, `${path}/no/copy`))).reason, "Unreachable")
    }))

  it.effect("takes the place of a history, which is kept, and more than once", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const file = `${path}/hub.sqlite`
      const copy = `${path}/copy.sqlite`
      yield* made(file)
      yield* HistoryFile.backup(file, copy)
      yield* Effect.provide(append(begin + 100, 50), layerSqlite(file), { local: true })
      const restored = yield* HistoryFile.restore(copy, file)
      assert.deepStrictEqual(restored, {
        version: HistoryFile.version,
        lastSeen: begin + 100,
        aside: `${file}.before-restore`
      })
      assert.strictEqual(yield* countIn(file), 100)
      assert.strictEqual(yield* countIn(`${file}.before-restore`), 150)
      assert.strictEqual((yield* HistoryFile.restore(copy, file)).aside, `${file}.before-restore-2`)
      yield* Effect.provide(append(begin + 100, 10), layerSqlite(file), { local: true })
      assert.strictEqual(yield* countIn(file), 110)
      const fresh = yield* HistoryFile.restore(copy, `${path}/new.sqlite`)
      assert.isUndefined(fresh.aside)
      assert.strictEqual(yield* countIn(`${path}/new.sqlite`), 100)
    }))

  it.effect("takes no place that a hub writes, and is refused if it is none, is newer, or is broken", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const file = `${path}/hub.sqlite`
      const copy = `${path}/copy.sqlite`
      yield* made(file, 5000)
      yield* HistoryFile.backup(file, copy)
      const reasonOf = (from: string) =>
        Effect.map(Effect.flip(HistoryFile.restore(from, file)), ({ reason }) => reason)
      yield* Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(copy), "Busy")
      }).pipe(Effect.provide(layerSqlite(file)))
      writeFileSync(`${path}/letter`, "Dear history, ".repeat(100))
      writeFileSync(`${path}/empty`, "")
      for (const none of ["letter", "empty"]) assert.strictEqual(yield* reasonOf(`${path}/${none}`), "Damaged")
      assert.strictEqual(yield* reasonOf(`${path}/none`), "Unreachable")
      assert.strictEqual(yield* reasonOf(file), "Refused")
      const change = new DatabaseSync(copy)
      change.exec("UPDATE ow_meta SET value = '1000' WHERE name = 'version'")
      change.close()
      assert.strictEqual(yield* reasonOf(copy), "Damaged")
      yield* HistoryFile.backup(file, `${path}/broken.sqlite`)
      const bytes = readFileSync(`${path}/broken.sqlite`)
      bytes.fill(0x55, 8192 + 100, bytes.length - 8192)
      writeFileSync(`${path}/broken.sqlite`, bytes)
      assert.strictEqual(yield* reasonOf(`${path}/broken.sqlite`), "Damaged")
      assert.strictEqual(yield* countIn(file), 5000)
      assert.isFalse(existsSync(`${file}.before-restore`))
      assert.isFalse(existsSync(`${file}.part`))
    }))

  it.live("is refused by whichever name the file has that a hub writes, and replaces no link to it", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const file = `${path}/disk/hub.sqlite`
      const link = `${path}/hub.sqlite`
      mkdirSync(`${path}/disk`)
      yield* made(file)
      symlinkSync(file, link)
      yield* HistoryFile.backup(link, `${path}/copy.sqlite`)
      for (const [written, restored] of [[link, file], [file, link]] as const) {
        const error = yield* Effect.flip(HistoryFile.restore(`${path}/copy.sqlite`, restored)).pipe(
          Effect.provide(layerSqlite(written), { local: true })
        )
        assert.strictEqual(error.reason, "Busy")
        const again = yield* Effect.flip(HistoryFile.downgrade(restored, 1)).pipe(
          Effect.provide(layerSqlite(written), { local: true })
        )
        assert.strictEqual(again.reason, "Busy")
      }
      const { aside } = yield* HistoryFile.restore(`${path}/copy.sqlite`, link)
      assert.isTrue(lstatSync(link).isSymbolicLink())
      assert.strictEqual(aside, `${file}.before-restore`)
      assert.strictEqual(yield* countIn(link), 100)
    }))

  it.effect("belongs to the owner of its directory if root has made it", () =>
    Effect.gen(function*() {
      const path = yield* folder
      yield* made(`${path}/hub.sqlite`)
      mkdirSync(`${path}/service`)
      if (owner === 65_534) chownSync(`${path}/service`, owner, owner)
      yield* HistoryFile.restore(`${path}/hub.sqlite`, `${path}/service/hub.sqlite`)
      for (const name of readdirSync(`${path}/service`)) {
        assert.strictEqual(statSync(`${path}/service/${name}`).uid, owner, name)
      }
    }))
})

describe("a history as text", () => {
  const exported = (file: string, options: HistoryExport.Options) =>
    HistoryExport.make(options).pipe(
      Stream.decodeText,
      Stream.mkString,
      Effect.map((text) => text.trimEnd().split(/\r?\n/)),
      Effect.provide(HistoryFile.layer(file), { local: true })
    )

  it.effect("has rows, places and events, of a time and of a place, and no formulas", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/hub.sqlite`
      yield* made(file)
      const rows = yield* exported(file, { what: "rows", format: "csv", from: begin + 10, to: begin + 12 })
      assert.deepStrictEqual(rows.map((row) => row.replaceAll("\uFFFD", "")), [
        "time,place,name,property,value,unit,verdict",
        "2026-01-01T00:00:10Z,28.0A,'=1+1 [2J,temperature,0.625,°C,Plausible",
        "2026-01-01T00:00:11Z,28.0A,'=1+1 [2J,temperature,0.6875,°C,Plausible"
      ])
      const named = yield* exported(file, { what: "rows", format: "ndjson", place: place.name })
      assert.lengthOf(named, 100)
      assert.deepInclude(JSON.parse(named[1]!), { place: "28.0A", value: 0.0625 })
      assert.deepStrictEqual(yield* exported(file, { what: "rows", format: "ndjson", place: "other" }), [""])
      const [, placed = ""] = yield* exported(file, { what: "places", format: "csv" })
      assert.match(placed, /^28\.0A,28\.0A,'=1\+1 .*,"a,""b""",no,\{\}$/)
      assert.deepStrictEqual(
        (yield* exported(file, { what: "places", format: "ndjson" })).map((line) => JSON.parse(line)),
        [
          place
        ]
      )
      const [, event = ""] = yield* exported(file, { what: "events", format: "csv" })
      assert.strictEqual(event, "2026-01-01T00:00:00Z,Raised,28.0A,,,,'=cmd|' /C calc'!A0")
    }))

  it.effect("has each event once, however many there are in one second", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/hub.sqlite`
      const count = 3500
      yield* Effect.gen(function*() {
        const history = yield* History
        const events = Array.from({ length: count }, (_, i) => ({
          at: begin + (i < 2500 ? 0 : i % 7),
          kind: "Raised",
          text: String(i)
        }))
        yield* history.append({ at: begin + 10, rows: [], events })
      }).pipe(Effect.provide(layerSqlite(file), { local: true }))
      const lines = yield* exported(file, { what: "events", format: "ndjson" })
      assert.sameMembers(
        lines.map((line): number => Number(JSON.parse(line).text)),
        Array.from({ length: count }, (_, i) => i)
      )
    }))

  it.effect("is read while a hub writes, and nothing is written by that", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/hub.sqlite`
      yield* Effect.gen(function*() {
        yield* append(begin, 10)
        assert.lengthOf(yield* exported(file, { what: "rows", format: "ndjson" }), 10)
        const refused = yield* Effect.flip(
          Effect.provide(append(begin + 10, 10), Layer.fresh(HistoryFile.layer(file)), { local: true })
        )
        assert.strictEqual(refused.reason, "Unreachable")
        yield* append(begin + 10, 10)
      }).pipe(Effect.provide(layerSqlite(file)))
    }))
})
