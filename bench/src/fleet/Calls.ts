/** Processes of a program that calls servers of the fleet. */
import { Effect } from "effect"
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Answer, Job } from "./caller.ts"
import { ProcessError } from "./RunnerProcess.ts"

const program = fileURLToPath(new URL("caller.ts", import.meta.url))

/** Waits for a message, at most until the process ends. */
const message = <A>(child: ChildProcess, isMeant: (message: unknown) => message is A) =>
  Effect.callback<A, ProcessError>((resume) => {
    const listen = (message: unknown) => isMeant(message) && resume(Effect.succeed(message))
    const end = () => resume(Effect.fail(new ProcessError({ message: "the program that asks has ended" })))
    child.on("message", listen)
    child.once("exit", end)
    if (child.exitCode !== null || child.signalCode !== null) end()
    return Effect.sync(() => {
      child.off("message", listen)
      child.off("exit", end)
    })
  })

const isReady = (message: unknown): message is "ready" => message === "ready"

const isAnswer = (message: unknown): message is Answer =>
  typeof message === "object" && message !== null && "times" in message

/** Starts such a process, and waits until it is warm, or its callers call. */
export const start = Effect.fnUntraced(function*(job: Job) {
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => fork(program, [JSON.stringify(job)], { execArgv: ["--no-warnings"] })),
    (child) => Effect.sync(() => void child.kill("SIGKILL"))
  )
  const answer = yield* Effect.forkScoped(message(child, isAnswer), { startImmediately: true })
  yield* Effect.timeoutOrElse(message(child, isReady), {
    duration: "90 seconds",
    orElse: () => Effect.fail(new ProcessError({ message: "the program that asks was not ready in 90 seconds" }))
  })
  return {
    answer,
    stop: Effect.sync(() => void child.send("stop"))
  }
})
