/** A history in a database. One implementation over the `SqlClient` of Effect serves SQLite and PostgreSQL. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type * as History from "../../History.ts"
import type { HistoryError } from "../../HistoryError.ts"
import * as Database from "./Database.ts"
import * as JournalProgress from "./JournalProgress.ts"
import * as Noticed from "./Noticed.ts"
import * as Packing from "./Packing.ts"
import * as Query from "./Query.ts"
import * as Registry from "./Registry.ts"
import * as Rows from "./rows/Rows.ts"
import * as Stored from "./Stored.ts"
import * as Tables from "./Tables.ts"
import * as Waiting from "./Waiting.ts"

type Service = History.History["Service"]

const { optionalText, text } = Database

/** Waiting events, followed by written ones. Events that were written in between appear twice. */
const withWaiting = (
  { from, limit, place, to }: Parameters<Service["events"]>[0],
  waiting: ReadonlyArray<History.Event>,
  written: ReadonlyArray<History.Event>
): ReadonlyArray<History.Event> => {
  if (waiting.length === 0) return written
  const known = new Set(written.map(keyOf))
  const more = waiting.map(asWritten).filter((event) =>
    event.at >= from && event.at < to && (place === undefined || event.place === place) && !known.has(keyOf(event))
  )
  return [...more.toReversed(), ...written].toSorted((a, b) => b.at - a.at).slice(0, limit)
}

const keyOf = ({ at, bus, kind, place, property, server, text }: History.Event): string =>
  JSON.stringify([at, kind, place, property, server, bus, text])

const asWritten = ({ at, bus, kind, place, property, server, text: said }: History.Event): History.Event => ({
  at: Math.floor(at),
  kind: text(kind),
  ...place === undefined ? {} : { place: text(place) },
  ...property === undefined ? {} : { property: text(property) },
  ...server === undefined ? {} : { server: text(server) },
  ...bus === undefined ? {} : { bus: text(bus) },
  text: text(said)
})

const operation = "Opening the history"

/** Creates or upgrades the tables. Read-only tables must be up to date already. */
const prepare = Effect.fnUntraced(function*(database: Database.Database, isReadOnly: boolean) {
  if (!isReadOnly) return yield* Tables.prepare(database)
  const is = yield* Tables.versionOf(database, operation)
  if (is < Tables.version) {
    return yield* database.refused(
      operation,
      `it is of version ${is}, and version ${Tables.version} can be read: a hub that opens it brings it up to date`
    )
  }
})

export const make = Effect.fnUntraced(function*(
  name: string,
  isReadOnly = false
): Effect.fn.Return<Service, HistoryError, SqlClient.SqlClient> {
  const database = Database.make(name, yield* SqlClient.SqlClient)
  const { cells, insertMany, named, packing, sql } = database
  yield* named(operation)(prepare(database, isReadOnly))
  const stored = Stored.make(database)
  const { progress } = stored
  const registry = Registry.make(database)
  const { maintain, pack } = Packing.make(database, stored)
  const waiting = Waiting.make(database, stored, registry.service.series)
  const query = Query.make(database, stored, waiting)

  const noticed = Noticed.make(database)
  const keeping = JournalProgress.make(database)

  const append: Service["append"] = ({ at, events, places = [], progress: reached, rows, turns = [] }) =>
    Effect.gen(function*() {
      if (reached !== undefined && !(yield* keeping.goOn(reached))) return
      for (const place of places) yield* registry.writePlace(place)
      const done = yield* progress
      const late: Array<ReadonlyArray<Database.Cell>> = []
      const records: Array<Record<string, unknown>> = []
      for (const row of rows) {
        const [series, at, value, verdict] = Stored.cellsOf(row)
        if (at < done.rolled) late.push([series, at, value, verdict])
        else records.push({ at, series, value, verdict })
      }
      records.push({ at: Math.floor(at), series: 0, value: null, verdict: 0 })
      yield* insertMany("ow_hot", records)
      if (late.length > 0) yield* pack(Stored.bySeries(late), done)
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
        }))
      )
      for (const turn of turns) yield* noticed.writeTurn(turn)
    }).pipe(packing, named(JournalProgress.writing))

  const latest: Service["latest"] = waiting.reading(Effect.fnUntraced(function*(known) {
    const packed = yield* cells(
      sql`SELECT id, last_at, last_value, last_verdict FROM ow_series WHERE last_at IS NOT NULL`
    )
    const hot = Stored.bySeries(
      yield* cells(sql`SELECT series, at, value, verdict FROM ow_hot WHERE series > 0 ORDER BY id`)
    )
    const result = new Map<number, History.Row>()
    const lately = Waiting.over(known.series.map(({ id }) => id), hot, known.rows)
    for (const [series, rows] of Stored.bySeries(packed)) result.set(series, Rows.toRow(series, rows, 0))
    for (const [series, rows] of lately) {
      const last = Rows.lastValue(rows)
      if (last >= 0 && !(rows.at[last]! < (result.get(series)?.at ?? -Infinity))) {
        result.set(series, Rows.toRow(series, rows, last))
      }
    }
    return [...result.values()].toSorted((a, b) => a.series - b.series)
  })).pipe(named("Reading the history"))

  const writtenEvents = ({ from, limit, place, to }: Parameters<Service["events"]>[0]) =>
    cells(
      sql`SELECT at, kind, place, property, server, bus, text FROM ow_event WHERE at >= ${Math.ceil(from)} AND at < ${
        Math.ceil(to)
      }
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
      )
    )

  const events: Service["events"] = (query) =>
    Effect.flatMap(waiting.waiting, (given) =>
      Effect.map(
        writtenEvents(query),
        (written) => withWaiting(query, given.flatMap(({ events }) => events), written)
      )).pipe(named("Reading the events"))

  return {
    database: name,
    ...registry.service,
    series: waiting.series,
    append,
    include: waiting.include,
    lastSeen: named("Reading the history")(stored.lastSeen),
    latest,
    ...query,
    events,
    ...noticed.service,
    ...keeping.service,
    maintain
  }
})

const downgrading = "Downgrading the history"

/** Downgrades the tables to an older version, and returns the version that they had. */
export const revert = Effect.fnUntraced(function*(
  name: string,
  to: number
): Effect.fn.Return<number, HistoryError, SqlClient.SqlClient> {
  const database = Database.make(name, yield* SqlClient.SqlClient)
  return yield* database.named(downgrading)(Tables.revert(database, to, downgrading))
})
