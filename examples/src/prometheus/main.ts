import { NodeNetwork } from "@effect-ownet/node"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Layer } from "effect"
import { createServer } from "node:http"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { server } from "./prometheus.ts"

Layer.merge(server, Progress.layer("shows all temperatures at /metrics")).pipe(
  Layer.provide([
    NodeNetwork.layerConfig({ metrics: Config.succeed(true) }),
    NodeHttpServer.layerConfig(() => createServer(), { port: Settings.port(9404) })
  ]),
  Layer.launch,
  Settings.explained(),
  NodeRuntime.runMain
)
