/**
 * Searches for devices in alarm, and compares each search with the one before.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Checked from "../../client/internal/Checked.ts"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import * as Family from "../../device/Family.ts"
import { nameOf } from "../../device/internal/alias.ts"
import { deviceAt } from "../../device/internal/device.ts"
import { monotonicMillis } from "../../internal/clock.ts"
import { shownName } from "../../internal/printable.ts"
import * as OwPath from "../../onewire/OwPath.ts"
import * as Place from "../../onewire/Place.ts"
import * as RomId from "../../onewire/RomId.ts"
import type * as Alarms from "../Alarms.ts"
import type * as Outage from "../Outage.ts"
import * as Outages from "./Outages.ts"

const checked = Checked.of("Alarms.alarms")

export interface Rules {
  readonly call: OwClient.CallOptions
  readonly places: ReadonlyArray<Searchable> | undefined
  readonly absences: number
  /** In milliseconds. */
  readonly remindAfter: number
  readonly rearm: Alarms.Options["rearm"]
  readonly catalogue: Family.Lookup | undefined
  /** Whether the very first search may fail like any later one, instead of failing the whole stream. */
  readonly isPatient: boolean
}

/** A bus or a branch that is searched. */
export interface Searchable {
  /** Its name in outages. */
  readonly bus: string
  readonly path: OwPath.OwPath
}

export const searchable = (directory: string): Effect.Effect<Searchable, OwError.ArgumentError> => {
  const parsed = OwPath.parse(directory)
  if (Result.isFailure(parsed)) return checked.refuse("places", `has an invalid path: ${parsed.failure.message}`)
  const path = { ...parsed.success, uncached: false, unaliased: false, alarm: false }
  return path.device === undefined && path.own === undefined
    ? Effect.succeed({ bus: OwPath.format(path).slice(1), path })
    : checked.refuse("places", `must be buses and branches, not ${shownName(directory)}`)
}

type AlarmEvent = Alarms.Raised | Alarms.Reminded | Alarms.Cleared | Alarms.RearmFailed

/** The result of one search. */
export interface Searched {
  /** Reports outages that begin or end with this search. */
  readonly outages: (ledger: Outages.Outages) => ReadonlyArray<Outage.Outage>
  readonly events: ReadonlyArray<AlarmEvent>
}

interface Alarm {
  device: Device.AnyDevice
  place: Searchable
  readonly since: Date
  absences: number
  /** In milliseconds of the monotonic clock. */
  remindedAt: number
  /** Next time to re-arm it, on that clock, and the pause after that. */
  rearmAt: number
  pause: number
}

const shortestPause = 1000

const longestPause = 60_000

/**
 * Milliseconds for which the list of buses is cached. A server that has not listed its buses for a minute searches them all for
 * it.
 */
const busesLast = 300_000

export class AlarmSearch {
  /** The client of the devices, and the client of the searches. */
  private readonly ow: OwClient.Client
  private readonly searching: OwClient.Client
  private readonly rules: Rules
  private readonly alarms = new Map<RomId.RomId, Alarm>()
  /** Devices that the last search has found, until they are re-armed. */
  private found: ReadonlyMap<RomId.RomId, Searchable> = new Map()
  private buses: ReadonlyArray<Searchable> = []
  /** The places of the last search. */
  private searched: ReadonlyArray<Searchable> = []
  private busesUntil = -Infinity
  private isFirst = true
  /** Whether the server failed to answer the last search. */
  private isUnanswered = false

  constructor(ow: OwClient.Client, rules: Rules) {
    this.ow = ow
    this.searching = ow.with(rules.call)
    this.rules = rules
  }

  readonly search: Effect.Effect<Searched, OwError.OwError> = Effect.suspend(() =>
    Effect.matchEffect(this.places, {
      onFailure: (error) =>
        this.isEnd(error)
          ? Effect.fail(error)
          : Effect.map(DateTime.nowAsDate, (at) => {
            this.isUnanswered = true
            // A search without a result does not count as an absence.
            for (const alarm of this.alarms.values()) alarm.absences = 0
            return { outages: (ledger) => ledger.unanswered(at, error), events: [] }
          }),
      onSuccess: (places) => this.searchAll(places)
    })
  )

