/**
 * The text of a file of aliases, as owserver reads it: `28.000028D70100 = kitchen` in each line. Comments and lines that say nothing
 * are kept as they are.
 */
import * as RomId from "@effect-ownet/core/onewire/RomId"
import { AliasTable, isAlias } from "@effect-ownet/core/server/AliasTable"
import * as Option from "effect/Option"

interface Entry {
  readonly id: RomId.RomId
  readonly alias: string
}

/** What a line says. The rest of it is the name, without white space around it; owserver knows no comment behind it. */
const parse = (line: string): Entry | undefined => {
  const [, name, rest] = /^[/ \t=]*([^/ \t=\r]+)(.*)$/s.exec(line) ?? []
  if (name === undefined) return undefined
  const id = Option.getOrUndefined(RomId.fromString(name))
  const alias = rest.replace(/^[/ \t=]?[ \t=]*/, "").replace(/[ \t\r]+$/, "")
  return id !== undefined && isName(alias) ? { id, alias } : undefined
}

/** Longest alias, in UTF-16 code units: servers take no more than 256 bytes of one. */
const longest = 256

/** Whether a name can stand in the file and comes out of it again as it is, and whether a path can lead to it. */
const isName = (alias: string): boolean =>
  alias !== "" && alias.length <= longest && isAlias(alias) && RomId.inspect(alias)._tag === "NoRomId" &&
  // oxlint-disable-next-line no-control-regex -- Control characters are what must not be in it.
  !/[\u0000-\u001f\u007f]/.test(alias) && !/^[ =]| $/.test(alias)

/** Whether a device may have a name, or none if it is empty. */
export const isPossible = (alias: string): boolean => alias === "" || isName(alias)

/** The names in a text. A later line takes a name from an earlier one. */
export const table = (text: string): AliasTable => {
  const names = new AliasTable()
  for (const line of text.split("\n")) {
    const entry = parse(line)
    if (entry !== undefined) names.set(entry.id, entry.alias)
  }
  return names
}

/** The text in which a device has a name, and no other device has it; or in which it has none, if the name is empty. */
export const renamed = (text: string, id: RomId.RomId, alias: string): string => {
  const end = text.includes("\r\n") ? "\r" : ""
  const own = `${RomId.format(id)} = ${alias}${end}`
  const kept: Array<string> = []
  let isThere = alias === ""
  for (const line of text.split("\n")) {
    const entry = parse(line)
    if (entry === undefined || (entry.id !== id && entry.alias !== alias)) kept.push(line)
    else if (entry.id === id && !isThere) {
      isThere = true
      kept.push(own)
    }
  }
  if (!isThere) {
    const isEnded = kept.at(-1) === ""
    kept.splice(isEnded ? kept.length - 1 : kept.length, 0, own)
    if (!isEnded) kept.push("")
  }
  return kept.join("\n")
}
