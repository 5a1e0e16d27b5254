/**
 * The state of a simulated network: which devices are on which bus, and how the buses do.
 */
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import * as RomId from "../../onewire/RomId.ts"
import { encodeText } from "../../protocol/Payload.ts"
import type { Description, DeviceDescription, Property } from "../SimulatedNetwork.ts"
import * as Catalogue from "./Catalogue.ts"
import { Device } from "./Device.ts"

export interface Bus {
  /** The return code of whatever needs the bus, while it does not work. */
  fault: number | undefined
  /** When a simultaneous conversion was over, by what was converted: `temperature` on `bus.0`. */
  readonly converted: Map<string, number>
  /** One transaction at a time. */
  readonly lock: Semaphore.Semaphore
}

/** What is wrong with a description, and where. */
export interface Problem {
  readonly path: string
  readonly problem: string
}

const reserved = /^(?:alarm|interface|settings|simultaneous|statistics|structure|text|unaliased|uncached|bus\..*)$/

/** Whether devices may be called that. */
export const isAlias = (alias: string): boolean => !alias.includes("/") && !reserved.test(alias)

export class Network {
  readonly buses: Array<Bus> = []
  readonly devices = new Map<RomId.RomId, Device>()
  readonly aliases = new Map<RomId.RomId, string>()
  /** Measurements take the chips' own time, and are lost with their power. */
  readonly isReal: boolean
  readonly startedAt: number

  constructor(isReal: boolean, startedAt: number) {
    this.isReal = isReal
    this.startedAt = startedAt
    this.busAt(0)
  }

  busAt(index: number): Bus {
    while (this.buses.length <= index) {
      this.buses.push({ fault: undefined, converted: new Map(), lock: Semaphore.makeUnsafe(1) })
    }
    return this.buses[index]
  }

  busOf(place: string): Bus {
    return this.busAt(Number(/^bus\.(\d+)/.exec(place)?.[1] ?? 0))
  }

  /** The devices at a place that answer a search there. */
  at(place: string): ReadonlyArray<Device> {
    const found: Array<Device> = []
    for (const device of this.devices.values()) if (device.isPresent && device.place === place) found.push(device)
    return found
  }

  named(name: string): RomId.RomId | undefined {
    for (const [id, alias] of this.aliases) if (alias === name) return id
    return Option.getOrUndefined(RomId.fromString(name))
  }

  describe(description: Description): Problem | undefined {
    for (const [path, given] of Object.entries(description)) {
      const problem = this.add(path, given)
      if (problem !== undefined) return { path, problem }
    }
    return undefined
  }

  /** Puts a device where a path says, or describes one of its properties; or says what is wrong with that. */
  add(path: string, given: DeviceDescription | Property): string | undefined {
    const found = this.locate(path)
    if (typeof found === "string") return found
    const { id, place, property } = found
    let device = this.devices.get(id)
    if (device === undefined) {
      const coupler = /\/([0-9A-F]{16})\/[a-z]+$/.exec(place)
      // The devices of a branch need the coupler that they are behind.
      if (coupler !== null) this.add(path.slice(0, path.lastIndexOf("/", path.lastIndexOf("/") - 1)), {})
      device = new Device(id, place)
      this.devices.set(id, device)
    } else if (property === "") {
      device.place = place
      if (!device.isPresent) device.powerOn()
    }
    if (property !== "") return this.describeProperty(device, property, given)
    if (!isDeviceDescription(given)) return "is a device, and takes a record of its properties"
    for (const [name, value] of Object.entries(given)) {
      const problem = this.describeProperty(device, name, value)
      if (problem !== undefined) return `${name}: ${problem}`
    }
    return undefined
  }

  private describeProperty(device: Device, name: string, given: DeviceDescription | Property): string | undefined {
    if (isDeviceDescription(given)) return "is a property, and takes a value"
    if (name === "alias") {
      if (typeof given !== "string" || !isAlias(given)) return `cannot be ${JSON.stringify(given)}`
      this.aliases.set(device.id, given)
      return undefined
    }
    const place = Catalogue.find(device.family, name)
    if (place === undefined) return `no property of a ${device.family.chip || `device of family ${device.code}`}`
    return device.describe(place, given)
  }

  /** Reads `/bus.1/1F.…/main/28.…/temperature`: the device, the place it is at, and the property if there is one. */
  private locate(path: string):
    | string
    | { readonly id: RomId.RomId; readonly place: string; readonly property: string }
  {
    const segments = path.split("/").filter((segment) => segment !== "")
    let place = "bus.0"
    const bus = /^bus\.(\d{1,3})$/.exec(segments[0] ?? "")
    if (bus !== null) {
      segments.shift()
      place = `bus.${Number(bus[1])}`
      this.busAt(Number(bus[1]))
    }
    for (;;) {
      const id = this.named(segments.shift() ?? "")
      if (id === undefined) return "needs a ROM id, such as 28.000028D70100, with the right CRC if it has one"
      if (segments.length > 1 && (segments[0] === "main" || segments[0] === "aux")) {
        place = `${place}/${id}/${segments.shift()}`
      } else return { id, place, property: segments.join("/") }
    }
  }

  setAlias(id: RomId.RomId, alias: string): void {
    if (alias === "") this.aliases.delete(id)
    else {
      for (const [other, name] of this.aliases) if (name === alias) this.aliases.delete(other)
      this.aliases.set(id, alias)
    }
  }

  /** The aliases as a server lists them: in the order of the ids. */
  get aliasList(): Uint8Array {
    return encodeText(
      [...this.aliases].toSorted(([a], [b]) => a < b ? -1 : 1).map(([id, alias]) => `${id}=${alias}\r\n`).join("")
    )
  }
}

const isDeviceDescription = (given: DeviceDescription | Property): given is DeviceDescription =>
  typeof given === "object" && Object.getPrototypeOf(given) === Object.prototype && !("_tag" in given)
