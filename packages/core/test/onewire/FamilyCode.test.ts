import { FamilyCode } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { assert, describe, it } from "@effect/vitest"

const all = Array.from({ length: 256 }, (_, code) => code.toString(16).toUpperCase().padStart(2, "0"))

describe("FamilyCode", () => {
  it("knows exactly the codes of the families", () => {
    const codes = Object.values(Families).flatMap((family) => family.codes)
    assert.deepStrictEqual([...FamilyCode.known].toSorted(), codes.toSorted())
  })

  it("looks past bit 7, unless there is a driver for the very code", () => {
    assert.deepStrictEqual(
      ["28", "A8", "26", "A6", "BA", "9F", "A2", "22"].map(FamilyCode.driver),
      ["28", "28", "26", "A6", "3A", "1F", "A2", "22"]
    )
  })

  it("is a code that there is a driver for, or stays as it is", () => {
    for (const code of all) {
      const driver = FamilyCode.driver(code)
      assert.strictEqual(FamilyCode.driver(driver), driver, code)
      if (!FamilyCode.known.has(driver)) assert.strictEqual(driver, code)
    }
  })
})
