/**
 * Dries a cellar: a fan blows in air from outside while that air holds less water. It compares dew points, switches with
 * hysteresis, and is off if a sensor fails, if the cellar gets cold, and when the program ends. To run it, set `OWSERVER`,
 * `INSIDE`, `OUTSIDE` and `RELAY`:
 *
 *     pnpm exec node examples/src/recipes/fan/main.ts
 */
import { Device, Humidity, OwRetry } from "@effect-ownet/core"
import { DS2408, DS2438 } from "@effect-ownet/core/families"
import { Effect, Option, Ref, Schedule } from "effect"

/** Degrees by which the dew point outside must be lower for the fan to start, and for it to keep running. */
const start = 3
const stop = 1

/** In °C. A colder cellar is not cooled further, so that water pipes do not freeze. */
const coldest = 8

/** Whether the fan runs. Between the two differences it stays as it is. */
export const runs = (inside: Humidity.Air, outside: Humidity.Air, isRunning: boolean): boolean => {
  const difference = Option.zipWith(
    Humidity.dewPoint(inside),
    Humidity.dewPoint(outside),
    (inside, outside) => inside - outside
  )
  const isDrier = Option.exists(difference, (degrees) => degrees >= (isRunning ? stop : start))
  return isDrier && inside.temperature >= coldest
}

/**
 * The air at a DS2438 with a humidity sensor. A humidity below -5 % or above 105 % is a failure, because the chip has no sensor.
 */
const airOf = (sensor: Device.Device<DS2438>) =>
  Effect.all({
    temperature: sensor.reading("temperature", { implausible: "reject" }),
    humidity: sensor.reading("humidity", { implausible: "reject" })
  }).pipe(
    Effect.map(({ humidity, temperature }) => ({ temperature: temperature.value, humidity: humidity.value })),
    Effect.retry({ schedule: OwRetry.transient, while: OwRetry.isTransient }),
    Effect.timeout("20 seconds")
  )

export const fan = Effect.fnUntraced(function*(options: {
  readonly inside: string
  readonly outside: string
  readonly relay: string
}) {
  const inside = yield* Device.make(DS2438, options.inside)
  const outside = yield* Device.make(DS2438, options.outside)
  const relay = yield* Device.make(DS2408, options.relay)
  const isRunning = yield* Ref.make(false)

  const blow = (isOn: boolean) =>
    relay.write("PIO.0", isOn, { verify: true, retry: OwRetry.transient, timeout: "20 seconds" })

  const step = Effect.all([airOf(inside), airOf(outside)]).pipe(
    Effect.zipWith(Ref.get(isRunning), ([inside, outside], before) => runs(inside, outside, before)),
    // Nobody knows whether the air outside is drier.
    Effect.catch(({ message }) => Effect.as(Effect.logWarning(message), false)),
    Effect.tap(blow),
    Effect.flatMap((isOn) => Effect.map(Ref.getAndSet(isRunning, isOn), (before) => ({ before, isOn }))),
    Effect.tap(({ before, isOn }) =>
      before === isOn ? Effect.void : Effect.logInfo(`the fan is ${isOn ? "on" : "off"}`)
    ),
    // A relay that does not answer keeps its state, and the next minute writes it again.
    Effect.catch(({ message }) => Effect.logWarning(message))
  )
  return yield* step.pipe(
    Effect.repeat(Schedule.spaced("1 minute")),
    Effect.ensuring(Effect.catch(blow(false), ({ message }) => Effect.logError(`the fan may still be on: ${message}`)))
  )
})
