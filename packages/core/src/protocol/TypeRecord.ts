/**
 * The records below `/structure`, in which a server says of what type each property is: `t,000000,000001,ro,000012,v,`.
 *
 * @since 0.1.0
 */
import * as Option from "effect/Option"

/**
 * What kind of value a property has, by the server's letter.
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
 * What can be done with a property: read it, read and write it, write it, or only see that it is there.
 *
 * @category models
 * @since 0.1.0
 */
export type Access = "ro" | "rw" | "wo" | "oo"

/**
 * How soon a property changes: `f` never, `s` rarely, `v` at any time, `t` with the time of day. A server keeps a value
 * accordingly: for good, 5 minutes, 15 seconds, a second.
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
  /** Which element of an array, from 0; `all` or `byte`. 0 where there is no array. */
  readonly index: number
  /** 1 where there is no array, -1 for an array keyed by text, 0 for one keyed by any number. */
  readonly elements: number
  readonly access: Access
  /** The longest value, in bytes. */
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
 * Reads a record. `None` for anything else.
 *
 * **Example** (What a server says of a temperature)
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
    // The form admits these letters only.
    kind: kind as Kind,
    index: Number(index),
    elements: Number(elements),
    access: access as Access,
    length: Number(length),
    change: change as Change
  })
}

/**
 * Writes a record as a server does.
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
