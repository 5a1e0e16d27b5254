import { NodeNetwork } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Option, Stream } from "effect"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { summaries } from "./hundred.ts"

summaries.pipe(
  Stream.runForEach(({ at, device, missed, temperature }) => {
    const range = Option.match(temperature, {
      onNone: () => "nothing",
      onSome: ({ least, mean, most }) => `${least.toFixed(2)} … ${mean.toFixed(2)} … ${most.toFixed(2)} °C`
    })
    return Console.log(at.toISOString(), device.name, range, missed === 0 ? "" : `(missed ${missed})`)
  }),
  Effect.provide(
    Progress.layer("sums up each minute: the first lines come in a minute").pipe(
      Layer.provideMerge(NodeNetwork.layerConfig())
    )
  ),
  Settings.explained(),
  NodeRuntime.runMain
)
