/**
 * The history of a network: what was measured, and when nothing was; what happened; and the places that people have named.
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
 *   // Nothing was measured where there is no mean.
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
 * The values of one property of one device, as they are kept for a place. All times are seconds since 1970 in UTC.
 *
 * @category models
 * @since 0.1.0
 */
export interface Series {
  /** It is below zero, and for one answer only, as long as all rows of the series wait. */
  readonly id: number
  /** The key of the place that its values belong to. */
  readonly place: string
  /** The ROM id of the device. */
  readonly device: string
  /** The property, with the extension of an element. */
  readonly property: string
  readonly unit: string | undefined
  /** When its first value was measured. */
  readonly since: number
}

/**
 * A row: from here on, the series has this value.
 *
 * **Details**
 *
 * Seconds are whole ones as they are kept, and of two rows of a series in one second the last one counts. A number that is not
 * finite, or beyond 1e100, is kept as one that is not known.
 *
 * @category models
 * @since 0.1.0
 */
export interface Row {
  /** The id of the series. */
  readonly series: number
  readonly at: number
  /** The value, yes and no being 1 and 0. `undefined` where measuring stopped: nothing is known from here on. */
  readonly value: number | undefined
  readonly verdict: Plausibility.Verdict["_tag"]
}

/**
 * Something that happened.
 *
 * @category models
 * @since 0.1.0
 */
export interface Event {
  readonly at: number
  /** Such as `Appeared`, `Vanished`, `Raised`, `Cleared`, `ServerFailed`, `BusRecovered`, `Started`, `Stopped`, `Taken`, `LimitExceeded`. */
  readonly kind: string
  /** The key of the place, if it is about one. */
  readonly place?: string | undefined
  readonly property?: string | undefined
  readonly server?: string | undefined
  readonly bus?: string | undefined
  /** The event in a line of text. */
  readonly text: string
}

/**
 * Rows and events that are recorded, and not written yet.
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
 * A turn of a notice, and the names of the channels that have to deliver it.
 *
 * @category models
 * @since 0.1.0
 */
export interface KeptTurn {
  readonly turn: Turn
  readonly tell: ReadonlyArray<string>
}

/**
 * Knowledge of a server, as text: what a hub that goes on needs to know of it. `undefined` if nothing is known of it any longer.
 *
 * @category models
 * @since 0.1.0
 */
export interface Standing {
  readonly server: string
  readonly text: string | undefined
}

/**
 * Progress of a hub that reads a journal, written together with what follows from it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Progress {
  /** The number that `takeOver` gave to the hub. */
  readonly keeper: number
  /** The number of the batch among those of the hub, from 1 on. A batch that is written twice counts once. */
  readonly turn: number
  /** The position in the journal up to which all is written with this batch. `undefined` leaves it as it is. */
  readonly position?: number | undefined
  /** Changes in what is known of servers at that position. */
  readonly standing?: ReadonlyArray<Standing> | undefined
}

/**
 * What is written at once, all or nothing.
 *
 * @category models
 * @since 0.1.0
 */
export interface Batch {
  /** Until when is known that measuring went on. */
  readonly at: number
  readonly rows: ReadonlyArray<Row>
  readonly events: ReadonlyArray<Event>
  readonly places?: ReadonlyArray<Place> | undefined
  readonly turns?: ReadonlyArray<KeptTurn> | undefined
  readonly progress?: Progress | undefined
}

/**
 * A turn of a notice that waits for its delivery by a channel, and the notice as it is now: it may have ended since.
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
 * The values of a property of a place in buckets, in columns: `undefined` where nothing was measured. What is not plausible is in
 * none of them, but among the marks. If more than one device has filled the place, the value at each moment is that of the
 * newest one that has a value then.
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
  /** Seconds of each bucket that something was known in. */
  readonly covered: ReadonlyArray<number>
  /** Values that are not plausible, with their verdicts; the first hundred at most. */
  readonly marks: ReadonlyArray<Row>
}

/**
 * A history.
 *
 * @category services
 * @since 0.1.0
 */
