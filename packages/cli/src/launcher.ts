#!/usr/bin/env node
/**
 * The start of the command `ow`: runs the bundle that a call needs, with the code that earlier calls have compiled.
 */
import { join } from "node:path"
import * as CodeCache from "./CodeCache.ts"

/** Names of all commands, and of those that the bundle for plain calls can run. The build puts them in. */
declare const OW_COMMANDS: ReadonlyArray<string>
declare const OW_ACTIONS: ReadonlyArray<string>

const [, , command = "", ...args] = process.argv
// Nobody reads the stacks of errors, and capturing them takes longer than anything else here.
Error.stackTraceLimit = 0

let script: CodeCache.Script | undefined
process.once("exit", (status) => script?.keep(status !== 0))

const run = (bundle: string) => {
  script = CodeCache.compile(join(__dirname, bundle), OW_COMMANDS.includes(command) ? command : "ow")
  return script.run(require)
}

// A call that looks plain is plain, unless its operands are odd. The bundle for plain calls loads faster than the whole one.
const isPlain = OW_ACTIONS.includes(command) && args.every((arg) => /^(?!-)|^(?:-s|--server|--json)$/.test(arg))
if (!isPlain || run("ow-quick.cjs")["isTaken"] !== true) run("ow-bundle.cjs")
