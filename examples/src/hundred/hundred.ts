/**
 * A hundred thermometers as one stream. All thermometers of a bus measure at the same time, every ten seconds, and each minute
 * gives a line for each of them. To run it, set `OWSERVER`:
 *
 *     pnpm exec node examples/src/hundred/main.ts
 */
import { type Device, Follow, Snapshot } from "@effect-ownet/core"
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { Array, DateTime, Effect, Number, Option, Schedule, Stream } from "effect"

/** Summary of a thermometer's values in one minute. */
export interface Summary {
  readonly device: Device.AnyDevice
  /** End of the minute. */
  readonly at: Date
  /** Rounds without a value, or with an implausible one. */
  readonly missed: number
  readonly temperature: Option.Option<{ readonly least: number; readonly mean: number; readonly most: number }>
}

const summarize = (at: Date, device: Device.AnyDevice, rounds: ReadonlyArray<Snapshot.Snapshot<number>>): Summary => {
  const readings = rounds.flatMap((house) => Option.toArray(Snapshot.reading(house, device.id, "temperature")))
  const values = readings.flatMap(({ value, verdict }) => verdict._tag === "Plausible" ? [value] : [])
  return {
    device,
    at,
    missed: rounds.length - values.length,
    temperature: values.length === 0 ? Option.none() : Option.some({
      least: Math.min(...values),
      mean: Number.sumAll(values) / values.length,
      most: Math.max(...values)
    })
  }
}

const every = "10 seconds"

export const summaries = Effect.gen(function*() {
  const thermometers = Follow.families([DS18B20, DS18S20], ["temperature"])
  const house = yield* Snapshot.hold(Follow.follow(thermometers, every, { together: true, jitter: 0, rest: 1 }))
  return Stream.fromEffectSchedule(house.now, Schedule.fixed(every)).pipe(
    Stream.drop(1), // nothing has been measured yet
    Stream.grouped(6),
    Stream.mapEffect((rounds) =>
      Effect.map(
        DateTime.nowAsDate,
        (at) => Snapshot.devices(Array.lastNonEmpty(rounds)).map(({ device }) => summarize(at, device, rounds))
      )
    ),
    Stream.flattenIterable
  )
}).pipe(Stream.unwrap)
