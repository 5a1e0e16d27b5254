/**
 * The error of an alias that leads to different devices on different servers.
 */
import { DeviceError } from "../../device/DeviceError.ts"
import { quoted, shownName } from "../../internal/printable.ts"
import * as RomId from "../../onewire/RomId.ts"

/** A device with the name of its server. */
interface Claim {
  readonly server: string
  readonly id: RomId.RomId
}

export const ambiguous = (alias: string, a: Claim, b: Claim): DeviceError =>
  new DeviceError({
    reason: { _tag: "Ambiguous" },
    operation: "romId",
    path: `/${alias}`,
    server: `${shownName(a.server)}, ${shownName(b.server)}`,
    problem: `leads to ${told(a)} and to ${told(b)}: give a ROM id, or another alias to one of them`
  })

const told = ({ id, server }: Claim): string => `${RomId.format(id)} on ${quoted(server)}`
