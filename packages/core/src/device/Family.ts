/**
 * A family of devices: one chip, its family codes, and its properties with their types.
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
 * The names of a family's properties, with the type of each: what can be read, and what can be written.
 *
 * @category models
 * @since 0.1.0
 */
export interface Properties {
  readonly read: object
  readonly write: object
}

/**
 * What the property of a device may be worth. An array has an array of these, except for bytes and dates.
 *
 * @category models
 * @since 0.1.0
 */
export type Scalar = number | boolean | string | Uint8Array | Date

/**
 * The value of a property, whatever it is.
 *
 * @category models
 * @since 0.1.0
 */
export type Value = Scalar | ReadonlyArray<Scalar>

/**
 * The properties of a device whose family is not known to the compiler: any name, and any value.
 *
 * @category models
 * @since 0.1.0
 */
export interface Unknown extends Properties {
  readonly read: { readonly [name: string]: Value }
  readonly write: { readonly [name: string]: Value }
}

/**
 * What several families have in common: the properties that each has. Reading one
 * gives the union of their types, and writing takes what every family accepts.
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
 * A family of devices. Those that servers know are in `@effect-ownet/core/families`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Family<out P extends Properties = Properties> {
  /** Its family codes: one, for most chips; none, where it may be any. */
  readonly codes: ReadonlyArray<string>
  /** The name of the chip, as a server has it in `type`. */
  readonly chip: string
  /** Its properties in compact form; `properties` reads them. */
  readonly records: string
  /** The names and types of its properties. There is nothing of them at run time. */
  readonly "~properties"?: P | undefined
}

/**
 * Finds a family by its code, such as `Catalogue.of`.
 *
 * @category models
 * @since 0.1.0
 */
export type Lookup = (code: string) => Option.Option<Family>

/**
 * Whatever family a device is of. The types of its properties are asked of the server where they are first used, so that the
 * compiler knows nothing of them: each value is to be looked at.
 *
 * **Example** (Reading a chip that nobody has heard of)
 *
 * ```ts
 * import { Device, Family } from "@effect-ownet/core"
 * import { Effect } from "effect"
 *
 * const version = Effect.gen(function*() {
 *   const device = yield* Device.makeUnsafe(Family.unknown, "FC.0000FC000000")
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
  /** Those without elements, as they are found: to find one makes nothing new. */
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
 * All properties of a family, also those which not each of its devices has.
 *
 * **Example** (Seeing what a thermometer lets one write)
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
 * Finds a property by its name, with the extension of an element: `PIO.3`, `PIO.ALL`. For a name that is written in the program
 * there is `findUnsafe`.
 *
 * **Example** (Asking what a relay takes)
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
 * A property of a family that is known when the program is written: `find` that throws an `IllegalArgumentError` if there is none.
 * The compiler checks the name.
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
 * The names of all properties as they are read: of an array, that of the whole; of one that has none, because it is keyed by
 * anything, as servers list it, `.xxx` or `.000`.
 *
 * @category getters
 * @since 0.1.0
 */
export const names = (family: Family): ReadonlyArray<string> =>
  properties(family).map((property) => property.name + Property.extension(property, property.elements > 0 ? all : 0))

/**
 * Whether a family code is one of a family's, as servers look it up: by the code itself, or by the one that differs in bit 7.
 * Any is of `unknown`.
 *
 * @category predicates
 * @since 0.1.0
 */
export const has = ({ codes }: Family, code: string): boolean =>
  codes.length === 0 || codes.includes(FamilyCode.driver(code))
