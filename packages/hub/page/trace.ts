/** The values of a series in a range, extended by new readings: buckets of the same width, `null` where nothing was measured. */
import type { Buckets, History, Reading } from "../src/Api.ts"

type Column = Array<number | null>

interface Mark {
  readonly at: number
  readonly value: number
  readonly verdict: string
}

export interface Trace {
  readonly from: number
  readonly width: number
  readonly unit: string | undefined
  /** The middle of each bucket. For the last one, the middle of its past part. */
  readonly xs: Array<number>
  readonly mean: Column
  readonly min: Column
  readonly max: Column
  readonly marks: Array<Mark>
  /** Beginning of the history, if it is younger than the range. */
  readonly begin: number | undefined
  /** Whether nothing was known when it was made. */
  readonly isEmpty: boolean
  /** Last reading, which ends the line. */
  tip: { readonly at: number; readonly value: number } | undefined
}

export const make = ({ from, width }: History, buckets: Buckets, now: number, begin?: number): Trace => {
  // A bucket that is not complete is drawn up to now, and one that has not begun is not drawn.
  const count = Math.max(0, Math.min(buckets.mean.length, Math.ceil((now - from) / width)))
  const cut = (column: ReadonlyArray<number | null>): Column => column.slice(0, count)
  return {
    from,
    width,
    unit: buckets.unit,
    xs: Array.from(
      { length: count },
      (_, index) => (from + index * width + Math.min(from + (index + 1) * width, now)) / 2
    ),
    mean: cut(buckets.mean),
    min: cut(buckets.min ?? buckets.mean),
    max: cut(buckets.max ?? buckets.mean),
    marks: [...buckets.marks],
    begin,
    isEmpty: buckets.mean.every((value) => value === null),
    tip: undefined
  }
}

/** The number to draw for a value. */
const numberOf = (value: Reading["value"]): number | undefined =>
  typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : undefined

/** Ends the line with the current value, which no bucket contains. */
export const end = (trace: Trace, reading: Reading | undefined): void => {
  const value = reading === undefined || reading.verdict !== undefined ? undefined : numberOf(reading.value)
  trace.tip = reading === undefined || value === undefined || trace.mean.at(-1) === null
    ? undefined
    : { at: reading.at, value }
}

/** Appends a reading. After `patience` seconds without one, the value is unknown. */
export const extend = (trace: Trace, { at, value, verdict }: Reading, patience: number): void => {
  const number = numberOf(value)
  const { from, max, mean, min, tip, width, xs } = trace
  const index = Math.floor((at - from) / width)
  if (number === undefined || at <= (tip?.at ?? from) || index < xs.length - 1) return
  if (verdict !== undefined) {
    // While the verdict holds, the value is unknown.
    trace.tip = undefined
    if (trace.marks.at(-1)?.at !== at) trace.marks.push({ at, value: number, verdict })
    return
  }
  trace.tip = { at, value: number }
  // A value holds until the next one, unless that is too late.
  const held = tip !== undefined && at - tip.at <= patience + width ? tip.value : null
  for (let missing = xs.length; missing < index; missing++) {
    xs.push(from + (missing + 0.5) * width)
    for (const column of [mean, min, max]) column.push(held)
  }
  const begin = from + index * width
  if (index === xs.length) {
    xs.push((begin + at) / 2)
    for (const column of [mean, min, max]) column.push(number)
    return
  }
  const before = mean[index]
  const share = tip === undefined ? 0 : Math.min(1, (at - Math.max(begin, tip.at)) / (at - begin))
  mean[index] = before === null ? number : before + ((tip?.value ?? before) - before) * share
  min[index] = Math.min(min[index] ?? number, number)
  max[index] = Math.max(max[index] ?? number, number)
  xs[index] = (begin + at) / 2
}

/** Whether a gap lies between two known values. */
export const hasGaps = ({ mean }: Trace): boolean => {
  const first = mean.findIndex((value) => value !== null)
  const last = mean.findLastIndex((value) => value !== null)
  return mean.slice(Math.max(0, first), last + 1).includes(null)
}

/** The least and the greatest value from a given time on. */
export const bounds = (
  { max, min, xs }: Trace,
  from = -Infinity
): { readonly min: number; readonly max: number } | undefined => {
  let least = Infinity
  let most = -Infinity
  for (let index = 0; index < xs.length; index++) {
    const low = min[index]
    const high = max[index]
    if (xs[index] < from || low === null || high === null) continue
    if (low < least) least = low
    if (high > most) most = high
  }
  return least > most ? undefined : { min: least, max: most }
}

/** Recent change of a value per hour, or `undefined` if too few values are known. */
export const trend = ({ mean, width, xs }: Trace, now: number): number | undefined => {
  if (width > 1200) return undefined
  let count = 0
  let sumX = 0
  let sumY = 0
  let sumXX = 0
  let sumXY = 0
  let first = Infinity
  for (let index = xs.length - 1; index >= 0 && xs[index] >= now - 3600; index--) {
    const y = mean[index]
    if (y === null) continue
    const x = (xs[index] - now) / 3600
    count++
    sumX += x
    sumY += y
    sumXX += x * x
    sumXY += x * y
    first = x
  }
  const spread = count * sumXX - sumX * sumX
  return count < 3 || first > -0.4 || spread === 0 ? undefined : (count * sumXY - sumX * sumY) / spread
}
