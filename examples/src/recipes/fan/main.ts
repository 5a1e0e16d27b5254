import { Network } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer } from "effect"
import * as Progress from "../../running/Progress.ts"
import * as Settings from "../../running/Settings.ts"
import { fan } from "./fan.ts"

Config.all({
  inside: Settings.device("INSIDE"),
  outside: Settings.device("OUTSIDE"),
  relay: Settings.device("RELAY")
}).pipe(
  Effect.flatMap((options) =>
    Effect.provide(
      fan(options),
      Progress.layer(`runs the fan at PIO.0 of ${options.relay} while the air at ${options.outside} is drier`)
    )
  ),
  Effect.provide(Layer.provideMerge(Network.fromClient, NodeOwClient.layerConfig({ lazy: Config.succeed(true) }))),
  Settings.explained({
    INSIDE: ["the ROM id or the path of a DS2438 with a humidity sensor", "26.000026D90200"],
    OUTSIDE: ["the ROM id or the path of a DS2438 with a humidity sensor", "26.000026D90300"],
    RELAY: ["the ROM id or the path of a DS2408", "29.000029D60300"]
  }),
  NodeRuntime.runMain
)
