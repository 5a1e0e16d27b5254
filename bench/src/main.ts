/**
 * Compares clients of owserver in one run.
 *
 *     pnpm bench
 *     pnpm bench --workloads W1,W8 --quick
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { availableParallelism } from "node:os"
import { canRun, type Client, clients } from "./clients.ts"
import { houses } from "./house/measure.ts"
import { house, type Options, parse, usage } from "./options.ts"
import * as Placement from "./placement.ts"
import { report, type Result } from "./report.ts"
import { measure, programOf } from "./rounds.ts"
import * as Servers from "./servers.ts"
import { summarize } from "./table.ts"
import * as Tools from "./tools.ts"
import { nameOf, warmedSeconds, type Workload, workloads } from "./workloads.ts"

/** A progress line that is overwritten. In a file, nobody reads it. */
const progress = (text: string) =>
  Effect.sync(() => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
  })

const bench = Effect.fnUntraced(function*(options: Options) {
  yield* Console.log(
    `node ${process.version}, ${availableParallelism()} cores, ${options.rounds} rounds of ${options.seconds} s${
      options.isWarmed ? `, after ${warmedSeconds} s of warming up` : ""
    }`
  )
  const placement = yield* Placement.find
  const tools = yield* Tools.prepare
  for (const line of [placement.problem, ...tools.missing]) if (line !== undefined) yield* Console.log(line)

  // A server starts when the first workload needs it, and serves later workloads on its core too.
  const servers = new Map<string, Servers.Server>()
  let isRealMissing = false
  const start = Effect.fnUntraced(function*(server: "synthetic" | "real", core: number | undefined) {
    const started = servers.get(`${server} ${core}`)
    if (started !== undefined) return started
    if (server === "synthetic" && tools.synthetic === undefined || server === "real" && isRealMissing) return undefined
    const starting = server === "synthetic" && tools.synthetic !== undefined
      ? Servers.synthetic(tools.synthetic, core)
      : Effect.catchReason(Servers.real(core), "OwserverError", "NotInstalled", () => {
        isRealMissing = true
        return Effect.as(
          Console.log("no owserver: without the workloads on the real server (Debian: owserver)"),
          undefined
        )
      })
    const fresh = yield* starting
    if (fresh !== undefined) servers.set(`${server} ${core}`, fresh)
    return fresh
  })

  const takesPart = (client: Client, workload: Workload): boolean =>
    programOf(client, workload, tools) !== undefined &&
    options.clients.has(client.formOf ?? client.id) &&
    (workload.clients?.includes(client.id) ??
      (client.formOf === undefined || workload.forms?.includes(client.id) === true)) &&
    canRun(client, workload.task)

  const results: Array<Result> = []
  for (const workload of workloads(options)) {
    if (!options.workloads.has(nameOf(workload))) continue
    const taking = clients.filter((client) => takesPart(client, workload))
    if (taking.length === 0) continue
    const core = placement.server(workload.cores)
    const shared = typeof workload.server === "object" ? undefined : yield* start(workload.server, core)
    const server = typeof workload.server === "object"
      ? Servers.simulated(workload.server, core)
      : shared && Effect.succeed(shared)
    if (server === undefined) continue
    const runs = yield* measure(workload, {
      clients: taking,
      server,
      placement,
      tools,
      rounds: options.rounds,
      onRun: (round, { id }) => progress(`${workload.id}: round ${round + 1}, ${id}`)
    })
    results.push({ workload, summaries: new Map([...runs].map(([id, all]) => [id, summarize(all)])) })
  }
  // Earlier measurements are not lost if this fails.
  const followed = options.workloads.has(house)
    ? [yield* Effect.catch(houses(options.isQuick, placement, progress), (error) => Effect.succeed(String(error)))]
    : []
  yield* progress("")
  const tables = [...results.length === 0 ? [] : [report(results)], ...followed]
  yield* Console.log(tables.length === 0 ? "nothing was measured" : `\n${tables.join("\n\n")}`)
})

const options = parse(process.argv.slice(2))
if (options === undefined) {
  process.stderr.write(usage)
  process.exitCode = 2
} else {
  bench(options).pipe(Effect.scoped, Effect.provide(NodeServices.layer), NodeRuntime.runMain)
}
