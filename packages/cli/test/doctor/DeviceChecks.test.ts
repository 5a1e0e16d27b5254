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
      ghosts: [],
      again: new Map([["bus.0", [id]]]),
      remembered: [id],
      isWaiting: false
    })
    assert.deepStrictEqual(checks.map(({ check, status }) => `${status} ${check}`), ["fail devices", "warn contacts"])
  })

  it("tell of ghosts, whichever of them has met one", () => {
    const ghost = "00.000000000000"
    const place = { bus: "bus.0", branches: [] }
    const idsOf = (ghosts: ReadonlyArray<string>, again: ReadonlyArray<string>) =>
      DeviceChecks.compare({
        devices: [],
        ghosts: ghosts.map((name) => ({ name, place })),
        again: new Map([["bus.0", again]]),
        remembered: [],
        isWaiting: false
      }).filter(({ check }) => check === "ghosts").map(({ details }) => details)
    assert.deepStrictEqual(idsOf([ghost], []), [{ ids: [ghost] }])
    assert.deepStrictEqual(idsOf([], [ghost]), [{ ids: [ghost] }])
    assert.deepStrictEqual(idsOf([ghost], [ghost]), [{ ids: [ghost] }])
    assert.deepStrictEqual(idsOf([], []), [])
  })
})
