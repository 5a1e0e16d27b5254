import { assert, describe, it } from "@effect/vitest"
import * as Temperatures from "../../../src/internal/w1/Temperatures.ts"

describe("Temperatures", () => {
  it("reads thousandths of a degree", () => {
    assert.strictEqual(Temperatures.celsius("21562"), 21.562)
    assert.strictEqual(Temperatures.celsius("-5"), -0.005)
    assert.strictEqual(Temperatures.celsius("0"), 0)
    for (const text of ["", "abc", "21.5", "0x10", "1e3", "NaN", "12345678901234567890", "1 2", "-"]) {
      assert.isUndefined(Temperatures.celsius(text), text)
    }
  })

  it("compares whole degrees, as the chip does", () => {
    const limits = { high: 30, low: -10 }
    const alarming = (temperature: number) => Temperatures.isAlarming(temperature, limits)
    assert.deepStrictEqual([30, 29.9375, -10, -9.0625, -9, -10.0625].map(alarming), [
      true,
      false,
      true,
      true,
      false,
      true
    ])
  })
})
