/**
 * What a client knows about the buses of its server, so that no bus keeps the others waiting. A discovery reports which device is
 * on which bus. Without one, the path of a call shows it, if the path names a bus.
 */
import * as Option from "effect/Option"
import * as RomId from "../../onewire/RomId.ts"
import * as Payload from "../../protocol/Payload.ts"
import type * as OwClient from "../OwClient.ts"
import type { Named, Names } from "./connections/Names.ts"

/** Maximum number of names whose bus is remembered. Each device has two or three names. */
const mostNames = 10_000

const slash = 0x2f

/** A part of a path before the device: a bus, or a word that changes how the rest is shown. */
const front = /(?:(?:uncached|unaliased|text|json|alarm?)[^/]*|bus\.(\d+))(?:\/|$)/iy

/** One of the server's own directories. */
const own = /settings|statistics|structure|system|interface|simultaneous|thermostat/iy

export class Buses {
  /** The names of all buses, once all of them have been searched. */
  all: ReadonlyArray<string> | undefined
  /** The bus of each device, by its ROM id and by the names that lead to it. */
  private readonly byName = new Map<string, string>()

  /** Records the bus of a device. */
  learn(id: RomId.RomId, name: string, bus: string): void {
    for (const known of new Set([id, RomId.format(id), name])) {
      this.byName.delete(known)
      this.byName.set(known, bus)
    }
    for (const [oldest] of this.byName) {
      if (this.byName.size <= mostNames) return
      this.byName.delete(oldest)
    }
  }

  /** Forgets the buses of all devices, because a complete new list follows. */
  forget(): void {
    this.byName.clear()
  }

  /**
   * Finds an entry by the name of the bus that a call at a path needs, such as `bus.1` or `bus.1/bus.0`. If the bus is unknown,
   * the entry has the name of the first device on the path, as the path writes it. `undefined` if the path concerns no bus.
   */
  find<A extends Named<A>>(path: string | Uint8Array, entries: Names<A>): A | undefined {
    if (typeof path !== "string") return path.length === 0 ? undefined : this.find(Payload.decodePath(path), entries)
    let at = path.charCodeAt(0) === slash ? 1 : 0
    // None of the words begins with a digit, and most ROM ids do.
    if (path.charCodeAt(at) > 0x39) {
      let bus = ""
      for (;;) {
        front.lastIndex = at
        const part = front.exec(path)
        if (part === null) break
        if (part[1] !== undefined) bus += `${bus === "" ? "" : "/"}bus.${Number(part[1])}`
        at = front.lastIndex
      }
      if (bus !== "") return entries.at(bus, 0, bus.length)
      own.lastIndex = at
      if (own.test(path)) return undefined
    }
    if (at >= path.length) return undefined
    const next = path.indexOf("/", at)
    const end = next < 0 ? path.length : next
    const bus = this.all?.length === 1
      ? this.all[0]
      : this.byName.size === 0
      ? undefined
      : this.busOf(path.slice(at, end))
    return bus === undefined ? entries.at(path, at, end) : entries.at(bus, 0, bus.length)
  }

  private busOf(name: string): string | undefined {
    const bus = this.byName.get(name)
    if (bus !== undefined) return bus
    const id = Option.getOrUndefined(RomId.fromString(name))
    return id === undefined ? undefined : this.byName.get(id)
  }
}

/** Clients derived from the same client share this knowledge. A hand-made client has none. */
const known = new WeakMap<OwClient.Client, Buses>()

export const share = (client: OwClient.Client, buses: Buses): OwClient.Client => {
  known.set(client, buses)
  return client
}

export const of = (client: OwClient.Client): Buses | undefined => known.get(client)
