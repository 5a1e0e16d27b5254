/** Locations of the followers, and of the parts that run once, for all runners. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import type * as SqlClient from "effect/sql/SqlClient"
import type * as Fleet from "../../Fleet.ts"
import type { HistoryError } from "../../HistoryError.ts"
import { Journal } from "../../Journal.ts"
import { type Cell, type Database, optionalText, text } from "../history/Database.ts"
import * as FleetTables from "./FleetTables.ts"

/** A server that one runner follows at a time, or a program that one runner runs at a time. */
export type Held =
  | { readonly _tag: "Server"; readonly server: string }
  | { readonly _tag: "Once"; readonly name: string }

export class Whereabouts extends Context.Service<Whereabouts, {
  /** The name of this runner. `undefined` in a fleet of one process. */
  readonly runner: string | undefined
  /** Registers that this runner follows a server, or runs a program that runs once, until it `leaves` it. */
  readonly holds: (what: Held) => Effect.Effect<void>
  readonly leaves: (what: Held) => Effect.Effect<void>
  readonly where: Effect.Effect<Fleet.Where, HistoryError>
}>()("@effect-ownet/hub/internal/fleet/Whereabouts") {}

/** Locations in one process. */
export const layerMemory: Layer.Layer<Whereabouts> = Layer.effect(
  Whereabouts,
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const now = () => clock.currentTimeMillisUnsafe() / 1000
    const servers = new Map<string, number>()
    const once = new Set<string>()
    return {
      runner: undefined,
      holds: (what) =>
        Effect.sync(() => {
          if (what._tag === "Server") servers.set(what.server, now())
          else once.add(what.name)
        }),
      leaves: (what) =>
        Effect.sync(() => {
          if (what._tag === "Server") servers.delete(what.server)
          else once.delete(what.name)
        }),
      where: Effect.sync(() => ({
        runners: [],
        once: Array.from(once, (name) => ({ name, runner: "" })),
        servers: Array.from(
          servers,
          ([server, since]) => ({ server, site: undefined, runner: "", since, seen: now(), before: undefined })
        )
      }))
    }
  })
)

export interface Options {
  readonly runner: string
  readonly site: string | undefined
}

/** Time between signs of life. After ten missing ones, a server counts as not followed. */
const beat = "2 seconds"

const seconds = (column: string) => `extract(epoch FROM ${column})::double precision`

/** Reads the locations of all parts from the tables. */
export const whereIn = ({ cells, named, reading, sql }: Database): Effect.Effect<Fleet.Where, HistoryError> =>
  Effect.gen(function*() {
    const runners = yield* cells(
      sql`SELECT runner, site, ${sql.literal(seconds("since"))}, ${sql.literal(seconds("seen"))}, waiting, dropped
        FROM ow_fleet_runner ORDER BY runner COLLATE "C"`
    )
    const once = yield* cells(sql`SELECT name, runner FROM ow_fleet_once ORDER BY name COLLATE "C"`)
    const servers = yield* cells(
      sql`SELECT server, site, runner, ${sql.literal(seconds("since"))}, ${sql.literal(seconds("seen"))}, before_runner,
          ${
        sql.literal(seconds("before_seen"))
      } FROM ow_fleet_server LEFT JOIN ow_fleet_follower USING (server) ORDER BY server COLLATE "C"`
    )
    return { once, runners, servers }
  }).pipe(
    reading,
    named("Reading where the fleet runs"),
    Effect.map(({ once, runners, servers }): Fleet.Where => ({
      runners: runners.map(([runner, site, since, seen, waiting, dropped]) => ({
        runner: String(runner),
        site: textIn(site),
        since: Number(since),
        seen: Number(seen),
        waiting: Number(waiting),
        dropped: Number(dropped)
      })),
      once: once.map(([name, runner]) => ({ name: String(name), runner: String(runner) })),
      servers: servers.map(([server, site, runner, since, seen, beforeRunner, beforeSeen]) => ({
        server: String(server),
        site: textIn(site),
        runner: textIn(runner),
        since: numberIn(since),
        seen: numberIn(seen),
        before: beforeOf(textIn(beforeRunner), numberIn(beforeSeen))
      }))
    }))
  )

