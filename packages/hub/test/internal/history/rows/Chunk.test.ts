import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Schema } from "effect"
import * as Chunk from "../../../../src/internal/history/rows/Chunk.ts"
import * as Day from "../../../../src/internal/history/rows/Day.ts"
import * as Rows from "../../../../src/internal/history/rows/Rows.ts"
import { random } from "../../../fixtures/story.ts"

const start = 1_767_225_600

const int = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** Values as sensors give them, in steps; counters; and such that have no step. */
const Value = Schema.Union([
  Schema.Struct({ steps: int(-2000, 2000), of: Schema.Literals([1, 2, 8, 16, 10, 100]) }),
  Schema.Struct({ steps: int(0, 0xffff_ffff), of: Schema.Literals([1]) })
])

const Line = Schema.Struct({
  after: int(1, 700),
  value: Schema.UndefinedOr(Value),
  verdict: int(0, Rows.verdicts.length - 1)
})

const Hours = Schema.Struct({
  lines: Schema.Array(Line).check(Schema.isMaxLength(40)),
  /** What is among them, once. */
  odd: Schema.UndefinedOr(Schema.Finite)
})

const hours = Arbitrary.schema(Hours).pipe(Arbitrary.map(({ lines, odd }) => {
  const rows = Rows.make()
  let at = start - 1
  for (const { after, value, verdict } of lines) {
    at += after
    if (at >= start + Chunk.seconds) break
    Rows.push(rows, at, value === undefined ? NaN : value.steps / value.of, verdict)
  }
  if (odd !== undefined && Math.abs(odd) < 1e100 && rows.at.length > 0) rows.value[0] = odd
  return rows
}))

const arbitrary = { seed: 7, runs: 500 }

describe("Chunk", () => {
  it.prop("gives back exactly the rows of an hour", [hours], ([rows]) => {
    assert.deepStrictEqual(Chunk.decode(start, Chunk.encode(start, rows)), rows)
  }, { arbitrary })

  it.prop("takes no bytes amiss", [Schema.Uint8Array], ([bytes]) => {
    const rows = Chunk.decode(start, bytes)
    if (rows === undefined) return
    rows.at.forEach((at, i) => assert.isTrue(at >= start && at < start + 3600 && (i === 0 || at > rows.at[i - 1]!)))
  }, { arbitrary })

  it("keeps minus zero, and the largest and the smallest numbers", () => {
    const rows: Rows.Rows = {
      at: [start, start + 1, start + 2, start + 3],
      value: [-0, Number.MAX_VALUE, Number.MIN_VALUE, Number.MAX_SAFE_INTEGER],
      verdict: [0, 0, 0, 0]
    }
    assert.deepStrictEqual(Chunk.decode(start, Chunk.encode(start, rows)), rows)
  })

  it("needs about three bytes a row of a thermometer, and ten an hour for its roll-ups", () => {
    const { below } = random(1)
    const rows = Rows.make()
    let level = 320
    for (let at = start; at < start + Chunk.seconds; at += 60 + below(120)) {
      level += below(5) - 2
      Rows.push(rows, at, level / 16, 0)
    }
    assert.isAtMost(Chunk.encode(start, rows).length / rows.at.length, 3.2)
    const day = Rows.make()
    for (let at = start; at < start + Day.seconds; at += 60 + below(120)) {
      level += below(5) - 2
      Rows.push(day, at, level / 16, 0)
    }
    assert.isAtMost(Day.encode(Day.roll(start, day, NaN)).length, 24 * 10)
  })
})

describe("Day", () => {
  it.prop("gives back exactly the hours of a day", [hours, Schema.UndefinedOr(int(-100, 100))], ([rows, carry]) => {
    const day = Day.roll(start, rows, carry === undefined ? NaN : carry / 16)
    const decoded = Day.decode(Day.encode(day))!
    assert.deepStrictEqual({ ...decoded, sum: [] }, { ...day, sum: [] })
    decoded.sum.forEach((sum, i) => assert.closeTo(sum, day.sum[i]!, 1e-12 * Math.abs(day.sum[i]!) + 1e-300))
  }, { arbitrary })

  it.prop("takes no bytes amiss", [Schema.Uint8Array], ([bytes]) => {
    assert.isTrue([undefined, 24].includes(Day.decode(bytes)?.covered.length))
  }, { arbitrary })
})
