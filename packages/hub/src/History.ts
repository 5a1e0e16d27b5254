/**
 * The history of a network: values, the times when nothing was measured, events, and the places that people have named.
 *
 * **Example** (The hours of a day, from the file of a hub that is off)
 *
 * ```ts
 * import { History } from "@effect-ownet/hub"
 * import { Effect } from "effect"
 *
 * const hoursOf = Effect.fnUntraced(function*(place: string, day: number) {
 *   const history = yield* History.History
 *   const edges = Array.from({ length: 25 }, (_, hour) => day + hour * 3600)
 *   const [buckets] = yield* history.buckets({ of: [{ place, property: "temperature" }], edges, now: day + 86_400 })
 *   // The mean is `undefined` if nothing was measured.
 *   return buckets?.mean
 * }, Effect.provide(History.layerSqlite("house.sqlite")))
 *
 * const program = hoursOf("28.000028D70100", Date.UTC(2026, 0, 31) / 1000)
 * ```
 *
 * @since 0.1.0
 */
import type { Plausibility } from "@effect-ownet/core"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type * as SqlClient from "effect/sql/SqlClient"
import type * as Stream from "effect/Stream"
import type { HistoryError } from "./HistoryError.ts"
import * as PostgresDatabase from "./internal/history/PostgresDatabase.ts"
import * as SqliteFile from "./internal/history/SqliteFile.ts"
import * as Store from "./internal/history/Store.ts"
import type { Notice, Turn } from "./Notices.ts"
import type { Place } from "./Places.ts"

/**
 * The values of one property of one device, kept for a place. All times are seconds since 1970 in UTC.
 *
 * @category models
 * @since 0.1.0
 */
export interface Series {
  /** Id of the series. Below zero, and valid for one answer only, while all rows of the series wait to be written. */
  readonly id: number
  /** The key of the place that its values belong to. */
  readonly place: string
  /** The ROM id of the device. */
  readonly device: string
  /** The property, with the extension of an element. */
  readonly property: string
  readonly unit: string | undefined
  /** Time of the first value. */
  readonly since: number
}

/**
 * A row: from this time on, the series has this value.
 *
 * **Details**
 *
 * Times are kept as whole seconds. If a series has two rows in one second, the last one counts. A number that is not finite, or
 * beyond 1e100, is kept as unknown.
 *
 * @category models
 * @since 0.1.0
 */
export interface Row {
  /** The id of the series. */
  readonly series: number
  readonly at: number
  /** The value, with 1 for yes and 0 for no. `undefined` if measuring stopped: nothing is known from here on. */
  readonly value: number | undefined
  readonly verdict: Plausibility.Verdict["_tag"]
}

/**
 * An event.
 *
 * @category models
 * @since 0.1.0
 */
export interface Event {
  readonly at: number
  /**
   * The kind of the event, such as `Appeared`, `Vanished`, `Raised`, `Cleared`, `ServerFailed`, `BusRecovered`, `Started`,
   * `Stopped`, `Taken`, `LimitExceeded`.
   */
  readonly kind: string
  /** The key of the place, if the event is about one. */
  readonly place?: string | undefined
  readonly property?: string | undefined
  readonly server?: string | undefined
  readonly bus?: string | undefined
  /** The event as a line of text. */
  readonly text: string
}

/**
 * Rows and events that are recorded but not written yet.
 *
 * @category models
 * @since 0.1.0
 */
export interface Waiting {
  readonly rows: ReadonlyArray<
    Pick<Series, "device" | "property" | "unit"> & Pick<Row, "at" | "value" | "verdict">
  >
  readonly events: ReadonlyArray<Event>
}

/**
 * A turn of a notice, and the names of the channels that must deliver it.
 *
 * @category models
 * @since 0.1.0
 */
export interface KeptTurn {
  readonly turn: Turn
  readonly tell: ReadonlyArray<string>
}

/**
 * Knowledge of a server, as text, which lets another hub continue. `undefined` if nothing is known of the server any longer.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing {
  readonly server: string
  readonly text: string | undefined
}

/**
 * Progress of a hub that reads a journal, written together with the results.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  /** The number that `takeOver` gave to the hub. */
  readonly keeper: number
  /** The number of the batch among those of the hub, from 1 on. A batch that is written twice counts once. */
  readonly turn: number
  /** The position in the journal up to which everything is written with this batch. `undefined` leaves it as it is. */
  readonly position?: number | undefined
  /** Changes in the knowledge of servers at that position. */
  readonly standing?: ReadonlyArray<Standing> | undefined
}

