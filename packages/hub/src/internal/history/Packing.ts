/** Maintenance of old data: rows go into chunks, chunks are rolled up, and data beyond the maximum age is deleted. */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type * as History from "../../History.ts"
import * as Database from "./Database.ts"
import * as Chunk from "./rows/Chunk.ts"
import * as Day from "./rows/Day.ts"
import * as Rows from "./rows/Rows.ts"
import * as Stored from "./Stored.ts"

type Service = History.History["Service"]

/** Maximum rows that are packed before other fibers run. They take a few milliseconds, even on a small machine. */
const sliceRows = 500

/** Maximum rows that are deleted before other fibers run. */
const deletedRows = 4000

/** Maximum rows of the hot log that are handled together. An hour of 100 sensors has fewer. */
const windowRows = 20_000

/** Time limit of packing on a database over a network. Completed work is kept. */
const longest: Duration.Input = "10 minutes"

/** Maximum bytes of chunks that are rolled up before other fibers run. */
const sliceBytes = 8192

/** The incremental mode of SQLite's `auto_vacuum`. */
const incremental = 2

/** Groups in the given order. None exceeds the size unless it has only one member. */
const slices = <A>(
  members: ReadonlyArray<A>,
  sizeOf: (member: A) => number,
  size: number
): ReadonlyArray<ReadonlyArray<A>> => {
  const groups: Array<Array<A>> = []
  let filled = Infinity
  for (const member of members) {
    const more = sizeOf(member)
    if (filled + more > size) {
      groups.push([])
      filled = 0
    }
    groups[groups.length - 1]!.push(member)
    filled += more
  }
  return groups
}

