/**
 * Which runner follows which server, as all runners see it.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as SqlClient from "effect/sql/SqlClient"
import type * as Fleet from "../../Fleet.ts"
import type { HistoryError } from "../../HistoryError.ts"
import type { Journal } from "../../Journal.ts"

export class Whereabouts extends Context.Service<Whereabouts, {
  /** This runner follows a server from now on, until the scope ends; or it holds what runs once in the fleet. */
  readonly holds: (
    what: { readonly _tag: "Server"; readonly server: string } | { readonly _tag: "Once"; readonly name: string }
  ) => Effect.Effect<void>
  readonly leaves: (
    what: { readonly _tag: "Server"; readonly server: string } | { readonly _tag: "Once"; readonly name: string }
  ) => Effect.Effect<void>
  readonly where: Effect.Effect<Fleet.Where, HistoryError>
}>()("@effect-ownet/hub/internal/fleet/Whereabouts") {}

/** Those of one process. */
export const layerMemory: Layer.Layer<Whereabouts> = Layer.effect(
  Whereabouts,
  Effect.gen(function*() {
    const clock = yield* Clock.Clock
    const now = () => clock.currentTimeMillisUnsafe() / 1000
    const servers = new Map<string, number>()
    const once = new Set<string>()
    return {
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
        servers: Array.from(servers, ([server, since]) => ({ server, site: undefined, runner: "", since, seen: now() }))
      }))
    }
  })
)

export interface Options {
  readonly runner: string
  readonly site: string | undefined
}

/** Those of a fleet, in tables of PostgreSQL: `ow_fleet_runner` and `ow_fleet_follower`. */
export const layerSql = (
  _options: Options
): Layer.Layer<Whereabouts, HistoryError, SqlClient.SqlClient | Journal> =>
  Layer.effect(Whereabouts, Effect.die("not built"))
