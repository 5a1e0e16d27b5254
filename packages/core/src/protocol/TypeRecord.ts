/**
 * The records below `/structure`, with which a server describes the type of each property: `t,000000,000001,ro,000012,v,`.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"

/**
 * The kind of a property's value, by the server's letter.
 *
 * | letter | value |
 * |---|---|
 * | `i` `u` `f` | a whole number, one that is not negative, a number |
 * | `t` `g` `p` | a temperature, a difference of temperatures, a pressure, in the scale of the request |
 * | `y` | yes or no; of a bit field, all of its bits |
 * | `a` `l` | text, an alias |
 * | `b` | bytes |
 * | `d` | a date |
 * | `D` | a directory: a branch of a coupler |
 *
 * @category models
 * @since 0.1.0
 */
export type Kind = "i" | "u" | "f" | "t" | "g" | "p" | "y" | "a" | "l" | "b" | "d" | "D"

/**
 * Access to a property: read-only, read-write, write-only, or only present.
 *
 * @category models
 * @since 0.1.0
 */
export type Access = "ro" | "rw" | "wo" | "oo"

/**
 * How soon a property changes: `f` never, `s` rarely, `v` at any time, `t` with the time of day. A server caches a value for a
 * corresponding time: forever, 5 minutes, 15 seconds or 1 second.
 *
 * @category models
 * @since 0.1.0
 */
export type Change = "f" | "s" | "v" | "t"

/**
 * The type of a property, or of an element of one.
 *
 * @category models
 * @since 0.1.0
 */
export interface TypeRecord {
  readonly kind: Kind
  /** The element of an array, from 0; `all` or `byte`. 0 if the property is not an array. */
  readonly index: number
  /** Number of elements. 1 if the property is not an array, -1 for an array keyed by text, 0 for one keyed by any number. */
  readonly elements: number
  readonly access: Access
  /** Maximum length of a value, in bytes. */
  readonly length: number
  readonly change: Change
}

/**
 * The index of `.ALL`, a whole array.
 *
 * @category constants
 * @since 0.1.0
 */
export const all = -1

/**
 * The index of `.BYTE`, a whole bit field as one number.
 *
 * @category constants
 * @since 0.1.0
 */
export const byte = -2

const form = /^([iuftgpyalbdD]),(-?\d{6,}),(-?\d{6,}),(ro|rw|wo|oo),(-?\d{6,}),([fsvt]),$/

/**
 * Parses a record. `None` for any other text.
 *
 * **Example** (The type of a temperature)
 *
 * ```ts
 * import { TypeRecord } from "@effect-ownet/core"
 * import { Option } from "effect"
 *
 * Option.map(TypeRecord.fromString("t,000000,000001,ro,000012,v,"), TypeRecord.isWritable) // => Option.some(false)
 * TypeRecord.fromString("21.5") // => Option.none()
 * ```
 *
 * @category decoding
 * @since 0.1.0
 */
export const fromString = (text: string): Option.Option<TypeRecord> => {
  const match = form.exec(text)
  if (match === null) return Option.none()
  const [, kind, index, elements, access, length, change] = match
  return Option.some({
    // The pattern allows only these letters.
    kind: kind as Kind,
    index: Number(index),
    elements: Number(elements),
    access: access as Access,
    length: Number(length),
    change: change as Change
  })
}

/**
 * Formats a record as a server does.
 *
 * @category formatting
 * @since 0.1.0
 */
export const format = ({ access, change, elements, index, kind, length }: TypeRecord): string =>
  [kind, digits(index), digits(elements), access, digits(length), change, ""].join(",")

const digits = (value: number): string => `${value < 0 ? "-" : ""}${String(Math.abs(value)).padStart(6, "0")}`

/**
 * Whether a value of this type can be read.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isReadable = ({ access }: Pick<TypeRecord, "access">): boolean => access.startsWith("r")

/**
 * Whether a value of this type can be written.
 *
 * @category predicates
 * @since 0.1.0
 */
export const isWritable = ({ access }: Pick<TypeRecord, "access">): boolean => access.includes("w")
