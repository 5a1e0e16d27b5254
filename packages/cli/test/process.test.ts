/**
 * What the tests of the command line rely on, where it is run in pipes.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync } from "node:fs"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

const sh = (script: string, options?: Process.Options) => Process.run("sh", ["-c", script], options)

describe("a process in pipes", () => {
  it.live("gives its bytes and its status", () =>
    Effect.gen(function*() {
      const { status, stderr, stdout, stdoutBytes } = yield* sh("printf '\\377\\0b'; echo no >&2; exit 3")
      assert.strictEqual(status, 3)
      assert.deepStrictEqual([...stdoutBytes], [0xff, 0, 0x62])
      assert.strictEqual(stdout, "\ufffd\0b")
      assert.strictEqual(stderr, "no\n")
    }), timeout)

  it.live("says of a signal what a shell says", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* sh("kill -TERM $$")).status, 143)
    }), timeout)

  it.live("reads its input, and nothing where there is none", () =>
    Effect.gen(function*() {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i)
      const { stdoutBytes } = yield* Process.run("cat", [], { input: bytes })
      assert.deepStrictEqual(Buffer.from(stdoutBytes), Buffer.from(bytes))
      assert.strictEqual((yield* Process.run("cat", [])).stdout, "")
    }), timeout)

  it.live("is on pipes, and on no terminal", () =>
    Effect.gen(function*() {
      const { stdout } = yield* sh("for fd in 0 1 2; do test -p /proc/self/fd/$fd && echo $fd; done; tty")
      assert.strictEqual(stdout, "0\n1\n2\nnot a tty\n")
    }), timeout)

  it.live("has an environment of its own", () =>
    Effect.gen(function*() {
      const { stdout } = yield* Process.run("env", [], { env: { OWSERVER: "here" } })
      const names = stdout.trim().split("\n").map((line) => line.split("=")[0])
      assert.sameMembers(names, ["PATH", "HOME", "TERM", "LC_ALL", "TZ", "OWSERVER"])
    }), timeout)

  it.live("is followed line by line", () =>
    Effect.gen(function*() {
      const { awaitLine, exit, kill, lines } = yield* Process.start("sh", [
        "-c",
        "trap 'echo ended; exit 5' INT; echo one; printf 'two\\nthr'; while :; do sleep 0.01; done"
      ])
      assert.strictEqual(yield* awaitLine((line) => line.startsWith("t")), "two")
      assert.deepStrictEqual(yield* lines, ["one", "two"])
      yield* kill("SIGINT")
      assert.strictEqual(yield* exit, 5)
      assert.deepStrictEqual(yield* lines, ["one", "two", "thrended"])
      const error = yield* Effect.flip(awaitLine((line) => line === "three"))
      assert.match(error.message, /^sh -c .*: no such line on stdout\n-- stdout:\none\ntwo\nthrended\n-- stderr:\n--$/s)
    }), timeout)

  it.live("notices that nobody reads any more", () =>
    Effect.gen(function*() {
      const script = "process.stdout.on('error', ({ code }) => { console.error(code); process.exit(4) });"
        + "setInterval(() => console.log('on and on'), 1)"
      const { awaitLine, closeStdout, exit, output } = yield* Process.start(process.execPath, ["-e", script])
      yield* awaitLine((line) => line === "on and on")
      yield* closeStdout
      assert.strictEqual(yield* exit, 4)
      assert.strictEqual((yield* output).stderr, "EPIPE\n")
    }), timeout)

  it.live("is ended with its scope, however stubborn it is", () =>
    Effect.gen(function*() {
      const pid = yield* Effect.scoped(Effect.gen(function*() {
        const { awaitLine, pid } = yield* Process.start("sh", ["-c", "trap '' INT TERM HUP; echo up; exec sleep 1000"])
        yield* awaitLine((line) => line === "up")
        return pid
      }))
      assert.throws(() => process.kill(pid, 0), /ESRCH/)
    }), timeout)

  it.live("leaves no home behind", () =>
    Effect.gen(function*() {
      const { stdout } = yield* sh("touch ~/left; echo ~")
      assert.isFalse(existsSync(stdout.trim()))
    }), timeout)

  it.live("may not be there", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Process.run("no-such-command", []))
      assert.strictEqual(error.message, "spawn no-such-command ENOENT")
    }), timeout)
})
