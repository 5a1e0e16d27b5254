/** A journal in a table of PostgreSQL. Each batch is written once, and all runners read batches in the same order. */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type * as Api from "../../Api.ts"
import type { HistoryError } from "../../HistoryError.ts"
import type { Batch, Journal, Seen } from "../../Journal.ts"
import { OwserverClients } from "../../Owserver.ts"
import { Backlog } from "../Backlog.ts"
import { type Cell, numberIn, text } from "../history/Database.ts"
import * as FleetTables from "./FleetTables.ts"
import * as Notifications from "./Notifications.ts"
import * as SeenText from "./SeenText.ts"

export interface Settings {
  readonly runner: string
  readonly buffer: number
  /** Time between looks for batches that nobody has read for a day. Default 1 hour, which gives a hub time to start. */
  readonly tidyEvery?: Duration.Input | undefined
}

/**
 * Lock that gives the batches of all runners their positions in the order in which they become visible. The number is arbitrary.
 */
const lock = 1_869_113_199

/** Maximum events of a batch, and maximum characters of its text. A larger batch is split. */
const mostEvents = 1000
const mostText = 2 ** 20

/** Maximum characters of one event. A client refuses rows of 16 MiB. */
const mostOfOne = 2 ** 22

/** Time from the first waiting event to its batch. */
const gathering = "500 millis"

/** Time from a failure to the next attempt. */
const pause = "1 second"

/** Maximum time at the end to write waiting events. */
const farewell = "1 second"

/** Time between looks for new batches, if there are no notifications. */
const look = "1 second"

/** Batches that are read at a time. */
const page = 50

const day = 86_400

/**
 * Minimum number of batches forgotten for their age that is logged. A few may be the newest of their writers, and may have been
 * read.
 */
const worthTelling = 100

/** A batch that is being sent. Its contents stay the same, even if it is sent several times. */
interface Outgoing {
  readonly turn: number
  readonly at: number
  readonly text: string
  readonly count: number
}

const warn = (broken: SeenText.SeenTextError | undefined) =>
  broken === undefined ? Effect.void : Effect.logWarning(broken.message)

/** Tries again until the database answers. */
const waitOut = <A>(self: Effect.Effect<A, HistoryError>): Effect.Effect<A> => {
  const again = (error: HistoryError): Effect.Effect<A> =>
    Effect.andThen(
      Effect.logDebug(error.message),
      Effect.catch(Effect.andThen(Effect.sleep(pause), self), again)
    )
  return Effect.catch(self, again)
}

