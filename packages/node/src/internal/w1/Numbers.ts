/**
 * Numbers in the files of a kernel driver.
 */
import type * as Bus from "@effect-ownet/core/server/Bus"
import * as Effect from "effect/Effect"
import * as Code from "./Code.ts"

/** A whole number of 32 bits, as C prints it. */
export const integer = (text: string): Effect.Effect<number, number> => {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return value >= -(2 ** 31) && value < 2 ** 32 ? Effect.succeed(value + 0) : Effect.fail(Code.fault)
}

/** `ENODEV`, as drivers print it in place of a value. */
const noDevice = -19

/** A number that is never negative. Some drivers print a negated `errno` instead, and report the read as a success. */
const unsigned = (text: string): Effect.Effect<number, number> =>
  Effect.filterOrFail(
    integer(text),
    (value) => value >= 0,
    (value) => value === noDevice ? Code.absent : Code.fault
  )

/** A number in a range that does not begin below 0. */
export const within = (text: string, least: number, most: number): Effect.Effect<number, number> =>
  Effect.filterOrFail(unsigned(text), (value) => value >= least && value <= most, () => Code.fault)

/** The number that is written to a property of one element. */
export const written = ({ values }: Bus.Written): Effect.Effect<number, number> => {
  const value = values[0]?.[1]
  return typeof value === "number" && Number.isFinite(value) ? Effect.succeed(value) : Effect.fail(Code.invalid)
}
