/**
 * Small charts.
 */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Sparkline from "../../src/terminal/Sparkline.ts"

const chart = (values: ReadonlyArray<number | undefined>, leastSpan = 0) =>
  Sparkline.sparkline(values, Sparkline.scaleOf(values, leastSpan))

const reading = Schema.Finite.check(Schema.isBetween({ minimum: -1e9, maximum: 1e9 }))

describe("a sparkline", () => {
  it("has a bar for each value, from the least to the most", () => {
    assert.strictEqual(chart([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█")
    assert.strictEqual(chart([-7, 7, -7]), "▁█▁")
  })

  it("has a gap where there is no value", () => {
    assert.strictEqual(chart([0, undefined, 7]), "▁ █")
    assert.strictEqual(chart([undefined, undefined]), "  ")
    assert.strictEqual(chart([]), "")
  })

  it("is flat in the middle where values hardly differ", () => {
    assert.strictEqual(chart([21.5, 21.5]), "▄▄")
    assert.strictEqual(chart([21.5, 21.5625], 8), "▄▄")
    assert.strictEqual(chart([20, 21], 2), "▂▆")
  })

  it("has a scale of its own", () => {
    assert.strictEqual(Sparkline.sparkline([0, 1, 0], { least: 0, most: 1 }), "▁█▁")
    assert.strictEqual(Sparkline.sparkline([-5, 0.5, 5], { least: 0, most: 1 }), "▁▅█")
  })

  it.prop(
    "is in the order of its values",
    [Schema.Array(reading), reading],
    ([values, leastSpan]) => {
      const bars = [...chart(values, Math.abs(leastSpan))]
      assert.strictEqual(bars.length, values.length)
      for (const [at, value] of values.entries()) {
        for (const [other, another] of values.entries()) if (value <= another) assert.isTrue(bars[at] <= bars[other])
      }
    },
    { arbitrary: { runs: 200, seed: "sparkline" } }
  )
})
