/**
 * Keeps what thermometers say in SQLite: a schema that migrates itself, rows in batches, a file that is locked tried again. After
 * a restart it goes on from what it finds in the file, so that what has not changed meanwhile is not written again. To run it,
 * set `OWSERVER`, and perhaps `DATABASE`:
 *
 *     pnpm exec node examples/src/sqlite/main.ts
 */
import { type Device, Discovery, OwRetry, Poll, RomId } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2438 } from "@effect-ownet/core/families"
import { Array, Context, Effect, Layer, Schedule, Schema, Stream } from "effect"
import { Migrator, SqlClient, type SqlError, SqlSchema } from "effect/sql"

export class Row extends Schema.Class<Row>("Row")({
  device: RomId.RomIdFromString,
  property: Schema.String,
  at: Schema.DateFromMillis,
  value: Schema.Finite,
  unit: Schema.NullOr(Schema.String)
}) {}

const migrate = Migrator.make({})({
  loader: Migrator.fromRecord({
    "0001_create_readings": Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* sql`
        CREATE TABLE readings (
          device TEXT NOT NULL,
          property TEXT NOT NULL,
          at INTEGER NOT NULL,
          value REAL NOT NULL,
          unit TEXT,
          PRIMARY KEY (device, property, at)
        ) WITHOUT ROWID
      `
    })
  })
})

export class Readings extends Context.Service<Readings, {
  /** The last one of each property. */
  readonly latest: Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError>
  readonly append: (rows: Array.NonEmptyReadonlyArray<Row>) => Effect.Effect<void, SqlError.SqlError>
}>()("examples/sqlite/Readings") {
  static readonly layer = Layer.effect(
    Readings,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* migrate
      const latest = SqlSchema.findAll({
        Request: Schema.Void,
        Result: Row,
        execute: () => sql`SELECT device, property, max(at) AS at, value, unit FROM readings GROUP BY device, property`
      })
      const append = SqlSchema.void({
        Request: Schema.NonEmptyArray(Row),
        // What had been written when its answer was lost may be written again.
        execute: (rows) => sql`INSERT INTO readings ${sql.insert(rows)} ON CONFLICT DO NOTHING`
      })
      return Readings.of({
        // Nobody else writes into the table: a row that is none is a defect.
        latest: Effect.catchTag(latest(), "SchemaError", Effect.die),
        append: (rows) => Effect.catchTag(append(rows), "SchemaError", Effect.die)
      })
    })
  )
}

/** Who ends it loses what it has read in the last ten seconds. */
export const logTemperatures = Effect.gen(function*() {
  const readings = yield* Readings
  const { devices } = yield* Discovery.devices({ families: [DS18B20, DS18S20, DS2438] }).pipe(
    // The devices of a bus that fails would be missing for good.
    Effect.filterOrFail(({ failures }) => failures.length === 0, ({ failures }) => failures[0].error),
    Effect.tapError(({ message }) => Effect.logWarning(message)),
    Effect.retry({ schedule: Schedule.spaced("10 seconds"), while: OwRetry.isTransient })
  )
  const known = (yield* readings.latest).flatMap(
    ({ at, device: id, property, unit, value }): Array<Device.Reading<number>> => {
      const device = devices.find((device) => device.id === id)
      if (device === undefined) return []
      return [{ _tag: "Reading", device, property, at, value, unit: unit ?? undefined, verdict: { _tag: "Plausible" } }]
    }
  )
  const temperatures = Poll.poll(devices.map((device) => device.property("temperature")), "30 seconds", {
    implausible: "readAgain"
  })
  yield* Stream.fromIterable(known).pipe(
    Stream.concat(temperatures),
    Poll.changes({ deadBand: 0.1 }),
    Stream.drop(known.length),
    Stream.tap((seen) => seen._tag === "Failed" ? Effect.logWarning(seen.error.message) : Effect.void),
    Stream.filter((seen) => seen._tag === "Reading"),
    Stream.filter(({ verdict }) => verdict._tag === "Plausible"),
    Stream.map(({ at, device, property, unit, value }) =>
      new Row({ device: device.id, property, at, value, unit: unit ?? null })
    ),
    Stream.groupedWithin(500, "10 seconds"),
    Stream.filter(Array.isArrayNonEmpty),
    Stream.runForEach((rows) =>
      Effect.retry(readings.append(rows), {
        schedule: Schedule.spaced("1 second"),
        while: (error) => error.isRetryable
      })
    )
  )
})
