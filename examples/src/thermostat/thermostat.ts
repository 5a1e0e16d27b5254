/**
 * Keeps a room warm: a thermometer, and a relay for the heating.
 */
import { Device, OwRetry } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { Effect, Schedule } from "effect"

export const thermostat = Effect.fnUntraced(function*(options: {
  readonly thermometer: string
  readonly relay: string
  readonly target: number
}) {
  const thermometer = yield* Device.make(DS18B20, options.thermometer)
  const relay = yield* Device.make(DS2408, options.relay)
  const step = Effect.gen(function*() {
    const temperature = yield* thermometer.read("temperature", { retry: OwRetry.transient })
    yield* relay.write("PIO.0", temperature < options.target, { retry: OwRetry.transient })
  })
  return yield* Effect.repeat(step, Schedule.spaced("30 seconds"))
})
