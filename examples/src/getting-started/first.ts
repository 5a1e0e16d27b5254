import { OwClient } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"

const program = Effect.gen(function*() {
  const ow = yield* OwClient.OwClient
  const devices = yield* ow.dir("/")
  yield* Console.log(devices.join("\n"))
  const celsius = yield* ow.readText("/28.000028D70100/temperature")
  yield* Console.log(`${celsius} °C`)
})

program.pipe(
  Effect.provide(NodeOwClient.layerConfig()),
  NodeRuntime.runMain
)
