/** The values of a series in a range, which grow by what is read: buckets of one width, `null` where nothing was measured. */
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
  /** The middle of each bucket, and the time of the last value at the end. */
  readonly xs: Array<number>
  readonly mean: Column
  readonly min: Column
  readonly max: Column
  readonly marks: Array<Mark>
}

export const make = ({ from, width }: History, buckets: Buckets, now: number): Trace => {
  // What is not over yet is drawn to now, and what has not begun not at all.
  const count = Math.max(0, Math.min(buckets.mean.length, Math.ceil((now - from) / width)))
  const cut = (column: ReadonlyArray<number | null>): Column => column.slice(0, count)
  return {
    from,
    width,
    unit: buckets.unit,
    xs: Array.from({ length: count }, (_, index) => Math.min(from + (index + 0.5) * width, now)),
    mean: cut(buckets.mean),
    min: cut(buckets.min ?? buckets.mean),
    max: cut(buckets.max ?? buckets.mean),
    marks: [...buckets.marks]
  }
}

/** The number that is drawn of a value. */
const numberOf = (value: Reading["value"]): number | undefined =>
  typeof value === "number" ? value : typeof value === "boolean" ? Number(value) : undefined

/** Appends a reading. `patience` is after how many seconds without one nothing is known. */
export const extend = (trace: Trace, { at, value, verdict }: Reading, patience: number): void => {
  const number = numberOf(value)
  const { from, max, mean, min, width, xs } = trace
  const last = xs.length - 1
  if (number === undefined || at <= (xs[last] ?? from)) return
  if (verdict !== undefined) {
    if (trace.marks.at(-1)?.at !== at) trace.marks.push({ at, value: number, verdict })
    return
  }
  const index = Math.floor((at - from) / width)
  // A value holds until the next one, unless that is too late.
  const held = last >= 0 && at - xs[last] <= patience + width ? mean[last] : null
  for (let missing = xs.length; missing < index; missing++) {
    xs.push(from + (missing + 0.5) * width)
    for (const column of [mean, min, max]) column.push(held)
  }
  if (index < xs.length) {
    const end = xs.length - 1
    const begin = from + end * width
    const before = mean[end]
    // A mean is weighted by time: what was read last has held since the reading before it.
    mean[end] = before === null ? number : before + (number - before) * Math.min(1, (at - xs[end]) / (at - begin))
    xs[end] = at
    min[end] = Math.min(min[end] ?? number, number)
    max[end] = Math.max(max[end] ?? number, number)
  } else {
    if (last >= 0) xs[last] = Math.min(xs[last], from + (last + 0.5) * width)
    xs.push(at)
    for (const column of [mean, min, max]) column.push(number)
  }
}

/** The least and the greatest value from a time on. */
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

/** How much a value has changed by the hour, of late; `undefined` if too little is known. */
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
