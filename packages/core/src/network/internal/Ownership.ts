/**
 * Chooses the server that reads each device: the nearest of those that show it and work.
 */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as OwError from "../../client/OwError.ts"
import type * as Device from "../../device/Device.ts"
import type * as Alarms from "../../monitor/Alarms.ts"
import type * as Outage from "../../monitor/Outage.ts"
import * as OwPath from "../../onewire/OwPath.ts"
import type * as RomId from "../../onewire/RomId.ts"
import type * as Follow from "../Follow.ts"
import { ambiguous } from "./ambiguous.ts"
import { isNearer } from "./Directory.ts"
import type { ServerEvent } from "./Following.ts"

/** A device as one server shows it. */
interface Way {
  readonly server: string
  device: Device.AnyDevice
  /** Whether the last read on this server failed. */
  isFailing: boolean
  alarm: Alarms.Raised | undefined
}

/** A device that at least one server shows. */
interface Known {
  /** The way whose server reads the device and whose events are reported. */
  owner: Way
  /** All ways, in the order in which they appeared. `undefined` if the owner has always been the only one. */
  ways: Array<Way> | undefined
  /** Whether its events are held back, because its alias also leads to another device. */
  isHidden: boolean
}

/** The state of one server. */
interface Seen {
  isFailing: boolean
  /** Targets that are missing there. `undefined` before it has answered a search. */
  missing: ReadonlyArray<Follow.Missing> | undefined
}

type Told = ReadonlyArray<Follow.Event>

export class Ownership {
  private readonly known = new Map<RomId.RomId, Known>()
  private readonly servers = new Map<string, Seen>()
  /** Servers on which something is missing. */
  private readonly lacking = new Set<string>()
  /** The aliases of targets, and the devices that each leads to on any server. */
  private readonly aliases = new Map<string, { readonly target: Follow.Target; readonly ids: Set<RomId.RomId> }>()
  /** Devices that are wanted under any name. `undefined` if all are wanted. */
  private readonly wanted: ReadonlySet<RomId.RomId> | undefined
  private readonly readNow: (server: string, id: RomId.RomId) => void
  /** Messages of the missing targets, as last reported. */
  private missing: string | undefined

  constructor(
    targets: ReadonlyArray<Follow.Target>,
    readNow: (server: string, id: RomId.RomId) => void
  ) {
    const wanted = new Set<RomId.RomId>()
    for (const target of targets) {
      if (target._tag === "Devices") continue
      const path = OwPath.parse(target.address)
      if (Result.isFailure(path) || path.success.device === undefined) continue
      const id = OwPath.romId(path.success)
      if (Option.isSome(id)) wanted.add(id.value)
      else this.aliases.set(path.success.device, { target, ids: new Set() })
    }
    this.wanted = targets.some(({ _tag }) => _tag === "Devices") ? undefined : wanted
    this.readNow = readNow
  }

  /**
   * Whether a server reads a device now. The owner always does. While the owner fails, every server does. Otherwise the nearer
   * servers do as well: they have failed, and their rests between attempts are long.
   */
  isRead(server: string, id: RomId.RomId): boolean {
    const known = this.known.get(id)
    if (known === undefined) return true
    if (known.isHidden) return false
    const { owner } = known
    if (owner.server === server || this.isFailing(owner)) return true
    const own = wayOf(known, server)
    return own !== undefined && isNearer(own.device, owner.device)
  }

  private isFailing({ isFailing, server }: Way): boolean {
    return isFailing || this.servers.get(server)?.isFailing === true
  }

  addServer(server: string, at: Date): Told {
    this.servers.set(server, { isFailing: false, missing: undefined })
    return [{ _tag: "ServerAdded", server, at }]
  }

