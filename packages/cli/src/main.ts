/**
 * The command `ow`.
 */
import * as Parser from "./Parser.ts"
import { run } from "./run.ts"

const args = process.argv.slice(2)

run(args, Parser.run(args))
