/**
 * A history as text for spreadsheets and programs: a stream of CSV or JSON Lines.
 *
 * **Example** (All rows of a file, as CSV)
 *
 * ```ts
 * import { HistoryExport, HistoryFile } from "@effect-ownet/hub"
 * import { Effect, Stream } from "effect"
 *
 * const program = HistoryExport.make({ what: "rows", format: "csv" }).pipe(
 *   Stream.runForEach((bytes) => Effect.sync(() => process.stdout.write(bytes))),
 *   Effect.provide(HistoryFile.layer("hub.sqlite"))
 * )
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as Ndjson from "effect/encoding/Ndjson"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as History from "./History.ts"
import type { HistoryError } from "./HistoryError.ts"
import * as Export from "./internal/routes/Export.ts"
import type { Place } from "./Places.ts"

/**
 * Options of an export.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Contents of the export: the rows of all properties, the places, or the events with the latest first. */
  readonly what: "rows" | "places" | "events"
  readonly format: "csv" | "ndjson"
  /** Start, in seconds since 1970. Default 0. */
  readonly from?: number | undefined
  /** End, in seconds since 1970, exclusive. By default, there is no end. */
  readonly to?: number | undefined
  /** The key of a place, or its name. By default, all places. */
  readonly place?: string | undefined
}

/** A time later than all rows. */
const forever = 1e12

const isMeant = (place: string | undefined) => ({ key, name }: Pick<Place, "key" | "name">): boolean =>
  place === undefined || key === place || name === place

/** Lines of CSV. No spreadsheet takes its text for a formula. */
const csv = <A extends Readonly<Record<string, number | string | null>>, E>(
  columns: ReadonlyArray<keyof A & string>,
  records: Stream.Stream<A, E>
) =>
  records.pipe(
    Stream.map((record) =>
      Object.fromEntries(columns.map((column) => {
        const cell = record[column]
        return [column, typeof cell === "string" ? Export.defused(cell) : cell === null ? "" : String(cell)]
      }))
    ),
    Stream.pipeThroughChannel(Csv.encode({ columns, headers: true }))
  )

/** One line of JSON for each record. All of these records can be JSON. */
const ndjson = <A>(records: Stream.Stream<A, HistoryError>): Stream.Stream<Uint8Array, HistoryError> =>
  Stream.pipeThroughChannel(records, Ndjson.encode()).pipe(Stream.catchTag("NdjsonError", (error) => Stream.die(error)))

const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000Z", "Z")

/** One line for each place. Its limits are one cell of JSON. */
const placeOf = ({ device, group, isHidden, key, limits, name }: Place) => ({
  place: key,
  device,
  name: name ?? "",
  group: group ?? "",
  hidden: isHidden ? "yes" : "no",
  limits: JSON.stringify(limits)
})

const eventOf = ({ at, bus, kind, place, property, server, text }: History.Event) => ({
  time: timeOf(at),
  kind,
  place: place ?? "",
  property: property ?? "",
  server: server ?? "",
  bus: bus ?? "",
  text
})

/** Minimum number of events on a page. */
const pageSize = 1000

/** Events, the latest first. All events of one second are on one page. */
const eventsOf = (
  history: History.History["Service"],
  { from, place, to }: { readonly from: number; readonly to: number; readonly place: string | undefined }
) =>
  Stream.paginate(
    { until: to, size: pageSize },
    Effect.fnUntraced(function*({ size, until }) {
      const found = yield* history.events({ from, to: until, limit: size, ...place === undefined ? {} : { place } })
      const last = found.at(-1)
      if (last === undefined || found.length < size) return [found, Option.none()] as const
      const whole = found.filter(({ at }) => at > last.at)
      return [
        whole,
        Option.some(
          whole.length === 0 ? { until, size: size * 2 } : { until: Math.floor(last.at) + 1, size: pageSize }
        )
      ] as const
    })
  )

/**
 * The lines of an export.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = (
  { format, from = 0, place, to = forever, what }: Options
): Stream.Stream<Uint8Array, HistoryError, History.History> =>
  Stream.unwrap(Effect.gen(function*() {
    const history = yield* History.History
    const places = (yield* history.places).filter(isMeant(place))
    switch (what) {
      case "rows": {
        const keys = new Set(places.map(({ key }) => key))
        const series = (yield* history.series).filter((one) => place === undefined || keys.has(one.place))
        const rows = yield* Export.rows(history, {
          series: [...new Map(series.map((one) => [`${one.place}/${one.property}`, one])).values()],
          from,
          to,
          places: places.map(({ key, name }) => ({ key, title: name ?? key }))
        })
        return format === "csv" ? Export.csv(rows) : ndjson(rows)
      }
      case "places": {
        const records = Stream.fromIterable(places)
        return format === "csv"
          ? csv(["place", "device", "name", "group", "hidden", "limits"], Stream.map(records, placeOf))
          : ndjson(records)
      }
      case "events": {
        const key = place === undefined ? undefined : places[0]?.key ?? place
        const records = eventsOf(history, { from, to, place: key })
        return format === "csv"
          ? csv(["time", "kind", "place", "property", "server", "bus", "text"], Stream.map(records, eventOf))
          : ndjson(Stream.map(records, ({ at, ...event }) => ({ time: timeOf(at), ...event })))
      }
    }
  }))
