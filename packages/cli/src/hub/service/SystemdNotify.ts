/**
 * Messages of a service to systemd: readiness, status, watchdog and stop. They go through the program `systemd-notify`, because
 * Node has no Unix datagram sockets. Without `NOTIFY_SOCKET` in the environment, the service sends none.
 */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"

type Environment = Readonly<Record<string, string | undefined>>

/** Time limit of a message, in milliseconds. systemd takes it at once, or not at all. */
const patience = 10_000

/** Microseconds after which systemd considers this process dead, or `undefined` if it does not watch it. */
const watchdogOf = (env: Environment, pid: number): number | undefined => {
  const micros = Number(env["WATCHDOG_USEC"])
  const meant = env["WATCHDOG_PID"]
  return Number.isSafeInteger(micros) && micros > 0 && (meant === undefined || Number(meant) === pid)
    ? micros
    : undefined
}

export interface Options {
  readonly env: Environment
  readonly pid: number
  /** The state of the service, on one line. */
  readonly status: Effect.Effect<string>
  /** The last state, during the shutdown, on one line. */
  readonly stopping: string
  /** Reason why only a restart of the service helps, or `undefined` while it works. */
  readonly problem: Effect.Effect<string | undefined>
}

/** Sends messages. Only the first failure is logged, as a warning. */
const sender = (env: Environment) => {
  let hasFailed = false
  return (...assignments: ReadonlyArray<string>): Effect.Effect<void> =>
    Effect.callback<string | undefined>((resume) => {
      const child = execFile(
        "systemd-notify",
        [...assignments],
        { env, timeout: patience },
        (error, _, said) => resume(Effect.succeed(error === null ? undefined : said.trim() || error.message))
      )
      return Effect.sync(() => child.kill())
    }).pipe(Effect.flatMap((problem) => {
      if (problem === undefined || hasFailed) return Effect.void
      hasFailed = true
      return Effect.logWarning(`cannot report the state of this service to systemd: ${problem}`)
    }))
}

/** A status on one line, in the form of a message. */
const statusLine = (text: string): string => `STATUS=${text.replaceAll(/\p{Cc}+/gu, " ").slice(0, 300)}`

/**
 * Reports that the service is ready. Then reports twice in each period of the watchdog that it works, as long as it does, and at
 * the end of the scope that it stops.
 */
export const follow = Effect.fnUntraced(function*({ env, pid, problem, status, stopping }: Options) {
  if (env["NOTIFY_SOCKET"] === undefined || env["NOTIFY_SOCKET"] === "") return
  const send = sender(env)
  yield* Effect.addFinalizer(() => send("STOPPING=1", statusLine(stopping)))
  yield* send("READY=1", statusLine(yield* status))
  const micros = watchdogOf(env, pid)
  if (micros === undefined) return
  const turn = Effect.gen(function*() {
    const wrong = yield* problem
    if (wrong === undefined) yield* send("WATCHDOG=1", statusLine(yield* status))
    else yield* send(statusLine(`It waits to be started again: ${wrong}`))
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(turn, Effect.sleep(`${micros / 2} micros`))))
})
