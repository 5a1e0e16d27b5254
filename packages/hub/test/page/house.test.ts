/**
 * The simulated house in which the page is tested.
 */
import { assert, describe, it } from "@effect/vitest"
import { measured, rooms } from "../fixtures/viewed.ts"

/** Values that count as not measured: after power-on, with a broken wire, and without an answer. */
const implausible = new Set([85, -127, -0.0625])

describe("the simulated house", () => {
  it("needs a look on no day of the year, unless a test makes it", () => {
    const start = Date.UTC(2026, 0, 1) / 1000
    const wrong: Array<string> = []
    for (const [index, { limits, name }] of rooms.entries()) {
      for (let at = start; at < start + 365 * 86_400; at += 1201) {
        const value = measured(index, at)
        const { above = Infinity, below = -Infinity } = limits ?? {}
        if (value > above || value < below || implausible.has(value)) {
          wrong.push(`${name}: ${value} at ${new Date(at * 1000).toISOString()}`)
        }
      }
    }
    assert.deepStrictEqual(wrong, [])
  })
})
