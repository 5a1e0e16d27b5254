/**
 * Tasks around a hub, such as its installation or a backup, run by a separate bundle.
 */
import * as Effect from "effect/Effect"
import { resolve } from "node:path"
import * as Failure from "../show/Failure.ts"
import * as Output from "../terminal/Output.ts"
import * as StandardOutput from "../terminal/StandardOutput.ts"
import * as Home from "./Home.ts"
import * as Setup from "./Setup.ts"
import type * as Upkeep from "./Upkeep.ts"

const taken: Promise<void> = Promise.resolve()

const nobody = (): Effect.Effect<Upkeep.Aliased> => Effect.succeed({})

/** Runs a task, after questions that only a person at the terminal, or `--yes`, can answer. */
export const run = Effect.fnUntraced(function*(
  task: Upkeep.Task,
  { deviceOf = nobody, isAgreed = false }: {
    readonly deviceOf?: ((alias: string) => Effect.Effect<Upkeep.Aliased>) | undefined
    readonly isAgreed?: boolean | undefined
  } = {}
) {
  yield* Setup.hideSqliteWarning
  const upkeep = yield* Effect.promise(() => import("./Upkeep.ts"))
  const context = yield* Effect.context<never>()
  const isJson = yield* Output.Json
  const now = (effect: Effect.Effect<void>): void => Effect.runSyncWith(context)(effect)
  const tell: Upkeep.Tell = {
    text: (text) => now(Output.bytes(`${text}\n`)),
    note: (line) => now(Output.note(line)),
    result: (value, lines) => now(isJson ? Output.json(value) : Effect.forEach(lines, Output.line, { discard: true })),
    bytes: (data) => {
      StandardOutput.write(data)
      return StandardOutput.isWaiting() ? new Promise((resolve) => StandardOutput.flush(() => resolve())) : taken
    },
    deviceOf: (alias) => Effect.runPromiseWith(context)(deviceOf(alias))
  }
  const problem = yield* Effect.callback<Upkeep.Problem | undefined>((resume) => {
    const controller = new AbortController()
    const ended = upkeep.run(task, tell, { isAgreed, signal: controller.signal })
    void ended.then((problem) => resume(Effect.succeed(problem)))
    return Effect.promise(() => {
      controller.abort()
      return ended
    })
  })
  if (problem === undefined) return
  return yield* problem.kind === "usage"
    ? new Failure.UsageError({ message: problem.message })
    : new Failure.LocalError({ message: problem.message })
})

/** The file of the history to work on. For root, it is that of the service if there is one. */
export const fileOf = Effect.fnUntraced(function*(given: string | undefined) {
  const file = given ?? Home.serviceFile() ?? Home.fileOf(process.env, process.platform)
  if (file === undefined) {
    return yield* new Failure.UsageError({ message: "this user has no home directory: name the file with --database" })
  }
  if (Setup.isPostgres(file)) return file
  return resolve(file)
})

/** Rejects the address of a database for a task that needs a file. */
export const fileOnly = (file: string): Effect.Effect<string, Failure.UsageError> =>
  Setup.isPostgres(file)
    ? Effect.fail(
      new Failure.UsageError({
        message: "copy a history in PostgreSQL with pg_dump and pg_restore: its tables begin with ow_"
      })
    )
    : Effect.succeed(file)
