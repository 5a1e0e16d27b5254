/**
 * Prints all temperatures of the server that `OWSERVER` names, by each client that this runtime has:
 *
 *     node examples/src/runtimes/main.ts
 *     bun examples/src/runtimes/main.ts
 *     deno run --allow-all examples/src/runtimes/main.ts
 */
import { Discovery, ServerAddress } from "@effect-ownet/core"
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import * as Settings from "../running/Settings.ts"
import * as deno from "./deno.ts"
import * as sockets from "./sockets.ts"

const show = (name: string) =>
  Effect.gen(function*() {
    const { devices } = yield* Discovery.devices({ families: [DS18B20, DS18S20] })
    for (const device of devices) yield* Console.log(name, device.name, yield* device.read("temperature"))
  })

const main = Effect.gen(function*() {
  const server = yield* NodeOwClient.server
  yield* Effect.provide(show("@effect-ownet/node"), NodeOwClient.layer(server))
  // The kernel's own buses need no socket.
  if (ServerAddress.isW1(server)) return
  const { host, port } = server
  yield* Effect.provide(show("effect/socket"), sockets.layer(host, port))
  if ("Deno" in globalThis) yield* Effect.provide(show("Deno.connect"), deno.layer(host, port))
})

main.pipe(Settings.explained(), NodeRuntime.runMain)
