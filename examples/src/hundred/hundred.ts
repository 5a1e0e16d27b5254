/**
 * A hundred thermometers as one stream: all of a bus measure at once, every ten seconds, and each minute gives a line for each
 * of them. To run it, set `OWSERVER`:
 *
 *     pnpm exec node examples/src/hundred/main.ts
 */
import { Conversion, type Device, Discovery, type Observation, OwRetry } from "@effect-ownet/core"
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { Array, Effect, Number, Option, Schedule, Stream } from "effect"

/** What a thermometer has said in a minute. */
export interface Summary {
  readonly device: Device.AnyDevice
  readonly minute: Date
  /** Rounds without a value, or with one that cannot be true. */
  readonly missed: number
  readonly temperature: Option.Option<{ readonly least: number; readonly mean: number; readonly most: number }>
}

const summarize = (
  minute: number,
  seen: Array.NonEmptyReadonlyArray<Observation.Observation<number>>
): Summary => {
  const values = seen.flatMap((one) => one._tag === "Reading" && one.verdict._tag === "Plausible" ? [one.value] : [])
  return {
    device: seen[0].device,
    minute: new Date(minute * 60_000),
    missed: seen.length - values.length,
    temperature: values.length === 0 ? Option.none() : Option.some({
      least: Math.min(...values),
      mean: Number.sumAll(values) / values.length,
      most: Math.max(...values)
    })
  }
}

/** One round of all thermometers belongs to one minute. */
const minuteOf = ([first]: Array.NonEmptyReadonlyArray<Observation.Observation<number>>): number =>
  Math.floor(first.at.getTime() / 60_000)

export const summaries = Effect.gen(function*() {
  const { devices } = yield* Discovery.devices({ families: [DS18B20, DS18S20] }).pipe(
    // The devices of a bus that fails would be missing for good.
    Effect.filterOrFail(({ failures }) => failures.length === 0, ({ failures }) => failures[0].error),
    Effect.tapError(({ message }) => Effect.logWarning(message)),
    Effect.retry({ schedule: Schedule.spaced("10 seconds"), while: OwRetry.isTransient })
  )
  const round = Stream.runCollect(Conversion.convertAll(devices))
  return Stream.fromEffectSchedule(round, Schedule.fixed("10 seconds")).pipe(
    Stream.filter(Array.isArrayNonEmpty),
    Stream.groupAdjacentBy(minuteOf),
    Stream.map(([minute, rounds]) => {
      const byDevice = Array.groupBy(rounds.flat(), ({ device }) => device.id)
      return Object.values(byDevice).map((seen) => summarize(minute, seen))
    }),
    Stream.flatMap(Stream.fromIterable)
  )
}).pipe(Stream.unwrap)
