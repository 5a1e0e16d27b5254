/** Rows of the history for spreadsheets and programs. */
import { Printable } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as Ndjson from "effect/encoding/Ndjson"
import * as Stream from "effect/Stream"
import type * as Api from "../../Api.ts"
import type * as History from "../../History.ts"

const nameOf = ({ place, property }: History.PlaceProperty) => `${place}/${property}`

/** The rows of some or all properties of places, by property and time. */
export const rows = Effect.fnUntraced(function*(
  history: History.History["Service"],
  { from, places, series, to }: {
    readonly series: ReadonlyArray<History.PlaceProperty> | undefined
    readonly from: number
    readonly to: number
    /** The places with their titles. */
    readonly places: ReadonlyArray<Pick<Api.PlaceState, "key" | "title">>
  }
) {
  const kept = yield* history.series
  const titles = new Map(places.map(({ key, title }) => [key, title]))
  const units = new Map(kept.map((series) => [nameOf(series), series.unit]))
  const of = series ?? [...new Map(kept.map((series) => [nameOf(series), series])).values()]
  return Stream.fromIterable(of).pipe(
    Stream.flatMap(({ place, property }) => {
      const name = titles.get(place) ?? place
      const unit = units.get(nameOf({ place, property })) ?? ""
      return history.rows({ place, property, from, to }).pipe(
        Stream.map(({ at, value, verdict }): Api.ExportRow => ({
          time: new Date(at * 1000).toISOString().replace(".000Z", "Z"),
          place,
          name,
          property,
          value: value ?? null,
          unit,
          verdict: value === undefined ? "" : verdict
        }))
      )
    })
  )
})

/**
 * Text that is safe for terminals and for spreadsheets, which take a cell for a formula if it begins like one. A quote before it
 * makes it text. In places with a decimal comma, a semicolon also begins a cell.
 */
export const defused = (text: string): string =>
  Printable.printable(text).replace(/(^|;)(?=\s*[=+\-@＝＋－＠])/g, "$1'")

/** One line for each row, after a line with the names of the columns. */
export const csv = <E>(rows: Stream.Stream<Api.ExportRow, E>): Stream.Stream<Uint8Array, E> =>
  rows.pipe(
    Stream.map(({ name, place, property, time, unit, value, verdict }) => ({
      time,
      place,
      name: defused(name),
      property: defused(property),
      value: value === null ? "" : String(value),
      unit: defused(unit),
      verdict
    })),
    Stream.pipeThroughChannel(Csv.encode({
      columns: ["time", "place", "name", "property", "value", "unit", "verdict"],
      headers: true
    }))
  )

/** One line of JSON for each row. */
export const ndjson = <E>(rows: Stream.Stream<Api.ExportRow, E>) => Stream.pipeThroughChannel(rows, Ndjson.encode())
