/**
 * The events of a network that is followed anew, as if it had been followed all along: what was known before is no news.
 */
import { type Device, type Follow, Place, type RomId, type Snapshot } from "@effect-ownet/core"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"

type Told = ReadonlyArray<Follow.Event>

/** Seconds from the answer of a server to the time at which all of its buses and alarms have been looked at. */
const settling = 15

/** Seconds that a device that was there may not be found before it has vanished: as long as `Follow.follow` waits. */
const grace = 120

/** A server, as it is known since it is followed anew. */
interface Server {
  foundAt: number | undefined
  isFailing: boolean
  isSettled: boolean
  readonly buses: Set<string>
}

/** A device where it is found now. */
interface Seen {
  readonly server: string
  readonly device: Device.AnyDevice
}

export class Continuation {
  private readonly before: Snapshot.Snapshot
  private readonly servers = new Map<string, Server>()
  /** Devices that were there and have not been found again. */
  private readonly missing: Map<RomId.RomId, Snapshot.DeviceState>
  private readonly seen = new Map<RomId.RomId, Seen>()
  /** Alarms that were told before, and have not been seen again. */
  private readonly alarms: Map<RomId.RomId, Snapshot.DeviceState>
  /** Outages that were told before, and may be over. */
  private readonly failing: Map<string, Date>
  private readonly failingBuses: Map<string, Map<string, Date>>
  private readonly begun: number

  constructor(before: Snapshot.Snapshot, now: number) {
    this.before = before
    this.begun = now
    this.missing = new Map(HashMap.entries(before.devices))
    this.alarms = new Map([...this.missing].filter(([, { alarm }]) => alarm !== undefined))
    const servers = [...before.servers.values()]
    this.failing = new Map(
      servers.flatMap(({ failing, name }) => failing === undefined ? [] : [[name, failing.since] as const])
    )
    this.failingBuses = new Map(
      servers.map(({ buses, name }) => [name, new Map([...buses].map(([bus, { since }]) => [bus, since] as const))])
    )
  }

  private server(name: string): Server {
    let server = this.servers.get(name)
    if (server === undefined) {
      server = { foundAt: undefined, isFailing: false, isSettled: false, buses: new Set() }
      this.servers.set(name, server)
    }
    return server
  }

