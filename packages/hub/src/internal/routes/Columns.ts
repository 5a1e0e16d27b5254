/** Values of the history in columns, for charts and tables. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Api from "../../Api.ts"
import type * as History from "../../History.ts"

const hour = 3600

/** All whole divisors of an hour, ascending. */
const parts = Array.from({ length: hour }, (_, index) => index + 1).filter((part) => hour % part === 0)

/**
 * Width of a bucket in seconds: a whole part of an hour or whole hours. Stores can then use hourly values, and buckets keep their
 * positions.
 */
const widthOf = (seconds: number, points: number): number => {
  const least = seconds / points
  return parts.find((part) => part >= least) ?? Math.ceil(least / hour) * hour
}

/** The edges of buckets of equal width. */
export const edges = (from: number, to: number, points: number) => {
  const width = widthOf(to - from, points)
  const first = Math.floor(from / width) * width
  return {
    width,
    edges: Array.from({ length: Math.ceil((to - first) / width) + 1 }, (_, index) => first + index * width)
  }
}

/** Rounds away digits that come from a division, beyond the resolution of any chip. */
const rounded = (value: number | undefined): number | null => value === undefined ? null : Math.round(value * 1e6) / 1e6

/** Buckets in the form of the API. The minimum and maximum are left out if they add nothing. */
export const buckets = ({ marks, max, mean, min, place, property, unit }: History.Buckets): Api.Buckets => {
  const [lowest, means, highest] = [min.map(rounded), mean.map(rounded), max.map(rounded)]
  const isFlat = means.every((value, index) => value === lowest[index] && value === highest[index])
  return {
    place,
    property,
    ...unit === undefined ? {} : { unit },
    mean: means,
    ...isFlat ? {} : { min: lowest, max: highest },
    marks: marks.flatMap(({ at, value, verdict }) => value === undefined ? [] : [{ at, value, verdict }])
  }
}

const startOf = (day: DateTime.Zoned): DateTime.Zoned => DateTime.startOf(day, "day")

const secondsOf = (time: DateTime.Zoned): number => DateTime.toEpochMillis(time) / 1000

/** Number of midnights to compute before others may run. Each costs a tenth of a millisecond. */
const sliceDays = 32

/** The starts of local days, from the day of `from` to the first one after `to`. */
export const midnights = Effect.fnUntraced(function*(from: number, to: number, zone: DateTime.TimeZone) {
  const found = [startOf(DateTime.makeZonedUnsafe(from * 1000, { timeZone: zone }))]
  for (let day = found[0]!; secondsOf(day) < to;) {
    if (found.length % sliceDays === 0) yield* Effect.yieldNow
    day = startOf(DateTime.add(day, { days: 1 }))
    found.push(day)
  }
  return found
})

/** The days between midnights. */
export const days = (
  { covered, max, mean, min, place, property, unit }: History.Buckets,
  midnights: ReadonlyArray<DateTime.Zoned>
): Api.Days => ({
  place,
  property,
  ...unit === undefined ? {} : { unit },
  days: mean.map((mean, index) => ({
    date: DateTime.formatIsoDate(midnights[index]!),
    from: secondsOf(midnights[index]!),
    to: secondsOf(midnights[index + 1]!),
    covered: covered[index] ?? 0,
    min: rounded(min[index]),
    mean: rounded(mean),
    max: rounded(max[index])
  }))
})

/** Midnights in seconds since 1970. */
export const secondsOfAll = (midnights: ReadonlyArray<DateTime.Zoned>): ReadonlyArray<number> =>
  midnights.map(secondsOf)
