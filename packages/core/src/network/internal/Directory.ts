/**
 * The ways that are known to lead to each device.
 */
import type * as Device from "../../device/Device.ts"
import type * as Place from "../../onewire/Place.ts"
import type * as RomId from "../../onewire/RomId.ts"
import type { Member } from "./Members.ts"

export interface Way {
  readonly member: Member
  readonly device: Device.AnyDevice
}

/** Number of servers and couplers on the way to a device. If its bus is not known, the server found it by itself. */
const distance = ({ branches, bus = "" }: Place.Place): number => bus.split("/").length + branches.length

/** Whether a device is nearer on one server than on another. */
export const isNearer = (a: Device.AnyDevice, b: Device.AnyDevice): boolean => distance(a.place) < distance(b.place)

/** The nearest first; of those that are equally near, by the order of the servers. */
export const byDistance = (a: Way, b: Way): number => {
  const [near, far] = [distance(a.device.place), distance(b.device.place)]
  return near === far ? a.member.order - b.member.order : near < far ? -1 : 1
}

export class Directory {
  private readonly ways = new Map<RomId.RomId, ReadonlyArray<Way>>()

  /** Ways by servers that are in the network, the nearest first. */
  of(id: RomId.RomId): ReadonlyArray<Way> {
    return (this.ways.get(id) ?? []).filter(({ member }) => !member.isRemoved)
  }

  /** Takes what a search of some servers has shown. */
  learn(id: RomId.RomId, ways: ReadonlyArray<Way>): void {
    this.ways.set(id, ways.toSorted(byDistance))
  }

  /**
   * Takes what servers have answered that were asked for the device. A server that has not answered may still have it; and so may
   * one that has none by that name, behind a coupler.
   */
  renew(id: RomId.RomId, found: ReadonlyArray<Way>, without: ReadonlyArray<Member>): ReadonlyArray<Way> {
    const known = this.of(id)
    const kept = known.filter(({ device, member }) =>
      !found.some((way) => way.member === member) && (isBehindCoupler(device) || !without.includes(member))
    )
    const renewed = found.map((way) =>
      // Where a server finds a device by itself it does not say.
      (way.device.bus === undefined &&
        known.find(({ device, member }) => member === way.member && !isBehindCoupler(device))) || way
    )
    this.learn(id, [...renewed, ...kept])
    return this.of(id)
  }
}

const isBehindCoupler = ({ place }: Device.AnyDevice): boolean => place.branches.length > 0
