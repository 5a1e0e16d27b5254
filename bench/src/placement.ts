/** Which core a process runs on, where `taskset` can say so. */
import { Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import type { Workload } from "./workloads.ts"

export interface Placement {
  /** Where the clients run. */
  readonly client: number | undefined
  /** Where the server runs. */
  readonly server: (cores: Workload["cores"]) => number | undefined
  /** What is not as it should be. */
  readonly problem: string | undefined
}

/** Two cores of those that this process may use. */
export const find: Effect.Effect<Placement, never, ChildProcessSpawner> = Effect.gen(function*() {
  const spawner = yield* ChildProcessSpawner
  const text = yield* Effect.orElseSucceed(
    spawner.string(ChildProcess.make("taskset", ["-c", "-p", `${process.pid}`], { stdin: "ignore" })),
    () => ""
  )
  const [client, other] = coresIn(text)
  if (client === undefined) {
    return nowhere("taskset is not installed: no process keeps to one core, and the numbers are noisier")
  }
  const problem = other === undefined
    ? "there is one core only: clients and servers share it in every workload"
    : undefined
  return { client, server: (cores) => cores === "split" ? other ?? client : client, problem }
})

const nowhere = (problem: string): Placement => ({ client: undefined, server: () => undefined, problem })

/** Of `pid 1's current affinity list: 0,2-5`. */
const coresIn = (text: string): ReadonlyArray<number> =>
  (text.split(": ")[1] ?? "").split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map((core) => Number.parseInt(core, 10))
    return first === undefined || last === undefined || Number.isNaN(first)
      ? []
      : Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })

/** A program, on a core. */
export const command = (core: number | undefined, argv: ReadonlyArray<string>, input?: string) => {
  const [program = "", ...args] = core === undefined ? argv : ["taskset", "-c", `${core}`, ...argv]
  return ChildProcess.make(program, args, {
    stdin: input === undefined ? "ignore" : Stream.encodeText(Stream.make(input)),
    killSignal: "SIGKILL"
  })
}

/** A process that runs already, with all of its threads. */
export const move = (core: number | undefined, pid: number) =>
  core === undefined
    ? Effect.void
    : Effect.flatMap(
      ChildProcessSpawner,
      (spawner) => spawner.exitCode(ChildProcess.make("taskset", ["-a", "-c", "-p", `${core}`, `${pid}`]))
    )
