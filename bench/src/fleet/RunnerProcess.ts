/** A runner of the fleet as a process, `ow hub --runner`, which is started, watched and ended. */
import { Data, Effect, Fiber, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export const host = "127.0.0.1"

const ow = fileURLToPath(new URL("../../../packages/cli/dist/ow.cjs", import.meta.url))

/** A process did not perform its task. */
export class ProcessError extends Data.TaggedError("ProcessError")<{ readonly message: string }> {}

export const freePort = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, host, () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

/** A folder for the files of commands, which all runners share. */
export const home = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-fleet-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export interface Usage {
  /** CPU time since the start, in milliseconds. */
  readonly cpu: number
  /** Resident memory, in bytes. */
  readonly resident: number
}

export interface RunnerProcess {
  /** The address at which the other runners reach it. */
  readonly runner: string
  /** The address of its page. */
  readonly url: string
  readonly pid: number
  /** Its output, as lines. */
  readonly lines: ReadonlyArray<string>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** Its exit status, or the signal that ended it, once it has ended. */
  readonly ended: Effect.Effect<number | NodeJS.Signals>
  readonly isRunning: () => boolean
  readonly usage: () => Usage
}

export interface Options {
  readonly database: string
  readonly home: string
  /** Folder for compiled code. Default: `home`. */
  readonly cache?: string | undefined
  /** Port at which the others reach it, by default a free one, and the port on which it listens, if that differs. */
  readonly port?: number | undefined
  readonly listen?: number | undefined
  readonly every?: string | undefined
  readonly args?: ReadonlyArray<string> | undefined
  /** Called at once, before the process does anything. */
  readonly onPid?: ((pid: number) => void) | undefined
}

const statusOf = ({ exitCode, signalCode }: ChildProcess): number | NodeJS.Signals | undefined =>
  exitCode ?? signalCode ?? undefined

const endOf = (child: ChildProcess) =>
  Effect.callback<number | NodeJS.Signals>((resume) => {
    const look = () => {
      const status = statusOf(child)
      if (status !== undefined) resume(Effect.succeed(status))
    }
    child.once("exit", look)
    look()
    return Effect.sync(() => child.off("exit", look))
  })

/** Resource usage of a process so far, or zeros if it is gone. */
const usageOf = (pid: number): Usage => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ")
    const [, resident] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? []
    // A tick is 10 ms on all Linux systems.
    return { cpu: (Number(fields[11]) + Number(fields[12])) * 10, resident: Number(resident ?? 0) * 1024 }
  } catch {
    return { cpu: 0, resident: 0 }
  }
}

/** Starts a runner without waiting for it. It is killed when the scope closes. */
export const spawned = Effect.fnUntraced(function*(
  { args = [], cache, database, every = "1s", home, listen, onPid, port }: Options
): Effect.fn.Return<RunnerProcess & { readonly ready: Effect.Effect<void, ProcessError> }, never, Scope.Scope> {
  const runner = `${host}:${port ?? (yield* freePort)}`
  const page = yield* freePort
  const lines: Array<string> = []
  const given = [
    "hub",
    "--runner",
    runner,
    "--listen",
    `${host}:${page}`,
    "--database",
    database,
    "--every",
    every,
    ...listen === undefined ? [] : ["--runner-listen", `${host}:${listen}`],
    ...args
  ]
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const env = {
        PATH: process.env["PATH"] ?? "",
        HOME: home,
        XDG_CACHE_HOME: cache ?? home,
        LC_ALL: "C.UTF-8",
        TZ: "UTC"
      }
      const child = spawn(process.execPath, [ow, ...given], { env, cwd: home, stdio: ["ignore", "pipe", "pipe"] })
      onPid?.(child.pid ?? 0)
      return child
    }),
    (child) =>
      Effect.suspend(() => {
        if (statusOf(child) === undefined) child.kill("SIGKILL")
        return Effect.timeoutOption(endOf(child), "5 seconds")
      })
  )
  const url = `http://${host}:${page}/`
  const ready = Effect.callback<void>((resume) => {
    const out = createInterface({ input: child.stdout })
    out.on("line", (line) => {
      lines.push(line)
      resume(Effect.void)
    })
  }).pipe(
    Effect.raceFirst(
      Effect.flatMap(endOf(child), (status) =>
        Effect.fail(
          new ProcessError({ message: `ow ${given.join(" ")} has ended with ${status}:\n${lines.join("\n")}` })
        ))
    ),
    Effect.timeoutOrElse({
      duration: "30 seconds",
      orElse: () =>
        Effect.fail(
          new ProcessError({ message: `ow ${given.join(" ")} did not begin in 30 seconds:\n${lines.join("\n")}` })
        )
    })
  )
  createInterface({ input: child.stderr }).on("line", (line) => void lines.push(line))
  const waiting = yield* Effect.forkScoped(ready, { startImmediately: true })
  return {
    runner,
    url,
    pid: child.pid ?? 0,
    lines,
    // The handle never means another process.
    kill: (signal) => Effect.sync(() => void child.kill(signal)),
    ended: endOf(child),
    isRunning: () => statusOf(child) === undefined,
    usage: () => usageOf(child.pid ?? 0),
    ready: Fiber.join(waiting)
  }
})
