/**
 * Percentiles of latencies.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Latency from "../../src/bench/Latency.ts"

describe("percentiles", () => {
  it("are numbers that there were", () => {
    const numbers = Array.from({ length: 100 }, (_, index) => index + 1)
    assert.deepStrictEqual([0.5, 0.9, 0.99, 1].map((share) => Latency.percentile(numbers, share)), [50, 90, 99, 100])
    assert.strictEqual(Latency.percentile([7], 0.01), 7)
    assert.strictEqual(Latency.percentile([], 0.5), 0)
  })
})
