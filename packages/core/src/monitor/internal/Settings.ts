/**
 * What a stream is told, checked before anything is asked of a server.
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Argument from "../../client/internal/Argument.ts"
import * as OwError from "../../client/OwError.ts"

export const refuse = (argument: string, problem: string): Effect.Effect<never, OwError.ArgumentError> =>
  Effect.fail(new OwError.ArgumentError({ operation: "dir", argument, problem }))

/** A schedule, or the pauses of one. */
export const schedule = (
  argument: string,
  input: Duration.Input | Schedule.Schedule<unknown>
): Effect.Effect<Schedule.Schedule<unknown>, OwError.ArgumentError> =>
  Schedule.isSchedule(input) ? Effect.succeed(input) : Effect.map(millis(argument, input), Schedule.spaced)

export const millis = (argument: string, input: Duration.Input): Effect.Effect<number, OwError.ArgumentError> => {
  const millis = Argument.millis(input)
  return millis === undefined ? refuse(argument, Argument.notPositive(argument, input).problem) : Effect.succeed(millis)
}

/** How often something happens: once, at least. */
export const times = (argument: string, value: number): Effect.Effect<number, OwError.ArgumentError> =>
  Number.isSafeInteger(value) && value >= 1
    ? Effect.succeed(value)
    : refuse(argument, `must be a whole number of at least 1, not ${value}`)
