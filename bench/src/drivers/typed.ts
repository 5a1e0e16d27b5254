/** effect-ownet's typed devices: reading a property returns a value, not a text. */
import { Device, OwClient } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { Effect } from "effect"
import { openOn } from "../../driver.ts"
import type { Driver } from "./Driver.ts"

export const driver: Driver = {
  open: async (address) => {
    const { ow, ...client } = await openOn(address, {})
    let path = ""
    let device: Device.Device<Families.DS18B20>
    /** One device, because a program has its device at hand. */
    const deviceAt = (property: string): Device.Device<Families.DS18B20> => {
      if (property !== path) {
        path = property
        device = Effect.runSync(
          Device.make(Families.DS18B20, path.slice(0, path.lastIndexOf("/"))).pipe(
            Effect.provideService(OwClient.OwClient, ow)
          )
        )
      }
      return device
    }
    return {
      ...client,
      effect: {
        ...client.effect,
        read: (path) => deviceAt(path).read("temperature")
      }
    }
  }
}
