/**
 * Runs the searches, rounds and alarms of one server, and turns their results into events.
 */
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import type * as Alarms from "../../monitor/Alarms.ts"
import type * as Arrivals from "../../monitor/Arrivals.ts"
import { AlarmSearch, type Rules as AlarmRules, type Searched } from "../../monitor/internal/AlarmSearch.ts"
import { isFinal, Outages } from "../../monitor/internal/Outages.ts"
import type { Pause, Pauses } from "../../monitor/internal/Pauses.ts"
import { PolledBus } from "../../monitor/internal/PolledBus.ts"
import * as Rounds from "../../monitor/internal/Rounds.ts"
import type * as Observation from "../../monitor/Observation.ts"
import type * as Outage from "../../monitor/Outage.ts"
import type * as RomId from "../../onewire/RomId.ts"
import type * as Follow from "../Follow.ts"
import { type Found, type Rules as SearchRules, TargetSearch } from "./TargetSearch.ts"

export interface Rules<out E, out R> extends SearchRules {
  readonly rounds: Rounds.Rounds<E, R>
  /** Milliseconds from one search to the next. `Infinity` if one answered search is enough. */
  readonly searchEvery: number
  readonly alarms: { readonly rules: AlarmRules; readonly every: Schedule.Schedule<unknown> } | undefined
}

/** An event of one server, which knows nothing of the others. */
export type ServerEvent =
  | Follow.Found
  | Observation.Observation
  | Arrivals.Event
  | Exclude<Alarms.Event, Outage.Outage>

/** A result of one of the fibers of a server. */
export type Told =
  | { readonly _tag: "Searched"; readonly found: Found }
  | { readonly _tag: "Seen"; readonly seen: Observation.Observation }
  | { readonly _tag: "Alarms"; readonly searched: Searched }
  /** A bus has completed all its rounds. */
  | { readonly _tag: "Over" }

/** The fibers that follow a server. */
export interface Fibers<in E, in R> {
  /** Starts a fiber. If it fails, the server is no longer followed. */
  readonly start: (effect: Effect.Effect<void, OwError.OwError | E, R>) => void
  /** Passes on a fiber's result, and waits until it is taken. */
  readonly tell: (told: Told) => Effect.Effect<void>
  /** Pauses between searches, and pauses between rounds. If both are due at the same time, the search comes first. */
  readonly rests: Pauses
  readonly pauses: Pauses
  /** Whether this server reads a device now. */
  readonly isRead: (id: RomId.RomId) => boolean
}

/** A device that is followed. */
interface Followed {
  device: Device.AnyDevice
  /** Names of the properties that are read. */
  properties: ReadonlyArray<string>
  /** Names of the properties that could not be read last time, if any. */
  failing: Set<string> | undefined
}

/** First pause in milliseconds after a search that was not answered, or not completely. It doubles up to the usual pause. */
const shortestPause = 5000

/** Longest such pause if only one answered search is needed. */
const longestPause = 60_000

export class Following<E, R> {
  private readonly rules: Rules<E, R>
  private readonly fibers: Fibers<E, R>
  private readonly search: TargetSearch
  private readonly alarms: AlarmSearch | undefined
  private readonly outages = new Outages()
  private readonly followed = new Map<RomId.RomId, Followed>()
  private readonly buses = new Map<string | undefined, PolledBus>()
  /** Number of buses with rounds to come. */
  private running = 0
  /** All alarms, including those of devices that are not followed yet: such a device may appear later. */
  private alarming: Map<RomId.RomId, Alarms.Raised> | undefined
  /** Messages of the last `Found`. `undefined` before the first answered search. */
  private missing: string | undefined
  /** The current pause between two searches, and whether the next or the current one can be skipped. */
  private pause: Pause | undefined
  private isWoken = false

  constructor(ow: OwClient.Client, rules: Rules<E, R>, fibers: Fibers<E, R>) {
    this.rules = rules
    this.fibers = fibers
    this.search = new TargetSearch(ow, rules, (id) => isSilent(this.followed.get(id)))
    this.alarms = rules.alarms && new AlarmSearch(ow, this.alarmRules(rules.alarms.rules))
  }

