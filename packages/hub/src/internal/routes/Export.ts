/** Rows of the history for spreadsheets and programs. */
import { Printable } from "@effect-ownet/core"
import * as Effect from "effect/Effect"
import * as Csv from "effect/encoding/Csv"
import * as Ndjson from "effect/encoding/Ndjson"
import * as Stream from "effect/Stream"
import type * as Api from "../../Api.ts"
import type * as History from "../../History.ts"

const nameOf = ({ place, property }: History.PlaceProperty) => `${place}/${property}`

/** The rows of some properties of places, or of all, by property and time. */
export const rows = Effect.fnUntraced(function*(
  history: History.History["Service"],
  { from, places, series, to }: {
    readonly series: ReadonlyArray<History.PlaceProperty> | undefined
    readonly from: number
    readonly to: number
    /** The places as they are shown. */
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
 * Text that nothing obeys: no terminal that a file is shown on, and no spreadsheet, which takes a cell for a formula that begins like
 * one. A quote before it makes it text. A semicolon begins a cell, too, where people write commas in numbers.
 */
export const defused = (text: string): string =>
  Printable.printable(text).replace(/(^|;)(?=\s*[=+\-@＝＋－＠])/g, "$1'")

/** A line for each row, and one with the names of the columns before them. */
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

/** A line of JSON for each row. */
export const ndjson = <E>(rows: Stream.Stream<Api.ExportRow, E>) => Stream.pipeThroughChannel(rows, Ndjson.encode())
