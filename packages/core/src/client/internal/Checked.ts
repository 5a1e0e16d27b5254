/**
 * Checks of a function's arguments, before any request to a server.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { monotonicMillis } from "../../internal/clock.ts"
import * as OwError from "../OwError.ts"
import * as Argument from "./Argument.ts"

/** The checks of one function. Their errors name it. */
export const of = (operation: string) => {
  const fail = (problem: Argument.Problem): Effect.Effect<never, OwError.ArgumentError> =>
    Effect.fail(new OwError.ArgumentError({ operation, ...problem }))

  const unless = <A>(problem: Argument.Problem | undefined, value: A): Effect.Effect<A, OwError.ArgumentError> =>
    problem === undefined ? Effect.succeed(value) : fail(problem)

  const millis = (argument: string, input: Duration.Input): Effect.Effect<number, OwError.ArgumentError> => {
    const millis = Argument.millis(input)
    return millis === undefined ? fail(Argument.notPositive(argument, input)) : Effect.succeed(millis)
  }

  return {
    refuse: (argument: string, problem: string) => fail({ argument, problem }),

    /** A duration above zero, in milliseconds. */
    millis,

    /** The options of each call. */
    call: (options: Argument.Options): Effect.Effect<void, OwError.ArgumentError> =>
      Effect.andThen(
        options.timeout === undefined ? Effect.void : millis("timeout", options.timeout),
        unless(Argument.call(options), undefined)
      ),

    /** A schedule, or the time from the start of one round to the start of the next. */
    schedule: <E, R>(
      argument: string,
      input: Duration.Input | Schedule.Schedule<unknown, unknown, E, R>
    ): Effect.Effect<Schedule.Schedule<unknown, unknown, E, R>, OwError.ArgumentError> =>
      Schedule.isSchedule(input) ? Effect.succeed(input) : Effect.map(millis(argument, input), every),

    /** A count: `least` or more, 1 by default. */
    times: (argument: string, value: number, least?: number): Effect.Effect<number, OwError.ArgumentError> =>
      unless(Argument.whole(argument, value, least), value),

    /** A share or a distance. */
    within: (
      argument: string,
      value: number,
      most: number,
      what: string
    ): Effect.Effect<number, OwError.ArgumentError> =>
      value >= 0 && value <= most ? Effect.succeed(value) : fail({ argument, problem: `must be ${what}, not ${value}` })
  }
}

/** The time from the start of one round to the start of the next. Missed rounds are skipped. */
const every = (millis: number): Schedule.Schedule<unknown> =>
  Schedule.fromStep(Effect.map(Clock.Clock, (clock) => {
    let due = monotonicMillis(clock)
    return () =>
      Effect.sync(() => {
        const now = monotonicMillis(clock)
        due = Math.max(due + millis, now)
        return [undefined, Duration.millis(due - now)]
      })
  }))
