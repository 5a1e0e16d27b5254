#!/usr/bin/env node
/**
 * Starts the command `ow`: runs the bundle that a call needs, with the code that earlier calls have compiled.
 */
import { join } from "node:path"
import * as CodeCache from "./CodeCache.ts"

/** Names of all commands, and the bundles of those that have one for plain calls. The build inserts both. */
declare const OW_COMMANDS: ReadonlyArray<string>
declare const OW_QUICK: Readonly<Record<string, string>>

const [, , command = "", ...args] = process.argv
// Nobody reads the stacks of errors, and capturing them takes longer than anything else here.
Error.stackTraceLimit = 0

let script: CodeCache.Script | undefined
process.once("exit", (status) => script?.keep(status !== 0))

const run = (bundle: string) => {
  script = CodeCache.compile(join(__dirname, bundle), OW_COMMANDS.includes(command) ? command : "ow")
  return script.run(require)
}

// A call that looks plain is plain, unless its operands are unusual. A bundle for plain calls loads faster than the whole one.
const quick = Object.hasOwn(OW_QUICK, command) && args.every((arg) => /^(?!-)|^(?:-s|--server|--json)$/.test(arg))
  ? OW_QUICK[command]
  : undefined
if (quick === undefined || run(quick)["isTaken"] !== true) run("ow-bundle.cjs")
