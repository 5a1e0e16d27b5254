/**
 * The known ways to each device.
 */
import type * as Device from "../../device/Device.ts"
import * as Place from "../../onewire/Place.ts"
import type * as RomId from "../../onewire/RomId.ts"
import type { Member } from "./Members.ts"

export interface Way {
  readonly member: Member
  readonly device: Device.AnyDevice
}

/** Whether a device is nearer on one server than on another. */
export const isNearer = (a: Device.AnyDevice, b: Device.AnyDevice): boolean =>
  Place.distance(a.place) < Place.distance(b.place)

/** Orders ways by distance, and equally near ones by the order of the servers. */
export const byDistance = (a: Way, b: Way): number => {
  const [near, far] = [Place.distance(a.device.place), Place.distance(b.device.place)]
  return near === far ? a.member.order - b.member.order : near < far ? -1 : 1
}

export class Directory {
  private readonly ways = new Map<RomId.RomId, ReadonlyArray<Way>>()

  /** Ways by servers of the network, nearest first. */
  of(id: RomId.RomId): ReadonlyArray<Way> {
    return this.ways.get(id) ?? []
  }

  /** Takes the result of a search of some servers. */
  learn(id: RomId.RomId, ways: ReadonlyArray<Way>): void {
    const some = ways.filter(({ member }) => !member.isRemoved)
    if (some.length === 0) this.ways.delete(id)
    else this.ways.set(id, some.toSorted(byDistance))
  }

  /** Takes the answers of servers about one device. A server that has not answered may still have it. */
  renew(id: RomId.RomId, found: ReadonlyArray<Way>, isGone: (way: Way) => boolean): ReadonlyArray<Way> {
    const known = this.of(id)
    const kept = known.filter((way) => !found.some(({ member }) => member === way.member) && !isGone(way))
    const renewed = found.map((way) =>
      // A server that finds a device by itself does not report its place.
      (way.device.bus === undefined &&
        known.find(({ device, member }) => member === way.member && !isBehindCoupler(device))) || way
    )
    this.learn(id, [...renewed, ...kept])
    return this.of(id)
  }

  /** Forgets a way that leads nowhere. */
  forget(id: RomId.RomId, member: Member): void {
    this.learn(id, this.of(id).filter((way) => way.member !== member))
  }

  /** Forgets a server that was removed. */
  forgetServer(member: Member): void {
    for (const [id, ways] of this.ways) if (ways.some((way) => way.member === member)) this.forget(id, member)
  }
}

/** Whether a server does not find a device by itself. */
export const isBehindCoupler = ({ place }: Device.AnyDevice): boolean => place.branches.length > 0
