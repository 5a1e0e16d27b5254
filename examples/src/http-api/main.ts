import { NodeOwClient } from "@effect-ownet/node"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Layer } from "effect"
import { createServer } from "node:http"
import { server } from "./http-api.ts"

server.pipe(
  Layer.provide([
    NodeOwClient.layerConfig({ lazy: Config.succeed(true), timeout: Config.succeed("10 seconds") }),
    NodeHttpServer.layerConfig(() => createServer(), {
      host: Config.String("HOST").pipe(Config.withDefault("127.0.0.1")),
      port: Config.Port("PORT").pipe(Config.withDefault(3000))
    })
  ]),
  Layer.launch,
  NodeRuntime.runMain
)
