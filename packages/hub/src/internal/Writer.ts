/**
 * Rows and events on their way to the history. They wait until the next flush, and while the history cannot be written.
 *
 * The hub of a fleet reads a journal, and may be killed at any time, so it writes its position with the data. Each of its batches
 * is a transaction that ends at the end of a batch of the journal. It includes the places, the turns of notices and the knowledge
 * of servers at that position. A batch that failed stays unchanged, with its number, because it may have been written after all.
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
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
  /** Milliseconds between flushes. */
  readonly flush: number
  /** Maximum rows, and maximum events, that wait while the history fails. */
  readonly buffer: number
  /** Called when the history begins to fail, and when it works again. */
  readonly tell: (event: History.Event) => void
  /** The number that `History.takeOver` gave to the hub of a fleet. By default, the hub reads no journal. */
  readonly keeper?: number | undefined
}

/**
 * Rows in one transaction, for which the event loop waits. With a journal, the batch that exceeds this number is written as a
 * whole.
 */
const mostAtOnce = 1000

/** Milliseconds from the first failure to the next attempt. The pause doubles each time, up to a minute. */
const firstPause = 5000
const longestPause = 60_000

/** Maximum time that a notice waits to be kept before it is reported anyway. */
const patience = "5 seconds"

/** Maximum time of the last flush. */
const lastWords = "5 seconds"

const nameOf = ({ device, property }: Pick<Recorder.Row, "device" | "property">): string => `${device}/${property}`

interface Batch {
  readonly places: ReadonlyArray<Place>
  readonly rows: ReadonlyArray<Recorder.Row>
  readonly events: ReadonlyArray<History.Event>
}

/** A batch of the hub of a fleet. */
interface Step extends Batch {
  readonly at: number
  readonly turns: ReadonlyArray<History.KeptTurn>
  readonly progress: History.Progress
}

/** The end of a batch of the journal. */
interface Mark {
  readonly position: number
  readonly standing: ReadonlyArray<History.Standing>
  /** Numbers of rows, events and turns before the mark since the start. */
  readonly rows: number
  readonly events: number
  readonly turns: number
}

/** A queue of elements, which also counts the elements removed before. */
class Line<A> {
  private all: Array<A> = []
  private gone = 0

  get length(): number {
    return this.all.length
  }

  /** Number of all elements since the start. */
  get count(): number {
    return this.gone + this.all.length
  }

  get waiting(): ReadonlyArray<A> {
    return this.all
  }

  push(one: A): void {
    this.all.push(one)
  }

  /** Takes the first elements, up to a number. */
  take(most: number): Array<A> {
    const some = this.all.splice(0, Math.max(0, most))
    this.gone += some.length
    return some
  }

  /** Number of waiting elements among the first ones since the start. */
  before(count: number): number {
    return Math.max(0, count - this.gone)
  }

  putBack(some: ReadonlyArray<A>): void {
    this.all = [...some, ...this.all]
    this.gone -= some.length
  }
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
  private readonly rows = new Line<Recorder.Row>()
  private readonly events = new Line<History.Event>()
  private readonly turns = new Line<History.KeptTurn>()
  /** Ends of batches of the journal that are not written yet. */
  private marks: Array<Mark> = []
  /** The batch that is being written. */
  private writing: Batch | undefined
  /** The batch of the hub of a fleet that is being written, or may have been written. */
  private step: Step | undefined
  /** Number of such batches. */
  private steps = 0
  /** The reason why this hub may no longer write, if so. */
  private superseded: HistoryError | undefined
  private readonly end = Deferred.makeUnsafe<never, HistoryError>()
  /** The first dropped row of each series. From there on, nothing is known. */
  private readonly dropped = new Map<string, Recorder.Row>()
  /** Number of rows dropped in the current failure of the history. */
  private lost = 0
  /** Number of rows dropped since the start. */
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

  /** The reason why nothing can be kept at present, if so. */
  get failing(): Api.Failing | undefined {
    return this.failure
  }

  /** Values that wait to be written. */
  get waitingCount(): number {
    return this.rows.length + ((this.writing ?? this.step)?.rows.length ?? 0)
  }

