/**
 * The launcher as it is built: which bundle it loads, and where it keeps the code that was compiled.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { crc32 } from "node:zlib"
import { commands } from "../src/commands.ts"
import * as QuickActions from "../src/QuickActions.ts"
import * as QuickScan from "../src/QuickScan.ts"
import * as bundle from "./fixtures/bundle.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

/** Names of the modules in a folder of the sources. */
const modulesOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(fileURLToPath(new URL(`../src/${folder}`, import.meta.url))).filter((file) => file.endsWith(".ts"))
    .map((file) => basename(file, ".ts"))

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-test-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** The built launcher beside bundles that only print what they are. The quick ones do not take the operand `odd`. */
const launcher = Effect.map(temporaryDirectory, (directory) => {
  copyFileSync(bundle.ow, join(directory, "ow.cjs"))
  for (const quick of ["ow-quick.cjs", "ow-scan.cjs"]) {
    writeFileSync(
      join(directory, quick),
      "if (exports.isTaken = !process.argv.includes('odd')) console.log('quick')"
    )
  }
  const whole = join(directory, "ow-bundle.cjs")
  writeFileSync(whole, "console.log('whole')")
  const caches = join(directory, "cache")
  const cache = join(caches, "ow")
  const start = (args: ReadonlyArray<string>, env?: Process.Options["env"]) =>
    Process.run(process.execPath, [join(directory, "ow.cjs"), ...args], { env: { XDG_CACHE_HOME: caches, ...env } })
  const load = (args: ReadonlyArray<string>, env?: Process.Options["env"]) =>
    Effect.map(start(args, env), (result) => ow.resultOf(result).trim())
  return { cache, caches, directory, load, start, whole, files: () => readdirSync(cache) }
})

/** The launcher after it has made the cache of a command, which no call of that command replaces any more. */
const settled = Effect.gen(function*() {
  const made = yield* launcher
  yield* made.load(["tree"])
  yield* made.load(["tree"])
  const [name = ""] = made.files()
  const path = join(made.cache, name)
  const { ino } = lstatSync(path)
  return { ...made, name, path, isReplaced: () => lstatSync(path).ino !== ino }
})

describe.concurrent("the launcher", () => {
  it.live("knows exactly the commands and the actions that exist", () =>
    Effect.gen(function*() {
      assert.sameMembers(Object.keys(commands), [...modulesOf("commands")])
      assert.sameMembers(Object.keys({ ...QuickActions.actions, ...QuickScan.actions }), [...modulesOf("actions")])
      const { cache, load } = yield* launcher
      const names = [...Object.keys(commands), "lss", "toString"]
      const loaded = yield* Effect.forEach(names, (name) => Effect.map(load([name]), (which) => [name, which]), {
        concurrency: 2
      })
      assert.deepStrictEqual(
        loaded.filter(([, which]) => which === "quick").map(([name]) => name).toSorted(),
        [...modulesOf("actions")].toSorted()
      )
      assert.sameMembers([...new Set(ow.cachesIn(cache))], [...Object.keys(commands), "ow"])
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
          [["scan", "--json"], "quick"],
          [["scan", "--no-values"], "whole"],
          [[], "whole"]
        ]
        for (const [args, which] of calls) assert.strictEqual(yield* load(args), which, args.join(" "))
      }),
    timeout
  )
})

