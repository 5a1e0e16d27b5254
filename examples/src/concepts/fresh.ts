/** A thermometer as the server remembers it, and as it is. */
import type { Device } from "@effect-ownet/core"
import type { DS18B20 } from "@effect-ownet/core/families"
import { Effect } from "effect"

export const compare = Effect.fnUntraced(function*(thermometer: Device.Device<DS18B20>) {
  const remembered = yield* thermometer.read("temperature") // at once, and up to 15 seconds old
  const fresh = yield* thermometer.read("temperature", { flags: { uncached: true } }) // measures, up to 750 ms
  return { remembered, fresh }
})
