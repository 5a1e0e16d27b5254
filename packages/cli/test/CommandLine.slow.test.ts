/**
 * The command line: mistakes, help, the version, and completions.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { commands } from "../src/commands.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

// Completion scripts alone call the one that is left out.
const names = Object.keys(commands).filter((name) => name !== "complete")

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))

/** Nobody listens there. */
const nobody = { env: { OWSERVER: "localhost:1" } }

describe("a mistake", () => {
  it.live("is told in a line on stderr, whatever it is", () =>
    Effect.gen(function*() {
      const servers = "host, host:port, [::1]:4304, owserver://host:port, or w1: for the kernel's own bus"
      const mistakes: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
        [["lss"], "Unknown subcommand \"lss\" for \"ow\"; did you mean ls? See: ow --help"],
        [["nosuch", "cat"], "Unknown subcommand \"nosuch\" for \"ow\". See: ow --help"],
        [["--jsn"], "Unrecognized flag: --jsn in command ow; did you mean --json? See: ow --help"],
        [["cat", "--bogus", "a"], "Unrecognized flag: --bogus in command ow cat. See: ow cat --help"],
        [["ls", "a", "b"], "Unexpected positional argument: \"b\". See: ow ls --help"],
        [["cat"], "Missing required argument: path. See: ow cat --help"],
        [
          ["tree", "--depth", "0"],
          "Invalid value for flag --depth: \"0\". Expected: a whole number of at least 1. See: ow tree --help"
        ],
        [
          ["get", "--timeout", "soon"],
          "Invalid value for flag --timeout: \"soon\". Expected: a duration such as 500ms, 2s, 1m or 1h. See: ow get --help"
        ],
        [["ls", "-s", "a b"], `Invalid value for flag --server: "a b". Expected: ${servers}. See: ow ls --help`],
        [
          ["ls", "-s", "owserver://a/x"],
          "Invalid value for flag --server: \"owserver://a/x\". Expected: leave out \"/x\": an address ends with the port; "
          + "give paths and flags to each call. See: ow ls --help"
        ],
        [
          ["ls", "-s", "a", "-s", "b"],
          "/ belongs to a server, not to a device: name the server, as in --server a"
        ],
        [["bench", "-s", "a,b"], "bench measures one server: give --server once"],
        [["ls", "-s", "a,b c"], `Invalid value for flag --server: "a,b c". Expected: ${servers}. See: ow ls --help`],
        [["ls", "-s", ","], `Invalid value for flag --server: ",". Expected: ${servers}. See: ow ls --help`],
        [
          ["cat", "-CF", "a"],
          "temperatures come in one scale at a time: --celsius, --fahrenheit, --kelvin or --rankine"
        ]
      ]
      yield* Effect.forEach(mistakes, ([args, message]) =>
        Effect.gen(function*() {
          const result = yield* ow.run(args, nobody)
          assert.deepInclude(result, { status: 2, stdout: "", stderr: `ow: ${message}\n` })
        }), { concurrency: 2 })
      const list = yield* ow.run(["ls"], { env: { OWSERVERS: "a,http://x" } })
      assert.deepInclude(list, {
        status: 2,
        stdout: "",
        stderr: `ow: OWSERVERS is "a,http://x", which is not a list of servers: write ${servers}\n`
      })
      const environment = yield* ow.run(["ls"], { env: { OWSERVER: "http://x" } })
      assert.deepInclude(environment, {
        status: 2,
        stdout: "",
        stderr: `ow: OWSERVER is "http://x", which is not a server: write ${servers}\n`
      })
    }), timeout)

  it.live("is a line of JSON where JSON is wanted, and only there", () =>
    Effect.gen(function*() {
      for (const args of [["ls", "--json", "a", "b"], ["--json=1", "ls", "a", "b"]]) {
        const { status, stderr, stdout } = yield* ow.run(args, nobody)
        assert.strictEqual(status, 2)
        assert.strictEqual(stdout, "")
        const message = "Unexpected positional argument: \"b\". See: ow ls --help"
        assert.deepStrictEqual(ow.jsonOf(stderr), [{ error: { message, _tag: "UsageError", status: 2 } }])
      }
      for (const args of [["ls", "--json=no", "a", "b"], ["ls", "a", "b", "--", "--json"]]) {
        assert.match((yield* ow.run(args, nobody)).stderr, /^ow: Unexpected positional argument/)
      }
    }), timeout)
})

describe("words of other programs", () => {
  it.live("say which command is meant", () =>
    Effect.gen(function*() {
      const meant = { read: "cat", write: "set", dir: "ls", present: "exists", temperatures: "convert", poll: "watch" }
      for (const [word, command] of Object.entries(meant)) {
        const { status, stderr, stdout } = yield* ow.run([word, "/28.000028D70100"])
        assert.deepStrictEqual({ status, stdout }, { status: 2, stdout: "" })
        assert.strictEqual(
          stderr,
          `ow: ${word} is not a command; did you mean ow ${command}? See: ow ${command} --help\n`
        )
      }
    }), timeout)
})

