/** A hub's history on the command line: copied while the hub runs, put back, brought back, and printed. */
import { History, layerSqlite } from "@effect-ownet/hub/History"
import * as HistoryFile from "@effect-ownet/hub/HistoryFile"
import * as Places from "@effect-ownet/hub/Places"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as ow from "../fixtures/ow.ts"

const timeout = 60_000

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-upkeep-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const old = fileURLToPath(new URL("../../../hub/test/fixtures/history-v1.sqlite", import.meta.url))

/** Makes a history of now. */
const make = (file: string) => Effect.asVoid(Effect.scoped(Layer.build(Layer.fresh(layerSqlite(file)))))

describe.concurrent("the history of a hub", () => {
  it.live("is copied while the hub runs, and takes its place when it has ended", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const file = join(directory, "hub.sqlite")
      const copy = join(directory, "copy.sqlite")
      const { port } = yield* NodeSimulatedServer.start({ "/28.000028D70100": { temperature: 21.5 } })
      const hub = yield* ow.start([
        "hub",
        "-s",
        `127.0.0.1:${port}`,
        "--listen",
        "0",
        "--database",
        file,
        "--flush",
        "1s"
      ])
      yield* hub.awaitLine((line) => line !== "")
      const backup = yield* ow.run(["hub", "backup", copy, "--database", file, "--json"])
      assert.strictEqual(backup.status, 0, backup.stderr)
      assert.deepInclude(JSON.parse(backup.stdout), { from: file, to: copy, version: HistoryFile.version })
      const busy = yield* ow.run(["hub", "restore", copy, "--database", file, "--yes"])
      assert.strictEqual(busy.status, 1)
      assert.match(busy.stderr, /a hub uses .*stop that one first/)
      yield* hub.kill("SIGTERM")
      assert.strictEqual(yield* hub.exit, 0)
      const unasked = yield* ow.run(["hub", "restore", copy, "--database", file])
      assert.strictEqual(unasked.status, 2)
      assert.match(unasked.stderr, /no terminal to ask at: add --yes/)
      const restored = yield* ow.run(["hub", "restore", copy, "--database", file, "--yes"])
      assert.strictEqual(restored.status, 0, restored.stderr)
      assert.include(restored.stdout, `The previous history is in ${file}.before-restore.`)
      assert.isTrue(existsSync(`${file}.before-restore`))
      const again = yield* ow.start(["hub", "-s", `127.0.0.1:${port}`, "--listen", "0", "--database", file])
      yield* again.awaitLine((line) => line !== "")
      yield* again.kill("SIGTERM")
      assert.strictEqual(yield* again.exit, 0)
    }), timeout)

  it.live("is brought up to date by a hub, which says so, and brought back", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const file = join(directory, "hub.sqlite")
      copyFileSync(old, file)
      const early = yield* ow.run(["hub", "export", "--database", file])
      assert.strictEqual(early.status, 1)
      assert.match(early.stderr, /version 1.*brings it up to date/)
      const hub = yield* ow.start(["hub", "-s", "localhost:1", "--listen", "0", "--database", file])
      yield* hub.awaitLine(
        (line) => line.includes(`upgraded from version 1 to ${HistoryFile.version}`) && line.includes(`${file}.v1`),
        "stderr"
      )
      yield* hub.awaitLine((line) => line !== "")
      yield* hub.kill("SIGTERM")
      assert.strictEqual(yield* hub.exit, 0)
      const rows = yield* ow.run(["hub", "export", "--database", file, "--place", "Attic", "--format", "ndjson"])
      // One more than it had says that the hub was off.
      assert.strictEqual(rows.stdout.trimEnd().split("\n").length, 701)
      const down = yield* ow.run(["hub", "downgrade", "--to", "1", "--database", file, "--yes"])
      assert.strictEqual(down.status, 0, down.stderr)
      assert.match(down.stderr, /It loses:\n {4}how far a fleet has come.*\n {4}all notices/)
      assert.include(down.stdout, "of version 1 now")
      const once = yield* ow.run(["hub", "downgrade", "--to", "1", "--database", file])
      assert.match(once.stdout, /version 1 already/)
      const future = yield* ow.run(["hub", "downgrade", "--to", "7", "--database", file])
      assert.strictEqual(future.status, 2)
    }), timeout)

  it.live(
    "is exported for a place by each of its names, and a wrong name lists the places, similar ones first",
    () =>
      Effect.gen(function*() {
        const directory = yield* folder
        const file = join(directory, "hub.sqlite")
        const [attic, cellar, freezer] = ["28.000028D70100", "28.000028D70200", "28.000028D70300"] as const
        const spare = "28.000028D70400"
        yield* History.use(({ setPlace }) =>
          Effect.forEach([
            { ...Places.ofDevice(attic), name: "Attic" },
            { ...Places.ofDevice(cellar), device: spare },
            Places.ofDevice(freezer)
          ], setPlace)
        ).pipe(Effect.provide(Layer.fresh(layerSqlite(file))))
        writeFileSync(join(directory, "hub.yaml"), `version: 1\nplaces:\n  ${freezer}:\n    name: Freezer\n`)
        const { port } = yield* NodeSimulatedServer.start({ [`/${spare}`]: { temperature: 4, alias: "wine" } })
        const exported = (place: string, server = `127.0.0.1:${port}`) =>
          ow.run(["hub", "export", "places", "--format", "ndjson", "--database", file, "-s", server, "--place", place])
        const names = [
          ["Attic", attic],
          [attic, attic],
          ["28000028d70100", attic],
          ["Freezer", freezer],
          [spare, cellar],
          ["wine", cellar]
        ]
        for (const [name, key] of names) {
          const { status, stderr, stdout } = yield* exported(name)
          assert.strictEqual(status, 0, stderr)
          const [line, ...more] = stdout.trimEnd().split("\n")
          assert.deepInclude(JSON.parse(line), { key }, name)
          assert.lengthOf(more, 0)
        }
        const wrong = yield* exported("freezr")
        assert.strictEqual(wrong.status, 1)
        assert.include(wrong.stderr, `or the alias "freezr": the history has Freezer, Attic, ${cellar}\n`)
        const unasked = yield* exported("wine", "127.0.0.1:1")
        assert.match(unasked.stderr, /the history has .*\. Aliases could not be looked up: .*127\.0\.0\.1:1/)
      }),
    timeout
  )

  it.live("is printed to a file or a pipe, and what cannot be is said in a line", () =>
    Effect.gen(function*() {
      const directory = yield* folder
      const file = join(directory, "hub.sqlite")
      const output = join(directory, "places.csv")
      yield* make(file)
      const places = yield* ow.run(["hub", "export", "places", "--database", file, "-o", output])
      assert.strictEqual(places.status, 0, places.stderr)
      assert.strictEqual(readFileSync(output, "utf8").trimEnd(), "place,device,name,group,hidden,limits")
      writeFileSync(join(directory, "letter"), "Dear history, ".repeat(100))
      const refusals: ReadonlyArray<readonly [ReadonlyArray<string>, number, RegExp]> = [
        [["export", "--database", join(directory, "letter")], 1, /not a database/],
        [["export", "--database", join(directory, "none")], 1, /no such file/],
        [["export", "--database", file, "-o", join(directory, "no/where")], 1, /cannot write .*ENOENT/],
        [
          ["export", "--database", file, "--place", "Atic"],
          1,
          /no place has .* or the alias "Atic": the history has no places yet/
        ],
        [["export", "--database", file, "--from", "yesterday"], 2, /2026-01-31/],
        [["export", "--database", "postgres://pi/history"], 2, /export\.csv/],
        [["backup", join(directory, "letter"), "--database", file], 1, /not a history: it was left as it is/],
        [["backup", "copy", "--database", "postgres://pi/history"], 2, /pg_dump/],
        [["backup"], 2, /file/]
      ]
      for (const [args, status, message] of refusals) {
        const result = yield* ow.run(["hub", ...args])
        assert.match(result.stderr, message)
        assert.match(result.stderr, /^ow: .+\n$/)
        assert.strictEqual(result.status, status, result.stderr)
      }
    }), timeout)
})
