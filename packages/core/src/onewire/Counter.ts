/**
 * The count between two readings of a counter.
 *
 * @since 0.1.0
 */

/**
 * The change between two readings of a counter.
 *
 * - `Increase`: it counted up, perhaps past its end and through 0.
 * - `Reset`: it restarted at 0. The count before the reset is lost.
 * - `Implausible`: neither is possible. A reading is wrong or from another counter, or the count grew by more than `maxIncrease`.
 *
 * @category models
 * @since 0.1.0
 */
export type Delta =
  | {
    readonly _tag: "Increase"
    /** The count between the readings. */
    readonly count: number
  }
  | {
    readonly _tag: "Reset"
    /** The count since the reset, and so the minimum of the whole count. */
    readonly count: number
  }
  | { readonly _tag: "Implausible" }

const implausible: Delta = { _tag: "Implausible" }

/**
 * Computes the count between two readings of a counter that wraps to 0 at its end. For a DS2423, pass `counter.A` and
 * `counter.B`: they have 32 bits, and restart at 0 whenever their battery was removed.
 *
 * **Details**
 *
 * If a reading is below the one before it, the counter either wrapped or was reset. The rule:
 *
 * - if the counter advanced by at most `maxIncrease`, wrapping included: an `Increase`;
 * - otherwise, if the current reading is at most `maxIncrease`: a `Reset`;
 * - otherwise, or if a reading is not a whole number in the counter's range: `Implausible`.
 *
 * **Gotchas**
 *
 * No rule detects every case. A reset counts as an increase if the counter has since reached the old reading again, or if the old
 * reading was within `maxIncrease` of the end. A realistic `maxIncrease` makes both rare.
 *
 * **Example** (The total of a water meter)
 *
 * ```ts
 * import { Counter } from "@effect-ownet/core"
 *
 * // The program reads once a minute. At most ten litres flow in that time.
 * const add = (total: number, previous: number, current: number) => {
 *   const delta = Counter.delta(previous, current, { maxIncrease: 10 })
 *   // A single reading of 0 may be a glitch. Accept a reset only if the next reading continues from it.
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
  /** Number of bits of the counter, at most 53. Default 32. */
  readonly bits?: number | undefined
  /** Maximum count between two readings. Default: half of the counter's range. */
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
