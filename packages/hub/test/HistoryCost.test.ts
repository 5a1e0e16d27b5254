/** What a history writes to a disk, and keeps: bytes, which are the same on every machine. `pnpm bench:hub` measures times, too. */
import { History, layerSqlite } from "@effect-ownet/hub/History"
import type { Row } from "@effect-ownet/hub/History"
import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, statSync } from "node:fs"
import { random } from "./fixtures/story.ts"

const begin = 1_767_225_600
const sensors = 100
const hours = 4

/** Bytes that this process has made the system write. */
const writtenBytes = (): number =>
  existsSync("/proc/self/io") ? Number(/^write_bytes: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1]) : 0

/** Gets the log onto the disk with each flush, which the system would do by itself within half a minute. */
const sync = (file: string): void => {
  const log = openSync(`${file}-wal`, "r")
  fsyncSync(log)
  closeSync(log)
}

it.effect("100 thermometers a minute write at most 1.5 MB an hour, and four bytes a row stay", () =>
  Effect.gen(function*() {
    const folder = yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()).pipe(
      Effect.provide(NodeServices.layer)
    )
    const file = `${folder}/history.db`
    let rowCount = 0
    yield* Effect.gen(function*() {
      const history = yield* History
      const { below, next } = random(1)
      const all: Array<{ readonly id: number; level: number; at: number }> = []
      for (let i = 0; i < sensors; i++) {
        const { id } = yield* history.open({ device: `28.${i}`, property: "temperature", unit: "°C", since: begin })
        all.push({ id, level: 300 + below(100), at: 0 })
      }
      const before = writtenBytes()
      for (let now = begin + 60; now <= begin + hours * 3600; now += 60) {
        const rows: Array<Row> = []
        for (const each of all) {
          const isChanged = next() < 0.34
          if (isChanged) each.level += below(2) === 0 ? 1 : -1
          if (!isChanged && now - each.at < 600) continue
          each.at = now
          rows.push({ series: each.id, at: now + below(60), value: each.level / 16, verdict: "Plausible" })
        }
        rowCount += rows.length
        yield* history.append({ at: now, rows, events: [] })
        sync(file)
        yield* history.maintain({ now, keep: 10 ** 9 })
      }
      assert.isAtMost((writtenBytes() - before) / hours, 1.5e6)
    }).pipe(Effect.provide(layerSqlite(file)))
    // The last hour is not packed yet.
    assert.isAtMost(statSync(file).size, 300_000 + 4 * rowCount)
  }))
