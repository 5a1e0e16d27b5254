/**
 * What is known of families without asking a server.
 */
import * as Device from "@effect-ownet/core/device/Device"
import * as Family from "@effect-ownet/core/device/Family"
import * as families from "@effect-ownet/core/families"
import * as RomId from "@effect-ownet/core/onewire/RomId"

const byCode: ReadonlyMap<string, Family.Family> = new Map(
  Object.values(families).flatMap((family: Family.Family) => family.codes.map((code) => [code, family] as const))
)

/** The family of a device, if it is one that servers have a driver for. */
export const of = ({ id }: Pick<Device.AnyDevice, "id">): Family.Family | undefined => byCode.get(RomId.familyCode(id))

/** Devices with what is known of their families, so that no server is asked for types, and units and ranges are there. */
export const teach = (devices: ReadonlyArray<Device.AnyDevice>): ReadonlyArray<Device.Device> => {
  for (const device of devices) {
    const family = of(device)
    // To be asked is how a device learns its family.
    if (family !== undefined) Device.is(family)(device)
  }
  return devices.filter(Device.is(Family.unknown))
}
