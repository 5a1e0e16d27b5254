/** Events of the followers of all servers, as those of one network. Each server continues where its last follower stopped. */
import { type Device, type Follow, Merged, OwError, type RomId, Snapshot } from "@effect-ownet/core"
import * as HashMap from "effect/HashMap"
import type * as Journal from "../../Journal.ts"
import { Continuation } from "./Continuation.ts"

type Seen = Journal.Seen

type Told = ReadonlyArray<Follow.Event>

/** Seconds for which a server outside the registry is remembered, because its news may come later. */
const remembering = 60

type Failed = Extract<Merged.ServerEvent, { readonly _tag: "Failed" }>

/** State of a server, from the events of its followers. */
interface Known {
  /** Its devices and outages, without readings. */
  structure: Snapshot.Snapshot
  /** Properties that cannot be read, by device and name: the first failure and the last one. */
  readonly failing: Map<string, readonly [first: Failed, second?: Failed]>
  /** Turns events that repeat known facts into news, until it is over. */
  continuation: Continuation | undefined
  isRegistered: boolean
  /** Whether any of it was reported before, and may continue. */
  isResumed: boolean
  /** Time of the last event, in seconds since 1970. */
  heard: number
}

export class Merge {
  private readonly merged: Merged.Merged
  private readonly lastSeenOf: (id: RomId.RomId) => Date | undefined
  private readonly servers = new Map<string, Known>()
  /** Servers whose structure has changed since `takeChanged` was last called. */
  private changed = new Set<string>()
  /** The server at which each device is reported. */
  private readonly tellers = new Map<RomId.RomId, string>()

  constructor(
    targets: ReadonlyArray<Follow.Target>,
    lastSeenOf: (id: RomId.RomId) => Date | undefined,
    readNow?: (server: string, id: RomId.RomId) => void
  ) {
    this.merged = Merged.make(targets, readNow)
    this.lastSeenOf = lastSeenOf
  }

  private known(server: string, now: number): Known {
    let known = this.servers.get(server)
    if (known === undefined) {
      known = {
        structure: Snapshot.empty,
        failing: new Map(),
        continuation: undefined,
        isRegistered: false,
        isResumed: false,
        heard: now
      }
      this.servers.set(server, known)
    }
    return known
  }

  /** Whether a server should read a device now, among those that show it. */
  isRead(server: string, id: RomId.RomId): boolean {
    return this.merged.isRead(server, id)
  }

  /** Takes what was known of a server before, until `resume`. */
  restore(server: string, { elsewhere, pending, told }: Journal.Known, now: number): void {
    const known = this.known(server, now)
    for (const event of told) if (event._tag !== "ServerAdded") this.fold(known, event)
    known.isResumed = told.length > 0
    const others = new Set(elsewhere)
    for (const id of HashMap.keys(known.structure.devices)) if (!others.has(id)) this.tellers.set(id, server)
    for (const event of pending) {
      if (event._tag === "ServerAdded") this.begin(server, known)
      else if (known.continuation === undefined) this.fold(known, event)
      // Events that follow from it were reported already.
      else known.continuation.take(event, seconds(event.at))
    }
  }

  /**
   * Registers the servers that were reported before, and those of the registry of which nothing is known yet. Its events repeat
   * earlier reports.
   */
  resume(servers: ReadonlyArray<string>, now: number): Told {
    const before = [...this.servers].filter(([, { isResumed }]) => isResumed).map(([server]) => server)
    const listed = servers.filter((server) => {
      const known = this.known(server, now)
      return known.isResumed || isEmpty(known.structure, server)
    })
    const tellers = new Map(this.tellers)
    const structures: Array<Merged.ServerEvent> = []
    const events: Array<Follow.Event> = []
    for (const server of new Set([...listed, ...before])) {
      const known = this.known(server, now)
      known.isRegistered = true
      structures.push(...structureOf(server, known))
      events.push(...this.merged.add(server, new Date(now * 1000)))
    }
    // A device is reported at the server that shows it first.
    const isFirst = (event: Merged.ServerEvent): boolean =>
      event._tag === "Appeared" && tellers.get(event.device.id) === event.server
    for (const event of structures) if (isFirst(event)) events.push(...this.merge(event))
    for (const event of structures) if (!isFirst(event)) events.push(...this.merge(event))
    return events
  }

