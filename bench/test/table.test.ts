import { describe, expect, it } from "vitest"
import { median, ratio, type Run, summarize } from "../src/table.ts"

const run = (rate: number, wrong = 0): Run => ({ calls: rate * 2, seconds: 2, wrong })

describe("the bench's arithmetic", () => {
  it("takes the middle, or the mean of the two in the middle", () => {
    expect(median([9, 1, 5])).toBe(5)
    expect(median([9, 1, 5, 6])).toBe(5.5)
    expect(median([])).toBeNaN()
  })

  it("divides the medians of the rounds", () => {
    const floor = summarize([run(100), run(400), run(200)])
    expect(ratio(summarize([run(10), run(150), run(1000)]), floor)).toBe("0.75")
  })

  it("gives no number to a client that was wrong or failed in any round", () => {
    const floor = summarize([run(100)])
    expect(ratio(summarize([run(500), run(500, 1)]), floor)).toBe("wrong")
    expect(ratio(summarize([{ failed: "status 1" }, run(500)]), floor)).toBe("failed")
    expect(ratio(undefined, floor)).toBe("-")
    expect(ratio(floor, summarize([run(100, 1)]))).toBe("-")
  })
})
