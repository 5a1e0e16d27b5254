/**
 * The searches, rounds and alarms of one server as one stream of events.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import type * as Alarms from "../../monitor/Alarms.ts"
import type * as Arrivals from "../../monitor/Arrivals.ts"
import { AlarmSearch, type Rules as AlarmRules, type Searched } from "../../monitor/internal/AlarmSearch.ts"
import { isFinal, Outages } from "../../monitor/internal/Outages.ts"
import { PolledBus } from "../../monitor/internal/PolledBus.ts"
import type * as Rounds from "../../monitor/internal/Rounds.ts"
import type * as Observation from "../../monitor/Observation.ts"
import type * as Outage from "../../monitor/Outage.ts"
import type * as RomId from "../../onewire/RomId.ts"
import type * as Follow from "../Follow.ts"
import { type Found, type Rules as SearchRules, TargetSearch } from "./TargetSearch.ts"

export interface Rules<out E, out R> extends SearchRules {
  readonly rounds: Rounds.Rounds<E, R>
  /** Milliseconds from one search to the next. `Infinity` if one that is answered is enough. */
  readonly searchEvery: number
  readonly alarms: { readonly rules: AlarmRules; readonly every: Schedule.Schedule<unknown> } | undefined
}

/** An event of one server, which does not know of the others. */
export type ServerEvent =
  | Follow.Found
  | Observation.Observation
  | Arrivals.Event
  | Exclude<Alarms.Event, Outage.Outage>

/** An element of one of the streams that are followed. */
type Incoming =
  | { readonly _tag: "Searched"; readonly found: Found }
  | { readonly _tag: "Seen"; readonly seen: Observation.Observation }
  | { readonly _tag: "Alarms"; readonly searched: Searched }
  /** A bus has had all its rounds. */
  | { readonly _tag: "Over" }

/** A device that is followed. */
interface Followed {
  device: Device.AnyDevice
  /** Names of the properties that are read. */
  readonly properties: Set<string>
  /** Names of those that could not be read last time. */
  readonly failing: Set<string>
}

/** The first pause after a search that was not answered, or not in full, in milliseconds. It doubles up to the usual one. */
const shortestPause = 5000

/** The longest such pause if the first search that is answered is the last one. */
const longestPause = 60_000

/** The streams that are followed, of which more may come. */
type Sources<E, R> = Queue.Queue<Stream.Stream<Incoming, OwError.OwError | E, R>>

export class Following<E, R> {
  private readonly rules: Rules<E, R>
  private readonly sources: Sources<E, R>
  private readonly search: TargetSearch
  private readonly alarms: AlarmSearch | undefined
  private readonly outages = new Outages()
  private readonly followed = new Map<RomId.RomId, Followed>()
  private readonly buses = new Map<string | undefined, PolledBus>()
  /** Number of buses that have rounds to come. */
  private running = 0
  /** All alarms, also those of devices that are not followed: such a device may appear later. */
  private readonly alarming = new Map<RomId.RomId, Alarms.Raised>()
  /** Messages of the last `Found`. `undefined` before the first search that was answered. */
  private missing: string | undefined
  /** Ends the pause between two searches. */
  private readonly wake = Latch.makeUnsafe(false)

  private constructor(ow: OwClient.Client, rules: Rules<E, R>, sources: Sources<E, R>) {
    this.rules = rules
    this.sources = sources
    this.search = new TargetSearch(ow, rules, (id) => isSilent(this.followed.get(id)))
    this.alarms = rules.alarms && new AlarmSearch(ow, this.alarmRules(rules.alarms.rules))
  }

  static make<E, R>(ow: OwClient.Client, rules: Rules<E, R>): Effect.Effect<Following<E, R>> {
    return Effect.map(
      Queue.unbounded<Stream.Stream<Incoming, OwError.OwError | E, R>>(),
      (sources) => new Following(ow, rules, sources)
    )
  }

  /** Reads a device at once, beside the rounds. */
  readNow(id: RomId.RomId): void {
    const followed = this.followed.get(id)
    if (followed === undefined) return
    const { device, properties } = followed
    const bus = this.buses.get(device.bus)
    if (bus !== undefined) this.start(bus.also([...properties].map((name) => propertyOf(device, name))))
  }

  get events(): Stream.Stream<ServerEvent, OwError.OwError | E, R> {
    Queue.offerAllUnsafe(this.sources, [this.searches, this.alarmSearches])
    return Stream.fromQueue(this.sources).pipe(
      // Without a buffer, one element of each source waits at most. All sources are merged at once, so that what came first is told
      // first.
      Stream.flatMap((source) => source, { concurrency: "unbounded", bufferSize: 0 }),
      // State changes only here, in the order of the events.
      Stream.mapEffect((incoming) => this.take(incoming)),
      Stream.takeUntil(() => this.isOver),
      Stream.flattenIterable
    )
  }

