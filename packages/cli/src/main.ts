/**
 * The command `ow`, from its arguments to its exit status.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Failure from "./Failure.ts"
import * as Output from "./Output.ts"
import * as Quick from "./Quick.ts"
import { Settings } from "./Settings.ts"

const args = process.argv.slice(2)
const quick = Quick.parse(args)

const program: Effect.Effect<void, Failure.Failure | Failure.Ended> = quick === undefined
  ? Effect.flatMap(Effect.promise(() => import("./Parser.ts")), ({ run }) => run(args))
  : quick.action.pipe(
    Effect.provideService(Settings, quick.settings),
    Effect.provideService(Output.Json, quick.json)
  )

// Whoever reads may have had enough, such as `head`.
process.stdout.once("error", () => process.exit(0))

NodeRuntime.runMain(Effect.catchIf(program, (error) => error._tag !== "Ended", Failure.end))
