/** The same temperature twice: from the server's cache, and measured now. */
import type { Device } from "@effect-ownet/core"
import type { DS18B20 } from "@effect-ownet/core/families"
import { Effect } from "effect"

export const compare = Effect.fnUntraced(function*(thermometer: Device.Device<DS18B20>) {
  const cached = yield* thermometer.read("temperature") // at once, up to 15 seconds old
  const fresh = yield* thermometer.read("temperature", { flags: { uncached: true } }) // up to 750 ms
  return { cached, fresh }
})