  removeServer(server: string, at: Date): Told {
    this.servers.delete(server)
    this.lacking.delete(server)
    const events: Array<Follow.Event> = []
    for (const [id, known] of this.known) {
      const way = wayOf(known, server)
      if (way !== undefined) events.push(...this.lose(id, known, way, { at, lastSeen: at, cause: "ServerRemoved" }))
    }
    return [...events, { _tag: "ServerRemoved", server, at }, ...this.missed(at)]
  }

  /** The events of the network that result from an event of a server. */
  take(server: string, event: ServerEvent): Told {
    switch (event._tag) {
      case "Found":
        return this.onFound(server, event)
      case "Appeared":
        return this.onAppeared(server, event)
      case "Reading":
        return this.onReading(server, event)
      case "ServerFailed":
      case "ServerRecovered":
        return this.onServer(server, event)
      case "BusFailed":
      case "BusRecovered":
        return [{ ...event, server }]
      default: {
        const known = this.known.get(event.device.id)
        const way = known && wayOf(known, server)
        return known === undefined || way === undefined ? [] : this.onDevice(known, way, event)
      }
    }
  }

  private onDevice(
    known: Known,
    way: Way,
    event: Exclude<ServerEvent, { readonly _tag: "Found" | "Appeared" | "Reading" } | Outage.Outage>
  ): Told {
    const { server } = way
    const { id } = event.device
    switch (event._tag) {
      case "Vanished":
        return this.lose(id, known, way, { at: event.at, lastSeen: event.lastSeen, cause: "Moved" })
      case "Failed":
        if (!way.isFailing && isOfWay(event.error)) {
          way.isFailing = true
          if (way === known.owner) this.readElsewhere(known, id)
        }
        break
      case "Moved":
        way.device = event.device
        break
      case "Renamed":
        way.device = event.device
        return [...this.told(known, way, { ...event, server }), ...this.settle(id, [event.from, event.to], event.at)]
      case "Raised":
        way.alarm = event
        break
      case "Cleared":
        way.alarm = undefined
        break
    }
    return this.told(known, way, { ...event, server })
  }

  private told(known: Known, way: Way, event: Follow.Event): Told {
    return way === known.owner && !known.isHidden ? [event] : []
  }

  private onAppeared(server: string, event: ServerEvent & { readonly _tag: "Appeared" }): Told {
    const { at, device } = event
    const way: Way = { server, device, isFailing: false, alarm: undefined }
    const known = this.known.get(device.id)
    if (known !== undefined) {
      if (known.ways === undefined) known.ways = [known.owner, way]
      else known.ways.push(way)
      return this.settle(device.id, [device.name], at)
    }
    const added: Known = { owner: way, ways: undefined, isHidden: false }
    this.known.set(device.id, added)
    this.aliases.get(device.name)?.ids.add(device.id)
    added.isHidden = this.isToHide(added)
    return [...added.isHidden ? [] : [{ ...event, server }], ...this.settle(device.id, [device.name], at)]
  }

  private onReading(server: string, event: ServerEvent & { readonly _tag: "Reading" }): Told {
    const known = this.known.get(event.device.id)
    const way = known && wayOf(known, server)
    if (known === undefined || way === undefined || known.isHidden) return []
    const { owner } = known
    way.isFailing = false
    const told = { ...event, server }
    if (way === owner) return [told]
    const isAway = this.isFailing(owner)
    if (!isAway && !isNearer(way.device, owner.device)) return []
    const cause = !isAway ? "Nearer" : owner.isFailing ? "Moved" : "ServerFailed"
    return [...this.reroute(known, way, event.at, cause), told]
  }

  private onServer(server: string, event: Follow.ServerOutage): Told {
    const seen = this.servers.get(server)
    if (seen === undefined) return []
    seen.isFailing = event._tag === "ServerFailed"
    for (const [id, known] of this.known) {
      const way = wayOf(known, server)
      if (way === undefined) continue
      if (event._tag === "ServerRecovered") way.isFailing = false
      else if (way === known.owner) this.readElsewhere(known, id)
    }
    return [{ ...event, server }, ...this.missed(event.at, server)]
  }

