/**
 * The start of the command `ow`: runs the bundle that a call needs, with the code that earlier calls have compiled.
 */
import * as CodeCache from "./CodeCache.ts"

/** Names of all commands, and the bundles of those that have one for plain calls. The build puts them in. */
declare const OW_COMMANDS: ReadonlyArray<string>
declare const OW_QUICK: Readonly<Record<string, string>>

export interface Bundles {
  /** The path of a bundle, which need not exist. */
  readonly pathOf: (name: string) => string
  readonly read: (name: string) => Buffer
  /** Gives bundles what they require: modules of Node, and other bundles. */
  readonly require: NodeJS.Require
}

export const launch = ({ pathOf, read, require }: Bundles): void => {
  const [, , command = "", ...args] = process.argv
  // Nobody reads the stacks of errors, and capturing them takes longer than anything else here.
  Error.stackTraceLimit = 0

  let script: CodeCache.Script | undefined
  process.once("exit", (status) => script?.keep(status !== 0))

  const run = (bundle: string) => {
    script = CodeCache.compile(pathOf(bundle), read(bundle), OW_COMMANDS.includes(command) ? command : "ow")
    return script.run(require)
  }

  // A call that looks plain is plain, unless its operands are odd. A bundle for plain calls loads faster than the whole one.
  const quick = Object.hasOwn(OW_QUICK, command) && args.every((arg) => /^(?!-)|^(?:-s|--server|--json)$/.test(arg))
    ? OW_QUICK[command]
    : undefined
  if (quick === undefined || run(quick)["isTaken"] !== true) run("ow-bundle.cjs")
}
