/**
 * The hub with everything on, as a real process, under all kinds of faults: its server is killed, a bus breaks, its disk is full,
 * its broker is killed, its webhook is down, viewers come and go, and its configuration changes. Prints its resources, and
 * whether something grows.
 *
 *     node packages/cli/scripts/build.ts && node test/soak-hub.ts          ten minutes
 *     node packages/cli/scripts/build.ts && node test/soak-hub.ts 1        one
 *
 * It exits with 1 if something grows or stays dead, or if the hub does not answer or end. MQTT takes part if mosquitto is
 * installed.
 */
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Exit, Fiber, Schedule, Scope } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { type AddressInfo, createServer as createSocketServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"

const minutes = Number(process.argv[2] ?? 10)
const cycle = 12

const ids = Array.from(
  { length: 50 },
  (_, index) => `28.${index.toString(16).toUpperCase().padStart(2, "0")}A1F0C07000`.slice(0, 15)
)

const devices = Object.fromEntries(ids.map((id, index) => {
  const of = (seconds: number) => Math.round(16 * (20 + index / 10 + Math.sin(seconds / 7 + index))) / 16
  return [`/bus.${index % 5}/${id}`, { temperature: of }]
}))

/** Prints the resources of the hub's process after a garbage collection, on request. */
const probe = `process.on("SIGUSR2", () => { gc(); gc(); process.stderr.write("PROBE " + JSON.stringify({
  heap: process.memoryUsage().heapUsed, timers: process.getActiveResourcesInfo().filter((name) => name === "Timeout").length,
  handles: process.getActiveResourcesInfo().filter((name) => name !== "Timeout").length }) + "\\n") })`

/** Receivers of HTTP requests, and the number that each has received. */
const fed = { influx: 0, otlp: 0, webhook: 0, refused: 0 }

interface Sample {
  readonly seconds: number
  readonly heap: number
  readonly timers: number
  readonly handles: number
  readonly rss: number
  readonly descriptors: number
  readonly file: number
  readonly log: number
  readonly retained: number
  readonly untold: number
  readonly notices: number
  readonly events: number
}

/** Each figure: its name, whether it is in megabytes, and its allowed growth between the second third and the last one. */
const figures: ReadonlyArray<readonly [keyof Sample, string, boolean, number]> = [
  ["heap", "heap after garbage collection", true, 3e6],
  ["rss", "resident memory", true, 30e6],
  ["timers", "timers", false, 5],
  ["handles", "other handles", false, 5],
  ["descriptors", "open files and sockets", false, 5],
  ["log", "log of SQLite", true, 5e6],
  ["retained", "retained topics of the broker", false, 20],
  ["untold", "turns that wait for a channel", false, 40],
  ["notices", "notices in the history", false, Infinity],
  ["events", "events in the history", false, Infinity],
  ["file", "history", true, Infinity]
]

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN

const shown = (value: number, isBytes: boolean): string => isBytes ? `${(value / 1e6).toFixed(1)} MB` : String(value)

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** A directory on a small separate disk, which can be filled, or a plain directory if this user cannot create such a disk. */
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

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-soak-config-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const freePort = Effect.callback<number>((resume) => {
  const server = createSocketServer().listen(0, "127.0.0.1", () => {
    // A TCP server has such an address.
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})

/** Reads the stream of a viewer until its scope closes. */
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

/** Receives line protocol, OTLP and webhooks. While it is down, it refuses webhooks in three ways in turn. */
const makeSink = Effect.gen(function*() {
  let isDown = false
  const server = yield* Effect.acquireRelease(
    Effect.callback<ReturnType<typeof createServer>>((resume) => {
      const server = createServer((request, response) => {
        request.resume()
        request.on("end", () => {
          const path = request.url ?? ""
          if (path.startsWith("/write")) fed.influx++
          else if (path.startsWith("/v1/")) fed.otlp++
          else if (!isDown) fed.webhook++
          else {
            const way = fed.refused++ % 3
            if (way === 0) response.writeHead(503).end()
            else if (way === 1) request.socket.destroy()
            return
          }
          response.writeHead(path.startsWith("/write") ? 204 : 200, { "content-type": "application/json" })
          response.end(path.startsWith("/write") ? undefined : "{}")
        })
      }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close().closeAllConnections())
  )
  return {
    // A TCP server has such an address.
    port: (server.address() as AddressInfo).port,
    setDown: (down: boolean) =>
      Effect.sync(() => {
        isDown = down
        if (!down) server.closeAllConnections()
      })
  }
})

const broker = "/usr/sbin/mosquitto"

/** A broker that loses everything when it is killed. */
const mosquitto = (port: number, folder: string) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const config = join(folder, "mosquitto.conf")
      writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous true\nlog_type none\n`)
      return spawn(broker, ["-c", config], { stdio: "ignore" })
    }),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** The topics that a broker retains. */
const retained = (port: number) => {
  const given = ["-h", "127.0.0.1", "-p", String(port), "-t", "#", "--retained-only", "-W", "1", "-F", "%t"]
  return spawnSync("mosquitto_sub", given, { encoding: "utf8" }).stdout.split("\n").filter((line) => line !== "").length
}

/** The configuration. In each round other places have other names and limits, and derived values come and go. */
const configOf = (round: number, mqtt: number | undefined, sink: number, told: string): string =>
  JSON.stringify({
    version: 1,
    title: `Round ${round}`,
    places: {
      ...Object.fromEntries(
        ids.slice(0, 20).map((id, index) => [id, {
          name: index % 4 === round % 4 ? `place ${index} of ${round}` : `place ${index}`,
          group: `group ${index % 3}`,
          ...(index % 2 === round % 2
            ? { limits: { temperature: { above: 20.5 + index / 10, hysteresis: 0.2, urgent: index % 3 === 0 } } }
            : {})
        }])
      ),
      difference: { name: "Difference", derived: { difference: ids.slice(0, 2).map((id) => `${id}/temperature`) } },
      ...(round % 2 === 0
        ? { pace: { name: "Pace", derived: { rate: { of: `${ids[3]}/temperature`, per: "hour" } } } }
        : {})
    },
    notices: {
      outages_for: "1s",
      no_news_for: "1m",
      to: {
        web: { webhook: { url: `http://127.0.0.1:${sink}/webhook`, fields: { topic: "soak" } } },
        program: { command: ["sh", "-c", "cat >> \"$0\"", told] },
        ...(round % 3 === 0
          ? { night: { webhook: { url: `http://127.0.0.1:${sink}/night` }, quiet_hours: "00:00-23:59" } }
          : {})
      }
    },
    ...(mqtt === undefined ? {} : {
      mqtt: {
        server: `mqtt://127.0.0.1:${mqtt}`,
        base_topic: round % 8 < 6 ? "soak" : "soak-other",
        output: "attribute_and_json"
      },
      homeassistant: {}
    }),
    influx: { url: `http://127.0.0.1:${sink}/write?db=soak` },
    otlp: { url: `http://127.0.0.1:${sink}`, every: "2s" }
  })

/** Numbers of rows that come and go. */
const rowsIn = (file: string) => {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 })
  const count = (table: string): number => Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"])
  const rows = { untold: count("ow_untold"), notices: count("ow_notice"), events: count("ow_event") }
  database.close()
  return rows
}

