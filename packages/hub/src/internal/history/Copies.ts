/** Copies of a history's file. Each appears only once it is whole, and no user may read a copy who may not read its origin. */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Fs from "node:fs"
import { dirname } from "node:path"
import { HistoryError } from "../../HistoryError.ts"
import * as SqlFailure from "./SqlFailure.ts"
import * as Sqlite from "./Sqlite.ts"

/** What is done, and with which file, as errors tell it. */
export interface Doing {
  readonly operation: string
  readonly database: string
}

const reasons: Readonly<Record<string, HistoryError["reason"]>> = {
  ENOSPC: "Full",
  EDQUOT: "Full",
  EFBIG: "Full"
}

/** Asks the system for something. */
export const attempt = <A>({ database, operation }: Doing, evaluate: () => A): Effect.Effect<A, HistoryError> =>
  Effect.try({
    try: evaluate,
    catch: (cause) => {
      const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : ""
      const problem = Predicate.hasProperty(cause, "message") ? String(cause.message) : String(cause)
      return new HistoryError({ reason: reasons[code] ?? "Unreachable", operation, database, problem })
    }
  })

/** Has the system put on the disk what it holds of a file or a directory. */
const sync = (path: string): void => {
  const descriptor = Fs.openSync(path, "r")
  Fs.fsyncSync(descriptor)
  Fs.closeSync(descriptor)
}

/**
 * Gives a file to the owner of its directory if root has made it: a service with a user of its own could not open it.
 */
export const adopt = (path: string): void => {
  if (process.getuid?.() !== 0) return
  const { gid, uid } = Fs.statSync(dirname(path))
  Fs.chownSync(path, uid, gid)
}

/** Puts a file that is complete in the place of another one, or of none. */
const place = (draft: string, to: string): void => {
  adopt(draft)
  sync(draft)
  Fs.renameSync(draft, to)
  sync(dirname(to))
}

/** Makes a file by a draft next to it, which is gone if that fails. */
export const drafted = <A>(
  doing: Doing,
  to: string,
  mode: number,
  make: (draft: string) => Effect.Effect<A, HistoryError>
): Effect.Effect<A, HistoryError> => {
  const draft = `${to}.part`
  const clear = (): void => {
    for (const ending of ["", "-journal", "-wal", "-shm"]) Fs.rmSync(draft + ending, { force: true })
  }
  return Effect.gen(function*() {
    yield* attempt(doing, () => {
      clear()
      Fs.closeSync(Fs.openSync(draft, "wx", mode))
    })
    const made = yield* make(draft)
    yield* attempt(doing, () => place(draft, to))
    return made
  }).pipe(Effect.ensuring(Effect.ignore(Effect.try(clear))))
}

/** Copies a history as it is at one moment, also while a hub writes it. */
export const write = (doing: Doing, from: string, to: string): Effect.Effect<void, HistoryError> =>
  Effect.flatMap(
    attempt(doing, () => Fs.statSync(from).mode & 0o777),
    (mode) =>
      drafted(
        doing,
        to,
        mode,
        (draft) => Effect.mapError(Sqlite.copy(from, draft), SqlFailure.fromSql(doing.database, doing.operation))
      )
  )
