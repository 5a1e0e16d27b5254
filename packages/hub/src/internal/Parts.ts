/**
 * Parts of a property, which are shown and kept separately. Each element of an array is a part, so that a relay stays the same no
 * matter which property it is read with.
 */
import { type Device, Family, Property, TypeRecord } from "@effect-ownet/core"
import * as Option from "effect/Option"

type Part = readonly [name: string, value: Family.Scalar | ReadonlyArray<Family.Scalar>]

const whole = ".ALL"

/** The extensions of the elements of an array; `undefined` if the family does not define them. */
const extensions = (family: Family.Family | undefined, stem: string): ReadonlyArray<string> | undefined => {
  if (family === undefined) return undefined
  const property = propertiesOf(family).get(stem)
  return property === undefined || !property.isArray || property.elements < 1 || isText(property)
    ? undefined
    : Array.from({ length: property.elements }, (_, index) => Property.extension(property, index))
}

const isText = ({ kind }: Property.Property): boolean => kind === "a" || kind === "b" || kind === "d" || kind === "l"

const known = new WeakMap<Family.Family, ReadonlyMap<string, Property.Property>>()

const propertiesOf = (family: Family.Family): ReadonlyMap<string, Property.Property> => {
  let properties = known.get(family)
  if (properties === undefined) {
    properties = new Map(Family.properties(family).map((property) => [property.name, property]))
    known.set(family, properties)
  }
  return properties
}

/** All parts of the properties of a family, with names that are known before any reading. */
export const all = (family: Family.Family): ReadonlyArray<readonly [name: string, property: Property.Property]> =>
  [...propertiesOf(family).values()].filter(({ access, elements, isArray, kind }) =>
    access !== "oo" && kind !== "D" && (!isArray || elements > 0)
  ).flatMap((property) =>
    names({ family }, property.name + Property.extension(property, TypeRecord.all)).map((name) =>
      [name, property] as const
    )
  )

/** The names of the parts of a property that are known before it is read. */
export const names = ({ family }: Pick<Device.AnyDevice, "family">, property: string): ReadonlyArray<string> => {
  if (!property.endsWith(whole)) return [property]
  const stem = property.slice(0, -whole.length)
  return extensions(family, stem)?.map((extension) => stem + extension) ?? [property]
}

/** The parts of a value. */
export const split = (
  { family }: Pick<Device.AnyDevice, "family">,
  property: string,
  value: Family.Value
): ReadonlyArray<Part> => {
  if (!isArray(value)) return [[property, value]]
  if (!property.endsWith(whole) || !value.every(isNumeric)) return [[property, value]]
  const stem = property.slice(0, -whole.length)
  const known = extensions(family, stem)
  return value.map((element, index) => [stem + (known?.[index] ?? `.${index}`), element])
}

/** The number that the history keeps for a value. Texts, bytes and dates have none. */
export const kept = (value: Part[1]): number | undefined =>
  typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : undefined

const isNumeric = (value: Family.Scalar): boolean => typeof value === "number" || typeof value === "boolean"

const isArray = (value: Family.Value): value is ReadonlyArray<Family.Scalar> => Array.isArray(value)

/** The family's description of a property, if it has one. */
export const element = (family: Family.Family | undefined, property: string): Property.Element | undefined =>
  family && Option.getOrUndefined(Family.find(family, property))
