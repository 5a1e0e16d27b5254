/**
 * A property of a family of devices: what a server says of its type, and what is known of its values.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"
import type * as ControlFlags from "../protocol/ControlFlags.ts"
import type * as TypeRecord from "../protocol/TypeRecord.ts"
import { all, byte } from "../protocol/TypeRecord.ts"
import { fullLength, unitIn } from "./internal/property.ts"

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
 * A property that has no elements, or one element of an array, or the whole array.
 *
 * @category models
 * @since 0.1.0
 */
export interface Element {
  /** Its path below the device: `temperature`, `PIO.3`, `PIO.ALL`, `pages/page.0`. */
  readonly name: string
  readonly record: TypeRecord.TypeRecord
  /** What the chip can measure or takes, where that is known: in degrees Celsius, millibar, or the property's own unit. */
  readonly range: readonly [least: number, most: number] | undefined
  /** What its values are in, as a `Property` has it. */
  readonly unit: string | undefined
}

/**
 * The scales in which a client or a call has its values. `Client.flags` has them.
 *
 * @category models
 * @since 0.1.0
 */
export type Scales = Pick<ControlFlags.ControlFlags, "temperatureScale" | "pressureScale">

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
 * scales are. `None` if they are in nothing, or if that is not known.
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
 * units.get("temperature") // => Option.some("°F")
 * units.get("VAD") // => Option.some("V")
 * units.get("type") // => Option.none()
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const unitOf = ({ kind, unit }: Pick<Property, "kind" | "unit">, scales: Scales): Option.Option<string> =>
  Option.fromUndefinedOr(unitIn(kind, unit, scales))
