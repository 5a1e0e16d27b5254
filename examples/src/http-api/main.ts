import { NodeNetwork } from "@effect-ownet/node"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Layer } from "effect"
import { createServer } from "node:http"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { server } from "./http-api.ts"

Layer.merge(server, Progress.layer("serves a network over HTTP, described at /docs")).pipe(
  Layer.provide([
    NodeNetwork.layerConfig({ timeout: Config.succeed("10 seconds") }),
    NodeHttpServer.layerConfig(() => createServer(), {
      host: Config.String("HOST").pipe(Config.withDefault("127.0.0.1")),
      port: Settings.port(3000)
    })
  ]),
  Layer.launch,
  Settings.explained(),
  NodeRuntime.runMain
)
