/** Rows and hours of series, unpacked. Bounds are rounded to whole seconds, because PostgreSQL uses an index only for those. */
import * as Effect from "effect/Effect"
import type * as History from "../../History.ts"
import * as Database from "./Database.ts"
import * as Chunk from "./rows/Chunk.ts"
import * as Day from "./rows/Day.ts"
import * as Rows from "./rows/Rows.ts"

/** Progress of the maintenance of a history. */
export interface Progress {
  /** Days before this are rolled up. */
  readonly rolled: number
  /** Chunks before this are gone. */
  readonly kept: number
}

/** Maximum marks of a property of a place in one answer. */
export const mostMarks = 100

/** Maximum hours named in one statement. */
const mostHours = 500

const ofSeries = (bySeries: Map<number, Rows.Rows>, series: number): Rows.Rows => {
  let rows = bySeries.get(series)
  if (rows === undefined) bySeries.set(series, rows = Rows.make())
  return rows
}

/** The hours that lie, at least in part, between two times. */
export const hoursBetween = (from: number, to: number): ReadonlyArray<number> => {
  const hours: Array<number> = []
  for (let hour = Chunk.startOf(from); hour < to; hour += Chunk.seconds) hours.push(hour)
  return hours
}

/** Largest magnitude of a measurement. Sums of larger numbers could be infinite. */
const mostValue = 1e100

/** A row in its stored form. */
export const cellsOf = ({ at, series, value, verdict }: History.Row): [number, number, number | null, number] => [
  series,
  Math.floor(at),
  value === undefined || !(Math.abs(value) < mostValue) ? null : value,
  Rows.verdicts.indexOf(verdict)
]

/** Rows by series, in the order in which they were written. */
export const bySeries = (found: ReadonlyArray<ReadonlyArray<Database.Cell>>) => {
  const result = new Map<number, Rows.Rows>()
  for (const [series, at, value, verdict] of found) {
    Rows.push(ofSeries(result, Number(series)), Number(at), value === null ? NaN : Number(value), Number(verdict))
  }
  for (const [series, rows] of result) result.set(series, Rows.sorted(rows))
  return result
}

export type Stored = ReturnType<typeof make>