  /** Values dropped since the start. */
  get droppedCount(): number {
    return this.lostInAll
  }

  /** Sets the time between flushes, and the size of the buffer. */
  configure(options: Pick<Options, "flush" | "buffer">): void {
    this.options = { ...this.options, ...options }
    this.stirred.openUnsafe()
    if (this.rows.length > options.buffer || this.events.length > options.buffer) this.bound()
  }

  push({ events, rows }: Recorder.Taken): void {
    if (this.superseded !== undefined) return
    for (const row of rows) this.rows.push(row)
    for (const event of events) this.events.push(event)
    if (this.rows.length > this.options.buffer || this.events.length > this.options.buffer) this.bound()
  }

  /** Keeps a turn of a notice with `keepTurns`, or else with the next flush. */
  pushTurn(turn: Turn, tell: ReadonlyArray<string>): void {
    if (this.superseded !== undefined) return
    this.turns.push({ turn, tell })
    this.turns.take(this.turns.length - this.options.buffer)
  }

  /**
   * Marks that everything from the journal up to a position has been pushed, with new knowledge of servers at that position. Call
   * it in the same turn of the event loop as the pushes, so that no flush comes between.
   */
  reached(position: number, standing: ReadonlyArray<History.Standing> = []): void {
    if (this.superseded !== undefined) return
    const { events, rows, turns } = this
    const mark = { position, rows: rows.count, events: events.count, turns: turns.count }
    const last = this.marks.at(-1)
    // Most batches of a journal add nothing to the history.
    const isSame = last?.rows === mark.rows && last.events === mark.events && last.turns === mark.turns
    if (isSame) this.marks.pop()
    this.marks.push({ ...mark, standing: isSame ? merged([...last.standing, ...standing]) : standing })
  }

  /** Fails once another hub of the fleet has taken over. This hub must end then, and none of its further data is kept. */
  get fenced(): Effect.Effect<never, HistoryError> {
    return Deferred.await(this.end)
  }

  private readonly allTurns: Effect.Effect<void, HistoryError> = Effect.suspend(() => {
    const rest: Effect.Effect<void, HistoryError> = Effect.suspend(() => {
      const [next] = this.turns.waiting
      if (next === undefined) return Effect.void
      return Effect.andThen(
        Effect.tap(this.history.keepTurn(next), () =>
          Effect.sync(() => {
            if (this.turns.waiting[0] === next) this.turns.take(1)
          })),
        rest
      )
    })
    return rest
  }).pipe(this.turning.withPermit)

  /**
   * Keeps all turns at once; with a journal, together with everything before them. Turns that cannot be kept continue to wait. It
   * does not return once another hub has taken over, which reports them.
   */
  readonly keepTurns: Effect.Effect<void> = Effect.suspend(() =>
    this.options.keeper === undefined ? this.allTurns : this.flush
  ).pipe(
    Effect.timeoutOption(patience),
    Effect.matchCauseEffect({
      onSuccess: (done) =>
        Effect.sync(() => {
          if (done._tag === "None") this.onFailure(`notices could not be kept within ${patience}`)
        }),
      onFailure: (cause) =>
        Cause.hasInterruptsOnly(cause)
          ? Effect.interrupt
          : this.superseded !== undefined
          ? Effect.never
          : Effect.sync(() => this.onFailure(messageOf(cause)))
    })
  )

  /** Keeps a place with the next flush. */
  keep(place: Place): void {
    this.places.set(place.key, place)
  }

  /** Keeps a place at once, and discards its waiting changes. */
  readonly setPlace = (place: Place): Effect.Effect<void, HistoryError> =>
    this.turn.withPermit(
      Effect.tap(this.history.setPlace(place), () => Effect.sync(() => this.places.delete(place.key)))
    )

