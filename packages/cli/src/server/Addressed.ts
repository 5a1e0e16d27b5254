/**
 * Devices by the names that people give them.
 */
import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Device from "@effect-ownet/core/device/Device"
import * as Effect from "effect/Effect"
import * as Bytes from "../show/Bytes.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Server from "./Server.ts"

/** Finds a device by its ROM id in any format, its alias or its path. Only for an alias, the server is asked whether it is there. */
export const find = Effect.fnUntraced(function*(ow: OwClient.Client, address: string) {
  const path = Bytes.pathOf(address)
  return yield* Effect.provideService(Server.explained(ow, Device.at(Catalogue.of, path)), OwClient.OwClient, ow)
})

/** The alias of a device, even if it was not found by that. */
export const alias = (device: Device.AnyDevice): Effect.Effect<string | undefined> => {
  const known = DeviceRow.aliasOf(device)
  return known !== undefined ? Effect.succeed(known) : device.ow.readText(`${device.path}/alias`).pipe(
    Effect.map((alias) => alias === "" ? undefined : alias),
    Effect.orElseSucceed(() => undefined)
  )
}
