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

/** Follows servers, and counts. */
const follow = Effect.fnUntraced(
  function*(every: "1 hour" | "100 millis" | "10 seconds", search: "1 hour" | "1 second" = "1 hour") {
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
  }
)

const per = (value: number, count: number, digits = 1): string => (value / count).toFixed(digits)

const difference = (after: Memory, before: Memory): Memory => ({
  heap: after.heap - before.heap,
  buffers: after.buffers - before.buffers
})

const kilo = 1024

/** Many servers with a device each. */
const manyServers = Effect.fnUntraced(function*(count: number) {
  const { ports } = yield* start({ servers: count, devices: 1, named: false })
  const before = yield* memory
  const timersBefore = timers()
  yield* Effect.gen(function*() {
    const began = performance.now()
    const idle = yield* follow("1 hour")
    yield* idle.until(count)
    const first = performance.now() - began
    const used = difference(yield* memory, before)
    yield* Console.log(
      `${count} servers: all first values after ${first.toFixed(0)} ms; a server: ${
        per(used.heap / kilo, count)
      } kB of heap, ${per(used.buffers / kilo, count)} kB of buffers, ${per(timers() - timersBefore, count, 2)} timers`
    )
    yield* Effect.sleep("2 seconds")
    const quiet = cpuMillis()
    yield* Effect.sleep("6 seconds")
    yield* Console.log(`  idle for 6 s: ${per(cpuMillis() - quiet, count, 3)} ms of CPU a server`)
    yield* idle.stop
    const polled = yield* follow("100 millis")
    yield* polled.until(count * 20)
    const [cpu, readings] = [cpuMillis(), polled.counts.readings]
    yield* Effect.sleep("5 seconds")
    const read = polled.counts.readings - readings
    yield* Console.log(
      `  polled: ${
        per(1000 * (cpuMillis() - cpu), read)
      } us of CPU a reading, of ${read}, ${polled.counts.failures} failures`
    )
    yield* polled.stop
  }).pipe(Effect.provide(NodeNetwork.layer({ servers: ports.map((port) => ({ host: "127.0.0.1", port })) })))
})

/** One server with many devices. */
const manyDevices = Effect.fnUntraced(function*(count: number, named: boolean) {
  const { ports, requests } = yield* start({ servers: 1, devices: count, named })
  const before = yield* memory
  yield* Effect.gen(function*() {
    const began = performance.now()
    const followed = yield* follow("10 seconds", "1 hour")
    yield* followed.until(count)
    const first = performance.now() - began
    const used = difference(yield* memory, before)
    yield* followed.until(2 * count)
    const [asked, cpu, readings] = [yield* requests, cpuMillis(), followed.counts.readings]
    yield* followed.until(readings + 2 * count)
    const [askedThen, cpuThen] = [yield* requests, cpuMillis()]
    const read = followed.counts.readings - readings
    yield* Console.log(
      `${count} devices${named ? " with aliases" : ""}: first round after ${first.toFixed(0)} ms; a device: ${
        per(used.heap / kilo, count, 2)
      } kB of heap; ${per(askedThen - asked, read, 3)} requests and ${
        per(1000 * (cpuThen - cpu), read)
      } us of CPU a reading`
    )
    yield* followed.stop
    const searched = yield* follow("10 seconds", "1 second")
    yield* searched.until(count)
    const [askedBefore, roundBefore] = [yield* requests, searched.counts.readings]
    yield* searched.until(roundBefore + 2 * count)
    const asks = (yield* requests) - askedBefore
    yield* Console.log(
      `  searched every second, too: ${per(asks, searched.counts.readings - roundBefore, 3)} requests a reading`
    )
    yield* searched.stop
  }).pipe(Effect.provide(NodeNetwork.layer({ servers: ports.map((port) => ({ host: "127.0.0.1", port })) })))
})

const { values } = parseArgs({
  options: { servers: { type: "string", default: "300" }, devices: { type: "string", default: "10000" } }
})

Effect.gen(function*() {
  yield* Effect.scoped(manyServers(Number(values.servers)))
  for (const named of [false, true]) {
    for (const count of [Number(values.devices) / 10, Number(values.devices)]) {
      yield* Effect.scoped(manyDevices(count, named))
    }
  }
}).pipe(NodeRuntime.runMain)
