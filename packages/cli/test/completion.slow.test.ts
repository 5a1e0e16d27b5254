/**
 * Completions: the candidates that a server has, and the scripts of the shells.
 */
import { Fault, SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isRequired, isThere } from "../../../test/fixtures/installed.ts"
import * as bundle from "./fixtures/bundle.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

const serve = Effect.gen(function*() {
  const network = yield* SimulatedNetwork.make({
    "28.000028D70100": { alias: "kitchen" },
    "28.000028D70200": { alias: "the $(id) attic" },
    "28.000028D70300": { alias: "x\u001b[2J\nb" },
    "/bus.1/29.000029D60300": {}
  })
  const server = yield* NodeSimulatedServer.start(network)
  return { server, address: `${server.host}:${server.port}` }
})

describe("candidates", () => {
  it.live("are devices, aliases and properties", () =>
    Effect.gen(function*() {
      const { address, server } = yield* serve
      const cases: ReadonlyArray<readonly [words: ReadonlyArray<string>, candidates: ReadonlyArray<string>]> = [
        [["cat", "k"], ["kitchen/"]],
        [["cat", "/k"], ["/kitchen/"]],
        [["cat", "kitchen/tempe"], ["", "10", "11", "12", "9"].map((bits) => `kitchen/temperature${bits}`)],
        [["set", "/bus.1/29.000029D60300/PIO.A"], ["/bus.1/29.000029D60300/PIO.ALL"]],
        [["log", "--to", "x.csv", "--rotate", "1d", "k"], ["kitchen/"]],
        [["info", ""], ["kitchen", "the $(id) attic", "29.000029D60300"]],
        [["convert", "kitchen", "2"], ["29.000029D60300"]],
        [["-s", address, "cat", "k"], ["kitchen/"]],
        [[`--server=${address}`, "--json", "cat", "kitchen/type", "k"], ["kitchen/"]],
        // Not a path: a value to write, the value of a flag, a flag, no command, a command without operands.
        [["set", "kitchen/temphigh", ""], []],
        [["cat", "-s", ""], []],
        [["cat", "--hex", "--offset", ""], []],
        [["cat", "--r"], []],
        [["k"], []],
        [["ping", ""], []],
        [[], []]
      ]
      for (const [words, candidates] of cases) {
        const printed = ow.resultOf(yield* ow.at(server)(["complete", "--", ...words]))
        assert.sameMembers(printed.split("\n").slice(0, -1), [...candidates], words.join(" "))
      }
    }), timeout)

  it.live("are none where the server does not tell them, and never an error", () =>
    Effect.gen(function*() {
      const { server } = yield* serve
      const run = ow.at(server)
      const nothing = { status: 0, stdout: "", stderr: "" }
      assert.deepInclude(yield* run(["complete", "--", "-s", "localhost:1", "cat", "k"]), nothing)
      assert.deepInclude(yield* run(["complete", "--", "cat", "nosuch/k"]), nothing)
      assert.deepInclude(yield* ow.run(["complete", "--", "cat", "k"], { env: { OWSERVER: "http://x y" } }), nothing)
      yield* server.setFaults(() => Fault.Fault.Http())
      assert.deepInclude(yield* run(["complete", "--", "cat", "k"]), nothing)
      // Nobody waits at a prompt for a server that hangs.
      yield* server.setFaults(() => Fault.Fault.Delay({ duration: "1 hour" }))
      assert.deepInclude(yield* run(["complete", "--", "cat", "k"]), nothing)
    }), timeout)
})

const shells = ["bash", "zsh", "fish"] as const

/** Whether a shell is left out, as it is only if it is not installed and need not be. */
const isLeftOut = (shell: string): boolean => !isThere(shell) && !isRequired

describe("the completion script", () => {
  /** Runs a script of a shell in which `ow` is the command. */
  const runShell = Effect.fnUntraced(function*(shell: typeof shells[number], script: string) {
    const { address } = yield* serve
    const define = shell === "fish"
      ? `function ow; ${process.execPath} ${bundle.ow} $argv; end\n`
      : `ow() { ${process.execPath} ${bundle.ow} "$@"; }\n`
    return yield* Process.run(shell, ["-c", define + script], { env: { OWSERVER: address, XDG_CACHE_HOME: ow.cache } })
  })

  const complete = (...words: ReadonlyArray<string>): string =>
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; COMP_LINE="${
      words.join(" ")
    }"; _ow_server ow "${words.at(-1)}" "${words.at(-2)}"; printf '%s\\n' "\${COMPREPLY[@]}"\n`

  it.live("of bash completes flags, what a server has, and names of files", () =>
    Effect.gen(function*() {
      const { status, stderr, stdout } = yield* runShell(
        "bash",
        `eval "$(ow --completions bash)"; complete -p ow\n${complete("ow", "cat", "k")}${
          complete("ow", "cat", "kitchen/temph")
        }${complete("ow", "cat", "the")}${complete("ow", "cat", "--hex", "--r")}${
          complete("ow", "-s", "localhost:1", "cat", "k")
        }`
      )
      assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
      assert.deepStrictEqual(stdout.split("\n"), [
        "complete -o default -F _ow_server ow",
        "kitchen/",
        "kitchen/temphigh",
        "the\\ \\$\\(id\\)\\ attic/",
        "--raw",
        "--rankine",
        "--retries",
        "",
        ""
      ])
    }), timeout)

  it.live("of fish completes what a server has", (context) =>
    Effect.gen(function*() {
      if (isLeftOut("fish")) return context.skip()
      const { stderr, stdout } = yield* runShell(
        "fish",
        "ow --completions fish | source; complete -C 'ow cat kitchen/temph'; complete -C 'ow -s localhost:1 info k' | string match -v -- '--*'"
      )
      assert.deepStrictEqual({ stderr, stdout }, { stderr: "", stdout: "kitchen/temphigh\n" })
    }), timeout)

  it.live("of zsh is understood, and asks the server for operands", (context) =>
    Effect.gen(function*() {
      const text = ow.resultOf(yield* ow.run(["--completions", "zsh"]))
      for (const line of ["'*:A property, such as", "'1:A ROM id"]) {
        const spec = text.split("\n").find((one) => one.includes(line.slice(2)) && one.trim().startsWith("'"))
        assert.match(spec ?? "", /:_ow_server'$/)
      }
      if (isLeftOut("zsh")) return context.skip()
      const { status, stderr } = yield* runShell(
        "zsh",
        "compdef() { : }; eval \"$(ow --completions zsh)\"; functions _ow_server _ow_cat > /dev/null"
      )
      assert.deepStrictEqual({ status, stderr }, { status: 0, stderr: "" })
    }), timeout)
})
