/**
 * Settings of a hub: its options with their defaults, checked.
 */
import { OwError } from "@effect-ownet/core"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Derived from "../../Derived.ts"
import type * as Hub from "../../Hub.ts"
import * as Places from "../../Places.ts"
import * as Permission from "../Permission.ts"

/** The options with their defaults. Durations are in milliseconds. */
export interface HubSettings {
  readonly every: number
  readonly timeout: number | undefined
  readonly flush: number
  readonly keep: number
  readonly buffer: number
  readonly title: string
  readonly notice: string | undefined
  readonly deadBand: Hub.Options["deadBand"]
  readonly allowWrite: ReadonlyArray<string>
  readonly isAllowed: (property: string) => boolean
  readonly search: Hub.Options["search"]
  readonly alarms: NonNullable<Hub.Options["alarms"]>
  readonly places: NonNullable<Hub.Options["places"]>
}

/** Checks options and fills in defaults. An invalid option is an `ArgumentError` of the operation. */
export const of = Effect.fnUntraced(function*(
  operation: string,
  options: Hub.Options,
  flushedEvery: Duration.Input
): Effect.fn.Return<HubSettings, OwError.ArgumentError> {
  const refuse = (argument: string, problem: string) =>
    Effect.fail(new OwError.ArgumentError({ operation, argument, problem }))
  const checked = (argument: string, input: Duration.Input): Effect.Effect<number, OwError.ArgumentError> => {
    const duration = Option.getOrUndefined(Duration.fromInput(input))
    return duration !== undefined && Duration.isPositive(duration) && Duration.isFinite(duration)
      ? Effect.succeed(Duration.toMillis(duration))
      : refuse(argument, "must be a finite duration above zero")
  }
  const { alarms = true, allowWrite = [], buffer = 100_000, places = {}, timeout, title = "1-Wire" } = options
  if (!(buffer >= 1)) return yield* refuse("buffer", "must be at least 1")
  return {
    every: yield* checked("every", options.every ?? "10 seconds"),
    timeout: timeout === undefined ? undefined : yield* checked("timeout", timeout),
    flush: yield* checked("flush", options.flush ?? flushedEvery),
    keep: yield* checked("keep", options.keep ?? "730 days"),
    buffer,
    title,
    notice: options.notice,
    deadBand: options.deadBand,
    allowWrite,
    isAllowed: Permission.of(allowWrite),
    search: options.search,
    alarms,
    places
  }
})

/** Settings for following a network. If one changes, the network must be followed again. */
export const followedBy = ({ alarms, every, search, timeout }: HubSettings) => ({ alarms, every, search, timeout })

/** Settings that a page shows. If one changes, each page needs a new snapshot. */
export const headOf = ({ allowWrite, every, notice, title }: HubSettings) => ({ allowWrite, every, notice, title })

/** A place with its settings, or with its defaults. It keeps the device that fills it. */
export const placed = (key: string, settings: Hub.PlaceSettings | undefined, device: string): Places.Place => {
  if (settings === undefined) return { ...Places.ofDevice(key), device }
  const { device: _, ...own } = settings
  return { ...own, key, device }
}

/** Checks the derived values of options. A mistake is an `ArgumentError` of the operation. */
export const checkDerived = (
  operation: string,
  { derived = {}, places = {} }: Hub.Options
): Effect.Effect<void, OwError.ArgumentError> => {
  const [mistake] = Derived.check(derived, (key) => places[key]?.group)
  return mistake === undefined
    ? Effect.void
    : Effect.fail(
      new OwError.ArgumentError({
        operation,
        argument: "derived",
        problem: `${JSON.stringify(mistake.place)} cannot be made: ${mistake.problem}`
      })
    )
}
