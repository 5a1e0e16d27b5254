import { ControlFlags, RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Array, Cause, Effect, HashSet, Option, Result, Schema } from "effect"

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))

const Bytes7 = Schema.Array(Byte).check(Schema.isMinLength(7), Schema.isMaxLength(7))

const id = (text: string): RomId.RomId => Option.getOrThrow(RomId.fromString(text))

describe("RomId", () => {
  it.prop("is read from all six formats in any case, and written in all of them", [Bytes7], ([bytes]) => {
    const whole = Uint8Array.from([...bytes, RomId.crc8(Uint8Array.from(bytes))])
    const id = Option.getOrThrow(RomId.fromBytes(whole))
    assert.deepStrictEqual(RomId.toBytes(id), whole)
    for (const format of ControlFlags.DeviceFormat.literals) {
      const text = RomId.format(id, format)
      assert.strictEqual(Option.getOrThrow(RomId.fromString(text)), id)
      assert.strictEqual(Option.getOrThrow(RomId.fromString(text.toLowerCase())), id)
    }
  }, { arbitrary: { runs: 200, seed: "rom" } })

  it("is spelt as servers spell it", () => {
    const id = Option.getOrThrow(RomId.fromString("1067C6697351FF8D"))
    assert.deepStrictEqual(ControlFlags.DeviceFormat.literals.map((format) => RomId.format(id, format)), [
      "10.67C6697351FF",
      "1067C6697351FF",
      "10.67C6697351FF.8D",
      "10.67C6697351FF8D",
      "1067C6697351FF.8D",
      "1067C6697351FF8D"
    ])
    assert.strictEqual(RomId.familyCode(id), "10")
  })

  it("is none with a wrong CRC, or without the right length", () => {
    for (const text of ["1067C6697351FF8E", "10.67C6697351F", "/10.67C6697351FF", "10.67C6697351FG", "", "boiler"]) {
      assert.isTrue(Option.isNone(RomId.fromString(text)), text)
    }
    assert.isTrue(Option.isNone(RomId.fromBytes(Uint8Array.of(0x28))))
  })

  it("is none of eight bytes whose CRC is wrong", () => {
    const bytes = RomId.toBytes("1067C6697351FF8D")
    assert.isTrue(Option.isSome(RomId.fromBytes(bytes)))
    for (let at = 0; at < 8; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Uint8Array.from(bytes)
        wrong[at] ^= 1 << bit
        assert.isTrue(Option.isNone(RomId.fromBytes(wrong)), `${at} ${bit}`)
      }
    }
  })

  it.prop("is read backwards, as on iButtons and by Linux, and from nothing else", [Bytes7], ([bytes]) => {
    const whole = Uint8Array.from([...bytes, RomId.crc8(Uint8Array.from(bytes))])
    const id = Option.getOrThrow(RomId.fromBytes(whole))
    const hex = Array.fromIterable(whole).toReversed().map((byte) => byte.toString(16).padStart(2, "0"))
    const expected = RomId.isGhost(id) ? Option.none() : Option.some(id)
    assert.deepStrictEqual(RomId.fromReversed(hex.join("")), expected)
    assert.deepStrictEqual(RomId.fromReversed(`${hex[7]}-${hex.slice(1, 7).join("")}`), Option.some(id))
    assert.deepStrictEqual(RomId.inspect(`${hex[7]}-${hex.slice(1, 7).join("")}`)._tag, "NoRomId")
    for (const format of ["f.i", "f.i.c", "fi"] as const) {
      assert.isTrue(Option.isNone(RomId.fromReversed(RomId.format(id, format))))
    }
  }, { arbitrary: { runs: 200, seed: "lid" } })

  it("is named by errors if it is written backwards", () => {
    const problemOf = (text: string) =>
      Result.match(Result.try(() => RomId.fromStringUnsafe(text)), { onFailure: String, onSuccess: String })
    assert.include(problemOf("8DFF517369C66710"), "has a wrong CRC; read backwards it is 10.67C6697351FF")
    assert.include(problemOf("28-0001d7280000"), "is not a ROM id; read backwards it is 28.000028D70100")
    assert.include(problemOf("28\u202e\u009b"), `"28\\u202e\\u009b" is not a ROM id`)
  })

  it("is read with a dot at its end, as servers read it", () => {
    assert.strictEqual(id("10.67C6697351FF."), "1067C6697351FF8D")
    assert.strictEqual(id("1067C6697351FF."), "1067C6697351FF8D")
    assert.isTrue(Option.isNone(RomId.fromString("1067C6697351FF8D.")))
  })

  it("is told from a ghost, from one with a wrong CRC and from no id", () => {
    assert.deepStrictEqual(RomId.inspect("10.67c6697351ff"), { _tag: "Good", id: id("1067C6697351FF8D") })
    assert.deepStrictEqual(RomId.inspect("00.000000000000"), { _tag: "Ghost", id: id("0000000000000000") })
    assert.deepStrictEqual(RomId.inspect("00.0000000000FF.35"), { _tag: "Ghost", id: id("000000000000FF35") })
    const expected = id("1067C6697351FF8D")
    for (const text of ["10.67C6697351FF.8E", "1067C6697351FF00", "10.67c6697351ffd8"]) {
      assert.deepStrictEqual(RomId.inspect(text), { _tag: "WrongCrc", expected }, text)
    }
    for (const text of ["", "boiler", "10.67C6697351F", "10..67C6697351FF", " 10.67C6697351FF", "/10.67C6697351FF"]) {
      assert.deepStrictEqual(RomId.inspect(text), { _tag: "NoRomId" }, text)
    }
  })

  it.prop("has one right CRC among all", [Bytes7, Byte], ([bytes, crc]) => {
    const right = id(Array.map(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""))
    const given = right.slice(0, 14) + crc.toString(16).padStart(2, "0")
    const inspection = RomId.inspect(given)
    if (given.toUpperCase() === right) assert.deepStrictEqual(RomId.fromString(given), Option.some(right))
    else {
      assert.deepStrictEqual(inspection, { _tag: "WrongCrc", expected: right })
      assert.isTrue(Option.isNone(RomId.fromString(given)))
    }
  }, { arbitrary: { runs: 500, seed: "crc" } })

  it("of family 00 passes the CRC, and is a ghost", () => {
    assert.isTrue(Option.exists(RomId.fromBytes(new Uint8Array(8)), RomId.isGhost))
    assert.isTrue(RomId.isGhost(id("00.1234567890AB")))
    assert.isFalse(RomId.isGhost(id("01.000000000000")))
  })

  it("is ordered by family, then by serial number", () => {
    const ids = ["28.000028D70100", "1F.01001FE00100", "28.000028D70000", "10.67C6697351FF", "A6.000000000000"].map(id)
    assert.deepStrictEqual(
      Array.sort(ids, RomId.Order).map((id) => RomId.format(id)),
      ["10.67C6697351FF", "1F.01001FE00100", "28.000028D70000", "28.000028D70100", "A6.000000000000"]
    )
    assert.strictEqual(RomId.Order(ids[0], id("28000028d70100.d5")), 0)
  })

  it("equals itself however it was written", () => {
    const spellings = ControlFlags.DeviceFormat.literals.map((format) =>
      id(RomId.format(id("10.67C6697351FF"), format))
    )
    assert.strictEqual(HashSet.size(HashSet.fromIterable(spellings)), 1)
  })

  it("is had at once from a constant, which throws if it is none", () => {
    assert.strictEqual(RomId.fromStringUnsafe("10.67c6697351ff"), "1067C6697351FF8D")
    assert.strictEqual(RomId.fromStringUnsafe("00.000000000000"), "0000000000000000")
    const thrown = (text: string) => Result.getOrThrow(Result.flip(Result.try(() => RomId.fromStringUnsafe(text))))
    const wrong = thrown("10.67C6697351FF.8E")
    assert.isTrue(Cause.isIllegalArgumentError(wrong))
    assert.include(
      String(wrong),
      "\"10.67C6697351FF.8E\" has a wrong CRC; with the right one it is 10.67C6697351FF.8D"
    )
    assert.include(String(thrown("boiler")), "\"boiler\" is not a ROM id")
  })

  it.effect("has a schema that normalizes", () =>
    Effect.gen(function*() {
      const id = yield* Schema.decodeEffect(RomId.RomIdFromString)("10.67c6697351ff")
      assert.strictEqual(id, "1067C6697351FF8D")
      assert.strictEqual(yield* Schema.encodeEffect(RomId.RomIdFromString)(id), "10.67C6697351FF")
      yield* Effect.flip(Schema.decodeEffect(RomId.RomIdFromString)("10.67C6697351FF.8E"))
      yield* Effect.flip(Schema.decodeEffect(RomId.RomId)("1067c6697351ff8d"))
    }))
})
