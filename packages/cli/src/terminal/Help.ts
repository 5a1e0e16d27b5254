/**
 * The printed help of commands.
 */
import * as CliOutput from "effect/cli/CliOutput"
import type * as HelpDoc from "effect/cli/HelpDoc"
import { stripVTControlCharacters } from "node:util"
import * as Output from "./Output.ts"

/** Help in lines that fit the terminal. */
export const format = (doc: HelpDoc.HelpDoc): string =>
  CliOutput.defaultFormatter({ colors: Output.hasColors() }).formatHelpDoc({
    ...doc,
    flags: doc.flags.map(plain),
    inheritedFlags: (doc.inheritedFlags ?? []).map(plain),
    globalFlags: (doc.globalFlags ?? []).map(plain)
  }).split("\n").map((line) => wrap(line, Output.columns())).join("\n")

/** Hides that a flag without a value also accepts `=true` and `=false`, which nobody needs. */
const plain = (flag: HelpDoc.FlagDoc): HelpDoc.FlagDoc =>
  flag.type === "[=boolean]" ? { ...flag, type: "boolean" } : flag

/** Breaks a line, and continues below the beginning of its text, which in a table is the second column. */
const wrap = (line: string, columns: number): string => {
  const text = stripVTControlCharacters(line)
  if (text.length <= columns) return line
  const indent = /^ *(?:\S.*? {4,})?/.exec(text)![0].length
  let column = 0
  return line.split(/(?<=[^ ] )/).map((word) => {
    const { length } = stripVTControlCharacters(word)
    const isNext = column > indent && column + stripVTControlCharacters(word).trimEnd().length > columns
    column = (isNext ? indent : column) + length
    return isNext ? `\n${" ".repeat(indent)}${word}` : word
  }).join("").replace(/ +$/gm, "")
}
