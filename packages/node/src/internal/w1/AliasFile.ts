/**
 * The text of a file of aliases, as owserver reads it: `28.000028D70100 = kitchen` in each line. Comments and lines without an
 * alias are kept unchanged.
 */
import * as RomId from "@effect-ownet/core/onewire/RomId"
import { AliasTable, isAlias } from "@effect-ownet/core/server/AliasTable"
import * as Option from "effect/Option"

interface Entry {
  readonly id: RomId.RomId
  readonly alias: string
}

/**
 * Parses a line. The text after `=` is the name, without surrounding white space; owserver does not support a comment after it.
 */
const parse = (line: string): Entry | undefined => {
  const [, name, rest] = /^[/ \t=]*([^/ \t=\r]+)(.*)$/s.exec(line) ?? []
  if (name === undefined) return undefined
  const id = Option.getOrUndefined(RomId.fromString(name))
  const alias = rest.replace(/^[/ \t=]?[ \t=]*/, "").replace(/[ \t\r]+$/, "")
  return id !== undefined && isName(alias) ? { id, alias } : undefined
}

/** Maximum length of an alias in UTF-16 code units: servers accept at most 256 bytes. */
const longest = 256

/** Whether a name survives being written to the file and read again, and can be part of a path. */
const isName = (alias: string): boolean =>
  alias !== "" && alias.length <= longest && isAlias(alias) && RomId.inspect(alias)._tag === "NoRomId" &&
  // oxlint-disable-next-line no-control-regex -- Control characters are what must not be in it.
  !/[\u0000-\u001f\u007f]/.test(alias) && !/^[ =]| $/.test(alias)

/** Whether a device may have a name. An empty name means none. */
export const isPossible = (alias: string): boolean => alias === "" || isName(alias)

/** The names in a text. If a name occurs twice, the later line wins. */
export const table = (text: string): AliasTable => {
  const names = new AliasTable()
  for (const line of text.split("\n")) {
    const entry = parse(line)
    if (entry !== undefined) names.set(entry.id, entry.alias)
  }
  return names
}

/** The text after giving a device a name that no other device keeps, or after removing its name if the given one is empty. */
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
