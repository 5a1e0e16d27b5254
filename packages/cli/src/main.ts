/**
 * The command `ow`, from its arguments to its exit status.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Failure from "./Failure.ts"
import * as Output from "./Output.ts"
import * as Quick from "./Quick.ts"
import { Settings } from "./Settings.ts"

const args = process.argv.slice(2)
const quick = Quick.parse(args)

const program: Effect.Effect<void, Failure.Failure | Failure.Ended> = quick === undefined
  ? Effect.flatMap(Effect.promise(() => import("./Parser.ts")), ({ run }) => run(args))
  : Effect.provideService(quick.action, Settings, quick.settings)

const json = Effect.provideService(Output.Json, Output.isJsonWanted(args))

process.stdout.once("error", ({ code, message }: NodeJS.ErrnoException) => {
  // Whoever reads may have had enough, such as `head`.
  if (code === "EPIPE") process.exit(0)
  const failure = new Failure.LocalError({ message: `cannot write the results: ${message}` })
  Effect.runSync(json(Failure.tell(failure)))
  process.exit(Failure.statusOf(failure))
})

let isTerminated = false
process.once("SIGTERM", () => isTerminated = true)

const told = program.pipe(
  Effect.catchDefect((defect) => new Failure.LocalError({ message: `a fault of this command itself: ${defect}` })),
  Effect.catchIf((error) => error._tag !== "Ended", Failure.end)
)

NodeRuntime.runMain(json(told), {
  // What a shell says of a command that a signal has ended: 130 is Ctrl-C's.
  teardown: (exit, onExit) =>
    Runtime.defaultTeardown(exit, (status) => onExit(status === 130 && isTerminated ? 143 : status))
})
