/** The process that follows the servers of a house, and measures its own cost: `follower.ts <job>`. */
import { Follow, type OwError } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { NodeNetwork } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Deferred, Effect, Fiber, type Scope, Stream } from "effect"
import * as Net from "node:net"
import * as Servers from "../servers.ts"
import type { Figures, First, Job } from "./House.ts"

/** Interval of reads and searches. */
const every = "10 seconds"

type Every = "1 hour" | "100 millis" | typeof every

const idleTime = "6 seconds"

interface Memory {
  readonly heap: number
  readonly buffers: number
}

/** Memory in use after a garbage collection. */
const memory = Effect.gen(function*() {
  for (let times = 0; times < 4; times++) {
    globalThis.gc?.()
    yield* Effect.sleep("50 millis")
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return { heap: heapUsed, buffers: arrayBuffers } satisfies Memory
})

const cpuMillis = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1000
}

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length

const thermometers = Follow.families([DS18B20], ["temperature"])

/** Follows the servers, and counts their events. */
const follow = Effect.fnUntraced(function*(
  schedule: Every,
  together: boolean,
  search: Every = schedule
) {
  const counts = { readings: 0, failures: 0 }
  let due = { readings: Infinity, reached: Deferred.makeUnsafe<void>() }
  const fiber = yield* Follow.follow(thermometers, schedule, { jitter: 0, together, search: { every: search } }).pipe(
    Stream.runForEach((event) =>
      Effect.sync(() => {
        if (event._tag === "Reading") {
          counts.readings++
          if (counts.readings === due.readings) Deferred.doneUnsafe(due.reached, Effect.void)
        } else if (event._tag === "Failed" || event._tag === "ServerFailed") counts.failures++
      })
    ),
    Effect.forkChild
  )
  /** Waits for a number of readings without reading a clock, which would be part of the measurement. */
  const until = (readings: number) =>
    Effect.suspend(() => {
      if (counts.readings >= readings) return Effect.void
      due = { readings, reached: Deferred.makeUnsafe<void>() }
      return Deferred.await(due.reached)
    })
  return { counts, until, stop: Fiber.interrupt(fiber) }
})

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

/** Lets V8 compile the code of a measurement, so that it does not count as kept memory. */
const warm = Effect.fnUntraced(function*({ core, house, together }: Job) {
  const small = { ...house, servers: Math.min(house.servers, 3), devices: Math.min(house.devices, 100), named: true }
  const { ports } = yield* Servers.simulated(small, core)
  yield* Effect.gen(function*() {
    const followed = yield* follow("100 millis", together, "1 hour")
    yield* followed.until(3 * small.servers * small.devices)
    yield* followed.stop
  }).pipe(Effect.provide(networkOf(ports)))
  yield* Effect.sleep("500 millis")
}, Effect.scoped)

const measure = Effect.fnUntraced(
  function*(job: Job): Effect.fn.Return<typeof First.Type | Figures, OwError.OwError, Scope.Scope> {
    const { core, house, rounds, together } = job
    if (rounds > 0) yield* warm(job)
    const { ports, traffic } = yield* Servers.simulated(house, core)
    const refused = yield* refusing(job.refusing)
    const mixed = [...ports]
    for (const [at, port] of refused.entries()) mixed.splice(2 * at + 1, 0, port)
    const devices = house.servers * house.devices
    const memoryBefore = yield* memory
    const timersBefore = timers()
    return yield* Effect.gen(function*() {
      // The process has finished starting.
      yield* Effect.sleep("1 second")
      const [asked, began, cpuBefore] = [yield* traffic, performance.now(), cpuMillis()]
      const resting = yield* follow("1 hour", together)
      yield* resting.until(devices)
      const first = {
        firstTime: performance.now() - began,
        firstCpu: cpuMillis() - cpuBefore,
        firstRequests: (yield* traffic).requests - asked.requests
      }
      if (rounds === 0) return first
      const { buffers, heap } = yield* memory
      const timersAtRest = timers() - timersBefore
      yield* Effect.sleep("2 seconds")
      const cpuAtRest = cpuMillis()
      yield* Effect.sleep(idleTime)
      const idleCpu = cpuMillis() - cpuAtRest
      yield* resting.stop

      // In a search each chip answers, and buses on which all chips measure and are read have hardly any time for that.
      const polled = yield* follow(every, together, together ? "1 hour" : every)
      // The time between two rounds, so that a measurement has as many searches as rounds.
      const afterRounds = (rounds: number) =>
        polled.until(rounds * devices).pipe(
          Effect.andThen(Effect.sleep("2 seconds")),
          Effect.andThen(traffic),
          Effect.map((seen) => ({ ...seen, ...polled.counts, cpu: cpuMillis() }))
        )
      // The first round runs with the search, and one more opens all needed connections.
      const from = yield* afterRounds(2)
      const to = yield* afterRounds(2 + rounds)
      yield* polled.stop
      return {
        ...first,
        heap: heap - memoryBefore.heap,
        buffers: buffers - memoryBefore.buffers,
        timers: timersAtRest,
        idleCpu,
        readings: to.readings - from.readings,
        requests: to.requests - from.requests,
        bytes: to.bytes - from.bytes,
        cpu: to.cpu - from.cpu,
        failures: to.failures
      }
    }).pipe(Effect.provide(networkOf(mixed)))
  }
)

// Written by the bench, which started this process.
const job = JSON.parse(process.argv[2] ?? "") as Job

NodeRuntime.runMain(Effect.scoped(Effect.flatMap(measure(job), (figures) => Console.log(JSON.stringify(figures)))))
