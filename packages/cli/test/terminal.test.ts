/**
 * What the tests of the command line rely on, where it is run on a terminal.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Terminal from "./fixtures/terminal.ts"

const timeout = 120_000

const sh = (script: string, options?: Terminal.Options) => Terminal.run("sh", ["-c", script], options)

describe("a process on a terminal", () => {
  it.live("sees a terminal of the size that it is given, in an environment of its own", () =>
    Effect.gen(function*() {
      const script = "const { isTTY, columns, rows } = process.stdout; console.log(isTTY, process.stdin.isTTY, columns,"
        + "rows, process.stdout.getColorDepth(), process.env.TERM, process.env.OWSERVER, process.env.CI)"
      const { exit, screen } = yield* Terminal.run(process.execPath, ["-e", script], {
        columns: 71,
        rows: 9,
        env: { OWSERVER: "it's; $HOME \"here\"" }
      })
      assert.strictEqual(yield* exit, 0)
      const lines = yield* screen
      assert.strictEqual(lines.length, 9)
      assert.deepStrictEqual(lines.slice(0, 2), [
        "true true 71 9 8 xterm-256color it's; $HOME \"here\" undefined",
        ""
      ])
    }), timeout)

  it.live("is given its arguments as they are", () =>
    Effect.gen(function*() {
      const args = ["it's", "a b", "$HOME", "\"*\"", "", "°C", "-x", "`id`", "\\n", "a\nb"]
      const { exit, raw } = yield* Terminal.run("printf", ["<%s>", ...args])
      assert.strictEqual(yield* exit, 0)
      assert.strictEqual((yield* raw).replaceAll("\r\n", "\n"), args.map((arg) => `<${arg}>`).join(""))
    }), timeout)

  it.live("hears Ctrl-C, and its status comes through", () =>
    Effect.gen(function*() {
      const { awaitScreen, exit, screen, send } = yield* sh(
        "trap 'echo; echo interrupted; exit 130' INT; echo ready; while :; do sleep 0.01; done"
      )
      yield* awaitScreen((lines) => lines[0] === "ready")
      yield* send("\u0003")
      assert.strictEqual(yield* exit, 130)
      assert.deepStrictEqual((yield* screen).slice(0, 3), ["ready", "^C", "interrupted"])
    }), timeout)

  it.live("reads what is typed", () =>
    Effect.gen(function*() {
      const { awaitScreen, exit, screen, send } = yield* sh("printf '? '; read answer; echo \"<$answer>\"; exit 3")
      yield* awaitScreen((lines) => lines[0] === "?")
      yield* send("yes\r")
      assert.strictEqual(yield* exit, 3)
      assert.deepStrictEqual((yield* screen).slice(0, 2), ["? yes", "<yes>"])
    }), timeout)

  it.live("draws where it moves the cursor", () =>
    Effect.gen(function*() {
      const { awaitScreen, cells, cursorVisible, exit, isAlternate, raw, screen, send } = yield* sh(
        "printf 'one\\ntwo\\nthree\\n\\033[?25l\\033[2A\\033[2K2 °C\\r\\033[1B\\033[31;1mT\\033[0m\\n'; read wait;"
          + "printf '\\033[?1049h\\033[Halternate'; read wait; printf '\\033[?1049l\\033[?25h'",
        { columns: 20, rows: 6 }
      )
      assert.deepStrictEqual(
        yield* awaitScreen((lines) => lines.includes("Three")),
        ["one", "2 °C", "Three", "", "", ""]
      )
      assert.isFalse(yield* cursorVisible)
      assert.isFalse(yield* isAlternate)
      const [first, second] = (yield* cells)[2]
      assert.deepInclude(first, { text: "T", columns: 1, color: 1, bold: true })
      assert.deepInclude(second, { text: "h", columns: 1, color: undefined, bold: false })
      yield* send("\r")
      yield* awaitScreen((lines) => lines[0] === "alternate")
      assert.isTrue(yield* isAlternate)
      yield* send("\r")
      assert.strictEqual(yield* exit, 0)
      assert.deepStrictEqual(yield* screen, ["one", "2 °C", "Three", "", "", ""])
      assert.isTrue(yield* cursorVisible)
      assert.isFalse(yield* isAlternate)
      assert.include(yield* raw, "\u001B[31;1mT")
    }), timeout)

  it.live("shows all that it wrote when it ended", () =>
    Effect.gen(function*() {
      const { exit, raw, screen } = yield* Terminal.run("seq", ["20000"], { rows: 3 })
      assert.strictEqual(yield* exit, 0)
      assert.deepStrictEqual(yield* screen, ["19999", "20000", ""])
      assert.strictEqual((yield* raw).split("\r\n").length, 20_001)
    }), timeout)

  it.live("is ended with its scope, however stubborn it is", () =>
    Effect.gen(function*() {
      const pid = yield* Effect.scoped(Effect.gen(function*() {
        const { awaitScreen } = yield* sh("trap '' INT TERM HUP; echo $$; exec sleep 1000")
        return Number((yield* awaitScreen((lines) => /^\d+$/.test(lines[0])))[0])
      }))
      assert.throws(() => process.kill(pid, 0), /ESRCH/)
    }), timeout)

  it.live("says what it shows when it does not show what it should", () =>
    Effect.gen(function*() {
      const { awaitScreen } = yield* sh("echo; echo something else; exit 9")
      const error = yield* Effect.flip(awaitScreen((lines) => lines[0] === "this"))
      assert.match(error.message, /^sh -c .*: ended with status 9\n\| \n\| something else$/s)
      const { exit, screen } = yield* Terminal.run("no-such-command", [])
      assert.strictEqual(yield* exit, 127)
      assert.match((yield* screen)[0], /no-such-command: not found/)
    }), timeout)
})
