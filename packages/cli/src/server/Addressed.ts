/**
 * Devices as people call them.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Device from "@effect-ownet/core/device/Device"
import * as Effect from "effect/Effect"
import * as Bytes from "../show/Bytes.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Server from "./Server.ts"

/** The device with a ROM id in any format, an alias, or a path. Only of an alias it is asked whether it leads to a device. */
export const find = Effect.fnUntraced(function*(ow: OwClient.Client, address: string) {
  const path = Bytes.pathOf(address)
  return yield* Effect.provideService(Server.explained(ow, Device.at(Catalogue.of, path)), OwClient.OwClient, ow)
})

/** The alias that a device has, however it was found. */
export const alias = (device: Device.AnyDevice): Effect.Effect<string | undefined> => {
  const known = DeviceRow.aliasOf(device)
  return known !== undefined ? Effect.succeed(known) : device.ow.readText(`${device.path}/alias`).pipe(
    Effect.map((alias) => alias === "" ? undefined : alias),
    Effect.orElseSucceed(() => undefined)
  )
}
