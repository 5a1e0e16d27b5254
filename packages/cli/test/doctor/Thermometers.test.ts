/**
 * Checks of thermometers.
 */
import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import * as Thermometers from "../../src/doctor/Thermometers.ts"

describe("thermometers", () => {
  it("that could not be read in time are not said to be ill", () => {
    const looked = [{
      name: "28.000028D70100",
      reading: Result.succeed({ value: 21.5, verdict: { _tag: "Plausible" } as const }),
      isParasitic: false
    }]
    const check = Thermometers.judge(30, looked, 10_000)
    assert.strictEqual(check.status, "warn")
    assert.strictEqual(check.message, "1 of 30 read within 10 s")
    assert.match(check.advice ?? "", /--timeout 36s/)
    assert.strictEqual(Thermometers.judge(1, looked, undefined).status, "ok")
  })
})