  /** Drops the oldest rows and events. From there on, nothing is known of a series until its next row that was not dropped. */
  private bound(): void {
    const { buffer } = this.options
    // A few more are dropped at once, so that not every row moves all others.
    const least = Math.max(0, this.rows.length - buffer)
    if (least > 0) {
      for (const row of this.rows.take(least + Math.floor(buffer / 20))) {
        if (row.value !== undefined) {
          this.lost++
          this.lostInAll++
        }
        if (!this.dropped.has(nameOf(row))) this.dropped.set(nameOf(row), row)
      }
    }
    this.events.take(this.events.length - buffer)
    this.joinMarks()
  }

  /** Joins the marks before the first one with waiting elements, so that there are never more marks than waiting elements. */
  private joinMarks(): void {
    const first = this.marks.findIndex((mark) => this.waitsFor(mark) > 0)
    const joined = this.marks.splice(0, first < 0 ? this.marks.length : first)
    const last = joined.at(-1)
    if (last !== undefined) {
      this.marks.unshift({
        ...last,
        standing: merged(joined.flatMap(({ standing }) => standing))
      })
    }
  }

  /** Number of rows, events or turns before a mark, whichever is greatest. */
  private waitsFor({ events, rows, turns }: Mark): number {
    return Math.max(this.rows.before(rows), this.events.before(events), this.turns.before(turns))
  }

  private get isEmpty(): boolean {
    return this.places.size === 0 && this.rows.length === 0 && this.events.length === 0 && this.dropped.size === 0
  }

  private get gaps(): ReadonlyArray<Recorder.Row> {
    return [...this.dropped.values()].map((row) => ({ ...row, value: undefined, verdict: "Plausible" as const }))
  }

  /** Everything that was recorded, and may not be written yet. */
  readonly waiting: Effect.Effect<History.Waiting> = Effect.sync(() => ({
    rows: [...this.gaps, ...(this.writing ?? this.step)?.rows ?? [], ...this.rows.waiting],
    events: [...(this.writing ?? this.step)?.events ?? [], ...this.events.waiting]
  }))

  private takeBatch(): Batch {
    const gaps = this.takeGaps()
    return {
      places: this.takePlaces(),
      rows: [...gaps, ...this.rows.take(mostAtOnce - gaps.length)],
      events: this.events.take(mostAtOnce)
    }
  }

  /** Takes everything that waits, or as many whole batches of the journal as fill one transaction. */
  private takeStep(keeper: number): Step {
    const { events, rows, turns } = this
    const enough = this.marks.findIndex((mark) => this.waitsFor(mark) >= mostAtOnce)
    const passed = this.marks.splice(0, enough < 0 ? this.marks.length : enough + 1)
    const last = passed.at(-1)
    const gaps = this.takeGaps()
    const step = {
      places: enough < 0 ? this.takePlaces() : [],
      rows: [...gaps, ...rows.take(enough < 0 || last === undefined ? rows.length : rows.before(last.rows))],
      events: events.take(enough < 0 || last === undefined ? events.length : events.before(last.events)),
      turns: turns.take(enough < 0 || last === undefined ? turns.length : turns.before(last.turns))
    }
    return {
      ...step,
      at: this.until(step.rows),
      progress: {
        keeper,
        turn: ++this.steps,
        position: last?.position,
        standing: merged(passed.flatMap(({ standing }) => standing))
      }
    }
  }

  private takeGaps(): ReadonlyArray<Recorder.Row> {
    const { gaps } = this
    this.dropped.clear()
    return gaps
  }

  private takePlaces(): ReadonlyArray<Place> {
    const places = [...this.places.values()]
    this.places = new Map()
    return places
  }

  private putBack({ events, places, rows }: Batch): void {
    this.places = new Map([...places.map((place) => [place.key, place] as const), ...this.places])
    this.rows.putBack(rows)
    this.events.putBack(events)
    this.push({ rows: [], events: [] })
  }

  /** Assigns rows to their series, and opens missing series. */
  private readonly ofSeries = Effect.fnUntraced(function*(
    this: Writer,
    rows: ReadonlyArray<Recorder.Row>
  ): Effect.fn.Return<ReadonlyArray<History.Row>, HistoryError> {
    const result: Array<History.Row> = []
    for (const row of rows) {
      const name = nameOf(row)
      let id = this.ids.get(name)
      if (id === undefined) {
        const { device, property, unit } = row
        id = (yield* this.history.open({ device, property, unit, since: row.at })).id
        this.ids.set(name, id)
      }
      result.push({ series: id, at: row.at, value: row.value, verdict: row.verdict })
    }
    return result
  })

