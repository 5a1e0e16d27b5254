/**
 * Tasks on the database of a fleet, in a separate bundle.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { resolve } from "node:path"
import * as Home from "../hub/Home.ts"
import * as Setup from "../hub/Setup.ts"
import { Settings } from "../server/Settings.ts"
import * as Failure from "../show/Failure.ts"
import type * as Registering from "./Registering.ts"

/** Default time limit of the database, in milliseconds. `--timeout` changes it. */
const patience = 10_000

/** Flags that locate the fleet. */
export interface Where {
  readonly database: Option.Option<string>
  readonly config: Option.Option<string>
}

/** The address of the database, from the flag, the environment, or the file. */
const databaseOf = Effect.fnUntraced(function*({ config, database }: Where) {
  if (Option.isSome(database)) return database.value
  const variable = Setup.fleetDatabase()
  if (variable !== undefined && Option.isNone(config)) {
    return Setup.isPostgres(variable)
      ? variable
      : yield* new Failure.UsageError({
        message: "OW_FLEET_DATABASE is no postgres://USER:PASSWORD@HOST/DATABASE"
      })
  }
  const path = Option.getOrElse(
    Option.map(config, (path) => resolve(path)),
    () => Home.serviceConfig() ?? Home.configOf(process.env, process.platform)
  )
  const kept = path === undefined ? undefined : (yield* Setup.readFile(path)).contents.config.history?.database
  if (kept !== undefined && Setup.isPostgres(kept)) return kept
  return yield* new Failure.UsageError({
    message:
      "name the PostgreSQL of the fleet: --database postgres://USER:PASSWORD@HOST/DATABASE, or OW_FLEET_DATABASE,"
      + " or history.database in hub.yaml"
  })
})

/** The bundle that runs tasks. */
export type Bundle = typeof Registering

/** Runs a task. */
export const run = Effect.fnUntraced(function*<A>(
  where: Where,
  task: (bundle: Bundle, at: Registering.At) => Promise<Registering.Outcome<A>>
): Effect.fn.Return<A, Failure.Failure, Settings> {
  const { server, timeout } = yield* Settings
  if (server.length > 0) {
    return yield* new Failure.UsageError({
      message: "fleet asks a database and takes no -s: name servers to add or remove after the command"
    })
  }
  const database = yield* databaseOf(where)
  const longest = Option.getOrElse(timeout, () => patience)
  const bundle = yield* Effect.promise(() => import("./Registering.ts"))
  const outcome = yield* Effect.callback<Registering.Outcome<A>>((resume) => {
    const controller = new AbortController()
    const ended = task(bundle, { database, longest, signal: controller.signal })
    void ended.then((outcome) => resume(Effect.succeed(outcome)))
    return Effect.promise(() => {
      controller.abort()
      return ended
    })
  })
  if (outcome === undefined) return yield* Effect.interrupt
  switch (outcome._tag) {
    case "Done":
      return outcome.value
    case "TimedOut":
      return yield* new Failure.TimedOut({
        doing: `asking the fleet in ${Setup.withoutPassword(database)}`,
        limit: longest
      })
    case "Failed":
      return yield* failureOf(outcome)
  }
})

const failureOf = ({ message, reason }: Extract<Registering.Outcome<never>, { readonly _tag: "Failed" }>) => {
  switch (reason) {
    case "Argument":
      return new Failure.UsageError({ message })
    case "Unreachable":
      return new Failure.NoServer({ message })
    default:
      return new Failure.LocalError({ message })
  }
}
