/** Buckets that are being filled, in order of time. */
import type * as Timeline from "./Timeline.ts"

export interface Tally {
  readonly edges: ReadonlyArray<number>
  readonly covered: Array<number>
  /** Values times seconds. */
  readonly sum: Array<number>
  readonly min: Array<number>
  readonly max: Array<number>
  /** The bucket that was last filled. */
  bucket: number
}

export const make = (edges: ReadonlyArray<number>): Tally => {
  const count = Math.max(0, edges.length - 1)
  const column = (value: number) => Array.from<number>({ length: count }).fill(value)
  return { edges, covered: column(0), sum: column(0), min: column(Infinity), max: column(-Infinity), bucket: 0 }
}

/**
 * Adds knowledge of a span of time: the seconds in which a value was known, the sum, and the bounds. It is spread evenly over the
 * buckets of the span.
 */
export const add = (
  tally: Tally,
  from: number,
  to: number,
  covered: number,
  sum: number,
  min: number,
  max: number
): void => {
  const { edges } = tally
  const last = edges.length - 2
  while (tally.bucket < last && edges[tally.bucket + 1]! <= from) tally.bucket++
  for (let i = tally.bucket; i <= last && edges[i]! < to; i++) {
    const share = (Math.min(to, edges[i + 1]!) - Math.max(from, edges[i]!)) / (to - from)
    if (!(share > 0)) continue
    tally.covered[i]! += covered * share
    tally.sum[i]! += sum * share
    tally.min[i] = Math.min(tally.min[i]!, min)
    tally.max[i] = Math.max(tally.max[i]!, max)
  }
}

export const addSpans = (tally: Tally, spans: Timeline.Spans): void => {
  const { edges } = tally
  const last = edges.length - 2
  for (let i = 0; i < spans.from.length; i++) {
    const value = spans.value[i]!
    let from = spans.from[i]!
    const end = spans.to[i]!
    while (tally.bucket < last && edges[tally.bucket + 1]! <= from) tally.bucket++
    for (let bucket = tally.bucket; bucket <= last && from < end; bucket++) {
      from = Math.max(from, edges[bucket]!)
      const to = Math.min(end, edges[bucket + 1]!)
      if (!(from < to)) continue
      tally.covered[bucket]! += to - from
      tally.sum[bucket]! += value * (to - from)
      if (value < tally.min[bucket]!) tally.min[bucket] = value
      if (value > tally.max[bucket]!) tally.max[bucket] = value
      from = to
    }
  }
}

const known = (tally: Tally, column: ReadonlyArray<number>): ReadonlyArray<number | undefined> =>
  column.map((value, i) => tally.covered[i]! > 0 ? value : undefined)

export const columns = (tally: Tally) => ({
  // The mean must lie between its bounds, in spite of rounding.
  mean: known(
    tally,
    tally.sum.map((sum, i) => Math.min(tally.max[i]!, Math.max(tally.min[i]!, sum / tally.covered[i]!)))
  ),
  min: known(tally, tally.min),
  max: known(tally, tally.max),
  covered: tally.covered
})
