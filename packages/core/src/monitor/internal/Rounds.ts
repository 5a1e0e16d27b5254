/**
 * Rounds of readings, from the options of a stream.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Pull from "effect/Pull"
import * as Random from "effect/Random"
import * as Schedule from "effect/Schedule"
import type * as Checked from "../../client/internal/Checked.ts"
import type * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import type * as PolledBus from "./PolledBus.ts"

/** The options of `Poll.Options` that have defaults here. */
interface Options extends Device.ReadingOptions {
  readonly concurrency?: number | undefined
  readonly jitter?: number | undefined
  readonly rest?: number | undefined
}

export interface Rounds<out E, out R> {
  readonly schedule: Schedule.Schedule<unknown, unknown, E, R>
  readonly bus: PolledBus.Options
}

/** The schedule of the rounds, and the options of each bus. Fails if one of them is invalid. */
export const of = Effect.fnUntraced(function*<E, R>(
  checked: ReturnType<typeof Checked.of>,
  schedule: Duration.Input | Schedule.Schedule<unknown, unknown, E, R>,
  { concurrency = 1, jitter = 0.1, rest = 8, ...reading }: Options
): Effect.fn.Return<Rounds<E, R>, OwError.ArgumentError> {
  const paced = jittered(
    yield* checked.schedule("schedule", schedule),
    yield* checked.within("jitter", jitter, 1, "a fraction from 0 to 1")
  )
  yield* checked.times("concurrency", concurrency)
  yield* checked.times("rest", rest)
  yield* checked.within("maxJump", reading.maxJump ?? Infinity, Infinity, "a number of at least 0")
  yield* checked.call(reading)
  return { schedule: paced, bus: { ...reading, concurrency, rest } }
})

const longestJitter = 5000

const jittered = <E, R>(
  schedule: Schedule.Schedule<unknown, unknown, E, R>,
  share: number
): Schedule.Schedule<unknown, unknown, E, R> =>
  share === 0
    ? schedule
    : Schedule.modifyDelay(schedule, ({ duration }) => {
      const millis = Duration.toMillis(duration)
      return Effect.map(Random.next, (random) => millis + Math.round(random * Math.min(millis * share, longestJitter)))
    })

/** Runs an effect again and again according to a schedule, and pauses in between. */
export const repeat = <E, R, E2, R2>(
  effect: Effect.Effect<unknown, E2, R2>,
  schedule: Schedule.Schedule<unknown, unknown, E, R>,
  pause: (millis: number) => Effect.Effect<void>
): Effect.Effect<void, E | E2, R | R2> =>
  Effect.flatMap(Clock.Clock, (clock) =>
    Effect.flatMap(Schedule.toStep(schedule), (step) => {
      const next = Effect.suspend(() => step(clock.currentTimeMillisUnsafe(), undefined))
      const pauses = Effect.flatMap(next, ([, duration]) => pause(Duration.toMillis(duration)))
      const rounds = Effect.forever(Effect.andThen(effect, pauses), { disableYield: true })
      return Pull.catchDone(rounds, () => Effect.void)
    }))
