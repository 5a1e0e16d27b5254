/**
 * A few seconds of the soak test, as a real program.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { type Duration, Effect, Fiber, Stream } from "effect"
import * as ChildProcess from "effect/process/ChildProcess"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { eventually, isAlive } from "./fixtures/census.ts"
import * as mischief from "./fixtures/mischief.ts"

const program = fileURLToPath(new URL("./soak.ts", import.meta.url))

/** Runs it for the given minutes, and returns its output. The program ends with the scope, and always within the limit. */
const soak = (minutes: number, limit: Duration.Input, onStart: (pid: number) => void = () => {}) =>
  Effect.gen(function*() {
    const handle = yield* ChildProcess.make(process.execPath, [program, String(minutes)], {
      stdin: "ignore",
      stderr: "inherit",
      // The signal ends the real server that it has started.
      killSignal: "SIGTERM",
      forceKillAfter: "5 seconds"
    })
    onStart(handle.pid)
    const printed = yield* Stream.mkString(Stream.decodeText(handle.stdout))
    return { printed, code: yield* handle.exitCode }
  }).pipe(Effect.scoped, Effect.timeout(limit), Effect.provide(NodeServices.layer))

/** The child processes of a process, if the system reports them. */
const childrenOf = (pid: number): ReadonlyArray<number> => {
  const path = `/proc/${pid}/task/${pid}/children`
  return existsSync(path) ? readFileSync(path, "utf8").split(" ").filter((part) => part !== "").map(Number) : []
}

/** The figures of one of the printed tables. */
const figures = (printed: string, title: string): ReadonlyMap<string, number> => {
  const [, table = ""] = printed.split(`\n${title}\n`)
  const rows = table.split("\n\n", 1)[0].matchAll(/^ {2}(\S.*?) +(\d+)$/gm)
  return new Map([...rows].map(([, name, count]) => [name, Number(count)]))
}

/** The kinds of faults that it has not met. */
const unmet = (printed: string): ReadonlyArray<string> => {
  const faults = [...figures(printed, "faults, and what came of them").keys()]
  return mischief.kinds.filter((kind) => !faults.some((name) => name.startsWith(`${kind}, `)))
}

describe("the soak test", () => {
  it.live("meets everything within seconds, and nothing that must not be", () =>
    Effect.gen(function*() {
      const short = yield* soak(0.04, "50 seconds")
      // On a busy machine, fewer events happen in that time, so it may meet fewer.
      const { code, printed } = unmet(short.printed).length === 0 ? short : yield* soak(0.4, "100 seconds")
      const zeros = figures(printed, "must be zero")
      assert.strictEqual(zeros.size, 10, printed)
      for (const [name, count] of zeros) assert.strictEqual(count, 0, `${name}\n${printed}`)
      assert.strictEqual(code, 0, printed)

      assert.deepStrictEqual(unmet(printed), [], printed)
      const disturbances = figures(printed, "disturbances")
      for (const name of Object.keys(mischief.disturbances)) {
        assert.isAbove(disturbances.get(name) ?? 0, 0, `${name}\n${printed}`)
      }
      for (
        const name of [
          "read",
          "readText",
          "dir",
          "dirStream",
          "present",
          "romId",
          "get",
          "write",
          "ping",
          "sendMessage"
        ]
      ) {
        assert.isAbove(figures(printed, "operations").get(name) ?? 0, 0, `${name}\n${printed}`)
      }
      assert.isAbove(figures(printed, "how calls ended").get("answered") ?? 0, 200, printed)
    }), 180_000)

  it.live("is ended if it takes too long", () =>
    Effect.gen(function*() {
      let pid = 0
      let started: ReadonlyArray<number> = []
      const watching = yield* Effect.forkChild(
        Effect.forever(Effect.andThen(
          Effect.sync(() => {
            started = [...new Set([...started, ...childrenOf(pid)])]
          }),
          Effect.sleep("20 millis")
        ))
      )
      const error = yield* Effect.flip(soak(10, "2 seconds", (started) => {
        pid = started
      }))
      yield* Fiber.interrupt(watching)
      assert.strictEqual(error._tag, "TimeoutError")
      assert.isAbove(pid, 0)
      yield* eventually(() => ![pid, ...started].some(isAlive))
    }))
})
