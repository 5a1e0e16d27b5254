import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect } from "effect"
import { failsafe } from "./failsafe.ts"

Config.all({
  thermometer: Config.String("THERMOMETER"),
  relay: Config.String("RELAY"),
  target: Config.Finite("TARGET").pipe(Config.withDefault(21))
}).pipe(
  Effect.flatMap(failsafe),
  Effect.provide(NodeOwClient.layerConfig({ lazy: Config.succeed(true) })),
  NodeRuntime.runMain
)
