/** Simulated servers in a process of their own, which tells their ports, and how many requests they have seen. */
import { Follow } from "@effect-ownet/core"
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeNetwork } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { Effect, Stream } from "effect"

export interface House {
  readonly servers: number
  readonly devices: number
  /** Whether each device has an alias. */
  readonly named: boolean
}

export type FromServers =
  | { readonly _tag: "Started"; readonly ports: ReadonlyArray<number> }
  | { readonly _tag: "Counted"; readonly requests: number }

const describe = ({ devices, named, servers }: House): ReadonlyArray<SimulatedNetwork.Description> => {
  const whole = Object.keys(SimulatedNetwork.tester(Array.from({ length: servers * devices }, () => "28")))
  return Array.from(
    { length: servers },
    (_, server) =>
      Object.fromEntries(
        whole.slice(server * devices, (server + 1) * devices).map((path, at) => [
          path,
          { temperature: at % 30, ...named ? { alias: `room-${server}-${at}` } : {} }
        ])
      )
  )
}

/** Follows the servers once, so that who follows them then does not wait until V8 has compiled a server. */
const warm = (ports: ReadonlyArray<number>) =>
  Follow.follow(Follow.all(), "1 hour").pipe(
    Stream.filter(({ _tag }) => _tag === "Reading"),
    Stream.take(ports.length),
    Stream.runDrain,
    Effect.provide(NodeNetwork.layer({ servers: ports.map((port) => ({ host: "127.0.0.1", port })) }))
  )

const tell = (message: FromServers) => Effect.sync(() => void process.send?.(message))

const run = Effect.fnUntraced(function*(house: House) {
  const servers = yield* Effect.forEach(describe(house), (description) => NodeSimulatedServer.start(description))
  if (house.servers > 1) yield* warm(servers.map(({ port }) => port))
  yield* tell({ _tag: "Started", ports: servers.map(({ port }) => port) })
  return yield* Effect.callback<never>(() => {
    process.on("message", () =>
      Effect.runFork(Effect.flatMap(
        Effect.forEach(servers, ({ statistics }) => statistics),
        (all) => tell({ _tag: "Counted", requests: all.reduce((sum, { requests }) => sum + requests, 0) })
      )))
  })
})

Effect.runFork(Effect.scoped(run(JSON.parse(process.argv[2] ?? "") as House)))
process.on("disconnect", () => process.exit())
