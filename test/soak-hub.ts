/**
 * The hub with everything on, as the process that it is, while all goes wrong that can: its server is killed, a bus breaks, devices come
 * and go, its disk is full, and viewers come and go. Prints what it takes, and says whether something grows.
 *
 *     node packages/cli/scripts/build.ts && node test/soak-hub.ts          ten minutes
 *     node packages/cli/scripts/build.ts && node test/soak-hub.ts 1        one
 *
 * It exits with 1 if something grows, or if the hub does not answer or end. What else a hub feeds belongs into `outlets`.
 */
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Exit, Fiber, Schedule, Scope } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const minutes = Number(process.argv[2] ?? 10)
const cycle = 12

/** Flags of what the hub feeds besides its page and its history, such as those of MQTT and InfluxDB. */
const outlets: ReadonlyArray<string> = []

const devices = Object.fromEntries(Array.from({ length: 50 }, (_, index) => {
  const id = `28.${index.toString(16).toUpperCase().padStart(2, "0")}A1F0C07000`.slice(0, 15)
  const of = (seconds: number) => Math.round(16 * (20 + index / 10 + Math.sin(seconds / 7 + index))) / 16
  return [`/bus.${index % 5}/${id}`, { temperature: of }]
}))

/** Prints what the hub's process holds after it has collected its garbage, whenever it is asked. */
const probe = `process.on("SIGUSR2", () => { gc(); gc(); process.stderr.write("PROBE " + JSON.stringify({
  heap: process.memoryUsage().heapUsed, handles: process.getActiveResourcesInfo().length }) + "\\n") })`

interface Sample {
  readonly seconds: number
  readonly heap: number
  readonly handles: number
  readonly rss: number
  readonly descriptors: number
  readonly file: number
  readonly log: number
}

/** What may grow between the quiet moments of the second third and those of the last one, in its unit and beyond measure. */
const bounds: ReadonlyArray<readonly [keyof Sample, string, number]> = [
  ["heap", "MB of heap", 3e6],
  ["rss", "MB in memory", 30e6],
  ["handles", "handles", 3],
  ["descriptors", "descriptors", 3],
  ["log", "MB of the log of SQLite", 5e6]
]

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const shown = (value: number): string => value > 10_000 ? (value / 1e6).toFixed(1) : String(value)

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** A directory on a small disk of its own, which can be filled; or a plain one, if this user can have no such disk. */
const disk = Effect.acquireRelease(
  Effect.sync(() => {
    const path = mkdtempSync(join(tmpdir(), "ow-soak-"))
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", path], { stdio: "ignore" })
    return { path, isSmall: status === 0 }
  }),
  ({ isSmall, path }) =>
    Effect.sync(() => {
      if (isSmall) spawnSync("umount", [path])
      rmSync(path, { recursive: true, force: true })
    })
)

/** Reads the stream of a viewer for as long as its scope lasts. */
const viewer = (url: string) =>
  Effect.forkScoped(
    Effect.forever(
      Effect.andThen(
        Effect.ignore(Effect.tryPromise(async (signal) => {
          const { body } = await fetch(`${url}api/v1/live`, { signal })
          for await (const chunk of body ?? []) void chunk
        })),
        Effect.sleep("500 millis")
      )
    )
  )

