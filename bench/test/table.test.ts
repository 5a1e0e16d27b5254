import { describe, expect, it } from "vitest"
import { median, ratio, type Run, seconds, summarize, time } from "../src/table.ts"

const run = (rate: number, wrong = 0): Run => ({ calls: rate * 2, seconds: 2, wrong })

const starts = (times: ReadonlyArray<number>, wrong = 0): Run => ({ calls: times.length, seconds: 1, wrong, times })

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

  it("divides the medians of the times of all rounds", () => {
    const floor = summarize([starts([40, 20]), starts([30])])
    const client = summarize([starts([60, 900]), starts([50])])
    expect(time(client)).toBe("60.00")
    expect(ratio(client, floor, "time")).toBe("2.00")
  })

  it("tells what a call costs of what a server has counted, and what more of them would take", () => {
    const counted = (requests: number, bytes: number): Run => ({
      calls: 4,
      seconds: 2,
      wrong: 0,
      traffic: { requests, bytes }
    })
    const summary = summarize([counted(4, 400), counted(8, 800), counted(12, 2000)])
    expect(summary.traffic).toEqual({ requests: 2, bytes: 200 })
    expect(seconds(summary, 100)).toBe("50.00")
    expect(seconds(summarize([{ failed: "status 1" }]), 100)).toBe("failed")
    expect(summarize([run(1)]).traffic).toBeUndefined()
  })

  it("gives no time of a client that was wrong or failed in any round", () => {
    const floor = summarize([starts([30])])
    for (
      const [mark, bad] of [["wrong", starts([10], 1)], ["failed", { failed: "status 1" }]] as const
    ) {
      const client = summarize([starts([10]), bad])
      expect(time(client)).toBe(mark)
      expect(ratio(client, floor, "time")).toBe(mark)
      expect(ratio(floor, client, "time")).toBe("-")
    }
    expect(time(undefined)).toBe("-")
    expect(ratio(floor, summarize([run(100)]), "time")).toBe("-")
  })
})
