/**
 * Names that the kernel gives to bus masters and devices.
 */
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Option from "effect/Option"

/** The number of a bus master, from the name of its folder. `undefined` for any other name. */
export const masterNumber = (name: string): number | undefined => {
  const digits = /^w1_bus_master(\d{1,9})$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The name of a device: `28-0001d7280000` for `28000028D70100…`. */
export const ofDevice = (id: RomId.RomId): string =>
  `${id.slice(0, 2)}-${(id.slice(2, 14).match(/../g) ?? []).toReversed().join("")}`.toLowerCase()

/** ROM ids of the devices in `w1_master_slaves`, each one once. Ids that no device can have are left out. */
export const devices = (text: string): ReadonlyArray<RomId.RomId> => {
  const ids = new Set<RomId.RomId>()
  for (const line of text.split("\n")) {
    const id = line.includes("-") ? Option.getOrUndefined(RomId.fromReversed(line.trim())) : undefined
    if (id !== undefined && !RomId.isGhost(id)) ids.add(id)
  }
  return [...ids]
}

/** Number of chips in `w1_master_slaves`, including those that no device can be. */
export const count = (text: string): number => text.split("\n").filter((line) => line.includes("-")).length
