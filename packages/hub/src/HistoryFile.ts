/**
 * The file of a history: back it up, restore it, read it without writing, and downgrade it to an older version.
 *
 * **Example** (A copy of the history, while the hub runs)
 *
 * ```ts
 * import { HistoryFile } from "@effect-ownet/hub"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { lastSeen } = yield* HistoryFile.backup("hub.sqlite", "/mnt/disk/hub.sqlite")
 *   // Time of the last data in the copy, in seconds since 1970.
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
  /** Time up to which measuring is known to have continued, in seconds since 1970. `undefined` if nothing was ever written. */
  readonly lastSeen: number | undefined
}

/**
 * The version of the tables that this program writes. When it opens an older file, it upgrades the file.
 *
 * @category constants
 * @since 0.1.0
 */
export const version: number = Tables.version

/**
 * Losses of a downgrade from one version to an older one, in words; empty if there are none.
 *
 * @category getters
 * @since 0.1.0
 */
export const losses: (from: number, to: number) => ReadonlyArray<string> = Tables.losses

/**
 * Reads the version and the last moment of a file, even while a hub writes it. Fails with `Damaged` if the file is not a history, or
 * has a newer version.
 *
 * @category combinators
 * @since 0.1.0
 */
export const inspect = (filename: string): Effect.Effect<Contents, HistoryError> =>
  SqliteFile.inspect(filename, "Looking into the history")

/**
 * Copies a file as it is at one moment, even while a hub writes it. Readings that the hub has not written yet are not in the
 * copy. The copy is one file, and appears only once it is complete. It replaces an older copy with that name, but never a file
 * with other content.
 *
 * @category combinators
 * @since 0.1.0
 */
export const backup: (filename: string, to: string) => Effect.Effect<Contents, HistoryError> = SqliteFile.backup

/**
 * Replaces a file with a copy, after checking the whole copy. The replaced file stays next to it under the name `aside`. Fails
 * with `Busy` if a hub writes the file, and with `Damaged` if the copy is not a history, or has a newer version.
 *
 * @category combinators
 * @since 0.1.0
 */
export const restore: (
  from: string,
  filename: string
) => Effect.Effect<Contents & { readonly aside: string | undefined }, HistoryError> = SqliteFile.restore

/**
 * Downgrades a file to an older version, for an older program. `losses` lists what is lost. The original file stays next to it
 * under the name `copy`, which is `undefined` if the file already has that version. Fails with `Busy` if a hub writes the file.
 *
 * @category combinators
 * @since 0.1.0
 */
export const downgrade: (
  filename: string,
  to: number
) => Effect.Effect<{ readonly from: number; readonly copy: string | undefined }, HistoryError> = SqliteFile.revert

/**
 * Downgrades the history in a PostgreSQL database to an older version, and returns the version that it had.
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
 * A history that can only be read, even while a hub writes it. Readings that the hub has not written yet are not in the answers.
 * Refuses a file with an older version, because it cannot be upgraded without writing.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (filename: string): Layer.Layer<History, HistoryError> =>
  Layer.effect(History, SqliteFile.reader(filename))