export const make = Effect.fnUntraced(function*({ buffer, runner, tidyEvery = "1 hour" }: Settings) {
  const { cells, named, sql } = yield* FleetTables.FleetDatabase
  const notifications = yield* Notifications.Notifications
  const clients = yield* OwserverClients
  const clock = yield* Clock.Clock
  const seconds = () => clock.currentTimeMillisUnsafe() / 1000

  // A runner that starts again has another name here, because its turns start over.
  const writer = yield* Effect.sync(() => crypto.randomUUID())
  const backlog = new Backlog<Seen>(buffer)
  let turns = 0
  let dropped = 0
  let outgoing: ReadonlyArray<Outgoing> = []
  let failing: Api.Failing | undefined

  /** Splits events into batches that are small enough. */
  const batchesOf = (events: ReadonlyArray<Seen>): Effect.Effect<ReadonlyArray<Outgoing>> =>
    Effect.gen(function*() {
      const { broken, text } = SeenText.encode(events)
      if (text.length > mostText && events.length > 1) {
        const half = events.length >> 1
        return [...yield* batchesOf(events.slice(0, half)), ...yield* batchesOf(events.slice(half))]
      }
      if (text.length > mostOfOne) {
        dropped++
        yield* Effect.logWarning(`${events[0]?._tag} of ${events[0]?.server} is too large for the journal`)
        return []
      }
      yield* warn(broken)
      dropped += broken?.count ?? 0
      return [{ turn: ++turns, at: seconds(), text, count: events.length - (broken?.count ?? 0) }]
    })

  // One statement is one transaction, so a runner that stops in the middle blocks no other writer.
  const insert = ({ at, text: events, turn }: Outgoing) =>
    sql`WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(${sql.literal(String(lock))})),
      added AS (
        INSERT INTO ow_fleet_journal (writer, turn, runner, at, events)
        SELECT ${writer}, ${turn}, ${text(runner)}, ${at}, ${events} FROM locked
        ON CONFLICT (writer, turn) DO NOTHING
        RETURNING position
      )
      SELECT pg_notify(${Notifications.channel}, 'journal') FROM added`.pipe(named("Writing the journal of the fleet"))

  const sequence = sql.literal("pg_get_serial_sequence('ow_fleet_journal', 'position')::regclass")

  const turn = yield* Semaphore.make(1)

  /** Writes everything that waits, or fails. */
  const flush = Effect.gen(function*() {
    while (true) {
      if (outgoing.length === 0) {
        if (backlog.size === 0) return
        const taken = backlog.peek(mostEvents)
        backlog.remove(taken)
        outgoing = yield* batchesOf(taken.items)
      }
      while (outgoing[0] !== undefined) {
        yield* insert(outgoing[0])
        outgoing = outgoing.slice(1)
        failing = undefined
      }
    }
  }).pipe(turn.withPermit)

  const onFailure = (error: HistoryError) =>
    Effect.gen(function*() {
      if (failing === undefined) yield* Effect.logWarning(`${error.message}. It is tried again.`)
      failing = { since: failing?.since ?? seconds(), message: error.message }
    })

  const waiting = () => backlog.size + outgoing.reduce((sum, { count }) => sum + count, 0)

  yield* Effect.addFinalizer(() =>
    flush.pipe(
      Effect.timeoutOption(farewell),
      Effect.ignore,
      Effect.andThen(Effect.suspend(() => {
        const lost = waiting()
        return lost === 0
          ? Effect.void
          : Effect.logWarning(`${lost} events could not be written to the journal in time`)
      })),
      Effect.interruptible
    )
  )

  yield* Effect.gen(function*() {
    // A batch that failed is sent again whether or not another event comes.
    if (outgoing.length === 0) yield* backlog.some
    yield* Effect.sleep(gathering)
    yield* Effect.catch(flush, (error) => Effect.andThen(onFailure(error), Effect.sleep(pause)))
  }).pipe(Effect.forever, Effect.forkScoped)

  const last = Effect.map(
    cells(sql`SELECT max(position) FROM ow_fleet_journal`),
    (found) => numberIn(found) ?? 0
  ).pipe(named("Reading the journal of the fleet"))

  const read = (after: number) =>
    cells(
      sql`SELECT position, runner, at, events FROM ow_fleet_journal WHERE position > ${after}
        ORDER BY position LIMIT ${sql.literal(String(page))}`
    ).pipe(named("Reading the journal of the fleet"))

  /**
   * Moves new positions behind a given one, because a table that was created again starts over. Existing batches are moved there,
   * too, if nobody can have read them.
   */
  const goOn = (after: number, isUnread: boolean) =>
    cells(sql`SELECT coalesce(pg_sequence_last_value(${sequence}), 0)`).pipe(
      Effect.flatMap((found) =>
        (numberIn(found) ?? 0) >= after ? Effect.void : sql.withTransaction(Effect.gen(function*() {
          yield* sql`SELECT pg_advisory_xact_lock(${sql.literal(String(lock))})`
          const set =
            yield* sql`SELECT setval(${sequence}, ${after}) WHERE coalesce(pg_sequence_last_value(${sequence}), 0) < ${after}`
          if (set.length === 0) return
          yield* Effect.logWarning(
            "The journal of the fleet was created again: what was not yet written to the history is lost"
          )
          if (!isUnread) return
          yield* sql`WITH moved AS (DELETE FROM ow_fleet_journal RETURNING position, writer, turn, runner, at, events)
          INSERT INTO ow_fleet_journal (writer, turn, runner, at, events)
          SELECT writer, turn, runner, at, events FROM moved ORDER BY position`
        }))
      ),
      named("Reading the journal of the fleet")
    )

  const batchOf = Effect.fnUntraced(function*([position, runner, at, events]: ReadonlyArray<Cell>) {
    const decoded = SeenText.decode(String(events), clients.of)
    yield* warn(decoded.broken)
    const batch: Batch = {
      position: Number(position),
      runner: String(runner),
      at: Number(at),
      events: decoded.events
    }
    return batch
  })

  const batches = (after: number | undefined): Stream.Stream<Batch> =>
    Stream.unwrap(Effect.gen(function*() {
      const told = yield* notifications.of("journal")
      let position = after ?? (yield* waitOut(last))
      yield* Effect.ignore(goOn(position, true))
      const next = Effect.gen(function*() {
        while (true) {
          const rows = yield* waitOut(read(position))
          if (rows.length > 0) {
            const found = yield* Effect.forEach(rows, batchOf)
            position = found.at(-1)?.position ?? position
            return found
          }
          const news = yield* Effect.timeoutOption(Queue.take(told), look)
          if (news._tag === "None") yield* Effect.ignore(goOn(position, false))
        }
      })
      return Stream.flattenIterable(Stream.fromEffectRepeat(next))
    }))

  // Usually the hub forgets the batches that it has read. Without a hub, the journal would fill the disk of the database.
  const tidy = Effect.suspend(() =>
    cells(
      sql`WITH gone AS (DELETE FROM ow_fleet_journal WHERE at < ${seconds() - day} RETURNING position)
      SELECT count(*) FROM gone`
    )
  ).pipe(
    named("Forgetting what is old in the journal of the fleet"),
    Effect.flatMap((found) => {
      const count = numberIn(found) ?? 0
      return count < worthTelling
        ? Effect.void
        : Effect.logWarning(`No hub has read the journal of the fleet for a day: ${count} batches of it were forgotten`)
    })
  )
  yield* Effect.sleep(tidyEvery).pipe(
    Effect.andThen(tidy),
    Effect.catch((error) => Effect.logDebug(error.message)),
    Effect.forever,
    Effect.forkScoped
  )

  const journal: Journal["Service"] = {
    append: (event) =>
      Effect.sync(() => {
        backlog.push(event)
        dropped += backlog.takeDropped()
      }),
    batches,
    last,
    // The newest batch of each writer stays. Its turn identifies a batch that is sent again because the answer was lost.
    forget: (upTo) =>
      sql`DELETE FROM ow_fleet_journal AS old WHERE position <= ${upTo} AND (
        at < ${seconds() - day} OR
        EXISTS (SELECT 1 FROM ow_fleet_journal AS newer WHERE newer.writer = old.writer AND newer.turn > old.turn)
      )`.pipe(named("Forgetting what is old in the journal of the fleet"), Effect.asVoid),
    health: Effect.sync(() => ({ waiting: waiting(), dropped, failing })),
    standing: {
      encode: (known) => SeenText.encodeKnown(known).text,
      decode: (text) => SeenText.decodeKnown(text, clients.of).known
    }
  }
  return journal
})
