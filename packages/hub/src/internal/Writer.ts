/**
 * Rows and events on their way to the history: they wait until the next flush, and while the history cannot be written.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Latch from "effect/Latch"
import * as Semaphore from "effect/Semaphore"
import type * as Api from "../Api.ts"
import type * as History from "../History.ts"
import type { HistoryError } from "../HistoryError.ts"
import type { Turn } from "../Notices.ts"
import type { Place } from "../Places.ts"
import type * as Recorder from "../Recorder.ts"
import * as EventText from "./EventText.ts"

export interface Options {
  /** Milliseconds from one flush to the next. */
  readonly flush: number
  /** Maximum rows, and maximum events, that wait while the history fails. */
  readonly buffer: number
  /** Called when the history begins to fail, and when it works again. */
  readonly tell: (event: History.Event) => void
}

/** Rows in one transaction: the event loop waits for that. */
const mostAtOnce = 1000

/** Milliseconds from the first failure to the next attempt. It doubles with each, up to a minute. */
const firstPause = 5000
const longestPause = 60_000

/** Maximum time that a notice waits to be kept before it is told all the same. */
const patience = "5 seconds"

/** Maximum time of the last flush. */
const lastWords = "5 seconds"

const nameOf = ({ device, property }: Pick<Recorder.Row, "device" | "property">): string => `${device}/${property}`

interface Batch {
  readonly places: ReadonlyArray<Place>
  readonly rows: ReadonlyArray<Recorder.Row>
  readonly events: ReadonlyArray<History.Event>
}

export class Writer {
  private readonly history: History.History["Service"]
  private options: Options
  /** Opened when the time until the next flush may have changed. */
  private readonly stirred = Latch.makeUnsafe(false)
  private readonly clock: Clock.Clock
  private readonly ids: Map<string, number>
  private readonly turn = Semaphore.makeUnsafe(1)
  private readonly turning = Semaphore.makeUnsafe(1)
  private places = new Map<string, Place>()
  private rows: Array<Recorder.Row> = []
  private events: Array<History.Event> = []
  /** Turns of notices, with the channels that have to tell them. */
  private turns: Array<{ readonly turn: Turn; readonly tell: ReadonlyArray<string> }> = []
  /** The batch that is being written. */
  private writing: Batch | undefined
  /** The first row of each series that was dropped: from there on, nothing is known. */
  private readonly dropped = new Map<string, Recorder.Row>()
  /** Number of rows that were dropped since the history fails. */
  private lost = 0
  /** Number of rows that were dropped in all. */
  private lostInAll = 0
  private failure: Api.Failing | undefined
  /** The latest time that was written. */
  private latest = 0

  constructor(
    history: History.History["Service"],
    series: ReadonlyArray<History.Series>,
    clock: Clock.Clock,
    options: Options
  ) {
    this.history = history
    this.options = options
    this.clock = clock
    this.ids = new Map(series.map((one) => [nameOf(one), one.id]))
  }

  /** Why nothing can be kept at present, if so. */
  get failing(): Api.Failing | undefined {
    return this.failure
  }

  /** Values that wait to be written. */
  get waitingCount(): number {
    return this.rows.length + (this.writing?.rows.length ?? 0)
  }

  /** Values that were dropped since the start. */
  get droppedCount(): number {
    return this.lostInAll
  }

  /** Takes another time between flushes, and another buffer. */
  configure(options: Pick<Options, "flush" | "buffer">): void {
    this.options = { ...this.options, ...options }
    this.stirred.openUnsafe()
    if (this.rows.length > options.buffer || this.events.length > options.buffer) this.bound()
  }

  push({ events, rows }: Recorder.Taken): void {
    for (const row of rows) this.rows.push(row)
    for (const event of events) this.events.push(event)
    if (this.rows.length > this.options.buffer || this.events.length > this.options.buffer) this.bound()
  }

  /** Keeps a turn of a notice with `keepTurns`, or else with the next flush. */
  pushTurn(turn: Turn, tell: ReadonlyArray<string>): void {
    this.turns.push({ turn, tell })
    this.turns.splice(0, Math.max(0, this.turns.length - this.options.buffer))
  }

  private readonly allTurns: Effect.Effect<void, HistoryError> = Effect.suspend(() => {
    const rest: Effect.Effect<void, HistoryError> = Effect.suspend(() => {
      const [next] = this.turns
      if (next === undefined) return Effect.void
      return Effect.andThen(
        Effect.tap(this.history.keepTurn(next), () =>
          Effect.sync(() => {
            if (this.turns[0] === next) this.turns.shift()
          })),
        rest
      )
    })
    return rest
  }).pipe(this.turning.withPermit)

  /** Keeps all turns at once. What cannot be kept goes on waiting. */
  readonly keepTurns: Effect.Effect<void> = Effect.suspend(() => this.allTurns).pipe(
    Effect.timeoutOption(patience),
    Effect.matchCauseEffect({
      onSuccess: (done) =>
        Effect.sync(() => {
          if (done._tag === "None") this.onFailure(`notices could not be kept within ${patience}`)
        }),
      onFailure: (cause) =>
        Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.sync(() => this.onFailure(messageOf(cause)))
    })
  )

  /** Keeps a place with the next flush. */
  keep(place: Place): void {
    this.places.set(place.key, place)
  }

  /** Keeps a place at once, in place of what waits of it. */
  readonly setPlace = (place: Place): Effect.Effect<void, HistoryError> =>
    this.turn.withPermit(
      Effect.tap(this.history.setPlace(place), () => Effect.sync(() => this.places.delete(place.key)))
    )

