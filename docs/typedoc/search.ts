/**
 * Makes the search find things by the names that programs call them by, such as `Discovery.devices`, guides and exports before members.
 */
import { type Application, IndexEvent, ReflectionKind } from "typedoc"

export const findByQualifiedName = (app: Application): void =>
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event: IndexEvent) => {
    event.searchFieldWeights["qualified"] = 5
    for (const [row, one] of event.searchResults.entries()) {
      const { name, parent } = one
      event.searchFields[row] = {
        ...event.searchFields[row],
        qualified: parent === undefined ? name : `${parent.name}.${name}`
      }
      if (parent?.kindOf([ReflectionKind.Class, ReflectionKind.Interface]) === true) one.relevanceBoost = 0.02
      if (one.kindOf(ReflectionKind.Document)) one.relevanceBoost = 4
    }
  })
