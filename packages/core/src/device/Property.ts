/**
 * A property of a family of devices: what a server says of its type, and what is known of its values.
 *
 * @since 0.1.0
 */
import * as Temperature from "../onewire/Temperature.ts"
import type * as ControlFlags from "../protocol/ControlFlags.ts"
import type * as TypeRecord from "../protocol/TypeRecord.ts"
import { all, byte } from "../protocol/TypeRecord.ts"

/**
 * One property, or an array of them.
 *
 * @category models
 * @since 0.1.0
 */
export interface Property {
  /** Its path below the device, without the extension of an element: `temperature`, `PIO`, `pages/page`. */
  readonly name: string
  readonly kind: TypeRecord.Kind
  /** 1 where there is no array, -1 for an array keyed by any text, 0 for one keyed by any number. */
  readonly elements: number
  readonly isArray: boolean
  /** The elements are called `A`, `B`, … and not `0`, `1`, … */
  readonly isLettered: boolean
  /** It has an extension `BYTE`, too. */
  readonly isBitField: boolean
  readonly access: TypeRecord.Access
  /** The longest value of one element, in bytes. */
  readonly length: number
  readonly change: TypeRecord.Change
  /** What the chip can measure or takes, where that is known: in degrees Celsius, millibar, or the property's own unit. */
  readonly range: readonly [least: number, most: number] | undefined
  /**
   * What its values are in, as people print it: `V`, `%RH`, `lux`, `min`. `undefined` where that is not known, where they are in
   * nothing, and where it depends on a scale: `unitOf` has those, too. Empty where they are in no scale, whatever `kind` says.
   */
  readonly unit: string | undefined
  /** Not listed by every device of the family: its chip, or what is connected to it, may lack it. */
  readonly isOptional: boolean
  /** It is optional, and its directory is listed all the same. */
  readonly isDirectoryListed: boolean
}

/**
 * The scales in which a client or a call has its values. `Client.flags` has them.
 *
 * @category models
 * @since 0.1.0
 */
export type Scales = Pick<ControlFlags.ControlFlags, "temperatureScale" | "pressureScale">

/**
 * Reads the compact form in which a family has its properties, one a line: name, type, access, length, change class; then a
 * range, a unit (`~` for none, where the type would have a scale), and a mark for what is optional.
 *
 * @internal
 */
export const parse = (text: string): ReadonlyArray<Property> => {
  const properties: Array<Property> = []
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

/**
 * The index that an element's extension stands for, in any case and without its dot.
 *
 * @internal
 */
export const indexOf = (property: Property, key: string): number | undefined => {
  if (property.elements === -1) return 0
  if (property.elements === 0) return /^\d+$/.test(key) ? Number(key) : undefined
  const upper = key.toUpperCase()
  if (upper === "ALL") return all
  if (upper === "BYTE") return property.isBitField ? byte : undefined
  const index = property.isLettered
    ? upper.length === 1 ? upper.charCodeAt(0) - 65 : -1
    : /^\d+$/.test(key)
    ? Number(key)
    : -1
  return index >= 0 && index < property.elements ? index : undefined
}

/**
 * What follows the name of a property for one of its elements: `.3`, `.B`, `.ALL`, `.BYTE`, or nothing.
 *
 * @category getters
 * @since 0.1.0
 */
export const extension = ({ elements, isArray, isLettered }: Property, index: number): string => {
  if (!isArray) return ""
  if (index === all) return ".ALL"
  if (index === byte) return ".BYTE"
  if (elements === -1) return ".xxx"
  if (elements === 0) return ".000"
  return isLettered ? `.${String.fromCharCode(65 + index)}` : `.${index}`
}

/**
 * The type of a property, or of one of its elements.
 *
 * @category getters
 * @since 0.1.0
 */
export const record = (property: Property, index: number): TypeRecord.TypeRecord => {
  const { access, change, elements, isArray, kind } = property
  return {
    kind,
    index: isArray ? index : 0,
    elements,
    access,
    length: fullLength(property, index),
    change
  }
}

/**
 * What the values of a property are in, under the scales of a client or of a call: `°C`, `mbar`, or its own unit, whatever the
 * scales are. Nothing where they are in nothing, or where that is not known.
 *
 * **Example** (Listing what a sensor measures)
 *
 * ```ts
 * import { Family, Property } from "@effect-ownet/core"
 * import { DS2438 } from "@effect-ownet/core/families"
 *
 * const scales = { temperatureScale: "F", pressureScale: "mbar" } as const // or the flags of a client
 *
 * const units = new Map(Family.properties(DS2438).map((property) => [property.name, Property.unitOf(property, scales)]))
 *
 * units.get("temperature") // => "°F"
 * units.get("VAD") // => "V"
 * units.get("type") // => undefined
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const unitOf = ({ kind, unit }: Pick<Property, "kind" | "unit">, scales: Scales): string | undefined =>
  unitIn(kind, unit, scales)

/**
 * The same of a property that is taken apart.
 *
 * @internal
 */
export const unitIn = (
  kind: TypeRecord.Kind,
  unit: string | undefined,
  { pressureScale, temperatureScale }: Scales
): string | undefined => {
  if (unit !== undefined) return unit === "" ? undefined : unit
  if (kind === "t" || kind === "g") return Temperature.symbol(temperatureScale)
  return kind === "p" ? pressureScale : undefined
}

/**
 * The most bytes that a value takes.
 *
 * @internal
 */
export const fullLength = ({ elements, kind, length }: Property, index: number): number => {
  if (index === byte) return 12
  if (index !== all) return length
  return kind === "b" ? elements * length : elements * (length + 1) - 1
}