/** Locations in tables of PostgreSQL: `ow_fleet_runner`, `ow_fleet_follower` and `ow_fleet_once`. */
export const layerSql = (
  { runner, site }: Options
): Layer.Layer<Whereabouts, HistoryError, SqlClient.SqlClient | Journal> =>
  Layer.effect(Whereabouts, make({ runner: text(runner), site: optionalText(site) })).pipe(
    Layer.provide(FleetTables.layer)
  )

const nameOf = (held: Held) => text(held._tag === "Server" ? held.server : held.name)

const make = Effect.fnUntraced(function*({ runner, site }: { readonly runner: string; readonly site: string | null }) {
  const database = yield* FleetTables.FleetDatabase
  const { named, sql } = database
  const journal = yield* Journal
  const servers = new Map<string, { isTold: boolean }>()
  const once = new Map<string, { isTold: boolean }>()
  const news = Latch.makeUnsafe(false)
  let isNew = true

  const heldIn = ({ _tag }: Held) => _tag === "Server" ? servers : once

  const textOf = (names: Iterable<string>) => sql`json_array_elements_text(${JSON.stringify([...names])}::text::json)`

  const tell = Effect.gen(function*() {
    news.closeUnsafe()
    const { dropped, waiting } = yield* journal.health
    const untold = [servers, once].map((held) => [...held].filter(([, { isTold }]) => !isTold))
    const [newServers, newOnce] = untold.map((some) => some.map(([name]) => name))
    const renewed = [...servers].filter(([, { isTold }]) => isTold).map(([name]) => name)
    // This leaves rows that another runner has taken over, and skips locked rows that it is about to take over.
    yield* sql`WITH alive AS (
        INSERT INTO ow_fleet_runner (runner, site, since, seen, waiting, dropped)
        VALUES (${runner}, ${site}, now(), now(), ${waiting}, ${dropped})
        ON CONFLICT (runner) DO UPDATE SET site = excluded.site, seen = excluded.seen, waiting = excluded.waiting,
          dropped = excluded.dropped, since = CASE WHEN ${isNew} THEN excluded.since ELSE ow_fleet_runner.since END
      ), gone AS (
        DELETE FROM ow_fleet_runner WHERE seen < now() - interval '1 day' AND runner <> ${runner}
      ), forgotten AS (
        DELETE FROM ow_fleet_follower WHERE seen < now() - interval '1 day'
          AND runner <> ${runner} AND server NOT IN (SELECT server FROM ow_fleet_server)
      ), taken AS (
        INSERT INTO ow_fleet_follower (server, runner, since, seen)
        SELECT server, ${runner}, now(), now() FROM ${textOf(newServers ?? [])} AS server ORDER BY server
        ON CONFLICT (server) DO UPDATE SET runner = excluded.runner, since = excluded.since, seen = excluded.seen,
          before_runner = ow_fleet_follower.runner, before_seen = ow_fleet_follower.seen
      ), renewed AS (
        UPDATE ow_fleet_follower SET seen = now() WHERE server IN (
          SELECT server FROM ow_fleet_follower
          WHERE runner = ${runner} AND server IN (SELECT * FROM ${textOf(renewed)} AS server)
          FOR UPDATE SKIP LOCKED
        )
      )
      INSERT INTO ow_fleet_once (name, runner) SELECT name, ${runner} FROM ${
      textOf(newOnce ?? [])
    } AS name ORDER BY name
      ON CONFLICT (name) DO UPDATE SET runner = excluded.runner`.pipe(named("Telling what this runner does"))
    isNew = false
    for (const some of untold) for (const [, held] of some) held.isTold = true
  })

  yield* Effect.catch(tell, (error) => Effect.logDebug(error.message)).pipe(
    Effect.andThen(Effect.timeoutOption(news.await, beat)),
    Effect.forever,
    Effect.forkScoped
  )

  return {
    runner,
    holds: (held: Held) =>
      Effect.sync(() => {
        heldIn(held).set(nameOf(held), { isTold: false })
        news.openUnsafe()
      }),
    leaves: (held: Held) => Effect.sync(() => heldIn(held).delete(nameOf(held))),
    where: whereIn(database)
  }
})

const beforeOf = (runner: string | undefined, seen: number | undefined) =>
  runner === undefined || seen === undefined ? undefined : { runner, seen }

const textIn = (cell: Cell | undefined): string | undefined =>
  cell === null || cell === undefined ? undefined : String(cell)

const numberIn = (cell: Cell | undefined): number | undefined =>
  cell === null || cell === undefined ? undefined : Number(cell)
