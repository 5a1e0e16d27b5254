import { Bus, Property, TypeRecord } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Drivers from "../../../src/internal/w1/Drivers.ts"
import { chip, outcome } from "../../fixtures/DriverFiles.ts"
import { bare, healthy } from "../../fixtures/healthyChips.ts"

const temperatures =
  "fasttemp latesttemp power scratchpad temperature temperature10 temperature11 temperature12 temperature9"

/** All that is given of a family if all files are there. */
const given: Readonly<Record<string, string>> = {
  "01": "",
  "05": "PIO sensed",
  "09": "",
  "0B": "",
  "10": "latesttemp power scratchpad temperature temphigh templow",
  "12": "PIO",
  "1C": "pages/page sensed",
  "1D": "counter",
  "22": `${temperatures} temphigh templow tempres`,
  "23": "memory pages/page",
  "26": "CA EE HIH3600/humidity HIH4000/humidity HIH5030/humidity HTM1735/humidity IAD S3-R1-A/current VAD VDD date "
    + "humidity latesttemp offset temperature udate vis",
  "28": `${temperatures} temphigh templow tempres`,
  "29": "PIO latch por power sensed strobe",
  "2D": "memory pages/page",
  "3A": "PIO sensed",
  "3B":
    "fasttemp fault ground_short latesttemp open_circuit power prog_addr scratchpad temperature temperature10 temperature11 "
    + "temperature12 temperature9 tempres thermocouple vdd_short",
  "42":
    "fasttemp latesttemp power temperature temperature10 temperature11 temperature12 temperature9 temphigh templow tempres",
  "43": "memory pages/page",
  "81": ""
}

const paths = (code: string, names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap((name) => {
    const property = Bus.chip(code).properties.get(name) ?? assert.fail(`no property ${name}`)
    if (!property.isArray) return [name]
    const { elements, isBitField } = property
    return [...(isBitField ? [TypeRecord.byte] : []), TypeRecord.all, 0, elements - 1].map((index) =>
      `${name}${Property.extension(property, index)}`
    )
  })

const isRight = (code: string, path: string, values: ReadonlyArray<Bus.Value>): boolean => {
  const property = Bus.chip(code).properties.get(path.replace(/\.[^./]+$/, "")) ?? assert.fail(path)
  return values.length === (path.endsWith(".ALL") ? property.elements : 1) && values.every((value) => {
    if (property.kind === "b") return value instanceof Uint8Array && value.length === property.length
    if (typeof value !== "number" || !Number.isFinite(value)) return false
    return property.kind === "y" && !path.endsWith(".BYTE") ? value === 0 || value === 1 : true
  })
}

it("the families with a driver are these", () => assert.deepStrictEqual(Drivers.codes, Object.keys(given).toSorted()))

describe.each(Drivers.codes)("family %s", (code) => {
  const files = healthy[code]

  it("gives these properties, each of them in the catalogue", () =>
    assert.deepStrictEqual(chip(code, { ...bare, ...files }).has.join(" "), given[code]))

  it("gives none without its driver", () => assert.deepStrictEqual(chip(code, bare).has, []))

  it.effect("reads all of them, in all their forms", () =>
    Effect.gen(function*() {
      const { has, read } = chip(code, files, { latest: 20 })
      for (const path of paths(code, has)) {
        const values = yield* outcome(read(path))
        if (typeof values === "number") {
          // Of a chip without a thermocouple, nothing can be said of it.
          assert.include(["thermocouple", "fault", "ground_short", "open_circuit", "vdd_short"], path)
          assert.strictEqual(values, -95)
        } else assert.isTrue(isRight(code, path, values), `${path}: ${values.join()}`)
      }
    }))

  it.effect("refuses to write where nothing may be written", () =>
    Effect.gen(function*() {
      const { has, write, written } = chip(code, files, { isWritable: false })
      for (const path of paths(code, has)) assert.strictEqual(yield* outcome(write(path, 1)), -30)
      assert.deepStrictEqual(written, [])
    }))

  const Content = Schema.Union([
    Schema.String,
    Schema.Uint8Array,
    Schema.Literals(["-5\n", "-19\n", "0 0\n", "", "NaN\n", "1e9\n", "99999999999\n", "-0\n", "12\n", "0x0c\n"]),
    Schema.Literals([-1, -5, -110])
  ])

  it.effect.prop("takes whatever its files hold for a value of the right kind, or for a failure", {
    contents: Schema.Array(Content).check(Schema.isMinLength(1)),
    value: Schema.Union([Schema.Number, Schema.Uint8Array]),
    offset: Schema.Int
  }, ({ contents, offset, value }) =>
    Effect.gen(function*() {
      const hostile = Object.fromEntries(Object.keys(files).map((file, at) => [file, contents[at % contents.length]]))
      const { has, read, write } = chip(code, hostile, { onWrite: { output: () => -5 } })
      for (const path of paths(code, has)) {
        const values = yield* outcome(read(path))
        assert.isTrue(typeof values === "number" ? values < 0 : isRight(code, path, values), `${path}: ${values}`)
        const done = yield* outcome(write(path, value, offset))
        assert.isTrue(done === undefined || (typeof done === "number" && done < 0), `${path}: ${done}`)
      }
    }), { arbitrary: { runs: 60, seed: `files of ${code}` } })
})
