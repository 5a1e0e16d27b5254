/** The core that a process runs on, if `taskset` can set it. */
import { Effect, Stream } from "effect"
import { ChildProcess } from "effect/process"
import { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import type { Workload } from "./workloads.ts"

export interface Placement {
  /** Core of the clients. */
  readonly client: number | undefined
  /** Core of the server. */
  readonly server: (cores: Workload["cores"]) => number | undefined
  /** Problem of the placement, if there is one. */
  readonly problem: string | undefined
}

/** Two of the cores that this process may use. */
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

/** Parses `pid 1's current affinity list: 0,2-5`. */
const coresIn = (text: string): ReadonlyArray<number> =>
  (text.split(": ")[1] ?? "").split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map((core) => Number.parseInt(core, 10))
    return first === undefined || last === undefined || Number.isNaN(first)
      ? []
      : Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })

/** The command that runs a program on a core. */
export const command = (core: number | undefined, argv: ReadonlyArray<string>, input?: string) => {
  const [program = "", ...args] = core === undefined ? argv : ["taskset", "-c", `${core}`, ...argv]
  return ChildProcess.make(program, args, {
    stdin: input === undefined ? "ignore" : Stream.encodeText(Stream.make(input)),
    killSignal: "SIGKILL"
  })
}

/** Moves a running process, with all of its threads. */
export const move = (core: number | undefined, pid: number) =>
  core === undefined
    ? Effect.void
    : Effect.flatMap(
      ChildProcessSpawner,
      (spawner) => spawner.exitCode(ChildProcess.make("taskset", ["-a", "-c", "-p", `${core}`, `${pid}`]))
    )