describe.concurrent("compiled code", () => {
  it.live("is kept where caches are, and for no command that is none", () =>
    Effect.gen(function*() {
      const home = yield* temporaryDirectory
      for (const args of [["exists", "--help"], ["lss"], ["../ls"]]) {
        yield* ow.run(args, { env: { HOME: home, XDG_CACHE_HOME: "" } })
      }
      assert.deepStrictEqual(readdirSync(home), [".cache"])
      assert.sameMembers([...ow.cachesIn(join(home, ".cache", "ow"))], ["exists", "ow"])
      assert.strictEqual(lstatSync(join(home, ".cache", "ow")).mode & 0o777, 0o700)
      // A home that cannot be written to is no reason to fail.
      ow.resultOf(yield* ow.run(["--version"], { env: { HOME: "/dev/null", XDG_CACHE_HOME: "" } }))
      ow.resultOf(yield* ow.run(["--version"], { env: { HOME: "", XDG_CACHE_HOME: "somewhere" } }))
    }), timeout)

  it.live("changes nothing that a call prints", () =>
    Effect.gen(function*() {
      const caches = yield* temporaryDirectory
      for (const args of [["cat", "a", "-s", "127.0.0.1:1"], ["ls", "--help"], ["cat", "--celsius"]]) {
        const bare = yield* ow.run(args, { env: { NODE_DISABLE_COMPILE_CACHE: "1" } })
        for (let start = 0; start < 3; start++) {
          assert.deepStrictEqual(yield* ow.run(args, { env: { XDG_CACHE_HOME: caches } }), bare)
        }
      }
      assert.sameMembers([...ow.cachesIn(join(caches, "ow"))], ["cat", "cat", "ls"])
    }), timeout)

  it.live("leaves a bundle what modules have: require, its name, and places of errors", () =>
    Effect.gen(function*() {
      const { directory, load, whole } = yield* launcher
      writeFileSync(join(directory, "other.cjs"), "exports.name = 'other'")
      writeFileSync(
        whole,
        `Error.stackTraceLimit = 1; const [place] = /[^/]*:\\d+:\\d+/.exec(new Error().stack)
        console.log(require("./other.cjs").name, require("node:path").basename(__filename), place)`
      )
      for (let start = 0; start < 3; start++) {
        assert.strictEqual(yield* load(["tree"]), "other ow-bundle.cjs ow-bundle.cjs:1:65")
      }
    }), timeout)

  it.live("is made again while it grows, then once a day, and not by a call that fails", () =>
    Effect.gen(function*() {
      const { cache, files, isReplaced, load, path, start, whole } = yield* settled
      yield* load(["tree"])
      assert.isFalse(isReplaced())
      utimesSync(path, new Date(), new Date(Date.now() - 2 * 24 * 60 * 60 * 1000))
      yield* load(["tree"])
      assert.isTrue(isReplaced())

      rmSync(path)
      const more = `const more = () => [${"Math.random(),".repeat(1000)}]`
      writeFileSync(whole, `${more}; if (process.argv.includes("more")) more(); process.exitCode = +process.argv[3]`)
      const sizeAfter = (args: ReadonlyArray<string>) =>
        Effect.map(start(["tree", ...args]), () => lstatSync(join(cache, files()[0] ?? "")).size)
      const small = yield* sizeAfter(["1"])
      assert.strictEqual(yield* sizeAfter(["1", "more"]), small)
      const large = yield* sizeAfter(["0", "more"])
      assert.isAbove(large, small + 1000)
      assert.strictEqual(yield* sizeAfter(["0"]), large)
    }), timeout)

  it.live("is made once by calls that start together", () =>
    Effect.gen(function*() {
      const { cache, load } = yield* launcher
      const printed = yield* Effect.all(Array.from({ length: 6 }, () => load(["tree"])), { concurrency: "unbounded" })
      assert.deepStrictEqual(printed, Array(6).fill("whole"))
      assert.deepStrictEqual(ow.cachesIn(cache), ["tree"])
    }), timeout)

  it.live("is kept for a bundle, flags of V8 and nobody who wants none", () =>
    Effect.gen(function*() {
      const { caches, files, load, whole } = yield* launcher
      yield* load(["tree"], { NODE_DISABLE_COMPILE_CACHE: "1" })
      assert.throws(() => readdirSync(caches))
      yield* load(["tree"])
      yield* load(["tree"], { NODE_OPTIONS: "--jitless" })
      assert.lengthOf(files(), 2)
      // Of the same length, which is all that V8 looks at.
      writeFileSync(whole, "console.log('other')")
      assert.strictEqual(yield* load(["tree"]), "other")
      assert.lengthOf(files(), 3)
    }), timeout)

  it.live("is bounded: old files go, and the oldest of many", () =>
    Effect.gen(function*() {
      const { cache, files, load } = yield* launcher
      mkdirSync(cache, { recursive: true, mode: 0o700 })
      for (let age = 0; age < 50; age++) {
        const path = join(cache, `old-${age}`)
        writeFileSync(path, "")
        utimesSync(path, new Date(), new Date(Date.now() - age * 60_000))
      }
      yield* load(["tree"])
      assert.lengthOf(files(), 40)
      assert.notInclude(files(), "old-39")
      utimesSync(join(cache, "old-0"), new Date(), new Date(Date.now() - 31 * 24 * 60 * 60 * 1000))
      yield* load(["watch"])
      assert.notInclude(files(), "old-0")
      assert.includeMembers(files(), ["old-1"])
    }), timeout)

  const damages: ReadonlyArray<readonly [string, (path: string, name: string) => void]> = [
    ["empty", (path) => writeFileSync(path, "")],
    ["cut", (path) => writeFileSync(path, readFileSync(path).subarray(0, -1))],
    ["damaged", (path) => {
      const bytes = readFileSync(path)
      bytes[bytes.length >> 1]! ^= 1
      writeFileSync(path, bytes)
    }],
    ["of another V8", (path, name) => {
      const bytes = readFileSync(path)
      // The hash of V8's version is behind a magic number.
      bytes[12]! ^= 1
      bytes.writeUInt32LE(crc32(bytes.subarray(4), Number(`0x${name.split("-")[1]}`)))
      writeFileSync(path, bytes)
    }],
    ["of another bundle", (path, name) => {
      const bytes = readFileSync(path)
      bytes.writeUInt32LE(crc32(bytes.subarray(4), Number(`0x${name.split("-")[1]}`) ^ 1))
      writeFileSync(path, bytes)
    }],
    ["writable by others", (path) => chmodSync(path, 0o622)],
    ["elsewhere", (path) => {
      renameSync(path, `${path}.elsewhere`)
      symlinkSync(`${path}.elsewhere`, path)
    }]
  ]
  for (const [problem, damage] of damages) {
    it.live(`is not used and made again if its file is ${problem}`, () =>
      Effect.gen(function*() {
        const { isReplaced, load, name, path } = yield* settled
        damage(path, name)
        assert.strictEqual(yield* load(["tree"]), "whole")
        const stats = lstatSync(path)
        assert.isTrue(isReplaced())
        assert.isTrue(stats.isFile())
        assert.strictEqual(stats.mode & 0o777, 0o600)
        assert.strictEqual(readFileSync(path)[4], 0, "made from nothing")
      }), timeout)
  }

  const places: ReadonlyArray<readonly [string, (cache: string) => void]> = [
    ["writable by all", (cache) => chmodSync(cache, 0o777)],
    ["writable by a group", (cache) => chmodSync(cache, 0o720)],
    ["a link", (cache) => {
      renameSync(cache, `${cache}.elsewhere`)
      symlinkSync(`${cache}.elsewhere`, cache)
    }],
    ["no directory", (cache) => {
      renameSync(cache, `${cache}.elsewhere`)
      writeFileSync(cache, "")
    }]
  ]
  for (const [problem, damage] of places) {
    it.live(`is neither used nor made if the directory is ${problem}`, () =>
      Effect.gen(function*() {
        const { cache, files, load, path } = yield* settled
        rmSync(path)
        damage(cache)
        assert.strictEqual(yield* load(["tree"]), "whole")
        if (lstatSync(cache).isFile()) return
        assert.isEmpty(files())
      }), timeout)
  }

  it.live.runIf(process.geteuid?.() === 0)(
    "is neither used nor made in somebody else's home",
    () =>
      Effect.gen(function*() {
        const { cache, files, isReplaced, load, path } = yield* settled
        chownSync(cache, 65534, 65534)
        utimesSync(path, 0, 0)
        yield* load(["tree"])
        assert.isFalse(isReplaced())
        assert.lengthOf(files(), 1)
        const home = yield* temporaryDirectory
        chownSync(home, 65534, 65534)
        yield* load(["tree"], { XDG_CACHE_HOME: "", HOME: home })
        assert.isEmpty(readdirSync(home))
      }),
    timeout
  )
})
