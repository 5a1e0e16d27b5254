import { Network } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer } from "effect"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { failsafe } from "./failsafe.ts"

Config.all({
  thermometer: Settings.device("THERMOMETER"),
  relay: Settings.device("RELAY"),
  target: Config.Finite("TARGET").pipe(Config.withDefault(21))
}).pipe(
  Effect.flatMap((room) =>
    Effect.provide(
      failsafe(room),
      Progress.layer(`keeps ${room.thermometer} at ${room.target} °C by PIO.0 of ${room.relay}`)
    )
  ),
  Effect.provide(Layer.provideMerge(Network.fromClient, NodeOwClient.layerConfig({ lazy: Config.succeed(true) }))),
  Settings.explained({
    THERMOMETER: ["the ROM id or the path of a DS18B20", "28.000028D70100"],
    RELAY: ["the ROM id or the path of a DS2408", "29.000029D60300"],
    TARGET: ["a temperature in °C", "21"]
  }),
  NodeRuntime.runMain
)
