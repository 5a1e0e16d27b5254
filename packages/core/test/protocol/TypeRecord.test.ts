import { TypeRecord } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"

const Small = Schema.Int.check(Schema.isBetween({ minimum: -(10 ** 9), maximum: 10 ** 9 }))

const Record = Schema.Struct({
  kind: Schema.Literals(["i", "u", "f", "t", "g", "p", "y", "a", "l", "b", "d", "D"]),
  index: Small,
  elements: Small,
  access: Schema.Literals(["ro", "rw", "wo", "oo"]),
  length: Small,
  change: Schema.Literals(["f", "s", "v", "t"])
})

const temperature: TypeRecord.TypeRecord = {
  kind: "t",
  index: 0,
  elements: 1,
  access: "ro",
  length: 12,
  change: "v"
}

describe("TypeRecord", () => {
  it("is read as servers write it", () => {
    assert.deepStrictEqual(TypeRecord.fromString("t,000000,000001,ro,000012,v,"), Option.some(temperature))
    assert.deepStrictEqual(
      TypeRecord.fromString("y,-000001,000008,rw,000015,s,"),
      Option.some({ kind: "y", index: TypeRecord.all, elements: 8, access: "rw", length: 15, change: "s" })
    )
    assert.deepStrictEqual(
      Option.map(TypeRecord.fromString("y,-000002,000008,rw,000012,s,"), ({ index }) => index),
      Option.some(TypeRecord.byte)
    )
    assert.deepStrictEqual(
      Option.map(TypeRecord.fromString("b,000000,-000001,rw,000048,s,"), ({ elements }) => elements),
      Option.some(-1)
    )
  })

  it("is read of more than six digits, too", () => {
    assert.deepStrictEqual(
      Option.map(TypeRecord.fromString("a,000000,000001,ro,1234567,t,"), ({ length }) => length),
      Option.some(1_234_567)
    )
  })

  it("is none in any other form", () => {
    for (
      const text of [
        "",
        "t",
        "t,000000,000001,ro,000012,v",
        "t,000000,000001,ro,000012,v,,",
        " t,000000,000001,ro,000012,v,",
        "t,000000,000001,ro,000012,v,\n",
        "t,0,1,ro,12,v,",
        "t,+00000,000001,ro,000012,v,",
        "t,0000x0,000001,ro,000012,v,",
        "?,000000,000001,ro,000012,v,",
        "T,000000,000001,ro,000012,v,",
        "t,000000,000001,or,000012,v,",
        "t,000000,000001,ro,000012,x,",
        "t;000000;000001;ro;000012;v;",
        "t,000000,ro,000012,v,"
      ]
    ) {
      assert.deepStrictEqual(TypeRecord.fromString(text), Option.none(), text)
    }
  })

  it.prop("is what was written of it", [Record], ([record]) => {
    assert.deepStrictEqual(TypeRecord.fromString(TypeRecord.format(record)), Option.some(record))
  }, { arbitrary: { runs: 500, seed: "records" } })

  it("says what can be done with a property", () => {
    const can = TypeRecord.fromString
    const table = ["ro", "rw", "wo", "oo"].map((access) => {
      const record = Option.getOrThrow(can(`t,000000,000001,${access},000012,v,`))
      return [access, TypeRecord.isReadable(record), TypeRecord.isWritable(record)]
    })
    assert.deepStrictEqual(table, [
      ["ro", true, false],
      ["rw", true, true],
      ["wo", false, true],
      ["oo", false, false]
    ])
  })
})
