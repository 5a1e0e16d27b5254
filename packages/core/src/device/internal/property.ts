/**
 * How properties are written down in a catalogue, and what follows from that.
 */
import * as Option from "effect/Option"
import * as Temperature from "../../onewire/Temperature.ts"
import type * as TypeRecord from "../../protocol/TypeRecord.ts"
import { all, byte } from "../../protocol/TypeRecord.ts"
import type * as Property from "../Property.ts"

/**
 * Reads the compact form in which a family has its properties, one a line: name, type, access, length, change class; then a
 * range, a unit (`~` for none, where the type would have a scale), and a mark for what is optional.
 */
export const parse = (text: string): ReadonlyArray<Property.Property> => {
  const properties: Array<Property.Property> = []
  for (const line of text.split("\n")) {
    if (line === "") continue
    const [path, type, access, length, change, ...rest] = line.split(" ")
    const [, kind, count, keys] = /^(.)(\d+|[xn])?([BL]+)?$/.exec(type) ?? []
    const range = rest.find((part) => part.includes(".."))?.split("..").map(Number)
    const unit = rest.find((part) => !part.includes("..") && part !== "-" && part !== "=")
    properties.push({
      name: path.replaceAll("%20", " "),
      // What is generated holds the server's own letters only.
      kind: kind as TypeRecord.Kind,
      elements: count === undefined ? 1 : count === "x" ? -1 : count === "n" ? 0 : Number(count),
      isArray: count !== undefined,
      isLettered: keys?.includes("L") ?? false,
      isBitField: keys?.includes("B") ?? false,
      access: access as TypeRecord.Access,
      length: Number(length),
      change: change as TypeRecord.Change,
      range: range === undefined ? undefined : [range[0], range[1]],
      unit: unit === "~" ? "" : unit,
      isOptional: rest.includes("-") || rest.includes("="),
      isDirectoryListed: rest.includes("=")
    })
  }
  return properties
}

/** The index that an element's extension stands for, in any case and without its dot. */
export const indexOf = (property: Property.Property, key: string): Option.Option<number> => {
  if (property.elements === -1) return Option.some(0)
  if (property.elements === 0) return /^\d+$/.test(key) ? Option.some(Number(key)) : Option.none()
  const upper = key.toUpperCase()
  if (upper === "ALL") return Option.some(all)
  if (upper === "BYTE") return property.isBitField ? Option.some(byte) : Option.none()
  const index = property.isLettered
    ? upper.length === 1 ? upper.charCodeAt(0) - 65 : -1
    : /^\d+$/.test(key)
    ? Number(key)
    : -1
  return index >= 0 && index < property.elements ? Option.some(index) : Option.none()
}

/** What the values of a property are in, under some scales; `undefined` as the `unit` of a reading is. */
export const unitIn = (
  kind: TypeRecord.Kind,
  unit: string | undefined,
  { pressureScale, temperatureScale }: Property.Scales
): string | undefined => {
  if (unit !== undefined) return unit === "" ? undefined : unit
  if (kind === "t" || kind === "g") return Temperature.symbol(temperatureScale)
  return kind === "p" ? pressureScale : undefined
}

/** The most bytes that a value takes. */
export const fullLength = ({ elements, kind, length }: Property.Property, index: number): number => {
  if (index === byte) return 12
  if (index !== all) return length
  return kind === "b" ? elements * length : elements * (length + 1) - 1
}
