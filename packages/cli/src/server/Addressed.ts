/**
 * Devices by the names that people use for them.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Device from "@effect-ownet/core/device/Device"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import * as Family from "@effect-ownet/core/device/Family"
import * as Place from "@effect-ownet/core/onewire/Place"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Content from "../show/Content.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import type * as Failure from "../show/Failure.ts"
import * as Server from "./Server.ts"

/**
 * Finds a device by its ROM id in any format, its alias or its path. If no server knows a ROM id or an alias, the device may be
 * behind a coupler, where servers look only for a whole path. Then this searches for it.
 */
export const find = Effect.fnUntraced(function*(
  ow: OwClient.Client,
  address: string
): Effect.fn.Return<Device.Device, Failure.Failure> {
  const path = Content.pathOf(address)
  const at = Effect.provideService(Device.at(Catalogue.of, path), OwClient.OwClient, ow)
  const direct = yield* Effect.result(at)
  const isThere = Result.isSuccess(direct)
    ? !Place.Equivalence(direct.success.place, Place.server) || (yield* ow.present(direct.success.path))
    : !isAbsence(direct.failure)
  if (!isThere) {
    const found = yield* Effect.provideService(Discovery.devices({ catalogue: Catalogue.of }), OwClient.OwClient, ow)
    const name = path.slice(1)
    const isMeant = ({ id, name: alias }: Device.AnyDevice): boolean =>
      alias === name || (Result.isSuccess(direct) && direct.success.id === id)
    const device = found.devices.filter(Device.is(Family.unknown)).find(isMeant)
    if (device !== undefined) return device
  }
  return Result.isSuccess(direct) ? direct.success : yield* Server.explained(ow, Effect.fail(direct.failure))
})

const isAbsence = (error: Device.Failure): boolean => error._tag === "OwnetError" && error.reason._tag === "NotFound"

/** The alias of a device, even if it was found by another name. */
export const alias = (device: Device.AnyDevice): Effect.Effect<string | undefined> => {
  const known = DeviceRow.aliasOf(device)
  return known !== undefined ? Effect.succeed(known) : device.ow.readText(`${device.path}/alias`).pipe(
    Effect.map((alias) => alias === "" ? undefined : alias),
    Effect.orElseSucceed(() => undefined)
  )
}
