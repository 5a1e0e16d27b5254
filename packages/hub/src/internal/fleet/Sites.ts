/**
 * Numbers of the sites of a fleet.
 *
 * The engine numbers the locks of its shards by the position of their group among all groups that a runner knows. Runners that
 * know different sites would take different locks for one shard, and the same lock for two. So each site has a permanent number
 * in the database, and a runner fills the positions before that of its site with names of groups that do not exist.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { HistoryError } from "../../HistoryError.ts"
import { text } from "../history/Database.ts"
import { FleetDatabase } from "./FleetTables.ts"

/** The number of a site, from 1 on: its existing number, or the next one. */
export const numberOf = (given: string): Effect.Effect<number, HistoryError, FleetDatabase | SqlClient.SqlClient> =>
  Effect.gen(function*() {
    const { named } = yield* FleetDatabase
    const sql = yield* SqlClient.SqlClient
    const site = text(given)
    const number = Effect.map(
      sql<{ readonly number: number }>`SELECT number FROM ow_fleet_site WHERE site = ${site}`,
      ([found]) => found?.number
    )
    const made = sql.withTransaction(Effect.gen(function*() {
      // Without the lock, two sites registered at the same moment would get the same number.
      yield* sql`LOCK TABLE ow_fleet_site IN EXCLUSIVE MODE`
      yield* sql`INSERT INTO ow_fleet_site (site, number)
        SELECT ${site}, coalesce(max(number), 0) + 1 FROM ow_fleet_site ON CONFLICT (site) DO NOTHING`
      return (yield* number) ?? 1
    }))
    const known = yield* named("Joining the fleet")(number)
    return known ?? (yield* named("Joining the fleet")(made))
  })

/** The shard groups that a runner knows. `group`, the group of its site, has the position of its number. */
export const groups = (group: string, number: number): ReadonlyArray<string> => [
  "default",
  // These names sort after `default`, and before `site …`.
  ...Array.from({ length: number - 1 }, (_, index) => `no site ${index + 1}`),
  group
]
