/**
 * The measured process. It follows the kernel's bus in a folder like a hub, and serves it on a port, which it reports. The
 * figures follow when the time is over: `house.ts <folder> <seconds before> <seconds>`.
 */
import { Connector, Follow, Network, OwClient } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { W1 } from "@effect-ownet/node"
import * as NodeBusServer from "@effect-ownet/node/NodeBusServer"
import { NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Stream } from "effect"

export type FromHouse =
  | { readonly _tag: "Started"; readonly port: number }
  | { readonly _tag: "Measured"; readonly figures: Figures }

export interface Figures {
  /** CPU seconds per second. */
  readonly cpu: number
  /** Megabytes of the process now, and before it read anything, with the part that the heap uses. */
  readonly resident: number
  readonly residentBefore: number
  readonly heap: number
  /** Values per minute. */
  readonly values: number
  /** Seconds from the first value of a round to the last one. */
  readonly rounds: ReadonlyArray<number>
  readonly failures: number
}

const [folder = "", before = "", during = ""] = process.argv.slice(2)

const every = "10 seconds"

/** Minimum milliseconds without a value that count as the pause between two rounds. */
const pause = 2500

const tell = (message: FromHouse) => Effect.sync(() => void process.send?.(message))

const cpuSeconds = (): number => {
  const { system, user } = process.cpuUsage()
  return (system + user) / 1_000_000
}

const megabytes = (bytes: number): number => bytes / 1024 / 1024

/** Duration of each round's values. Empty if the rounds follow each other without a pause. */
const roundsOf = (times: ReadonlyArray<number>): ReadonlyArray<number> => {
  const rounds: Array<Array<number>> = []
  for (const [at, time] of times.entries()) {
    if (at === 0 || time - (times[at - 1] ?? 0) > pause) rounds.push([])
    rounds.at(-1)?.push(time)
  }
  return rounds.slice(1, -1).map((round) => ((round.at(-1) ?? 0) - (round[0] ?? 0)) / 1000)
}

const program = Effect.gen(function*() {
  const residentBefore = megabytes(process.memoryUsage().rss)
  // Making all chips convert is a write.
  const server = yield* W1.server({ folder, writable: true })
  const { port } = yield* NodeBusServer.listen(server)
  const network = Network.fromClient.pipe(
    Layer.provide(OwClient.layer()),
    Layer.provide(Layer.succeed(Connector.Connector, server.connector))
  )
  let times: Array<number> = []
  let failures = 0
  yield* Follow.follow(Follow.families([DS18B20], ["temperature"]), every, {
    jitter: 0,
    together: true,
    flags: { uncached: true }
  }).pipe(
    Stream.runForEach((event) =>
      Effect.sync(() => {
        if (event._tag === "Reading") times.push(performance.now())
        else if (event._tag === "Failed" || event._tag === "ServerFailed" || event._tag === "Vanished") failures++
      })
    ),
    Effect.provide(network),
    Effect.forkScoped
  )
  yield* tell({ _tag: "Started", port })
  yield* Effect.sleep(Number(before) * 1000)
  times = []
  failures = 0
  const [began, cpuBefore] = [performance.now(), cpuSeconds()]
  yield* Effect.sleep(Number(during) * 1000)
  const { heapUsed, rss } = process.memoryUsage()
  const elapsed = (performance.now() - began) / 1000
  yield* tell({
    _tag: "Measured",
    figures: {
      cpu: (cpuSeconds() - cpuBefore) / elapsed,
      resident: megabytes(rss),
      residentBefore,
      heap: megabytes(heapUsed),
      values: times.length * 60 / elapsed,
      rounds: roundsOf(times),
      failures
    }
  })
})

NodeRuntime.runMain(Effect.scoped(program))
