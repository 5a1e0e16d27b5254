/**
 * Numbers of the sites of a fleet.
 *
 * The engine numbers the locks of its shards by the position of their group among all groups that a runner knows. Runners that know
 * different sites would take different locks for one shard, and the same lock for two. So each site has a number in the database,
 * which never changes, and a runner fills the positions before that of its own site with names that are no groups of anything.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"

/** The number of a site, from 1 on: the one that it has, or the next. */
export const numberOf = (site: string): Effect.Effect<number, SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(SqlClient.SqlClient, (client) => {
    const sql = client.withoutTransforms()
    const known = sql<{ readonly number: number }>`SELECT number FROM ow_fleet_site WHERE site = ${site}`
    return sql.withTransaction(Effect.gen(function*() {
      // Tables that two runners make at the same moment are in each other's way, and so are numbers.
      yield* sql`SELECT pg_advisory_xact_lock(hashtext('ow_fleet_site'))`
      yield* sql`CREATE TABLE IF NOT EXISTS ow_fleet_site (site text PRIMARY KEY, number integer NOT NULL UNIQUE)`
      const [found] = yield* known
      if (found !== undefined) return found.number
      const [made] = yield* sql<{ readonly number: number }>`
        INSERT INTO ow_fleet_site (site, number)
        SELECT ${site}, coalesce(max(number), 0) + 1 FROM ow_fleet_site
        RETURNING number`
      return made?.number ?? 1
    }))
  })

/** The shard groups that a runner knows, so that `group`, that of its site, has the position of its number. */
export const groups = (group: string, number: number): ReadonlyArray<string> => [
  "default",
  // They sort after `default`, and before `site …`.
  ...Array.from({ length: number - 1 }, (_, index) => `no site ${index + 1}`),
  group
]
