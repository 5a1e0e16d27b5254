/**
 * One client that is followed: its searches, rounds and alarms as one stream, and what is known of them when they are told.
 */
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import * as Device from "../../device/Device.ts"
import * as Family from "../../device/Family.ts"
import type * as RomId from "../../onewire/RomId.ts"
import type * as Alarms from "../Alarms.ts"
import type * as Arrivals from "../Arrivals.ts"
import type * as Follow from "../Follow.ts"
import type * as Observation from "../Observation.ts"
import type * as Outage from "../Outage.ts"
import { AlarmSearch, type Rules as AlarmRules, type Searched } from "./AlarmSearch.ts"
import { isFinal, Outages } from "./Outages.ts"
import { PolledBus } from "./PolledBus.ts"
import type * as Rounds from "./Rounds.ts"
import { type Found, type Rules as SearchRules, TargetSearch } from "./TargetSearch.ts"

export interface Rules<out E, out R> extends SearchRules {
  readonly rounds: Rounds.Rounds<E, R>
  /** Milliseconds from one search to the next. `Infinity` if one that is answered is enough. */
  readonly searchEvery: number
  readonly alarms: { readonly rules: AlarmRules; readonly every: Schedule.Schedule<unknown> } | undefined
}

/** What comes in. */
type Incoming =
  | { readonly _tag: "Searched"; readonly found: Found }
  | { readonly _tag: "Seen"; readonly seen: Observation.Observation }
  | { readonly _tag: "Alarms"; readonly searched: Searched }
  /** A bus has had all its rounds. */
  | { readonly _tag: "Over" }

/** A device that is followed. */
interface Followed {
  device: Device.AnyDevice
  /** The bus that reads it, once it is known which properties are wanted. */
  bus: PolledBus | undefined
  readonly properties: Set<string>
  /** Those that could not be read lastly. */
  readonly failing: Set<string>
}

/** The first pause after a search that was not answered, or not in full, in milliseconds. It doubles up to the usual one. */
const shortestPause = 5000

/** The longest such pause if nothing is to be searched again after that. */
const longestPause = 60_000

export class Following<E, R> {
  private readonly rules: Rules<E, R>
  private readonly search: TargetSearch
  private readonly alarms: AlarmSearch | undefined
  private readonly outages = new Outages()
  private readonly followed = new Map<RomId.RomId, Followed>()
  private readonly buses = new Map<string | undefined, PolledBus>()
  /** Alarms of devices that no search has found yet. */
  private readonly alarming = new Map<RomId.RomId, Alarms.Raised>()
  /** How many buses have rounds to come. */
  private reading = 0
  /** What was missing lastly, in words. Nothing before the first search that was answered. */
  private missing: string | undefined
  /** Whether the rounds of all buses are over. */
  private isOver = false
  /** Ends the pause between two searches. */
  private readonly wake = Latch.makeUnsafe(false)
  private readonly reads: Queue.Queue<Stream.Stream<Incoming, OwError.ArgumentError | E, R>>

  private constructor(
    ow: OwClient.Client,
    rules: Rules<E, R>,
    reads: Queue.Queue<Stream.Stream<Incoming, OwError.ArgumentError | E, R>>
  ) {
    this.rules = rules
    this.reads = reads
    this.search = new TargetSearch(ow, rules, (id) => isSilent(this.followed.get(id)))
    this.alarms = rules.alarms && new AlarmSearch(ow, rules.alarms.rules)
  }

  static stream<E, R>(ow: OwClient.Client, rules: Rules<E, R>): Stream.Stream<Follow.Event, OwError.OwError | E, R> {
    return Stream.unwrap(
      Effect.map(
        Queue.unbounded<Stream.Stream<Incoming, OwError.ArgumentError | E, R>>(),
        (reads) => new Following(ow, rules, reads).events
      )
    )
  }