  /** The first search shows whether there is a server at all, unless it is waited for. A closed client stays closed. */
  private isEnd(error: OwError.OwError): boolean {
    return (this.isFirst && !this.rules.isPatient) || Outages.isFinal(error)
  }

  private get places(): Effect.Effect<ReadonlyArray<Searchable>, OwError.OwError> {
    const { places } = this.rules
    if (places !== undefined) return Effect.succeed(places)
    return Effect.flatMap(monotonic, (now) => {
      if (now < this.busesUntil && !this.isUnanswered) return Effect.succeed(this.buses)
      this.busesUntil = now + busesLast
      return Effect.matchEffect(busesOf(this.searching), {
        // If no bus works, a server does not list its buses.
        onFailure: (error) =>
          OwError.isServerFailure(error) || this.buses.length === 0 ? Effect.fail(error) : Effect.succeed(this.buses),
        onSuccess: (buses) => {
          this.buses = buses
          return Effect.succeed(buses)
        }
      })
    })
  }

  private searchAll(places: ReadonlyArray<Searchable>): Effect.Effect<Searched, OwError.OwError> {
    // A bus that was searched before, and is not searched now, is gone.
    const searched = new Set([...this.searched, ...places].map(({ bus }) => bus))
    this.searched = places
    return Effect.flatMap(
      Effect.forEach(places, (place) => Effect.result(searchAt(this.searching, place)), { concurrency: "unbounded" }),
      (results) => {
        const failures: Array<Outages.BusFailure> = []
        const found = new Map<RomId.RomId, Searchable>()
        for (const [index, result] of results.entries()) {
          const place = places[index]
          if (Result.isSuccess(result)) { for (const id of result.success) found.set(id, place) }
          else {
            failures.push({ bus: place.bus, error: result.failure })
            if (isAbsent(result.failure)) this.busesUntil = -Infinity
          }
        }
        const unanswered = failures.find(({ error }) => OwError.isServerFailure(error))
        if (unanswered !== undefined && this.isEnd(unanswered.error)) return Effect.fail(unanswered.error)
        this.isFirst = false
        this.isUnanswered = unanswered !== undefined
        this.found = found
        return this.compare(found, failures, searched)
      }
    )
  }

  private compare(
    found: ReadonlyMap<RomId.RomId, Searchable>,
    failures: ReadonlyArray<Outages.BusFailure>,
    searched: ReadonlySet<string>
  ): Effect.Effect<Searched> {
    const raised = [...found].filter(([id]) => !this.alarms.has(id))
    return Effect.zipWith(
      Effect.forEach(raised, ([id, place]) => this.named(id, place), { concurrency: "unbounded" }),
      Effect.all([DateTime.nowAsDate, monotonic]),
      (devices, [at, now]) => {
        const events: Array<AlarmEvent> = []
        for (const [id, alarm] of this.alarms) {
          const event = this.follow(id, alarm, found.get(id), failures, at, now)
          if (event !== undefined) events.push(event)
        }
        for (const [index, device] of devices.entries()) {
          this.alarms.set(device.id, {
            device,
            place: raised[index][1],
            since: at,
            absences: 0,
            remindedAt: now,
            rearmAt: now,
            pause: shortestPause
          })
          events.push({ _tag: "Raised", device, at })
        }
        return {
          outages: (ledger) => ledger.listed(at, failures, (bus) => searched.has(bus)),
          events
        }
      }
    )
  }

  private follow(
    id: RomId.RomId,
    alarm: Alarm,
    place: Searchable | undefined,
    failures: ReadonlyArray<Outages.BusFailure>,
    at: Date,
    now: number
  ): AlarmEvent | undefined {
    const { device, since } = alarm
    if (place !== undefined) {
      if (place.bus !== alarm.place.bus) {
        alarm.place = place
        alarm.device = this.deviceOf(id, place, device.name)
      }
      alarm.absences = 0
      if (now - alarm.remindedAt < this.rules.remindAfter) return undefined
      alarm.remindedAt = now
      return { _tag: "Reminded", device: alarm.device, at, since }
    }
    if (failures.some(({ bus }) => bus === alarm.place.bus)) {
      alarm.absences = 0
      return undefined
    }
    if (++alarm.absences < this.rules.absences) return undefined
    this.alarms.delete(id)
    return { _tag: "Cleared", device, at, since }
  }

