/**
 * Histories that the page draws, and that grow with each reading.
 */
import type { Api } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import * as Trace from "../../page/trace.ts"

const history: Api.History = { from: 1000, width: 10, series: [] }

const made = (mean: ReadonlyArray<number | null>, now = 1000 + 10 * mean.length): Trace.Trace =>
  Trace.make(history, { place: "p", property: "temperature", unit: "°C", mean, marks: [] }, now)

describe("a trace", () => {
  it("leaves out what has not begun, and has the middles of what is over", () => {
    const { mean, xs } = made([1, 2, null, null], 1014)
    assert.deepStrictEqual(mean, [1, 2])
    assert.deepStrictEqual(xs, [1005, 1012])
  })

  it("grows by a bucket, and holds a value over those in between", () => {
    const trace = made([1])
    Trace.end(trace, { value: 1, at: 1009 })
    Trace.extend(trace, { value: 4, at: 1035 }, 30)
    assert.deepStrictEqual(trace.mean, [1, 1, 1, 4])
    assert.deepStrictEqual(trace.tip, { at: 1035, value: 4 })
  })

  it("has a gap where nothing was read for too long", () => {
    const trace = made([1])
    Trace.end(trace, { value: 1, at: 1009 })
    Trace.extend(trace, { value: 4, at: 1055 }, 30)
    assert.deepStrictEqual(trace.mean, [1, null, null, null, null, 4])
  })

  it("weighs by time within a bucket, and keeps its least and its most", () => {
    const trace = made([])
    Trace.extend(trace, { value: 10, at: 1002 }, 30)
    Trace.extend(trace, { value: 20, at: 1004 }, 30)
    Trace.extend(trace, { value: 0, at: 1008 }, 30)
    // 10 for four seconds, 20 for four more.
    assert.deepStrictEqual(trace.mean, [15])
    assert.deepStrictEqual([trace.min, trace.max], [[0], [20]])
  })

  it("marks what is not plausible, and knows nothing while that holds", () => {
    const trace = made([1])
    Trace.end(trace, { value: 1, at: 1009 })
    Trace.extend(trace, { value: 85, at: 1012, verdict: "PowerOn" }, 30)
    Trace.extend(trace, { value: 2, at: 1031 }, 30)
    assert.deepStrictEqual(trace.mean, [1, null, null, 2])
    assert.deepStrictEqual(trace.marks, [{ at: 1012, value: 85, verdict: "PowerOn" }])
    assert.deepStrictEqual(Trace.bounds(trace), { min: 1, max: 2 })
  })

  it("ignores what is older than what it has", () => {
    const trace = made([1, 2])
    Trace.end(trace, { value: 2, at: 1019 })
    Trace.extend(trace, { value: 9, at: 1003 }, 30)
    Trace.extend(trace, { value: 9, at: 1019 }, 30)
    assert.deepStrictEqual(trace.mean, [1, 2])
  })

  it("tells by how much a value changes in an hour, if enough is known", () => {
    const rising = Array.from({ length: 360 }, (_, index) => 20 + index * 10 / 3600 * 2)
    assert.closeTo(Trace.trend(made(rising), 4600) ?? NaN, 2, 1e-6)
    assert.isUndefined(Trace.trend(made([20, 21, 22]), 1030))
  })
})
