/**
 * Keeps a room warm: a thermometer, and a relay for the heating.
 */
import { OwClient, OwRetry } from "@effect-ownet/core"
import { Effect, Schedule } from "effect"

export const thermostat = Effect.fnUntraced(function*(options: {
  readonly thermometer: string
  readonly relay: string
  readonly target: number
}) {
  const ow = yield* OwClient.OwClient
  const step = Effect.gen(function*() {
    const temperature = Number(
      yield* ow.readText(`${options.thermometer}/temperature`, { retry: OwRetry.transient })
    )
    yield* ow.write(`${options.relay}/PIO.0`, temperature < options.target ? "1" : "0", { retry: OwRetry.transient })
  })
  return yield* Effect.repeat(step, Schedule.spaced("30 seconds"))
})
