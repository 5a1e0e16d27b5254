import { Device, OwRetry } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { Effect, Schedule } from "effect"

export const thermostat = Effect.gen(function*() {
  const thermometer = yield* Device.make(DS18B20, "28.000028D70100")
  const relay = yield* Device.make(DS2408, "29.000029D60300")
  const step = Effect.gen(function*() {
    const { value } = yield* thermometer.reading("temperature", { implausible: "reject", retry: OwRetry.transient })
    yield* relay.write("PIO.0", value < 21, { retry: OwRetry.transient })
  })
  yield* Effect.repeat(step, Schedule.spaced("30 seconds"))
})