/**
 * Rows and other changes that are written together, all or nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Batch {
  /** Time up to which measuring is known to have continued. */
  readonly at: number
  readonly rows: ReadonlyArray<Row>
  readonly events: ReadonlyArray<Event>
  readonly places?: ReadonlyArray<Place> | undefined
  readonly turns?: ReadonlyArray<KeptTurn> | undefined
  readonly progress?: Progress | undefined
}

/**
 * A turn of a notice that waits for delivery by a channel, and the current state of the notice, which may have ended since.
 *
 * @category models
 * @since 0.1.0
 */
export interface Untold extends Turn {
  /** The name of the channel. */
  readonly channel: string
}

/**
 * A property of a place.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlaceProperty {
  readonly place: string
  readonly property: string
}

/**
 * The values of a property of a place in buckets, as columns: `undefined` if nothing was measured. Values that are not plausible
 * count in none of them, and are among the marks. If more than one device has filled the place, the value at each moment is that
 * of the newest device that has a value then.
 *
 * @category models
 * @since 0.1.0
 */
export interface Buckets extends PlaceProperty {
  readonly unit: string | undefined
  /** Means, weighted by time: a value counts for as long as it held. */
  readonly mean: ReadonlyArray<number | undefined>
  readonly min: ReadonlyArray<number | undefined>
  readonly max: ReadonlyArray<number | undefined>
  /** Seconds of each bucket in which a value was known. */
  readonly covered: ReadonlyArray<number>
  /** Values that are not plausible, with their verdicts. At most the first 100. */
  readonly marks: ReadonlyArray<Row>
}

/**
 * A history.
 *
 * @category services
 * @since 0.1.0
 */
