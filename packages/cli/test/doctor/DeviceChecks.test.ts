/**
 * Checks of devices.
 */
import { RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import * as DeviceChecks from "../../src/doctor/DeviceChecks.ts"

describe("two searches", () => {
  it("differ by what a search invents", () => {
    const id = "28.000028D70100"
    assert.isTrue(RomId.fromString(id)._tag === "Some")
    const checks = DeviceChecks.compare({
      devices: [],
      again: new Map([["bus.0", [id]]]),
      remembered: [id],
      isWaiting: false
    })
    assert.deepStrictEqual(checks.map(({ check, status }) => `${status} ${check}`), ["fail devices", "warn contacts"])
  })
})
