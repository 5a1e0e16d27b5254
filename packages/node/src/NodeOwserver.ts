/**
 * Runs the real owserver as a child process, for tests, and for trying things out without a bus master.
 *
 * @since 0.1.0
 */
import * as Connector from "@effect-ownet/core/client/Connector"
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as ChildProcess from "effect/process/ChildProcess"
import type { ChildProcessSpawner } from "effect/process/ChildProcessSpawner"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Net from "node:net"
import * as NodeConnector from "./NodeConnector.ts"

/**
 * A server could not be started: the real one, or one of this process that listens on a port.
 *
 * **Details**
 *
 * - `NotInstalled`: the program is missing. On Debian, install it with `apt-get install owserver`.
 * - `Failed`: it did not start, ended at once, or did not answer in time.
 *
 * @category errors
 * @since 0.1.0
 */
export class OwserverError extends Data.TaggedError("OwserverError")<{
  readonly reason: { readonly _tag: "NotInstalled" } | { readonly _tag: "Failed" }
  readonly problem: string
  readonly cause?: unknown
}> {
  /** The attempt, its result and a remedy, in one line. */
  override get message(): string {
    return this.problem
  }
}

const failed = (problem: string, cause?: unknown): OwserverError =>
  new OwserverError({ reason: { _tag: "Failed" }, problem, cause })

/**
 * A running owserver.
 *
 * @category models
 * @since 0.1.0
 */
export interface Owserver {
  /** Loopback address on which it listens. */
  readonly host: string
  /** Port that you gave, or the free port that was found. */
  readonly port: number
  /** Id of the process that answers. */
  readonly pid: number
  /** Sends a signal to the process, if it still runs. */
  readonly signal: (signal: ChildProcess.Signal) => Effect.Effect<void>
  /** Kills the process and waits for its end. */
  readonly kill: Effect.Effect<void>
}

const host = "127.0.0.1"

/**
 * Starts an owserver on the loopback interface, waits until it answers, and kills it when the scope closes. Without a port it
 * listens on a free one. `args` are further arguments, such as `--tester=28,10` for simulated devices.
 *
 * **Example** (Starting a server for one test)
 *
 * ```ts
 * import { NodeOwClient, NodeOwserver } from "@effect-ownet/node"
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, Layer } from "effect"
 *
 * const client = NodeOwserver.start({ args: ["--tester=28,10"] }).pipe(
 *   Effect.map(({ host, port }) => NodeOwClient.layer({ host, port })),
 *   Layer.unwrap,
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
  const shown = `owserver ${args.join(" ")}`
  const command = ChildProcess.make("owserver", args, {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    killSignal: "SIGKILL"
  })
  const handle = yield* Effect.mapError(command, (cause) =>
    cause.reason._tag === "NotFound"
      ? new OwserverError({
        reason: { _tag: "NotInstalled" },
        problem: "owserver is not installed; on Debian: apt-get install owserver",
        cause
      })
      : failed(`owserver did not start: ${cause.message}`, cause))

  let lastLine = ""
  const log = yield* handle.stderr.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.runForEach((line) =>
      Effect.sync(() => {
        if (line.trim() !== "") lastLine = line.trim()
      })
    ),
    Effect.ignore,
    Effect.forkScoped
  )
  const ended = Effect.gen(function*() {
    const exit = yield* Effect.exit(handle.exitCode)
    yield* Fiber.await(log)
    const status = Exit.isSuccess(exit) ? `status ${exit.value}` : "a signal"
    return yield* failed(`${shown} ended at once, with ${status}${lastLine === "" ? "" : `: ${lastLine}`}`)
  })
  const pid = yield* Effect.raceFirst(answeringPid(port), ended).pipe(Effect.timeoutOrElse({
    duration: "10 seconds",
    orElse: () => Effect.fail(failed(`no answer within 10 s from ${shown}`))
  }))
  if (pid !== handle.pid) return yield* failed(`another owserver, process ${pid}, listens on port ${port} already`)

  return {
    host,
    port,
    pid,
    signal: (signal) => Effect.ignore(Effect.try(() => process.kill(pid, signal))),
    kill: Effect.ignore(handle.kill({ killSignal: "SIGKILL" }))
  }
})

/** The id of the process that answers on a port, as soon as one does. */
const answeringPid = (port: number): Effect.Effect<number, OwserverError> =>
  Effect.gen(function*() {
    const connector = yield* NodeConnector.make({ host, port })
    const ow = yield* Effect.provideService(OwClient.make(), Connector.Connector, connector)
    return Number(yield* ow.readText("/system/process/pid"))
  }).pipe(
    Effect.scoped,
    Effect.retry({ while: (error) => error.isRetryable, schedule: Schedule.spaced("20 millis") }),
    Effect.mapError((cause) => failed(cause.message, cause))
  )

const freePort: Effect.Effect<number, OwserverError> = Effect.callback((resume) => {
  const server = Net.createServer()
  server.on("error", (cause) => resume(Effect.fail(failed(`no port is free on ${host}: ${cause.message}`, cause))))
  server.listen(0, host, () => {
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    server.close(() => resume(Effect.succeed(port)))
  })
})
