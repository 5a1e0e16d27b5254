/**
 * A thermostat for a house that is left alone. Short failures are retried. A thermometer that fails for longer is taken out of
 * the circuit, and meanwhile the heating is off. It is also off when the program ends. To run it, set `OWSERVER`, `THERMOMETER`
 * and `RELAY`, and optionally `TARGET`:
 *
 *     pnpm exec node examples/src/thermostat/main.ts
 */
import { Device, OwRetry } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { Effect, Layer, Option, Ref, Schedule } from "effect"
import { CircuitBreaker } from "effect/persistence"

/** Opens after three failures in a row, at first for a minute, later for at most half an hour. */
const layerBreaker = CircuitBreaker.layer({
  tripPolicy: CircuitBreaker.consecutive(3),
  openDuration: Schedule.min([Schedule.exponential("1 minute"), Schedule.spaced("30 minutes")])
}).pipe(Layer.provide(CircuitBreaker.layerStoreMemory()))

export const failsafe = Effect.fnUntraced(function*(options: {
  readonly thermometer: string
  readonly relay: string
  readonly target: number
}) {
  const thermometer = yield* Device.make(DS18B20, options.thermometer)
  const relay = yield* Device.make(DS2408, options.relay)
  const breaker = yield* CircuitBreaker.CircuitBreaker

  // The breaker sees one outcome of all attempts. A value that was not measured, such as -0.0625 °C, is a failure, not frost.
  const measured = thermometer.reading("temperature", { implausible: "reject" }).pipe(
    Effect.retry({ schedule: OwRetry.transient, while: OwRetry.isTransient }),
    breaker.execute({ key: thermometer.path })
  )
  const heat = (isOn: boolean) =>
    relay.write("PIO.0", isOn, { verify: true, retry: OwRetry.transient, timeout: "5 seconds" })

  const told = yield* Ref.make(Option.none<boolean>())
  const tell = (isOn: boolean, why: string) =>
    Effect.flatMap(
      Ref.getAndSet(told, Option.some(isOn)),
      (before) =>
        Option.contains(before, isOn) ? Effect.void : Effect.logInfo(`${why}: the heating is ${isOn ? "on" : "off"}`)
    )

  const step = measured.pipe(
    Effect.map(({ value }) => ({ isOn: value < options.target, why: `${value} °C` })),
    Effect.catchReason(
      "CircuitBreakerError",
      "CircuitOpen",
      () => Effect.succeed({ isOn: false, why: "the thermometer has failed too often" })
    ),
    Effect.flatMap(({ isOn, why }) => Effect.andThen(heat(isOn), tell(isOn, why))),
    // One failure changes nothing. A relay that does not answer keeps its state, and the next step writes it again.
    Effect.catch((error) => Effect.logWarning(error.message))
  )
  return yield* step.pipe(
    Effect.repeat(Schedule.spaced("30 seconds")),
    Effect.ensuring(
      Effect.catch(heat(false), ({ message }) => Effect.logError(`the heating may still be on: ${message}`))
    )
  )
}, Effect.provide(layerBreaker))
