/**
 * Journal of a fleet: all that its followers see, in one order that all runners agree on.
 *
 * **Example** (What a fleet sees, in a program next to it)
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
 * An event of a server, as its follower has seen it. `ServerAdded` says that a follower begins: the events after it repeat what may be
 * known already.
 *
 * @category models
 * @since 0.1.0
 */
export type Seen = Merged.ServerEvent | Follow.Of<Follow.ServerAdded>

/**
 * Events of one runner, as they were written together.
 *
 * @category models
 * @since 0.1.0
 */
export interface Batch {
  /** Its position in the journal: each is higher than the one before. */
  readonly position: number
  /** The runner whose followers have seen it. */
  readonly runner: string
  /** When it was written, in seconds since 1970, by the clock of the runner. */
  readonly at: number
  readonly events: ReadonlyArray<Seen>
}

/**
 * Knowledge of a server, from which a hub in another process goes on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Known {
  /** Events that rebuild what was told of the server, as a follower would tell them. */
  readonly told: ReadonlyArray<Seen>
  /** Events that rebuild what its followers have said, as far as it is compared with that, or not told yet. Mostly none. */
  readonly pending: ReadonlyArray<Seen>
  /** Devices that it shows, and that are told as another server shows them. */
  readonly elsewhere: ReadonlyArray<RomId.RomId>
}

/**
 * State of a journal, as this runner writes it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Health {
  /** Events that wait to be written. */
  readonly waiting: number
  /** Events that were dropped since the start, because the journal could not be written for too long. */
  readonly dropped: number
  /** Why nothing can be written at present, if so. */
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
   * Batches after a position, in order, and then new ones as they come; `undefined` begins with new ones. The subscription is there
   * before the first batch is asked for. The stream waits out failures of the database.
   */
  readonly batches: (after: number | undefined) => Stream.Stream<Batch>
  /** The position of the last batch. `0` in an empty journal. */
  readonly last: Effect.Effect<number, HistoryError>
  /**
   * Forgets the batches up to a position. In a database, the newest batch of each runner stays for a day, by which one that is sent
   * again, because the answer was lost, is recognized.
   */
  readonly forget: (upTo: number) => Effect.Effect<void, HistoryError>
  readonly health: Effect.Effect<Health>
  /**
   * Conversion of knowledge of a server to text and back, for a hub that keeps it so that another process can go on from there.
   * `undefined` in one process.
   */
  readonly standing: {
    /** Text of knowledge. */
    readonly encode: (known: Known) => string
    /** Knowledge by its text. Events that make no sense are left out. */
    readonly decode: (text: string) => Known
  } | undefined
}>()("@effect-ownet/hub/Journal") {}

/** Events that a reader in the same process may lag behind before the followers wait for it. */
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
   * Maximum number of events that wait while the journal cannot be written; then the oldest are dropped. Default 100,000, besides
   * a batch of at most 1,000 that is on its way.
   */
  readonly buffer?: number | undefined
}

/**
 * A journal in a table of PostgreSQL, `ow_fleet_journal`, which is made if it is missing. Batches are written twice a second, each
 * once however many tries it takes, and readers learn of them by NOTIFY.
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
