import { OwClient } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"

const first = Effect.gen(function*() {
  const ow = yield* OwClient.OwClient
  for (const path of yield* ow.dir("/")) yield* Console.log(path)
  yield* Console.log(yield* ow.readText("/28.000028D70100/temperature"))
})

first.pipe(
  Effect.provide(NodeOwClient.layerConfig()),
  NodeRuntime.runMain
)
