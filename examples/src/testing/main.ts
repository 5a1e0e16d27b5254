import { Network } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer } from "effect"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { freezer, Pager } from "./freezer.ts"

const layerConsole = Layer.succeed(Pager, { page: (text) => Console.warn(text) })

Config.all({
  thermometer: Settings.device("THERMOMETER"),
  warmest: Config.Finite("WARMEST").pipe(Config.withDefault(-15))
}).pipe(
  Effect.flatMap((options) =>
    Effect.provide(
      freezer(options),
      Progress.layer(`pages you if ${options.thermometer} is above ${options.warmest} °C or silent for ten minutes`)
    )
  ),
  Effect.provide([
    layerConsole,
    Layer.provideMerge(Network.fromClient, NodeOwClient.layerConfig({ lazy: Config.succeed(true) }))
  ]),
  Settings.explained({
    THERMOMETER: ["the ROM id or the path of a DS18B20", "28.000028D70100"],
    WARMEST: ["a temperature in °C", "-15"]
  }),
  NodeRuntime.runMain
)
