/**
 * Who an alias belongs to.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as LongValue from "../../client/LongValue.ts"
import * as OwClient from "../../client/OwClient.ts"
import type * as OwError from "../../client/OwError.ts"
import * as OwPath from "../../onewire/OwPath.ts"
import * as RomId from "../../onewire/RomId.ts"

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

/** Whether a name can only be an alias. */
export const isAlias = (name: string): boolean => RomId.inspect(name)._tag === "NoRomId"

/** What a device is called: by its alias, unless it has none, or one that looks like the ROM id of another. */
export const nameOf = (id: RomId.RomId, alias: string): string =>
  alias !== "" && isAlias(alias) ? alias : RomId.format(id)

/** An alias that a server knows, and whose it is. */
export interface Given {
  readonly id: RomId.RomId
  readonly alias: string
}

/** All aliases of a server, also those of devices that are away. `server` is empty, or the path of the bus that it is behind. */
export const list = (
  ow: OwClient.Client,
  server: string,
  options?: OwClient.CallOptions
): Effect.Effect<ReadonlyArray<Given>, OwError.OwError> =>
  Effect.map(
    Effect.provideService(LongValue.readText(`${server}/settings/alias/list`, options), OwClient.OwClient, ow),
    (text) =>
      // A server ends a list that is too long for it within a line.
      text.split(/[\r\n]+/).slice(0, -1).flatMap((line) => {
        const id = Option.getOrUndefined(RomId.fromString(line.slice(0, 16)))
        return id === undefined ? [] : [{ id, alias: line.slice(17) }]
      })
  )
