/**
 * What a network of many servers, and one of many devices, costs the process that follows it.
 *
 *     pnpm bench:network
 *     pnpm bench:network --servers 30 --devices 1000
 */
import { Follow } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { NodeNetwork } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Fiber, Stream } from "effect"
import { fork } from "node:child_process"
import * as Net from "node:net"
import { parseArgs } from "node:util"
import type { FromServers, House } from "./servers.ts"

/** Servers that run in a process of their own until the scope closes. */
const start = (house: House) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly ports: ReadonlyArray<number>; readonly requests: Effect.Effect<number> }>((resume) => {
      const child = fork(new URL("servers.ts", import.meta.url), [JSON.stringify(house)])
      const requests = Effect.callback<number>((resume) => {
        child.once("message", (message: FromServers) => {
          if (message._tag === "Counted") resume(Effect.succeed(message.requests))
        })
        child.send("count")
      })
      child.once("message", (message: FromServers) => {
        if (message._tag === "Started") resume(Effect.succeed({ child, ports: message.ports, requests }))
      })
    }) as Effect.Effect<Running>,
    ({ child }) => Effect.sync(() => void child.disconnect())
  )

interface Running {
  readonly child: ReturnType<typeof fork>
  readonly ports: ReadonlyArray<number>
  readonly requests: Effect.Effect<number>
}

interface Memory {
  readonly heap: number
  readonly buffers: number
}

/** What is in use once all that can be collected is. */
const memory = Effect.gen(function*() {
  for (let times = 0; times < 4; times++) {
    globalThis.gc?.()
    yield* Effect.sleep("50 millis")
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return { heap: heapUsed, buffers: arrayBuffers }
})

const cpuMillis = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
}

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length

const target = Follow.families([DS18B20], ["temperature"])

type Every = "1 hour" | "100 millis" | "1 second"

/** Follows servers, and counts. */
const follow = Effect.fnUntraced(function*(every: Every, search: Every = "1 hour") {
  const counts = { readings: 0, failures: 0 }
  const fiber = yield* Follow.follow(target, every, { jitter: 0, search: { every: search } }).pipe(
    Stream.runForEach((event) =>
      Effect.sync(() => {
        if (event._tag === "Reading") counts.readings++
        else if (event._tag === "Failed" || event._tag === "ServerFailed") counts.failures++
      })
    ),
    Effect.forkChild
  )
  const until = (readings: number) =>
    Effect.gen(function*() {
      while (counts.readings < readings) yield* Effect.sleep("5 millis")
    })
  return { counts, until, stop: Fiber.interrupt(fiber) }
})

const per = (value: number, count: number, digits = 1): string => (value / count).toFixed(digits)

const difference = (after: Memory, before: Memory): Memory => ({
  heap: after.heap - before.heap,
  buffers: after.buffers - before.buffers
})

const kilo = 1024

const networkOf = (ports: ReadonlyArray<number>) =>
  NodeNetwork.layer({ servers: ports.map((port) => ({ host: "127.0.0.1", port })) })

/** Ports that refuse connections. */
const refusing = (count: number) =>
  Effect.forEach(Array.from({ length: count }), () =>
    Effect.callback<number>((resume) => {
      const server = Net.createServer().listen(0, "127.0.0.1", () => {
        const address = server.address()
        const port = typeof address === "object" && address !== null ? address.port : 0
        server.close(() => resume(Effect.succeed(port)))
      })
    }))

/** How long servers take to give their first values if every third one refuses connections. */
const firstValues = Effect.fnUntraced(function*(count: number) {
  const dead = Math.floor(count / 3)
  const { ports } = yield* start({ servers: count - dead, devices: 1, named: false })
  const refused = yield* refusing(dead)
  const mixed = ports.flatMap((port, at) => at % 2 === 1 && at < 2 * dead ? [port, refused[(at - 1) / 2]] : [port])
  yield* Effect.gen(function*() {
    // What has started up is over.
    yield* Effect.sleep("1 second")
    const [began, cpu] = [performance.now(), cpuMillis()]
    const followed = yield* follow("1 hour")
    yield* followed.until(ports.length)
    yield* Console.log(
      `${count} servers, of which ${dead} refuse connections: first values of all others after ${
        (performance.now() - began).toFixed(0)
      } ms, of which ${(cpuMillis() - cpu).toFixed(0)} ms of CPU`
    )
    yield* followed.stop
  }).pipe(Effect.provide(networkOf(mixed)))
})

