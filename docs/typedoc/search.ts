/**
 * Makes the search find things by the names that programs call them by, such as `Discovery.devices`, guides and exports before members.
 */
import { type Application, Comment, IndexEvent, type Reflection, ReflectionKind } from "typedoc"
import { isOfChips } from "./guides.ts"

/**
 * The words of a chip's page that are searched: what the chip is, and the names of its properties, in the parts that they are made of.
 * The rest is in the reference, too, and would make up a fifth of the index.
 */
const wordsOfChip = (text: string): string => {
  const [, description = "", rest = ""] = /^# .*\n+(.*)\n([^]*)/.exec(text) ?? []
  const tables = rest.slice(rest.indexOf("\n## Properties"))
  const names = Array.from(tables.matchAll(/^\| `([^`]+)`/gm), ([, name]) => name.split(/[/.]/)).flat()
  return [description, ...new Set(names)].join(" ")
}

const textOf = (reflection: Reflection): string =>
  reflection.isDocument() ? Comment.combineDisplayParts(reflection.content) : ""

export const findByQualifiedName = (app: Application): void =>
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event: IndexEvent) => {
    event.searchFieldWeights["qualified"] = 5
    for (const [row, one] of event.searchResults.entries()) {
      const { name, parent } = one
      event.searchFields[row] = {
        ...event.searchFields[row],
        ...(isOfChips(parent) ? { document: wordsOfChip(textOf(one)) } : {}),
        qualified: parent === undefined ? name : `${parent.name}.${name}`
      }
      if (parent?.kindOf([ReflectionKind.Class, ReflectionKind.Interface]) === true) one.relevanceBoost = 0.02
      if (one.kindOf(ReflectionKind.Document)) one.relevanceBoost = 4
    }
  })