  /** Time of the last event of a server, in seconds since 1970; `undefined` if there was none. */
  heard(server: string): number | undefined {
    return this.servers.get(server)?.heard
  }

  /** Takes the servers of the registry. */
  register(servers: ReadonlyArray<string>, now: number): Told {
    const at = new Date(now * 1000)
    const wanted = new Set(servers)
    const events: Array<Follow.Event> = []
    for (const [server, known] of this.servers) {
      if (!known.isRegistered || wanted.has(server)) continue
      known.isRegistered = false
      known.heard = now
      this.changed.add(server)
      events.push(...this.noted(this.merged.remove(server, at)))
    }
    for (const server of servers) {
      const known = this.known(server, now)
      if (known.isRegistered) continue
      known.isRegistered = true
      known.heard = now
      this.changed.add(server)
      events.push(...this.merged.add(server, at))
      for (const event of structureOf(server, known)) events.push(...this.merge(event))
    }
    return events
  }

  /** Takes an event of a follower, at a time in seconds since 1970. */
  take(seen: Seen, now: number): Told {
    const { server } = seen
    const known = this.known(server, now)
    known.heard = now
    if (seen._tag !== "ServerAdded") return this.say(known, seen, now)
    this.begin(server, known)
    return []
  }

  /** Begins with another follower of a server. */
  private begin(server: string, known: Known): void {
    known.continuation = isEmpty(known.structure, server)
      ? undefined
      : new Continuation(server, known.structure, this.lastSeenOf)
    this.changed.add(server)
  }

  /** Reports the events that follow from an event of a server. */
  private say(known: Known, event: Merged.ServerEvent, now: number): Told {
    const { continuation } = known
    if (continuation === undefined) return this.tell(known, event)
    const events = continuation.take(event, now)
    // No continuation waits for a value.
    if (event._tag !== "Reading" && event._tag !== "Failed") this.changed.add(event.server)
    this.endOf(event.server, known)
    return events.flatMap((one) => this.tell(known, one))
  }

  /** Ends a continuation that is over. */
  private endOf(server: string, known: Known): void {
    if (known.continuation?.isOver !== true) return
    known.continuation = undefined
    this.changed.add(server)
  }

  /** Takes in that time has passed. */
  tick(now: number): Told {
    const events: Array<Follow.Event> = []
    for (const [server, known] of this.servers) {
      for (const event of known.continuation?.tick(now) ?? []) events.push(...this.tell(known, event))
      this.endOf(server, known)
      if (known.isRegistered || now - known.heard <= remembering) continue
      this.servers.delete(server)
      this.changed.add(server)
    }
    return events
  }

  /** Takes in that nobody follows a server, unless the server is known to fail. */
  miss(server: string, problem: string, now: number): Told {
    const known = this.servers.get(server)
    if (known === undefined || known.structure.servers.get(server)?.failing !== undefined) return []
    const error = new OwError.ConnError({
      reason: { _tag: "Unreachable" },
      operation: "connect",
      server,
      problem,
      attempts: [],
      requestSent: false
    })
    return this.say(known, { _tag: "ServerFailed", server, at: new Date(now * 1000), error }, now)
  }

  private tell(known: Known, said: Merged.ServerEvent): Told {
    const event = sinceTold(said, known.structure)
    this.fold(known, event)
    return known.isRegistered ? this.merge(event) : []
  }

  private merge(event: Merged.ServerEvent): Told {
    return this.noted(this.merged.take(event))
  }

  /** Records the servers at which devices are reported. */
  private noted(events: Told): Told {
    for (const event of events) {
      switch (event._tag) {
        case "Rerouted":
          this.changed.add(event.from)
          this.changed.add(event.server)
          this.tellers.set(event.device.id, event.server)
          break
        case "Appeared":
          this.tellers.set(event.device.id, event.server)
          break
        case "Vanished":
          this.tellers.delete(event.device.id)
          break
      }
    }
    return events
  }

