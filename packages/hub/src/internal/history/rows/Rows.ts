/** Rows of a series in columns, in order of time, with at most one per second. */
import type * as History from "../../../History.ts"

export interface Rows {
  readonly at: Array<number>
  /** The value. `NaN` if nothing is known from here on. */
  readonly value: Array<number>
  /** The position of the verdict in `verdicts`. */
  readonly verdict: Array<number>
}

/** The verdicts, in an order that files depend on. Add new ones at the end. */
export const verdicts = ["Plausible", "PowerOn", "Disconnected", "NoAnswer", "OutOfRange", "Jump"] as const

export const make = (): Rows => ({ at: [], value: [], verdict: [] })

export const push = (rows: Rows, at: number, value: number, verdict: number): void => {
  rows.at.push(at)
  rows.value.push(value)
  rows.verdict.push(verdict)
}

/** The value from a row on: the value of the row, or `NaN` if it is unknown or not plausible. */
export const held = (rows: Rows, index: number): number => rows.verdict[index] === 0 ? rows.value[index]! : NaN

/** Sorts rows by time. If two rows are in one second, the one written last counts. */
export const sorted = (rows: Rows): Rows => {
  const { at } = rows
  let isSorted = true
  for (let i = 1; i < at.length && isSorted; i++) isSorted = at[i - 1]! < at[i]!
  if (isSorted) return rows
  const order = at.map((_, i) => i).toSorted((a, b) => at[a]! - at[b]! || a - b)
  const result = make()
  order.forEach((from, i) => {
    if (i + 1 < order.length && at[order[i + 1]!] === at[from]) return
    push(result, at[from]!, rows.value[from]!, rows.verdict[from]!)
  })
  return result
}

/** Merges two sets of rows. If both have a row in one second, the newer one counts. */
export const merge = (older: Rows, newer: Rows): Rows => {
  if (older.at.length === 0) return newer
  if (newer.at.length === 0) return older
  const result = make()
  let i = 0
  let j = 0
  while (i < older.at.length || j < newer.at.length) {
    const a = older.at[i] ?? Infinity
    const b = newer.at[j] ?? Infinity
    if (a < b) push(result, a, older.value[i]!, older.verdict[i]!)
    else push(result, b, newer.value[j]!, newer.verdict[j]!)
    if (a <= b) i++
    if (b <= a) j++
  }
  return result
}

/** The position of the first row at or after a time. */
const firstFrom = ({ at }: Rows, from: number): number => {
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (at[middle]! < from) low = middle + 1
    else high = middle
  }
  return low
}

export const between = (rows: Rows, from: number, to: number): Rows => {
  const start = firstFrom(rows, from)
  const end = firstFrom(rows, to)
  return {
    at: rows.at.slice(start, end),
    value: rows.value.slice(start, end),
    verdict: rows.verdict.slice(start, end)
  }
}

/** The value before a time according to the rows: `NaN` if nothing is known, `undefined` if the rows do not say. */
export const heldBefore = (rows: Rows, at: number): number | undefined => {
  const last = firstFrom(rows, at) - 1
  return last < 0 ? undefined : held(rows, last)
}

/** The last row with a value. */
export const lastValue = (rows: Rows): number => rows.value.findLastIndex((value) => !Number.isNaN(value))

export const toRow = (series: number, rows: Rows, i: number): History.Row => ({
  series,
  at: rows.at[i]!,
  value: Number.isNaN(rows.value[i]!) ? undefined : rows.value[i]!,
  verdict: verdicts[rows.verdict[i]!]!
})