export class History extends Context.Service<History, {
  /** Location of the history: a file, or the address of a database without its password. */
  readonly database: string
  /** The places in the history. */
  readonly places: Effect.Effect<ReadonlyArray<Place>, HistoryError>
  /** Saves a place. Replaces what was saved for it before. */
  readonly setPlace: (place: Place) => Effect.Effect<void, HistoryError>
  /** Assigns a device to a place. The values of the device then belong to that place, and the device no longer has its own. */
  readonly fill: (key: string, device: string) => Effect.Effect<void, HistoryError>
  /** All series. */
  readonly series: Effect.Effect<ReadonlyArray<Series>, HistoryError>
  /** The series of a property of a device. Creates the series, and the place of the device, if there is none yet. */
  readonly open: (
    series: Pick<Series, "device" | "property" | "since" | "unit">
  ) => Effect.Effect<Series, HistoryError>
  /**
   * Writes a batch, all or nothing. A batch with a `progress` is written once, even if you pass it several times, and fails with
   * `Superseded` if another hub has taken over.
   */
  readonly append: (batch: Batch) => Effect.Effect<void, HistoryError>
  /**
   * Makes the caller the only hub that writes this history for a fleet, and returns its number. From now on, every batch with an
   * earlier number is refused. Anything read after this stays true until the caller itself writes.
   */
  readonly takeOver: Effect.Effect<number, HistoryError>
  /** The position in the journal of a fleet up to which everything is written. `undefined` if there never was one. */
  readonly position: Effect.Effect<number | undefined, HistoryError>
  /** Knowledge of servers at that position, by their names. */
  readonly standing: Effect.Effect<ReadonlyMap<string, string>, HistoryError>
  /**
   * Includes rows and events that wait to be written in all answers until the scope ends, so that the history reaches up to now
   * even if it is seldom written. Each query runs `waiting` again. Rows and events must wait until they are written; duplicates
   * count once.
   */
  readonly include: (waiting: Effect.Effect<Waiting>) => Effect.Effect<void, never, Scope.Scope>
  /**
   * The last moment at which measuring is known to have continued, according to what is written. `undefined` in a new history.
   */
  readonly lastSeen: Effect.Effect<number | undefined, HistoryError>
  /** The last row with a value, for each series that has one. */
  readonly latest: Effect.Effect<ReadonlyArray<Row>, HistoryError>
  /**
   * Buckets between `edges`, which must ascend. There is one fewer bucket than edges. Nothing is known after `now`. Long ranges
   * are answered fastest if the edges are on whole hours. If rows are forgotten, an hour with an edge within it is spread evenly.
   */
  readonly buckets: (query: {
    readonly of: ReadonlyArray<PlaceProperty>
    readonly edges: ReadonlyArray<number>
    readonly now: number
  }) => Effect.Effect<ReadonlyArray<Buckets>, HistoryError>
  /** All rows of a property of a place, in order of time, from `from` and before `to`. */
  readonly rows: (
    query: PlaceProperty & { readonly from: number; readonly to: number }
  ) => Stream.Stream<Row, HistoryError>
  /** Events from `from` and before `to`, the latest first. */
  readonly events: (query: {
    readonly from: number
    readonly to: number
    readonly place?: string | undefined
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<Event>, HistoryError>
  /**
   * Notices of one place or of all places that were open at any time from `from` and before `to`. The notice that began last
   * comes first.
   */
  readonly notices: (query: {
    readonly from: number
    readonly to: number
    readonly place?: string | undefined
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<Notice>, HistoryError>
  /** Notices that have not ended, in the order in which they began. */
  readonly openNotices: Effect.Effect<ReadonlyArray<Notice>, HistoryError>
  /**
   * Writes the state of a notice after a turn, and marks the turn as waiting for some channels, in one transaction. A turn that
   * is written twice counts once.
   */
  readonly keepTurn: (given: KeptTurn) => Effect.Effect<void, HistoryError>
  /** Turns that wait for a channel, in the order in which they were written. At most 10,000. */
  readonly untold: Effect.Effect<ReadonlyArray<Untold>, HistoryError>
  /** For each channel, the number of notices that it reports only as a number, because too many waited. */
  readonly dropped: Effect.Effect<ReadonlyMap<string, number>, HistoryError>
  /**
   * Marks turns as delivered by a channel, by the ids of their notices. Sets the number of notices that the channel reports only
   * as a number, if `dropped` is given. Returns the turns that were waiting.
   */
  readonly told: (given: {
    readonly channel: string
    readonly dropped?: number | undefined
    readonly turns: ReadonlyArray<{ readonly notice: string; readonly phase: Turn["phase"] }>
  }) => Effect.Effect<ReadonlyArray<{ readonly notice: string; readonly phase: Turn["phase"] }>, HistoryError>
  /**
   * Packs hours that are over, and forgets rows, events and notices that are older than `keep` seconds, by whole days. Hourly
   * values and open notices stay. It works in small steps, so that nobody waits. Run it about once a minute: it costs nothing if
   * there is nothing to do.
   */
  readonly maintain: (options: { readonly now: number; readonly keep: number }) => Effect.Effect<void, HistoryError>
}>()("@effect-ownet/hub/History") {}

/**
 * A history in a database whose `SqlClient` you provide: SQLite or PostgreSQL. The tables are created next to existing ones, and
 * their names begin with `ow_`. Errors call the history by the name in `database`.
 *
 * **Gotchas**
 *
 * With SQLite, only one process may write at a time. `layerSqlite` ensures that; with this layer, you must.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSql = (database: string): Layer.Layer<History, HistoryError, SqlClient.SqlClient> =>
  Layer.effect(History, Store.make(database))

/**
 * A history in a file, by the SQLite that comes with Node. Creates the file if there is none. Refuses a file with other content
 * or from a newer version, and leaves it as it is.
 *
 * **Details**
 *
 * If the process is killed, nothing that was written is lost. A power cut may cost what was written within the last half minute.
 * Other processes can read the file while it is written, and `HistoryFile.backup` copies it. A second process that tries to write
 * it fails with `Busy`. The lock is an empty file next to the history, whose name ends with `-lock`.
 *
 * **Gotchas**
 *
 * Node 22 prints an `ExperimentalWarning` for its SQLite.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSqlite = (filename: string): Layer.Layer<History, HistoryError> =>
  Layer.effect(History, SqliteFile.make(filename))

/**
 * A history in memory, which is lost when its scope ends.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<History, HistoryError> = Layer.effect(History, SqliteFile.memory)

/**
 * A history in PostgreSQL: `postgres://USER:PASSWORD@HOST/DATABASE`. Install `@effect/sql-pg` as well; it is loaded only here.
 * The tables are created next to existing ones, and their names begin with `ow_`. More than one hub may write to the same
 * database.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerPostgres = (url: string | Redacted.Redacted): Layer.Layer<History, HistoryError> =>
  Layer.effect(History, PostgresDatabase.make(url))
