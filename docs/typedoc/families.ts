/**
 * The properties of each family, as a table on its page.
 */
import type { Family } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { type Application, Converter, ReflectionKind } from "typedoc"
import { cells, commonNames, headings, own, tableOf } from "./properties.ts"

const table = (family: Family.Family): string => {
  if (own(family).length === 0) return `\n\nIt has what every device has: ${commonNames}.`
  const rows = tableOf(headings, own(family).map(cells))
  return ["", "", ...rows, "", `Beside these it has what every device has: ${commonNames}.`].join("\n")
}

/** The names of the types that the tables show. */
export const shownAsTables = Object.keys(Families).flatMap((name) => [`${name}Read`, `${name}Write`])

export const showProperties = (app: Application): void => {
  const known = new Map<string, Family.Family>(Object.entries(Families))
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const variable of project.getReflectionsByKind(ReflectionKind.Variable)) {
      const family = variable.parent?.name === "@effect-ownet/core/families" ? known.get(variable.name) : undefined
      if (family !== undefined) variable.comment?.summary.push({ kind: "text", text: table(family) })
    }
  }, -1)
}
