/**
 * Makes the search find things by the names that programs call them by, such as `Discovery.devices`, guides and exports before members.
 */
import { type Application, Comment, IndexEvent, type Reflection, ReflectionKind } from "typedoc"
import { isOfChips } from "./guides.ts"

/** Characters of a chip's page that are searched. Its tables say what the reference has, too, and would make up a fifth of the index. */
const beginning = 300

const textOf = (reflection: Reflection): string =>
  reflection.isDocument() ? Comment.combineDisplayParts(reflection.content) : ""

export const findByQualifiedName = (app: Application): void =>
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event: IndexEvent) => {
    event.searchFieldWeights["qualified"] = 5
    for (const [row, one] of event.searchResults.entries()) {
      const { name, parent } = one
      event.searchFields[row] = {
        ...event.searchFields[row],
        ...(isOfChips(parent) ? { document: textOf(one).slice(0, beginning) } : {}),
        qualified: parent === undefined ? name : `${parent.name}.${name}`
      }
      if (parent?.kindOf([ReflectionKind.Class, ReflectionKind.Interface]) === true) one.relevanceBoost = 0.02
      if (one.kindOf(ReflectionKind.Document)) one.relevanceBoost = 4
    }
  })
