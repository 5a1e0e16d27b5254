import { ControlFlags, Family, Property, TypeRecord } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { assert, describe, it } from "@effect/vitest"
import { Option } from "effect"
import { indexOf, parse } from "../../src/device/internal/property.ts"

const [volt, pio, page, key, prime, humidity, reset, id, gain] = parse(`
volt f4L ro 12 v 0..5.12 V
PIO y8B rw 1 s
pages/page b16 rw 32 s
subkey0/id bx rw 8 s
is_index_prime yn ro 1 v
DATANAB/humidity f ro 12 v -5..105 %RH -
EDS0067/reset y wo 1 s =
odd%20name u rw 12 t -0.25..1e-3
gain p rw 12 s ~ =
`)

const indices = [0, 1, 25, TypeRecord.all, TypeRecord.byte]

describe("Property", () => {
  it("is read from a line", () => {
    assert.deepStrictEqual(volt, {
      name: "volt",
      kind: "f",
      elements: 4,
      isArray: true,
      isLettered: true,
      isBitField: false,
      access: "ro",
      length: 12,
      change: "v",
      range: [0, 5.12],
      unit: "V",
      isOptional: false,
      isDirectoryListed: false
    })
    assert.deepStrictEqual([pio.isBitField, pio.isLettered, pio.range, pio.unit], [true, false, undefined, undefined])
    assert.deepStrictEqual([key.elements, key.isArray, prime.elements, prime.isArray], [-1, true, 0, true])
    assert.deepStrictEqual([humidity.elements, humidity.isArray, humidity.range], [1, false, [-5, 105]])
    assert.deepStrictEqual([humidity.isOptional, humidity.isDirectoryListed], [true, false])
    assert.deepStrictEqual([humidity.unit, reset.unit, gain.unit, gain.range], ["%RH", undefined, "", undefined])
    assert.deepStrictEqual([gain.isOptional, gain.isDirectoryListed], [true, true])
    assert.deepStrictEqual([reset.isOptional, reset.isDirectoryListed], [true, true])
    assert.deepStrictEqual([id.name, id.range], ["odd name", [-0.25, 0.001]])
    assert.deepStrictEqual(parse(""), [])
  })

  it("has extensions for its elements", () => {
    const extensions = (property: Property.Property) => indices.map((index) => Property.extension(property, index))
    assert.deepStrictEqual(extensions(volt), [".A", ".B", ".Z", ".ALL", ".BYTE"])
    assert.deepStrictEqual(extensions(pio), [".0", ".1", ".25", ".ALL", ".BYTE"])
    assert.deepStrictEqual(Property.extension(key, 0), ".xxx")
    assert.deepStrictEqual(Property.extension(prime, 7), ".000")
    assert.deepStrictEqual(extensions(humidity), ["", "", "", "", ""])
  })

  it("finds the element that an extension stands for, as servers do", () => {
    const found = (property: Property.Property, ...keys: ReadonlyArray<string>) =>
      keys.map((key) => Option.getOrUndefined(indexOf(property, key)))
    assert.deepStrictEqual(found(volt, "A", "d", "ALL", "all"), [0, 3, TypeRecord.all, TypeRecord.all])
    assert.deepStrictEqual(found(volt, "E", "0", "BYTE", "", "AA", "@"), Array(6).fill(undefined))
    assert.deepStrictEqual(found(pio, "0", "7", "007", "Byte", "All"), [0, 7, 7, TypeRecord.byte, TypeRecord.all])
    assert.deepStrictEqual(found(pio, "8", "-1", "A", "", "1.0", "1e0", " 1"), Array(7).fill(undefined))
    assert.deepStrictEqual(found(page, "15", "16"), [15, undefined])
    assert.deepStrictEqual(found(key, "ALL", "anything", ""), [0, 0, 0])
    assert.deepStrictEqual(found(prime, "0", "4711", "-1", "ALL", ""), [0, 4711, undefined, undefined, undefined])
  })

  it("has a type record for each of its elements", () => {
    const text = (property: Property.Property, index: number) => TypeRecord.format(Property.record(property, index))
    assert.strictEqual(text(volt, 2), "f,000002,000004,ro,000012,v,")
    assert.strictEqual(text(volt, TypeRecord.all), "f,-000001,000004,ro,000051,v,")
    assert.strictEqual(text(pio, TypeRecord.byte), "y,-000002,000008,rw,000012,s,")
    assert.strictEqual(text(page, TypeRecord.all), "b,-000001,000016,rw,000512,s,")
    assert.strictEqual(text(key, 0), "b,000000,-000001,rw,000008,s,")
    assert.strictEqual(text(prime, 7), "y,000007,000000,ro,000001,v,")
    // Whatever is asked for, there is one.
    assert.strictEqual(text(humidity, 3), "f,000000,000001,ro,000012,v,")
  })

  it("has the unit of its scale, or its own", () => {
    const units = (name: string) => {
      const property = Family.properties(Families.DS2438).find((property) => property.name === name) ??
        assert.fail(name)
      return ControlFlags.TemperatureScale.literals.flatMap((temperatureScale) =>
        ControlFlags.PressureScale.literals.map((pressureScale) =>
          Option.getOrUndefined(Property.unitOf(property, { temperatureScale, pressureScale }))
        )
      )
    }
    const same = (unit: string | undefined) => Array.from({ length: 24 }, () => unit)
    assert.deepStrictEqual(units("temperature"), ["°C", "°F", "K", "°R"].flatMap((unit) => Array(6).fill(unit)))
    assert.deepStrictEqual(
      units("B1-R1-A/pressure"),
      Array.from({ length: 4 }, () => ["mbar", "atm", "mmHg", "inHg", "psi", "Pa"]).flat()
    )
    assert.deepStrictEqual(units("VAD"), same("V"))
    assert.deepStrictEqual(units("S3-R1-A/current"), same("µA"))
    assert.deepStrictEqual(units("B1-R1-A/gain"), same(undefined))
    assert.deepStrictEqual(units("udate"), same(undefined))
    assert.deepStrictEqual(units("type"), same(undefined))
    // A difference has the unit of what it is the difference of.
    const flags = ControlFlags.decode(0)
    assert.deepStrictEqual(Property.unitOf({ kind: "g", unit: undefined }, flags), Option.some("°C"))
    assert.deepStrictEqual(
      Property.unitOf({ kind: "g", unit: undefined }, { ...flags, temperatureScale: "R" }),
      Option.some("°R")
    )
  })

  it("has a unit that is known, in every family, and only of numbers", () => {
    const known = "V A µA Vh Ah Ω % %RH ppm lux lux/µA inHg s min h rpm bit".split(" ")
    const seen = new Map<string, number>()
    for (const family of Object.values(Families)) {
      for (const { kind, name, unit } of Family.properties(family)) {
        if (unit === undefined) continue
        // Those of a scale have its unit, or are in none at all.
        assert.include(unit === "" ? ["t", "p"] : ["f", "i", "u"], kind, `${family.chip} ${name}`)
        seen.set(unit, (seen.get(unit) ?? 0) + 1)
      }
    }
    assert.deepStrictEqual([...seen.keys()].toSorted(), ["", ...known].toSorted())
    assert.strictEqual(seen.get(""), 4)
  })

  it("is found again by the name of each element, in every family", () => {
    let elements = 0
    for (const family of Object.values(Families)) {
      for (const property of Family.properties(family)) {
        const { isArray, isBitField, name } = property
        const last = property.elements - 1
        const all = property.elements > 0 ? [TypeRecord.all, ...isBitField ? [TypeRecord.byte] : []] : []
        for (const index of isArray ? [...all, 0, Math.max(0, last)] : [0]) {
          const element = Option.getOrThrow(Family.find(family, name + Property.extension(property, index)))
          assert.deepStrictEqual(element.record, Property.record(property, index), `${family.chip} ${name}`)
          assert.strictEqual(element.range, property.range)
          assert.strictEqual(element.unit, property.unit)
          elements++
        }
      }
    }
    assert.isAbove(elements, 2000)
  })
})
