/**
 * Servers of a fleet, and the place of each of its tasks, read from its database alone. This bundle contains a separate copy of
 * Effect, so only plain data goes in and out.
 */
import * as OwError from "@effect-ownet/core/client/OwError"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as FleetWhere from "@effect-ownet/hub/FleetWhere"
import { HistoryError } from "@effect-ownet/hub/HistoryError"
import * as Postgres from "@effect-ownet/hub/Postgres"
import * as ServerRegistry from "@effect-ownet/hub/ServerRegistry"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as SqlClient from "effect/sql/SqlClient"

/** A server, and the change made to it. */
export interface Changed {
  readonly server: string
  /** The site of the server now, or before it was removed. */
  readonly site: string | undefined
  /** `moved`: to another site. `kept`: no change was needed. */
  readonly change: "added" | "moved" | "kept" | "removed" | "absent"
}

/** Outcome of a task, or `undefined` if it was interrupted. */
export type Outcome<A> =
  | { readonly _tag: "Done"; readonly value: A }
  | { readonly _tag: "TimedOut" }
  | {
    readonly _tag: "Failed"
    /** `Argument` if the arguments are invalid. */
    readonly reason: HistoryError["reason"] | "Argument" | "Other"
    readonly message: string
  }
  | undefined

/** Database of a task, and its time limits. */
export interface At {
  /** The address of the database. */
  readonly database: string
  /** Time limit, in milliseconds. */
  readonly longest: number
  readonly signal: AbortSignal
}

const attempt = async <A, E>(
  task: Effect.Effect<A, E, SqlClient.SqlClient>,
  { database, longest, signal }: At
): Promise<Outcome<A>> => {
  const done = Effect.scoped(
    Effect.flatMap(
      Layer.build(Postgres.layer(Redacted.make(database))),
      (context) => Effect.provideContext(task, context)
    )
  )
  const exit = await Effect.runPromiseExit(Effect.timeoutOption(done, longest), { signal })
  if (Exit.isFailure(exit)) {
    return Cause.hasInterruptsOnly(exit.cause) ? undefined : failureOf(Cause.squash(exit.cause))
  }
  return Option.match(exit.value, {
    onNone: () => ({ _tag: "TimedOut" }) as const,
    onSome: (value) => ({ _tag: "Done", value }) as const
  })
}

const failureOf = (error: unknown) => ({
  _tag: "Failed",
  reason: error instanceof HistoryError ? error.reason : error instanceof OwError.ArgumentError ? "Argument" : "Other",
  message: error instanceof Error ? error.message : String(error)
} as const)

const nameOf = (address: string): string =>
  Option.match(ServerAddress.fromString(address), { onNone: () => address, onSome: ServerRegistry.canonical })

/** Reads where each task of the fleet runs. */
export const where = (at: At): Promise<Outcome<FleetWhere.Found>> => attempt(FleetWhere.where, at)

const change = (
  servers: ReadonlyArray<string>,
  one: (
    registry: ServerRegistry.ServerRegistry["Service"],
    address: string,
    known: ServerRegistry.Registered | undefined
  ) => Effect.Effect<Changed, HistoryError | OwError.ArgumentError>
) =>
  ServerRegistry.ServerRegistry.use((registry) =>
    Effect.forEach(
      servers,
      (address) =>
        Effect.flatMap(registry.list, (all) =>
          one(registry, address, all.find(({ server }) => server === nameOf(address))))
    )
  ).pipe(Effect.provide(ServerRegistry.layerSql))

/** Adds servers. Without a site, servers of the registry stay in theirs. */
export const add = (
  servers: ReadonlyArray<string>,
  site: string | undefined,
  at: At
): Promise<Outcome<ReadonlyArray<Changed>>> =>
  attempt(
    change(servers, (registry, address, known) =>
      known !== undefined && (site === undefined || site === known.site)
        ? Effect.succeed({ ...known, change: "kept" })
        : Effect.map(
          registry.add(address, { site }),
          (added) => ({ ...added, change: known === undefined ? "added" : "moved" })
        )),
    at
  )

/** Removes servers. A database without a fleet stays unchanged. */
export const remove = (servers: ReadonlyArray<string>, at: At): Promise<Outcome<ReadonlyArray<Changed>>> =>
  attempt(
    Effect.andThen(
      FleetWhere.where,
      change(servers, (registry, address, known) =>
        Effect.map(registry.remove(address), (wasThere) => ({
          server: nameOf(address),
          site: known?.site,
          change: wasThere ? "removed" : "absent"
        })))
    ),
    at
  )
