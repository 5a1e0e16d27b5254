import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import { freezer, Pager } from "./freezer.ts"

const layerConsole = Layer.succeed(Pager, { page: (text) => Console.warn(text) })

Config.all({
  thermometer: Config.String("THERMOMETER"),
  warmest: Config.Finite("WARMEST").pipe(Config.withDefault(-15))
}).pipe(
  Effect.flatMap(freezer),
  Effect.provide([layerConsole, NodeOwClient.layerConfig({ lazy: Config.succeed(true) })]),
  NodeRuntime.runMain
)