  /**
   * The time up to which measuring is known to have continued. While more rows wait, nothing is known after those written now.
   */
  private until(rows: ReadonlyArray<Recorder.Row>): number {
    const at = this.rows.length === 0 ? this.clock.currentTimeMillisUnsafe() / 1000 : rows.at(-1)?.at ?? this.latest
    this.latest = Math.max(this.latest, at)
    return this.latest
  }

  private readonly write = Effect.fnUntraced(function*(
    this: Writer,
    { events, places, rows }: Batch
  ): Effect.fn.Return<void, HistoryError> {
    for (const place of places) yield* this.history.setPlace(place)
    const written = yield* this.ofSeries(rows)
    yield* this.history.append({ at: this.until(rows), rows: written, events })
  })

  /** Writes the batch that may have been written, or else the next one. */
  private readonly takeOneStep = (keeper: number): Effect.Effect<void, HistoryError> =>
    Effect.suspend(() => {
      if (this.superseded !== undefined) return Effect.fail(this.superseded)
      const step = this.step ??= this.takeStep(keeper)
      return Effect.flatMap(this.ofSeries(step.rows), (rows) => this.history.append({ ...step, rows })).pipe(
        Effect.tap(() =>
          Effect.sync(() => {
            this.step = undefined
            if (this.isEmpty && this.turns.length === 0) this.onSuccess()
          })
        ),
        Effect.tapError((error) => Effect.sync(() => this.onRefused(error)))
      )
    })

  private onRefused(error: HistoryError): void {
    if (error.reason !== "Superseded" || this.superseded !== undefined) return
    this.superseded = error
    this.failure = { since: this.clock.currentTimeMillisUnsafe() / 1000, message: error.message }
    this.step = undefined
    this.marks = []
    this.places.clear()
    this.dropped.clear()
    for (const line of [this.rows, this.events, this.turns]) line.take(line.length)
    Deferred.doneUnsafe(this.end, Exit.fail(error))
  }

  private readonly allSteps = (keeper: number): Effect.Effect<void, HistoryError> => {
    const rest: Effect.Effect<void, HistoryError> = Effect.suspend(() =>
      this.isEmpty && this.turns.length === 0 && this.marks.length === 0
        ? Effect.void
        : Effect.andThen(Effect.andThen(Effect.yieldNow, this.takeOneStep(keeper)), rest)
    )
    return Effect.andThen(this.takeOneStep(keeper), rest)
  }

  private readonly allBatches: Effect.Effect<void, HistoryError> = Effect.suspend(() => {
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
    ))
  )

  /** Writes everything that waits. Data that cannot be written continues to wait. */
  readonly flush: Effect.Effect<void, HistoryError> = Effect.suspend(() =>
    this.options.keeper === undefined ? this.allBatches : this.allSteps(this.options.keeper)
  ).pipe(this.turn.withPermit)

  /** Writes the remaining data when the hub ends, unless that takes too long, or another hub has taken over. */
  get last(): Effect.Effect<void> {
    if (this.superseded !== undefined) return Effect.void
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
    if (isNews) this.options.tell(EventText.historyFailed(at, message, this.options.buffer))
  }

  /** Flushes regularly while it runs, and more seldom while the history fails. */
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
          if (this.superseded !== undefined) return Effect.never
          failures = Math.min(failures + 1, 20)
          this.onFailure(messageOf(cause))
          return Cause.hasDies(cause) ? Effect.logError("The history has failed", cause) : Effect.void
        }
      })
    )
    return Effect.forever(round)
  })
}

/** The latest knowledge of each server. */
const merged = (all: ReadonlyArray<History.Standing>): ReadonlyArray<History.Standing> =>
  all.length < 2 ? all : [...new Map(all.map((one) => [one.server, one])).values()]

const messageOf = (cause: Cause.Cause<HistoryError>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}
