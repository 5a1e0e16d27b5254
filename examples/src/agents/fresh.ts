import { Conversion, type Device, Discovery } from "@effect-ownet/core"
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { Effect, Stream } from "effect"

/** One thermometer, measured now and not read from the server's cache: up to 750 ms. 85 °C is a `DeviceError`. */
export const fresh = (thermometer: Device.Device<DS18B20>) =>
  thermometer.reading("temperature", { flags: { uncached: true }, implausible: "reject" })

/** All thermometers, measured at the same time: about 1 second, and 15 ms to read each. */
export const pass = Effect.gen(function*() {
  const { devices } = yield* Discovery.devices({ families: [DS18B20, DS18S20] })
  return yield* Stream.runCollect(Conversion.convertAll(devices, { implausible: "readAgain" }))
})