  /** Lets the other servers read a device at once. */
  private readElsewhere(known: Known, id: RomId.RomId): void {
    for (const way of known.ways ?? []) if (way !== known.owner) this.readNow(way.server, id)
  }

  /** A server no longer has a device. */
  private lose(
    id: RomId.RomId,
    known: Known,
    way: Way,
    { at, cause, lastSeen }: { readonly at: Date; readonly lastSeen: Date; readonly cause: Follow.Rerouted["cause"] }
  ): Told {
    known.ways?.splice(known.ways.indexOf(way), 1)
    const { name } = way.device
    if (way !== known.owner) return this.settle(id, [name], at)
    const next = this.best(known.ways ?? [])
    if (next === undefined) {
      this.known.delete(id)
      const vanished: Follow.Event = { _tag: "Vanished", server: way.server, device: way.device, at, lastSeen }
      return [...known.isHidden ? [] : [vanished], ...this.settle(id, [name], at)]
    }
    const events = this.reroute(known, next, at, cause)
    this.readNow(next.server, id)
    return [...known.isHidden ? [] : events, ...this.settle(id, [name], at)]
  }

  private best(ways: ReadonlyArray<Way>): Way | undefined {
    let best: Way | undefined
    for (const way of ways) {
      if (best === undefined || (this.isFailing(best) && !this.isFailing(way))) best = way
      else if (this.isFailing(best) === this.isFailing(way) && isNearer(way.device, best.device)) best = way
    }
    return best
  }

  private reroute(known: Known, to: Way, at: Date, cause: Follow.Rerouted["cause"]): Told {
    const { owner: from } = known
    known.owner = to
    const { device, server } = to
    const events: Array<Follow.Event> = [{ _tag: "Rerouted", server, device, at, from: from.server, cause }]
    if (from.alarm !== undefined && to.alarm === undefined) {
      events.push({ _tag: "Cleared", server, device, at, since: from.alarm.at })
    } else if (from.alarm === undefined && to.alarm !== undefined) events.push({ ...to.alarm, server, device })
    return events
  }

  private onFound(server: string, event: ServerEvent & { readonly _tag: "Found" }): Told {
    const seen = this.servers.get(server)
    if (seen === undefined) return []
    const isFirst = seen.missing === undefined
    seen.missing = event.missing
    const properties = event.properties.filter(({ device }) => {
      const known = this.known.get(device.id)
      return known !== undefined && known.owner.server === server && !known.isHidden
    })
    this.note(server, seen)
    const told = this.missed(event.at, server)
    return isFirst || properties.length > 0
      ? [{ _tag: "Found", server, at: event.at, properties, missing: this.allMissing() }]
      : told
  }

  /** Reports missing targets, if they have changed. Only servers that have answered a search report them. */
  private missed(at: Date, server?: string): Told {
    const missing = this.allMissing()
    const messages = missing.map(({ error }) => error.message).join("\n")
    if (messages === (this.missing ?? "")) return []
    const teller = server !== undefined && this.hasAnswered(server)
      ? server
      : [...this.servers.keys()].find((name) => this.hasAnswered(name))
    if (teller === undefined) return []
    this.missing = messages
    return [{ _tag: "Found", server: teller, at, properties: [], missing }]
  }

  private hasAnswered(server: string): boolean {
    return this.servers.get(server)?.missing !== undefined
  }

  /** Records whether anything is missing on a server. */
  private note(server: string, { missing = [] }: Seen): void {
    if (missing.length > 0) this.lacking.add(server)
    else this.lacking.delete(server)
  }

