/** Places and series. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as History from "../../History.ts"
import { Limits, type Place } from "../../Places.ts"
import * as Database from "./Database.ts"

type Service = History.History["Service"]

const { optionalText, text } = Database

/** Stored limits were accepted once. A check that was added later must not make a history unreadable. */
const LimitsFromJson = Schema.fromJsonString(
  Schema.Record(
    Schema.String,
    Schema.Struct({
      ...Limits.fields,
      for: Schema.optionalKey(Schema.Finite),
      hysteresis: Schema.optionalKey(Schema.Finite)
    })
  )
)

const seriesOf = ([id, place, device, property, unit, since]: ReadonlyArray<Database.Cell>): History.Series => ({
  id: Number(id),
  place: String(place),
  device: String(device),
  property: String(property),
  unit: unit === null ? undefined : String(unit),
  since: Number(since)
})

export const make = ({ broken, cells, named, refused, sql }: Database.Database) => {
  const places: Service["places"] = Effect.gen(function*() {
    const found = yield* cells(
      sql`SELECT key, device, name, grp, position, hidden, limits, no_news FROM ow_place ORDER BY key`
    )
    const result: Array<Place> = []
    for (const [key, device, name, group, order, hidden, limits, noNews] of found) {
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
        ),
        ...noNews === null ? {} : { noNewsFor: Number(noNews) }
      })
    }
    return result
  }).pipe(named("Reading the places"))

  const writePlace = (place: Place) => {
    const record = {
      key: text(place.key),
      device: text(place.device),
      name: optionalText(place.name),
      grp: optionalText(place.group),
      position: place.order ?? null,
      hidden: place.isHidden ? 1 : 0,
      limits: text(JSON.stringify(place.limits)),
      no_news: place.noNewsFor ?? null
    }
    return sql`INSERT INTO ow_place ${sql.insert(record)} ON CONFLICT (key) DO UPDATE SET device = excluded.device,
      name = excluded.name, grp = excluded.grp, position = excluded.position, hidden = excluded.hidden,
      limits = excluded.limits, no_news = excluded.no_news`
  }

  const setPlace: Service["setPlace"] = (place) => Effect.asVoid(writePlace(place)).pipe(named("Keeping a place"))

  const fill: Service["fill"] = (key, device) =>
    Effect.gen(function*() {
      const found = yield* sql`SELECT 1 FROM ow_place WHERE key = ${key}`
      if (found.length === 0) return yield* refused("Filling a place", "there is no such place")
      // A place that the device has filled, other than its own, returns to its first device.
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

  return { writePlace, service: { places, setPlace, fill, series, open } }
}