  private deviceOf(id: RomId.RomId, { path }: Searchable, name: string): Device.AnyDevice {
    const family = this.rules.catalogue?.(RomId.familyCode(id)) ?? Option.none()
    return deviceAt(Option.getOrElse(family, () => Family.unknown), {
      id,
      path: OwPath.format({ ...path, bus: [], device: id }),
      place: Place.ofPath(path),
      name,
      ow: this.ow
    })
  }

  /** A device with its alias. The search returns none, so that no alias can be mistaken for that of another device. */
  private named(id: RomId.RomId, place: Searchable): Effect.Effect<Device.AnyDevice> {
    const device = this.deviceOf(id, place, RomId.format(id))
    return Effect.match(this.ow.readText(`${device.path}/alias`, { retry: false }), {
      onFailure: () => device,
      onSuccess: (alias) => this.deviceOf(id, place, nameOf(id, alias))
    })
  }

  /** Re-arms the devices that the last search has found, except those that were re-armed a short while ago. */
  readonly rearm: Effect.Effect<ReadonlyArray<AlarmEvent>> = Effect.suspend(() => {
    const { rearm } = this.rules
    const found = [...this.found.keys()]
    this.found = new Map()
    if (rearm === undefined) return Effect.succeed([])
    const failed: Array<AlarmEvent> = []
    let isAnswered = true
    const rearmed = Effect.forEach(found, (id) =>
      Effect.flatMap(monotonic, (now) => {
        const alarm = this.alarms.get(id)
        // After a failure of the server, no other device is re-armed.
        if (alarm === undefined || !isAnswered || now < alarm.rearmAt) return Effect.void
        alarm.rearmAt = now + alarm.pause
        alarm.pause = Math.min(2 * alarm.pause, longestPause)
        const { device } = alarm
        return Effect.catch(rearm(device), (error) => {
          isAnswered = !OwError.isServerFailure(error)
          return Effect.map(DateTime.nowAsDate, (at) => void failed.push({ _tag: "RearmFailed", device, at, error }))
        })
      }), { discard: true })
    return Effect.as(rearmed, failed)
  })
}

const monotonic: Effect.Effect<number> = Effect.map(Clock.Clock, monotonicMillis)

/** Whether a bus is gone. */
const isAbsent = (error: OwError.OwError): boolean => error._tag === "OwnetError" && error.reason._tag === "NotFound"

/** The ids of the devices that answer the alarm search. */
const searchAt = (
  ow: OwClient.Client,
  { path }: Searchable
): Effect.Effect<ReadonlyArray<RomId.RomId>, OwError.OwError> =>
  Effect.flatMap(
    ow.dir(OwPath.format({ ...path, unaliased: true, alarm: true }), { slash: false }),
    (entries) => Effect.map(Effect.forEach(entries, (entry) => idAt(ow, entry)), (ids) => ids.flatMap(Option.toArray))
  )

const idAt = (ow: OwClient.Client, entry: string): Effect.Effect<Option.Option<RomId.RomId>, OwError.OwError> => {
  const inspection = RomId.inspect(entry.slice(entry.lastIndexOf("/") + 1))
  switch (inspection._tag) {
    case "Good":
      return Effect.succeedSome(inspection.id)
    case "NoRomId":
      return ow.romId(entry)
    default:
      return Effect.succeedNone
  }
}

const busesOf = (ow: OwClient.Client): Effect.Effect<ReadonlyArray<Searchable>, OwError.OwError> =>
  Effect.flatMap(
    ow.dir("/", { bus: true, slash: false }),
    (entries) => Effect.forEach(entries.filter((entry) => /^\/bus\.\d+$/.test(entry)), searchable)
  )
