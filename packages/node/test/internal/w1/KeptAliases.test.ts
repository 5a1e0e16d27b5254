import { RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, References } from "effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import { KeptAliases } from "../../../src/internal/w1/KeptAliases.ts"

const kitchen = RomId.fromStringUnsafe("28.000028D70100")
const cellar = RomId.fromStringUnsafe("28.000028D70200")

const folder = Effect.acquireRelease(
  Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "ow-test-"))),
  (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true }))
)

describe("KeptAliases", () => {
  it.live("keeps names in memory without a file", () =>
    Effect.gen(function*() {
      const kept = new KeptAliases(undefined)
      yield* kept.refresh
      yield* kept.rename(kitchen, "kitchen")
      assert.strictEqual(kept.table.ownerOf("kitchen"), kitchen)
      assert.strictEqual(yield* Effect.flip(kept.rename(kitchen, "a\nb")), -22)
    }))

  it.live("makes the file with its folders, and reads it when it has changed", () =>
    Effect.gen(function*() {
      const path = Path.join(yield* folder, "ow", "deep", "aliases")
      const kept = new KeptAliases(path)
      yield* kept.refresh
      yield* kept.rename(kitchen, "kitchen")
      yield* kept.rename(cellar, "cellar")
      assert.strictEqual(Fs.readFileSync(path, "utf8"), "28.000028D70100 = kitchen\n28.000028D70200 = cellar\n")
      assert.strictEqual(kept.table.aliasOf(kitchen), "kitchen")
      Fs.writeFileSync(path, "28.000028D70100 = pantry\n")
      yield* kept.refresh
      assert.deepStrictEqual(kept.table.entries, [[kitchen, "pantry"]])
      Fs.rmSync(path)
      yield* kept.refresh
      assert.deepStrictEqual(kept.table.entries, [])
      assert.deepStrictEqual(Fs.readdirSync(Path.dirname(path)), [])
    }))

  it.live("keeps what others have written since, the mode, and what a link leads to", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const path = Path.join(at, "link")
      const file = Path.join(at, "file")
      Fs.writeFileSync(file, "# mine\n", { mode: 0o600 })
      Fs.symlinkSync(file, path)
      const kept = new KeptAliases(path)
      yield* kept.refresh
      Fs.appendFileSync(file, "28.000028D70200 = cellar\n")
      yield* kept.rename(kitchen, "kitchen")
      assert.isTrue(Fs.lstatSync(path).isSymbolicLink())
      assert.strictEqual(Fs.statSync(file).mode & 0o777, 0o600)
      assert.strictEqual(Fs.readFileSync(file, "utf8"), "# mine\n28.000028D70200 = cellar\n28.000028D70100 = kitchen\n")
      assert.deepStrictEqual(Fs.readdirSync(at).toSorted(), ["file", "link"])
    }))

  it.live("keeps names of any bytes", () =>
    Effect.gen(function*() {
      const path = Path.join(yield* folder, "aliases")
      Fs.writeFileSync(path, Buffer.from("28.000028D70100 = K\xfcche\n\xff\xfe\n", "latin1"))
      const kept = new KeptAliases(path)
      yield* kept.refresh
      yield* kept.rename(cellar, "cellar")
      assert.strictEqual(
        Fs.readFileSync(path, "latin1"),
        "28.000028D70100 = K\xfcche\n\xff\xfe\n28.000028D70200 = cellar\n"
      )
    }))

  it.live("takes all renames that come at once", () =>
    Effect.gen(function*() {
      const path = Path.join(yield* folder, "aliases")
      const kept = new KeptAliases(path)
      const ids = Array.from({ length: 20 }, (_, index) => RomId.fromStringUnsafe(`28.0000000000${index + 10}`))
      yield* Effect.forEach(ids, (id, index) => kept.rename(id, `sensor ${index}`), { concurrency: "unbounded" })
      assert.strictEqual(kept.table.entries.length, 20)
      assert.strictEqual(Fs.readFileSync(path, "utf8").split("\n").length, 21)
    }))

  it.live("fails if the file cannot be one of aliases, and leaves it alone", () =>
    Effect.gen(function*() {
      const at = yield* folder
      const large = Path.join(at, "large")
      Fs.writeFileSync(large, "")
      Fs.truncateSync(large, 100_000_000)
      for (const [path, code] of [[at, -22], [large, -22], [Path.join(large, "aliases"), -5]] as const) {
        const kept = new KeptAliases(path)
        yield* kept.refresh
        assert.strictEqual(yield* Effect.flip(kept.rename(kitchen, "kitchen")), code, path)
        assert.deepStrictEqual(kept.table.entries, [])
      }
      const nul = new KeptAliases("a\u0000b")
      yield* nul.refresh
      assert.isBelow(yield* Effect.flip(nul.rename(kitchen, "kitchen")), 0)
      assert.deepStrictEqual(Fs.readdirSync(at), ["large"])
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None")))
})
