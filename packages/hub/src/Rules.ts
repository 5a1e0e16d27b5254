/**
 * The rules by which a hub finds what somebody wants to know of: each condition begins once and ends once, also over restarts. They
 * are plain functions.
 *
 * @since 0.1.0
 */
import type { Follow } from "@effect-ownet/core"
import type * as Derived from "./Derived.ts"
import type { Notice, Turn } from "./Notices.ts"
import type { Place } from "./Places.ts"

/**
 * A place, as far as it matters to rules.
 *
 * @category models
 * @since 0.1.0
 */
export interface Subject extends Pick<Place, "key" | "limits" | "noNewsFor"> {
  /** Its title in notices. */
  readonly title: string
}

/**
 * Settings of the rules. Durations are in seconds.
 *
 * @category models
 * @since 0.1.0
 */
export interface Settings {
  /** Whether alarms of chips are told. Default `true`. */
  readonly alarms?: boolean | undefined
  /** Whether failing buses and servers are told. Default `true`. */
  readonly outages?: boolean | undefined
  /** Time that a bus or a server has to fail before that is told. Default 30. */
  readonly outagesFor?: number | undefined
  /** Time without a good reading of any place before that is told. Never by default. */
  readonly noNewsFor?: number | undefined
}

/**
 * Knowledge of the places that rules are about. It is asked anew each time, so that edits count at once.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  readonly settings: () => Settings
  /** The place that a device fills, or that of a derived value. */
  readonly placeOf: (device: string) => Subject | undefined
}

/**
 * All that the rules remember. Each call changes it in place.
 *
 * @category models
 * @since 0.1.0
 */
export interface State {
  readonly options: Options
  /** Notices that have not ended. */
  readonly open: Map<string, Notice>
}

/**
 * Begins at a time, in seconds since 1970, with the notices that had not ended before.
 *
 * @category constructors
 * @since 0.1.0
 */
export const begin = (open: ReadonlyArray<Notice>, _now: number, options: Options): State => ({
  options,
  open: new Map(open.map((notice) => [notice.id, notice]))
})

/**
 * Takes in one event.
 *
 * @category combinators
 * @since 0.1.0
 */
export const take = (_state: State, _event: Follow.Event, _now: number): ReadonlyArray<Turn> => []

/**
 * Takes in a derived value.
 *
 * @category combinators
 * @since 0.1.0
 */
export const derive = (_state: State, _value: Derived.Value, _now: number): ReadonlyArray<Turn> => []

/**
 * Takes in that time has passed: every second or so.
 *
 * @category combinators
 * @since 0.1.0
 */
export const tick = (_state: State, _now: number): ReadonlyArray<Turn> => []

/**
 * Takes in that somebody has acknowledged a notice. `undefined` if there is no such open notice.
 *
 * @category combinators
 * @since 0.1.0
 */
export const acknowledge = (_state: State, _id: string, _now: number): Turn | undefined => undefined
