import { TestOwClient } from "@effect-ownet/core/testing"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, it, vi } from "@effect/vitest"
import { Console, Effect, Layer } from "effect"

// The program runs when it is imported. Here the tests receive it instead, and it finds its server on another port.
let main: Effect.Effect<unknown, unknown> = Effect.die("nothing was run")
let port = 0
vi.doMock("@effect/platform-node", () => ({
  NodeRuntime: { runMain: (program: typeof main) => void (main = program) }
}))
vi.doMock("@effect-ownet/node", () => ({
  NodeOwClient: {
    layer: (options: NodeOwClient.Options) => {
      assert.deepInclude(options, { host: "localhost", port: 4304 })
      return Layer.suspend(() => NodeOwClient.layer({ ...options, host: "127.0.0.1", port }))
    }
  }
}))
const { program } = await import("./main.ts")

/** The output of a program. */
const printed = Effect.fnUntraced(function*<A, E, R>(program: Effect.Effect<A, E, R>) {
  const lines: Array<string> = []
  const print = (...words: ReadonlyArray<unknown>) => void lines.push(words.join(" "))
  yield* Effect.provideService(program, Console.Console, { ...globalThis.console, log: print, warn: print })
  return lines
})

it.live("the program of the README finds a thermometer by its name and reads it", () =>
  Effect.gen(function*() {
    const server = yield* NodeSimulatedServer.start({
      "28.000028D70100": { temperature: 21.5, alias: "cellar" },
      "28.000028D70200": { temperature: -3.25 }
    })
    port = server.port
    assert.deepStrictEqual(yield* printed(main), ["21.5 °C in the cellar"])
  }))

it.effect("and runs in a test, without a server", () =>
  Effect.gen(function*() {
    const lines = yield* printed(
      program.pipe(Effect.provide(TestOwClient.layer({ "28.000028D70100": { alias: "cellar", temperature: 21.5 } })))
    )
    assert.deepStrictEqual(lines, ["21.5 °C in the cellar"])
  }))
