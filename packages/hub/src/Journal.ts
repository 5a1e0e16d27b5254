/**
 * The journal of a fleet: all events of its followers, in one order that all runners agree on.
 *
 * **Example** (Events of a fleet, in a program next to it)
 *
 * ```ts
 * import { Journal } from "@effect-ownet/hub"
 * import { Console, Stream } from "effect"
 *
 * const log = Journal.Journal.use((journal) =>
 *   Stream.runForEach(journal.batches(undefined), ({ events, runner }) => Console.log(runner, events.length))
 * )
 * ```
 *
 * @since 0.1.0
 */
import type { Follow, Merged, RomId } from "@effect-ownet/core"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import type * as SqlClient from "effect/sql/SqlClient"
import * as Stream from "effect/Stream"
import type * as Api from "./Api.ts"
import type { HistoryError } from "./HistoryError.ts"
import * as FleetTables from "./internal/fleet/FleetTables.ts"
import * as Notifications from "./internal/fleet/Notifications.ts"
import * as SqlJournal from "./internal/fleet/SqlJournal.ts"
import type { OwserverClients } from "./Owserver.ts"

/**
 * An event of a server, as seen by its follower. `ServerAdded` means that a follower begins: the events after it may repeat what
 * is known already.
 *
 * @category models
 * @since 0.1.0
 */
export type Seen = Merged.ServerEvent | Follow.Of<Follow.ServerAdded>

/**
 * Events of one runner that were written together.
 *
 * @category models
 * @since 0.1.0
 */
export interface Batch {
  /** Position in the journal. Each position is higher than the one before. */
  readonly position: number
  /** The runner whose followers have seen the events. */
  readonly runner: string
  /** Time of writing, in seconds since 1970, by the clock of the runner. */
  readonly at: number
  readonly events: ReadonlyArray<Seen>
}

/**
 * Knowledge of a server, from which a hub in another process continues.
 *
 * @category models
 * @since 0.1.0
 */
export interface Known {
  /** Events that rebuild what was reported of the server, in the form in which a follower would report them. */
  readonly told: ReadonlyArray<Seen>
  /** Events that rebuild reports of its followers that are still compared with the above, or not reported yet. Usually none. */
  readonly pending: ReadonlyArray<Seen>
  /** Devices that the server shows, although they are reported at another server. */
  readonly elsewhere: ReadonlyArray<RomId.RomId>
}

/**
 * State of writing a journal on this runner.
 *
 * @category models
 * @since 0.1.0
 */
export interface Health {
  /** Events that wait to be written. */
  readonly waiting: number
  /** Events that were dropped since the start, because the journal could not be written for too long. */
  readonly dropped: number
  /** The reason why nothing can be written at present, if so. */
  readonly failing: Api.Failing | undefined
}

/**
 * A journal.
 *
 * @category services
 * @since 0.1.0
 */
export class Journal extends Context.Service<Journal, {
  /** Takes an event. While the journal cannot be written, events wait; if too many do, the oldest are dropped and counted. */
  readonly append: (event: Seen) => Effect.Effect<void>
  /**
   * Batches after a position, in order, and then new ones as they arrive. `undefined` starts with new ones. The subscription
   * exists before the first batch is requested. The stream waits while the database fails.
   */
  readonly batches: (after: number | undefined) => Stream.Stream<Batch>
  /** The position of the last batch. `0` in an empty journal. */
  readonly last: Effect.Effect<number, HistoryError>
  /**
   * Forgets the batches up to a position. In a database, the newest batch of each runner stays for a day. It serves to recognize
   * a batch that is sent again because the answer was lost.
   */
  readonly forget: (upTo: number) => Effect.Effect<void, HistoryError>
  readonly health: Effect.Effect<Health>
  /**
   * Conversion of knowledge of a server to text and back. A hub stores the text so that another process can continue from there.
   * `undefined` in one process.
   */
  readonly standing: {
    /** Encodes knowledge as text. */
    readonly encode: (known: Known) => string
    /** Decodes knowledge from text. Invalid events are left out. */
    readonly decode: (text: string) => Known
  } | undefined
}>()("@effect-ownet/hub/Journal") {}

/** Maximum number of events that a reader in the same process may lag behind before the followers wait for it. */
const mostWaiting = 1024

/**
 * A journal in memory, for one process. A slow reader slows down the followers, and events that nobody reads are forgotten.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<Journal> = Layer.effect(
  Journal,
  Effect.gen(function*() {
    const batches = yield* PubSub.bounded<Batch>(mostWaiting)
    const clock = yield* Clock.Clock
    let position = 0
    return {
      append: (event) =>
        Effect.suspend(() =>
          PubSub.publish(batches, {
            position: ++position,
            runner: "",
            at: clock.currentTimeMillisUnsafe() / 1000,
            events: [event]
          })
        ),
      batches: () => Stream.fromPubSub(batches),
      last: Effect.sync(() => position),
      forget: () => Effect.void,
      health: Effect.succeed({ waiting: 0, dropped: 0, failing: undefined }),
      standing: undefined
    }
  })
)

/**
 * Options of `layerSql`.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The name of this runner in its batches. */
  readonly runner: string
  /**
   * Maximum number of events that wait while the journal cannot be written. If there are more, the oldest are dropped. Default
   * 100,000, in addition to a batch of at most 1,000 that is being written.
   */
  readonly buffer?: number | undefined
}

/**
 * A journal in a table of PostgreSQL, `ow_fleet_journal`, which is created if it is missing. Batches are written twice a second,
 * each once even after several attempts. Readers learn of them through NOTIFY.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSql = (
  { buffer = 100_000, runner }: Options
): Layer.Layer<Journal, HistoryError, SqlClient.SqlClient | OwserverClients> =>
  Layer.effect(Journal, SqlJournal.make({ buffer, runner })).pipe(
    Layer.provide(Notifications.layer),
    Layer.provide(FleetTables.layer)
  )
