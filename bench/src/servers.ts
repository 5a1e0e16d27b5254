/** The servers, each on its core, until the scope closes. */
import { OwClient } from "@effect-ownet/core"
import { NodeOwClient, NodeOwserver } from "@effect-ownet/node"
import { Effect, Stream } from "effect"
import { fork } from "node:child_process"
import { type House, pathsOf, type Traffic } from "./house/House.ts"
import type { FromServers } from "./house/simulated.ts"
import * as Placement from "./placement.ts"

export interface Server {
  readonly port: number
  /** The ids of its devices, or the paths of those of a house. */
  readonly devices: ReadonlyArray<string>
  /** Its traffic so far, if it counts. */
  readonly traffic?: Effect.Effect<Traffic>
}

/** It has any device of family 28, and prints its port. */
export const synthetic = Effect.fnUntraced(function*(program: string, core: number | undefined) {
  const handle = yield* Placement.command(core, [program])
  const port = yield* handle.stdout.pipe(Stream.decodeText, Stream.splitLines, Stream.take(1), Stream.mkString)
  return {
    port: Number(port),
    devices: Array.from({ length: 10_000 }, (_, index) => `28.${index.toString(16).toUpperCase().padStart(12, "0")}`)
  } satisfies Server
})

export const real = Effect.fnUntraced(function*(core: number | undefined) {
  const args = ["--tester=10,28,26,29,05,12,1D,20", "--error_level=0"]
  const { host, pid, port } = yield* NodeOwserver.start({ args })
  // Threads that it starts later inherit the core.
  yield* Placement.move(core, pid)
  const paths = yield* OwClient.OwClient.pipe(
    Effect.flatMap((ow) => ow.dir("/", { slash: false })),
    Effect.provide(NodeOwClient.layer({ host, port }))
  )
  return {
    port,
    devices: paths.map((path) => path.slice(1)).filter((name) => /^[0-9A-F]{2}\./.test(name))
  } satisfies Server
})

/** The simulated servers of a house. */
export const simulated = (house: House, core: number | undefined) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.callback<{ readonly child: ReturnType<typeof fork>; readonly ports: ReadonlyArray<number> }>((resume) => {
        const child = fork(
          new URL("house/simulated.ts", import.meta.url),
          [JSON.stringify(house)],
          core === undefined ? {} : { execPath: "taskset", execArgv: ["-c", `${core}`, process.execPath] }
        )
        child.once("message", (message: FromServers) => {
          if (message._tag === "Started") resume(Effect.succeed({ child, ports: message.ports }))
        })
      }),
      ({ child }) => Effect.sync(() => void child.disconnect())
    ),
    ({ child, ports }) => ({
      ports,
      port: ports[0] ?? 0,
      devices: pathsOf(house),
      traffic: Effect.callback<Traffic>((resume) => {
        child.once("message", (message: FromServers) => {
          if (message._tag === "Counted") resume(Effect.succeed(message.traffic))
        })
        child.send("count")
      })
    })
  )
