/**
 * Logs what thermometers measure to SQLite: a schema that migrates itself, rows in batches, a locked file that is waited for. It
 * goes on from what is in the file: after a restart, or when a thermometer is back, a value that has not changed is not written
 * again. To run it, set `OWSERVER`, and perhaps `DATABASE`:
 *
 *     pnpm exec node examples/src/sqlite/main.ts
 */
import { type Device, Follow, Poll, RomId } from "@effect-ownet/core"
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

/** Waits for a file that is locked. Nobody else writes to the table: a row that does not fit is a defect. */
const patient = <A>(query: Effect.Effect<A, Schema.SchemaError | SqlError.SqlError>) =>
  query.pipe(
    Effect.catchTag("SchemaError", Effect.die),
    Effect.retry({ schedule: Schedule.spaced("1 second"), while: (error) => error.isRetryable })
  )

export class Readings extends Context.Service<Readings, {
  /** The last row of each property of a device. */
  readonly latest: (device: RomId.RomId) => Effect.Effect<ReadonlyArray<Row>, SqlError.SqlError>
  /** Adds rows. Those that are there already stay as they are. */
  readonly append: (rows: Array.NonEmptyReadonlyArray<Row>) => Effect.Effect<void, SqlError.SqlError>
}>()("examples/sqlite/Readings") {
  static readonly layer = Layer.effect(
    Readings,
    Effect.gen(function*() {
      const sql = yield* SqlClient.SqlClient
      yield* migrate
      const latest = SqlSchema.findAll({
        Request: RomId.RomIdFromString,
        Result: Row,
        execute: (device) =>
          sql`SELECT device, property, max(at) AS at, value, unit FROM readings WHERE device = ${device} GROUP BY property`
      })
      const append = SqlSchema.void({
        Request: Schema.NonEmptyArray(Row),
        execute: (rows) => sql`INSERT INTO readings ${sql.insert(rows)} ON CONFLICT DO NOTHING`
      })
      return Readings.of({
        latest: (device) => patient(latest(device)),
        append: (rows) => patient(append(rows))
      })
    })
  )
}

/** Logs forever. If it is stopped, what was read in the last ten seconds is lost. */
export const logTemperatures = Effect.gen(function*() {
  const readings = yield* Readings
  const thermometers = Follow.families([DS18B20, DS18S20, DS2438], ["temperature"])
  yield* Follow.follow(thermometers, "30 seconds", { implausible: "readAgain" }).pipe(
    // The last row counts as a first value. To append it once more changes nothing.
    Stream.flatMap((event): Stream.Stream<Follow.Event<number> | Device.Reading<number>, SqlError.SqlError> =>
      event._tag === "Appeared"
        ? Stream.fromIterableEffect(Effect.map(readings.latest(event.device.id), Array.map(readingOf(event.device))))
        : Stream.succeed(event)
    ),
    Poll.changes({ deadBand: 0.1 }),
    Stream.tap((event) => "error" in event ? Effect.logWarning(event.error.message) : Effect.void),
    Stream.filter((event) => event._tag === "Reading"),
    Stream.filter(({ verdict }) => verdict._tag === "Plausible"),
    Stream.map(({ at, device, property, unit, value }) =>
      new Row({ device: device.id, property, at, value, unit: unit ?? null })
    ),
    Stream.groupedWithin(500, "10 seconds"),
    Stream.filter(Array.isArrayNonEmpty),
    Stream.runForEach((rows) => readings.append(rows))
  )
})

const readingOf = (device: Device.AnyDevice) => ({ at, property, unit, value }: Row): Device.Reading<number> => ({
  _tag: "Reading",
  device,
  property,
  at,
  value,
  unit: unit ?? undefined,
  verdict: { _tag: "Plausible" }
})