  private get events(): Stream.Stream<Follow.Event, OwError.OwError | E, R> {
    return Stream.mergeAll<Incoming, OwError.OwError | E, R>(
      [
        this.searches,
        Stream.flatMap(Stream.fromQueue(this.reads), identity, { concurrency: "unbounded", bufferSize: 0 }),
        this.alarmSearches
      ],
      // Whatever waited in a buffer would be old when it is taken.
      { concurrency: "unbounded", bufferSize: 0 }
    ).pipe(
      // What is known changes here alone, in the order in which it is told.
      Stream.mapEffect((incoming) => this.take(incoming)),
      Stream.takeUntil(() => this.isOver),
      Stream.flattenIterable
    )
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

  /** Waits for so many milliseconds, or until the server is back. */
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
          // It is re-armed when the alarm has been taken.
          Stream.fromEffect(Effect.map(alarms.rearm, (events): Incoming => ({
            _tag: "Alarms",
            searched: { outages: () => [], events }
          })))
        )
      )
    )
  }

  private take(incoming: Incoming): Effect.Effect<ReadonlyArray<Follow.Event>, OwError.OwError> {
    switch (incoming._tag) {
      case "Searched":
        return Effect.sync(() => this.onSearched(incoming.found))
      case "Seen":
        return this.onSeen(incoming.seen)
      case "Alarms":
        return Effect.sync(() => this.onAlarms(incoming.searched))
      case "Over":
        return Effect.sync(() => {
          this.isOver = --this.reading === 0
          return []
        })
    }
  }

  private onSearched({ at, listed, missing, scan }: Found): ReadonlyArray<Follow.Event> {
    const outages = scan.outages(this.outages)
    const events = [...outages, ...scan.events.flatMap((event) => this.onPresence(event))]
    if (!scan.isAnswered) return events
    const isFirst = this.missing === undefined
    const properties = listed.flatMap(([id, names]) => this.read(id, names, isFirst))
    // A schedule that ends does so without devices, too.
    if (isFirst && this.buses.size === 0) this.begin(undefined)
    const lacks = missing.map(({ error }) => error.message).join("\n")
    const isNews = isFirst || properties.length > 0 || lacks !== this.missing
    this.missing = lacks
    return isNews ? [...events, { _tag: "Found", at, properties, missing }] : events
  }

  private onPresence(
    event: Arrivals.Appeared | Arrivals.Vanished | Arrivals.Moved | Arrivals.Renamed
  ): ReadonlyArray<Follow.Event> {
    const { device } = event
    const known = this.followed.get(device.id)
    if (event._tag === "Vanished") {
      known?.bus?.remove(device.id)
      this.followed.delete(device.id)
    } else if (known === undefined) {
      this.followed.set(device.id, { device, bus: undefined, properties: new Set(), failing: new Set() })
    } else {
      known.device = device
      known.bus?.remove(device.id)
      if (known.properties.size > 0) this.readBy(known)
    }
    const alarm = event._tag === "Appeared" ? this.alarming.get(device.id) : undefined
    return alarm === undefined ? [event] : [event, { ...alarm, device }]
  }

  /** Reads properties of a device from now on. */
  private read(
    id: RomId.RomId,
    names: ReadonlyArray<string>,
    isFirst: boolean
  ): ReadonlyArray<Device.DeviceProperty> {
    const followed = this.followed.get(id)
    if (followed === undefined) return []
    for (const name of names) followed.properties.add(name)
    if (names.length === 0) return []
    const isNew = !this.buses.has(followed.device.bus)
    const properties = this.readBy(followed)
    // A bus that has rounds already does not let a new device wait for the next one.
    if (!isFirst && !isNew && followed.bus !== undefined) this.start(followed.bus.also(properties))
    return properties
  }

  private readBy(followed: Followed): ReadonlyArray<Device.DeviceProperty> {
    const bus = this.buses.get(followed.device.bus) ?? this.begin(followed.device.bus)
    followed.bus = bus
    const properties = [...followed.properties].flatMap((name) =>
      // Any device is one of a family that nothing is known of.
      Device.is(Family.unknown)(followed.device) ? [followed.device.property(name)] : []
    )
    for (const property of properties) bus.add(property)
    return properties
  }

  /** Begins the rounds of a bus. */
  private begin(name: string | undefined): PolledBus {
    const { rounds } = this.rules
    const bus = new PolledBus(rounds.bus)
    this.buses.set(name, bus)
    this.reading++
    this.start(bus.rounds(rounds.schedule), Stream.succeed<Incoming>({ _tag: "Over" }))
    return bus
  }

  private start(
    observations: Stream.Stream<Observation.Observation, OwError.ArgumentError | E, R>,
    end: Stream.Stream<Incoming> = Stream.empty
  ): void {
    const seen = Stream.map(observations, (seen): Incoming => ({ _tag: "Seen", seen }))
    Queue.offerUnsafe(this.reads, Stream.concat(seen, end))
  }

  private onSeen(seen: Observation.Observation): Effect.Effect<ReadonlyArray<Follow.Event>, OwError.OwError> {
    const followed = this.followed.get(seen.device.id)
    // It has vanished while it was read.
    if (followed === undefined) return Effect.succeed([])
    if (seen._tag === "Reading") {
      followed.failing.delete(seen.property)
      return Effect.succeed([...this.told(this.outages.answered(seen.at)), seen])
    }
    const { error } = seen
    if (error._tag === "DeviceError" || !OwError.isServerFailure(error)) {
      followed.failing.add(seen.property)
      // What was not sent shows nothing.
      const recovered = error._tag === "ArgumentError" ? [] : this.outages.answered(seen.at)
      return Effect.succeed([...this.told(recovered), seen])
    }
    return isFinal(error) ? Effect.fail(error) : Effect.succeed(this.outages.unanswered(seen.at, error))
  }

  private onAlarms({ events, outages }: Searched): ReadonlyArray<Follow.Event> {
    return [
      ...this.told(outages(this.outages)),
      ...events.flatMap((event) => {
        const { id } = event.device
        const device = this.followed.get(id)?.device
        if (device === undefined && event._tag === "Raised") this.alarming.set(id, event)
        else this.alarming.delete(id)
        return device === undefined ? [] : [{ ...event, device }]
      })
    ]
  }

  /** Searches devices at once if the server is back. */
  private told(outages: ReadonlyArray<Outage.Outage>): ReadonlyArray<Outage.Outage> {
    if (outages.some(({ _tag }) => _tag === "ServerRecovered")) this.wake.openUnsafe()
    return outages
  }
}

const isSilent = (followed: Followed | undefined): boolean =>
  followed !== undefined && followed.properties.size > 0 && followed.failing.size === followed.properties.size
