import { History } from "@effect-ownet/hub"
import { NodeNetwork } from "@effect-ownet/node"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer } from "effect"
import { createServer } from "node:http"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { serve } from "./hub.ts"

const history = Config.String("DATABASE").pipe(
  Config.withDefault("house.sqlite"),
  Effect.map((file) => file === ":memory:" ? History.layerMemory : History.layerSqlite(file)),
  Layer.unwrap
)

Settings.hosts.pipe(
  Effect.map((hosts) => Layer.merge(serve(hosts), Progress.layer("keeps a history, and shows it on a page"))),
  Layer.unwrap,
  Layer.provide([
    history,
    NodeNetwork.layerConfig(),
    NodeHttpServer.layerConfig(() => createServer(), {
      host: Config.String("HOST").pipe(Config.withDefault("127.0.0.1")),
      port: Settings.port(8080),
      gracefulShutdownTimeout: Config.succeed("250 millis" as const)
    })
  ]),
  Layer.launch,
  Settings.explained(),
  NodeRuntime.runMain
)
