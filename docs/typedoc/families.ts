/**
 * The properties of each family, as a table on its page.
 */
import { Family, Property, type TypeRecord } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { type Application, Converter, ReflectionKind } from "typedoc"

const types: Readonly<Record<TypeRecord.Kind, string>> = {
  i: "number",
  u: "number",
  f: "number",
  t: "number",
  g: "number",
  p: "number",
  y: "boolean",
  a: "string",
  l: "string",
  b: "Uint8Array",
  d: "Date",
  D: ""
}

const scales = { temperatureScale: "C", pressureScale: "mbar" } as const

const common = new Set(Family.properties(Families.DS2401).map(({ name }) => name))

const names = (property: Property.Property): string => {
  const { elements, isArray, isBitField, name } = property
  const spelled = (index: number): string => `\`${name}${Property.extension(property, index)}\``
  if (!isArray) return `\`${name}\``
  if (elements === 0) return `\`${name}.\`*n*`
  if (elements < 0) return `\`${name}.\`*text*`
  const all = [`\`${name}.ALL\``, ...(isBitField ? [`\`${name}.BYTE\``] : [])]
  return [elements === 1 ? spelled(0) : `${spelled(0)} to ${spelled(elements - 1)}`, ...all].join(", ")
}

const row = (property: Property.Property): string => {
  const { access, kind, range } = property
  const unit = Property.unitOf(property, scales)
  const values = [range === undefined ? "" : `${range[0]} to ${range[1]}`, unit._tag === "Some" ? unit.value : ""]
  const mark = (letter: string): string => (access.includes(letter) ? "yes" : "")
  return `| ${names(property)} | ${types[kind]} | ${mark("r")} | ${mark("w")} | ${values.join(" ").trim()} |`
}

/** What not every device has. The branches of a coupler have no values. */
const own = (family: Family.Family): ReadonlyArray<Property.Property> =>
  Family.properties(family).filter(({ kind, name }) => !common.has(name) && kind !== "D")

const table = (family: Family.Family): string => {
  const others = [...common].map((name) => `\`${name}\``).join(", ")
  if (own(family).length === 0) return `\n\nIt has what every device has: ${others}.`
  return [
    "",
    "",
    "| property | type | read | written | values |",
    "|---|---|---|---|---|",
    ...own(family).map(row),
    "",
    `Beside these it has what every device has: ${others}.`
  ].join("\n")
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
