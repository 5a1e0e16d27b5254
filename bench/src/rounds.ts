/** Runs a workload on its clients in turn, round after round. */
import { Effect, Schema, type Scope, Stream } from "effect"
import { fileURLToPath } from "node:url"
import type { Client } from "./clients.ts"
import * as Placement from "./placement.ts"
import type { Server } from "./servers.ts"
import type { Run } from "./table.ts"
import { Measurement, type Task, toArguments, toLines } from "./task.ts"
import type { Tools } from "./tools.ts"
import type { Workload } from "./workloads.ts"

const host = fileURLToPath(new URL("host.ts", import.meta.url))

/** Seconds to start, with some tolerance. The task's own time is added to them. */
const graceSeconds = 20

const readMeasurement = Schema.decodeUnknownEffect(Schema.fromJsonString(Measurement))

/** One process, from its start to its end. A failure is also a result. */
const run = (argv: ReadonlyArray<string>, core: number | undefined, task: Task, input: string) =>
  Effect.gen(function*() {
    const handle = yield* Placement.command(core, [...argv, ...toArguments(task)], input)
    const [out, err] = yield* Effect.all(
      [Stream.mkString(Stream.decodeText(handle.stdout)), Stream.mkString(Stream.decodeText(handle.stderr))],
      { concurrency: "unbounded" }
    )
    const code = yield* handle.exitCode
    if (code !== 0) return yield* Effect.fail(`status ${code}: ${/^\w*Error: .*$/m.exec(err)?.[0] ?? err.trim()}`)
    return yield* readMeasurement(out)
  }).pipe(
    Effect.scoped,
    Effect.timeoutOrElse({
      duration: `${task.warmSeconds + task.seconds + graceSeconds} seconds`,
      orElse: () => Effect.fail("it did not end in time")
    }),
    Effect.catch((error) => Effect.succeed<Run>({ failed: String(error).slice(0, 120) }))
  )

/** The program that runs a workload on a client, or `undefined` if the client does not take part or is missing. */
export const programOf = (
  { id, load }: Client,
  { task }: Workload,
  tools: Pick<Tools, "clients" | "starts">
): ReadonlyArray<string> | undefined => {
  if (task.loop === "starts") return tools.starts.get(id)
  return load === undefined ? tools.clients.get(id) : [process.execPath, "--no-warnings", "--expose-gc", host, id]
}

export const measure = Effect.fnUntraced(function*(
  workload: Workload,
  on: {
    readonly clients: ReadonlyArray<Client>
    /** Server of each run. */
    readonly server: Effect.Effect<Server, never, Scope.Scope>
    readonly placement: Placement.Placement
    readonly tools: Tools
    readonly rounds: number
    readonly onRun: (round: number, client: Client) => Effect.Effect<void>
  }
) {
  const runOnServer = (client: Client) =>
    Effect.gen(function*() {
      const { devices, port, traffic } = yield* on.server
      const before = yield* traffic ?? Effect.undefined
      const done = yield* run(
        programOf(client, workload, on.tools) ?? [],
        on.placement.client,
        { ...workload.task, port },
        toLines(workload.requests(devices))
      )
      const after = yield* traffic ?? Effect.undefined
      if (before === undefined || after === undefined || "failed" in done) return done
      return { ...done, traffic: { requests: after.requests - before.requests, bytes: after.bytes - before.bytes } }
    }).pipe(Effect.scoped)
  const runs = new Map<string, Array<Run>>(on.clients.map(({ id }) => [id, []]))
  for (let round = 0; round < Math.min(on.rounds, workload.maxRounds ?? Infinity); round++) {
    for (const client of alternate(on.clients, round)) {
      yield* on.onRun(round, client)
      runs.get(client.id)?.push(yield* runOnServer(client))
    }
  }
  return runs
})

/**
 * Each round begins with another client, and every other one runs in reverse order, so that no client always follows the same
 * one.
 */
const alternate = <A>(all: ReadonlyArray<A>, round: number): ReadonlyArray<A> => {
  const start = round % Math.max(1, all.length)
  const turned = [...all.slice(start), ...all.slice(0, start)]
  return round % 2 === 0 ? turned : turned.toReversed()
}
