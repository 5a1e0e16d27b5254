/**
 * Parses the compact form of properties in a catalogue.
 */
import * as Option from "effect/Option"
import * as Temperature from "../../onewire/Temperature.ts"
import type * as TypeRecord from "../../protocol/TypeRecord.ts"
import { all, byte } from "../../protocol/TypeRecord.ts"
import type * as Property from "../Property.ts"

/**
 * Parses the compact form of a family's properties, one per line: name, type, access, length, change class; then a range, a unit
 * (`~` for none, if the type would have a scale), and a mark for optional ones.
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
      // Generated text contains only letters that servers use.
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

/** The index of an element, by its extension without the dot, in upper or lower case. */
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

/** The unit of a property's values under some scales. `undefined` as in the `unit` of a reading. */
export const unitIn = (
  kind: TypeRecord.Kind,
  unit: string | undefined,
  { pressureScale, temperatureScale }: Property.Scales
): string | undefined => {
  if (unit !== undefined) return unit === "" ? undefined : unit
  if (kind === "t" || kind === "g") return Temperature.symbol(temperatureScale)
  return kind === "p" ? pressureScale : undefined
}

/** Maximum number of bytes of a value. */
export const fullLength = ({ elements, kind, length }: Property.Property, index: number): number => {
  if (index === byte) return 12
  if (index !== all) return length
  return kind === "b" ? elements * length : elements * (length + 1) - 1
}
