import { ControlFlags, Pressure } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const arbitrary = { runs: 500, seed: "pressure" }
const Scale = ControlFlags.PressureScale
const Millibar = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20_000 }))

const assertNear = (actual: number, expected: number, relative: number): void =>
  assert.closeTo(actual, expected, Math.abs(expected) * relative)

describe("Pressure", () => {
  it("has the server's factors, to the last digit", () => {
    const factors = [1, 0.00098692316931, 0.7500615613, 0.029529983071, 0.014503773801, 100]
    assert.deepStrictEqual(Scale.literals.map((to) => Pressure.convert(1, { from: "mbar", to })), factors)
  })

  it("agrees with the standard atmosphere in every scale", () => {
    const atmosphere: Record<ControlFlags.PressureScale, number> = {
      mbar: 1013.25,
      atm: 1,
      mmHg: 760,
      inHg: 29.9213,
      psi: 14.69595,
      Pa: 101_325
    }
    for (const from of Scale.literals) {
      for (const to of Scale.literals) {
        assertNear(Pressure.convert(atmosphere[from], { from, to }), atmosphere[to], 2e-6)
      }
    }
  })

  it("is the same in its own scale, to the bit", () => {
    for (const scale of Scale.literals) {
      for (const value of [0.1, 1013.25, -0, NaN]) {
        assert.isTrue(Object.is(Pressure.convert(value, { from: scale, to: scale }), value))
      }
    }
  })

  it.prop("comes back from any other scale", [Millibar, Scale, Scale], ([value, from, to]) => {
    const there = Pressure.convert(value, { from, to })
    assertNear(Pressure.convert(there, { from: to, to: from }), value, 1e-12)
  }, { arbitrary })

  it.prop(
    "is higher in every scale where it is higher in one",
    [Millibar, Millibar, Scale, Scale],
    ([a, b, from, to]) => {
      const [low, high] = a <= b ? [a, b] : [b, a]
      const lower = Pressure.convert(low, { from, to })
      assert.strictEqual(lower < Pressure.convert(high, { from, to }), low < high)
    },
    { arbitrary }
  )

  it.prop("has differences that are converted alike", [Millibar, Millibar, Scale, Scale], ([a, b, from, to]) => {
    const difference = Pressure.convert(a, { from, to }) - Pressure.convert(b, { from, to })
    assert.closeTo(Pressure.convert(a - b, { from, to }), difference, 1e-12 * Pressure.convert(20_000, { from, to }))
  }, { arbitrary })
})
