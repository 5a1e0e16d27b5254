/** Properties that a hub follows: the main values of each device, and the inputs and outputs that are not among them. */
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

/** The parts of the properties that a hub follows, for a family, including parts that only some devices have. */
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
