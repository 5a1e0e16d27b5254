import { MessageType, OwError } from "@effect-ownet/core"
import { assert, it } from "@effect/vitest"
import { Outages } from "../../src/monitor/internal/Outages.ts"

const failed = (...buses: ReadonlyArray<string>) =>
  buses.map((bus) => ({
    bus,
    error: OwError.refused(-5, MessageType.DirAll, { operation: "dir", path: `/${bus}`, server: "pi:4304" })
  }))

it("Outages tell nothing of what is behind a bus that fails, until that works again", () => {
  const outages = new Outages()
  const listed = (...buses: ReadonlyArray<string>) =>
    outages.listed(new Date(0), failed(...buses)).map((outage) =>
      `${outage._tag} ${"bus" in outage ? outage.bus : "server"}`
    )
  assert.deepStrictEqual(listed("bus.1/bus.0"), ["BusFailed bus.1/bus.0"])
  assert.deepStrictEqual(listed("bus.1"), ["BusFailed bus.1"])
  assert.deepStrictEqual(listed("bus.1", "bus.10"), ["BusFailed bus.10"])
  assert.deepStrictEqual(listed("bus.1/bus.0"), ["BusRecovered bus.1", "BusRecovered bus.10"])
  assert.deepStrictEqual(listed(), ["BusRecovered bus.1/bus.0"])
})