  /** Whether the rounds of all buses are over. */
  private get isOver(): boolean {
    return this.buses.size > 0 && this.running === 0
  }

  private get searches(): Stream.Stream<Incoming, OwError.OwError> {
    const { searchEvery } = this.rules
    const longest = searchEvery === Infinity ? longestPause : searchEvery
    let pause = 0
    let failures = 0
    return Stream.paginate(undefined, () =>
      Effect.map(
        Effect.andThen(this.rest(pause), this.search.next),
        (found) => {
          const { isAnswered, isFailing } = found.scan
          pause = isFailing ? Math.min(shortestPause * 2 ** failures++, longest) : searchEvery
          if (!isFailing) failures = 0
          const isLast = searchEvery === Infinity && isAnswered
          return [[{ _tag: "Searched", found }], isLast ? Option.none() : Option.some(undefined)] as const
        }
      ))
  }

  /** Waits for a number of milliseconds, or until the server is back. */
  private rest(millis: number): Effect.Effect<void> {
    if (millis === 0) return Effect.void
    return Effect.timeoutOrElse(this.wake.await, { duration: millis, orElse: () => Effect.void }).pipe(
      Effect.ensuring(Effect.sync(() => this.wake.closeUnsafe()))
    )
  }

  private get alarmSearches(): Stream.Stream<Incoming, OwError.OwError> {
    const { alarms, rules } = this
    if (alarms === undefined || rules.alarms === undefined) return Stream.empty
    return Stream.fromEffectSchedule(alarms.search, rules.alarms.every).pipe(
      Stream.flatMap((searched) =>
        Stream.concat(
          Stream.succeed<Incoming>({ _tag: "Alarms", searched }),
          // A device is re-armed once its alarm has been told.
          Stream.fromEffect(Effect.map(alarms.rearm, (events): Incoming => ({
            _tag: "Alarms",
            searched: { outages: () => [], events }
          })))
        )
      )
    )
  }

  private take(incoming: Incoming): Effect.Effect<ReadonlyArray<ServerEvent>, OwError.OwError> {
    switch (incoming._tag) {
      case "Searched":
        return Effect.sync(() => this.onSearched(incoming.found))
      case "Seen":
        return this.onSeen(incoming.seen)
      case "Alarms":
        return Effect.sync(() => this.onAlarms(incoming.searched))
      case "Over":
        return Effect.sync(() => {
          this.running--
          return []
        })
    }
  }

  private onSearched({ at, listed, missing, scan }: Found): ReadonlyArray<ServerEvent> {
    const events = [
      ...this.endRests(scan.outages(this.outages)),
      ...scan.events.flatMap((event) => this.onPresence(event))
    ]
    if (!scan.isAnswered) return events
    const properties = listed.flatMap(([id, names]) => this.wanted(id, names))
    this.read(properties)
    // A schedule that ends does so without devices, too.
    if (this.buses.size === 0) this.begin(undefined)
    const messages = missing.map(({ error }) => error.message).join("\n")
    const isNews = properties.length > 0 || messages !== this.missing
    this.missing = messages
    return isNews ? [...events, { _tag: "Found", at, properties, missing }] : events
  }

  private onPresence(
    event: Arrivals.Appeared | Arrivals.Vanished | Arrivals.Moved | Arrivals.Renamed
  ): ReadonlyArray<ServerEvent> {
    const { device } = event
    const { id } = device
    const followed = this.followed.get(id) ?? { device, properties: new Set(), failing: new Set() }
    const before = this.buses.get(followed.device.bus)
    const after = event._tag === "Vanished" ? undefined : this.buses.get(device.bus)
    if (before !== after) { for (const name of followed.properties) before?.remove(id, name) }
    followed.device = device
    switch (event._tag) {
      case "Vanished":
        this.followed.delete(id)
        return [event]
      case "Appeared": {
        this.followed.set(id, followed)
        const alarm = this.alarming.get(id)
        return alarm === undefined ? [event] : [event, { ...alarm, device }]
      }
      default:
        for (const name of followed.properties) this.busOf(device).add(propertyOf(device, name))
        return [event]
    }
  }

