/**
 * The state of a simulated network: the devices on each bus, and the state of the buses.
 */
import * as Option from "effect/Option"
import * as Semaphore from "effect/Semaphore"
import { closestProperty, question } from "../../device/internal/closest.ts"
import * as Property from "../../device/Property.ts"
import * as RomId from "../../onewire/RomId.ts"
import { encodeText } from "../../protocol/Payload.ts"
import { all } from "../../protocol/TypeRecord.ts"
import * as AliasTable from "../../server/AliasTable.ts"
import * as Contents from "../../server/internal/Contents.ts"
import type { Description, DeviceDescription, Property as Source, SimulatedNetwork } from "../SimulatedNetwork.ts"
import { problemOf, SimulatedDevice } from "./SimulatedDevice.ts"

export interface Bus {
  /** The return code of all requests that need the bus, while it does not work. */
  fault: number | undefined
  /** One transaction at a time. */
  readonly lock: Semaphore.Semaphore
}

/** A problem in a description, and its place. */
export interface Problem {
  readonly path: string
  readonly problem: string
}

interface Located {
  readonly bus: number | undefined
  readonly couplers: ReadonlyArray<readonly [id: RomId.RomId, branch: string]>
  readonly id: RomId.RomId
  readonly property: string
}

const couplersOf = (place: string): ReadonlyArray<RomId.RomId> =>
  place.split("/").flatMap((segment) => Option.toArray(RomId.fromString(segment)))

export class NetworkState {
  readonly buses: Array<Bus> = []
  readonly devices = new Map<RomId.RomId, SimulatedDevice>()
  readonly aliases = new AliasTable.AliasTable()
  /** Whether measurements take the chips' own time, and are lost with their power. */
  readonly isReal: boolean
  readonly startedAt: number

  constructor(isReal: boolean, startedAt: number) {
    this.isReal = isReal
    this.startedAt = startedAt
    this.busAt(0)
  }

  busAt(index: number): Bus {
    while (this.buses.length <= index) {
      this.buses.push({ fault: undefined, lock: Semaphore.makeUnsafe(1) })
    }
    return this.buses[index]
  }

  busOf(place: string): Bus {
    return this.busAt(Number(/^bus\.(\d+)/.exec(place)?.[1] ?? 0))
  }

  /** The devices at a place that answer a search there. */
  at(place: string): ReadonlyArray<SimulatedDevice> {
    const found: Array<SimulatedDevice> = []
    for (const device of this.devices.values()) {
      if (device.place === place && this.isReachable(device)) found.push(device)
    }
    return found
  }

  /** Whether a device answers: it is present, and so are the couplers on the way to it. */
  isReachable({ isPresent, place }: SimulatedDevice): boolean {
    return isPresent && couplersOf(place).every((id) => {
      const coupler = this.devices.get(id)
      return coupler !== undefined && coupler.isPresent && place.startsWith(`${coupler.place}/${id}/`)
    })
  }

  describe(description: Description): Problem | undefined {
    const described = new Set<RomId.RomId>()
    for (const [path, given] of Object.entries(description)) {
      const problem = this.add(path, given)
      if (problem !== undefined) return { path, problem }
      const found = this.locate(path)
      if (typeof found === "string" || found.property !== "") continue
      if (described.has(found.id)) return { path, problem: "is described twice" }
      described.add(found.id)
    }
    return undefined
  }

  /** Adds a device at a path, or describes one of its properties. Otherwise returns what is wrong. */
  add(path: string, given: DeviceDescription | Source): string | undefined {
    const found = this.locate(path)
    if (typeof found === "string") return found
    const { bus, couplers, id, property } = found
    const known = this.devices.get(id)
    if (property === "" && !isDeviceDescription(given)) return "is a device, and takes a record of its properties"
    const properties = property === "" ? Object.entries(given) : [[property, given] as const]
    for (const [name, value] of properties) {
      const problem = this.problemOf(id, name, value)
      if (problem !== undefined) return property === "" ? `${name}: ${problem}` : problem
    }
    const isPlaced = bus !== undefined || couplers.length > 0
    const root = isPlaced ? this.rootOf(found) : known?.place ?? "bus.0"
    if (property !== "" && known !== undefined && known.place !== [root, ...couplers.flat()].join("/")) {
      return `is not there, but at ${known.place}`
    }

    // Nothing is wrong with the description. Changes start only here.
    this.busAt(bus ?? 0)
    let place = root
    for (const [coupler, branch] of couplers) place = `${this.put(coupler, place).place}/${coupler}/${branch}`
    const device = known !== undefined && property !== "" ? known : this.put(id, place)
    if (property === "" && !device.isPresent) device.powerOn()
    for (const [name, value] of properties) this.describeProperty(device, name, value)
    return undefined
  }

