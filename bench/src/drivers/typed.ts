/** effect-ownet's typed devices: a property that is read is a value, and not a text. */
import { Device, OwPath, type RomId } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { Effect, Option, Result } from "effect"
import { openOn } from "../../driver.ts"
import type { Driver } from "./Driver.ts"

export const driver: Driver = {
  open: async (address) => {
    const { ow, ...client } = await openOn(address, {})
    const devices = new Map<string, Device.Device<Families.DS18B20>>()
    const deviceAt = (path: string): Device.Device<Families.DS18B20> => {
      const known = devices.get(path)
      if (known !== undefined) return known
      const id: RomId.RomId = Option.getOrThrow(OwPath.romId(Result.getOrThrow(OwPath.parse(path))))
      const device = Device.at(Families.DS18B20, { id, path, bus: undefined, name: path, ow })
      devices.set(path, device)
      return device
    }
    return {
      ...client,
      effect: {
        ...client.effect,
        // The bench compares texts.
        read: (path) => Effect.map(deviceAt(path.slice(0, path.lastIndexOf("/"))).read("temperature"), String)
      }
    }
  }
}
