import * as NodeSqlite from "@effect-ownet/hub/NodeSqlite"
import { NodeNetwork } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer } from "effect"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { logTemperatures, Readings } from "./sqlite.ts"

const layerReadings = Config.String("DATABASE").pipe(
  Config.withDefault("readings.db"),
  Effect.map((file) =>
    Layer.merge(
      Readings.layer.pipe(Layer.provide(NodeSqlite.layer(file))),
      Progress.layer(`logs what thermometers measure to ${file}`)
    )
  ),
  Layer.unwrap
)

logTemperatures.pipe(
  Effect.provide(
    layerReadings.pipe(Layer.provideMerge(NodeNetwork.layerConfig()))
  ),
  Settings.explained(),
  NodeRuntime.runMain
)
