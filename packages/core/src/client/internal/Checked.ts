/**
 * What a stream is told, checked before anything is asked of a server.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { monotonicMillis } from "../../internal/clock.ts"
import type * as OwClient from "../OwClient.ts"
import * as OwError from "../OwError.ts"
import * as Argument from "./Argument.ts"

/** The checks of one function, which errors name. */
export const of = (operation: string) => {
  const fail = (problem: Argument.Problem): Effect.Effect<never, OwError.ArgumentError> =>
    Effect.fail(new OwError.ArgumentError({ operation, ...problem }))

  const millis = (argument: string, input: Duration.Input): Effect.Effect<number, OwError.ArgumentError> => {
    const millis = Argument.millis(input)
    return millis === undefined ? fail(Argument.notPositive(argument, input)) : Effect.succeed(millis)
  }

  return {
    refuse: (argument: string, problem: string) => fail({ argument, problem }),

    millis,

    /** How each call is to be made. */
    call: (options: OwClient.CallOptions): Effect.Effect<void, OwError.ArgumentError> => {
      const { timeout } = options
      const problem = timeout !== undefined && Argument.millis(timeout) === undefined
        ? Argument.notPositive("timeout", timeout)
        : Argument.call(options)
      return problem === undefined ? Effect.void : fail(problem)
    },

    /** A schedule, or one of rounds that begin so often. */
    schedule: <E, R>(
      argument: string,
      input: Duration.Input | Schedule.Schedule<unknown, unknown, E, R>
    ): Effect.Effect<Schedule.Schedule<unknown, unknown, E, R>, OwError.ArgumentError> =>
      Schedule.isSchedule(input) ? Effect.succeed(input) : Effect.map(millis(argument, input), every),

    /** How often something happens: once, at least. */
    times: (argument: string, value: number): Effect.Effect<number, OwError.ArgumentError> => {
      const problem = Argument.whole(argument, value)
      return problem === undefined ? Effect.succeed(value) : fail(problem)
    },

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

/** From the beginning of a round to that of the next: a round that was late is not made up for. */
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
