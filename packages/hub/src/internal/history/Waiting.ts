/** Rows and events that wait to be written, as if they were written already. Each reader combines both. */
import * as Effect from "effect/Effect"
import type * as History from "../../History.ts"
import * as Database from "./Database.ts"
import * as Rows from "./rows/Rows.ts"
import * as Stored from "./Stored.ts"

type Service = History.History["Service"]

/** All series, and the waiting rows by series. */
export interface Known {
  readonly series: ReadonlyArray<History.Series>
  readonly rows: ReadonlyMap<number, Rows.Rows>
}

const nameOf = (device: string, property: string): string => `${device}/${property}`

export type Waiting = ReturnType<typeof make>

export const make = (
  { cells, named, reading, sql }: Database.Database,
  { progress }: Stored.Stored,
  written: Service["series"]
) => {
  const sources = new Set<Effect.Effect<History.Waiting>>()

  const include: Service["include"] = (waiting) =>
    Effect.acquireRelease(
      Effect.sync(() => sources.add(waiting)),
      () => Effect.sync(() => sources.delete(waiting))
    )

  const waiting = Effect.suspend(() => Effect.all([...sources]))

  const placesOf = Effect.map(
    cells(sql`SELECT device, key FROM ow_place ORDER BY key DESC`),
    (found) => new Map(found.map(([device, key]) => [String(device), String(key)]))
  )

  const know = Effect.fnUntraced(function*(given: ReadonlyArray<History.Waiting>) {
    const series = yield* written
    const waiting = given.flatMap(({ rows }) => rows)
    if (waiting.length === 0) return { series, rows: new Map<number, Rows.Rows>() }
    const { rolled } = yield* progress
    const ids = new Map(series.map(({ device, id, property }) => [nameOf(device, property), id]))
    const made: Array<Omit<History.Series, "place">> = []
    const found: Array<ReadonlyArray<Database.Cell>> = []
    for (const row of waiting) {
      const device = Database.text(row.device)
      const property = Database.text(row.property)
      let id = ids.get(nameOf(device, property))
      if (id === undefined) {
        id = -1 - made.length
        ids.set(nameOf(device, property), id)
        made.push({ id, device, property, unit: row.unit, since: Math.floor(row.at) })
      }
      // Such a late row changes roll-ups, and is seen when it is written.
      if (row.at >= rolled) found.push(Stored.cellsOf({ ...row, series: id }))
    }
    const rows = Stored.bySeries(found)
    if (made.length === 0) return { series, rows }
    const places = yield* placesOf
    return {
      series: [...series, ...made.map((one) => ({ ...one, place: places.get(one.device) ?? one.device }))],
      rows
    }
  })

  /**
   * Takes the waiting data, and then reads a consistent snapshot of the written data. Data that is written in between is seen
   * twice, and counts once.
   */
  const readingAll = <A, E>(body: (known: Known) => Effect.Effect<A, E>) =>
    Effect.flatMap(waiting, (given) => reading(Effect.flatMap(know(given), body)))

  const series: Service["series"] = readingAll(({ series }) => Effect.succeed(series)).pipe(named("Reading the series"))

  return { include, waiting, reading: readingAll, series }
}

/** Rows of some series, including waiting ones. */
export const over = (
  ids: Iterable<number>,
  written: ReadonlyMap<number, Rows.Rows>,
  waiting: ReadonlyMap<number, Rows.Rows>
): ReadonlyMap<number, Rows.Rows> =>
  waiting.size === 0
    ? written
    : new Map(
      Array.from(ids, (id) => [id, Rows.merge(written.get(id) ?? Rows.make(), waiting.get(id) ?? Rows.make())])
    )

/** The first time of waiting rows, at or after a given time. */
export const nextAfter = (waiting: ReadonlyMap<number, Rows.Rows>, at: number): number => {
  let next = Infinity
  for (const rows of waiting.values()) {
    const some = Rows.between(rows, at, Infinity)
    next = Math.min(next, some.at[0] ?? Infinity)
  }
  return next
}
