import { FamilyCode } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"

describe("Catalogue", () => {
  it("has all families, each under its codes", () => {
    assert.sameMembers([...Catalogue.families], Object.values(Families))
    for (const family of Catalogue.families) {
      for (const code of family.codes) assert.deepStrictEqual(Catalogue.of(code), Option.some(family), code)
    }
  })

  it("has a family under the code with bit 7 turned over, and none under a code that nobody knows", () => {
    assert.deepStrictEqual(Catalogue.of("A8"), Option.some(Families.DS18B20))
    assert.deepStrictEqual(Catalogue.of("BA"), Option.some(Families.DS2413))
    assert.deepStrictEqual(Catalogue.of("99"), Option.none())
    for (const code of FamilyCode.known) assert.isTrue(Option.isSome(Catalogue.of(code)), code)
  })
})
