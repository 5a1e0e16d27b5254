import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"
import { cellar } from "./cellar.ts"

cellar.pipe(
  Effect.flatMap(Console.log),
  Effect.provide(NodeOwClient.layerConfig()),
  Effect.tapError((error) =>
    Console.error(
      error._tag === "ConfigError" ? "OWSERVER is not an address such as raspberrypi:4304" : error.message
    )
  ),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
