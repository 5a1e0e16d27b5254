import { ControlFlags, Family, Plausibility, Pressure, type Property, Temperature } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"
import { judge as judged } from "../../src/device/internal/plausibility.ts"

const scales = ControlFlags.TemperatureScale.literals

/** What a server makes of a number: six digits. */
const written = (value: number): number => Number(value.toPrecision(6))

const elementOf = (family: Family.Family, name: string): Property.Element =>
  Option.getOrElse(Family.find(family, name), () => assert.fail(`${family.chip} has no ${name}`))

/** The verdicts on a value in degrees Celsius, in each scale. */
const verdicts = (family: Family.Family, name: string, celsius: number): ReadonlyArray<string> =>
  scales.map((temperatureScale) =>
    judged(
      family.codes[0],
      elementOf(family, name),
      written(Temperature.convert(celsius, { from: "C", to: temperatureScale })),
      { temperatureScale, pressureScale: "mbar" }
    )._tag
  )

const celsius: Property.Scales = { temperatureScale: "C", pressureScale: "mbar" }

const judge = (
  family: Family.Family,
  name: string,
  value: Family.Value,
  before?: { readonly maxJump?: number; readonly previous?: Family.Value }
) => judged(family.codes[0], elementOf(family, name), value, celsius, before)

const thermometers = [Families.DS18S20, Families.DS1822, Families.DS18B20, Families.DS1825, Families.DS28EA00]

const Celsius = Schema.Int.check(Schema.isBetween({ minimum: -55 * 16, maximum: 125 * 16 }))