export class History extends Context.Service<History, {
  /** Its location: a file, or the address of a database without its password. */
  readonly database: string
  /** The places that are kept. */
  readonly places: Effect.Effect<ReadonlyArray<Place>, HistoryError>
  /** Keeps a place, in place of what was kept of it. */
  readonly setPlace: (place: Place) => Effect.Effect<void, HistoryError>
  /** Lets a device fill a place: what was measured by the device belongs to the place, too, and the device has no place of its own. */
  readonly fill: (key: string, device: string) => Effect.Effect<void, HistoryError>
  /** All series. */
  readonly series: Effect.Effect<ReadonlyArray<Series>, HistoryError>
  /** The series of a property of a device; it is made, and the place of the device with it, if there is none yet. */
  readonly open: (
    series: Pick<Series, "device" | "property" | "since" | "unit">
  ) => Effect.Effect<Series, HistoryError>
  /**
   * Writes a batch, all or nothing. One with a `progress` is written once, however often it is given, and is refused as `Superseded`
   * if another hub has taken over.
   */
  readonly append: (batch: Batch) => Effect.Effect<void, HistoryError>
  /**
   * Makes the caller the one that writes this history for a fleet, and gives its number: from now on, every batch with the number of
   * an earlier one is refused. What is read after this stays true until the caller itself writes.
   */
  readonly takeOver: Effect.Effect<number, HistoryError>
  /** The position in the journal of a fleet up to which all is written. `undefined` if there never was one. */
  readonly position: Effect.Effect<number | undefined, HistoryError>
  /** Knowledge of servers at that position, by their names. */
  readonly standing: Effect.Effect<ReadonlyMap<string, string>, HistoryError>
  /**
   * Includes rows and events that wait to be written in all answers until the scope ends, so that the history reaches to now even
   * if it is written seldom. Each query asks for them again. They must wait until they are written; duplicates count once.
   */
  readonly include: (waiting: Effect.Effect<Waiting>) => Effect.Effect<void, never, Scope.Scope>
  /** The last moment at which measuring is known to have gone on, by what is written. `undefined` in a new history. */
  readonly lastSeen: Effect.Effect<number | undefined, HistoryError>
  /** The last row with a value, of each series that has one. */
  readonly latest: Effect.Effect<ReadonlyArray<Row>, HistoryError>
  /**
   * Buckets between `edges`, which ascend: one bucket less than edges. Nothing is known after `now`. Edges on whole hours are
   * answered fastest over long ranges. If rows are forgotten, an hour with an edge within it is spread evenly.
   */
  readonly buckets: (query: {
    readonly of: ReadonlyArray<PlaceProperty>
    readonly edges: ReadonlyArray<number>
    readonly now: number
  }) => Effect.Effect<ReadonlyArray<Buckets>, HistoryError>
  /** All rows of a property of a place, in the order of time, from `from` and before `to`. */
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
  /** Notices, of a place or of all, that were open at any time from `from` and before `to`, the latest beginning first. */
  readonly notices: (query: {
    readonly from: number
    readonly to: number
    readonly place?: string | undefined
    readonly limit: number
  }) => Effect.Effect<ReadonlyArray<Notice>, HistoryError>
  /** Notices that have not ended, in the order in which they began. */
  readonly openNotices: Effect.Effect<ReadonlyArray<Notice>, HistoryError>
  /**
   * Writes a notice as it is after a turn, and marks the turn as waiting for some channels, in one transaction. A turn that is written
   * twice counts once.
   */
  readonly keepTurn: (given: KeptTurn) => Effect.Effect<void, HistoryError>
  /** All turns that wait for a channel, in the order in which they were written. */
  readonly untold: Effect.Effect<ReadonlyArray<Untold>, HistoryError>
  /** Number of notices that each channel tells only as a number, because too many waited. */
  readonly dropped: Effect.Effect<ReadonlyMap<string, number>, HistoryError>
  /**
   * Marks turns as delivered by a channel, by the ids of their notices, and sets the number of notices that it tells only as a number, if
   * `dropped` is given. Gives those of the turns that were waiting.
   */
  readonly told: (given: {
    readonly channel: string
    readonly dropped?: number | undefined
    readonly turns: ReadonlyArray<{ readonly notice: string; readonly phase: Turn["phase"] }>
  }) => Effect.Effect<ReadonlyArray<{ readonly notice: string; readonly phase: Turn["phase"] }>, HistoryError>
  /**
   * Packs hours that are over, and forgets rows, events and notices that are older than `keep` seconds, by whole days; hourly
   * values and open notices stay.
   * It goes little by little, so that nobody waits. Run it every minute or so: it costs nothing if nothing is to be done.
   */
  readonly maintain: (options: { readonly now: number; readonly keep: number }) => Effect.Effect<void, HistoryError>
}>()("@effect-ownet/hub/History") {}

/**
 * A history in a database whose `SqlClient` is at hand: of SQLite, or of PostgreSQL. Its tables, with names that begin with `ow_`,
 * are made in addition to the existing ones. `database` is what it is called in errors.
 *
 * **Gotchas**
 *
 * In SQLite, one process may write at a time. `layerSqlite` sees to that; here it is up to you.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSql = (database: string): Layer.Layer<History, HistoryError, SqlClient.SqlClient> =>
  Layer.effect(History, Store.make(database))

/**
 * A history in a file, by the SQLite that comes with Node. The file is made if there is none; a file of something else, or of a
 * newer version, is refused and stays as it is.
 *
 * **Details**
 *
 * A process that is killed loses nothing that was written; a power cut may cost what was written within the last half minute.
 * Others can read the file while it is written, and `HistoryFile.backup` copies it. A second process that wants to
 * write it fails with `Busy`; for that there is an empty file next to it, whose name ends with `-lock`.
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
 * A history in memory, which ends with its scope.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<History, HistoryError> = Layer.effect(History, SqliteFile.memory)

/**
 * A history in PostgreSQL: `postgres://USER:PASSWORD@HOST/DATABASE`. Install `@effect/sql-pg` as well; it is loaded
 * only here. Its tables, with names that begin with `ow_`, are made in addition to the existing ones. More than one hub may write it.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerPostgres = (url: string | Redacted.Redacted): Layer.Layer<History, HistoryError> =>
  Layer.effect(History, PostgresDatabase.make(url))