  /** Drops what is oldest. From there on nothing is known of its series, until something is that was not dropped. */
  private bound(): void {
    const { buffer } = this.options
    // Some more at once, so that not each row moves all others.
    const least = Math.max(0, this.rows.length - buffer)
    if (least > 0) {
      for (const row of this.rows.splice(0, Math.min(this.rows.length, least + Math.floor(buffer / 20)))) {
        if (row.value !== undefined) {
          this.lost++
          this.lostInAll++
        }
        if (!this.dropped.has(nameOf(row))) this.dropped.set(nameOf(row), row)
      }
    }
    this.events.splice(0, Math.max(0, this.events.length - buffer))
  }

  private get isEmpty(): boolean {
    return this.places.size === 0 && this.rows.length === 0 && this.events.length === 0 && this.dropped.size === 0
  }

  private get gaps(): ReadonlyArray<Recorder.Row> {
    return [...this.dropped.values()].map((row) => ({ ...row, value: undefined, verdict: "Plausible" as const }))
  }

  /** All that was recorded, and is not known to be written. */
  readonly waiting: Effect.Effect<History.Waiting> = Effect.sync(() => ({
    rows: [...this.gaps, ...this.writing?.rows ?? [], ...this.rows],
    events: [...this.writing?.events ?? [], ...this.events]
  }))

  private takeBatch(): Batch {
    const { gaps } = this
    this.dropped.clear()
    const places = [...this.places.values()]
    this.places = new Map()
    return {
      places,
      rows: [...gaps, ...this.rows.splice(0, Math.max(0, mostAtOnce - gaps.length))],
      events: this.events.splice(0, mostAtOnce)
    }
  }

  private putBack({ events, places, rows }: Batch): void {
    this.places = new Map([...places.map((place) => [place.key, place] as const), ...this.places])
    this.rows = [...rows, ...this.rows]
    this.events = [...events, ...this.events]
    this.push({ rows: [], events: [] })
  }

  private readonly write = Effect.fnUntraced(function*(
    this: Writer,
    { events, places, rows }: Batch
  ): Effect.fn.Return<void, HistoryError> {
    for (const place of places) yield* this.history.setPlace(place)
    const written: Array<History.Row> = []
    for (const row of rows) {
      const name = nameOf(row)
      let id = this.ids.get(name)
      if (id === undefined) {
        const { device, property, unit } = row
        id = (yield* this.history.open({ device, property, unit, since: row.at })).id
        this.ids.set(name, id)
      }
      written.push({ series: id, at: row.at, value: row.value, verdict: row.verdict })
    }
    // As long as more is to come, nothing is known after what is written now.
    const at = this.rows.length === 0 ? this.clock.currentTimeMillisUnsafe() / 1000 : rows.at(-1)?.at ?? this.latest
    this.latest = Math.max(this.latest, at)
    yield* this.history.append({ at: this.latest, rows: written, events })
  })

  /** Writes all that waits. What cannot be written goes on waiting. */
  readonly flush: Effect.Effect<void, HistoryError> = Effect.suspend(() => {
    const once: Effect.Effect<void, HistoryError> = Effect.suspend(() => {
      const batch = this.takeBatch()
      this.writing = batch
      return Effect.onExit(this.write(batch), (exit) =>
        Effect.sync(() => {
          this.writing = undefined
          if (!Exit.isSuccess(exit)) this.putBack(batch)
          else if (this.turns.length === 0) this.onSuccess()
        }))
    })
    const rest: Effect.Effect<void, HistoryError> = Effect.suspend(() =>
      this.isEmpty ? Effect.void : Effect.andThen(Effect.andThen(Effect.yieldNow, once), rest)
    )
    return Effect.andThen(once, rest)
  }).pipe(
    Effect.andThen(Effect.suspend(() =>
      this.turns.length === 0
        ? Effect.void
        : Effect.andThen(this.allTurns, Effect.sync(() => this.onSuccess()))
    )),
    this.turn.withPermit
  )

  /** Writes what still waits when the hub ends, unless that takes too long. */
  get last(): Effect.Effect<void> {
    return Effect.interruptible(this.flush).pipe(
      Effect.timeout(lastWords),
      Effect.catchCause((cause) => Effect.logError("The last values could not be kept", cause))
    )
  }

  private onSuccess(): void {
    if (this.failure === undefined) return
    const { since } = this.failure
    const { lost } = this
    this.failure = undefined
    this.lost = 0
    this.options.tell(EventText.historyRecovered(this.clock.currentTimeMillisUnsafe() / 1000, since, lost))
  }

  private onFailure(message: string): void {
    const at = this.clock.currentTimeMillisUnsafe() / 1000
    const isNews = this.failure === undefined
    this.failure = { since: this.failure?.since ?? at, message }
    if (isNews) this.options.tell(EventText.historyFailed(at, message))
  }

  /** Flushes for as long as it runs, and more seldom while the history fails. */
  readonly run: Effect.Effect<never> = Effect.suspend(() => {
    let failures = 0
    const pause = Effect.suspend(() =>
      failures === 0
        ? Effect.race(Effect.sleep(this.options.flush), this.stirred.await)
        : Effect.sleep(Math.min(firstPause * 2 ** (failures - 1), longestPause))
    )
    const round = Effect.andThen(pause, this.stirred.close).pipe(
      Effect.andThen(this.flush),
      Effect.matchCauseEffect({
        onSuccess: () =>
          Effect.sync(() => {
            failures = 0
          }),
        onFailure: (cause) => {
          if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
          failures = Math.min(failures + 1, 20)
          this.onFailure(messageOf(cause))
          return Cause.hasDies(cause) ? Effect.logError("The history has failed", cause) : Effect.void
        }
      })
    )
    return Effect.forever(round)
  })
}

const messageOf = (cause: Cause.Cause<HistoryError>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}