export const make = ({ broken, cells, sql }: Database.Database) => {
  const progress = Effect.map(
    cells(sql`SELECT name, value FROM ow_meta WHERE name IN ('rolled', 'kept')`),
    (rows): Progress => {
      const found = new Map(rows.map(([name, value]) => [name, Number(value)]))
      return { rolled: found.get("rolled") ?? -Infinity, kept: found.get("kept") ?? -Infinity }
    }
  )

  /** The last moment at which measuring is known to have continued. */
  const lastSeen = Effect.map(
    cells(sql`SELECT at FROM ow_hot WHERE series = 0 ORDER BY id DESC LIMIT 1`),
    (found) => Database.numberIn(found)
  )

  /** Rows of the hot log, in order of time. */
  const hotRows = Effect.fnUntraced(function*(series: ReadonlyArray<number>) {
    const found = yield* cells(
      sql`SELECT series, at, value, verdict FROM ow_hot WHERE ${sql.in("series", series)} ORDER BY id`
    )
    return bySeries(found)
  })

  /** Rows of chunks of some hours, in order of time. */
  const chunkRows = Effect.fnUntraced(function*(series: ReadonlyArray<number>, hours: ReadonlyArray<number>) {
    const result = new Map<number, Rows.Rows>()
    for (let i = 0; i < hours.length; i += mostHours) {
      const some = hours.slice(i, i + mostHours)
      const first = some[0]!
      const last = some[some.length - 1]!
      // Few series use index seeks; many series use one scan over all of those hours.
      const isDense = series.length > 20 && (last - first) / Chunk.seconds < 2 * some.length
      const found = yield* cells(
        isDense
          ? sql`SELECT series, at, data FROM ow_chunk WHERE at >= ${first} AND at <= ${last}
            AND ${sql.in("series", series)} ORDER BY at`
          : sql`SELECT series, at, data FROM ow_chunk WHERE ${sql.in("at", some)}
            AND ${sql.in("series", series)} ORDER BY at`
      )
      const wanted = isDense ? new Set(some) : undefined
      for (const [id, at, data] of found) {
        if (wanted?.has(Number(at)) === false) continue
        const rows = Chunk.decode(Number(at), data as Uint8Array)
        if (rows === undefined) return yield* broken(`the hour ${Number(at)} of series ${Number(id)}`)
        const all = ofSeries(result, Number(id))
        for (let j = 0; j < rows.at.length; j++) Rows.push(all, rows.at[j]!, rows.value[j]!, rows.verdict[j]!)
      }
    }
    return result
  })

  const decodeDay = ([series, at, data]: ReadonlyArray<Database.Cell>) => {
    // The column holds bytes.
    const day = Day.decode(data as Uint8Array)
    return day === undefined
      ? Effect.fail(broken(`the day ${Number(at)} of series ${Number(series)}`))
      : Effect.succeed(day)
  }

  /** Rolled-up days. */
  const daysBetween = Effect.fnUntraced(function*(series: ReadonlyArray<number>, from: number, to: number) {
    const result = new Map<number, Map<number, Day.Day>>()
    const found = yield* cells(
      sql`SELECT series, at, data FROM ow_day WHERE ${sql.in("series", series)} AND at >= ${from} AND at < ${
        Math.ceil(to)
      }`
    )
    for (const row of found) {
      const id = Number(row[0])
      let some = result.get(id)
      if (some === undefined) result.set(id, some = new Map())
      some.set(Number(row[1]), yield* decodeDay(row))
    }
    return result
  })

  /** The value at the end of the last rolled-up day before a given day. */
  const heldBeforeDay = Effect.fnUntraced(function*(series: ReadonlyArray<number>, day: number) {
    const result = new Map<number, number>()
    if (!Number.isFinite(day)) return result
    const found = yield* cells(
      sql`SELECT d.series, d.at, d.data FROM ow_series s JOIN ow_day d ON d.series = s.id AND d.at =
        (SELECT MAX(e.at) FROM ow_day e WHERE e.series = s.id AND e.at < ${day}) WHERE ${sql.in("s.id", series)}`
    )
    for (const row of found) result.set(Number(row[0]), (yield* decodeDay(row)).end[23]!)
    return result
  })

  /** The value before the hour `at`, after the last rolled-up day. */
  const heldBeforeHour = Effect.fnUntraced(function*(
    series: ReadonlyArray<number>,
    at: number,
    { rolled }: Progress,
    hot: ReadonlyMap<number, Rows.Rows>
  ) {
    const result = new Map<number, number>()
    const begin = Math.max(rolled, Database.numberIn(yield* cells(sql`SELECT MIN(at) FROM ow_chunk`)) ?? Infinity)
    let missing = series
    // With a heartbeat, the hour before has a row.
    for (
      const hours of [hoursBetween(Math.max(begin, at - Chunk.seconds), at), hoursBetween(begin, at - Chunk.seconds)]
    ) {
      if (missing.length === 0 || hours.length === 0) continue
      const packed = yield* chunkRows(missing, hours)
      for (const id of missing) {
        const held = Rows.heldBefore(Rows.merge(packed.get(id) ?? Rows.make(), hot.get(id) ?? Rows.make()), at)
        if (held !== undefined && packed.has(id)) result.set(id, held)
      }
      missing = missing.filter((id) => !result.has(id))
    }
    const before = yield* heldBeforeDay(missing, rolled)
    for (const id of missing) result.set(id, Rows.heldBefore(hot.get(id) ?? Rows.make(), at) ?? before.get(id) ?? NaN)
    return result
  })

  /** Implausible values of some series, the first hundred of each. */
  const marksBetween = Effect.fnUntraced(function*(
    series: ReadonlyArray<number>,
    from: number,
    to: number,
    hot: ReadonlyMap<number, Rows.Rows>
  ) {
    const packed = bySeries(
      yield* cells(
        sql`SELECT series, at, value, verdict FROM (SELECT series, at, value, verdict,
          ROW_NUMBER() OVER (PARTITION BY series ORDER BY at) AS position FROM ow_mark
          WHERE ${sql.in("series", series)} AND at >= ${Math.ceil(from)} AND at < ${Math.ceil(to)}) AS numbered
          WHERE position <= ${mostMarks} ORDER BY at`
      )
    )
    return new Map(series.map((id) => {
      const rows = Rows.merge(packed.get(id) ?? Rows.make(), Rows.between(hot.get(id) ?? Rows.make(), from, to))
      return [
        id,
        rows.at.flatMap((_, i) =>
          rows.verdict[i] === 0 || Number.isNaN(rows.value[i]!) ? [] : [Rows.toRow(id, rows, i)]
        )
      ]
    }))
  })

  /** The first time at which something may be known of some series; `undefined` if there is none. */
  const firstOf = Effect.fnUntraced(function*(series: ReadonlyArray<number>, hot: ReadonlyMap<number, Rows.Rows>) {
    const found = yield* cells(
      sql`SELECT MIN(at) FROM (
        SELECT (SELECT MIN(d.at) FROM ow_day d WHERE d.series = s.id) AS at FROM ow_series s WHERE ${
        sql.in("s.id", series)
      }
        UNION ALL SELECT MIN(at) FROM ow_chunk) AS firsts`
    )
    const first = Math.min(
      Database.numberIn(found) ?? Infinity,
      ...series.map((id) => hot.get(id)?.at[0] ?? Infinity)
    )
    return first === Infinity ? undefined : first
  })

  /** A lower bound for the time of the next row at or after a given time. `undefined` if there are no more rows. */
  const nextAfter = (at: number) =>
    Effect.map(
      cells(
        sql`SELECT (SELECT MIN(at) FROM ow_chunk WHERE at >= ${Chunk.startOf(at)}),
          (SELECT MIN(at) FROM ow_hot WHERE at >= ${Math.ceil(at)})`
      ),
      (found) => {
        const first = Math.min(Database.numberIn(found) ?? Infinity, Database.numberIn(found, 1) ?? Infinity)
        return first === Infinity ? undefined : Math.max(at, first)
      }
    )

  return {
    progress,
    lastSeen,
    hotRows,
    chunkRows,
    heldBeforeDay,
    heldBeforeHour,
    daysBetween,
    marksBetween,
    firstOf,
    nextAfter
  }
}
