/**
 * Finds the device that an alias belongs to.
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
 * The device that a path leads to, if an alias in the path really belongs to it: after an alias was removed, a server takes any
 * unknown name for that device.
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
    // A device of a family for which the server has no driver lacks this property.
    () => Effect.succeed(path.device)
  )
  return alias === path.device ? id : Option.none()
})

/** Whether a name can only be an alias. */
export const isAlias = (name: string): boolean => RomId.inspect(name)._tag === "NoRomId"

/** Name of a device: its alias, unless it has none, or one that looks like the ROM id of another device. */
export const nameOf = (id: RomId.RomId, alias: string): string =>
  alias !== "" && isAlias(alias) ? alias : RomId.format(id)

/** An alias that a server knows, with the ROM id of its device. */
export interface Given {
  readonly id: RomId.RomId
  readonly alias: string
}

/** All aliases of a server, including those of absent devices. `server` is the path of the bus that leads to it, or empty. */
export const list = (
  ow: OwClient.Client,
  server: string,
  options?: OwClient.CallOptions
): Effect.Effect<ReadonlyArray<Given>, OwError.OwError> =>
  Effect.map(
    Effect.provideService(LongValue.readText(`${server}/settings/alias/list`, options), OwClient.OwClient, ow),
    (text) =>
      // A server cuts a list that is too long within a line.
      text.split(/[\r\n]+/).slice(0, -1).flatMap((line) => {
        const id = Option.getOrUndefined(RomId.fromString(line.slice(0, 16)))
        return id === undefined ? [] : [{ id, alias: line.slice(17) }]
      })
  )