const program = Effect.gen(function*() {
  const { isSmall, path } = yield* disk
  if (!isSmall) yield* Console.log("This user can mount nothing, so the disk is never full.")
  const file = join(path, "hub.sqlite")
  const scope = yield* Scope.Scope
  let running = yield* Scope.fork(scope)
  let server = yield* Scope.provide(NodeSimulatedServer.start(devices), running)
  const { port } = server

  const ow = fileURLToPath(new URL("../packages/cli/dist/ow.cjs", import.meta.url))
  const script = `data:text/javascript,${encodeURIComponent(probe)}`
  const flags = ["-s", `127.0.0.1:${port}`, "--listen", "0", "--database", file, "--every", "1s", "--flush", "2s"]
  const hub = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--expose-gc", `--import=${script}`, ow, "hub", ...flags, ...outlets], {
        stdio: ["ignore", "pipe", "pipe"]
      })
    ),
    (hub) => Effect.sync(() => hub.kill("SIGKILL"))
  )
  let told = 0
  let probed: (text: string) => void = () => {}
  createInterface({ input: hub.stderr }).on("line", (line) => {
    if (line.startsWith("PROBE ")) probed(line.slice(6))
    else told++
  })
  const url = yield* Effect.callback<string>((resume) => {
    createInterface({ input: hub.stdout }).once("line", (line) => resume(Effect.succeed(line)))
  }).pipe(Effect.timeout("60 seconds"))

  const begun = process.hrtime.bigint()
  const sample = Effect.gen(function*() {
    const { handles, heap } = JSON.parse(
      yield* Effect.callback<string>((resume) => {
        probed = (text) => resume(Effect.succeed(text))
        hub.kill("SIGUSR2")
      }).pipe(Effect.timeout("20 seconds"))
    )
    const [, rss] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${hub.pid}/status`, "utf8")) ?? []
    const taken: Sample = {
      seconds: Number((process.hrtime.bigint() - begun) / 1_000_000_000n),
      heap,
      handles,
      rss: Number(rss) * 1024,
      descriptors: readdirSync(`/proc/${hub.pid}/fd`).length,
      file: sizeOf(file),
      log: sizeOf(`${file}-wal`)
    }
    yield* Console.log(Object.entries(taken).map(([name, value]) => `${name} ${shown(value)}`).join("  "))
    return taken
  })

  const faults = [
    Effect.gen(function*() {
      yield* Scope.close(running, Exit.void)
      yield* Effect.sleep("2 seconds")
      running = yield* Scope.fork(scope)
      server = yield* Scope.provide(
        Effect.retry(NodeSimulatedServer.start(devices, { port }), {
          schedule: Schedule.spaced("50 millis"),
          times: 40
        }),
        running
      )
    }),
    Effect.suspend(() =>
      server.network.breakBus(1, -5).pipe(
        Effect.andThen(Effect.sleep("2 seconds")),
        Effect.andThen(Effect.suspend(() => server.network.breakBus(1)))
      )
    ),
    Effect.gen(function*() {
      if (!isSmall) return
      const filler = join(path, "filler")
      spawnSync("dd", ["if=/dev/zero", `of=${filler}`, "bs=65536"], { stdio: "ignore" })
      yield* Effect.sleep("3 seconds")
      rmSync(filler, { force: true })
    }),
    Effect.scoped(
      Effect.andThen(
        Effect.forEach(Array.from({ length: 12 }), () => viewer(url), { discard: true }),
        Effect.sleep("2 seconds")
      )
    )
  ]
  for (let i = 0; i < 4; i++) yield* viewer(url)
  const samples: Array<Sample> = []
  for (let round = 0; round * cycle < minutes * 60; round++) {
    const rest = yield* Effect.forkChild(Effect.sleep(`${cycle} seconds`))
    yield* faults[round % faults.length]!
    yield* Effect.sleep("4 seconds")
    samples.push(yield* sample)
    const health = yield* Effect.promise(() => fetch(`${url}healthz`, { signal: AbortSignal.timeout(10_000) }))
    if (health.status !== 200) {
      return yield* Effect.die(new Error(`the hub is not well: ${yield* Effect.promise(() => health.text())}`))
    }
    yield* Fiber.join(rest)
  }
  const third = Math.max(1, Math.floor(samples.length / 3))
  let isFlat = true
  for (const [key, unit, bound] of bounds) {
    const before = median(samples.slice(third, 2 * third).map((sample) => sample[key]))
    const after = median(samples.slice(-third).map((sample) => sample[key]))
    const grows = after - before > bound
    isFlat &&= !grows
    yield* Console.log(`${shown(before)} → ${shown(after)} ${unit}${grows ? ": GROWS" : ""}`)
  }
  const ended = Effect.callback<number | null>((resume) =>
    void hub.once("exit", (code) => resume(Effect.succeed(code)))
  )
  hub.kill("SIGTERM")
  const code = yield* Effect.timeout(ended, "60 seconds")
  yield* Console.log(`${told} lines of log; it ended with ${code}; the history takes ${shown(sizeOf(file))} MB`)
  if (!isFlat || code !== 0 || !existsSync(file)) process.exitCode = 1
}).pipe(Effect.scoped)

NodeRuntime.runMain(program)
