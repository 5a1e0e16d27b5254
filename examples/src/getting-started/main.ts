import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { cellar } from "./cellar.ts"

cellar.pipe(
  Effect.flatMap(Console.log),
  Effect.provide(NodeOwClient.layerConfig()),
  Effect.catchTags({
    ConnError: (error) => Console.error(error.message),
    ConfigError: () => Console.error("OWSERVER is not an address such as raspberrypi:4304")
  }),
  NodeRuntime.runMain
)
