import { Network } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer, Schema } from "effect"
import { FetchHttpClient } from "effect/http"
import * as Progress from "../../running/Progress.ts"
import * as Settings from "../../running/Settings.ts"
import { freezer } from "../../testing/freezer.ts"
import { layerNtfy } from "./ntfy.ts"

Config.all({
  thermometer: Settings.device("THERMOMETER"),
  warmest: Config.Finite("WARMEST").pipe(Config.withDefault(-15)),
  url: Config.schema(Schema.URLFromString, "NTFY_URL")
}).pipe(
  Effect.flatMap(({ url, ...options }) =>
    Effect.provide(freezer(options), [
      layerNtfy(url.href).pipe(Layer.provide(FetchHttpClient.layer)),
      Progress.layer(
        `tells ${url.host} if ${options.thermometer} is above ${options.warmest} °C or silent for ten minutes`
      )
    ])
  ),
  Effect.provide(Layer.provideMerge(Network.fromClient, NodeOwClient.layerConfig({ lazy: Config.succeed(true) }))),
  Settings.explained({
    THERMOMETER: ["the ROM id or the path of a DS18B20", "28.000028D70100"],
    WARMEST: ["a temperature in °C", "-15"],
    NTFY_URL: ["the address of your topic", "https://ntfy.sh/a-name-that-nobody-guesses"]
  }),
  NodeRuntime.runMain
)
