/** effect-ownet's simultaneous conversion: all thermometers of a bus measure at the same time, and then each is read. */
import { Conversion, Device, OwClient } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { Effect, Stream } from "effect"
import { openOn } from "../../driver.ts"
import type { Driver } from "./Driver.ts"

export const driver: Driver = {
  open: async (address) => {
    const { ow, ...client } = await openOn(address, {})
    const readMany = Effect.fnUntraced(function*(paths: ReadonlyArray<string>) {
      const sensors = yield* Effect.forEach(
        paths,
        // It requests fresh values by itself.
        (path) => Device.make(DS18B20, path.slice(0, path.lastIndexOf("/")).replace(/^\/uncached/, ""))
      )
      const values = new Map<Device.AnyDevice, number>()
      yield* Stream.runForEach(
        Conversion.convertAll(sensors),
        (seen) =>
          seen._tag === "Reading" ? Effect.sync(() => values.set(seen.device, seen.value)) : Effect.fail(seen.error)
      )
      return sensors.map((sensor) => values.get(sensor) ?? Number.NaN)
    }, Effect.provideService(OwClient.OwClient, ow))
    return { ...client, effect: { ...client.effect, readMany } }
  }
}
