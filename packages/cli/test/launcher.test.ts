/**
 * The launcher as it is built: which bundle it loads, and where Node keeps what it has compiled.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { commands } from "../src/commands.ts"
import { actions } from "../src/QuickCommandLine.ts"
import * as bundle from "./fixtures/bundle.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

/** Names of the modules in a folder of the sources. */
const modulesOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(fileURLToPath(new URL(`../src/${folder}`, import.meta.url))).map((file) => basename(file, ".ts"))

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-test-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** The built launcher beside bundles that only print their names. The quick one does not take the operand `odd`. */
const launcher = Effect.map(temporaryDirectory, (directory) => {
  copyFileSync(bundle.ow, join(directory, "ow.cjs"))
  writeFileSync(
    join(directory, "ow-quick.cjs"),
    "if (exports.isTaken = !process.argv.includes('odd')) console.log('quick')"
  )
  writeFileSync(join(directory, "ow-bundle.cjs"), "console.log('whole')")
  const cache = join(directory, "cache")
  const load = (args: ReadonlyArray<string>) =>
    Effect.map(
      Process.run(process.execPath, [join(directory, "ow.cjs"), ...args], { env: { XDG_CACHE_HOME: cache } }),
      (result) => ow.resultOf(result).trim()
    )
  return { load, caches: () => readdirSync(join(cache, "ow")) }
})

describe("the launcher", () => {
  it.live("knows exactly the commands and the actions that exist", () =>
    Effect.gen(function*() {
      assert.sameMembers(Object.keys(commands), [...modulesOf("commands")])
      assert.sameMembers(Object.keys(actions), [...modulesOf("actions")])
      const { caches, load } = yield* launcher
      const names = [...Object.keys(commands), "lss", "toString"]
      const loaded = yield* Effect.forEach(names, (name) => Effect.map(load([name]), (which) => [name, which]), {
        concurrency: 2
      })
      assert.deepStrictEqual(
        loaded.filter(([, which]) => which === "quick").map(([name]) => name).toSorted(),
        [...modulesOf("actions")].toSorted()
      )
      assert.sameMembers(caches(), [...Object.keys(commands), "ow"])
    }), timeout)

  it.live(
    "takes calls for plain ones only without other flags, and asks the bundle about their operands",
    () =>
      Effect.gen(function*() {
        const { load } = yield* launcher
        const calls: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
          [["cat", "a", "-s", "b", "--json"], "quick"],
          [["cat", "a", "--server", "b"], "quick"],
          [["cat", "--raw", "a"], "whole"],
          [["cat", "--server=b", "a"], "whole"],
          [["--json", "cat", "a"], "whole"],
          [["cat", "odd"], "whole"],
          [[], "whole"]
        ]
        for (const [args, which] of calls) assert.strictEqual(yield* load(args), which, args.join(" "))
      }),
    timeout
  )
})

describe("what was compiled", () => {
  it.live("is kept where caches are, and for no command that is none", () =>
    Effect.gen(function*() {
      const home = yield* temporaryDirectory
      for (const args of [["exists", "--help"], ["lss"], ["../ls"]]) {
        yield* ow.run(args, { env: { HOME: home, XDG_CACHE_HOME: "" } })
      }
      assert.deepStrictEqual(readdirSync(home), [".cache"])
      assert.sameMembers(readdirSync(join(home, ".cache", "ow")), ["exists", "ow"])
      assert.isNotEmpty(readdirSync(join(home, ".cache", "ow", "exists")))
      // A home that cannot be written to is no reason to fail.
      ow.resultOf(yield* ow.run(["--version"], { env: { HOME: "/dev/null", XDG_CACHE_HOME: "" } }))
    }), timeout)
})
