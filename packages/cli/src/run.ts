/**
 * Runs a call of `ow` and sets its exit status.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"
import * as Lifetime from "./Lifetime.ts"
import * as ProcessEnd from "./ProcessEnd.ts"
import * as Advice from "./server/Advice.ts"
import * as Failure from "./show/Failure.ts"
import * as Output from "./terminal/Output.ts"
import * as StandardOutput from "./terminal/StandardOutput.ts"

/** Sends everything except results to standard error. */
const logger = Logger.make(({ message }) => Effect.runSync(Output.problem("ow:", [[message].flat().join(" ")])))

export const run = (
  args: ReadonlyArray<string>,
  program: Effect.Effect<void, Failure.Failure | Failure.Ended>
): void => {
  const json = Effect.provideService(Output.Json, Output.isJsonWanted(args))

  /** The exit status, once the only thing left to do is to wait for the reader. */
  let ended: number | undefined

  StandardOutput.open(({ code, message }) => {
    // The reader may stop early, as `head` does.
    if (code === "EPIPE") return ProcessEnd.end(ended ?? 0)
    const failure = new Failure.LocalError({ message: `cannot write the results: ${message}` })
    Effect.runSync(json(Failure.tell(failure)))
    ProcessEnd.end(Failure.statusOf(failure))
  })

  let signal: "SIGHUP" | "SIGINT" | "SIGTERM" | undefined
  const statusOfSignal = (): number => signal === undefined || signal === "SIGINT" ? 130 : Lifetime.statusOf(signal)
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      signal ??= name
      // All cleanup is complete.
      if (ended !== undefined) ProcessEnd.end(statusOfSignal())
    })
  }
  // Its terminal may or may not be gone. The command cleans up as it does at any other end.
  const onHangUp = (): void => {
    if (Lifetime.isTaken()) return
    process.off("SIGHUP", onHangUp)
    signal = "SIGHUP"
    process.emit("SIGTERM")
  }
  process.on("SIGHUP", onHangUp)

  const told = program.pipe(
    Effect.catchDefect((defect) => new Failure.LocalError({ message: `a fault of this command itself: ${defect}` })),
    Effect.catchIf((error) => error._tag !== "Ended", Failure.end),
    Effect.provideService(Failure.Advice, Advice.make(args)),
    Effect.provideService(Logger.CurrentLoggers, new Set([logger]))
  )

  NodeRuntime.runMain(json(told), {
    // The statuses that a shell gives to commands ended by signals: 130 for Ctrl-C, 143 for SIGTERM.
    teardown: (exit, onExit) =>
      Runtime.defaultTeardown(exit, (status) => {
        if (status === 130) return ProcessEnd.end(statusOfSignal(), onExit)
        // A signal asks for an end now.
        if (signal !== undefined) return ProcessEnd.end(status, onExit)
        ended = status
        Output.flush(() => ProcessEnd.end(status, onExit))
      })
  })
}
