/**
 * A property of a family of devices: the type that a server reports, and what is known of its values.
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
  /** Path below the device, without the extension of an element: `temperature`, `PIO`, `pages/page`. */
  readonly name: string
  readonly kind: TypeRecord.Kind
  /** 1 for no array, -1 for an array keyed by any text, 0 for one keyed by any number. */
  readonly elements: number
  readonly isArray: boolean
  /** Whether the elements are called `A`, `B`, … instead of `0`, `1`, … */
  readonly isLettered: boolean
  /** Whether it also has the extension `BYTE`. */
  readonly isBitField: boolean
  readonly access: TypeRecord.Access
  /** Maximum length of one element's value, in bytes. */
  readonly length: number
  readonly change: TypeRecord.Change
  /** Range that the chip can measure or accepts, if known: in degrees Celsius, millibar, or the property's own unit. */
  readonly range: readonly [least: number, most: number] | undefined
  /**
   * Unit of the values, as people print it: `V`, `%RH`, `lux`, `min`. `undefined` if it is unknown, if there is none, or if it
   * depends on a scale: `unitOf` includes that case. Empty if the values are in no scale, even if `kind` has one.
   */
  readonly unit: string | undefined
  /** Whether some devices of the family do not list it: the chip, or the hardware connected to it, may lack it. */
  readonly isOptional: boolean
  /** Whether it is optional although its directory is always listed. */
  readonly isDirectoryListed: boolean
}

/**
 * A property without elements, one element of an array, or the whole array.
 *
 * @category models
 * @since 0.1.0
 */
export interface Element {
  /** Path below the device: `temperature`, `PIO.3`, `PIO.ALL`, `pages/page.0`. */
  readonly name: string
  readonly record: TypeRecord.TypeRecord
  /** Range that the chip can measure or accepts, if known: in degrees Celsius, millibar, or the property's own unit. */
  readonly range: readonly [least: number, most: number] | undefined
  /** Unit of the values, as in `Property`. */
  readonly unit: string | undefined
}

/**
 * The scales of the values of a client or a call. `Client.flags` has them.
 *
 * @category models
 * @since 0.1.0
 */
export type Scales = Pick<ControlFlags.ControlFlags, "temperatureScale" | "pressureScale">

/**
 * The suffix of an element's name: `.3`, `.B`, `.ALL`, `.BYTE`, or nothing.
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
 * The unit of a property's values under the scales of a client or a call: `°C`, `mbar`, or its own unit, which no scale changes.
 * `None` if there is none, or if it is unknown.
 *
 * **Example** (Listing the properties of a sensor with their units)
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
