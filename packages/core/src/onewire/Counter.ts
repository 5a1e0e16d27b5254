/**
 * What two readings of a counter say that was counted between them.
 *
 * @since 0.1.0
 */

/**
 * What happened between two readings of a counter.
 *
 * - `Increase`: it went on, perhaps over its end and through 0.
 * - `Reset`: it began anew at 0. What was counted before that is lost.
 * - `Implausible`: neither can be. A reading is wrong, or of another counter, or more was counted than seemed possible.
 *
 * @category models
 * @since 0.1.0
 */
export type Delta =
  | {
    readonly _tag: "Increase"
    /** How much was counted. */
    readonly count: number
  }
  | {
    readonly _tag: "Reset"
    /** How much was counted since the reset, the least that was counted at all. */
    readonly count: number
  }
  | { readonly _tag: "Implausible" }

const implausible: Delta = { _tag: "Implausible" }

/**
 * What was counted between two readings of a counter that goes through 0 at its end. For a DS2423, `counter.A` and
 * `counter.B`: they have 32 bits, and start at 0 whenever their battery was away.
 *
 * **Details**
 *
 * A reading below the one before it is a counter that passed its end, or one that was reset. The rule:
 *
 * - at most `maxIncrease`, by the way up and through the end: an `Increase`;
 * - otherwise, a current reading of at most `maxIncrease`: a `Reset`;
 * - otherwise, and where a reading is no whole number of the counter's range: `Implausible`.
 *
 * **Gotchas**
 *
 * No rule tells everything. A reset is seen as an increase where the counter has since come to the old reading again,
 * or where the old reading was within `maxIncrease` of the end. A `maxIncrease` near the truth makes both rare.
 *
 * **Example** (The total of a water meter)
 *
 * ```ts
 * import { Counter } from "@effect-ownet/core"
 *
 * // Read each minute; no more than ten litres flow in one.
 * const add = (total: number, previous: number, current: number) => {
 *   const delta = Counter.delta(previous, current, { maxIncrease: 10 })
 *   // One reading of 0 may be a glitch: a reset is believed once the next reading follows on it.
 *   return delta._tag === "Increase" ? total + delta.count : total
 * }
 *
 * Counter.delta(4_294_967_290, 2, { maxIncrease: 10 }) // => { _tag: "Increase", count: 8 }
 * Counter.delta(81_204, 2, { maxIncrease: 10 }) // => { _tag: "Reset", count: 2 }
 * ```
 *
 * @category comparisons
 * @since 0.1.0
 */
export const delta = (previous: number, current: number, options: {
  /** How many bits the counter has, 53 at most. The default is 32. */
  readonly bits?: number | undefined
  /** The most that can be counted between two readings. The default is half of the counter's range. */
  readonly maxIncrease?: number | undefined
} = {}): Delta => {
  const range = 2 ** (options.bits ?? 32)
  const { maxIncrease = range / 2 } = options
  if (!isCount(previous, range) || !isCount(current, range)) return implausible
  const count = current < previous ? current + (range - previous) : current - previous
  if (count <= maxIncrease) return { _tag: "Increase", count }
  return current <= maxIncrease ? { _tag: "Reset", count: current } : implausible
}

const isCount = (value: number, range: number): boolean => Number.isSafeInteger(value) && value >= 0 && value < range
