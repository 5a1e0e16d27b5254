/**
 * The file of a history as a whole: to copy it, to put a copy in its place, to read it without writing, and to bring it back to an
 * older version.
 *
 * **Example** (A copy of the history, while the hub runs)
 *
 * ```ts
 * import { HistoryFile } from "@effect-ownet/hub"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { lastSeen } = yield* HistoryFile.backup("hub.sqlite", "/mnt/disk/hub.sqlite")
 *   // Seconds since 1970, of the last thing that is in it.
 *   return lastSeen
 * })
 * ```
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import { History } from "./History.ts"
import type { HistoryError } from "./HistoryError.ts"
import * as Postgres from "./internal/history/Postgres.ts"
import * as SqliteFile from "./internal/history/SqliteFile.ts"
import * as Tables from "./internal/history/Tables.ts"

/**
 * Version of a file, and its last moment.
 *
 * @category models
 * @since 0.1.0
 */
export interface Contents {
  /** Version of its tables. */
  readonly version: number
  /** Seconds since 1970 until which measuring is known to have gone on. `undefined` if nothing was ever written. */
  readonly lastSeen: number | undefined
}

/**
 * The version of the tables that this program writes. It reads older ones too, by bringing them up to date when it opens them.
 *
 * @category constants
 * @since 0.1.0
 */
export const version: number = Tables.version

/**
 * What is lost on the way from one version to an older one, in words; empty if nothing is.
 *
 * @category getters
 * @since 0.1.0
 */
export const losses: (from: number, to: number) => ReadonlyArray<string> = Tables.losses

/**
 * Looks into a file, also while a hub writes it. `Damaged` if it is no history, or that of a newer version.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inspect = (filename: string): Effect.Effect<Contents, HistoryError> =>
  SqliteFile.inspect(filename, "Looking into the history")

/**
 * Copies a file as it is at one moment, also while a hub writes it; what waits to be written is not in the copy. The copy is one
 * file, and there only if it is whole. An older copy of that name is replaced; a file of something else is not.
 *
 * @category combinators
 * @since 0.1.0
 */
export const backup: (filename: string, to: string) => Effect.Effect<Contents, HistoryError> = SqliteFile.backup

/**
 * Puts a copy in the place of a file, after looking through all of it. What was there is kept beside it, and `aside` is its name.
 * `Busy` if a hub writes the file, `Damaged` if the copy is no history, or that of a newer version.
 *
 * @category combinators
 * @since 0.1.0
 */
export const restore: (
  from: string,
  filename: string
) => Effect.Effect<Contents & { readonly aside: string | undefined }, HistoryError> = SqliteFile.restore

/**
 * Brings a file back to an older version, for an older program. `losses` says what it loses. The file as it was is kept beside it:
 * `copy` is its name; `undefined` if the file is of that version already. `Busy` if a hub writes it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const downgrade: (
  filename: string,
  to: number
) => Effect.Effect<{ readonly from: number; readonly copy: string | undefined }, HistoryError> = SqliteFile.revert

/**
 * Brings the history in a PostgreSQL back to an older version, and gives the version that it had.
 *
 * **Gotchas**
 *
 * Stop its hubs first: those that run go on by the version that they know, and fail. No copy is kept; `pg_dump` makes one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const downgradePostgres: (
  url: string | Redacted.Redacted,
  to: number
) => Effect.Effect<number, HistoryError> = (url, to) => Effect.scoped(Postgres.revert(url, to))

/**
 * A history that is read only, also while a hub writes it: what waits to be written there is not in the answers, and
 * nothing can be written by it. A file of an older version is refused, because reading would not bring it up to date.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (filename: string): Layer.Layer<History, HistoryError> =>
  Layer.effect(History, SqliteFile.reader(filename))
