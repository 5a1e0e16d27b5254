import { NodeOwClient } from "@effect-ownet/node"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Layer } from "effect"
import { createServer } from "node:http"
import { server } from "./prometheus.ts"

server.pipe(
  Layer.provide([
    NodeOwClient.layerConfig({ lazy: Config.succeed(true), metrics: Config.succeed(true) }),
    NodeHttpServer.layerConfig(() => createServer(), { port: Config.Port("PORT").pipe(Config.withDefault(9404)) })
  ]),
  Layer.launch,
  NodeRuntime.runMain
)
