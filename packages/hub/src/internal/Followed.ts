/**
 * Properties that a hub follows: of each device its main values, and the inputs and outputs that are not among those.
 */
import { type Family, Follow } from "@effect-ownet/core"
import * as MainValues from "@effect-ownet/core/device/MainValues"
import * as Families from "@effect-ownet/core/families"
import * as Option from "effect/Option"
import * as Parts from "./Parts.ts"

/** Targets that a hub follows. */
export const targets = [
  Follow.all(),
  Follow.families([Families.DS2450, Families.DS28EA00], ["PIO.ALL"]),
  Follow.families([Families.DS28EA00], ["sensed.ALL"]),
  Follow.families([Families.DS2740], ["PIO"])
]

const known = new WeakMap<Family.Family, ReadonlySet<string>>()

/** The parts of the properties that a hub follows of the devices of a family, also those that not each of them has. */
export const of = (family: Family.Family): ReadonlySet<string> => {
  let parts = known.get(family)
  if (parts === undefined) {
    const [code = ""] = family.codes
    const names = targets.flatMap(({ families, isAny, properties }): ReadonlyArray<string> =>
      isAny ? MainValues.ofFamily(family) : Option.isSome(families(code)) ? properties ?? [] : []
    )
    parts = new Set(names.flatMap((name) => Parts.names({ family }, name)))
    known.set(family, parts)
  }
  return parts
}
