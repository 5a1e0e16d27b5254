/** The events of a server that is followed again, as if it had been followed all along. Known facts are not news. */
import { type Device, type Merged, Place, type RomId, type Snapshot } from "@effect-ownet/core"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"

type Told = ReadonlyArray<Merged.ServerEvent>

/** Seconds from the first answer of a server until all of its buses and alarms have been checked. */
const settling = 15

/** Seconds for which a device may be missing before it counts as vanished: as long as `Follow.follow` waits. */
const grace = 120

/** A known device that has been found again. */
interface Found {
  /** The device, as last reported. */
  readonly told: Device.AnyDevice
  /** The device, as it is now. */
  readonly device: Device.AnyDevice
  /** Time at which it was found, in seconds. */
  readonly at: number
}

export class Continuation {
  private readonly server: string
  private readonly lastSeenOf: (id: RomId.RomId) => Date | undefined
  /** Known devices that have not been found again. */
  private readonly missing: Map<RomId.RomId, Snapshot.DeviceState>
  /** Devices that have been found again, but whose names, places and alarms may not be known yet. */
  private readonly found = new Map<RomId.RomId, Found>()
  /** Alarms that were reported before, and have not been seen again. */
  private readonly alarms: Map<RomId.RomId, Snapshot.DeviceState>
  /** Outages that were reported before, and may be over. */
  private failingSince: Date | undefined
  private readonly failingBuses: Map<string, Date>
  /** The server, as known since it is followed again. */
  private foundAt: number | undefined
  private isFailing = false
  private isSettled = false
  private readonly buses = new Set<string>()

  constructor(server: string, before: Snapshot.Snapshot, lastSeenOf: (id: RomId.RomId) => Date | undefined) {
    this.server = server
    this.lastSeenOf = lastSeenOf
    this.missing = new Map(HashMap.entries(before.devices))
    this.alarms = new Map([...this.missing].filter(([, { alarm }]) => alarm !== undefined))
    const state = before.servers.get(server)
    this.failingSince = state?.failing?.since
    this.failingBuses = new Map(Array.from(state?.buses ?? [], ([bus, { since }]) => [bus, since] as const))
  }

  /** The events to report for an event, at a time in seconds. */
  take(event: Merged.ServerEvent, now: number): Told {
    switch (event._tag) {
      case "Found":
        this.foundAt ??= now
        this.isFailing = false
        return [...this.recovered(event.at), event]
      case "ServerFailed":
        this.isFailing = true
        return this.failingSince === undefined ? [event] : []
      case "ServerRecovered":
        this.isFailing = false
        return this.failingSince === undefined ? [event] : this.recovered(event.at)
      case "BusFailed":
        this.buses.add(event.bus)
        return this.failingBuses.has(event.bus) ? [] : [event]
      case "BusRecovered":
        this.buses.delete(event.bus)
        this.failingBuses.delete(event.bus)
        return [event]
      case "Appeared": {
        const { device } = event
        const before = this.missing.get(device.id)
        if (before === undefined) return [event]
        this.missing.delete(device.id)
        this.found.set(device.id, { told: before.device, device, at: now })
        return []
      }
      case "Vanished":
        this.forget(event.device.id)
        return [event]
      case "Moved":
      case "Renamed": {
        const { device } = event
        const found = this.found.get(device.id)
        if (found === undefined) return [event]
        this.found.set(device.id, { ...found, told: device, device })
        return [...changesOf(this.server, found.told, found.device, event.at), event]
      }
      case "Raised":
        return this.alarms.delete(event.device.id) ? [] : [event]
      default:
        return [event]
    }
  }

  private forget(id: RomId.RomId): void {
    this.missing.delete(id)
    this.found.delete(id)
    this.alarms.delete(id)
  }

  private recovered(at: Date): Told {
    const since = this.failingSince
    this.failingSince = undefined
    return since === undefined ? [] : [{ _tag: "ServerRecovered", server: this.server, at, since }]
  }

