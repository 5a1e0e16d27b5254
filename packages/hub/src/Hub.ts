/**
 * The hub: follows a network once, keeps its history, and serves both to any number of readers.
 *
 * @since 0.1.0
 */
import { type Device, type Family, type Follow, Network, OwError, Printable, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as PubSub from "effect/PubSub"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type * as Api from "./Api.ts"
import * as Derived from "./Derived.ts"
import * as Fleet from "./Fleet.ts"
import * as History from "./History.ts"
import type { HistoryError } from "./HistoryError.ts"
import { Board } from "./internal/Board.ts"
import * as EventText from "./internal/EventText.ts"
import { Merge } from "./internal/fleet/Merge.ts"
import * as Moves from "./internal/fleet/Moves.ts"
import * as Followed from "./internal/Followed.ts"
import * as Broadcast from "./internal/hub/Broadcast.ts"
import * as HubSettings from "./internal/hub/HubSettings.ts"
import * as NoticeKeeping from "./internal/hub/NoticeKeeping.ts"
import * as PlaceEditing from "./internal/hub/PlaceEditing.ts"
import * as Parts from "./internal/Parts.ts"
import * as Permission from "./internal/Permission.ts"
import { Writer } from "./internal/Writer.ts"
import * as Journal from "./Journal.ts"
import type { Notice, Turn } from "./Notices.ts"
import type * as Places from "./Places.ts"
import * as Recorder from "./Recorder.ts"
import * as Rules from "./Rules.ts"
import * as ServerRegistry from "./ServerRegistry.ts"

/**
 * The hub refuses to write a property, either because writing is not allowed or because the address does not allow it.
 *
 * @category errors
 * @since 0.1.0
 */
export class WriteRefused extends Schema.TaggedError<WriteRefused>()("WriteRefused", {
  /** The device, as requested. */
  device: Schema.String,
  property: Schema.String,
  problem: Schema.String
}) {
  /** One line: the requested write, and why it is refused. */
  override get message(): string {
    return `write ${JSON.stringify(this.property)} of ${JSON.stringify(this.device)}: ${this.problem}; nothing was sent`
  }
}

/**
 * A hub.
 *
 * @category services
 * @since 0.1.0
 */
export class Hub extends Context.Service<Hub, {
  /** The whole current state. Answers immediately, even if the bus is slow. */
  readonly state: Effect.Effect<Api.State>
  /**
   * A `Snapshot` of the whole state first, then each `Change`, at most once a second. A slow reader gets another `Snapshot`. All
   * readers get the same object for a `Change`, so you can cache results that are computed from it.
   */
  readonly live: Stream.Stream<Api.Live>
  /**
   * Edits a place. Fields that are `undefined` stay as they are, and fields that are `null` are removed. The edit is written at
   * once. Returns the place after the edit, or `undefined` if there is no such place. Fails with an `ArgumentError` if limits
   * contradict each other.
   */
  readonly edit: (
    key: string,
    change: { readonly [K in keyof Omit<Places.Place, "device" | "key">]?: Places.Place[K] | null | undefined }
  ) => Effect.Effect<Places.Place | undefined, HistoryError | OwError.ArgumentError>
  /**
   * Assigns a device to a place, by its ROM id, for example after a sensor was replaced. The history of the device then belongs
   * to the place, too. The device that filled the place before has no place, and its values are no longer kept;
   * `fill(device, device)` gives it its own place back. Returns `undefined` if there is no such place, or if the device was never
   * seen. Fails with an `ArgumentError` if the place has a derived value.
   */
  readonly fill: (
    key: string,
    device: string
  ) => Effect.Effect<Places.Place | undefined, HistoryError | OwError.ArgumentError>
  /**
   * The open notices first, then each turn of a notice once it is written to the history, or after 5 seconds if it cannot be
   * written. A reader that lags behind by more than 1,000 turns misses the oldest.
   */
  readonly notices: Stream.Stream<Turn>
  /**
   * Acknowledges a notice. Returns `undefined` if no such notice is open. Fails only if the hub runs in another process that
   * cannot be reached.
   */
  readonly acknowledge: (id: string) => Effect.Effect<Notice | undefined, HistoryError>
  /**
   * Reports whether an outlet of the hub, such as a broker, can be reached. Takes its name and its problem, or `undefined` if it
   * works.
   */
  readonly report: (outlet: string, problem: string | undefined) => Effect.Effect<void>
  /** Removes an outlet that the hub no longer feeds. */
  readonly forget: (outlet: string) => Effect.Effect<void>
  /**
   * Each value once, as soon as it is read or derived. A reader that lags behind by more than 16,384 values misses the oldest.
   */
  readonly readings: Stream.Stream<Measured>
  /** Health of the hub itself, and the number of readings of each property. */
  readonly health: Effect.Effect<Health>
  /**
   * The problem, if only a restart of the hub helps: it no longer follows its network, or its own rounds are a minute late.
   * `undefined` while the hub works, even if its servers or its history fail.
   */
  readonly problem: Effect.Effect<string | undefined>
  /** Fails once another runner of the fleet has taken over the history. From then on, nothing that this hub reports is kept. */
  readonly ended: Effect.Effect<never, HistoryError>
  /**
   * Replaces the options. Options that are left out have their defaults. If this makes the hub follow the network again, no event
   * is repeated. If an option is invalid, it fails with an `ArgumentError`, and all options stay as they were.
   */
  readonly configure: (options: Options) => Effect.Effect<void, OwError.ArgumentError>
  /** The properties of a device, by its family code. Makes no call to the device. */
  readonly describe: (device: string) => Effect.Effect<Api.Described>
  /** Reads a property of a device past the server's cache. */
  readonly read: (device: string, property: string) => Effect.Effect<Answer, Device.Failure>
  /** Writes a property that may be written, then reads it back past the server's cache, and returns that value. */
  readonly write: (
    device: string,
    property: string,
    value: Family.Value
  ) => Effect.Effect<Answer, Device.Failure | WriteRefused>
}>()("@effect-ownet/hub/Hub") {}

/**
 * A value that was requested.
 *
 * @category models
 * @since 0.1.0
 */
export type Answer = Omit<Device.Reading, "_tag" | "device">

/**
 * A value that was just read, and the name that its place had at that time.
 *
 * @category models
 * @since 0.1.0
 */
export interface Measured {
  readonly place: Pick<Api.PlaceState, "bus" | "device" | "group" | "isHidden" | "key" | "server" | "title">
  readonly property: string
  readonly unit: string | undefined
  readonly reading: Api.Reading
}

/**
 * Health of a hub.
 *
 * @category models
 * @since 0.1.0
 */
export interface Health {
  /** Seconds since the hub started. */
  readonly uptime: number
  /** Resident memory of the process, in bytes. */
  readonly memory: number
  /** Values that wait to be written to the history. */
  readonly waiting: number
  /** Values dropped since the start, because the history could not be written for too long. */
  readonly dropped: number
  /** Readings and failures since the start. */
  readonly counts: ReadonlyArray<{
    /** The key of the place. */
    readonly place: string
    readonly property: string
    readonly readings: number
    readonly failures: number
  }>
}

/**
 * Settings of a place.
 *
 * @category models
 * @since 0.1.0
 */
export interface PlaceSettings extends Omit<Places.Place, "device" | "key"> {
  /** The device that fills the place, as soon as it is known. By default, the device that fills it now. */
  readonly device?: string | undefined
}

/**
 * Options of a hub.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Time from the start of one round of readings to the start of the next. Default 10 seconds. */
  readonly every?: Duration.Input | undefined
  /** Maximum time of a call, as in `Follow.follow`. By default, a call may last as long as the server keeps answering. */
  readonly timeout?: Duration.Input | undefined
  /**
   * Time between writes of the history, which is the most that a power cut can cost. Answers include values that are not written
   * yet. Default 1 minute, or 5 seconds in a fleet of several processes, because other runners answer from what is written.
   */
  readonly flush?: Duration.Input | undefined
  /** Maximum age of the history. Default 2 years. */
  readonly keep?: Duration.Input | undefined
  /**
   * Minimum difference between a number and the one kept before it, by the last part of the property's name, such as
   * `{ temperature: 0.1 }`. By default every change is kept, so the dead band is the resolution of the chip.
   */
  readonly deadBand?: Readonly<Record<string, number>> | undefined
  /**
   * Maximum number of values that wait while the history cannot be written. If there are more, the oldest are dropped. Default
   * 100,000.
   */
  readonly buffer?: number | undefined
  /** Name of the hub. Default `1-Wire`. */
  readonly title?: string | undefined
  /** A line for all pages, for example to say that the network is a simulated one. */
  readonly notice?: string | undefined
  /**
   * Properties that may be written, such as `PIO.*`, where `*` is any text without a slash; `PIO.*` includes the `PIO` of a chip
   * with one output. None by default. Aliases and settings of servers can never be written.
   */
  readonly allowWrite?: ReadonlyArray<string> | undefined
  /** Derived values, by the keys of their places. */
  readonly derived?: Readonly<Record<string, Derived.Definition>> | undefined
  /** Conditions that make notices. */
  readonly rules?: Rules.Settings | undefined
  /** Names of the channels through which a `Notifier` delivers each notice. None by default. */
  readonly tell?: ReadonlyArray<string> | undefined
  /**
   * Settings of places, by their keys. Each replaces all settings of that place in the history. If `configure` leaves a place
   * out, the place has its defaults again.
   */
  readonly places?: Readonly<Record<string, PlaceSettings>> | undefined
  /** Saves an edited place to the source of `places`, before it is written to the history. */
  readonly savePlace?: ((place: Places.Place) => Effect.Effect<void, HistoryError>) | undefined
  /** Options of the search for devices, as in `Follow.follow`. */
  readonly search?: Follow.Options["search"]
  /** Options of the alarm search, as in `Follow.follow`. Default `true`. */
  readonly alarms?: Follow.Options["alarms"]
}

