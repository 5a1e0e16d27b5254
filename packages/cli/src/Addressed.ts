/**
 * Devices as people call them.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Device from "@effect-ownet/core/device/Device"
import * as Family from "@effect-ownet/core/device/Family"
import * as OwPath from "@effect-ownet/core/onewire/OwPath"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as DeviceRow from "./DeviceRow.ts"
import * as KnownFamily from "./KnownFamily.ts"
import * as Server from "./Server.ts"
import * as Value from "./Value.ts"

/** The device with a ROM id in any format, an alias, or a path. Only of an alias it is asked whether it leads to a device. */
export const find = Effect.fnUntraced(function*(ow: OwClient.Client, address: string) {
  const path = Value.pathOf(address)
  const hasRomId = Result.match(OwPath.parse(path), {
    onFailure: () => false,
    onSuccess: (parsed) => Option.isSome(OwPath.romId(parsed))
  })
  const device = hasRomId
    ? Device.make(Family.unknown, path)
    : Server.explained(ow, Device.find(Family.unknown, path))
  const found = yield* Effect.provideService(device, OwClient.OwClient, ow)
  KnownFamily.teach([found])
  return found
})

/** The alias that a device has, however it was found. */
export const alias = (device: Device.AnyDevice): Effect.Effect<string | undefined> => {
  const known = DeviceRow.aliasOf(device)
  return known !== undefined ? Effect.succeed(known) : device.ow.readText(`${device.path}/alias`).pipe(
    Effect.map((alias) => alias === "" ? undefined : alias),
    Effect.orElseSucceed(() => undefined)
  )
}
