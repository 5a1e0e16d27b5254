/**
 * A property of a family of devices: what a server says of its type, and what is known of its values.
 *
 * @since 0.1.0
 */
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
  /** Not listed by every device of the family: its chip, or what is connected to it, may lack it. */
  readonly isOptional: boolean
  /** It is optional, and its directory is listed all the same. */
  readonly isDirectoryListed: boolean
}

/**
 * Reads the compact form in which a family has its properties, one a line: name, type, access, length, change class; then a
 * range, and a mark for what is optional.
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
 * The most bytes that a value takes.
 *
 * @internal
 */
export const fullLength = ({ elements, kind, length }: Property, index: number): number => {
  if (index === byte) return 12
  if (index !== all) return length
  return kind === "b" ? elements * length : elements * (length + 1) - 1
}