  /** The start of a path: the place of its first coupler, unless the path names a bus. */
  private rootOf({ bus, couplers }: Located): string {
    const coupler = bus === undefined && couplers.length > 0 ? this.devices.get(couplers[0][0]) : undefined
    return coupler?.place ?? `bus.${bus ?? 0}`
  }

  /** Puts a device at a place, together with the devices behind it. */
  private put(id: RomId.RomId, place: string): SimulatedDevice {
    let device = this.devices.get(id)
    if (device === undefined) {
      device = new SimulatedDevice(id, place)
      this.devices.set(id, device)
      const power = Contents.find(device.chip, "power")
      // A description without a power property means no parasite power, which would keep a thermometer from measuring.
      if (this.isReal && Option.isSome(power)) device.describe(power.value, true)
    } else if (device.place !== place) {
      const before = `${device.place}/${id}/`
      device.place = place
      for (const other of this.devices.values()) {
        if (other.place.startsWith(before)) other.place = `${place}/${id}/${other.place.slice(before.length)}`
      }
    }
    return device
  }

  private problemOf(id: RomId.RomId, name: string, given: DeviceDescription | Source): string | undefined {
    if (isDeviceDescription(given)) return "is a property, and takes a value"
    if (name === "alias") {
      if (typeof given !== "string" || given === "" || !AliasTable.isAlias(given) || encodeText(given).length > 256) {
        return `cannot be ${JSON.stringify(given)}`
      }
      const owner = this.aliases.ownerOf(given)
      const other = owner === undefined ? undefined : this.devices.get(owner)
      // A server moves an alias from any device. With two present devices, a test hardly means that.
      return other === undefined || other.id === id || !this.isReachable(other) ? undefined : `is that of ${other.id}`
    }
    const code = RomId.familyCode(id)
    const chip = Contents.chipOf(code)
    const element = Contents.find(chip, name)
    if (Option.isNone(element)) {
      const names = [...chip.properties.values()].map((property) => property.name + Property.extension(property, all))
      const meant = closestProperty(name, names, (other) => Option.isSome(Contents.find(chip, other)))
      return `not a property of a ${chip.name || `device of family ${code}`}${question(Option.getOrUndefined(meant))}`
    }
    return problemOf(element.value, given)
  }

  private describeProperty(device: SimulatedDevice, name: string, given: DeviceDescription | Source): void {
    if (isDeviceDescription(given)) return
    const element = Contents.find(device.chip, name)
    if (name === "alias") this.aliases.set(device.id, String(given))
    else if (Option.isSome(element)) device.describe(element.value, given)
  }

  /** Parses `/bus.1/1F.…/main/28.…/temperature`: the bus, the couplers on the way, the device and a property. */
  private locate(path: string): string | Located {
    const segments = path.split("/").filter((segment) => segment !== "")
    const bus = /^bus\.(\d{1,3})$/.exec(segments[0] ?? "")
    if (bus !== null) segments.shift()
    const couplers: Array<readonly [RomId.RomId, string]> = []
    for (;;) {
      const named = this.aliases.resolve(segments.shift() ?? "")
      if (Option.isNone(named)) return "needs a ROM id, such as 28.000028D70100, with the right CRC if it has one"
      const id = named.value
      const [branch] = segments
      const isCoupler = Contents.chipOf(RomId.familyCode(id)).properties.get(branch)?.kind === "D"
      if (!isCoupler || segments.length === 1) {
        return { bus: bus === null ? undefined : Number(bus[1]), couplers, id, property: segments.join("/") }
      }
      couplers.push([id, branch])
      segments.shift()
    }
  }
}

/** A record of any realm, because test runners create them, or one without a prototype. */
const isDeviceDescription = (given: DeviceDescription | Source): given is DeviceDescription =>
  Object.prototype.toString.call(given) === "[object Object]" && typeof given === "object" && !("_tag" in given)

/** The object that a program holds and a server serves. */
export interface Made extends SimulatedNetwork {
  readonly network: NetworkState
}

/** Every value with the id of a network was made with one. */
export const networkOf = (simulated: SimulatedNetwork): NetworkState => (simulated as Made).network
