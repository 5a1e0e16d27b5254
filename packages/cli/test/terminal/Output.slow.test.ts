/**
 * Colors, and the variables that switch them, on terminals and elsewhere.
 */
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Stdio } from "effect"
import { TerminalCapabilities } from "effect/cli"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as bundle from "../fixtures/bundle.ts"
import * as ow from "../fixtures/ow.ts"
import * as Terminal from "../fixtures/terminal.ts"

const timeout = 120_000

type Environment = Readonly<Record<string, string>>

const environments: ReadonlyArray<Environment> = [
  {},
  { NO_COLOR: "1" },
  { NO_COLOR: "" },
  { FORCE_COLOR: "1" },
  { FORCE_COLOR: "0" },
  { FORCE_COLOR: "False" },
  { FORCE_COLOR: "" },
  { NO_COLOR: "1", FORCE_COLOR: "1" },
  { NO_COLOR: "", FORCE_COLOR: "3" },
  { TERM: "dumb" },
  { TERM: "dumb", FORCE_COLOR: "1" }
]

/** Effect's rule for a stream. */
const canColor = (env: Environment, isTerminal: boolean): Effect.Effect<boolean> =>
  TerminalCapabilities.TerminalCapabilities.pipe(
    Effect.map(({ canColor }) => canColor),
    Effect.provide(Layer.provide(
      TerminalCapabilities.layer,
      Stdio.layerTest({ stdoutIsTerminal: Effect.succeed(isTerminal) })
    )),
    Effect.provideService(
      ConfigProvider.ConfigProvider,
      ConfigProvider.fromEnv({ env: { TERM: "xterm-256color", ...env } })
    )
  )

/** A call that paints a line of results and an error: nobody listens at that port. */
const args = ["tree", "-s", "127.0.0.1:1"]

const root = { plain: "/\n", colored: "\u001B[1m/\u001B[22m\n" }
const mark = { plain: "ow: ", colored: "\u001B[31mow:\u001B[39m " }

/** Runs the call with one of its streams in a file and the other one on a terminal, and gives the file first. */
const split = Effect.fnUntraced(function*(stream: 1 | 2, env: Environment) {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-test-"))),
    (path) => Effect.sync(() => rmSync(path, { recursive: true }))
  )
  const file = join(directory, "file")
  const script = `exec "$@" ${stream}>${file}`
  const { exit, raw } = yield* Terminal.run("sh", ["-c", script, "sh", process.execPath, bundle.ow, ...args], {
    env: { XDG_CACHE_HOME: ow.cache, ...env }
  })
  assert.strictEqual(yield* exit, 3)
  return [readFileSync(file, "utf8"), (yield* raw).replaceAll("\r\n", "\n")] as const
})

const assertColor = (text: string, { colored, plain }: typeof root, isColored: boolean, message: string) =>
  assert.isTrue(text.includes(isColored ? colored : plain), `${message}: ${JSON.stringify(text)}`)

describe("colors", () => {
  for (const env of environments) {
    const name = Object.entries(env).map(([name, value]) => `${name}=${value}`).join(" ") || "no variable"
    it.live(`follow Effect's rule on both streams, with ${name}`, () =>
      Effect.gen(function*() {
        const inPipe = yield* canColor(env, false)
        const onTerminal = yield* canColor(env, true)

        const piped = yield* ow.run(args, { env })
        assertColor(piped.stdout, root, inPipe, "results in a pipe")
        assertColor(piped.stderr, mark, inPipe, "errors in a pipe")

        const terminal = yield* ow.onTerminal(args, { env })
        assert.strictEqual(yield* terminal.exit, 3)
        const shown = (yield* terminal.raw).replaceAll("\r\n", "\n")
        assertColor(shown, root, onTerminal, "results on a terminal")
        assertColor(shown, mark, onTerminal, "errors on a terminal")

        const [results, errorsShown] = yield* split(1, env)
        assertColor(results, root, inPipe, "results in a file")
        assertColor(errorsShown, mark, onTerminal, "errors on a terminal, results in a file")
        const [errors, resultsShown] = yield* split(2, env)
        assertColor(errors, mark, inPipe, "errors in a file")
        assertColor(resultsShown, root, onTerminal, "results on a terminal, errors in a file")
      }), timeout)
  }

  it.live("are what the guide says", () =>
    Effect.gen(function*() {
      const both = (env: Environment) => Effect.all([canColor(env, false), canColor(env, true)])
      assert.deepStrictEqual(yield* both({}), [false, true])
      assert.deepStrictEqual(yield* both({ NO_COLOR: "1", FORCE_COLOR: "1" }), [false, false])
      assert.deepStrictEqual(yield* both({ FORCE_COLOR: "1" }), [true, true])
      assert.deepStrictEqual(yield* both({ FORCE_COLOR: "0" }), [false, true])
      assert.deepStrictEqual(yield* both({ TERM: "dumb", FORCE_COLOR: "1" }), [false, false])
    }))

  it.live(
    "are forced in plain calls and in help, too, and leave the layout of a pipe as it is",
    () =>
      Effect.gen(function*() {
        const env = { FORCE_COLOR: "1" }
        const { stderr } = yield* ow.run(["cat", "x", "-s", "127.0.0.1:1"], { env })
        assert.include(stderr, mark.colored)
        assert.include(ow.resultOf(yield* ow.run(["cat", "--help"], { env })), "\u001B[1mUSAGE\u001B[0m")
        const { stdout } = yield* ow.run(["doctor", "-s", "127.0.0.1:1"], { env })
        assert.include(stdout, "\u001B[32mok  \u001B[39m name ")
        assert.include(stdout, "\u001B[31mfail\u001B[39m connection ")
      }),
    timeout
  )
})

describe("a terminal", () => {
  it.live("shows errors without breaking words at its edge", () =>
    Effect.gen(function*() {
      const { stderr } = yield* ow.run(["ls", "-s", "127.0.0.1:1"])
      for (const columns of [80, 40]) {
        const terminal = yield* ow.onTerminal(["ls", "-s", "127.0.0.1:1"], { columns })
        assert.strictEqual(yield* terminal.exit, 3)
        const lines = (yield* terminal.screen).filter((line) => line !== "")
        assert.isAbove(lines.length, 1)
        assert.strictEqual(lines.map((line) => line.trim()).join(" "), stderr.trimEnd())
        assert.isTrue(lines.slice(1).every((line) => line.startsWith("    ")))
      }
    }), timeout)

  it.live("is redrawn only if it is one, and not a dumb one", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [Environment, isRedrawn: boolean]> = [
        [{}, true],
        [{ NO_COLOR: "1" }, true],
        [{ TERM: "dumb" }, false]
      ]
      for (const [env, isRedrawn] of cases) {
        const { exit, raw } = yield* ow.onTerminal(["scan", "-s", "127.0.0.1:1"], { env })
        assert.strictEqual(yield* exit, 3)
        assert.strictEqual((yield* raw).includes("\u001B[2K"), isRedrawn, JSON.stringify(env))
        const doctor = yield* ow.onTerminal(["doctor", "-s", "127.0.0.1:1"], { env: { NO_COLOR: "1", ...env } })
        assert.strictEqual(yield* doctor.exit, 3)
        assert.strictEqual((yield* doctor.raw).includes("✗ connection"), isRedrawn, JSON.stringify(env))
      }
      const forced = yield* ow.run(["doctor", "-s", "127.0.0.1:1"], { env: { FORCE_COLOR: "1" } })
      assert.notInclude(forced.stdout, "✗")
      assert.notInclude(forced.stderr, "\u001B[2K")
    }), timeout)
})