describe("help", () => {
  it.live("is a command, too", () =>
    Effect.gen(function*() {
      assert.strictEqual(ow.resultOf(yield* ow.run(["help"])), ow.resultOf(yield* ow.run(["--help"])))
      assert.strictEqual(ow.resultOf(yield* ow.run(["help", "scan"])), ow.resultOf(yield* ow.run(["scan", "--help"])))
    }), timeout)

  it.live("is there for all commands, with examples, in eighty columns, on stdout", () =>
    Effect.gen(function*() {
      yield* Effect.forEach(names, (name) =>
        Effect.gen(function*() {
          const help = ow.resultOf(yield* ow.run([name, "--help"]))
          assert.include(help, `USAGE\n  ow ${name} `)
          assert.match(help, /\nEXAMPLES\n( {2}# .+\n {2}.*\bow .+\n\n?)+$/)
          assert.match(help, /^DESCRIPTION\n {2}\S/)
          assert.isEmpty(
            help.split("\n").filter((line) => line.length > 80 || line.endsWith(" ") || line.includes("undefined"))
          )
        }), { concurrency: 2 })
      // Each has what it compiles for itself.
      assert.includeMembers([...ow.cachesIn(join(ow.cache, "ow"))], names)
      const help = ow.resultOf(yield* ow.run([]))
      assert.strictEqual(ow.resultOf(yield* ow.run(["--help"])), help)
      const listed = [...help.matchAll(/^ {2}([a-z]+) {4,}[A-Z]\S/gm)].map(([, name]) => name)
      assert.deepStrictEqual(listed, names)
    }), timeout)

  it.live("has colors on a terminal, and room there", () =>
    Effect.gen(function*() {
      const raw = (options: Parameters<typeof ow.onTerminal>[1]) =>
        Effect.gen(function*() {
          const { exit, raw } = yield* ow.onTerminal(["cat", "--help"], options)
          assert.strictEqual(yield* exit, 0)
          return (yield* raw).replaceAll("\r\n", "\n")
        })
      const piped = ow.resultOf(yield* ow.run(["cat", "--help"]))
      assert.strictEqual(stripVTControlCharacters(piped), piped)
      const colored = yield* raw({})
      assert.include(colored, "\u001B[1mUSAGE\u001B[0m")
      assert.strictEqual(stripVTControlCharacters(colored), piped)
      assert.strictEqual(yield* raw({ env: { NO_COLOR: "1" } }), piped)
      assert.strictEqual(yield* raw({ env: { TERM: "dumb" } }), piped)
      const narrow = yield* raw({ columns: 50, env: { NO_COLOR: "1" } })
      assert.isTrue(narrow.split("\n").every((line) => line.length <= 50))
      assert.strictEqual(narrow.replace(/\s+/g, " "), piped.replace(/\s+/g, " "))
    }), timeout)

  it.live("is not all: there is the version", () =>
    Effect.gen(function*() {
      assert.strictEqual(ow.resultOf(yield* ow.run(["--version"])), `ow ${version}\n`)
      assert.strictEqual(ow.resultOf(yield* ow.run(["-v"])), `ow ${version}\n`)
    }), timeout)
})

describe("a message", () => {
  it.live("has its color on a terminal", () =>
    Effect.gen(function*() {
      for (const [env, expected] of [[{}, "\u001B[31mow:\u001B[39m Unk"], [{ NO_COLOR: "1" }, "ow: Unk"]] as const) {
        const { exit, raw } = yield* ow.onTerminal(["nosuch"], { env })
        assert.strictEqual(yield* exit, 2)
        assert.isTrue((yield* raw).startsWith(expected))
      }
    }), timeout)
})

describe("completions", () => {
  it.live("are there for bash, zsh and fish, and name all commands", () =>
    Effect.gen(function*() {
      for (const shell of ["bash", "zsh", "fish"]) {
        const script = ow.resultOf(yield* ow.run(["ls", "--completions", shell]))
        for (const name of names) assert.match(script, new RegExp(`\\b${name}\\b`))
        assert.include(script, "uncached")
      }
    }), timeout)

  it.live("complete in a bash", () =>
    Effect.gen(function*() {
      const script = ow.resultOf(yield* ow.run(["--completions=bash"]))
      const complete = Effect.fnUntraced(function*(line: string) {
        const words = line.split(" ")
        const { stderr, stdout } = yield* Process.run("bash", [
          "--norc",
          "-c",
          [
            "eval \"$(cat)\"",
            "spec=$(complete -p ow); fn=${spec#*-F }; fn=${fn%% *}",
            `COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=(${
              words.map((word) => `'${word}'`).join(" ")
            })`,
            `COMP_CWORD=${words.length - 1}; "$fn" ow '${words.at(-1)}' '${words.at(-2)}'`,
            "printf '%s\\n' \"${COMPREPLY[@]}\""
          ].join("\n")
        ], { input: script })
        assert.strictEqual(stderr, "")
        return stdout.split("\n").map((word) => word.trim()).filter((word) => word !== "")
      })
      assert.includeMembers([...(yield* complete("ow "))], names)
      assert.deepStrictEqual(yield* complete("ow ex"), ["exists"])
      assert.deepStrictEqual(yield* complete("ow cat --unc"), ["--uncached"])
      assert.deepStrictEqual(yield* complete("ow ls --format fi."), ["fi.c"])
      assert.includeMembers([...(yield* complete("ow tree --"))], ["--depth", "--server", "--json"])
    }), timeout)
})
