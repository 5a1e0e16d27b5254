/**
 * Upkeep of a hub's history: backup, restore, downgrade and export.
 */
import * as History from "@effect-ownet/hub/History"
import * as HistoryExport from "@effect-ownet/hub/HistoryExport"
import * as HistoryFile from "@effect-ownet/hub/HistoryFile"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { createWriteStream } from "node:fs"
import * as NamedPlace from "./NamedPlace.ts"
import type { Asker } from "./Upkeep.ts"
import { UpkeepError } from "./UpkeepError.ts"

export interface Backup {
  readonly file: string
  readonly to: string
}

export interface Restore {
  readonly from: string
  readonly file: string
}

export interface Downgrade {
  /** A file, or the address of a PostgreSQL database. */
  readonly database: string
  readonly to: number
}

export interface Export extends Omit<HistoryExport.Options, "format" | "what"> {
  readonly file: string
  readonly what: HistoryExport.Options["what"]
  readonly format: HistoryExport.Options["format"]
  /** The names that `hub.yaml` gives to places. */
  readonly byKey: NamedPlace.ByKey
  /** A file to write to, or `undefined` for standard output. */
  readonly output: string | undefined
}

const failed = (message: string) => new UpkeepError({ kind: "local", message })

const momentOf = (seconds: number | undefined): string =>
  seconds === undefined ? "with nothing in it" : `until ${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`

export const backup = Effect.fnUntraced(function*({ file, to }: Backup, asker: Asker) {
  const { lastSeen, version } = yield* HistoryFile.backup(file, to)
  asker.result({ from: file, to, version, lastSeen: lastSeen ?? null }, [
    `${to} is a copy of ${file}, ${momentOf(lastSeen)}.`
  ])
  asker.note("Settings in hub.yaml and its secrets are not in it. Copy them, too, if you have any.")
})

export const restore = Effect.fnUntraced(function*({ file, from }: Restore, asker: Asker) {
  const { lastSeen, version } = yield* HistoryFile.inspect(from)
  asker.note(`This replaces ${file} with ${from}, a history of version ${version} ${momentOf(lastSeen)}.`)
  asker.note("The current history is kept next to it.")
  if (!(yield* asker.ask("Continue?"))) return yield* failed("nothing was changed")
  const { aside } = yield* HistoryFile.restore(from, file).pipe(
    Effect.mapError((error) =>
      error.reason === "Busy"
        ? failed(`a hub uses ${file}: stop that one first, for example with sudo systemctl stop ow-hub`)
        : error
    )
  )
  asker.result({ from, file, version, lastSeen: lastSeen ?? null, aside: aside ?? null }, [
    `${file} is restored, ${momentOf(lastSeen)}.${aside === undefined ? "" : ` The previous history is in ${aside}.`}`
  ])
})

const isPostgres = (database: string): boolean => /^postgres(?:ql)?:/i.test(database)

export const downgrade = Effect.fnUntraced(function*({ database, to }: Downgrade, asker: Asker) {
  const { version } = HistoryFile
  if (to > version) {
    return yield* new UpkeepError({ kind: "usage", message: `--to ${to}: this program knows versions 1 to ${version}` })
  }
  const from = isPostgres(database) ? version : (yield* HistoryFile.inspect(database)).version
  if (from > to) {
    asker.note(`This downgrades the history from version ${from} to ${to}, for an older version of ow. It loses:`)
    for (const loss of HistoryFile.losses(from, to)) asker.note(`    ${loss}`)
    asker.note(
      isPostgres(database)
        ? "Stop all hubs of this database first. No copy of it is kept here; pg_dump makes one."
        : "The current file is kept next to it."
    )
    if (!(yield* asker.ask("Continue?"))) return yield* failed("nothing was changed")
  }
  const done = isPostgres(database)
    ? { from: yield* HistoryFile.downgradePostgres(Redacted.make(database), to), copy: undefined }
    : yield* HistoryFile.downgrade(database, to).pipe(
      Effect.mapError((error) =>
        error.reason === "Busy"
          ? failed(`a hub uses ${database}: stop that one first, for example with sudo systemctl stop ow-hub`)
          : error
      )
    )
  asker.result({ from: done.from, to, copy: done.copy ?? null }, [
    done.from === to
      ? `The history is of version ${to} already.`
      : `The history is of version ${to} now. Do not start this version of ow on it: that would bring it up to date again.${
        done.copy === undefined ? "" : ` The previous history is in ${done.copy}.`
      }`
  ])
})

/** Writes to a file, and waits for each write. */
const toFile = Effect.fnUntraced(function*(path: string) {
  const problem = (cause: unknown) => failed(`cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`)
  const stream = yield* Effect.acquireRelease(
    Effect.sync(() => createWriteStream(path, { mode: 0o600 })),
    (stream) => Effect.sync(() => stream.destroy())
  )
  // Each write reports its own failure.
  stream.on("error", () => {})
  return {
    write: (data: Uint8Array) =>
      Effect.callback<void, UpkeepError>((resume) => {
        stream.write(data, (error) => resume(error == null ? Effect.void : Effect.fail(problem(error))))
      }),
    end: Effect.callback<void, UpkeepError>((resume) => {
      stream.once("error", (error) => resume(Effect.fail(problem(error))))
      stream.end(() => resume(Effect.void))
    })
  }
})

/** A place by any of its names. The servers are asked for an alias only if the history and `hub.yaml` do not have the name. */
const placeOf = Effect.fnUntraced(function*(text: string, byKey: NamedPlace.ByKey, asker: Asker) {
  const places = yield* (yield* History.History).places
  const found = NamedPlace.find(text, places, byKey)
  if (found !== undefined) return found
  const { id, problem } = yield* asker.deviceOf(text)
  const aliased = id === undefined ? undefined : NamedPlace.ofDevice(id, places, byKey)
  return aliased ?? (yield* failed(NamedPlace.problem(text, places, byKey, problem)))
})

export const exported = Effect.fnUntraced(
  function*({ byKey, output, ...options }: Export, asker: Asker) {
    const place = options.place === undefined ? undefined : yield* placeOf(options.place, byKey, asker)
    const lines = HistoryExport.make({ ...options, place })
    if (output === undefined) return yield* Stream.runForEach(lines, asker.bytes)
    const { end, write } = yield* toFile(output)
    yield* Stream.runForEach(lines, write)
    yield* end
  },
  (effect, { file }) => Effect.provide(effect, HistoryFile.layer(file)),
  Effect.scoped
)
