import { ControlFlags, Temperature } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const arbitrary = { runs: 500, seed: "temperature" }
const Scale = ControlFlags.TemperatureScale
// From absolute zero to where no sensor is, in steps that a sensor may have.
const Celsius = Schema.Int.check(Schema.isBetween({ minimum: -4370, maximum: 20_000 }))
const degrees = (sixteenths: number): number => sixteenths / 16

describe("Temperature", () => {
  it("agrees with the fixed points of the scales", () => {
    const points: ReadonlyArray<Record<ControlFlags.TemperatureScale, number>> = [
      { C: -273.15, F: -459.67, K: 0, R: 0 },
      { C: -40, F: -40, K: 233.15, R: 419.67 },
      { C: 0, F: 32, K: 273.15, R: 491.67 },
      { C: 25, F: 77, K: 298.15, R: 536.67 },
      { C: 100, F: 212, K: 373.15, R: 671.67 }
    ]
    for (const point of points) {
      for (const from of Scale.literals) {
        for (const to of Scale.literals) {
          assert.closeTo(
            Temperature.convert(point[from], { from, to }),
            point[to],
            1e-9,
            `${point.C} C, ${from} to ${to}`
          )
        }
      }
    }
  })

  it("has a symbol in each scale, which is none of a degree for kelvins", () => {
    assert.deepStrictEqual(Scale.literals.map(Temperature.symbol), ["°C", "°F", "K", "°R"])
  })

  it("is the same in its own scale, to the bit", () => {
    for (const scale of Scale.literals) {
      for (const value of [0.1, 21.4375, -0, 1e-300, NaN, Infinity]) {
        assert.isTrue(Object.is(Temperature.convert(value, { from: scale, to: scale }), value))
        assert.isTrue(Object.is(Temperature.convertGap(value, { from: scale, to: scale }), value))
      }
    }
  })

  it.prop("comes back from any other scale", [Celsius, Scale, Scale], ([sixteenths, from, to]) => {
    const value = Temperature.convert(degrees(sixteenths), { from: "C", to: from })
    const there = Temperature.convert(value, { from, to })
    assert.closeTo(Temperature.convert(there, { from: to, to: from }), value, 1e-9)
    assert.closeTo(
      Temperature.convertGap(Temperature.convertGap(value, { from, to }), { from: to, to: from }),
      value,
      1e-9
    )
  }, { arbitrary })

  it.prop(
    "is higher in every scale where it is higher in one",
    [Celsius, Celsius, Scale, Scale],
    ([a, b, from, to]) => {
      const [low, high] = a <= b ? [a, b] : [b, a]
      const lower = Temperature.convert(degrees(low), { from, to })
      const higher = Temperature.convert(degrees(high), { from, to })
      assert.strictEqual(lower < higher, low < high)
    },
    { arbitrary }
  )

  it.prop(
    "has gaps that are the differences of what is converted",
    [Celsius, Celsius, Scale, Scale],
    ([a, b, from, to]) => {
      const difference = Temperature.convert(degrees(a), { from, to }) - Temperature.convert(degrees(b), { from, to })
      assert.closeTo(Temperature.convertGap(degrees(a) - degrees(b), { from, to }), difference, 1e-9)
    },
    { arbitrary }
  )

  it("has gaps in Fahrenheit and Rankine that are 1.8 times those in Celsius and Kelvin", () => {
    assert.strictEqual(Temperature.convertGap(5, { from: "C", to: "F" }), 9)
    assert.strictEqual(Temperature.convertGap(5, { from: "K", to: "R" }), 9)
    assert.strictEqual(Temperature.convertGap(-5, { from: "C", to: "K" }), -5)
    assert.strictEqual(Temperature.convertGap(9, { from: "R", to: "C" }), 5)
  })
})
