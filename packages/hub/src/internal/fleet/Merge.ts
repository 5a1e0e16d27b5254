/**
 * Events of the followers of all servers, as those of one network: each server goes on where its last follower stopped.
 */
import { type Device, type Follow, Merged, OwError, type RomId, Snapshot } from "@effect-ownet/core"
import * as HashMap from "effect/HashMap"
import type { Seen } from "../../Journal.ts"
import { Continuation } from "./Continuation.ts"

type Told = ReadonlyArray<Follow.Event>

/** Seconds for which a server is remembered that the registry does not have: the news of it may come later. */
const remembering = 60

type Failed = Extract<Merged.ServerEvent, { readonly _tag: "Failed" }>

/** A server, as its followers have told it. */
interface Known {
  /** Its devices and outages, without readings. */
  structure: Snapshot.Snapshot
  /** Properties that cannot be read, by device and name: the first failure and the last one. */
  readonly failing: Map<string, readonly [first: Failed, second?: Failed]>
  /** Turns events that repeat what is known into news, until it is over. */
  continuation: Continuation | undefined
  isRegistered: boolean
  /** When it was last heard of, in seconds since 1970. */
  heard: number
}

export class Merge {
  private readonly merged: Merged.Merged
  private readonly lastSeenOf: (id: RomId.RomId) => Date | undefined
  private readonly servers = new Map<string, Known>()
  /** Servers whose structure has changed since it was last asked for. */
  private changed = new Set<string>()

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
        heard: now
      }
      this.servers.set(server, known)
    }
    return known
  }

  /** Whether a server is to read a device now, of those that show it. */
  isRead(server: string, id: RomId.RomId): boolean {
    return this.merged.isRead(server, id)
  }

  /** Takes what was known of a server before, by the events that rebuild it. */
  restore(server: string, events: ReadonlyArray<Seen>, now: number): void {
    const known = this.known(server, now)
    for (const event of events) if (event._tag !== "ServerAdded") this.fold(known, event)
  }

  /** When a server was last heard of, in seconds since 1970; `undefined` if it never was. */
  heard(server: string): number | undefined {
    return this.servers.get(server)?.heard
  }

  /** Takes the servers that the registry has. */
  register(servers: ReadonlyArray<string>, now: number): Told {
    const at = new Date(now * 1000)
    const wanted = new Set(servers)
    const events: Array<Follow.Event> = []
    for (const [server, known] of this.servers) {
      if (!known.isRegistered || wanted.has(server)) continue
      known.isRegistered = false
      known.heard = now
      this.changed.add(server)
      events.push(...this.merged.remove(server, at))
    }
    for (const server of servers) {
      const known = this.known(server, now)
      if (known.isRegistered) continue
      known.isRegistered = true
      known.heard = now
      this.changed.add(server)
      events.push(...this.merged.add(server, at))
      for (const event of structureOf(server, known)) events.push(...this.merged.take(event))
    }
    return events
  }

  /** Takes what a follower has seen, at a time in seconds since 1970. */
  take(seen: Seen, now: number): Told {
    const { server } = seen
    const known = this.known(server, now)
    known.heard = now
    if (seen._tag === "ServerAdded") {
      known.continuation = isEmpty(known.structure, server)
        ? undefined
        : new Continuation(server, known.structure, this.lastSeenOf)
      return []
    }
    const { continuation } = known
    if (continuation === undefined) return this.tell(known, seen)
    const events = continuation.take(seen, now)
    if (continuation.isOver) known.continuation = undefined
    return events.flatMap((event) => this.tell(known, event))
  }

  /** Takes the passing of time. */
  tick(now: number): Told {
    const events: Array<Follow.Event> = []
    for (const [server, known] of this.servers) {
      for (const event of known.continuation?.tick(now) ?? []) events.push(...this.tell(known, event))
      if (!known.isRegistered && now - known.heard > remembering) this.servers.delete(server)
    }
    return events
  }

  /** Takes the news that nobody follows a server, unless that is known to fail. */
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
    return this.tell(known, { _tag: "ServerFailed", server, at: new Date(now * 1000), error })
  }

  private tell(known: Known, event: Merged.ServerEvent): Told {
    this.fold(known, event)
    return known.isRegistered ? this.merged.take(event) : []
  }

  private fold(known: Known, event: Merged.ServerEvent): void {
    const { failing } = known
    if (event._tag === "Reading") {
      // Most of what is read has not failed before.
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

  /** Events that rebuild what is known of the servers that have changed since the last call; `undefined` for one that is gone. */
  takeChanged(): ReadonlyArray<readonly [server: string, events: ReadonlyArray<Seen> | undefined]> {
    const { changed } = this
    this.changed = new Set()
    return Array.from(changed, (server) => {
      const known = this.servers.get(server)
      return [server, known?.isRegistered === true ? structureOf(server, known) : undefined]
    })
  }
}

const nameOf = ({ device, property }: Pick<Failed, "device" | "property">): string => `${device.id} ${property}`

const isEmpty = ({ devices, servers }: Snapshot.Snapshot, server: string): boolean =>
  HashMap.isEmpty(devices) && !servers.has(server)

// Any device is one of a family that nothing is known of.
const propertyOf = (device: Device.AnyDevice, name: string): Device.DeviceProperty =>
  (device as Device.Device).property(name)

/** Events that rebuild what is known of a server, in the order in which a follower would tell them. */
const structureOf = (
  server: string,
  { failing, structure: { devices, servers } }: Pick<Known, "failing" | "structure">
): ReadonlyArray<Merged.ServerEvent> => {
  const state = servers.get(server)
  if (state === undefined) return []
  const all = [...HashMap.values(devices)]
  const at = new Date(0)
  const events: Array<Merged.ServerEvent> = []
  for (const { device, since } of all) events.push({ _tag: "Appeared", server, device, at: since })
  for (const { alarm, device } of all) if (alarm !== undefined) events.push({ ...alarm, server, device })
  if (state.isFound) {
    const properties = all.flatMap(({ device, properties }) =>
      Array.from(properties.keys(), (name) => propertyOf(device, name))
    )
    const found = all.reduce((latest, { since }) => since > latest ? since : latest, at)
    events.push({ _tag: "Found", server, at: found, properties, missing: [] })
  }
  for (const failures of failing.values()) for (const failed of failures) if (failed !== undefined) events.push(failed)
  for (const [bus, { error, since }] of state.buses) {
    events.push({ _tag: "BusFailed", server, bus, at: since, error })
  }
  if (state.failing !== undefined) {
    events.push({ _tag: "ServerFailed", server, at: state.failing.since, error: state.failing.error })
  }
  return events
}
