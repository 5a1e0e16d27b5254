import { describe, expect, it } from "vitest"
import {
  gaps,
  type Given,
  type Kept,
  lateRounds,
  missing,
  moves,
  overlaps,
  repeated,
  unrecorded
} from "../src/fleet/Ledger.ts"

/** Readings of one server, by the process that read them, at the given seconds. */
const reads = (...all: ReadonlyArray<readonly [reader: number, seconds: number]>): ReadonlyArray<Given> =>
  all.map(([reader, seconds], value) => ({ server: "pi", reader, value, at: seconds * 1000 }))

const kept = (given: ReadonlyArray<Given>): ReadonlyArray<Kept> =>
  given.map(({ at, server, value }, position) => ({ at, server, value, position, runner: "a:1" }))

describe("the books of a fleet", () => {
  it("measure the longest time without a reading, also at the edges", () => {
    const given = reads([1, 1], [1, 2], [2, 7], [2, 8])
    expect([...gaps(given, ["pi", "other"], 0, 10_000)]).toEqual([["pi", 5000], ["other", 10_000]])
    expect(gaps(given, ["pi"], 2000, 8000).get("pi")).toBe(5000)
    expect(gaps(given, ["pi"], 7500, 12_000).get("pi")).toBe(4000)
  })

  it("find no second follower where one takes over from another, and back", () => {
    const given = reads([1, 1], [1, 2], [2, 2.4], [2, 3.4], [2, 4.4], [1, 5], [1, 6])
    expect(overlaps(given, 1000)).toEqual([])
    expect(moves(given).get("pi")).toBe(2)
  })

  it("find a round that comes late, once however often it reads", () => {
    const given = reads([1, 1], [2, 13], [2, 14], [1, 14.3], [1, 14.31], [2, 15], [2, 16])
    const late = overlaps(given, 1000)
    expect(late.map(({ reader }) => reader)).toEqual([1, 1])
    expect(lateRounds(late, 1000).get("pi")).toBe(1)
  })

  it("find two that follow one server", () => {
    const given = reads([1, 1], [2, 1.5], [1, 2], [2, 2.5], [1, 3], [2, 3.5])
    expect(lateRounds(overlaps(given, 1000), 1000).get("pi")).toBeGreaterThan(1)
  })

  it("tell readings that were lost from those that could not arrive", () => {
    const given = reads([1, 1], [1, 2], [1, 3], [1, 4], [2, 9], [2, 10], [2, 11], [2, 12])
    const of = (...values: ReadonlyArray<number>) => kept(given.filter(({ value }) => !values.includes(value)))
    const without = (values: ReadonlyArray<number>, deaths: ReadonlyMap<number, number>) => {
      const { killed, lost, underway } = missing(given, of(...values), 11_500, deaths, [{
        server: "pi",
        reader: 1,
        at: 3500
      }])
      return [lost, underway, killed].map((some) => some.map(({ value }) => value))
    }
    expect(without([1, 3], new Map())).toEqual([[1], [3], []])
    expect(without([2, 3], new Map([[1, 4500]]))).toEqual([[], [], [2, 3]])
    expect(without([1], new Map([[1, 4500]]))).toEqual([[1], [], []])
    expect(without([7], new Map())).toEqual([[], [], []])
    // Its follower started again after it.
    expect(without([2], new Map())).toEqual([[], [2], []])
  })

  it("count what is there twice, and what the history does not know", () => {
    const given = kept(reads([1, 1.2], [1, 1.9], [1, 3]))
    expect(repeated([...given, { ...given[1]!, position: 9 }]).map(({ value }) => value)).toEqual([1])
    expect(unrecorded([given[2]!, { ...given[0]!, position: 3 }], []).map(({ isLate }) => isLate)).toEqual([
      false,
      true
    ])
    const rows = [{ server: "pi", second: 1, value: 1 }]
    expect(unrecorded(given, rows).map(({ value }) => value)).toEqual([2])
    expect(unrecorded(given, [{ server: "pi", second: 1, value: 0 }]).map(({ value }) => value)).toEqual([1, 2])
  })
})
