/**
 * A named target to follow: a property, a device, or a family.
 */
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import type * as Family from "@effect-ownet/core/device/Family"
import * as Follow from "@effect-ownet/core/network/Follow"
import * as OwPath from "@effect-ownet/core/onewire/OwPath"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Failure from "../show/Failure.ts"

/** The target of a family code, the name of a chip, or a path. */
const fromString = (text: string): Result.Result<Follow.Target, Failure.UsageError> => {
  const family = familyOf(text)
  if (family !== undefined) return Result.succeed(Follow.families([family]))
  const parsed = OwPath.parse(text)
  if (Result.isFailure(parsed)) return refuse(parsed.failure.message)
  const { device, property, ...place } = parsed.success
  if (device === undefined) return refuse(`${JSON.stringify(text)} is not a device, a property of one, or a family`)
  const path = { ...place, device, property: undefined, uncached: false, unaliased: false, alarm: false }
  const properties = property === undefined ? undefined : [property]
  return Result.succeed(Follow.device(Catalogue.of, OwPath.format(path), properties))
}

const refuse = (message: string) => Result.fail(new Failure.UsageError({ message }))

const familyOf = (text: string): Family.Family | undefined =>
  /^[\dA-F]{2}$/i.test(text)
    ? ofCode(text.toUpperCase())
    : Catalogue.families.find(({ chip }) => chip.toUpperCase() === text.toUpperCase())

/** The family of a code. If no driver knows it, the family has only the code. */
export const ofCode = (code: string): Family.Family =>
  Option.getOrElse(Catalogue.of(code), () => ({ codes: [code], chip: `device of family ${code}`, records: "" }))

/** All devices, or the named targets. */
export const all = (named: ReadonlyArray<string>): Result.Result<ReadonlyArray<Follow.Target>, Failure.UsageError> =>
  named.length === 0 ? Result.succeed([Follow.all()]) : Result.all(named.map(fromString))
