/**
 * Copies of a history's file. Each appears only once it is complete, and only users who may read the original may read the copy.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Fs from "node:fs"
import { dirname } from "node:path"
import { HistoryError } from "../../HistoryError.ts"
import * as SqlFailure from "./SqlFailure.ts"
import * as Sqlite from "./Sqlite.ts"

/** The operation and the file, for errors. */
export interface Doing {
  readonly operation: string
  readonly database: string
}

const reasons: Readonly<Record<string, HistoryError["reason"]>> = {
  ENOSPC: "Full",
  EDQUOT: "Full",
  EFBIG: "Full"
}

/** Makes a system call. */
export const attempt = <A>({ database, operation }: Doing, evaluate: () => A): Effect.Effect<A, HistoryError> =>
  Effect.try({
    try: evaluate,
    catch: (cause) => {
      const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : ""
      const problem = Predicate.hasProperty(cause, "message") ? String(cause.message) : String(cause)
      return new HistoryError({ reason: reasons[code] ?? "Unreachable", operation, database, problem })
    }
  })

/** Makes the system write a file or a directory to the disk. */
const sync = (path: string): void => {
  const descriptor = Fs.openSync(path, "r")
  Fs.fsyncSync(descriptor)
  Fs.closeSync(descriptor)
}

/** Gives a file to the owner of its directory if root has created it, because a service with its own user could not open it. */
export const adopt = (path: string): void => {
  if (process.getuid?.() !== 0) return
  const { gid, uid } = Fs.statSync(dirname(path))
  Fs.chownSync(path, uid, gid)
}

/** Puts a complete file in the place of another one, or of none. */
const place = (draft: string, to: string): void => {
  adopt(draft)
  sync(draft)
  Fs.renameSync(draft, to)
  sync(dirname(to))
}

/** Creates a file from a draft next to it, which is removed if that fails. */
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

/** Copies a history as it is at one moment, even while a hub writes it. */
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
