/**
 * The command beside those of Debian's `ow-shell`, at the real server.
 */
import { assert, describe as plainDescribe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isRequired, isShellInstalled } from "../../../test/fixtures/installed.ts"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

const thermometer = "/28.000028D70100"

const serve = Effect.gen(function*() {
  const { host, port } = yield* owserver.start(["--tester=10,26,2D", "--mock=28.000028D70100,2D.00002DD70100"])
  const run = ow.at({ host, port })
  return {
    run,
    print: (...args: ReadonlyArray<string>) => Effect.map(run(args), ow.resultOf),
    shell: (command: string, ...args: ReadonlyArray<string>) => Process.run(command, ["-s", `${host}:${port}`, ...args])
  }
})

const linesOf = (text: string): ReadonlyArray<string> => text.split("\n").filter((line) => line !== "")

const describe = isShellInstalled || isRequired ? owserver.describe : plainDescribe.skip

describe(`ow beside ow-shell${isShellInstalled ? "" : " (skipped: on Debian: apt-get install ow-shell)"}`, () => {
  it.live("lists as owdir and owget do", () =>
    Effect.gen(function*() {
      const { print, shell } = yield* serve
      const devices = linesOf((yield* shell("owdir", "--dir", "/")).stdout)
      assert.isAbove(devices.length, 4)
      // Two buses answer in the order in which they are done.
      assert.sameMembers([...linesOf(yield* print("ls", "-a"))], [...devices])
      const named = linesOf((yield* shell("owdir", "--dir", "-f", "f.i.c", "/")).stdout)
      assert.sameMembers([...linesOf(yield* print("ls", "-a", "-f", "f.i.c"))], [...named])
      const properties = (yield* shell("owget", "--dir", thermometer)).stdout
      assert.include(properties, `${thermometer}/errata/\n`)
      assert.strictEqual(yield* print("get", thermometer), properties)
      assert.strictEqual(yield* print("ls", thermometer), properties)
    }), timeout)

  it.live("reads as owread and owget do", () =>
    Effect.gen(function*() {
      const { print, run, shell } = yield* serve
      const temperature = "/10.000010EF0000/temperature"
      const pressure = "/26.000026D90100/B1-R1-A/pressure"
      const memory = "/2D.00002DD20200/memory"
      const padded = (yield* shell("owread", temperature)).stdout
      assert.strictEqual((yield* run(["cat", "--raw", temperature])).stdout, padded)
      assert.strictEqual(yield* print("cat", temperature), `${padded.trim()}\n`)
      for (const scale of ["-F", "-K", "-R"]) {
        const { stdout } = yield* shell("owread", scale, temperature)
        assert.strictEqual(yield* print("cat", scale, temperature), `${stdout.trim()}\n`)
      }
      assert.strictEqual(yield* print("cat", pressure), `${(yield* shell("owget", pressure)).stdout.trim()}\n`)
      const bytes = (yield* shell("owread", memory)).stdoutBytes
      assert.strictEqual(bytes.length, 128)
      assert.deepStrictEqual((yield* run(["get", "--raw", memory])).stdoutBytes, bytes)
      const { stdout } = yield* shell("owread", "--hex", "--size", "16", memory)
      assert.strictEqual(yield* print("cat", "--hex", "--size", "16", memory), `${stdout.toLowerCase()}\n`)
    }), timeout)

  it.live("writes as owwrite does, and is read by the other", () =>
    Effect.gen(function*() {
      const { print, shell } = yield* serve
      const memory = "/2D.00002DD70100/memory"
      assert.strictEqual((yield* shell("owwrite", `${thermometer}/temphigh`, "44")).status, 0)
      assert.strictEqual(yield* print("cat", `${thermometer}/temphigh`), "44\n")
      yield* print("set", `${thermometer}/temphigh`, "-3")
      assert.strictEqual((yield* shell("owread", `${thermometer}/temphigh`)).stdout.trim(), "-3")
      yield* shell("owwrite", "--hex", memory, "00ff10")
      assert.strictEqual(yield* print("cat", "--hex", "--size", "3", memory), "00ff10\n")
      yield* print("set", "--hex", memory, "fe 00 20")
      assert.strictEqual((yield* shell("owread", "--hex", "--size", "3", memory)).stdout, "FE0020")
    }), timeout)

  it.live("finds what owpresent finds, and fails where it does", () =>
    Effect.gen(function*() {
      const { run, shell } = yield* serve
      for (const path of [thermometer, `${thermometer}/type`, "/28.000028D70200", `${thermometer}/nosuch`]) {
        const { stdout } = yield* shell("owpresent", path)
        const { status } = yield* run(["exists", path])
        assert.strictEqual(stdout, status === 0 ? "1" : "0", path)
      }
      assert.strictEqual((yield* shell("owread", "/nosuch")).status, (yield* run(["cat", "/nosuch"])).status)
    }), timeout)
})
