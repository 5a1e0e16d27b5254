/** Readings that have arrived: in the journal, which is copied before its rows are deleted, and in the history. */
import { History, layerPostgres } from "@effect-ownet/hub/History"
import { Clock, Effect, Schema, Semaphore, Stream } from "effect"
import { SqlClient } from "effect/sql"
import type { Kept, Row } from "./Ledger.ts"

const Batch = Schema.fromJsonString(Schema.Struct({
  devices: Schema.Array(Schema.Struct({ id: Schema.String })),
  events: Schema.Array(Schema.Record(Schema.String, Schema.Unknown))
}))

const Reading = Schema.TaggedStruct("Reading", {
  server: Schema.String,
  at: Schema.Finite,
  property: Schema.Literals(["temperature", "latesttemp"]),
  value: Schema.Finite
})

const isFollowed = Schema.is(Reading.fields.property)
const decodeBatch = Schema.decodeUnknownEffect(Batch)
const isReading = Schema.is(Reading)

/** A note in a batch that a server is followed from then on. */
interface Begun {
  readonly server: string
  readonly runner: string
  readonly at: number
}

interface Copy {
  readonly kept: ReadonlyArray<Kept>
  readonly begun: ReadonlyArray<Begun>
  /** Looks for more at once. */
  readonly look: Effect.Effect<void>
}

/** Copies the journal while it is written. While the database is down, it waits. */
export const copy = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const kept: Array<Kept> = []
  const begun: Array<Begun> = []
  let position = 0
  const turn = yield* Semaphore.make(1)
  const page = Effect.gen(function*() {
    const rows = yield* sql<{ position: string | number; runner: string; at: number; events: string }>`
      SELECT position, runner, at, events FROM ow_fleet_journal WHERE position > ${position} ORDER BY position LIMIT 200`
    for (const row of rows) {
      const { events } = yield* decodeBatch(row.events)
      for (const event of events) {
        const { _tag, at, server } = event
        if (isReading(event)) {
          const { at, server, value } = event
          kept.push({ server, value, at, runner: row.runner, position: Number(row.position) })
        } else if (_tag === "ServerAdded") begun.push({ server: String(server), runner: row.runner, at: Number(at) })
      }
      position = Number(row.position)
    }
    return rows.length
  })
  const all: Effect.Effect<void> = Effect.suspend(() =>
    page.pipe(
      Effect.timeout("3 seconds"),
      Effect.matchEffect({
        onFailure: (error) => Effect.logDebug("The journal cannot be copied at present", error),
        onSuccess: (count) => count < 200 ? Effect.void : all
      })
    )
  )
  const look = turn.withPermit(all)
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(look, Effect.sleep("250 millis"))))
  return { kept, begun, look } satisfies Copy
})

/** The digits of a ROM id without its checksum. The simulated devices differ in those. */
const digitsOf = (id: string): string => id.replace(".", "").slice(0, 14)

/** All rows of the history of some servers, by the ROM ids of their devices. */
export const rows = Effect.fnUntraced(function*(url: string, devices: ReadonlyMap<string, string>) {
  const servers = new Map(Array.from(devices, ([id, server]) => [digitsOf(id), server]))
  const now = (yield* Clock.currentTimeMillis) / 1000
  return yield* Effect.gen(function*() {
    const history = yield* History
    const found: Array<Row> = []
    for (const { device, place, property } of yield* history.series) {
      const server = servers.get(digitsOf(device))
      if (server === undefined || !isFollowed(property)) continue
      yield* Stream.runForEach(
        history.rows({ place, property, from: 0, to: now + 3600 }),
        ({ at, value }) =>
          Effect.sync(() => {
            if (value !== undefined) found.push({ server, second: at, value })
          })
      )
    }
    return found as ReadonlyArray<Row>
  }).pipe(Effect.provide(layerPostgres(url)))
})

/** Rows that were written more than once for the same series, second and value, whether or not they have been packed since. */
export const writtenTwice = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql<{ count: string }>`
    SELECT count(*) AS count FROM (
      SELECT 1 FROM ow_hot WHERE series > 0 AND value IS NOT NULL GROUP BY series, at, value HAVING count(*) > 1
    ) AS twice`
  return Number(found?.count ?? 0)
})

/** The runner that currently holds the hub. */
export const holder = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [found] = yield* sql<{ runner: string }>`SELECT runner FROM ow_fleet_once WHERE name = 'hub'`
  return found?.runner
})
