/**
 * A family of devices: one chip, its family codes, and its typed properties.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import * as Option from "effect/Option"
import * as FamilyCode from "../onewire/FamilyCode.ts"
import { all } from "../protocol/TypeRecord.ts"
import { indexOf, parse as parseProperties } from "./internal/property.ts"
import * as Property from "./Property.ts"

/**
 * Names and types of a family's properties, those that can be read and those that can be written.
 *
 * @category models
 * @since 0.1.0
 */
export interface Properties {
  readonly read: object
  readonly write: object
}

/**
 * A value of a device's property. An array has an array of these, except for bytes and dates.
 *
 * @category models
 * @since 0.1.0
 */
export type Scalar = number | boolean | string | Uint8Array | Date

/**
 * The value of any property.
 *
 * @category models
 * @since 0.1.0
 */
export type Value = Scalar | ReadonlyArray<Scalar>

/**
 * The properties of a device whose family the compiler does not know: any name, and any value.
 *
 * @category models
 * @since 0.1.0
 */
export interface Unknown extends Properties {
  readonly read: { readonly [name: string]: Value }
  readonly write: { readonly [name: string]: Value }
}

/**
 * Properties that several families have in common. Reading one gives the union of their types; writing accepts only values that
 * every family accepts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Common<P extends Properties> extends Properties {
  readonly read: { readonly [N in keyof P["read"]]: P["read"][N] }
  readonly write: { readonly [N in keyof P["write"]]: Taken<P, N> }
}

type Taken<P extends Properties, N> = (
  P extends unknown ? (value: N extends keyof P["write"] ? P["write"][N] : never) => void : never
) extends (value: infer A) => void ? A
  : never

/**
 * A family of devices. The families that servers support are in `@effect-ownet/core/families`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Family<out P extends Properties = Properties> {
  /** Family codes: one for most chips, and none if the device can be of any family. */
  readonly codes: ReadonlyArray<string>
  /** Name of the chip, as the server reports it in `type`. */
  readonly chip: string
  /** Properties in compact form. `properties` reads them. */
  readonly records: string
  /** Names and types of the properties. Exists only in types. */
  readonly "~properties"?: P | undefined
}

/**
 * Finds a family by its family code, such as `Catalogue.of`.
 *
 * @category models
 * @since 0.1.0
 */
export type Lookup = (code: string) => Option.Option<Family>

/**
 * Any family. The types of the properties are requested from the server on first use, so the compiler does not know them, and you
 * must check each value.
 *
 * **Example** (Reading an unknown chip)
 *
 * ```ts
 * import { Device, Family } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const version = Effect.gen(function*() {
 *   const device = yield* Device.make(Family.unknown, "FC.0000FC000000")
 *   return yield* device.read("version") // a Family.Value
 * })
 * ```
 *
 * @category families
 * @since 0.1.0
 */
export const unknown: Family<Unknown> = { codes: [], chip: "device", records: "" }

interface Parsed {
  readonly properties: ReadonlyMap<string, Property.Property>
  /** Properties without elements, already wrapped, so that finding one allocates nothing. */
  readonly scalars: ReadonlyMap<string, Option.Option<Property.Element>>
}

const parsed = new WeakMap<Family, Parsed>()

const parse = (family: Family): Parsed => {
  let known = parsed.get(family)
  if (known === undefined) {
    const properties = parseProperties(family.records)
    known = {
      properties: new Map(properties.map((property) => [property.name, property])),
      scalars: new Map(
        properties.filter(({ isArray }) => !isArray).map((
          property
        ) => [property.name, Option.some(elementOf(property, property.name, 0))])
      )
    }
    parsed.set(family, known)
  }
  return known
}

const elementOf = (property: Property.Property, name: string, index: number): Property.Element => ({
  name,
  record: Property.record(property, index),
  range: property.range,
  unit: property.unit
})

/**
 * All properties of a family, including those that not every device has.
 *
 * **Example** (Listing the writable properties of a thermometer)
 *
 * ```ts
 * import { Family } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 *
 * Family.properties(DS18B20)
 *   .filter((property) => property.access === "rw")
 *   .map((property) => property.name) // => ["alias", "errata/trim", "errata/trimblanket", "temphigh", "templow", "tempres"]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const properties = (family: Family): ReadonlyArray<Property.Property> => [...parse(family).properties.values()]

/**
 * Finds a property by its name, with the extension of an element: `PIO.3`, `PIO.ALL`. For a name that is a literal in your
 * program, use `findUnsafe`.
 *
 * **Example** (Looking up the values that a relay accepts)
 *
 * ```ts
 * import { Family } from "@effect-ownet/core"
 * import { DS2408 } from "@effect-ownet/core/families"
 * import { Option } from "effect"
 *
 * Option.map(Family.find(DS2408, "PIO.3"), (element) => element.record.access) // => Option.some("rw")
 * Family.find(DS2408, "PIO.8") // => Option.none()
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const find = (family: Family, name: string): Option.Option<Property.Element> => {
  const { properties, scalars } = parse(family)
  const scalar = scalars.get(name)
  if (scalar !== undefined) return scalar
  const dot = name.indexOf(".", name.lastIndexOf("/") + 1)
  const property = dot < 0 ? undefined : properties.get(name.slice(0, dot))
  if (property?.isArray !== true) return Option.none()
  return Option.map(indexOf(property, name.slice(dot + 1)), (index) => elementOf(property, name, index))
}

/**
 * Finds a property whose name is a literal in your program. Throws an `IllegalArgumentError` if there is none. The compiler
 * checks the name.
 *
 * **Example** (Looking up the limits of a thermometer)
 *
 * ```ts
 * import { Family } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 *
 * Family.findUnsafe(DS18B20, "temperature").range // => [-55, 125]
 * ```
 *
 * @category getters
 * @since 0.1.0
 */
export const findUnsafe = <P extends Properties>(
  family: Family<P>,
  name: (keyof P["read"] | keyof P["write"]) & string
): Property.Element =>
  Option.getOrThrowWith(
    find(family, name),
    () => new Cause.IllegalArgumentError(`a ${family.chip} has no ${name}`)
  )

/**
 * Names of all properties as they are read: for an array, the name of the whole. An array keyed by any text or number has none;
 * it has the name that servers list, with `.xxx` or `.000`.
 *
 * @category getters
 * @since 0.1.0
 */
export const names = (family: Family): ReadonlyArray<string> =>
  properties(family).map((property) => property.name + Property.extension(property, property.elements > 0 ? all : 0))

/**
 * Whether a family has a family code. As on servers, a code that differs only in bit 7 also matches. `unknown` has every code.
 *
 * @category predicates
 * @since 0.1.0
 */
export const has = ({ codes }: Family, code: string): boolean =>
  codes.length === 0 || codes.includes(FamilyCode.driver(code))
