import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Option, Stream } from "effect"
import { summaries } from "./hundred.ts"

summaries.pipe(
  Stream.runForEach(({ at, device, missed, temperature }) => {
    const range = Option.match(temperature, {
      onNone: () => "nothing",
      onSome: ({ least, mean, most }) => `${least.toFixed(2)} … ${mean.toFixed(2)} … ${most.toFixed(2)} °C`
    })
    return Console.log(at.toISOString(), device.name, range, missed === 0 ? "" : `(missed ${missed})`)
  }),
  Effect.provide(NodeOwClient.layerConfig({ lazy: Config.succeed(true) })),
  NodeRuntime.runMain
)
