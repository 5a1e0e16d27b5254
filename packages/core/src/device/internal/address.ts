/**
 * Finds devices by ROM ids, aliases and paths.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type * as OwClient from "../../client/OwClient.ts"
import * as OwError from "../../client/OwError.ts"
import { quoted } from "../../internal/printable.ts"
import * as reversed from "../../onewire/internal/reversed.ts"
import * as OwPath from "../../onewire/OwPath.ts"
import * as Place from "../../onewire/Place.ts"
import * as RomId from "../../onewire/RomId.ts"
import * as MessageType from "../../protocol/MessageType.ts"
import * as ReturnCode from "../../protocol/ReturnCode.ts"
import type * as Device from "../Device.ts"
import { DeviceError } from "../DeviceError.ts"
import * as Family from "../Family.ts"
import { type DevicePath, ownerOf } from "./alias.ts"
import { deviceAt } from "./device.ts"

/** The family of a device with a family code. `None` if the code is of another family. */
export const familyOf = (families: Family.Family | Family.Lookup, code: string): Option.Option<Family.Family> =>
  typeof families === "function"
    ? Option.orElseSome(families(code), () => Family.unknown)
    : Family.has(families, code)
    ? Option.some(families)
    : Option.none()

export const chipOf = (families: Family.Family | Family.Lookup): string =>
  typeof families === "function" ? "device" : families.chip

/** The device that a path leads to, if an alias in the path really belongs to it. */
export const owned = Effect.fnUntraced(function*<P extends Family.Properties>(
  families: Family.Family<P> | Family.Lookup,
  ow: OwClient.Client,
  parsed: DevicePath
): Effect.fn.Return<Device.Device<P>, Device.Failure> {
  const path = OwPath.format(parsed)
  const id = Option.getOrUndefined(yield* ownerOf(ow, parsed))
  if (id === undefined) {
    const name = quoted(parsed.device)
    const hint = reversed.hint(RomId.fromReversed(parsed.device), "")
    const unknown = `no device has the alias ${name}, or it does not answer on the bus now${hint}`
    return yield* OwError.refused(ReturnCode.absent, MessageType.Presence, {
      operation: "romId",
      path,
      server: ow.server,
      ...(Option.isNone(OwPath.romId(parsed)) ? { meaning: unknown } : {})
    })
  }
  const code = RomId.familyCode(id)
  const family = familyOf(families, code)
  if (Option.isNone(family)) {
    return yield* new DeviceError({
      reason: { _tag: "OtherFamily" },
      operation: "romId",
      path,
      server: ow.server,
      problem: `leads to ${RomId.format(id)}, a device of family ${code}, not to a ${chipOf(families)}`
    })
  }
  const located = locate(parsed, id)
  return deviceAt<P>(family.value, {
    ...located,
    name: Option.isSome(OwPath.romId(parsed)) ? located.name : parsed.device,
    ow
  })
})

export const parse = (operation: string, address: string): Result.Result<DevicePath, OwError.ArgumentError> => {
  if (typeof address !== "string") return refuse(operation, `must be a string, not ${typeof address}`)
  const parsed = OwPath.parse(address)
  if (Result.isFailure(parsed)) return refuse(operation, parsed.failure.message)
  const { device, property } = parsed.success
  return device === undefined || property !== undefined
    ? refuse(operation, `${quoted(address)} is not a ROM id or a path of a device`)
    : Result.succeed({ ...parsed.success, uncached: false, unaliased: false, alarm: false, device })
}

/** Identity and place of the device of a path. */
export const locate = (path: DevicePath, id: RomId.RomId): Omit<Device.Located, "ow"> => ({
  id,
  path: OwPath.format({ ...path, device: id }),
  place: Place.ofPath(path),
  name: RomId.format(id)
})

export const refuse = (operation: string, problem: string): Result.Result<never, OwError.ArgumentError> =>
  Result.fail(new OwError.ArgumentError({ operation, argument: "address", problem }))