  /** Targets that no server has, after all servers have answered or failed, and properties that a device lacks on its owner. */
  private allMissing(): ReadonlyArray<Follow.Missing> {
    if (this.lacking.size === 0 && this.aliases.size === 0) return []
    const missing: Array<Follow.Missing> = []
    const counts = new Map<Follow.Target, number>()
    let answered = 0
    let isComplete = true
    for (const seen of this.servers.values()) {
      if (seen.missing === undefined) {
        isComplete &&= seen.isFailing
        continue
      }
      answered++
      for (const one of seen.missing) {
        if (one.device === undefined) counts.set(one.target, (counts.get(one.target) ?? 0) + 1)
      }
    }
    const told = new Set<Follow.Target>()
    for (const [server, seen] of this.servers) {
      for (const one of seen.missing ?? []) {
        if (one.device === undefined) {
          if (!isComplete || counts.get(one.target) !== answered || told.has(one.target)) continue
          told.add(one.target)
        } else if (this.known.get(one.device.id)?.owner.server !== server) continue
        missing.push(one)
      }
    }
    for (const [alias, { target }] of this.aliases) {
      const doubt = this.doubt(alias)
      if (doubt !== undefined) missing.push({ target, error: ambiguous(alias, claimOf(doubt[0]), claimOf(doubt[1])) })
    }
    return missing
  }

  /** Two ways to different devices that have the same alias on different servers, if there are any. */
  private doubt(alias: string): readonly [Way, Way] | undefined {
    const ids = [...this.aliases.get(alias)?.ids ?? []]
    const ways = ids.flatMap((id) => {
      const known = this.known.get(id)
      return known === undefined ? [] : waysOf(known).filter(({ device }) => device.name === alias)
    })
    for (const way of ways) {
      const other = ways.find(({ device, server }) => server !== way.server && device.id !== way.device.id)
      if (other !== undefined) return [way, other]
    }
    return undefined
  }

  /** Whether a device is wanted only by aliases that also lead to others. */
  private isToHide(known: Known): boolean {
    if (this.wanted?.has(known.owner.device.id) !== false) return false
    const aliases = waysOf(known).map(({ device }) => device.name).filter((name) => this.aliases.has(name))
    return aliases.length > 0 && aliases.every((alias) => this.doubt(alias) !== undefined)
  }

  /** Records that a device has got or lost a name on a server. Devices of that name are hidden or shown again. */
  private settle(id: RomId.RomId, names: ReadonlyArray<string>, at: Date): Told {
    const touched = new Set<RomId.RomId>()
    for (const name of names) {
      const ids = this.aliases.get(name)?.ids
      if (ids === undefined) continue
      const known = this.known.get(id)
      if (known !== undefined && waysOf(known).some(({ device }) => device.name === name)) ids.add(id)
      else ids.delete(id)
      touched.add(id)
      for (const other of ids) touched.add(other)
    }
    return touched.size === 0 ? [] : [...this.reconcile(touched, at), ...this.missed(at)]
  }

  private reconcile(ids: ReadonlySet<RomId.RomId>, at: Date): Told {
    const events: Array<Follow.Event> = []
    for (const id of ids) {
      const known = this.known.get(id)
      if (known === undefined) continue
      const isHidden = this.isToHide(known)
      if (isHidden === known.isHidden) continue
      known.isHidden = isHidden
      const { alarm, device, server } = known.owner
      if (isHidden) events.push({ _tag: "Vanished", server, device, at, lastSeen: at })
      else {
        events.push({ _tag: "Appeared", server, device, at })
        if (alarm !== undefined) events.push({ ...alarm, server, device })
        this.readNow(server, id)
      }
    }
    return events
  }
}

const waysOf = ({ owner, ways }: Known): ReadonlyArray<Way> => ways ?? [owner]

const wayOf = ({ owner, ways }: Known, server: string): Way | undefined =>
  owner.server === server ? owner : ways?.find((way) => way.server === server)

/** Whether another server may be able to read the device although this one cannot. */
const isOfWay = (error: Device.Failure): boolean =>
  error._tag === "OwnetError" || error._tag === "OwnetTimeout" ||
  (error._tag !== "DeviceError" && OwError.isServerFailure(error))

const claimOf = ({ device: { id }, server }: Way) => ({ server, id })