  /** Starts following. */
  start(): void {
    const { alarms, fibers, rules } = this
    fibers.start(this.searchAll)
    if (alarms === undefined || rules.alarms === undefined) return
    const tell = (searched: Searched) => fibers.tell({ _tag: "Alarms", searched })
    fibers.start(Rounds.repeat(
      Effect.andThen(
        Effect.flatMap(alarms.search, tell),
        // Re-arms a device after its alarm has been taken.
        Effect.flatMap(alarms.rearm, (events) => tell({ outages: () => [], events }))
      ),
      rules.alarms.every,
      (millis) => fibers.pauses.take(millis)
    ))
  }

  /** Reads a device at once, in addition to the rounds. */
  readNow(id: RomId.RomId): void {
    const followed = this.followed.get(id)
    if (followed === undefined) return
    const { device, properties } = followed
    const bus = this.buses.get(device.bus)
    if (bus !== undefined) this.readAlso(bus, properties.map((name) => propertyOf(device, name)))
  }

  /** Whether the rounds of all buses are over. */
  get isOver(): boolean {
    return this.buses.size > 0 && this.running === 0
  }

  private get searchAll(): Effect.Effect<void, OwError.OwError> {
    const { searchEvery } = this.rules
    const longest = searchEvery === Infinity ? longestPause : searchEvery
    let failures = 0
    let pause = 0
    let isLast = false
    const once = Effect.flatMap(this.search.next, (found) => {
      const { isAnswered, isFailing } = found.scan
      pause = isFailing ? Math.min(shortestPause * 2 ** failures++, longest) : searchEvery
      if (!isFailing) failures = 0
      isLast = searchEvery === Infinity && isAnswered
      return this.fibers.tell({ _tag: "Searched", found })
    })
    // No results are kept during the pause.
    const all: Effect.Effect<void, OwError.OwError> = Effect.flatMap(
      once,
      () => isLast ? Effect.void : Effect.flatMap(this.rest(pause), () => all)
    )
    return all
  }

  /** Waits for a number of milliseconds, or until the server is back. */
  private rest(millis: number): Effect.Effect<void> {
    return Effect.suspend(() => {
      const rest = this.isWoken ? Effect.void : this.fibers.rests.take(millis, (pause) => {
        this.pause = pause
      })
      return Effect.map(rest, () => {
        this.pause = undefined
        this.isWoken = false
      })
    })
  }

  /** Ends the pause between two searches. */
  private wake(): void {
    this.isWoken = true
    this.pause?.end()
  }

