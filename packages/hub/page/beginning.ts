/** Histories of series. One that is younger than the range is fetched from its beginning, without the empty time before. */
import type { Buckets, History } from "../src/Api.ts"
import type { Span } from "./api.ts"
import * as Range from "./range.ts"
import type { Trace } from "./trace.ts"

/** Minimum width of a chart, in seconds. */
const least = 600

/** Maximum requests that approach a beginning. Each divides the width of a bucket by up to the number of buckets. */
const most = 4

/** Fewest buckets that the hub accepts. */
const fewest = 10

/** Requests buckets of series, by their names. */
export type Ask = (names: ReadonlyArray<string>, span: Span, points: number) => Promise<History>

export interface Found {
  readonly name: string
  readonly history: History
  readonly buckets: Buckets
  /** Beginning of the history, if it lies within the range. */
  readonly begin: number | undefined
}

/** Position of the first bucket in which something was measured. */
const firstOf = ({ from, width }: History, { marks, mean }: Buckets): number => {
  const known = mean.findIndex((value) => value !== null)
  const mark = marks.length === 0 ? Infinity : Math.max(0, Math.floor((marks[0].at - from) / width))
  return Math.min(known === -1 ? Infinity : known, mark)
}

const isLate = (first: number): boolean => first > 0 && first < Infinity

/** Fetches series that begin in the same bucket of a history. */
const approach = async (
  ask: Ask,
  names: ReadonlyArray<string>,
  to: number,
  points: number,
  start: number
): Promise<ReadonlyArray<Found>> => {
  let begin = start
  for (let left = most;; left--) {
    const from = Math.min(begin, to - least)
    // oxlint-disable-next-line no-await-in-loop -- each request depends on the answer before
    const history = await ask(names, { from, to }, points)
    const first = Math.min(...history.series.map((buckets) => firstOf(history, buckets)))
    if (Number.isFinite(first)) begin = history.from + first * history.width
    if (left === 1 || first < points / 5 || from === to - least) {
      return history.series.map((buckets, index) => ({ name: names[index], history, buckets, begin }))
    }
  }
}

/**
 * Fetches series in a range. Those in whose range the history begins are fetched again from there, with narrower buckets. If they
 * share one chart, that applies to all or to none.
 */
export const fetch = async (
  ask: Ask,
  names: ReadonlyArray<string>,
  span: Span,
  points: number,
  isShared: boolean
): Promise<ReadonlyArray<Found>> => {
  const history = await ask(names, span, points)
  const found = history.series.map((buckets, index): Found => ({
    name: names[index],
    history,
    buckets,
    begin: undefined
  }))
  if (Range.fixed !== undefined) return found
  const firsts = found.map(({ buckets }) => firstOf(history, buckets))
  const late = names.filter((_, index) => isLate(firsts[index]))
  if (late.length === 0 || (isShared && firsts.includes(0))) return found
  const earlier = await ask(late, { from: 0, to: history.from }, fewest)
  const young = late.filter((_, index) => firstOf(earlier, earlier.series[index]) === Infinity)
  if (isShared && young.length < late.length) return found
  const groups = new Map<number, Array<string>>()
  for (const name of isShared ? names : young) {
    const first = isShared ? Math.min(...firsts) : firsts[names.indexOf(name)]
    groups.set(first, [...groups.get(first) ?? [], name])
  }
  const fetched = await Promise.all(
    [...groups].map(([first, of]) => approach(ask, of, span.to, points, history.from + first * history.width))
  )
  const byName = new Map(fetched.flat().map((one) => [one.name, one]))
  return found.map((one) => byName.get(one.name) ?? one)
}

/** The part of the range that a chart shows: from the earliest beginning on, if all its traces have one. */
export const spanOf = (traces: ReadonlyArray<Trace>): Span => {
  const span = Range.current()
  const begin = Math.min(...traces.map(({ begin }) => begin ?? -Infinity))
  return Range.fixed !== undefined || !Number.isFinite(begin)
    ? span
    : { from: Math.max(span.from, Math.min(begin, span.to - least)), to: span.to }
}

/** The time at which a history begins, if that is within the range. */
export const within = (traces: ReadonlyArray<Trace>): number | undefined => {
  const begin = Math.min(...traces.map(({ begin }) => begin ?? -Infinity))
  return Range.fixed === undefined && Number.isFinite(begin) && begin > Range.current().from ? begin : undefined
}
