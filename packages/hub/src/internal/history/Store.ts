/** A history in a database: one implementation over the `SqlClient` of Effect, for SQLite and for PostgreSQL. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type * as History from "../../History.ts"
import { HistoryError } from "../../HistoryError.ts"
import { Limits, type Place } from "../../Places.ts"
import * as Chunk from "./Chunk.ts"
import * as Day from "./Day.ts"
import * as Failure from "./Failure.ts"
import * as Rows from "./Rows.ts"
import * as Tables from "./Tables.ts"
import * as Tally from "./Tally.ts"
import * as Timeline from "./Timeline.ts"

type Service = History.History["Service"]

/** A value as a database gives it: PostgreSQL gives whole numbers of 64 bits as `bigint`. */
type Cell = string | number | bigint | Uint8Array | null

const hourOf = (at: number): number => Math.floor(at / Chunk.seconds) * Chunk.seconds
const dayOf = (at: number): number => Math.floor(at / Day.seconds) * Day.seconds

/** Most marks of a property of a place in one answer. */
const mostMarks = 100

/** Most rows in one statement: SQLite binds at most 32,766 values. */
const batchSize = 500

/** Most rows that are packed without letting others run: a few milliseconds. */
const sliceRows = 1000

/** Most rows of the hot log that are looked at together: more than an hour of 100 sensors has. */
const windowRows = 20_000

/** Most bytes of chunks that are rolled up without letting others run. */
const sliceBytes = 8192

/** What a database may hold of text: PostgreSQL refuses NUL, and neither of them keeps half a surrogate pair. */
const text = (value: string): string => value.replaceAll("\0", "\uFFFD").toWellFormed()

const optionalText = (value: string | undefined): string | null => value === undefined ? null : text(value)

const LimitsFromJson = Schema.fromJsonString(Schema.Record(Schema.String, Limits))

/** Groups in the order given, of which none exceeds the size unless it has one member only. */
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

/** How far the work on the history is. */
interface Progress {
  /** Days before this are rolled up. */
  readonly rolled: number
  /** Chunks before this are gone. */
  readonly kept: number
}

const rowsOf = (bySeries: Map<number, Rows.Rows>, series: number): Rows.Rows => {
  let rows = bySeries.get(series)
  if (rows === undefined) bySeries.set(series, rows = Rows.make())
  return rows
}

/** The position of the first row at or after a time. */
const firstFrom = ({ at }: Rows.Rows, from: number): number => {
  let low = 0
  let high = at.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (at[middle]! < from) low = middle + 1
    else high = middle
  }
  return low
}

const between = (rows: Rows.Rows, from: number, to: number): Rows.Rows => {
  const start = firstFrom(rows, from)
  const end = firstFrom(rows, to)
  return {
    at: rows.at.slice(start, end),
    value: rows.value.slice(start, end),
    verdict: rows.verdict.slice(start, end)
  }
}

/** What holds before a time, if rows say so. */
const heldBefore = (
  rows: Rows.Rows | undefined,
  at: number
): { readonly at: number; readonly value: number } | undefined => {
  if (rows === undefined) return undefined
  for (let i = rows.at.length - 1; i >= 0; i--) {
    if (rows.at[i]! < at) return { at: rows.at[i]!, value: Rows.held(rows, i) }
  }
  return undefined
}

