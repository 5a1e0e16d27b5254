/**
 * The real owserver, run as a process of one's own: for tests, and for trying things out without a bus master.
 *
 * @since 0.1.0
 */
import { Connector, OwClient } from "@effect-ownet/core"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as ChildProcess from "effect/process/ChildProcess"
import type { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import * as NodeConnector from "./NodeConnector.ts"

/**
 * Why there is no owserver.
 *
 * **Details**
 *
 * - `NotInstalled`: there is no such program. On Debian, `apt-get install owserver` brings it.
 * - `Failed`: it did not start, ended at once, or did not answer in time.
 *
 * @category errors
 * @since 0.1.0
 */
export class OwserverError extends Data.TaggedError("OwserverError")<{
  readonly reason: "NotInstalled" | "Failed"
  readonly message: string
  readonly cause?: unknown
}> {}

/**
 * A running owserver.
 *
 * @category models
 * @since 0.1.0
 */
export interface Owserver {
  readonly host: string
  readonly port: number
  readonly pid: number
  /** Sends the process a signal. */
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Kills the process, and waits for its end. */
  readonly kill: Effect.Effect<void>
}

const host = "127.0.0.1"

/**
 * Starts an owserver on the loopback interface, waits until it answers, and kills it when the scope closes. Without a
 * port it listens on a free one. What it is given beside the port are `args`, such as `--tester=28,10` for simulated
 * devices.
 *
 * **Example** (A server for one test)
 *
 * ```ts
 * import { NodeOwClient, NodeOwserver } from "@effect-ownet/node"
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 *
 * const client = Layer.unwrap(Effect.map(NodeOwserver.start({ args: ["--tester=28,10"] }), NodeOwClient.layer)).pipe(
 *   Layer.provide(NodeServices.layer)
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const start = Effect.fnUntraced(function*(options: {
  readonly args: ReadonlyArray<string>
  readonly port?: number | undefined
}): Effect.fn.Return<Owserver, OwserverError, ChildProcessSpawner | Scope.Scope> {
  const port = options.port ?? (yield* freePort)
  const args = [...options.args, "-p", `${host}:${port}`, "--foreground"]
  const command = ChildProcess.make("owserver", args, {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    killSignal: "SIGKILL"
  })
  const handle = yield* Effect.mapError(command, (cause) =>
    cause.reason._tag === "NotFound"
      ? new OwserverError({
        reason: "NotInstalled",
        message: "owserver is not installed; on Debian: apt-get install owserver",
        cause
      })
      : new OwserverError({ reason: "Failed", message: `owserver did not start: ${cause.message}`, cause }))
  const shown = `owserver ${args.join(" ")}`
  const ended = Effect.flatMap(
    Effect.exit(handle.exitCode),
    () => Effect.fail(new OwserverError({ reason: "Failed", message: `it ended at once: ${shown}` }))
  )
  yield* Effect.raceFirst(ready(port), ended).pipe(Effect.timeoutOrElse({
    duration: "10 seconds",
    orElse: () => Effect.fail(new OwserverError({ reason: "Failed", message: `no answer within 10 s from: ${shown}` }))
  }))
  return {
    host,
    port,
    pid: handle.pid,
    signal: (signal) => Effect.sync(() => void process.kill(handle.pid, signal)),
    kill: Effect.ignore(handle.kill({ killSignal: "SIGKILL" }))
  }
})

const ready = (port: number): Effect.Effect<void, OwserverError> =>
  NodeConnector.make({ host, port }).pipe(
    Effect.flatMap((connector) =>
      Effect.retry(
        Effect.scoped(Effect.provideService(OwClient.make(), Connector.Connector, connector)),
        Schedule.spaced("20 millis")
      )
    ),
    Effect.mapError((cause) => new OwserverError({ reason: "Failed", message: cause.message, cause })),
    Effect.asVoid
  )

const freePort: Effect.Effect<number> = Effect.callback((resume) => {
  const server = Net.createServer()
  server.listen(0, host, () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})