const noneDerived: Readonly<Record<string, Derived.Definition>> = {}

/** Milliseconds between messages, and between looks at the clock. */
const messageEvery = 1000
const lookEvery = 10_000

/** Milliseconds without a message after which the hub counts as stuck. */
const longestPause = 60_000

/**
 * Seconds without a follower after which a server counts as failed. Longer than it takes to give the server to another runner.
 */
const longestUnfollowed = 20

/** Milliseconds between looks for servers without a follower. */
const followersEvery = 5000

/** Time between attempts to write what was read from a long journal. */
const relieveEvery = "1 second"

/** Maximum number of readings that a reader may lag behind: a round of a large house. */
const mostReadings = 16_384

const make = Effect.fnUntraced(function*(
  given: Options
): Effect.fn.Return<
  Hub["Service"],
  HistoryError | OwError.ArgumentError,
  | Fleet.Fleet
  | Journal.Journal
  | ServerRegistry.ServerRegistry
  | Network.Network
  | History.History
  | Scope.Scope
> {
  let options = given
  const journal = yield* Journal.Journal
  const { standing } = journal
  const flushedEvery = standing === undefined ? "1 minute" : "5 seconds"
  let settings = yield* HubSettings.of("Hub.layer", options, flushedEvery)
  yield* HubSettings.checkDerived("Hub.layer", options)
  const history = yield* History.History
  const network = yield* Network.Network
  const fleet = yield* Fleet.Fleet
  const registry = yield* ServerRegistry.ServerRegistry
  const clock = yield* Clock.Clock
  /** Time of the journal entry being read, while the hub catches up with the journal. */
  let readTime: number | undefined
  const now = (): number => readTime ?? clock.currentTimeMillisUnsafe() / 1000
  const startedAt = clock.monotonicTimeNanosUnsafe()

  // The takeover comes before any read: from here on, nobody else writes.
  const keeper = standing === undefined ? undefined : yield* history.takeOver
  const position = standing === undefined ? undefined : yield* history.position
  const series = yield* history.series
  const lastSeen = yield* history.lastSeen
  const [lastEvent] = yield* history.events({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1 })
  const kept = yield* history.places
  const places = kept.map((place) => {
    const own = settings.places[place.key]
    return own === undefined ? place : HubSettings.placed(place.key, own, place.device)
  })
  const before: Recorder.Before = {
    places,
    series,
    latest: yield* history.latest,
    lastSeen,
    lastEvent,
    goesOn: position === undefined ? undefined : fleet.runner
  }
  const board = new Board({
    get title() {
      return settings.title
    },
    get every() {
      return settings.every / 1000
    },
    get notice() {
      return settings.notice
    },
    isAllowed: (property) => settings.isAllowed(property),
    placeOf: (key) => HubSettings.placed(key, settings.places[key], key)
  }, before)
  const { buffer, flush } = settings
  const writer = new Writer(history, series, clock, { flush, buffer, keeper, tell: (event) => tell(event) })
  for (const [index, place] of places.entries()) if (!Equal.equals(place, kept[index])) writer.keep(place)
  yield* history.include(writer.waiting)
  const [recorder, begun] = Recorder.begin(before, now(), {
    placeOf: (device) => board.subject(device),
    isFleet: standing !== undefined,
    get deadBand() {
      return settings.deadBand
    }
  })
  const openNotices = yield* history.openNotices
  const rules = Rules.begin(openNotices, now(), {
    settings: () => settings.alarms === false ? { ...options.rules, alarms: false } : options.rules ?? {},
    placeOf: (device) => board.subject(device),
    places: () => board.subjects()
  })
  const definitions = () => options.derived ?? noneDerived
  const derived = Derived.begin({
    definitions,
    groupOf: (key) => board.place(key)?.group,
    titleOf: (key) => board.title(key)
  })
  const noticeKeeping = yield* NoticeKeeping.make(openNotices, board, writer)
  const tellTurns = (some: ReadonlyArray<Turn>): void => {
    for (const turn of some) {
      const event = EventText.ofTurn(turn, now())
      if (event !== undefined) tell(event)
      noticeKeeping.push(turn, options.tell ?? [])
    }
  }
  const showHistory = (): void => board.setHistoryFailing(writer.failing ?? behindOf(recorder))
  const keepTaken = (taken: Recorder.Taken): void => {
    writer.push(taken)
    // If measuring has stopped, derived values have stopped, too.
    for (const { at, device, property, unit, value, verdict } of taken.rows) {
      const place = value === undefined || verdict !== "Plausible" ? board.subject(device)?.key : undefined
      if (place !== undefined) Derived.take(derived, { place, property, unit, at, value: undefined })
    }
    board.tell(taken.events.map(shownEvent))
    showHistory()
  }
  const tell = (event: History.Event): void => keepTaken({ rows: [], events: [event] })
  const define = (): void => {
    const { ended, fresh } = board.define(definitions())
    for (const place of fresh) writer.keep(place)
    for (const key of ended) keepTaken(Recorder.leave(recorder, key, now()))
  }
  keepTaken(begun)
  define()
  // A first write shows whether the history can be written, before anybody relies on it.
  yield* writer.flush
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      // The hub of a fleet continues at another runner.
      if (keeper === undefined) tell({ at: now(), kind: "Stopped", text: "The hub has stopped" })
      return writer.last
    })
  )
  yield* Effect.forkScoped(writer.run)
  const keepNext = Effect.tap(noticeKeeping.keepNext, () => Effect.sync(showHistory))
  yield* Effect.forkScoped(Effect.forever(keepNext))

  const measured = yield* PubSub.sliding<Measured>(mostReadings)
  const tellMeasured = (some: ReadonlyArray<Measured>): void => {
    for (const one of some) PubSub.publishUnsafe(measured, one)
  }

  const take = (event: Follow.Event): void => {
    const place = board.take(event)
    if (place !== undefined) writer.keep(place)
    if (event._tag === "Reading") tellMeasured(board.measured(event))
    keepTaken(Recorder.take(recorder, event, now()))
    tellTurns(Rules.take(rules, event, now()))
    if (event._tag === "Reading") takeSources(event)
  }
  const takeSources = ({ at, device, property, unit, value, verdict }: Follow.Of<Device.Reading>): void => {
    const place = board.subject(RomId.format(device.id))?.key
    if (place === undefined) return
    for (const [name, part] of Parts.split(device, property, value)) {
      const found = Parts.kept(part)
      if (found === undefined) continue
      const isPlausible = verdict._tag === "Plausible"
      Derived.take(derived, {
        place,
        property: name,
        unit,
        at: at.getTime() / 1000,
        value: isPlausible ? found : undefined
      })
    }
  }
  const takeDerived = (): void => {
    define()
    for (const value of Derived.compute(derived, now())) {
      board.derive(value)
      keepTaken(Recorder.derive(recorder, value, now()))
      tellMeasured(board.measuredOf(value))
      tellTurns(Rules.derive(rules, value, now()))
    }
    tellTurns(Rules.tick(rules, now()))
  }
  const takeAll = (events: ReadonlyArray<Follow.Event>): void => {
    for (const event of events) take(event)
  }
  // In a single process, the followers learn from the hub in time for the next round.
  const isAlone = standing === undefined
  const merge = new Merge(Followed.targets, (id) => board.lastSeen(id), isAlone ? fleet.readNow : undefined)
  const isRead = isAlone ? (server: string, id: RomId.RomId) => merge.isRead(server, id) : undefined
  let ended: string | undefined
  /** Stops following, because the registry of servers has ended or failed. */
  const end = (cause: Cause.Cause<never>) => {
    if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
    const error = Cause.squash(cause)
    const message = `the hub no longer follows its network: ${error instanceof Error ? error.message : String(error)}`
    ended = message
    board.end({ since: now(), message })
    return Effect.logError(message)
  }
  const takeServers = (servers: ReadonlyArray<ServerRegistry.Registered>): ReadonlyArray<Follow.Event> =>
    merge.register(servers.map(({ server }) => server), now())
  if (standing !== undefined && position !== undefined) {
    for (const [server, text] of yield* history.standing) merge.restore(server, standing.decode(text), now())
    const servers = yield* registry.list
    for (const event of merge.resume(servers.map(({ server }) => server), now())) {
      const place = board.take(event)
      // A write of a long journal may have included the device but not its place.
      if (place !== undefined) writer.keep(place)
      Recorder.know(recorder, event)
      Rules.know(rules, event)
    }
    merge.takeChanged()
  }
  const last = standing === undefined ? 0 : yield* journal.last
  const isBehind = last > (position ?? 0)
  const isCaughtUp = Latch.makeUnsafe(!isBehind)
  let reached = position
  /** Queues the knowledge of servers, to be written together with the events that led to it. */
  const keepStanding = (): void => {
    if (standing === undefined || reached === undefined) return
    writer.reached(
      reached,
      merge.takeChanged().map(([server, known]) => ({ server, text: known && standing.encode(known) }))
    )
  }
  /** Takes events that come from elsewhere than the journal. */
  const takeMore = (events: ReadonlyArray<Follow.Event>): void => {
    takeAll(events)
    if (events.length > 0) keepStanding()
  }
  // Servers that were added or removed in the meantime come before everything in the journal.
  if (isBehind) readTime = lastSeen
  yield* Stream.runForEach(registry.changes, (servers) => Effect.sync(() => takeMore(takeServers(servers)))).pipe(
    Effect.andThen(Effect.die("it has been closed")),
    Effect.catchCause(end),
    Effect.forkScoped({ startImmediately: true })
  )
  const takeBatch = ({ at, events, position }: Journal.Batch): void => {
    // A batch that could not be written for a while may come after later ones.
    readTime = position <= last ? Math.max(at, readTime ?? at) : undefined
    // A hub that read the journal at once would have reported these in between.
    if (readTime !== undefined) takeAll(merge.tick(readTime))
    for (const seen of events) takeAll(merge.take(seen, now()))
    reached = position
    keepStanding()
    if (position < last) return
    readTime = undefined
    isCaughtUp.openUnsafe()
  }
  /** Writes the results of a long journal while it is read, so that none are dropped. */
  const relieve = Effect.suspend(() =>
    readTime === undefined || writer.waitingCount < settings.buffer / 10
      ? Effect.void
      : Effect.retry(writer.flush, {
        while: ({ reason }) => reason !== "Superseded",
        schedule: Schedule.spaced(relieveEvery)
      })
  )
  yield* Stream.runForEach(
    journal.batches(standing === undefined ? undefined : position ?? 0),
    (batch) => Effect.andThen(Effect.sync(() => takeBatch(batch)), Effect.ignore(relieve))
  ).pipe(Effect.forkScoped({ startImmediately: true }))
  yield* fleet.follow(HubSettings.followedBy(settings), isRead)
  yield* isCaughtUp.await
  const forget = Effect.flatMap(history.position, (position = 0) => journal.forget(position))
  if (standing !== undefined) {
    yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep("1 minute"), Effect.ignore(forget))))
  }

  const moves = new Moves.Moves(lastSeen ?? now())
  /** Looks for servers that have moved to another runner, or that nobody follows. */
  const lookForFollowers = Effect.gen(function*() {
    const where = yield* fleet.where
    const { runners, servers } = where
    board.setFleet(where)
    if (runners.length === 0) return
    for (const move of moves.take(where)) {
      tell({ at: now(), kind: "Handed", text: Printable.printable(Moves.textOf(move)) })
    }
    const lately = Math.max(...runners.map(({ seen }) => seen))
    for (const { runner, seen, server, site } of servers) {
      const silent = seen === undefined ? now() - (merge.heard(server) ?? now()) : lately - seen
      if (silent < longestUnfollowed) continue
      const who = site === undefined ? "no runner of the fleet" : `no runner of the site ${site}`
      const before = runner === undefined ? "" : `; ${runner} did before`
      takeMore(merge.miss(server, `${who} follows it${before}`, now()))
    }
  }).pipe(Effect.catchTag("HistoryError", () => Effect.void))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(lookForFollowers, Effect.sleep(followersEvery))))

  const look = Effect.sync(() => keepTaken(Recorder.tick(recorder, now())))
  const pause = Effect.suspend(() => Effect.sleep(Math.min(lookEvery, settings.flush)))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(pause, look)))
  const maintain = Effect.suspend(() => history.maintain({ now: now(), keep: settings.keep / 1000 })).pipe(
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause) ? Effect.interrupt : Effect.logWarning("The history could not be tidied up", cause)
    )
  )
  yield* Effect.forkScoped(
    Effect.andThen(Effect.sleep("1 minute"), Effect.forever(Effect.andThen(maintain, Effect.sleep("1 hour"))))
  )

  const broadcast = yield* Broadcast.make(board, now)
  const millis = (): number => Number(clock.monotonicTimeNanosUnsafe()) / 1e6
  let sentAt = millis()
  const send = Effect.suspend(() => {
    sentAt = millis()
    takeMore(merge.tick(now()))
    takeDerived()
    return broadcast.sendChange
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(messageEvery), send)))
  const editing = Semaphore.makeUnsafe(1)

  /** Saves the settings of a place to their source, if that is not the history. */
  const save = Effect.fnUntraced(function*(place: Places.Place): Effect.fn.Return<void, HistoryError> {
    if (options.savePlace === undefined) return
    yield* options.savePlace(place)
    const { device, key, ...own } = place
    const places = { ...settings.places, [key]: device === key ? own : { ...own, device } }
    options = { ...options, places }
    settings = { ...settings, places }
  })

  const { edit, fill, fillAll, forgetFailures } = PlaceEditing.make({
    board,
    history,
    writer,
    editing,
    now,
    save,
    settings: () => settings,
    leave: (device) => keepTaken(Recorder.leave(recorder, device, now())),
    tell
  })
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(messageEvery), fillAll)))

  const acknowledge: Hub["Service"]["acknowledge"] = (id) =>
    Effect.sync(() => {
      const known = rules.open.get(id)
      if (known === undefined || known.acknowledgedAt !== undefined) return known
      const turn = Rules.acknowledge(rules, id, now())
      if (turn !== undefined) tellTurns([turn])
      return turn?.notice
    })

  const report: Hub["Service"]["report"] = (outlet, problem) =>
    Effect.sync(() => {
      const event = board.setOutlet(outlet, problem, now())
      if (event !== undefined) tell(event)
    })

  const forgetOutlet: Hub["Service"]["forget"] = (outlet) => Effect.sync(() => board.removeOutlet(outlet))

  const health: Hub["Service"]["health"] = Effect.sync(() => ({
    uptime: Number(clock.monotonicTimeNanosUnsafe() - startedAt) / 1e9,
    memory: process.memoryUsage.rss(),
    waiting: writer.waitingCount,
    dropped: writer.droppedCount,
    counts: board.counts
  }))

  const problem: Hub["Service"]["problem"] = Effect.sync(() =>
    ended ?? (millis() - sentAt > longestPause ? "the hub has sent no changes for a minute" : undefined)
  )

  const configure: Hub["Service"]["configure"] = (next) =>
    Effect.gen(function*() {
      const last = settings
      yield* HubSettings.checkDerived("Hub.configure", next)
      const wanted = yield* HubSettings.of("Hub.configure", next, flushedEvery)
      options = next
      settings = wanted
      forgetFailures()
      for (const key of new Set([...Object.keys(last.places), ...Object.keys(settings.places)])) {
        const place = board.place(key)
        if (place === undefined) continue
        const edited = HubSettings.placed(key, settings.places[key], place.device)
        if (Equal.equals(place, edited)) continue
        writer.keep(edited)
        board.setPlace(edited)
      }
      if (last.flush !== settings.flush || last.buffer !== settings.buffer) writer.configure(settings)
      if (!Equal.equals(HubSettings.headOf(last), HubSettings.headOf(settings))) {
        // Waiting changes are sent first, because the snapshot already contains them.
        yield* send
        board.refresh()
        yield* broadcast.sendSnapshot
      }
      if (!Equal.equals(HubSettings.followedBy(last), HubSettings.followedBy(settings))) {
        yield* fleet.follow(HubSettings.followedBy(settings), isRead)
      }
    }).pipe(editing.withPermit, Effect.uninterruptible)

  const describe: Hub["Service"]["describe"] = (device) => Effect.sync(() => board.describe(device))

  /** Reads past the cache. A property that is followed is read in the same form, so that everybody sees the value. */
  const fresh = Effect.fnUntraced(function*(
    device: Device.Device,
    property: string
  ): Effect.fn.Return<Device.Reading, Device.Failure> {
    const followed = board.followed(device.id, property)
    const reading = yield* device.reading(followed?.name ?? property, {
      flags: { temperatureScale: "C", pressureScale: "mbar", uncached: true },
      timeout: settings.timeout,
      implausible: "readAgain"
    })
    if (followed === undefined) return reading
    take({ ...reading, device: followed.device, server: followed.server })
    const part = Parts.split(device, followed.name, reading.value).find(([name]) => name === property)
    return part === undefined ? reading : { ...reading, property, value: part[1] }
  })

  const read: Hub["Service"]["read"] = Effect.fnUntraced(function*(address, property) {
    const problem = Permission.problemOf(property)
    if (problem !== undefined) {
      return yield* new OwError.ArgumentError({ operation: "Hub.read", argument: "property", problem })
    }
    // An alias may be the same word.
    if (board.isDerived(address)) {
      return yield* new OwError.ArgumentError({
        operation: "Hub.read",
        argument: "device",
        problem: `${address} is a derived value: it has no device, and its value is in the state of the hub`
      })
    }
    return yield* fresh(yield* network.device(Catalogue.of, address), property)
  })

  const write: Hub["Service"]["write"] = Effect.fnUntraced(function*(address, property, value) {
    const id = Option.getOrUndefined(RomId.fromString(address))
    const problem = board.isDerived(address)
      ? "it is a derived value, which has no device"
      : id === undefined
      ? "a device can be written only by its ROM id"
      : Permission.problemOf(property) ??
        (settings.isAllowed(property) ? undefined : "this hub may not write it: allow_write does not name it")
    if (id === undefined || problem !== undefined) {
      return yield* new WriteRefused({ device: address, property, problem: problem ?? "" })
    }
    const device = yield* network.device(Catalogue.of, RomId.format(id))
    yield* device.write(property, value, { timeout: settings.timeout })
    const subject = board.subject(RomId.format(id)) ?? { key: RomId.format(id), title: RomId.format(id) }
    const written = (found: unknown) => tell(EventText.written(subject, property, now(), { wanted: value, found }))
    const reading = yield* Effect.tapError(fresh(device, property), () => Effect.sync(() => written(undefined)))
    written(reading.value)
    return reading
  })

  return {
    state: Effect.sync(() => board.state(now())),
    live: broadcast.live,
    edit,
    fill,
    notices: noticeKeeping.notices,
    acknowledge,
    report,
    forget: forgetOutlet,
    readings: Stream.fromPubSub(measured),
    health,
    problem,
    ended: writer.fenced,
    configure,
    describe,
    read,
    write
  }
})

