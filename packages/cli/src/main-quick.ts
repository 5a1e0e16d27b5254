/**
 * The command `ow`, where the call is a plain one.
 */
import * as Effect from "effect/Effect"
import * as QuickCommandLine from "./QuickCommandLine.ts"
import { run } from "./run.ts"
import { Settings } from "./server/Settings.ts"

const args = process.argv.slice(2)
const call = QuickCommandLine.parse(args)

if (call !== undefined) run(args, Effect.provideService(call.action, Settings, call.settings))

/** Whether this was one. */
export const isTaken = call !== undefined
