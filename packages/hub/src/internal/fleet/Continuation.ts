/**
 * The events of a server that is followed anew, as if it had been followed all along: what was known before is no news.
 */
import { type Device, type Merged, Place, type RomId, type Snapshot } from "@effect-ownet/core"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"

type Told = ReadonlyArray<Merged.ServerEvent>

/** Seconds from the answer of a server to the time at which all of its buses and alarms have been looked at. */
const settling = 15

/** Seconds that a device that was there may not be found before it has vanished: as long as `Follow.follow` waits. */
const grace = 120

export class Continuation {
  private readonly server: string
  private readonly before: Snapshot.Snapshot
  private readonly lastSeenOf: (id: RomId.RomId) => Date | undefined
  /** Devices that were there and have not been found again. */
  private readonly missing: Map<RomId.RomId, Snapshot.DeviceState>
  /** Devices that were there, where they are found now. */
  private readonly seen = new Map<RomId.RomId, Device.AnyDevice>()
  /** Alarms that were told before, and have not been seen again. */
  private readonly alarms: Map<RomId.RomId, Snapshot.DeviceState>
  /** Outages that were told before, and may be over. */
  private failingSince: Date | undefined
  private readonly failingBuses: Map<string, Date>
  /** The server, as it is known since it is followed anew. */
  private foundAt: number | undefined
  private isFailing = false
  private isSettled = false
  private readonly buses = new Set<string>()

  constructor(server: string, before: Snapshot.Snapshot, lastSeenOf: (id: RomId.RomId) => Date | undefined) {
    this.server = server
    this.before = before
    this.lastSeenOf = lastSeenOf
    this.missing = new Map(HashMap.entries(before.devices))
    this.alarms = new Map([...this.missing].filter(([, { alarm }]) => alarm !== undefined))
    const state = before.servers.get(server)
    this.failingSince = state?.failing?.since
    this.failingBuses = new Map(Array.from(state?.buses ?? [], ([bus, { since }]) => [bus, since] as const))
  }

  /** The events that an event stands for, at a time in seconds. */
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
      case "BusRecovered": {
        this.buses.delete(event.bus)
        const since = this.failingBuses.get(event.bus)
        this.failingBuses.delete(event.bus)
        return [since === undefined ? event : { ...event, since }]
      }
      case "Appeared":
        if (!this.missing.delete(event.device.id)) return [event]
        this.seen.set(event.device.id, event.device)
        return []
      case "Vanished":
        this.forget(event.device.id)
        return [event]
      case "Moved":
      case "Renamed":
        this.seen.delete(event.device.id)
        return [event]
      case "Raised":
        return this.alarms.delete(event.device.id) ? [] : [event]
      default:
        return [event]
    }
  }

  private forget(id: RomId.RomId): void {
    this.missing.delete(id)
    this.seen.delete(id)
    this.alarms.delete(id)
  }

  private recovered(at: Date): Told {
    const since = this.failingSince
    this.failingSince = undefined
    return since === undefined ? [] : [{ _tag: "ServerRecovered", server: this.server, at, since }]
  }

  /** The events that follow from the passing of time. */
  tick(now: number): Told {
    if (this.isOver) return []
    const at = new Date(now * 1000)
    const events: Array<Merged.ServerEvent> = []
    if (!this.isSettled && this.foundAt !== undefined && now - this.foundAt >= settling) {
      this.isSettled = true
      events.push(...this.settle(at))
    }
    for (const state of this.missing.values()) {
      if (!this.isVanished(state, now)) continue
      const { device, since } = state
      this.forget(device.id)
      const lastSeen = new Date(Math.min(at.getTime(), (this.lastSeenOf(device.id) ?? since).getTime()))
      events.push({ _tag: "Vanished", server: this.server, device, at, lastSeen })
    }
    return events
  }

  private isVanished({ device }: Snapshot.DeviceState, now: number): boolean {
    if (this.foundAt === undefined || this.isFailing || now - this.foundAt < grace) return false
    return ![...this.buses].some((bus) =>
      Option.exists(Place.fromString(bus), (outer) => Place.contains(outer, device.place))
    )
  }

  /** Changes of the server and its devices while it was not followed. */
  private settle(at: Date): Told {
    const { server } = this
    const events: Array<Merged.ServerEvent> = []
    for (const [bus, since] of this.failingBuses) {
      if (!this.buses.has(bus)) events.push({ _tag: "BusRecovered", server, bus, at, since })
    }
    this.failingBuses.clear()
    for (const [id, device] of this.seen) {
      const before = Option.getOrUndefined(HashMap.get(this.before.devices, id))
      if (before === undefined) continue
      events.push(...changesOf(server, before.device, device, at))
      if (this.alarms.delete(id)) {
        events.push({ _tag: "Cleared", server, device, at, since: before.alarm?.at ?? at })
      }
    }
    this.seen.clear()
    return events
  }

  /** Whether all that was known has been seen again, or told. */
  get isOver(): boolean {
    return this.missing.size === 0 && this.seen.size === 0 && this.failingBuses.size === 0
      && this.failingSince === undefined
  }
}

const changesOf = (server: string, before: Device.AnyDevice, device: Device.AnyDevice, at: Date): Told => {
  const [from, to] = [Place.format(before.place), Place.format(device.place)]
  return [
    ...(from === to ? [] : [{ _tag: "Moved", server, device, at, from, to } as const]),
    ...(before.name === device.name
      ? []
      : [{ _tag: "Renamed", server, device, at, from: before.name, to: device.name } as const])
  ]
}