  /** Takes a result of one of the fibers. State changes only here, in the order of the results. */
  take(told: Told): ReadonlyArray<ServerEvent> {
    switch (told._tag) {
      case "Searched":
        return this.onSearched(told.found)
      case "Seen":
        return this.onSeen(told.seen)
      case "Alarms":
        return this.onAlarms(told.searched)
      case "Over":
        this.running--
        return []
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
    // A schedule also ends if there are no devices.
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
    const followed = this.followed.get(id) ?? { device, properties: none, failing: undefined }
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
        const alarm = this.alarming?.get(id)
        return alarm === undefined ? [event] : [event, { ...alarm, device }]
      }
      default:
        for (const name of followed.properties) this.busOf(device).add(propertyOf(device, name))
        return [event]
    }
  }

  /** Those of a device's properties that are not read yet. */
  private wanted(id: RomId.RomId, names: ReadonlyArray<string>): ReadonlyArray<Device.DeviceProperty> {
    const followed = this.followed.get(id)
    if (followed === undefined) return []
    const { device, properties } = followed
    const added = properties.length === 0 ? names : names.filter((name) => !properties.includes(name))
    // Most devices share the same list.
    if (added.length > 0) followed.properties = properties.length === 0 ? names : [...properties, ...added]
    return added.map((name) => propertyOf(device, name))
  }

  /** Starts reading properties. If their bus already has rounds, they do not wait for the next one. */
  private read(properties: ReadonlyArray<Device.DeviceProperty>): void {
    for (const [name, own] of byBus(properties)) {
      const running = this.buses.get(name)
      const bus = running ?? this.begin(name)
      for (const property of own) bus.add(property)
      if (running !== undefined) this.readAlso(running, own)
    }
  }

  private busOf({ bus }: Device.AnyDevice): PolledBus {
    return this.buses.get(bus) ?? this.begin(bus)
  }

  /** Starts the rounds of a bus. */
  private begin(name: string | undefined): PolledBus {
    const { rounds } = this.rules
    const bus = new PolledBus(rounds.bus, this.fibers.isRead)
    this.buses.set(name, bus)
    this.running++
    const rounded = bus.tellRounds(rounds.schedule, (millis) => this.fibers.pauses.take(millis), this.tellSeen)
    this.fibers.start(Effect.andThen(rounded, this.fibers.tell({ _tag: "Over" })))
    return bus
  }

  private readAlso(bus: PolledBus, properties: ReadonlyArray<Device.DeviceProperty>): void {
    this.fibers.start(bus.tellAlso(properties, this.tellSeen))
  }

  private readonly tellSeen = (seen: Observation.Observation): Effect.Effect<void, OwError.OwError> =>
    seen._tag === "Failed" && seen.error._tag !== "DeviceError" && isFinal(seen.error)
      ? Effect.fail(seen.error)
      : this.fibers.tell({ _tag: "Seen", seen })

  private onSeen(seen: Observation.Observation): ReadonlyArray<ServerEvent> {
    const followed = this.followed.get(seen.device.id)
    // The device vanished while it was read.
    if (followed === undefined) return []
    // The device may have been renamed while it was read.
    const { device, failing } = followed
    if (seen._tag === "Reading") {
      if (failing !== undefined && failing.delete(seen.property) && failing.size === 0) followed.failing = undefined
      return [...this.told(this.outages.answered(seen.at)), { ...seen, device }]
    }
    const { error } = seen
    if (error._tag === "DeviceError" || !OwError.isServerFailure(error)) {
      followed.failing = (failing ?? new Set()).add(seen.property)
      // A call that was refused before it was sent says nothing about the server.
      const recovered = error._tag === "ArgumentError" ? [] : this.outages.answered(seen.at)
      return [...this.told(recovered), { ...seen, device }]
    }
    return this.outages.unanswered(seen.at, error)
  }

  private onAlarms({ events, outages }: Searched): ReadonlyArray<ServerEvent> {
    return [
      ...this.told(outages(this.outages)),
      ...events.flatMap((event) => {
        const { id } = event.device
        if (event._tag === "Raised") this.alarming = (this.alarming ?? new Map()).set(id, event)
        else if (event._tag === "Cleared") this.alarming?.delete(id)
        const device = this.followed.get(id)?.device
        return device === undefined ? [] : [{ ...event, device }]
      })
    ]
  }

  /** The rules of an alarm search that only re-arms devices that are followed. */
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

  /** Outages that were not noticed by a search. If the server is back, devices are searched at once. */
  private told(outages: ReadonlyArray<Outage.Outage>): ReadonlyArray<Outage.Outage> {
    if (outages.some(({ _tag }) => _tag === "ServerRecovered")) this.wake()
    return this.endRests(outages)
  }

  /** Makes the next round read everything that failed because of an outage that is over. */
  private endRests(outages: ReadonlyArray<Outage.Outage>): ReadonlyArray<Outage.Outage> {
    for (const outage of outages) {
      if (outage._tag === "ServerRecovered") { for (const bus of this.buses.values()) bus.endRests() }
      else if (outage._tag === "BusRecovered") this.buses.get(outage.bus)?.endRests()
    }
    return outages
  }
}

const none: ReadonlyArray<string> = []

const isSilent = (followed: Followed | undefined): boolean =>
  followed !== undefined && followed.properties.length > 0 && followed.failing?.size === followed.properties.length

const byBus = (
  properties: ReadonlyArray<Device.DeviceProperty>
): ReadonlyMap<string | undefined, ReadonlyArray<Device.DeviceProperty>> => {
  const buses = new Map<string | undefined, Array<Device.DeviceProperty>>()
  for (const property of properties) {
    const { bus } = property.device
    const own = buses.get(bus)
    if (own === undefined) buses.set(bus, [property])
    else own.push(property)
  }
  return buses
}

// Any device can be treated as one of an unknown family.
const propertyOf = (device: Device.AnyDevice, name: string): Device.DeviceProperty =>
  (device as Device.Device).property(name)
