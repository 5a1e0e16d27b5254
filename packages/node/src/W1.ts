/**
 * A client of the kernel's own 1-Wire buses, without a server process and without a socket: an owserver inside this process
 * answers.
 *
 * **Example** (Reading temperatures on a Raspberry Pi whose `config.txt` has `dtoverlay=w1-gpio`)
 *
 * ```ts
 * import { Discovery } from "@effect-ownet/core"
 * import { DS18B20 } from "@effect-ownet/core/families"
 * import { W1 } from "@effect-ownet/node"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { devices } = yield* Discovery.devices({ families: [DS18B20] })
 *   for (const device of devices) yield* Console.log(device.name, yield* device.read("temperature"))
 * })
 *
 * const main = program.pipe(Effect.provide(W1.layer()))
 * ```
 *
 * @since 0.1.0
 */
import * as Connector from "@effect-ownet/core/client/Connector"
import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as BusServer from "@effect-ownet/core/server/BusServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Fs from "node:fs/promises"
import { join } from "node:path"
import * as W1Bus from "./W1Bus.ts"

/**
 * An owserver in this process for the kernel's buses. It caches like a real one, and refuses writes unless the bus is `writable`.
 *
 * **Example** (Reading the statistics of the server)
 *
 * ```ts
 * import { W1 } from "@effect-ownet/node"
 * import { Effect } from "effect"
 *
 * const requests = Effect.gen(function*() {
 *   const server = yield* W1.server({ writable: true })
 *   return (yield* server.statistics).requests
 * })
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const server = (options: W1Bus.Options = {}): Effect.Effect<BusServer.Server> =>
  Effect.map(
    W1Bus.make(options),
    (bus) =>
      BusServer.make(nameOf(options), bus, {
        cache: true,
        readOnly: options.writable !== true,
        simultaneous: true,
        giveUp: true
      })
  )

/**
 * A connector to the kernel's buses. All its links lead to one server, which is made at once. Connecting fails if the folder does
 * not exist. A bus master and devices may come at any time.
 *
 * **Example** (Using any client)
 *
 * ```ts
 * import { Connector, OwClient } from "@effect-ownet/core"
 * import { W1 } from "@effect-ownet/node"
 * import { Layer } from "effect"
 *
 * const client = OwClient.layer({ metrics: true }).pipe(
 *   Layer.provide(Layer.effect(Connector.Connector, W1.connector()))
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const connector = (options: W1Bus.Options = {}): Effect.Effect<Connector.Connector["Service"]> =>
  Effect.map(server(options), ({ connector }) => ({
    ...connector,
    resolve: Effect.andThen(look(options.folder ?? ServerAddress.defaultW1), connector.resolve)
  }))

/**
 * A client of the kernel's buses. Unless it is `lazy`, building the layer proves that the kernel shows its buses. It only reads,
 * unless it is `writable`.
 *
 * A Node process does not end while it reads a file: under a second for a thermometer, and up to half a minute if a chip does not
 * answer.
 *
 * **Example** (Switching outputs and setting aliases)
 *
 * ```ts
 * import { W1 } from "@effect-ownet/node"
 *
 * const client = W1.layer({ writable: true, aliases: "/var/lib/house/aliases", timeout: "10 seconds" })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  options: W1Bus.Options & OwClient.Options = {}
): Layer.Layer<OwClient.OwClient, OwError.Unanswered> =>
  Layer.provide(OwClient.layer(options), Layer.effect(Connector.Connector, connector(options)))

const nameOf = ({ folder = ServerAddress.defaultW1 }: W1Bus.Options): string => ServerAddress.format({ w1: folder })

/** Fails if the kernel does not show its buses in the folder. */
const look = (folder: string): Effect.Effect<void, Connector.LinkError> => {
  const devices = join(folder, "devices")
  return Effect.tryPromise({
    try: () => Fs.access(devices, Fs.constants.R_OK | Fs.constants.X_OK),
    catch: (cause) => new Connector.LinkError({ problem: problemOf(folder, devices, cause), cause })
  })
}

const problemOf = (folder: string, devices: string, cause: unknown): string => {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined
  if (code !== "ENOENT" && code !== "ENOTDIR") {
    return `cannot look into ${devices}: ${code === "EACCES" ? "this user may not (EACCES)" : `${code ?? cause}`}`
  }
  if (process.platform !== "linux") {
    return `only Linux has 1-Wire buses of its own, and this system is ${process.platform}: name an owserver instead`
  }
  return folder === ServerAddress.defaultW1
    ? `the kernel has no 1-Wire bus: there is no folder ${devices}. On a Raspberry Pi, add the line dtoverlay=w1-gpio to config.txt and`
      + " reboot; elsewhere, load the module of the bus master, such as that of a DS9490R: sudo modprobe ds2490"
    : `there is no folder ${devices}: the kernel shows its own buses in ${ServerAddress.defaultW1}`
}
