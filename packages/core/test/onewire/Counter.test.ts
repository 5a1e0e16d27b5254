import { Counter } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const arbitrary = { runs: 500, seed: "counter" }
const last = 2 ** 32 - 1
const Uint32 = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: last }))
const Bits = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 53 }))
const Fraction = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

describe("Counter", () => {
  it("counts on", () => {
    assert.deepStrictEqual(Counter.delta(251_123, 251_123), { _tag: "Increase", count: 0 })
    assert.deepStrictEqual(Counter.delta(251_123, 251_130), { _tag: "Increase", count: 7 })
    assert.deepStrictEqual(Counter.delta(0, 2 ** 31), { _tag: "Increase", count: 2 ** 31 })
  })

  it("goes through its end", () => {
    assert.deepStrictEqual(Counter.delta(last, 0), { _tag: "Increase", count: 1 })
    assert.deepStrictEqual(Counter.delta(last - 5, 2), { _tag: "Increase", count: 8 })
    assert.deepStrictEqual(Counter.delta(65_530, 4, { bits: 16 }), { _tag: "Increase", count: 10 })
    assert.deepStrictEqual(Counter.delta(Number.MAX_SAFE_INTEGER, 3, { bits: 53 }), { _tag: "Increase", count: 4 })
  })

  it("takes what would be an enormous increase for a reset", () => {
    assert.deepStrictEqual(Counter.delta(81_204, 0), { _tag: "Reset", count: 0 })
    assert.deepStrictEqual(Counter.delta(81_204, 12), { _tag: "Reset", count: 12 })
    assert.deepStrictEqual(Counter.delta(9, 8, { bits: 8 }), { _tag: "Reset", count: 8 })
  })

  it("knows resets by what can be counted at most, to the one", () => {
    const near = last - 99
    assert.deepStrictEqual(Counter.delta(near, 10, { maxIncrease: 110 }), { _tag: "Increase", count: 110 })
    assert.deepStrictEqual(Counter.delta(near, 10, { maxIncrease: 109 }), { _tag: "Reset", count: 10 })
    assert.deepStrictEqual(Counter.delta(near, 10, { maxIncrease: 10 }), { _tag: "Reset", count: 10 })
    assert.deepStrictEqual(Counter.delta(near, 10, { maxIncrease: 9 }), { _tag: "Implausible" })
  })

  it("takes a leap for implausible, up or down", () => {
    assert.deepStrictEqual(Counter.delta(100, 1101, { maxIncrease: 1000 }), { _tag: "Implausible" })
    assert.deepStrictEqual(Counter.delta(9000, 8000, { maxIncrease: 1000 }), { _tag: "Implausible" })
    assert.deepStrictEqual(Counter.delta(4_000_000_000, 3_000_000_000), { _tag: "Implausible" })
    assert.deepStrictEqual(Counter.delta(100, 3_000_000_000), { _tag: "Implausible" })
  })

  it("takes what is no count of its width for implausible", () => {
    for (const reading of [-1, 0.5, NaN, Infinity, 2 ** 32]) {
      assert.deepStrictEqual(Counter.delta(reading, 5), { _tag: "Implausible" })
      assert.deepStrictEqual(Counter.delta(5, reading), { _tag: "Implausible" })
    }
    assert.deepStrictEqual(Counter.delta(5, 256, { bits: 8 }), { _tag: "Implausible" })
  })

  it("has defaults that can be asked for", () => {
    const options = { bits: undefined, maxIncrease: undefined }
    assert.deepStrictEqual(Counter.delta(last, 4, options), { _tag: "Increase", count: 5 })
  })

  it.prop("gives back what was counted, wherever the counter stood", [Uint32, Uint32], ([previous, counted]) => {
    const current = Number(BigInt.asUintN(32, BigInt(previous) + BigInt(counted)))
    assert.deepStrictEqual(Counter.delta(previous, current, { maxIncrease: counted }), {
      _tag: "Increase",
      count: counted
    })
  }, { arbitrary })

  it.prop("is exact at every width", [Bits, Fraction, Fraction], ([bits, at, by]) => {
    const half = 2 ** (bits - 1)
    const previous = Math.min(2 ** bits - 1, Math.floor(Math.abs(at) * 2 ** bits))
    const counted = Math.floor(Math.abs(by) * half)
    const current = Number(BigInt.asUintN(bits, BigInt(previous) + BigInt(counted)))
    assert.deepStrictEqual(Counter.delta(previous, current, { bits }), { _tag: "Increase", count: counted })
  }, { arbitrary })

  it.prop(
    "sees a reset where the old reading is out of reach, and never a count above what is possible",
    [Uint32, Uint32, Uint32],
    ([previous, current, maxIncrease]) => {
      const delta = Counter.delta(previous, current, { maxIncrease })
      if (delta._tag !== "Implausible") assert.isAtMost(delta.count, maxIncrease)
      if (delta._tag === "Reset") {
        assert.strictEqual(delta.count, current)
        assert.isBelow(current, previous)
      }
    },
    { arbitrary }
  )
})
