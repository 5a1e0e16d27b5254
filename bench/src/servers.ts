/** The servers, each on its core, until the scope closes. */
import { OwClient } from "@effect-ownet/core"
import { NodeOwClient, NodeOwserver } from "@effect-ownet/node"
import { Effect, Stream } from "effect"
import * as Placement from "./placement.ts"

export interface Server {
  readonly port: number
  /** The ids of its devices. */
  readonly devices: ReadonlyArray<string>
}

/** It knows any device of family 28, and prints the port that it found. */
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
