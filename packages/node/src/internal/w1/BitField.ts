/**
 * The channels of a switch, as bits of one number: channel `A` or `0` is bit 0.
 */
import * as TypeRecord from "@effect-ownet/core/protocol/TypeRecord"
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import * as Code from "./Code.ts"

const bit = (bits: number, index: number): number => bits >> index & 1

/** All bits of a property's elements. */
const mask = (elements: number): number => 2 ** elements - 1

/** The values of the requested elements. */
export const values = ({ index, property }: Bus.Element, bits: number): ReadonlyArray<number> => {
  if (index === TypeRecord.all) return Array.from({ length: property.elements }, (_, at) => bit(bits, at))
  return [index === TypeRecord.byte ? bits & mask(property.elements) : bit(bits, index)]
}

/** Whether all elements are written, so that the current values do not matter. */
export const isWhole = ({ property, values }: Bus.Written): boolean =>
  values.some(([index]) => index === TypeRecord.byte) ||
  Array.from({ length: property.elements }, (_, at) => at).every((at) => values.some(([index]) => index === at))

/** The bits after a write. */
export const written = (
  { property: { elements }, values }: Bus.Written,
  before: number
): Effect.Effect<number, number> => {
  let bits = before
  for (const [index, value] of values) {
    if (typeof value !== "number" || !Number.isInteger(value)) return Effect.fail(Code.invalid)
    if (index === TypeRecord.byte) {
      if (value < 0 || value > mask(elements)) return Effect.fail(Code.outOfRange)
      bits = value
    } else if (index >= 0 && index < elements) {
      bits = value === 0 ? bits & ~(1 << index) : bits | 1 << index
    } else return Effect.fail(Code.invalid)
  }
  return Effect.succeed(bits)
}
