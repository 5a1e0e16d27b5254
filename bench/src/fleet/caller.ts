/**
 * A program without a connection to any server. It reaches the runners over the engine, and they reach the servers. Its argument
 * says what to read, and it reports the outcome to the bench.
 */
import { Network, type OwError } from "@effect-ownet/core"
import { NodeFleet, Owserver } from "@effect-ownet/hub"
import { NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Redacted, Stream } from "effect"

/** Reads to make. */
export interface Job {
  readonly database: string
  /** Servers, with the path to read on each. */
  readonly reads: ReadonlyArray<readonly [server: string, path: string]>
  /** Number of timed reads, one after another, after as many to warm up; or callers that never stop. */
  readonly timed?: number | undefined
  readonly callers?: number | undefined
  /** Time limit of a call, in milliseconds. */
  readonly timeout: number
}

/** Outcome of the reads. Times are in milliseconds. */
export interface Answer {
  readonly times: ReadonlyArray<number>
  readonly done: number
  /** Number of failures, by the classes of their errors. */
  readonly failed: Readonly<Record<string, number>>
  /** Calls that were neither answered nor refused within twice their time limit. */
  readonly hung: number
}

// Written by the bench, which started this process.
const job = JSON.parse(process.argv[2] ?? "") as Job

const heard = (text: string) =>
  Effect.callback<void>((resume) => {
    const listen = (message: unknown) => message === text && resume(Effect.void)
    process.on("message", listen)
    return Effect.sync(() => process.off("message", listen))
  })

const tell = (message: "ready" | Answer) => Effect.sync(() => void process.send?.(message))

const program = Effect.gen(function*() {
  const network = yield* Network.Network
  // The servers arrive with the first answer of the registry.
  const servers = yield* network.changes.pipe(
    Stream.filter((servers) => servers.length > 0),
    Stream.runHead,
    Effect.flatMap(Effect.fromOption)
  )
  const clients = new Map(servers.map(({ client, name }) => [name, client]))
  const { callers = 0, reads, timed = 0, timeout } = job
  const times: Array<number> = []
  const failed: Record<string, number> = {}
  let hung = 0
  const count = (tag: string) =>
    Effect.sync(() => {
      failed[tag] = (failed[tag] ?? 0) + 1
    })
  const read = (index: number): Effect.Effect<void> =>
    Effect.suspend(() => {
      const [server = "", path = ""] = reads[index % reads.length] ?? []
      const client = clients.get(server)
      if (client === undefined) return Effect.andThen(count("unknown"), Effect.sleep("100 millis"))
      const begun = performance.now()
      return client.readText(path, { timeout }).pipe(
        Effect.map(() => void times.push(performance.now() - begun)),
        Effect.catch(({ _tag }: OwError.OwError) => count(_tag)),
        Effect.timeoutOrElse({ duration: 2 * timeout, orElse: () => Effect.sync(() => void hung++) })
      )
    })
  for (let i = 0; i < timed; i++) yield* read(i)
  times.length = 0
  yield* tell("ready")
  if (timed > 0) { for (let i = 0; i < timed; i++) yield* read(i) }
  else {
    yield* Effect.forEach(
      Array.from({ length: callers }, (_, i) => i),
      (caller) => Effect.forever(read(caller)),
      { concurrency: "unbounded", discard: true }
    ).pipe(Effect.raceFirst(heard("stop")))
  }
  yield* tell({ times, done: times.length, failed, hung })
})

const fleet = Owserver.layerNetwork.pipe(
  Layer.provide(NodeFleet.layerClient),
  Layer.provide(PgClient.layer({ url: Redacted.make(job.database), maxConnections: 3 }))
)

process.on("disconnect", () => process.exit())

NodeRuntime.runMain(
  Effect.andThen(Effect.provide(program, fleet), Effect.sync(() => process.disconnect()))
)