export const make = (
  { cells, insertMany, isPostgres, named, packing, sql }: Database.Database,
  { chunkRows, heldBeforeDay, lastSeen, progress }: Stored.Stored
) => {
  const setProgress = (name: keyof Stored.Progress, value: number) =>
    sql`INSERT INTO ow_meta ${sql.insert({ name, value: String(value) })}
      ON CONFLICT (name) DO UPDATE SET value = excluded.value`

  /** Rolls up a day of some series. */
  const rollDay = Effect.fnUntraced(function*(series: ReadonlyArray<number>, day: number) {
    const rows = yield* chunkRows(series, Stored.hoursBetween(day, day + Day.seconds))
    const before = yield* heldBeforeDay(series, day)
    const records = series.flatMap((id) => {
      const found = rows.get(id)
      return found === undefined
        ? []
        : [{ series: id, at: day, data: Day.encode(Day.roll(day, found, before.get(id) ?? NaN)) }]
    })
    yield* insertMany("ow_day", records, "ON CONFLICT (series, at) DO UPDATE SET data = excluded.data")
  })

  /** Packs rows into the chunks of their hours, together with existing rows. */
  const pack = Effect.fnUntraced(function*(rows: ReadonlyMap<number, Rows.Rows>, { kept, rolled }: Stored.Progress) {
    const days = new Map<string, { readonly series: number; readonly day: number }>()
    const wanted: Array<{ readonly series: number; readonly hour: number; readonly rows: Rows.Rows }> = []
    for (const [series, all] of rows) {
      for (let i = 0; i < all.at.length;) {
        const hour = Chunk.startOf(all.at[i]!)
        const some = Rows.make()
        for (; i < all.at.length && all.at[i]! < hour + Chunk.seconds; i++) {
          Rows.push(some, all.at[i]!, all.value[i]!, all.verdict[i]!)
        }
        if (hour < kept) continue
        wanted.push({ series, hour, rows: some })
        if (hour < rolled) days.set(`${series} ${Day.startOf(hour)}`, { series, day: Day.startOf(hour) })
      }
    }
    if (wanted.length === 0) return
    const hours = [...new Set(wanted.map(({ hour }) => hour))].toSorted((a, b) => a - b)
    const before = yield* chunkRows([...rows.keys()], hours)
    const chunks: Array<Record<string, unknown>> = []
    const marks: Array<Record<string, unknown>> = []
    for (const { hour, rows, series } of wanted) {
      const old = before.get(series)
      const older = old === undefined ? Rows.make() : Rows.between(old, hour, hour + Chunk.seconds)
      const merged = Rows.merge(older, rows)
      chunks.push({ at: hour, series, data: Chunk.encode(hour, merged) })
      if (older.at.length > 0) {
        yield* sql`DELETE FROM ow_mark WHERE series = ${series} AND at >= ${hour} AND at < ${hour + Chunk.seconds}`
      }
      merged.verdict.forEach((verdict, i) => {
        const value = merged.value[i]!
        if (verdict !== 0 && !Number.isNaN(value)) marks.push({ series, at: merged.at[i]!, value, verdict })
      })
    }
    yield* insertMany("ow_chunk", chunks, "ON CONFLICT (at, series) DO UPDATE SET data = excluded.data")
    yield* insertMany(
      "ow_mark",
      marks,
      "ON CONFLICT (series, at) DO UPDATE SET value = excluded.value, verdict = excluded.verdict"
    )
    for (const [series, all] of rows) {
      const last = Rows.lastValue(all)
      if (last < 0) continue
      const at = all.at[last]!
      const value = all.value[last]!
      const verdict = all.verdict[last]!
      yield* sql`UPDATE ow_series SET last_at = ${at}, last_value = ${value}, last_verdict = ${verdict}
        WHERE id = ${series} AND (last_at IS NULL OR last_at <= ${at})`
    }
    for (const { day, series } of days.values()) {
      yield* rollDay([series], day)
      // The value at the end of a day may have changed, and with it the start of the next day that has rows.
      const next = yield* cells(sql`SELECT MIN(at) FROM ow_day WHERE series = ${series} AND at > ${day}`)
      const at = Database.numberIn(next)
      if (at !== undefined && at >= kept) yield* rollDay([series], at)
    }
  })

  /** Packs the hours before `end`, one window of the hot log after the other. */
  const packHours = Effect.fnUntraced(function*(end: number) {
    const top = yield* sql.withTransaction(Effect.gen(function*() {
      // With the lock, all writers have finished, so no number below the highest one is still to come.
      if (isPostgres) yield* sql`LOCK TABLE ow_hot IN SHARE MODE`
      const found = yield* cells(sql`SELECT MIN(at), MAX(id) FROM ow_hot`)
      return (Database.numberIn(found) ?? end) < end ? Database.numberIn(found, 1) ?? 0 : 0
    }))
    let after = 0
    while (after < top) {
      const window = yield* cells(
        sql`SELECT MAX(id), MIN(id) FROM (SELECT id FROM ow_hot WHERE id > ${after} AND id <= ${top} ORDER BY id
          LIMIT ${windowRows}) AS part`
      )
      const through = Database.numberIn(window)
      if (through === undefined) return
      after = (Database.numberIn(window, 1) ?? 0) - 1
      yield* Effect.yieldNow
      const isWithin = sql`id > ${after} AND id <= ${through} AND at < ${end}`
      const counts = yield* cells(
        sql`SELECT series, COUNT(*) FROM ow_hot WHERE ${isWithin} AND series > 0 GROUP BY series ORDER BY series`
      )
      for (const slice of slices(counts, ([, count]) => Number(count), sliceRows)) {
        yield* Effect.yieldNow
        const ids = slice.map(([id]) => Number(id))
        yield* packing(Effect.gen(function*() {
          const found = yield* cells(
            sql`SELECT series, at, value, verdict FROM ow_hot WHERE ${isWithin} AND ${
              sql.in("series", ids)
            } ORDER BY id`
          )
          yield* pack(Stored.bySeries(found), yield* progress)
        }))
      }
      // Rows are deleted last and in order, because the rows of each series lie on all of these pages.
      for (; after < through; after = Math.min(through, after + deletedRows)) {
        yield* Effect.yieldNow
        yield* packing(sql`DELETE FROM ow_hot WHERE id > ${after} AND id <= ${Math.min(through, after + deletedRows)}
          AND at < ${end}`)
      }
    }
  })

  /** Rolls up the days before `limit`. */
  const rollDays = Effect.fnUntraced(function*(limit: number) {
    for (;;) {
      const { kept, rolled } = yield* progress
      if (rolled === limit) return
      // The clock was ahead, and without this, new values would come too late forever.
      if (rolled > limit) return yield* packing(setProgress("rolled", Math.max(kept, limit)))
      const first = yield* cells(
        Number.isFinite(rolled)
          ? sql`SELECT MIN(at) FROM ow_chunk WHERE at >= ${rolled}`
          : sql`SELECT MIN(at) FROM ow_chunk`
      )
      const next = Database.numberIn(first)
      if (next === undefined && !Number.isFinite(rolled)) return
      const day = next === undefined ? limit : Day.startOf(next)
      if (day < limit) {
        const sizes = yield* cells(
          sql`SELECT series, SUM(LENGTH(data)) FROM ow_chunk WHERE at >= ${day} AND at < ${day + Day.seconds}
            GROUP BY series ORDER BY series`
        )
        for (const slice of slices(sizes, ([, size]) => Number(size), sliceBytes)) {
          yield* Effect.yieldNow
          yield* packing(rollDay(slice.map(([id]) => Number(id)), day))
        }
      }
      yield* packing(setProgress("rolled", Math.min(limit, day + Day.seconds)))
    }
  })

  /** Forgets rows and events before a time. */
  const forget = Effect.fnUntraced(function*(before: number) {
    const { kept, rolled } = yield* progress
    const limit = Math.max(kept, Math.min(Day.startOf(before), rolled))
    if (!Number.isFinite(limit)) return
    if (limit > kept) {
      yield* packing(Effect.gen(function*() {
        yield* setProgress("kept", limit)
        yield* sql`DELETE FROM ow_mark WHERE at < ${limit}`
        yield* sql`DELETE FROM ow_event WHERE at < ${limit}`
        yield* sql`DELETE FROM ow_untold WHERE notice IN (SELECT id FROM ow_notice WHERE until < ${limit})`
        yield* sql`DELETE FROM ow_notice WHERE until < ${limit}`
      }))
    }
    for (;;) {
      yield* Effect.yieldNow
      const first = Database.numberIn(yield* cells(sql`SELECT MIN(at) FROM ow_chunk`))
      if (first === undefined || first >= limit) return
      yield* packing(sql`DELETE FROM ow_chunk WHERE at < ${Math.min(limit, first + 6 * Chunk.seconds)}`)
    }
  })

  const pragma = (name: string) =>
    Effect.map(cells(sql`PRAGMA ${sql.literal(name)}`), (found) => Database.numberIn(found) ?? 0)

  /** Returns free pages to the system, a few at a time. Keeps as much room as the history will soon fill again. */
  const shrink = Effect.gen(function*() {
    if ((yield* pragma("auto_vacuum")) !== incremental) return
    const spare = 256 + (yield* pragma("page_count")) / 8
    while ((yield* pragma("freelist_count")) > spare) {
      yield* Effect.yieldNow
      yield* sql`PRAGMA incremental_vacuum(64)`
    }
  })

  const single = Semaphore.makeUnsafe(1)

  const maintain: Service["maintain"] = ({ keep, now }) =>
    Effect.gen(function*() {
      const last = yield* lastSeen
      if (last === undefined) return
      // An hour is over when all of it is written.
      const end = Chunk.startOf(Math.min(now, last))
      yield* packHours(end)
      yield* rollDays(Day.startOf(end))
      yield* forget(now - keep)
      if (!isPostgres) yield* shrink
    }).pipe(single.withPermits(1), named("Packing the history", longest))

  return { pack, maintain }
}