const program = Effect.gen(function*() {
  const { isSmall, path } = yield* disk
  if (!isSmall) yield* Console.log("This user can mount nothing, so the disk is never full.")
  const folder = yield* directory
  const file = join(path, "hub.sqlite")
  const scope = yield* Scope.Scope
  let running = yield* Scope.fork(scope)
  let server = yield* Scope.provide(NodeSimulatedServer.start(devices), running)
  const { port } = server
  const sink = yield* makeSink
  const mqtt = existsSync(broker) ? yield* freePort : undefined
  if (mqtt === undefined) yield* Console.log("mosquitto is not installed, so there is no MQTT.")
  let brokering = yield* Scope.fork(scope)
  if (mqtt !== undefined) yield* Scope.provide(mosquitto(mqtt, folder), brokering)
  const config = join(folder, "config", "hub.yaml")
  mkdirSync(join(folder, "config"))
  const configure = (round: number) =>
    Effect.sync(() => writeFileSync(config, configOf(round, mqtt, sink.port, join(folder, "told"))))
  yield* configure(0)

  const ow = fileURLToPath(new URL("../packages/cli/dist/ow.cjs", import.meta.url))
  const script = `data:text/javascript,${encodeURIComponent(probe)}`
  const flags = ["-s", `127.0.0.1:${port}`, "--listen", "0", "--database", file, "--every", "1s", "--flush", "2s"]
  const hub = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, ["--expose-gc", `--import=${script}`, ow, "hub", "--config", config, ...flags], {
        stdio: ["ignore", "pipe", "pipe"]
      })
    ),
    (hub) => Effect.sync(() => hub.kill("SIGKILL"))
  )
  const lines: Array<string> = []
  let probed: (text: string) => void = () => {}
  createInterface({ input: hub.stderr }).on("line", (line) => {
    if (line.startsWith("PROBE ")) probed(line.slice(6))
    else lines.push(line)
  })
  const url = yield* Effect.callback<string>((resume) => {
    createInterface({ input: hub.stdout }).once("line", (line) => resume(Effect.succeed(line)))
    hub.once("exit", (code) => resume(Effect.die(new Error(`it ended with ${code}: ${lines.join("\n")}`))))
  }).pipe(Effect.timeout("60 seconds"))

  const begun = process.hrtime.bigint()
  const sample = Effect.gen(function*() {
    const { handles, heap, timers } = JSON.parse(
      yield* Effect.callback<string>((resume) => {
        probed = (text) => resume(Effect.succeed(text))
        hub.kill("SIGUSR2")
      }).pipe(Effect.timeout("20 seconds"))
    )
    const [, rss] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${hub.pid}/status`, "utf8")) ?? []
    const taken: Sample = {
      seconds: Number((process.hrtime.bigint() - begun) / 1_000_000_000n),
      heap,
      timers,
      handles,
      rss: Number(rss) * 1024,
      descriptors: readdirSync(`/proc/${hub.pid}/fd`).length,
      file: sizeOf(file),
      log: sizeOf(`${file}-wal`),
      retained: mqtt === undefined ? 0 : retained(mqtt),
      ...rowsIn(file)
    }
    yield* Console.log(
      [
        `${taken.seconds} s`,
        ...figures.map(([key, , isBytes]) => `${key} ${shown(taken[key], isBytes)}`),
        ...Object.entries(fed).map((entry) => entry.join(" "))
      ].join("  ")
    )
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
    ),
    Effect.gen(function*() {
      if (mqtt === undefined) return
      yield* Scope.close(brokering, Exit.void)
      yield* Effect.sleep("2 seconds")
      brokering = yield* Scope.fork(scope)
      yield* Scope.provide(mosquitto(mqtt, folder), brokering)
    }),
    Effect.gen(function*() {
      yield* sink.setDown(true)
      yield* Effect.sleep("4 seconds")
      yield* sink.setDown(false)
    })
  ]
  for (let i = 0; i < 4; i++) yield* viewer(url)
  let edits = 0
  yield* Effect.suspend(() => configure(++edits)).pipe(
    Effect.delay("30 seconds"),
    Effect.forever,
    Effect.forkScoped
  )
  yield* Effect.promise(() => fetch(`${url}metrics`).then((response) => response.text())).pipe(
    Effect.delay("2 seconds"),
    Effect.forever,
    Effect.forkScoped
  )
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
  // The existing topics depend on the round. All other figures are compared over thirds.
  const third = Math.max(1, Math.floor(samples.length / 3))
  let isFlat = true
  yield* Console.log(`\n| ${minutes} minutes | begin | middle | end | |\n| --- | --: | --: | --: | --- |`)
  for (const [key, name, isBytes, bound] of figures) {
    const of = (part: ReadonlyArray<Sample>): number => median(part.map((sample) => sample[key]))
    const [first, before, after] = [samples.slice(0, third), samples.slice(third, 2 * third), samples.slice(-third)]
      .map(of)
    const grows = after! - before! > bound
    isFlat &&= !grows
    const cells = [first!, before!, after!].map((value) => shown(value, isBytes))
    yield* Console.log(`| ${[name, ...cells, grows ? "GROWS" : ""].join(" | ")} |`)
  }
  const ended = Effect.callback<number | null>((resume) =>
    void hub.once("exit", (code) => resume(Effect.succeed(code)))
  )
  hub.kill("SIGTERM")
  const code = yield* Effect.timeout(ended, "60 seconds")
  const heard = sizeOf(join(folder, "told"))
  yield* Console.log(`\n${edits} edits; ${JSON.stringify(fed)}; the command was told ${shown(heard, true)}`)
  yield* Console.log(
    `${lines.length} lines of log; it ended with ${code}; the history takes ${shown(sizeOf(file), true)}`
  )
  const kinds = new Map<string, number>()
  for (const line of lines) {
    const kind = line.replaceAll(/\d[\dA-FTZ:.-]*/g, "N").slice(0, 160)
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  for (const [kind, count] of [...kinds].toSorted((a, b) => b[1] - a[1]).slice(0, 25)) {
    yield* Console.log(`${count} × ${kind}`)
  }
  const isDead = fed.influx === 0 || fed.otlp === 0 || fed.webhook === 0 || heard === 0
  if (!isFlat || isDead || code !== 0 || !existsSync(file)) process.exitCode = 1
}).pipe(Effect.scoped)

NodeRuntime.runMain(program)
