import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer } from "effect"
import * as NodeSqlite from "./NodeSqlite.ts"
import { logTemperatures, Readings } from "./sqlite.ts"

const layerDatabase = Config.String("DATABASE").pipe(
  Config.withDefault("readings.db"),
  Effect.map(NodeSqlite.layer),
  Layer.unwrap
)

logTemperatures.pipe(
  Effect.provide([
    Readings.layer.pipe(Layer.provide(layerDatabase)),
    NodeOwClient.layerConfig({ lazy: Config.succeed(true) })
  ]),
  NodeRuntime.runMain
)
