/**
 * Connections between runners that can be cut: others reach each runner through a proxy of the bench. Its connection to the
 * database is direct.
 */
import { Effect } from "effect"
import { connect, createServer, type Socket } from "node:net"
import { freePort, host } from "./RunnerProcess.ts"

interface Way {
  /** Port at which others reach the runner, and the port on which it listens itself. */
  readonly port: number
  readonly listen: number
  /** Ends all connections and accepts no more, or accepts them again. */
  readonly cut: Effect.Effect<void>
  readonly mend: Effect.Effect<void>
}

export const way = Effect.gen(function*() {
  const listen = yield* freePort
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((socket) => {
    if (isCut) return void socket.resetAndDestroy()
    const onward = connect(listen, host)
    for (const [one, other] of [[socket, onward], [onward, socket]] as const) {
      sockets.add(one)
      one.setNoDelay(true)
      one.on("error", () => {})
      one.on("close", () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  yield* Effect.acquireRelease(
    Effect.callback<void>((resume) => void server.listen(0, host, () => resume(Effect.void))),
    () =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      })
  )
  const address = server.address()
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    listen,
    cut: Effect.sync(() => {
      isCut = true
      for (const socket of sockets) socket.resetAndDestroy()
    }),
    mend: Effect.sync(() => {
      isCut = false
    })
  } satisfies Way
})
