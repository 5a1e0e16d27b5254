/**
 * The file of a history: back it up, restore it, read it without writing, and bring it back to an older version.
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
import * as PostgresDatabase from "./internal/history/PostgresDatabase.ts"
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
 * The version of the tables that this program writes. When it opens a file of an older version, it brings it up to date.
 *
 * @category constants
 * @since 0.1.0
 */
export const version: number = Tables.version

/**
 * Losses on the way from one version to an older one, in words; empty if there are none.
 *
 * @category getters
 * @since 0.1.0
 */
export const losses: (from: number, to: number) => ReadonlyArray<string> = Tables.losses

/**
 * Reads the version and the last moment of a file, also while a hub writes it. Fails with `Damaged` if it is no history, or one of a
 * newer version.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inspect = (filename: string): Effect.Effect<Contents, HistoryError> =>
  SqliteFile.inspect(filename, "Looking into the history")

/**
 * Copies a file as it is at one moment, also while a hub writes it; readings that the hub has not written yet are not in the copy. The
 * copy is one file, and appears only once it is whole. It replaces an older copy of that name, but no file of anything else.
 *
 * @category combinators
 * @since 0.1.0
 */
export const backup: (filename: string, to: string) => Effect.Effect<Contents, HistoryError> = SqliteFile.backup

/**
 * Puts a copy in the place of a file, after checking all of it. The file that was there is kept next to it under the name `aside`.
 * Fails with `Busy` if a hub writes the file, and with `Damaged` if the copy is no history, or one of a newer version.
 *
 * @category combinators
 * @since 0.1.0
 */
export const restore: (
  from: string,
  filename: string
) => Effect.Effect<Contents & { readonly aside: string | undefined }, HistoryError> = SqliteFile.restore

/**
 * Brings a file back to an older version, for an older program. `losses` says what is lost. The file as it was is kept next to it under
 * the name `copy`, which is `undefined` if the file has that version already. Fails with `Busy` if a hub writes it.
 *
 * @category combinators
 * @since 0.1.0
 */
export const downgrade: (
  filename: string,
  to: number
) => Effect.Effect<{ readonly from: number; readonly copy: string | undefined }, HistoryError> = SqliteFile.revert

/**
 * Brings the history in a PostgreSQL database back to an older version, and gives the version that it had.
 *
 * **Gotchas**
 *
 * Stop its hubs first: a running hub would fail on the older tables. No copy is kept; `pg_dump` makes one.
 *
 * @category combinators
 * @since 0.1.0
 */
export const downgradePostgres: (
  url: string | Redacted.Redacted,
  to: number
) => Effect.Effect<number, HistoryError> = (url, to) => Effect.scoped(PostgresDatabase.revert(url, to))

/**
 * A history that can only be read, also while a hub writes it: readings that the hub has not written yet are not in the answers. A file
 * of an older version is refused, because it cannot be brought up to date without writing.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (filename: string): Layer.Layer<History, HistoryError> =>
  Layer.effect(History, SqliteFile.reader(filename))