  /** The properties among some of a device that are not read yet. */
  private wanted(id: RomId.RomId, names: ReadonlyArray<string>): ReadonlyArray<Device.DeviceProperty> {
    const followed = this.followed.get(id)
    if (followed === undefined) return []
    const added = names.filter((name) => !followed.properties.has(name))
    for (const name of added) followed.properties.add(name)
    return added.map((name) => propertyOf(followed.device, name))
  }

  /** Reads properties from now on. A bus that has rounds already does not let them wait for the next one. */
  private read(properties: ReadonlyArray<Device.DeviceProperty>): void {
    for (const name of new Set(properties.map(({ device }) => device.bus))) {
      const own = properties.filter(({ device }) => device.bus === name)
      const running = this.buses.get(name)
      const bus = running ?? this.begin(name)
      for (const property of own) bus.add(property)
      if (running !== undefined) this.start(running.also(own))
    }
  }

  private busOf({ bus }: Device.AnyDevice): PolledBus {
    return this.buses.get(bus) ?? this.begin(bus)
  }

  /** Begins the rounds of a bus. */
  private begin(name: string | undefined): PolledBus {
    const { rounds } = this.rules
    const bus = new PolledBus(rounds.bus)
    this.buses.set(name, bus)
    this.running++
    this.start(bus.rounds(rounds.schedule), Stream.succeed<Incoming>({ _tag: "Over" }))
    return bus
  }

  private start(
    observations: Stream.Stream<Observation.Observation, OwError.ArgumentError | E, R>,
    end: Stream.Stream<Incoming> = Stream.empty
  ): void {
    const seen = Stream.map(observations, (seen): Incoming => ({ _tag: "Seen", seen }))
    Queue.offerUnsafe(this.sources, Stream.concat(seen, end))
  }

  private onSeen(seen: Observation.Observation): Effect.Effect<ReadonlyArray<ServerEvent>, OwError.OwError> {
    const followed = this.followed.get(seen.device.id)
    // It has vanished while it was read.
    if (followed === undefined) return Effect.succeed([])
    // It may have been renamed while it was read.
    const { device } = followed
    if (seen._tag === "Reading") {
      followed.failing.delete(seen.property)
      return Effect.succeed([...this.told(this.outages.answered(seen.at)), { ...seen, device }])
    }
    const { error } = seen
    if (error._tag === "DeviceError" || !OwError.isServerFailure(error)) {
      followed.failing.add(seen.property)
      // A call that was refused before it was sent says nothing of the server.
      const recovered = error._tag === "ArgumentError" ? [] : this.outages.answered(seen.at)
      return Effect.succeed([...this.told(recovered), { ...seen, device }])
    }
    return isFinal(error) ? Effect.fail(error) : Effect.succeed(this.outages.unanswered(seen.at, error))
  }

  private onAlarms({ events, outages }: Searched): ReadonlyArray<ServerEvent> {
    return [
      ...this.told(outages(this.outages)),
      ...events.flatMap((event) => {
        const { id } = event.device
        if (event._tag === "Raised") this.alarming.set(id, event)
        else if (event._tag === "Cleared") this.alarming.delete(id)
        const device = this.followed.get(id)?.device
        return device === undefined ? [] : [{ ...event, device }]
      })
    ]
  }

  /** The rules of an alarm search that re-arms only what is followed. */
  private alarmRules(rules: AlarmRules): AlarmRules {
    const { rearm } = rules
    return {
      ...rules,
      rearm: rearm && (({ id }) => {
        const followed = this.followed.get(id)
        return followed === undefined ? Effect.void : rearm(followed.device)
      })
    }
  }

  /** Outages that were not met by a search: devices are searched at once if the server is back. */
  private told(outages: ReadonlyArray<Outage.Outage>): ReadonlyArray<Outage.Outage> {
    if (outages.some(({ _tag }) => _tag === "ServerRecovered")) this.wake.openUnsafe()
    return this.endRests(outages)
  }

  /** Has everything read in the next round that failed by an outage that is over. */
  private endRests(outages: ReadonlyArray<Outage.Outage>): ReadonlyArray<Outage.Outage> {
    for (const outage of outages) {
      if (outage._tag === "ServerRecovered") { for (const bus of this.buses.values()) bus.endRests() }
      else if (outage._tag === "BusRecovered") this.buses.get(outage.bus)?.endRests()
    }
    return outages
  }
}

const isSilent = (followed: Followed | undefined): boolean =>
  followed !== undefined && followed.properties.size > 0 && followed.failing.size === followed.properties.size

// Any device is one of a family that nothing is known of.
const propertyOf = (device: Device.AnyDevice, name: string): Device.DeviceProperty =>
  (device as Device.Device).property(name)