  /** The events that one means, at a time in seconds. */
  take(event: Follow.Event, now: number): Told {
    switch (event._tag) {
      case "ServerAdded":
        this.server(event.server)
        return this.before.servers.has(event.server) ? [] : [event]
      case "Found": {
        const server = this.server(event.server)
        server.foundAt ??= now
        server.isFailing = false
        return [...this.recovered(event.server, event.at), event]
      }
      case "ServerFailed":
        this.server(event.server).isFailing = true
        return this.failing.has(event.server) ? [] : [event]
      case "ServerRecovered":
        this.server(event.server).isFailing = false
        return this.failing.has(event.server) ? this.recovered(event.server, event.at) : [event]
      case "ServerRemoved":
        this.servers.delete(event.server)
        this.failing.delete(event.server)
        this.failingBuses.delete(event.server)
        return [...this.gone(event.server, event.at), event]
      case "BusFailed":
        this.server(event.server).buses.add(event.bus)
        return this.failingBuses.get(event.server)?.has(event.bus) === true ? [] : [event]
      case "BusRecovered": {
        this.server(event.server).buses.delete(event.bus)
        const since = this.failingBuses.get(event.server)?.get(event.bus)
        this.failingBuses.get(event.server)?.delete(event.bus)
        return [since === undefined ? event : { ...event, since }]
      }
      case "Appeared": {
        const { device, server } = event
        this.seen.set(device.id, { device, server })
        return this.missing.delete(device.id) ? [] : [event]
      }
      case "Vanished":
        this.forget(event.device.id)
        return [event]
      case "Rerouted": {
        this.seen.set(event.device.id, event)
        // At first, the nearest way may not be the one that answers first.
        return this.isSettled(event.server) ? [event] : []
      }
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

  private isSettled(server: string): boolean {
    return this.servers.get(server)?.isSettled === true
  }

  private forget(id: RomId.RomId): void {
    this.missing.delete(id)
    this.seen.delete(id)
    this.alarms.delete(id)
  }

  private recovered(server: string, at: Date): Told {
    const since = this.failing.get(server)
    this.failing.delete(server)
    return since === undefined ? [] : [{ _tag: "ServerRecovered", server, at, since }]
  }

  /** Devices that only a server had that is gone. */
  private gone(server: string, at: Date): Told {
    return [...this.missing.values()].flatMap((state): Told => {
      if (state.server !== server) return []
      this.forget(state.device.id)
      return [{ _tag: "Vanished", server, device: state.device, at, lastSeen: lastSeenOf(state, at) }]
    })
  }

  /** The events that follow from the passing of time. */
  tick(now: number): Told {
    if (this.isOver) return []
    const at = new Date(now * 1000)
    const events: Array<Follow.Event> = []
    for (const [name, server] of this.servers) {
      if (!server.isSettled && server.foundAt !== undefined && now - server.foundAt >= settling) {
        server.isSettled = true
        events.push(...this.settle(name, server, at))
      }
    }
    if (now - this.begun >= grace) {
      // A server may have been removed just between the two.
      for (const name of this.before.servers.keys()) {
        if (this.servers.has(name) || !this.failingBuses.has(name)) continue
        this.failingBuses.delete(name)
        events.push(...this.gone(name, at), { _tag: "ServerRemoved", server: name, at })
      }
    }
    for (const state of this.missing.values()) {
      if (!this.isVanished(state, now)) continue
      const { device, server } = state
      this.forget(device.id)
      events.push({ _tag: "Vanished", server, device, at, lastSeen: lastSeenOf(state, at) })
    }
    return events
  }

  private isVanished({ device, server: name }: Snapshot.DeviceState, now: number): boolean {
    const server = this.servers.get(name)
    if (server?.foundAt === undefined || server.isFailing || now - server.foundAt < grace) return false
    return ![...server.buses].some((bus) =>
      Option.exists(Place.fromString(bus), (outer) => Place.contains(outer, device.place))
    )
  }

  /** What has changed of a server and its devices while the network was not followed. */
  private settle(name: string, server: Server, at: Date): Told {
    const events: Array<Follow.Event> = []
    for (const [bus, since] of this.failingBuses.get(name) ?? []) {
      if (!server.buses.has(bus)) events.push({ _tag: "BusRecovered", server: name, bus, at, since })
    }
    this.failingBuses.get(name)?.clear()
    for (const [id, now] of this.seen) {
      if (now.server !== name) continue
      this.seen.delete(id)
      const before = Option.getOrUndefined(HashMap.get(this.before.devices, id))
      if (before === undefined) continue
      events.push(...changesOf(before, now, at))
      if (this.alarms.delete(id)) {
        const since = before.alarm?.at ?? at
        events.push({ _tag: "Cleared", server: name, device: now.device, at, since })
      }
    }
    return events
  }

  /** Whether all that was known has been seen again, or told. */
  private get isOver(): boolean {
    return this.missing.size === 0 && this.seen.size === 0
      && [...this.failingBuses.values()].every(({ size }) => size === 0)
      && [...this.before.servers.keys()].every((name) => this.servers.has(name) || !this.failingBuses.has(name))
  }
}

const lastSeenOf = ({ properties, since }: Snapshot.DeviceState, now: Date): Date => {
  const times = [since, ...[...properties.values()].flatMap(({ reading }) => reading === undefined ? [] : [reading.at])]
  return new Date(Math.min(now.getTime(), Math.max(...times.map((at) => at.getTime()))))
}

const changesOf = (before: Snapshot.DeviceState, { device, server }: Seen, at: Date): Told => {
  if (before.server !== server) return [{ _tag: "Rerouted", server, device, at, from: before.server, cause: "Moved" }]
  const [from, to] = [Place.format(before.device.place), Place.format(device.place)]
  return [
    ...(from === to ? [] : [{ _tag: "Moved", server, device, at, from, to } as const]),
    ...(before.device.name === device.name
      ? []
      : [{ _tag: "Renamed", server, device, at, from: before.device.name, to: device.name } as const])
  ]
}
