/** Versions of a history: brought up to date with all that is in it, brought back, and never left in between. */
import { History, layerPostgres, layerSqlite } from "@effect-ownet/hub/History"
import * as HistoryFile from "@effect-ownet/hub/HistoryFile"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer, Logger, Redacted } from "effect"
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as FirstVersion from "./fixtures/firstVersion.ts"
import * as Postgres from "./fixtures/postgres.ts"

const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()).pipe(
  Effect.provide(NodeServices.layer)
)

const opened = (file: string) => Effect.provide(FirstVersion.check, layerSqlite(file), { local: true })

/** Lines of the log. */
const logging = <A, E, R>(self: Effect.Effect<A, E, R>) => {
  const lines: Array<string> = []
  const logger = Logger.make(({ message }) => void lines.push(String(message)))
  return Effect.map(Effect.provide(self, Logger.layer([logger])), () => lines)
}

describe("a history of version 1", () => {
  it.effect("is brought up to date with all that is in it, and a copy of it is kept", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/hub.sqlite`
      yield* FirstVersion.put(file)
      const lines = yield* logging(opened(file))
      assert.lengthOf(lines, 1)
      assert.include(lines[0], `The history is upgraded from version 1 to ${HistoryFile.version}`)
      assert.include(lines[0], `${file}.v1`)
      assert.deepStrictEqual(FirstVersion.dump(`${file}.v1`), FirstVersion.original())
      assert.deepStrictEqual(yield* logging(opened(file)), [])
      assert.strictEqual((yield* HistoryFile.inspect(file)).version, HistoryFile.version)
    }))

  it.effect("is there again after a way back, and goes forth again", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/hub.sqlite`
      yield* FirstVersion.put(file)
      yield* logging(opened(file))
      assert.deepStrictEqual(yield* HistoryFile.downgrade(file, 1), {
        from: HistoryFile.version,
        copy: `${file}.v${HistoryFile.version}`
      })
      assert.deepStrictEqual(FirstVersion.dump(file), FirstVersion.original())
      assert.strictEqual((yield* HistoryFile.inspect(`${file}.v${HistoryFile.version}`)).version, HistoryFile.version)
      assert.deepStrictEqual(yield* HistoryFile.downgrade(file, 1), { from: 1, copy: undefined })
      const refused = yield* Effect.flip(HistoryFile.downgrade(file, 2))
      assert.match(refused.message, /version 1, which is older than 2/)
      yield* logging(opened(file))
    }))

  it.effect("keeps its notices on the way back to version 2, and knows no longer how far a fleet has come", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/hub.sqlite`
      yield* FirstVersion.put(file)
      const notice = { id: "a-1", kind: "NoNews", isUrgent: false, since: 10, text: "silent" } as const
      const write = Effect.gen(function*() {
        const history = yield* History
        const keeper = yield* history.takeOver
        yield* history.append({
          at: 1e9,
          rows: [],
          events: [],
          turns: [{ turn: { phase: "Began", notice }, tell: [] }],
          progress: { keeper, turn: 1, position: 7, standing: [{ server: "pi", text: "[]" }] }
        })
      })
      yield* logging(Effect.provide(write, layerSqlite(file), { local: true }))
      assert.strictEqual((yield* HistoryFile.downgrade(file, 2)).from, HistoryFile.version)
      const tables = FirstVersion.dump(file)
      assert.notProperty(tables, "ow_standing")
      assert.deepStrictEqual(
        tables["ow_meta"]?.map(({ name }) => name),
        FirstVersion.original()["ow_meta"]?.map(({ name }) => name)
      )
      const read = Effect.gen(function*() {
        const history = yield* History
        assert.deepStrictEqual(yield* history.openNotices, [notice])
        assert.isUndefined(yield* history.position)
        assert.deepStrictEqual([...yield* history.standing], [])
        assert.strictEqual(yield* history.takeOver, 1)
      })
      yield* logging(Effect.provide(read, layerSqlite(file), { local: true }))
    }))

  it("loses what it has no place for, and that is said", () => {
    assert.lengthOf(HistoryFile.losses(HistoryFile.version, 1), HistoryFile.version - 1)
    assert.deepStrictEqual(HistoryFile.losses(1, 1), [])
  })

  it.live("stays what it is if its program is killed on the way", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const upgrader = fileURLToPath(new URL("fixtures/upgrader.ts", import.meta.url))
      let killed = 0
      for (let before = 0;; before += 2) {
        const file = `${directory}/${before}.sqlite`
        yield* FirstVersion.put(file)
        const { signal } = spawnSync(process.execPath, [upgrader, file, String(before)], { stdio: "ignore" })
        if (signal === null) break
        killed++
        assert.deepStrictEqual(FirstVersion.dump(file), FirstVersion.original())
        yield* logging(opened(file))
      }
      assert.isAbove(killed, 1)
    }), 60_000)

  it.effect("is brought up to date without a copy if there is no room for one", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/hub.sqlite`
      yield* FirstVersion.put(file)
      // A directory of that name cannot be replaced by a file.
      yield* Effect.flatMap(
        FileSystem.FileSystem,
        (files) => files.makeDirectory(`${file}.v1/full`, { recursive: true })
      ).pipe(Effect.provide(NodeServices.layer))
      const [line = ""] = yield* logging(opened(file))
      assert.include(line, "a copy of the old one, which could not be made")
      assert.isFalse(existsSync(`${file}.v1.part`))
    }))

  it.effect("is refused where nothing may be written, with what to do", () =>
    Effect.gen(function*() {
      const file = `${yield* folder}/hub.sqlite`
      yield* FirstVersion.put(file)
      const error = yield* Effect.flip(
        Effect.asVoid(Effect.scoped(Layer.build(Layer.fresh(HistoryFile.layer(file)))))
      )
      assert.match(error.message, /version 1, .* brings it up to date/)
      assert.deepStrictEqual(FirstVersion.dump(file), FirstVersion.original())
    }))
})

const server = Layer.orDie(Layer.effect(Postgres.Server, Postgres.start))

Postgres.describe("a history of version 1 in PostgreSQL", () => {
  layer(server, { timeout: 60_000, excludeTestServices: true })((it) => {
    it.effect("is brought up to date once by two hubs that start together, and goes back and forth", () =>
      Effect.gen(function*() {
        const { url } = yield* Postgres.Server
        const address = yield* Postgres.database(url, "versions")
        const fresh = Layer.fresh(layerPostgres(address))
        yield* Effect.scoped(Layer.build(fresh))
        assert.strictEqual(yield* HistoryFile.downgradePostgres(Redacted.make(address), 1), HistoryFile.version)
        yield* Postgres.fill(address, FirstVersion.original())
        for (let round = 0; round < 2; round++) {
          const contexts = yield* Effect.forEach([1, 2, 3], () => Layer.build(fresh), { concurrency: "unbounded" })
          for (const context of contexts) yield* Effect.provide(FirstVersion.check, context)
          yield* Effect.gen(function*() {
            const history = yield* History
            yield* history.setPlace({ key: "28.0E", device: "28.0E", isHidden: false, limits: {}, noNewsFor: 60 })
          }).pipe(Effect.provide(contexts[0]!))
          assert.strictEqual(yield* HistoryFile.downgradePostgres(address, 1), HistoryFile.version)
          yield* Postgres.forget(address, "28.0E")
        }
      }))
  })
})