  private fold(known: Known, event: Merged.ServerEvent): void {
    const { failing } = known
    if (event._tag === "Reading") {
      // Most properties that are read have not failed before.
      if (failing.size > 0 && failing.delete(nameOf(event))) this.changed.add(event.server)
      return
    }
    if (event._tag === "Failed") {
      const [first, second] = failing.get(nameOf(event)) ?? []
      if (second !== undefined) return
      failing.set(nameOf(event), first === undefined ? [event] : [first, event])
    } else {
      known.structure = Snapshot.take(known.structure, event)
      if (event._tag === "Vanished") {
        for (const [name, [{ device }]] of failing) if (device.id === event.device.id) failing.delete(name)
      }
    }
    this.changed.add(event.server)
  }

  /** The knowledge of servers that have changed since the last call; `undefined` for a server that is gone. */
  takeChanged(): ReadonlyArray<readonly [server: string, known: Journal.Known | undefined]> {
    const { changed } = this
    this.changed = new Set()
    return Array.from(changed, (server) => {
      const known = this.servers.get(server)
      return [server, known && this.standingOf(server, known)]
    })
  }

  private standingOf(server: string, known: Known): Journal.Known | undefined {
    const { continuation, isRegistered, structure } = known
    const events = structureOf(server, known)
    const begun: Seen = { _tag: "ServerAdded", server, at: new Date(0) }
    const said = continuation === undefined ? [] : [begun, ...continuation.said(structure)]
    if (!isRegistered) {
      return events.length === 0
        ? undefined
        : { told: [], pending: [...events, ...said], elsewhere: [] }
    }
    const elsewhere = [...HashMap.keys(structure.devices)].filter((id) => this.tellers.get(id) !== server)
    return { told: events, pending: said, elsewhere }
  }
}

/** The end of an outage, with the reported start. A follower knows the outage only since it began to follow. */
const sinceTold = (event: Merged.ServerEvent, { servers }: Snapshot.Snapshot): Merged.ServerEvent => {
  if (event._tag !== "BusRecovered" && event._tag !== "ServerRecovered") return event
  const state = servers.get(event.server)
  const told = event._tag === "BusRecovered" ? state?.buses.get(event.bus) : state?.failing
  return { ...event, since: told?.since ?? event.since }
}

const seconds = (date: Date): number => date.getTime() / 1000

const nameOf = ({ device, property }: Pick<Failed, "device" | "property">): string => `${device.id} ${property}`

const isEmpty = ({ devices, servers }: Snapshot.Snapshot, server: string): boolean =>
  HashMap.isEmpty(devices) && !servers.has(server)

// The family does not matter here, so the device counts as one of an unknown family.
const propertyOf = (device: Device.AnyDevice, name: string): Device.DeviceProperty =>
  (device as Device.Device).property(name)

/** Events that rebuild the state of a server, in the order in which a follower would report them. */
const structureOf = (
  server: string,
  { failing, structure: { devices, servers } }: Pick<Known, "failing" | "structure">
): ReadonlyArray<Merged.ServerEvent> => {
  const state = servers.get(server)
  const all = [...HashMap.values(devices)]
  const at = new Date(0)
  const events: Array<Merged.ServerEvent> = []
  for (const { device, since } of all) events.push({ _tag: "Appeared", server, device, at: since })
  for (const { alarm, device } of all) if (alarm !== undefined) events.push({ ...alarm, server, device })
  if (state?.isFound === true) {
    const properties = all.flatMap(({ device, properties }) =>
      Array.from(properties.keys(), (name) => propertyOf(device, name))
    )
    const found = all.reduce((latest, { since }) => since > latest ? since : latest, at)
    events.push({ _tag: "Found", server, at: found, properties, missing: [] })
  }
  for (const failures of failing.values()) for (const failed of failures) if (failed !== undefined) events.push(failed)
  for (const [bus, { error, since }] of state?.buses ?? []) {
    events.push({ _tag: "BusFailed", server, bus, at: since, error })
  }
  if (state?.failing !== undefined) {
    events.push({ _tag: "ServerFailed", server, at: state.failing.since, error: state.failing.error })
  }
  return events
}
