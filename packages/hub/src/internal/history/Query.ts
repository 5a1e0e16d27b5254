/** Queries of a property of a place: its buckets, and its rows. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as History from "../../History.ts"
import type * as Database from "./Database.ts"
import * as Chunk from "./rows/Chunk.ts"
import * as Day from "./rows/Day.ts"
import * as Rows from "./rows/Rows.ts"
import * as Tally from "./rows/Tally.ts"
import * as Timeline from "./rows/Timeline.ts"
import * as Stored from "./Stored.ts"
import * as Waiting from "./Waiting.ts"

type Service = History.History["Service"]

const operation = "Reading the history"

/** The series of a property of a place, the newest first. */
const seriesAt = (
  all: ReadonlyArray<History.Series>,
  { place, property }: History.PlaceProperty
): ReadonlyArray<History.Series> =>
  all.filter((one) => one.place === place && one.property === property)
    .toSorted((a, b) => b.since - a.since || b.id - a.id)

const answer = (
  { place, property, series }: History.PlaceProperty & { readonly series: ReadonlyArray<History.Series> },
  tally: Tally.Tally,
  marks: ReadonlyMap<number, ReadonlyArray<History.Row>>
): History.Buckets => ({
  place,
  property,
  unit: series[0]?.unit,
  ...Tally.columns(tally),
  marks: series.flatMap(({ id }) => marks.get(id) ?? []).toSorted((a, b) => a.at - b.at).slice(0, Stored.mostMarks)
})

export const make = (
  { named }: Database.Database,
  { chunkRows, daysBetween, firstOf, heldBeforeDay, heldBeforeHour, hotRows, marksBetween, nextAfter, progress }:
    Stored.Stored,
  waiting: Waiting.Waiting
) => {
  const buckets: Service["buckets"] = ({ edges, now, of }) =>
    waiting.reading(Effect.fnUntraced(function*(known) {
      const wanted = of.map((one) => ({ ...one, series: seriesAt(known.series, one) }))
      const ids = [...new Set(wanted.flatMap((one) => one.series.map(({ id }) => id)))]
      const to = Math.min(edges[edges.length - 1] ?? 0, now)
      const nothing = wanted.map((one) => answer(one, Tally.make(edges), new Map()))
      if (ids.length === 0 || !((edges[0] ?? 0) < to)) return nothing

      const done = yield* progress
      const hot = Waiting.over(ids, yield* hotRows(ids), known.rows)
      // A long range is processed only from the first row on.
      const from = Math.max(edges[0]!, (yield* firstOf(ids, hot)) ?? Infinity)
      if (!(from < to)) return nothing

      // An hour with an edge within it is read from its rows, and so are hours that are not rolled up yet.
      const split = new Set<number>()
      for (const edge of [...edges, to]) {
        if (edge % Chunk.seconds !== 0 && edge >= from && edge <= to) split.add(Chunk.startOf(edge))
      }
      const hours = Stored.hoursBetween(from, to)
      const isFine = 2 * split.size > hours.length
      const isFromRows = (hour: number): boolean =>
        hour >= done.rolled || hour >= done.kept && (isFine || split.has(hour))
      const packed = yield* chunkRows(ids, hours.filter(isFromRows))
      const begin = hours[0]!
      const held = begin > done.rolled
        ? yield* heldBeforeHour(ids, begin, done, hot)
        : yield* heldBeforeDay(ids, Day.startOf(begin))

      // Rolled-up days, for the hours that need no rows, and for the values at their ends.
      const days = begin <= done.rolled
        ? yield* daysBetween(ids, Day.startOf(begin), Math.min(to, done.rolled))
        : new Map<number, never>()
      const marks = yield* marksBetween(ids, from, to, hot)

      const result: Array<History.Buckets> = []
      for (const one of wanted) {
        if (result.length > 0) yield* Effect.yieldNow
        const tally = Tally.make(edges)
        const tracks = one.series.map(({ id }) => makeTrack(id, days.get(id), held.get(id) ?? NaN, begin, to, done))
        // If two devices have measured in the same hour, the rows tell which device measured when.
        const contested = tracks.length < 2 ?
          [] :
          hours.filter((hour) => hour >= done.kept && !isFromRows(hour) && isContested(tracks, hour))
        const more = contested.length === 0
          ? undefined
          : yield* chunkRows(one.series.map(({ id }) => id), contested)
        const contestedHours = new Set(contested)
        const rows = new Map(one.series.map(({ id }) => {
          const merged = Rows.merge(packed.get(id) ?? Rows.make(), more?.get(id) ?? Rows.make())
          return [id, Rows.merge(merged, hot.get(id) ?? Rows.make())]
        }))
        for (let i = 0; i < hours.length;) {
          const hour = hours[i]!
          if (isFromRows(hour) || contestedHours.has(hour)) {
            let end = i
            while (end < hours.length && (isFromRows(hours[end]!) || contestedHours.has(hours[end]!))) end++
            const until = hours[end - 1]! + Chunk.seconds
            let spans: Timeline.Spans = { from: [], to: [], value: [] }
            for (const each of tracks) {
              const some = Rows.between(rows.get(each.id)!, hour, until)
              spans = Timeline.over(
                spans,
                Timeline.fromRows(some, heldAt(each, hour), Math.max(hour, from), Math.min(until, to))
              )
            }
            Tally.addSpans(tally, spans)
            i = end
          } else {
            let free = Chunk.seconds
            for (const each of tracks) {
              const { day, index } = hourIn(each, hour)
              const covered = day.covered[index]!
              const share = Math.min(free, covered) / covered
              if (!(share > 0)) continue
              free -= covered * share
              Tally.add(
                tally,
                hour,
                hour + Chunk.seconds,
                covered * share,
                day.sum[index]! * share,
                day.min[index]!,
                day.max[index]!
              )
            }
            i++
          }
        }
        result.push(answer(one, tally, marks))
      }
      return result
    })).pipe(named(operation))

  const rowsBetween = Effect.fnUntraced(function*(
    series: ReadonlyArray<number>,
    { rows }: Waiting.Known,
    from: number,
    to: number
  ) {
    const hot = Waiting.over(series, yield* hotRows(series), rows)
    const packed = yield* chunkRows(series, Stored.hoursBetween(from, to))
    return series.flatMap((id) => {
      const rows = Rows.between(Rows.merge(packed.get(id) ?? Rows.make(), hot.get(id) ?? Rows.make()), from, to)
      return rows.at.map((_, i) => Rows.toRow(id, rows, i))
    }).toSorted((a, b) => a.at - b.at)
  })

  /** Rows of the first day that has some, and the position to continue from. */
  const page = (of: History.PlaceProperty, to: number) => (at: number) =>
    waiting.reading(Effect.fnUntraced(function*(known) {
      const series = seriesAt(known.series, of).map(({ id }) => id)
      const from = Math.min((yield* nextAfter(at)) ?? Infinity, Waiting.nextAfter(known.rows, at))
      if (series.length === 0 || from >= to) return [[], Option.none<number>()] as const
      const end = Math.min(to, Day.startOf(from) + Day.seconds)
      return [yield* rowsBetween(series, known, from, end), Option.some(end)] as const
    })).pipe(named(operation))

  const rows: Service["rows"] = ({ from, to, ...of }) => Stream.paginate(from, page(of, to))

  return { buckets, rows }
}