describe("Plausibility", () => {
  it("knows 85 °C of a thermometer that has not measured, in any scale", () => {
    for (const family of thermometers) {
      for (const name of ["temperature", "latesttemp"]) {
        assert.deepStrictEqual(verdicts(family, name, 85), ["PowerOn", "PowerOn", "PowerOn", "PowerOn"])
      }
      assert.deepStrictEqual([...new Set(verdicts(family, "temperature", 85.0625))], ["Plausible"])
      assert.deepStrictEqual([...new Set(verdicts(family, "temperature", 84.9375))], ["Plausible"])
    }
    for (const name of ["fasttemp", "temperature9", "temperature12"]) {
      assert.deepStrictEqual([...new Set(verdicts(Families.DS18B20, name, 85))], ["PowerOn"])
    }
  })

  it("looks past bit 7 of a family code", () => {
    const temperature = elementOf(Families.DS18B20, "temperature")
    assert.deepStrictEqual(
      ["28", "A8", "A6"].map((code) => judged(code, temperature, 85, celsius)._tag),
      ["PowerOn", "PowerOn", "Plausible"]
    )
  })

  it("takes 85 °C of anything else for true", () => {
    assert.deepStrictEqual([...new Set(verdicts(Families.DS2438, "temperature", 85))], ["Plausible"])
    assert.deepStrictEqual([...new Set(verdicts(Families.EDS, "EDS0068/temperature", 85))], ["Plausible"])
    assert.deepStrictEqual([...new Set(verdicts(Families.DS2760, "typeK/temperature", 85))], ["Plausible"])
    assert.deepStrictEqual([...new Set(verdicts(Families.DS18B20, "temphigh", 85))], ["Plausible"])
  })

  it("takes for true what a thermocouple measures, whatever its chip says of itself", () => {
    for (const value of [85, -127, -0.0625]) {
      assert.deepStrictEqual([...new Set(verdicts(Families.DS1825, "thermocouple", value))], ["Plausible"], `${value}`)
      assert.notDeepInclude(verdicts(Families.DS1825, "temperature", value), "Plausible")
    }
    for (const family of [Families.DS2760, Families.DS2780, Families.DS2781, Families.DS2755, Families.DS2770]) {
      for (const type of ["J", "K", "N", "T"]) {
        for (const value of [85, -127, -0.125]) {
          assert.deepStrictEqual([...new Set(verdicts(family, `type${type}/temperature`, value))], ["Plausible"])
        }
      }
    }
  })

  it("knows what adapters and buses say where nobody answers, in any scale", () => {
    assert.deepStrictEqual([...new Set(verdicts(Families.DS18B20, "temperature", -127))], ["Disconnected"])
    assert.deepStrictEqual([...new Set(verdicts(Families.DS2438, "temperature", -127))], ["Disconnected"])
    assert.deepStrictEqual([...new Set(verdicts(Families.DS18B20, "templow", -127))], ["Plausible"])
    assert.deepStrictEqual([...new Set(verdicts(Families.DS2760, "typeK/temperature", -127))], ["Plausible"])
    for (const family of thermometers) {
      assert.deepStrictEqual([...new Set(verdicts(family, "temperature", -0.0625))], ["NoAnswer"])
      for (const near of [0, -0.125]) {
        assert.deepStrictEqual([...new Set(verdicts(family, "temperature", near))], ["Plausible"])
      }
    }
    assert.deepStrictEqual([...new Set(verdicts(Families.EDS, "EDS0068/temperature", -0.0625))], ["NoAnswer"])
    for (const family of [Families.DS2760, Families.DS2780, Families.DS2781, Families.DS2755, Families.DS2751]) {
      assert.deepStrictEqual([...new Set(verdicts(family, "temperature", -0.125))], ["NoAnswer"])
      assert.deepStrictEqual([...new Set(verdicts(family, "temperature", -0.0625))], ["Plausible"])
    }
    // A DS2438 sends a checksum, so that a server never takes a missing answer for its temperature.
    for (const value of [-0.0039, -0.0312, -0.0625, -0.125]) {
      assert.deepStrictEqual([...new Set(verdicts(Families.DS2438, "temperature", value))], ["Plausible"], `${value}`)
    }
  })

  it("knows what a chip can measure, in any scale and to the last digit", () => {
    for (const [least, most] of [[-55.1, 125.1], [-56, 126], [-273, 1000]]) {
      assert.deepStrictEqual([...new Set(verdicts(Families.DS18B20, "temperature", least))], ["OutOfRange"])
      assert.deepStrictEqual([...new Set(verdicts(Families.DS18B20, "temperature", most))], ["OutOfRange"])
    }
    let limits = 0
    for (const family of Object.values<Family.Family>(Families)) {
      for (const name of Family.names(family)) {
        const place = elementOf(family, name)
        const { range, record } = place
        if (range === undefined || (record.kind !== "t" && record.kind !== "g")) continue
        for (const limit of range) {
          for (const scale of scales) {
            const convert = record.kind === "t" ? Temperature.convert : Temperature.convertGap
            const value = written(convert(limit, { from: "C", to: scale }))
            const { _tag } = judged("00", place, value, {
              ...celsius,
              temperatureScale: scale
            })
            assert.strictEqual(_tag, "Plausible", `${family.chip} ${name} ${limit} ${scale}`)
            limits++
          }
        }
      }
    }
    assert.isAbove(limits, 500)
    for (const pressureScale of ControlFlags.PressureScale.literals) {
      for (const gain of [-32.767, 32.767]) {
        const value = written(Pressure.convert(gain, { from: "mbar", to: pressureScale }))
        const place = elementOf(Families.DS2438, "B1-R1-A/gain")
        const verdict = (value: number) => judged("26", place, value, { ...celsius, pressureScale })._tag
        assert.strictEqual(verdict(value), "Plausible", pressureScale)
        assert.strictEqual(verdict(value * 1.001), "OutOfRange", pressureScale)
      }
    }
  })

  it.prop("takes for true whatever else a thermometer measures", [Celsius], ([sixteenths]) => {
    const value = sixteenths / 16
    const expected = value === 85 ? "PowerOn" : value === -0.0625 ? "NoAnswer" : "Plausible"
    assert.deepStrictEqual([...new Set(verdicts(Families.DS18B20, "temperature", value))], [expected])
  }, { arbitrary: { runs: 1000, seed: "warm" } })

  it("says where the limits are, as the request has them", () => {
    const place = elementOf(Families.DS18B20, "temperature")
    assert.deepStrictEqual(
      scales.map((temperatureScale) => judged("28", place, 1e6, { ...celsius, temperatureScale })),
      [
        { _tag: "OutOfRange", least: -55, most: 125 },
        { _tag: "OutOfRange", least: -67, most: 257 },
        { _tag: "OutOfRange", least: 218.15, most: 398.15 },
        { _tag: "OutOfRange", least: 392.67, most: 716.67 }
      ]
    )
  })

  it("knows that some numbers are none", () => {
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      for (
        const [family, name] of [[Families.DS18B20, "temperature"], [Families.DS2438, "B1-R1-A/pressure"]] as const
      ) {
        assert.strictEqual(judge(family, name, value)._tag, "OutOfRange")
      }
    }
    assert.strictEqual(
      Plausibility.describe(judge(Families.DS2438, "B1-R1-A/pressure", Number.NaN)),
      "it is not a finite number"
    )
    assert.strictEqual(judge(Families.DS2438, "B1-R1-A/pressure", 1e9)._tag, "Plausible")
  })

  it("judges each value of an array, and gives the first that is none", () => {
    assert.strictEqual(judge(Families.DS2450, "volt.ALL", [0, 5.12, 1, 2])._tag, "Plausible")
    assert.deepStrictEqual(judge(Families.DS2450, "volt.ALL", [0, 1, 5.2, Number.NaN]), {
      _tag: "OutOfRange",
      least: 0,
      most: 5.12
    })
    const log = Array.from({ length: 2048 }, (_, at) => at === 2047 ? -127 : 20)
    assert.strictEqual(judge(Families.DS1921, "log/temperature.ALL", log)._tag, "Disconnected")
  })

  it("finds nothing against what is no number", () => {
    const values: ReadonlyArray<readonly [Family.Family, string, Family.Value]> = [
      [Families.DS18B20, "alias", "85"],
      [Families.DS18B20, "power", false],
      [Families.DS18B20, "scratchpad", new Uint8Array(9)],
      [Families.DS2438, "date", new Date(0)],
      [Families.DS2408, "PIO.BYTE", 85],
      [Families.DS2408, "PIO.ALL", [true, false]],
      [Families.DS2433, "pages/page.ALL", [new Uint8Array(32)]]
    ]
    for (const [family, name, value] of values) {
      assert.deepStrictEqual(judge(family, name, value, { maxJump: 0, previous: 1 }), { _tag: "Plausible" }, name)
    }
  })

  it("believes a value that is also reported without measuring, if the previous one was near, in any scale", () => {
    const verdict = (family: Family.Family, name: string, value: number, previous: number) =>
      scales.map((temperatureScale) => {
        const inScale = (degrees: number) => written(Temperature.convert(degrees, { from: "C", to: temperatureScale }))
        return judged(
          family.codes[0],
          elementOf(family, name),
          inScale(value),
          { temperatureScale, pressureScale: "mbar" },
          { previous: inScale(previous) }
        )._tag
      })
    for (const family of thermometers) {
      for (const previous of [-1.9, -0.125, -0.0625, 0, 1.8]) {
        assert.deepStrictEqual([...new Set(verdict(family, "temperature", -0.0625, previous))], ["Plausible"])
      }
      for (const previous of [-2.2, 2.1, 21]) {
        assert.deepStrictEqual([...new Set(verdict(family, "temperature", -0.0625, previous))], ["NoAnswer"])
      }
      for (const previous of [83.1, 84.9375, 86.9]) {
        assert.deepStrictEqual([...new Set(verdict(family, "temperature", 85, previous))], ["Plausible"])
      }
      for (const previous of [21, 82.9, 87.1]) {
        assert.deepStrictEqual([...new Set(verdict(family, "temperature", 85, previous))], ["PowerOn"])
      }
    }
    assert.deepStrictEqual([...new Set(verdict(Families.DS2760, "temperature", -0.125, 0.5))], ["Plausible"])
    assert.deepStrictEqual([...new Set(verdict(Families.DS18B20, "temperature", -127, -126))], ["Disconnected"])
  })

  it("notices a jump, if it is told how far one may go and from where", () => {
    const jump = (value: number, maxJump?: number, previous?: Family.Value) =>
      judge(Families.DS18B20, "temperature", value, { maxJump, previous } as never)
    assert.deepStrictEqual(jump(25, 4, 20), { _tag: "Jump", from: 20 })
    assert.deepStrictEqual(jump(15, 4, 20), { _tag: "Jump", from: 20 })
    assert.deepStrictEqual(jump(24, 4, 20), { _tag: "Plausible" })
    assert.deepStrictEqual(jump(24, 0, 24), { _tag: "Plausible" })
    for (
      const [maxJump, previous] of [[4, undefined], [undefined, 20], [4, "20"], [4, [20]], [4, Number.NaN]] as const
    ) {
      assert.deepStrictEqual(jump(99, maxJump, previous), { _tag: "Plausible" })
    }
    // What is wrong by itself is not a matter of distance.
    assert.deepStrictEqual(jump(85, 4, 20), { _tag: "PowerOn" })
    assert.strictEqual(jump(126, 4, 20)._tag, "OutOfRange")
  })
})
