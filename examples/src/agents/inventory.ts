import { Device, Discovery } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2438 } from "@effect-ownet/core/families"
import { Console, Effect } from "effect"

export const inventory = Effect.gen(function*() {
  const { devices, failures } = yield* Discovery.devices({ families: [DS18B20, DS18S20, DS2438] })
  for (const { error } of failures) yield* Console.warn(error.message) // a bus or a coupler that could not be searched

  return yield* Effect.forEach(
    devices,
    Effect.fnUntraced(function*(device) {
      const temperature = yield* device.reading("temperature") // all three families have it
      if (!Device.is(DS2438)(device)) return [temperature]
      return [temperature, yield* device.reading("humidity")] // only this family
    })
  )
})