/** Many servers with a device each. */
const manyServers = Effect.fnUntraced(function*(count: number) {
  const { ports } = yield* start({ servers: count, devices: 1, named: false })
  const before = yield* memory
  const timersBefore = timers()
  yield* Effect.gen(function*() {
    const idle = yield* follow("1 hour")
    yield* idle.until(count)
    const used = difference(yield* memory, before)
    yield* Console.log(
      `${count} servers; a server: ${per(used.heap / kilo, count)} kB of heap, ${
        per(used.buffers / kilo, count)
      } kB of buffers, ${per(timers() - timersBefore, count, 2)} timers`
    )
    yield* Effect.sleep("2 seconds")
    const quiet = cpuMillis()
    yield* Effect.sleep("6 seconds")
    yield* Console.log(`  idle for 6 s: ${per(cpuMillis() - quiet, count, 3)} ms of CPU a server`)
    yield* idle.stop
    const polled = yield* follow("100 millis")
    yield* polled.until(count * 20)
    const [cpu, readings] = [cpuMillis(), polled.counts.readings]
    yield* Effect.sleep("4 seconds")
    const read = polled.counts.readings - readings
    yield* Console.log(
      `  polled: ${
        per(1000 * (cpuMillis() - cpu), read)
      } us of CPU a reading, of ${read}, ${polled.counts.failures} failures`
    )
    yield* polled.stop
  }).pipe(Effect.provide(networkOf(ports)))
})

/** One server with many devices. */
const manyDevices = Effect.fnUntraced(function*(count: number, named: boolean) {
  const { ports, requests } = yield* start({ servers: 1, devices: count, named })
  const before = yield* memory
  yield* Effect.gen(function*() {
    const [began, cpu] = [performance.now(), cpuMillis()]
    const resting = yield* follow("1 hour")
    yield* resting.until(count)
    const [first, firstCpu] = [performance.now() - began, cpuMillis() - cpu]
    const { heap } = difference(yield* memory, before)
    yield* resting.stop
    yield* Console.log(
      `${count} devices${named ? " with aliases" : ""}; a device: ${
        per(heap / kilo, count, 2)
      } kB of heap; first values after ${first.toFixed(0)} ms, ${per(1000 * firstCpu, count)} us of CPU a device`
    )
    const polled = yield* follow("1 second", "1 second")
    const measure = Effect.map(requests, (asked) => ({ asked, cpu: cpuMillis(), readings: polled.counts.readings }))
    yield* polled.until(2 * count)
    const from = yield* measure
    yield* polled.until(4 * count)
    const to = yield* measure
    const read = to.readings - from.readings
    yield* Console.log(
      `  polled, and searched every second: ${per(to.asked - from.asked, read, 3)} requests and ${
        per(1000 * (to.cpu - from.cpu), read)
      } us of CPU a reading, of ${read}`
    )
    yield* polled.stop
  }).pipe(Effect.provide(networkOf(ports)))
})

/** Has the code compiled that a part runs, so that it is not among what the part keeps. */
const warm = Effect.fnUntraced(function*() {
  const { ports } = yield* start({ servers: 3, devices: 100, named: true })
  yield* Effect.gen(function*() {
    const followed = yield* follow("100 millis", "1 second")
    yield* followed.until(300)
    yield* followed.stop
  }).pipe(Effect.provide(networkOf(ports)))
  yield* Effect.sleep("500 millis")
}, Effect.scoped)

const parts = {
  first: firstValues,
  servers: (count: number) => Effect.andThen(warm(), manyServers(count)),
  devices: (count: number) => Effect.andThen(warm(), manyDevices(count, false)),
  aliases: (count: number) => Effect.andThen(warm(), manyDevices(count, true))
}

const isPart = (name: string | undefined): name is keyof typeof parts => name !== undefined && name in parts

/** A part in a process of its own, which inherits nothing of the parts before. */
const inProcess = (part: keyof typeof parts, count: number) =>
  Effect.callback<void>((resume) => {
    const child = fork(import.meta.filename, ["--part", part, "--count", String(count)])
    child.once("exit", () => resume(Effect.void))
    return Effect.sync(() => void child.kill())
  })

const { values } = parseArgs({
  options: {
    servers: { type: "string", default: "300" },
    devices: { type: "string", default: "10000" },
    part: { type: "string" },
    count: { type: "string", default: "1" }
  }
})

const [servers, devices] = [Number(values.servers), Number(values.devices)]

NodeRuntime.runMain(
  isPart(values.part)
    ? Effect.scoped(parts[values.part](Number(values.count)))
    : Effect.forEach(
      [
        ["first", servers],
        ["servers", servers],
        ["devices", devices / 10],
        ["devices", devices],
        ["aliases", devices / 10],
        ["aliases", devices]
      ] as const,
      ([part, count]) => inProcess(part, count),
      { discard: true }
    )
)
