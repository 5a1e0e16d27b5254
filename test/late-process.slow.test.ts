/**
 * The client in a process that does not get its turn: because the program computes, or because the process is stopped.
 */
import { Connector, OwClient } from "@effect-ownet/core"
import { NodeConnector } from "@effect-ownet/node"
import { NodeSocket } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { eventually } from "./fixtures/census.ts"
import * as owserver from "./fixtures/owserver.ts"
import { devices } from "./fixtures/questions.ts"

const sensor = "/28.000028D70100"

owserver.describe("a client in a process that is late, and the real server", () => {
  const connectors = {
    NodeConnector: (port: number) => NodeConnector.make({ host: "127.0.0.1", port }),
    fromSocket: (port: number) =>
      Effect.succeed(Connector.fromSocket("socket", NodeSocket.makeNet({ host: "127.0.0.1", port, noDelay: true })))
  }

  for (const [name, connector] of Object.entries(connectors)) {
    it.live(`${name}: a program that keeps the process busy between its calls loses none`, () =>
      Effect.gen(function*() {
        const server = yield* owserver.start([devices])
        const ow = yield* OwClient.make({ silenceTimeout: "150 millis", timeout: "250 millis" }).pipe(
          Effect.provideServiceEffect(Connector.Connector, connector(server.port))
        )
        const busy = Effect.sync(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300))
        const call = ow.readText(`${sensor}/type`).pipe(Effect.tap(busy), Effect.exit)
        const exits = yield* Effect.all(
          Array.from({ length: 4 }, () => Effect.all([call, call, call])),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(exits.flat(), Array.from({ length: 12 }, () => Exit.succeed("DS18B20")))
      }))
  }

  // Most of the time is waiting.
  describe.concurrent("that is stopped and goes on loses no call", () => {
    for (const name of Object.keys(connectors)) {
      it.live(name, () =>
        Effect.gen(function*() {
          const server = yield* owserver.start([devices])
          const path = fileURLToPath(new URL("./fixtures/stopped.ts", import.meta.url))
          const child = yield* Effect.acquireRelease(
            Effect.sync(() =>
              spawn(process.execPath, [path, String(server.port), name], { stdio: ["pipe", "pipe", "inherit"] })
            ),
            (child) => Effect.sync(() => child.kill("SIGKILL"))
          )
          let printed = ""
          child.stdout.on("data", (chunk) => {
            printed += String(chunk)
          })
          yield* eventually(() => printed.startsWith("ready\n"))
          for (let round = 0; round < 2; round++) {
            child.kill("SIGSTOP")
            // This is longer than the limits of the program's calls.
            yield* Effect.sleep("2600 millis")
            child.kill("SIGCONT")
            yield* Effect.sleep("200 millis")
          }
          child.stdin.end()
          yield* eventually(() => printed.endsWith("}"))
          const { answered, failures } = JSON.parse(printed.slice("ready\n".length))
          assert.deepStrictEqual(failures, [])
          assert.isAbove(answered, 0)
        }), 120_000)
    }
  })
})
