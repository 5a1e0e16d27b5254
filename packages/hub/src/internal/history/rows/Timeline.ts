/** Timeline of known values: spans of time with one value each, from rows that hold until the next one. */
import * as Rows from "./Rows.ts"

/** Spans in order of time, in columns. They do not overlap; nothing is known between them. */
export interface Spans {
  readonly from: Array<number>
  readonly to: Array<number>
  readonly value: Array<number>
}

const push = (spans: Spans, from: number, to: number, value: number): void => {
  if (!(from < to)) return
  const last = spans.from.length - 1
  if (last >= 0 && spans.to[last] === from && spans.value[last] === value) {
    spans.to[last] = to
    return
  }
  spans.from.push(from)
  spans.to.push(to)
  spans.value.push(value)
}

/** Spans of rows between two times. `carry` is the value at the start, or `NaN` if nothing is known. Earlier rows change it. */
export const fromRows = (rows: Rows.Rows, carry: number, from: number, to: number): Spans => {
  const spans: Spans = { from: [], to: [], value: [] }
  let since = from
  let value = carry
  for (let i = 0; i < rows.at.length; i++) {
    const at = rows.at[i]!
    if (at >= to) break
    if (at > since) {
      if (!Number.isNaN(value)) push(spans, since, at, value)
      since = at
    }
    value = Rows.held(rows, i)
  }
  if (!Number.isNaN(value)) push(spans, since, to, value)
  return spans
}

/** The upper spans, with the lower ones in their gaps. */
export const over = (upper: Spans, lower: Spans): Spans => {
  if (lower.from.length === 0) return upper
  if (upper.from.length === 0) return lower
  const spans: Spans = { from: [], to: [], value: [] }
  let low = 0
  /** Lower spans from `from` on and before `to`. */
  const fill = (from: number, to: number): void => {
    while (low < lower.from.length && lower.from[low]! < to) {
      push(spans, Math.max(from, lower.from[low]!), Math.min(to, lower.to[low]!), lower.value[low]!)
      if (lower.to[low]! > to) return
      low++
    }
  }
  let free = -Infinity
  for (let i = 0; i < upper.from.length; i++) {
    fill(free, upper.from[i]!)
    push(spans, upper.from[i]!, upper.to[i]!, upper.value[i]!)
    free = upper.to[i]!
    while (low < lower.to.length && lower.to[low]! <= free) low++
  }
  fill(free, Infinity)
  return spans
}