  /** The events that follow from the passing of time. */
  tick(now: number): Told {
    const { foundAt } = this
    if (foundAt === undefined || this.isOver) return []
    const at = dateOf(now)
    const events: Array<Merged.ServerEvent> = []
    if (!this.isSettled && now - foundAt >= settling) {
      this.isSettled = true
      events.push(...this.settleBuses(at))
    }
    for (const [id, found] of this.found) {
      if (now - Math.max(foundAt, found.at) >= settling) events.push(...this.settle(id, found, at))
    }
    for (const state of this.missing.values()) {
      if (!this.isVanished(state, now - foundAt)) continue
      const { device, since } = state
      this.forget(device.id)
      const lastSeen = new Date(Math.min(at.getTime(), (this.lastSeenOf(device.id) ?? since).getTime()))
      events.push({ _tag: "Vanished", server: this.server, device, at, lastSeen })
    }
    return events
  }

  private isVanished({ device }: Snapshot.DeviceState, waited: number): boolean {
    if (this.isFailing || waited < grace) return false
    return ![...this.buses].some((bus) =>
      Option.exists(Place.fromString(bus), (outer) => Place.contains(outer, device.place))
    )
  }

  /** Reports buses that have recovered while the server was not followed. */
  private settleBuses(at: Date): Told {
    const { server } = this
    const events: Array<Merged.ServerEvent> = []
    for (const [bus, since] of this.failingBuses) {
      if (!this.buses.has(bus)) events.push({ _tag: "BusRecovered", server, bus, at, since })
    }
    this.failingBuses.clear()
    return events
  }

  /** Reports changes of a device while its server was not followed. */
  private settle(id: RomId.RomId, { device, told }: Found, at: Date): Told {
    const { server } = this
    this.found.delete(id)
    const alarm = this.alarms.get(id)?.alarm
    this.alarms.delete(id)
    return [
      ...changesOf(server, told, device, at),
      ...(alarm === undefined ? [] : [{ _tag: "Cleared", server, device, at, since: alarm.at } as const])
    ]
  }

  /** Whether everything known has been seen again, or reported. */
  get isOver(): boolean {
    return this.missing.size === 0 && this.found.size === 0 && this.failingBuses.size === 0
      && this.failingSince === undefined
  }

  /**
   * The follower's own events, as far as later reports depend on them. A new continuation of everything reported so far continues
   * from here if it takes these events, each at its own time.
   */
  said({ devices, servers }: Snapshot.Snapshot): ReadonlyArray<Merged.ServerEvent> {
    const { server } = this
    const all = [...HashMap.values(devices)]
    const events: Array<Merged.ServerEvent> = []
    for (const { device } of all) {
      if (this.missing.has(device.id)) continue
      const found = this.found.get(device.id)
      events.push({ _tag: "Appeared", server, device: found?.device ?? device, at: dateOf(found?.at ?? 0) })
    }
    for (const { alarm, device } of all) {
      if (alarm !== undefined && !this.alarms.has(device.id)) events.push({ ...alarm, server, device })
    }
    if (this.foundAt !== undefined) {
      events.push({ _tag: "Found", server, at: dateOf(this.foundAt), properties: [], missing: [] })
    }
    const state = servers.get(server)
    for (const [bus, { error, since }] of state?.buses ?? []) {
      if (this.buses.has(bus)) events.push({ _tag: "BusFailed", server, bus, at: since, error })
    }
    if (this.isFailing && state?.failing !== undefined) {
      events.push({ _tag: "ServerFailed", server, at: state.failing.since, error: state.failing.error })
    }
    return events
  }
}

const dateOf = (seconds: number): Date => new Date(seconds * 1000)

const changesOf = (server: string, before: Device.AnyDevice, device: Device.AnyDevice, at: Date): Told => {
  const [from, to] = [Place.format(before.place), Place.format(device.place)]
  return [
    ...(from === to ? [] : [{ _tag: "Moved", server, device, at, from, to } as const]),
    ...(before.name === device.name
      ? []
      : [{ _tag: "Renamed", server, device, at, from: before.name, to: device.name } as const])
  ]
}
