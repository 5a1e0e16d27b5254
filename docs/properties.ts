/**
 * The properties of a family as the rows of a table.
 */
import { Family, Property, type TypeRecord } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"

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

/** The names of the properties that every device has, as a list. */
export const commonNames = [...common].map((name) => `\`${name}\``).join(", ")

/** What not every device has. The branches of a coupler have no values. */
export const own = (family: Family.Family): ReadonlyArray<Property.Property> =>
  Family.properties(family).filter(({ kind, name }) => !common.has(name) && kind !== "D")

const names = (property: Property.Property): string => {
  const { elements, isArray, isBitField, name } = property
  const spelled = (index: number): string => `\`${name}${Property.extension(property, index)}\``
  if (!isArray) return `\`${name}\``
  if (elements === 0) return `\`${name}.\`*n*`
  if (elements < 0) return `\`${name}.\`*text*`
  const all = [`\`${name}.ALL\``, ...(isBitField ? [`\`${name}.BYTE\``] : [])]
  return [elements === 1 ? spelled(0) : `${spelled(0)} to ${spelled(elements - 1)}`, ...all].join(", ")
}

/** A property: its names, its type, whether it is read and written, and its range and unit. */
export const cells = (property: Property.Property): ReadonlyArray<string> => {
  const { access, kind, range } = property
  const unit = Property.unitOf(property, scales)
  const values = [range === undefined ? "" : `${range[0]} to ${range[1]}`, unit._tag === "Some" ? unit.value : ""]
  const mark = (letter: string): string => (access.includes(letter) ? "yes" : "")
  return [names(property), types[kind], mark("r"), mark("w"), values.join(" ").trim()]
}

/** The headings of `cells`. */
export const headings: ReadonlyArray<string> = ["property", "type", "read", "written", "values"]

/** A table in Markdown. */
export const tableOf = (
  headings: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> =>
  [headings, headings.map(() => "---"), ...rows].map((cells) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
  )
