/**
 * Plain calls, compared with the same calls on the whole command line.
 */
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it, vi } from "@effect/vitest"
import { Arbitrary, Effect, Schema } from "effect"
import * as CommandLine from "../src/CommandLine.ts"
import * as QuickActions from "../src/QuickActions.ts"
import * as QuickCommandLine from "../src/QuickCommandLine.ts"
import * as QuickScan from "../src/QuickScan.ts"
import * as Failure from "../src/show/Failure.ts"
import * as Output from "../src/terminal/Output.ts"

const names = ["cat", "cat", "exists", "get", "ls", "ping", "scan", "set", "set", "set", "set", "lss", "--json", "-s"]

const actions = { ...QuickActions.actions, ...QuickScan.actions }

const switchPath = "/29.000029D70100/PIO.0"

/** Arguments that may follow a command. Those that make sense come more often. */
const piecesOf = (server: string): ReadonlyArray<ReadonlyArray<string>> => {
  const paths = ["/", "10.000010EF0000", "/10.000010EF0000/type", switchPath, switchPath, switchPath]
  const good = [...paths, "1", "0", "1", "0", "--json", "--json"].map((piece) => [piece])
  const servers = [["-s", server], ["--server", server], ["--server", `owserver://${server}/`], ["-s", "localhost:1"]]
  const odd = [
    [
      "",
      " ",
      "-",
      "--",
      "-5",
      "true",
      "no",
      "ls",
      "cat",
      "a b",
      "a\0b",
      "a\0b",
      "10.000010EF0000/nosuch",
      "nosuch",
      "°"
    ],
    ["-s", "--server", server, "http://x", "a:b", "--json=true", "--json=false", "--json=", "--no-json", "-j"],
    [`--server=${server}`, `-s=${server}`, `-s${server}`, "--server=", "-s="],
    ["--hex", "--raw", "-a", "--all", "-F", "--offset", "--size", "--timeout", "2s", "--file", "--retries"],
    ["--help", "-h", "--version", "-v", "--completions", "bash", "--nosuch"]
  ].flat().map((piece) => [piece])
  const pairs = [["-s", "--json"], ["--server", "-5"], ["--json", "true"], ["--json", "--json"], ["-s", ""]]
  return [...Array.from({ length: 8 }, () => [...good, ...servers]).flat(), ...odd, ...pairs, ...pairs]
}

/** Runs a program as `main` does, and gives all of its output and its status, without the times in it. */
const observe = Effect.fnUntraced(function*(
  args: ReadonlyArray<string>,
  program: Effect.Effect<void, Failure.Failure | Failure.Ended>
) {
  const written: Array<string> = []
  for (const name of ["stdout", "stderr"] as const) {
    vi.spyOn(process[name], "write").mockImplementation((data) => {
      written.push(`${name}: ${typeof data === "string" ? data : Buffer.from(data).toString("hex")}`)
      return true
    })
  }
  const status = yield* program.pipe(
    Effect.catchIf((error) => error._tag !== "Ended", Failure.end),
    Effect.match({ onFailure: ({ status }) => status, onSuccess: () => 0 }),
    Effect.provideService(Output.Json, Output.isJsonWanted(args)),
    Effect.ensuring(Effect.sync(() => vi.restoreAllMocks()))
  )
  return [`${status}`, ...written.map((text) => text.replace(/\d+(\.\d+)? ms|(?<="(connect|answer)":)[\d.]+/g, "_"))]
})

class Difference extends Schema.TaggedError<Difference>()("Difference", {
  quick: Schema.Array(Schema.String),
  full: Schema.Array(Schema.String)
}) {}

describe("a plain call", () => {
  it.live("does the same as on the whole command line", () =>
    Effect.gen(function*() {
      vi.stubGlobal("OW_VERSION", "1.2.3")
      const server = yield* NodeSimulatedServer.start({ "10.000010EF0000": {}, "29.000029D70100": {} })
      vi.stubEnv("OWSERVER", `${server.host}:${server.port}`)
      const asked: Array<string> = []
      yield* server.setFaults(({ path, type }) => void asked.push(`asked: ${type} ${path}`))
      yield* Effect.addFinalizer(() => Effect.sync(() => void [vi.unstubAllGlobals(), vi.unstubAllEnvs()]))

      const pieces = piecesOf(`${server.host}:${server.port}`)
      const at = (length: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: length - 1 }))
      const Calls = Arbitrary.schema(
        Schema.Tuple([at(names.length), Schema.Array(at(pieces.length)).check(Schema.isMaxLength(5))])
      ).pipe(Arbitrary.map(([name, args]) => [names[name], ...args.flatMap((arg) => pieces[arg])]))

      const seen = (args: ReadonlyArray<string>, program: Effect.Effect<void, Failure.Failure | Failure.Ended>) =>
        Effect.gen(function*() {
          yield* Effect.orDie(server.network.set(switchPath, false))
          asked.splice(0)
          const observed = yield* observe(args, program)
          return [...observed, ...asked]
        })

      const compared: Array<string> = []
      const result = yield* Arbitrary.checkEffect(Calls, (args) =>
        Effect.gen(function*() {
          const program = QuickCommandLine.parse(actions, args)
          if (program === undefined) return true
          const quick = yield* seen(args, program)
          const full = yield* seen(args, CommandLine.run(args))
          compared.push(`${args[0]}: ${quick[0]}`)
          if (JSON.stringify(quick) !== JSON.stringify(full)) return yield* new Difference({ quick, full })
          return true
        }), { runs: 1600, seed: "quick" })
      assert.isUndefined(Arbitrary.formatCheckFailure(result))
      assert.isAbove(compared.length, 250)
      const successes = ["cat", "exists", "get", "ls", "ping", "scan", "set"].map((name) => `${name}: 0`)
      assert.includeMembers(compared, successes)
      assert.includeMembers(compared.map((how) => how.slice(-1)), ["0", "1", "2", "3"])
    }), 120_000)
})
