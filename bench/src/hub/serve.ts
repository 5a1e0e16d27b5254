/**
 * The cost of serving a hub: a hundred thermometers on a simulated server in another process, read every two seconds, and four
 * viewers. The hub is bundled like `ow hub`.
 *
 *     node bench/src/hub/serve.ts
 *     node bench/src/hub/serve.ts --seconds 600 --viewers 40
 */
import { History, layerSqlite } from "@effect-ownet/hub/History"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { readFileSync } from "node:fs"
import { request } from "node:http"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { rolldown } from "rolldown"

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "180" },
    sensors: { type: "string", default: "100" },
    viewers: { type: "string", default: "4" }
  }
})
const seconds = Number(options.seconds)
const sensors = Number(options.sensors)
const viewers = Number(options.viewers)

/** Seconds until everything is read for the first time, and compiled. */
const warmth = 20

const idOf = (index: number): string => `28.${(0x28D701 + index * 0x100).toString(16).toUpperCase().padStart(12, "0")}`

const house = Object.fromEntries(Array.from({ length: sensors }, (_, index) => [idOf(index), {
  alias: `sensor ${index + 1}`,
  temperature: (at: number) => Math.round((20 + index % 10 + Math.sin(at / 40 + index)) * 16) / 16
}]))

/** A week of readings, one per minute. */
const past = Effect.gen(function*() {
  const history = yield* History
  const now = Math.floor(Date.now() / 1000)
  const days = 7
  const series = yield* Effect.forEach(
    Array.from({ length: sensors }, (_, index) => idOf(index)),
    (device) => history.open({ device, property: "temperature", unit: "°C", since: now - days * 86_400 })
  )
  for (let hour = days * 24; hour > 0; hour--) {
    const from = now - hour * 3600
    const rows = Array.from({ length: 60 }, (_, minute) => minute).flatMap((minute) =>
      series.map(({ id }) => ({
        series: id,
        at: from + minute * 60,
        value: Math.round((20 + id % 10 + Math.sin((from + minute * 60) / 9000)) * 16) / 16,
        verdict: "Plausible" as const
      }))
    )
    yield* history.append({ at: from + 3600, rows, events: [] })
    yield* history.maintain({ now: from + 3600, keep: 10 ** 9 })
  }
})

const bundle = Effect.fnUntraced(function*(folder: string) {
  const file = `${folder}/server.mjs`
  yield* Effect.promise(async () => {
    const made = await rolldown({
      input: fileURLToPath(new URL("server.ts", import.meta.url)),
      platform: "node",
      external: ["@effect/sql-pg/PgClient"]
    })
    await made.write({ file, format: "esm", minify: true, codeSplitting: false })
  })
  return file
})

const heard = <A>(child: ChildProcess, isMeant: (message: object) => message is A & object) =>
  Effect.callback<A>((resume) => {
    const listen = (message: unknown): void => {
      if (typeof message !== "object" || message === null || !isMeant(message)) return
      child.off("message", listen)
      resume(Effect.succeed(message))
    }
    child.on("message", listen)
  })

const heapOf = (child: ChildProcess) =>
  Effect.suspend(() => {
    child.send({})
    return heard(child, (message): message is { readonly heap: number } => "heap" in message)
  })

/** CPU time in milliseconds, and memory in bytes. */
const spent = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ")
  const [, resident] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
  // A tick is 10 ms on all Linux systems.
  return { cpu: (Number(fields[11]) + Number(fields[12])) * 10, resident: Number(resident) * 1024 }
}

const asked = (port: number, path: string) =>
  Effect.callback<number>((resume) => {
    request({ host: "127.0.0.1", port, path, agent: false }, (response) => {
      let bytes = 0
      response.on("data", (chunk: Buffer) => void (bytes += chunk.length))
      response.on("end", () => resume(Effect.succeed(bytes)))
    }).end()
  })

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

const program = Effect.gen(function*() {
  const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  const database = `${folder}/house.db`
  yield* Effect.provide(past, layerSqlite(database), { local: true })
  const { port } = yield* NodeSimulatedServer.start(house)
  const server = yield* bundle(folder)
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => fork(server, [String(port), database], { execArgv: ["--expose-gc"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )
  const hub = yield* heard(child, (message): message is { readonly port: number } => "port" in message)
  const pid = child.pid ?? 0
  let streamed = 0
  for (let i = 0; i < viewers; i++) {
    yield* Effect.acquireRelease(
      Effect.sync(() =>
        request({ host: "127.0.0.1", port: hub.port, path: "/api/v1/live", agent: false }, (response) => {
          response.on("data", (chunk: Buffer) => void (streamed += chunk.length))
        }).on("error", () => {})
      ),
      (sent) => Effect.sync(() => sent.destroy())
    ).pipe(Effect.tap((sent) => Effect.sync(() => sent.end())))
  }
  yield* Effect.sleep(warmth * 1000)
  const snapshot = yield* asked(hub.port, "/api/v1/state")
  const heapBefore = yield* heapOf(child)
  const before = spent(pid)
  const begun = performance.now()
  streamed = 0
  let resident = 0
  for (let at = 0; at < seconds; at += 5) {
    yield* Effect.sleep(Math.min(5, seconds - at) * 1000)
    resident = Math.max(resident, spent(pid).resident)
  }
  const lasted = performance.now() - begun
  const share = (spent(pid).cpu - before.cpu) / lasted
  const perViewer = streamed / viewers / lasted * 1000
  const heapAfter = yield* heapOf(child)
  yield* Console.log(`${sensors} sensors every 2 s, ${viewers} viewers, ${seconds} s`)
  yield* Console.log(`processor: ${(share * 100).toFixed(2)} % of a core (at most 2)`)
  yield* Console.log(`memory: ${megabytes(resident)} (at most 160)`)
  yield* Console.log(`heap after collection: ${megabytes(heapBefore.heap)}, then ${megabytes(heapAfter.heap)}`)
  yield* Console.log(`a viewer: ${(perViewer / 1000).toFixed(2)} kB a second; all that is known: ${snapshot} bytes`)
  const now = Math.floor(Date.now() / 1000)
  const all = Array.from({ length: sensors }, (_, index) => `${idOf(index)}/temperature`).slice(0, 100)
  for (
    const [name, series, days, points] of [
      ["24 h of a series", all.slice(0, 1), 1, 288],
      ["7 days of a series", all.slice(0, 1), 7, 1000],
      ["24 h of all", all, 1, 288]
    ] as const
  ) {
    const path = `/api/v1/history?series=${series.join(",")}&from=${now - days * 86_400}&points=${points}`
    const times: Array<number> = []
    let bytes = 0
    for (let i = 0; i < 15; i++) {
      const at = performance.now()
      bytes = yield* asked(hub.port, path)
      times.push(performance.now() - at)
    }
    times.sort((a, b) => a - b)
    yield* Console.log(`${name}, by HTTP: ${times[7]!.toFixed(1)} ms, ${(bytes / 1000).toFixed(1)} kB`)
  }
  yield* Console.log(`memory then: ${megabytes(spent(pid).resident)}`)
})

NodeRuntime.runMain(Effect.provide(Effect.scoped(program), NodeServices.layer))
