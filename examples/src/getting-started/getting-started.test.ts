/**
 * Checks that the guide shows the real output of the programs.
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it, vi } from "@effect/vitest"
import { ConfigProvider, Console, Effect } from "effect"
import { readFileSync } from "node:fs"

const page = readFileSync(new URL("../../../docs/getting-started.md", import.meta.url), "utf8")

/** Output that the guide shows below a command. */
const shown = (command: string): string =>
  page.split(`\n$ ${command}\n`)[1]?.split(/^(?:\$ .*|```)$/m)[0] ?? `${command} is not in the guide`

let program: Effect.Effect<unknown, unknown> = Effect.die("nothing was run")
const keep = (main: Effect.Effect<unknown, unknown>) => void (program = main)
vi.doMock("@effect/platform-node", () => ({
  // Takes a program, or its options and then the program.
  NodeRuntime: {
    runMain: (first: Effect.Effect<unknown, unknown> | { readonly disableErrorReporting: boolean }) =>
      "disableErrorReporting" in first ? keep : keep(first)
  }
}))
await import("./first.ts")
const first = program
await import("./main.ts")
const main = program

/** Output of a program with this server. */
const printed = Effect.fnUntraced(function*(program: Effect.Effect<unknown, unknown>, server: string) {
  let lines = ""
  const print = (...words: ReadonlyArray<unknown>) => void (lines += `${words.join(" ")}\n`)
  yield* program.pipe(
    Effect.provideService(Console.Console, { ...globalThis.console, log: print, error: print }),
    Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { OWSERVER: server } })))
  )
  return lines
})

const addressOf = ({ host, port }: NodeSimulatedServer.Running): string => `${host}:${port}`

describe("the first programs", () => {
  it.live("print what the guide shows", () =>
    Effect.gen(function*() {
      const server = addressOf(yield* NodeSimulatedServer.start(SimulatedNetwork.tester(["10", "28", "26", "29"])))
      assert.strictEqual(yield* printed(first, server), shown("node first.ts"))
      assert.strictEqual(yield* printed(main, server), shown("node main.ts"))
    }))

  it.live("report a missing device", () =>
    Effect.gen(function*() {
      const server = addressOf(yield* NodeSimulatedServer.start({}))
      assert.strictEqual(yield* printed(main, server), shown("OWSERVER=127.0.0.1:4305 node main.ts"))
      const error = yield* Effect.flip(printed(first, server))
      assert.include(page, `\n${String(error).replace(server, "localhost:4304")}\n`)
    }))

  it.live("report a missing server", () =>
    Effect.gen(function*() {
      const gone = addressOf(yield* Effect.scoped(NodeSimulatedServer.start({})))
      const said = yield* printed(Effect.flip(main), gone)
      assert.strictEqual(said.replaceAll(gone, "127.0.0.1:4306"), shown("OWSERVER=127.0.0.1:4306 node main.ts"))
    }))
})
