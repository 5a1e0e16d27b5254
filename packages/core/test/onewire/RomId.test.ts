import { ControlFlags, RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"

const Bytes7 = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))).check(
  Schema.isMinLength(7),
  Schema.isMaxLength(7)
)

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

  it.effect("has a schema that normalizes", () =>
    Effect.gen(function*() {
      const id = yield* Schema.decodeEffect(RomId.RomIdFromString)("10.67c6697351ff")
      assert.strictEqual(id, "1067C6697351FF8D")
      assert.strictEqual(yield* Schema.encodeEffect(RomId.RomIdFromString)(id), "10.67C6697351FF")
      yield* Effect.flip(Schema.decodeEffect(RomId.RomIdFromString)("10.67C6697351FF.8E"))
      yield* Effect.flip(Schema.decodeEffect(RomId.RomId)("1067c6697351ff8d"))
    }))
})
