import { Family, TypeRecord } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Option } from "effect"

const catalogue: ReadonlyArray<Family.Family> = Object.values(Families)

describe("Family", () => {
  it("finds a property by its name", () => {
    assert.deepStrictEqual(
      Family.find(Families.DS18B20, "temphigh"),
      Option.some({
        name: "temphigh",
        record: { kind: "t", index: 0, elements: 1, access: "rw", length: 12, change: "s" },
        range: [-128, 127],
        unit: undefined
      })
    )
    assert.strictEqual(Family.findUnsafe(Families.DS2450, "volt.D").unit, "V")
    assert.strictEqual(Family.findUnsafe(Families.DS2438, "B1-R1-A/gain").unit, "")
    assert.strictEqual(Family.findUnsafe(Families.DS2408, "PIO.BYTE").record.index, TypeRecord.byte)
    assert.strictEqual(Family.findUnsafe(Families.DS2450, "volt.D").record.index, 3)
    assert.strictEqual(Family.findUnsafe(Families.DS2438, "S3-R1-A/gain").record.kind, "f")
    assert.strictEqual(Family.findUnsafe(Families.DS1991, "subkey2/id.my key").record.elements, -1)
    assert.strictEqual(
      Family.findUnsafe(Families.EDS, "EDS0067/threshold/light_hi ").name,
      "EDS0067/threshold/light_hi "
    )
  })

  it("throws for a name that none of its properties has", () => {
    // What the compiler knows of the family is not what it has.
    const family: Family.Family<Family.Unknown> = { ...Families.DS2408, "~properties": undefined }
    assert.strictEqual(Family.findUnsafe(family, "PIO.3").name, "PIO.3")
    assert.throws(() => Family.findUnsafe(family, "PIO.8"), "a DS2408 has no PIO.8")
    try {
      Family.findUnsafe(family, "PIO.8")
    } catch (error) {
      assert.isTrue(Cause.isIllegalArgumentError(error))
    }
    // @ts-expect-error a DS2408 has eight
    assert.throws(() => Family.findUnsafe(Families.DS2408, "PIO.8"))
  })

  it("finds nothing else", () => {
    const wrong: ReadonlyArray<readonly [Family.Family, ReadonlyArray<string>]> = [
      [Families.DS18B20, ["", "temp", "Temperature", "temperature.0", "temperature.", "temperature/", "/temperature"]],
      [Families.DS18B20, ["errata", "errata/", "die", "constructor", "__proto__", "toString"]],
      [Families.DS2408, ["PIO", "PIO.", "PIO.8", "PIO.A", "PIO.-1", "PIO.0.1", "LCD_H"]],
      [Families.DS2450, ["volt.0", "volt.E", "volt.BYTE"]],
      [Families.DS2433, ["pages/page", "pages.0/page", "page.0", "pages/page.16"]],
      [Family.unknown, ["temperature", "address", ""]]
    ]
    for (const [family, names] of wrong) {
      for (const name of names) {
        assert.deepStrictEqual(Family.find(family, name), Option.none(), `${family.chip} ${name}`)
      }
    }
  })

  it("names all its properties, so that each is found", () => {
    for (const family of catalogue) {
      const names = Family.names(family)
      assert.strictEqual(names.length, Family.properties(family).length)
      assert.strictEqual(new Set(names).size, names.length, family.chip)
      for (const name of names) {
        const { name: found, record } = Option.getOrThrow(Family.find(family, name))
        assert.strictEqual(found, name, family.chip)
        assert.isFalse(record.elements > 1 && record.index !== TypeRecord.all, name)
      }
    }
    assert.includeMembers([...Family.names(Families.DS1991)], ["subkey0/id.xxx", "subkey0/reset.xxx", "type"])
    assert.deepStrictEqual(Family.names(Family.unknown), [])
  })

  it("lists what can be written", () => {
    assert.deepStrictEqual(
      Family.properties(Families.DS18B20).filter(TypeRecord.isWritable).map(({ name }) => name),
      ["alias", "errata/trim", "errata/trimblanket", "temphigh", "templow", "tempres"]
    )
  })

  it("has the codes of its chip, and an unknown one has any", () => {
    assert.isTrue(Family.has(Families.DS18B20, "28"))
    assert.isFalse(Family.has(Families.DS18B20, "29"))
    assert.deepStrictEqual(["26", "A6", "27"].map((code) => Family.has(Families.DS2438, code)), [true, true, false])
    assert.deepStrictEqual(["28", "99", "00"].map((code) => Family.has(Family.unknown, code)), [true, true, true])
    // So has one of whoever describes it anew.
    assert.isTrue(Family.has({ ...Family.unknown, chip: "gadget" }, "99"))
  })

  it("is the only one of its codes", () => {
    const codes = catalogue.flatMap((family) => family.codes)
    assert.strictEqual(new Set(codes).size, codes.length)
    for (const code of codes) {
      assert.match(code, /^[0-9A-F]{2}$/)
      assert.strictEqual(catalogue.filter((family) => Family.has(family, code)).length, 1, code)
    }
  })

  it("may be one's own", () => {
    const gadget: Family.Family<{ readonly read: { readonly speed: number }; readonly write: object }> = {
      codes: ["99"],
      chip: "gadget",
      records: "speed f ro 12 v 0..300 km/h\nfan y4 rw 1 v"
    }
    assert.deepStrictEqual(Family.names(gadget), ["speed", "fan.ALL"])
    assert.deepStrictEqual(Family.findUnsafe(gadget, "speed").range, [0, 300])
    assert.strictEqual(Family.findUnsafe(gadget, "speed").unit, "km/h")
    assert.strictEqual(Option.getOrThrow(Family.find(gadget, "fan.3")).record.index, 3)
  })
})