/** The roll-ups of the days of a series, in order, from the first day of the query on. */
interface Track {
  readonly id: number
  /** The value before the first roll-up, or before the first hour of the query if no day is rolled up. */
  readonly held: number
  readonly first: number
  readonly days: ReadonlyArray<Day.Day>
}

const makeTrack = (
  id: number,
  found: ReadonlyMap<number, Day.Day> | undefined,
  held: number,
  begin: number,
  to: number,
  { rolled }: Stored.Progress
): Track => {
  const days: Array<Day.Day> = []
  const first = Day.startOf(begin)
  let end = held
  let rest = Day.holding(end)
  for (let at = first; at < rolled && at < to; at += Day.seconds) {
    const day = found?.get(at)
    // A day without rows keeps the value from before.
    if (day === undefined && !Object.is(rest.end[23], end)) rest = Day.holding(end)
    days.push(day ?? rest)
    end = day === undefined ? end : day.end[23]!
  }
  return { id, held, first, days }
}

const hourIn = ({ days, first }: Track, hour: number) => ({
  day: days[(Day.startOf(hour) - first) / Day.seconds]!,
  index: (hour - Day.startOf(hour)) / Chunk.seconds
})

/** The value at the start of an hour. */
const heldAt = (track: Track, hour: number): number => {
  if (track.days.length === 0 || hour === track.first) return track.held
  const { day, index } = hourIn(track, hour - Chunk.seconds)
  return day.end[index]!
}

/** Whether more than one track has values in an hour. */
const isContested = (tracks: ReadonlyArray<Track>, hour: number): boolean => {
  let count = 0
  for (const track of tracks) {
    const { day, index } = hourIn(track, hour)
    const covered = day.covered[index]!
    if (count === 0 && covered === Chunk.seconds) return false
    if (covered > 0) count++
  }
  return count > 1
}
