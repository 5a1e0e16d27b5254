/**
 * The command `ow`.
 */
import * as CommandLine from "./CommandLine.ts"
import { run } from "./run.ts"

const args = process.argv.slice(2)

run(args, CommandLine.run(args))
