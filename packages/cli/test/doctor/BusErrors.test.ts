/**
 * Errors that a server has counted.
 */
import { assert, describe, it } from "@effect/vitest"
import * as BusErrors from "../../src/doctor/BusErrors.ts"

describe("what a server has counted of a bus", () => {
  const quiet = { elapsed_time: 300_000, resets: 10_000 }

  it("is nothing to speak of where it is little and old", () => {
    const check = BusErrors.judge("bus.0", { ...quiet, shorts: 3 }, { ...quiet, shorts: 3 })
    assert.strictEqual(check.status, "ok")
    assert.strictEqual(check.message, "3 short circuits in the 3 days since the server's start, among 10000 resets")
  })

  it("is something to speak of where it rises, where it is much, and where it is the bus master's", () => {
    const rising = BusErrors.judge("bus.0", { ...quiet, shorts: 3 }, { ...quiet, shorts: 5 })
    assert.strictEqual(rising.status, "warn")
    assert.include(rising.message, "5 short circuits, 2 of them just now")
    assert.match(rising.advice ?? "", /short circuit.+Unplug/)
    assert.strictEqual(BusErrors.judge("bus.0", {}, { ...quiet, reset_errors: 101 }).status, "warn")
    const lost = BusErrors.judge("bus.0", { ...quiet, reconnects: 1 }, { ...quiet, reconnects: 1 })
    assert.strictEqual(lost.status, "warn")
    assert.match(lost.advice ?? "", /USB or serial plug/)
  })

  it("is not said to be new where nobody knows what was before", () => {
    assert.deepInclude(BusErrors.judge("bus.0", {}, { shorts: 5, resets: 10_000 }).details, {
      rising: {},
      seconds: 0
    })
  })
})