export const make = Effect.fnUntraced(
  function*(database: string): Effect.fn.Return<Service, HistoryError, SqlClient.SqlClient> {
    const sql = yield* SqlClient.SqlClient
    const isPostgres = sql.onDialectOrElse({ pg: () => true, orElse: () => false })

    const failure = (reason: HistoryError["reason"], operation: string, problem: string) =>
      new HistoryError({ reason, operation, database, problem })

    const named = (operation: string) => <A, E, R>(self: Effect.Effect<A, E | SqlError, R>) =>
      Effect.catchTag(
        // The tag is that of `SqlError` alone.
        self as Effect.Effect<A, Exclude<E, SqlError> | SqlError, R>,
        "SqlError",
        (error) => Effect.fail(Failure.fromSql(database, operation)(error as SqlError))
      ) as Effect.Effect<A, Exclude<E, SqlError> | HistoryError, R>

    const broken = (what: string) => failure("Damaged", "Reading the history", `the bytes of ${what} are broken`)

    yield* Tables.prepare(database).pipe(
      Effect.provideService(SqlClient.SqlClient, sql),
      named("Opening the history")
    )

    /** Reads as of one moment. */
    const reading = <A, E>(self: Effect.Effect<A, E>) =>
      Effect.provideService(
        sql.withTransaction(self),
        SqlClient.BeginTransaction,
        isPostgres ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : undefined
      )

    /** Packs or rolls up, which other hubs with the same database may want to do, too. */
    const packing = <A, E>(self: Effect.Effect<A, E>) =>
      sql.withTransaction(
        isPostgres
          ? Effect.andThen(sql`SELECT pg_advisory_xact_lock(${sql.literal(String(Tables.lock))})`, self)
          : self
      )

    const cells = (statement: { readonly values: Effect.Effect<ReadonlyArray<ReadonlyArray<unknown>>, SqlError> }) =>
      // Columns of the tables have no other types.
      statement.values as Effect.Effect<ReadonlyArray<ReadonlyArray<Cell>>, SqlError>

    const insertMany = Effect.fnUntraced(function*(
      table: string,
      records: ReadonlyArray<Record<string, unknown>>,
      rest: string
    ) {
      for (const some of Arr.chunksOf(records, batchSize)) {
        yield* sql`INSERT INTO ${sql(table)} ${sql.insert(some)} ${sql.literal(rest)}`
        if (some.length === batchSize) yield* Effect.yieldNow
      }
    })

    const progress = Effect.map(
      cells(sql`SELECT name, value FROM ow_meta WHERE name IN ('rolled', 'kept')`),
      (rows): Progress => {
        const found = new Map(rows.map(([name, value]) => [name, Number(value)]))
        return { rolled: found.get("rolled") ?? -Infinity, kept: found.get("kept") ?? -Infinity }
      }
    )

    const setProgress = (name: keyof Progress, value: number) =>
      sql`INSERT INTO ow_meta ${sql.insert({ name, value: String(value) })}
        ON CONFLICT (name) DO UPDATE SET value = excluded.value`

    /** Rows of the hot log, in the order of time. */
    const hotRows = Effect.fnUntraced(function*(series: ReadonlyArray<number>) {
      const found = yield* cells(
        sql`SELECT series, at, value, verdict FROM ow_hot WHERE ${sql.in("series", series)} ORDER BY id`
      )
      return bySeries(found)
    })

    const bySeries = (found: ReadonlyArray<ReadonlyArray<Cell>>) => {
      const result = new Map<number, Rows.Rows>()
      for (const [series, at, value, verdict] of found) {
        Rows.push(rowsOf(result, Number(series)), Number(at), value === null ? NaN : Number(value), Number(verdict))
      }
      for (const [series, rows] of result) result.set(series, Rows.sorted(rows))
      return result
    }

    /** Rows of chunks of some hours, in the order of time. */
    const chunkRows = Effect.fnUntraced(function*(series: ReadonlyArray<number>, hours: ReadonlyArray<number>) {
      const result = new Map<number, Rows.Rows>()
      for (let i = 0; i < hours.length; i += batchSize) {
        const some = hours.slice(i, i + batchSize)
        const first = some[0]!
        const last = some[some.length - 1]!
        // Seeks for few series, and one look over all of those hours for many.
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
          const all = rowsOf(result, Number(id))
          for (let j = 0; j < rows.at.length; j++) Rows.push(all, rows.at[j]!, rows.value[j]!, rows.verdict[j]!)
        }
      }
      return result
    })

    const decodeDay = (series: Cell | undefined, at: Cell | undefined, data: Cell | undefined) => {
      const day = Day.decode(data as Uint8Array)
      return day === undefined
        ? Effect.fail(broken(`the day ${Number(at)} of series ${Number(series)}`))
        : Effect.succeed(day)
    }

    /** What held at the end of the last day that was rolled up before another one. */
    const heldBeforeDay = Effect.fnUntraced(function*(series: ReadonlyArray<number>, day: number) {
      const result = new Map<number, number>()
      if (!Number.isFinite(day)) return result
      const found = yield* cells(
        sql`SELECT d.series, d.at, d.data FROM ow_series s JOIN ow_day d ON d.series = s.id AND d.at =
          (SELECT MAX(e.at) FROM ow_day e WHERE e.series = s.id AND e.at < ${day}) WHERE ${sql.in("s.id", series)}`
      )
      for (const [id, at, data] of found) result.set(Number(id), (yield* decodeDay(id, at, data)).end[23]!)
      return result
    })

    const hoursBetween = (from: number, to: number): ReadonlyArray<number> => {
      const hours: Array<number> = []
      for (let hour = hourOf(from); hour < to; hour += Chunk.seconds) hours.push(hour)
      return hours
    }

    /** Rolls up a day of some series. */
    const rollDay = Effect.fnUntraced(function*(series: ReadonlyArray<number>, day: number) {
      const rows = yield* chunkRows(series, hoursBetween(day, day + Day.seconds))
      const before = yield* heldBeforeDay(series, day)
      const records = series.flatMap((id) => {
        const found = rows.get(id)
        return found === undefined
          ? []
          : [{ series: id, at: day, data: Day.encode(Day.roll(day, found, before.get(id) ?? NaN)) }]
      })
      yield* insertMany("ow_day", records, "ON CONFLICT (series, at) DO UPDATE SET data = excluded.data")
    })

    /** Packs rows into the chunks of their hours, whatever is there already. */
    const pack = Effect.fnUntraced(function*(rows: ReadonlyMap<number, Rows.Rows>, { kept, rolled }: Progress) {
      const days = new Map<string, { readonly series: number; readonly day: number }>()
      const wanted: Array<{ readonly series: number; readonly hour: number; readonly rows: Rows.Rows }> = []
      for (const [series, all] of rows) {
        for (let i = 0; i < all.at.length;) {
          const hour = hourOf(all.at[i]!)
          const some = Rows.make()
          for (; i < all.at.length && all.at[i]! < hour + Chunk.seconds; i++) {
            Rows.push(some, all.at[i]!, all.value[i]!, all.verdict[i]!)
          }
          if (hour < kept) continue
          wanted.push({ series, hour, rows: some })
          if (hour < rolled) days.set(`${series} ${dayOf(hour)}`, { series, day: dayOf(hour) })
        }
      }
      if (wanted.length === 0) return
      const hours = [...new Set(wanted.map(({ hour }) => hour))].sort((a, b) => a - b)
      const before = yield* chunkRows([...rows.keys()], hours)
      const chunks: Array<Record<string, unknown>> = []
      const marks: Array<Record<string, unknown>> = []
      for (const { hour, rows, series } of wanted) {
        const old = before.get(series)
        const older = old === undefined ? Rows.make() : between(old, hour, hour + Chunk.seconds)
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
        const last = all.value.findLastIndex((value) => !Number.isNaN(value))
        if (last < 0) continue
        const at = all.at[last]!
        yield* sql`UPDATE ow_series SET last_at = ${at}, last_value = ${all.value[last]!}, last_verdict = ${all
          .verdict[last]!} WHERE id = ${series} AND (last_at IS NULL OR last_at <= ${at})`
      }
      for (const { day, series } of days.values()) {
        yield* rollDay([series], day)
        // What holds at the end of a day may have changed, and with it the beginning of the next day that has rows.
        const next = yield* cells(sql`SELECT MIN(at) FROM ow_day WHERE series = ${series} AND at > ${day}`)
        const at = next[0]?.[0]
        if (at !== null && at !== undefined && Number(at) >= kept) yield* rollDay([series], Number(at))
      }
    })

    const places: Service["places"] = Effect.gen(function*() {
      const found = yield* cells(
        sql`SELECT key, device, name, grp, position, hidden, limits FROM ow_place ORDER BY key`
      )
      const result: Array<Place> = []
      for (const [key, device, name, group, order, hidden, limits] of found) {
        result.push({
          key: String(key),
          device: String(device),
          ...name === null ? {} : { name: String(name) },
          ...group === null ? {} : { group: String(group) },
          ...order === null ? {} : { order: Number(order) },
          isHidden: Number(hidden) !== 0,
          limits: yield* Effect.mapError(
            Schema.decodeEffect(LimitsFromJson)(String(limits)),
            () => broken(`the limits of place ${String(key)}`)
          )
        })
      }
      return result
    }).pipe(named("Reading the places"))

    const setPlace: Service["setPlace"] = (place) =>
      Effect.gen(function*() {
        const record = {
          key: text(place.key),
          device: text(place.device),
          name: optionalText(place.name),
          grp: optionalText(place.group),
          position: place.order ?? null,
          hidden: place.isHidden ? 1 : 0,
          limits: text(JSON.stringify(place.limits))
        }
        yield* sql`INSERT INTO ow_place ${sql.insert(record)} ON CONFLICT (key) DO UPDATE SET device = excluded.device,
          name = excluded.name, grp = excluded.grp, position = excluded.position, hidden = excluded.hidden,
          limits = excluded.limits`
      }).pipe(named("Keeping a place"))

    const fill: Service["fill"] = (key, device) =>
      Effect.gen(function*() {
        const found = yield* sql`SELECT 1 FROM ow_place WHERE key = ${key}`
        if (found.length === 0) return yield* failure("Refused", "Filling a place", "there is no such place")
        // A place that the device has filled away from home falls back to its first device.
        yield* sql`UPDATE ow_place SET device = key WHERE device = ${device} AND key <> ${key} AND key <> ${device}`
        const own = key === device
          ? []
          : yield* sql`SELECT 1 FROM ow_place WHERE key = ${device} AND device = ${device}`
        if (own.length > 0) {
          yield* sql`UPDATE ow_series SET place = ${key} WHERE place = ${device}`
          yield* sql`UPDATE ow_event SET place = ${key} WHERE place = ${device}`
          yield* sql`DELETE FROM ow_place WHERE key = ${device}`
        }
        yield* sql`UPDATE ow_series SET place = ${key} WHERE device = ${device}`
        yield* sql`UPDATE ow_place SET device = ${device} WHERE key = ${key}`
      }).pipe(sql.withTransaction, named("Filling a place"))

    const seriesOf = ([id, place, device, property, unit, since]: ReadonlyArray<Cell>): History.Series => ({
      id: Number(id),
      place: String(place),
      device: String(device),
      property: String(property),
      unit: unit === null ? undefined : String(unit),
      since: Number(since)
    })

    const series: Service["series"] = cells(
      sql`SELECT id, place, device, property, unit, since FROM ow_series ORDER BY id`
    ).pipe(Effect.map((found) => found.map(seriesOf)), named("Reading the series"))

    const open: Service["open"] = ({ device: given, property: name, since, unit: wanted }) =>
      Effect.gen(function*() {
        const device = text(given)
        const property = text(name)
        const unit = optionalText(wanted)
        const find = cells(
          sql`SELECT id, place, device, property, unit, since FROM ow_series
            WHERE device = ${device} AND property = ${property}`
        )
        const known = yield* find
        if (known[0] !== undefined) {
          const found = seriesOf(known[0])
          if (unit === null || unit === found.unit) return found
          yield* sql`UPDATE ow_series SET unit = ${unit} WHERE id = ${found.id}`
          return { ...found, unit }
        }
        const filled = yield* cells(sql`SELECT key FROM ow_place WHERE device = ${device} ORDER BY key LIMIT 1`)
        const place = filled[0]?.[0] ?? device
        if (filled.length === 0) {
          yield* sql`INSERT INTO ow_place ${
            sql.insert({ key: device, device, name: null, grp: null, position: null, hidden: 0, limits: "{}" })
          } ON CONFLICT (key) DO NOTHING`
        }
        yield* sql`INSERT INTO ow_series ${
          sql.insert({ place, device, property, unit, since: Math.floor(since) })
        } ON CONFLICT (device, property) DO NOTHING`
        return seriesOf((yield* find)[0]!)
      }).pipe(sql.withTransaction, named("Opening a series"))

    const append: Service["append"] = ({ at, events, rows }) =>
      Effect.gen(function*() {
        const done = yield* progress
        const late: Array<ReadonlyArray<Cell>> = []
        const records: Array<Record<string, unknown>> = []
        for (const row of rows) {
          const second = Math.floor(row.at)
          const value = row.value === undefined || !Number.isFinite(row.value) ? null : row.value
          const verdict = Rows.verdicts.indexOf(row.verdict)
          if (second < done.rolled) late.push([row.series, second, value, verdict])
          else records.push({ at: second, series: row.series, value, verdict })
        }
        records.push({ at: Math.floor(at), series: 0, value: null, verdict: 0 })
        yield* insertMany("ow_hot", records, "")
        if (late.length > 0) yield* pack(bySeries(late), done)
        yield* insertMany(
          "ow_event",
          events.map((event) => ({
            at: Math.floor(event.at),
            kind: text(event.kind),
            place: optionalText(event.place),
            property: optionalText(event.property),
            server: optionalText(event.server),
            bus: optionalText(event.bus),
            text: text(event.text)
          })),
          ""
        )
      }).pipe(packing, named("Writing to the history"))

    const seen = Effect.map(
      cells(sql`SELECT at FROM ow_hot WHERE series = 0 ORDER BY id DESC LIMIT 1`),
      (found) => found[0] === undefined ? undefined : Number(found[0][0])
    )

    const toRow = (series: number, rows: Rows.Rows, i: number): History.Row => ({
      series,
      at: rows.at[i]!,
      value: Number.isNaN(rows.value[i]!) ? undefined : rows.value[i]!,
      verdict: Rows.verdicts[rows.verdict[i]!]!
    })

    const latest: Service["latest"] = reading(Effect.gen(function*() {
      const packed = yield* cells(
        sql`SELECT id, last_at, last_value, last_verdict FROM ow_series WHERE last_at IS NOT NULL`
      )
      const hot = bySeries(
        yield* cells(sql`SELECT series, at, value, verdict FROM ow_hot WHERE series > 0 ORDER BY id`)
      )
      const result = new Map<number, History.Row>()
      for (const [series, rows] of bySeries(packed)) result.set(series, toRow(series, rows, 0))
      for (const [series, rows] of hot) {
        const last = rows.value.findLastIndex((value) => !Number.isNaN(value))
        if (last >= 0 && !(rows.at[last]! < (result.get(series)?.at ?? -Infinity))) {
          result.set(series, toRow(series, rows, last))
        }
      }
      return [...result.values()].sort((a, b) => a.series - b.series)
    })).pipe(named("Reading the history"))

    /** The series of a property of a place, the newest first. */
    const seriesAt = (
      all: ReadonlyArray<History.Series>,
      { place, property }: History.PlaceProperty
    ): ReadonlyArray<History.Series> =>
      all.filter((one) => one.place === place && one.property === property)
        .sort((a, b) => b.since - a.since || b.id - a.id)

    /** What held before the hour `at`, after the last day that is rolled up. */
    const heldBeforeHour = Effect.fnUntraced(function*(
      series: ReadonlyArray<number>,
      at: number,
      { rolled }: Progress,
      hot: ReadonlyMap<number, Rows.Rows>
    ) {
      const result = new Map<number, number>()
      const first = yield* cells(sql`SELECT MIN(at) FROM ow_chunk`)
      const begin = Math.max(rolled, first[0]?.[0] === null ? Infinity : Number(first[0]?.[0]))
      let missing = series
      // With a heartbeat, the hour before has a row.
      for (
        const hours of [hoursBetween(Math.max(begin, at - Chunk.seconds), at), hoursBetween(begin, at - Chunk.seconds)]
      ) {
        if (missing.length === 0 || hours.length === 0) continue
        const packed = yield* chunkRows(missing, hours)
        for (const id of missing) {
          const held = heldBefore(Rows.merge(packed.get(id) ?? Rows.make(), hot.get(id) ?? Rows.make()), at)
          if (held !== undefined && packed.has(id)) result.set(id, held.value)
        }
        missing = missing.filter((id) => !result.has(id))
      }
      const before = yield* heldBeforeDay(missing, rolled)
      for (const id of missing) result.set(id, heldBefore(hot.get(id), at)?.value ?? before.get(id) ?? NaN)
      return result
    })

    const buckets: Service["buckets"] = ({ edges, now, of }) =>
      reading(Effect.gen(function*() {
        const all = yield* series
        const wanted = of.map((one) => ({ ...one, series: seriesAt(all, one) }))
        const ids = [...new Set(wanted.flatMap((one) => one.series.map(({ id }) => id)))]
        const from = edges[0] ?? 0
        const to = Math.min(edges[edges.length - 1] ?? 0, now)
        if (ids.length === 0 || !(from < to)) return wanted.map((one) => answer(one, Tally.make(edges), new Map()))

        const done = yield* progress
        const hot = yield* hotRows(ids)

        // An hour that has an edge within it is read from its rows, and so is what is not rolled up yet.
        const split = new Set<number>()
        for (const edge of [...edges, to]) {
          if (edge % Chunk.seconds !== 0 && edge >= from && edge <= to) split.add(hourOf(edge))
        }
        const hours = hoursBetween(from, to)
        const isFine = 2 * split.size > hours.length
        const isFromRows = (hour: number): boolean =>
          hour >= done.rolled || hour >= done.kept && (isFine || split.has(hour))
        const packed = yield* chunkRows(ids, hours.filter(isFromRows))
        const begin = hours[0]!
        const held = begin > done.rolled
          ? yield* heldBeforeHour(ids, begin, done, hot)
          : yield* heldBeforeDay(ids, dayOf(begin))

        // Days that are rolled up, for the hours that need no rows, and for what holds at their ends.
        const days = new Map<number, Map<number, Day.Day>>()
        if (begin <= done.rolled) {
          const found = yield* cells(
            sql`SELECT series, at, data FROM ow_day WHERE ${sql.in("series", ids)} AND at >= ${dayOf(begin)}
              AND at < ${to} ORDER BY series, at`
          )
          for (const [id, at, data] of found) {
            let some = days.get(Number(id))
            if (some === undefined) days.set(Number(id), some = new Map())
            some.set(Number(at), yield* decodeDay(id, at, data))
          }
        }
        const marks = yield* marksBetween(ids, from, to, hot)

        const result: Array<History.Buckets> = []
        for (const one of wanted) {
          if (result.length > 0) yield* Effect.yieldNow
          const tally = Tally.make(edges)
          const tracks = one.series.map(({ id }) => makeTrack(id, days.get(id), held.get(id) ?? NaN, begin, to, done))
          // Where two devices have measured in the same hour, rows say which of them when.
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
                const some = between(rows.get(each.id)!, hour, until)
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
      })).pipe(named("Reading the history"))

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
            WHERE ${sql.in("series", series)} AND at >= ${from} AND at < ${to}) AS numbered
            WHERE position <= ${mostMarks} ORDER BY at`
        )
      )
      return new Map(series.map((id) => {
        const rows = Rows.merge(packed.get(id) ?? Rows.make(), between(hot.get(id) ?? Rows.make(), from, to))
        return [
          id,
          rows.at.flatMap((_, i) => rows.verdict[i] === 0 || Number.isNaN(rows.value[i]!) ? [] : [toRow(id, rows, i)])
        ]
      }))
    })

    const answer = (
      { place, property, series }: History.PlaceProperty & { readonly series: ReadonlyArray<History.Series> },
      tally: Tally.Tally,
      marks: ReadonlyMap<number, ReadonlyArray<History.Row>>
    ): History.Buckets => ({
      place,
      property,
      unit: series[0]?.unit,
      ...Tally.columns(tally),
      marks: series.flatMap(({ id }) => marks.get(id) ?? []).sort((a, b) => a.at - b.at).slice(0, mostMarks)
    })

    /** The first and the last second that rows may be of. */
    const extent = Effect.map(
      cells(
        sql`SELECT (SELECT MIN(at) FROM ow_chunk), (SELECT MAX(at) FROM ow_chunk), (SELECT MIN(at) FROM ow_hot),
          (SELECT MAX(at) FROM ow_hot)`
      ),
      (found) => {
        const [firstPacked, lastPacked, firstHot, lastHot] = (found[0] ?? []).map((cell) =>
          cell === null ? undefined : Number(cell)
        )
        return {
          first: Math.min(firstPacked ?? Infinity, firstHot ?? Infinity),
          last: Math.max(lastPacked === undefined ? -Infinity : lastPacked + Chunk.seconds, lastHot ?? -Infinity)
        }
      }
    )

    const rowsBetween = (series: ReadonlyArray<number>, from: number, to: number) =>
      reading(Effect.gen(function*() {
        const hot = yield* hotRows(series)
        const packed = yield* chunkRows(series, hoursBetween(from, to))
        return series.flatMap((id) => {
          const rows = between(Rows.merge(packed.get(id) ?? Rows.make(), hot.get(id) ?? Rows.make()), from, to)
          return rows.at.map((_, i) => toRow(id, rows, i))
        }).sort((a, b) => a.at - b.at)
      }))

    const rows: Service["rows"] = ({ from, to, ...of }) =>
      Stream.unwrap(
        Effect.gen(function*() {
          const ids = seriesAt(yield* series, of).map(({ id }) => id)
          const { first, last } = yield* extent
          const end = Math.min(to, last + 1)
          if (ids.length === 0) return Stream.empty
          return Stream.paginate(Math.max(from, first), (at) =>
            at < end
              ? Effect.map(
                rowsBetween(ids, at, Math.min(end, dayOf(at) + Day.seconds)),
                (page) => [page, Option.some(dayOf(at) + Day.seconds)] as const
              )
              : Effect.succeed([[], Option.none<number>()] as const))
        }).pipe(named("Reading the history"))
      ).pipe(
        Stream.catchTag("SqlError", (error) => Stream.fail(Failure.fromSql(database, "Reading the history")(error)))
      )

    const events: Service["events"] = ({ from, limit, place, to }) =>
      cells(
        sql`SELECT at, kind, place, property, server, bus, text FROM ow_event WHERE at >= ${from} AND at < ${to}
          ${place === undefined ? sql.literal("") : sql`AND place = ${place}`} ORDER BY at DESC, id DESC LIMIT ${limit}`
      ).pipe(
        Effect.map((found) =>
          found.map(([at, kind, place, property, server, bus, text]): History.Event => ({
            at: Number(at),
            kind: String(kind),
            ...place === null ? {} : { place: String(place) },
            ...property === null ? {} : { property: String(property) },
            ...server === null ? {} : { server: String(server) },
            ...bus === null ? {} : { bus: String(bus) },
            text: String(text)
          }))
        ),
        named("Reading the events")
      )

    /** Packs the hours before `end`, a window of the hot log after the other. */
    const packHours = Effect.fnUntraced(function*(end: number) {
      const top = yield* sql.withTransaction(Effect.gen(function*() {
        // Whoever writes has finished then, so that no number below the highest one is still to come.
        if (isPostgres) yield* sql`LOCK TABLE ow_hot IN SHARE MODE`
        const found = yield* cells(sql`SELECT MAX(id), MIN(at) FROM ow_hot`)
        const [id, at] = found[0] ?? []
        return id === null || Number(at) >= end ? 0 : Number(id)
      }))
      let after = 0
      while (after < top) {
        const window = yield* cells(
          sql`SELECT MAX(id) FROM (SELECT id FROM ow_hot WHERE id > ${after} AND id <= ${top} ORDER BY id
            LIMIT ${windowRows}) AS some`
        )
        const last = window[0]?.[0]
        if (last === null || last === undefined) return
        const through = Number(last)
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
            yield* pack(bySeries(found), yield* progress)
          }))
        }
        // Only now, and in one go: the rows of each series lie on all of these pages.
        yield* Effect.yieldNow
        yield* packing(sql`DELETE FROM ow_hot WHERE ${isWithin}`)
        after = through
      }
    })

    /** Rolls up the days before `limit`. */
    const rollDays = Effect.fnUntraced(function*(limit: number) {
      for (;;) {
        const { rolled } = yield* progress
        if (rolled >= limit) return
        const first = yield* cells(
          Number.isFinite(rolled)
            ? sql`SELECT MIN(at) FROM ow_chunk WHERE at >= ${rolled}`
            : sql`SELECT MIN(at) FROM ow_chunk`
        )
        const next = first[0]?.[0]
        const isEmpty = next === null || next === undefined
        if (isEmpty && !Number.isFinite(rolled)) return
        const day = isEmpty ? limit : dayOf(Number(next))
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

    /** Forgets rows before a time, and events. */
    const forget = Effect.fnUntraced(function*(before: number) {
      const { kept, rolled } = yield* progress
      const limit = Math.max(kept, Math.min(dayOf(before), rolled))
      if (!Number.isFinite(limit)) return
      if (limit > kept) {
        yield* packing(Effect.gen(function*() {
          yield* setProgress("kept", limit)
          yield* sql`DELETE FROM ow_mark WHERE at < ${limit}`
          yield* sql`DELETE FROM ow_event WHERE at < ${limit}`
        }))
      }
      for (;;) {
        yield* Effect.yieldNow
        const first = yield* cells(sql`SELECT MIN(at) FROM ow_chunk`)
        const at = first[0]?.[0]
        if (at === null || at === undefined || Number(at) >= limit) return
        yield* packing(sql`DELETE FROM ow_chunk WHERE at < ${Math.min(limit, Number(at) + 6 * Chunk.seconds)}`)
      }
    })

    /** Gives room back that has become free, a few pages at a time: as much as a history soon fills again is left. */
    const shrink = Effect.gen(function*() {
      const pragma = (name: string) =>
        Effect.map(cells(sql`PRAGMA ${sql.literal(name)}`), (rows) => Number(rows[0]?.[0]))
      const spare = 256 + (yield* pragma("page_count")) / 8
      while ((yield* pragma("freelist_count")) > spare) {
        yield* Effect.yieldNow
        yield* sql`PRAGMA incremental_vacuum(64)`
        if ((yield* pragma("auto_vacuum")) !== 2) return
      }
    })

    const single = yield* Semaphore.make(1)

    const maintain: Service["maintain"] = ({ keep, now }) =>
      Effect.gen(function*() {
        const last = yield* seen
        if (last === undefined) return
        // An hour is over when all of it is written.
        const end = hourOf(Math.min(now, last))
        yield* packHours(end)
        yield* rollDays(dayOf(end))
        yield* forget(now - keep)
        if (!isPostgres) yield* shrink
      }).pipe(single.withPermits(1), named("Packing the history"))

    return {
      database,
      places,
      setPlace,
      fill,
      series,
      open,
      append,
      lastSeen: named("Reading the history")(seen),
      latest,
      buckets,
      rows,
      events,
      maintain
    }
  }
)

/** The roll-ups of the days of a series, from the first one that is asked for on, one after the other. */
interface Track {
  readonly id: number
  /** What held before the first of them; or before the first hour asked for, if no day of it is rolled up. */
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
  { rolled }: Progress
): Track => {
  const days: Array<Day.Day> = []
  const first = dayOf(begin)
  let end = held
  let rest = Day.holding(end)
  for (let at = first; at < rolled && at < to; at += Day.seconds) {
    const day = found?.get(at)
    // A day without rows holds on to what was there before.
    if (day === undefined && !Object.is(rest.end[23], end)) rest = Day.holding(end)
    days.push(day ?? rest)
    end = day === undefined ? end : day.end[23]!
  }
  return { id, held, first, days }
}

const hourIn = ({ days, first }: Track, hour: number) => ({
  day: days[(dayOf(hour) - first) / Day.seconds]!,
  index: (hour - dayOf(hour)) / Chunk.seconds
})

/** What holds at the beginning of an hour. */
const heldAt = (track: Track, hour: number): number => {
  if (track.days.length === 0 || hour === track.first) return track.held
  const { day, index } = hourIn(track, hour - Chunk.seconds)
  return day.end[index]!
}

/** Whether more than one of them has something to say on an hour. */
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