const shownEvent = ({ at, bus, kind, place, property, server, text }: History.Event): Api.Event => ({
  at,
  kind,
  ...(place === undefined ? {} : { place }),
  ...(property === undefined ? {} : { property }),
  ...(server === undefined ? {} : { server }),
  ...(bus === undefined ? {} : { bus }),
  text
})

const behindOf = ({ behind, last }: Recorder.State): Api.Failing | undefined =>
  behind === undefined ? undefined : {
    since: behind,
    message: `the clock was set back, and no values are kept before ${new Date(last * 1000).toISOString()}`
  }

/**
 * Follows a network until the scope ends, and keeps its history. Fails if the history cannot be read or written at the start, or
 * if an option is invalid. Later failures are shown, and the hub tries again.
 *
 * **Details**
 *
 * - Places and devices are identified by printable ROM ids, such as `28.000028D70100`. Temperatures are in degrees Celsius, and
 *   pressures in millibar.
 * - The hub reads the main values, the inputs and the outputs of each device. Each element of an array is a separate property.
 * - While the history cannot be written, readings wait, and are still shown.
 *
 * **Example** (A hub without a page)
 *
 * ```ts
 * import { History, Hub } from "@effect-ownet/hub"
 * import { NodeNetwork } from "@effect-ownet/node"
 * import { Console, Effect, Layer, Stream } from "effect"
 *
 * const log = Hub.Hub.use((hub) => Stream.runForEach(hub.live, (message) => Console.log(message._tag)))
 *
 * const hub = Hub.layer({ every: "30 seconds" }).pipe(
 *   Layer.provide([NodeNetwork.layer({ servers: ["raspberrypi"] }), History.layerSqlite("house.sqlite")])
 * )
 *
 * const program = Effect.provide(log, hub)
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: Options = {}
): Layer.Layer<Hub, HistoryError | OwError.ArgumentError, Network.Network | History.History> =>
  Layer.provide(layerFleet(options), Fleet.layerSingle)

/**
 * A hub over a fleet: it takes the events of all followers. In a fleet of several processes, one process at a time runs it.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFleet = (
  options: Options = {}
): Layer.Layer<
  Hub,
  HistoryError | OwError.ArgumentError,
  Fleet.Fleet | Journal.Journal | ServerRegistry.ServerRegistry | Network.Network | History.History
> => Layer.effect(Hub, make(options))
