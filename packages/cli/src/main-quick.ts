/**
 * The command `ow` for plain calls.
 */
import * as QuickCommandLine from "./QuickCommandLine.ts"
import { run } from "./run.ts"

const args = process.argv.slice(2)
const program = QuickCommandLine.parse(args)

if (program !== undefined) run(args, program)

/** Whether the call was plain, and runs now. */
export const isTaken = program !== undefined
