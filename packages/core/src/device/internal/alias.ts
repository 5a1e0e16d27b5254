/**
 * Who an alias belongs to.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as OwClient from "../../client/OwClient.ts"
import type * as OwError from "../../client/OwError.ts"
import * as OwPath from "../../onewire/OwPath.ts"
import type * as RomId from "../../onewire/RomId.ts"

/** A path to a device, by its ROM id or by an alias. */
export interface DevicePath extends OwPath.OwPath {
  readonly device: OwPath.DeviceName
}

/**
 * The device that a path leads to, if an alias in it is really the device's own: after one was taken away, a server takes any
 * name that it does not know for that device.
 */
export const ownerOf = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  path: DevicePath
): Effect.fn.Return<Option.Option<RomId.RomId>, OwError.OwError> {
  const id = yield* ow.romId(OwPath.format(path))
  if (Option.isNone(id) || Option.isSome(OwPath.romId(path))) return id
  const alias = yield* Effect.catchReason(
    ow.readText(`${OwPath.format({ ...path, device: id.value })}/alias`),
    "OwnetError",
    "NotFound",
    // Of a family that the server has no driver for, a device has no such property.
    () => Effect.succeed(path.device)
  )
  return alias === path.device ? id : Option.none()
})
