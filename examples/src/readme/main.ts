import { Device } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"

const program = Effect.gen(function*() {
  const cellar = yield* Device.find(DS18B20, "cellar")
  const celsius = yield* cellar.read("temperature") // a number
  yield* Console.log(`${celsius} °C in the cellar`)
})

program.pipe(
  Effect.provide(NodeOwClient.layer({ host: "localhost", port: 4304 })),
  NodeRuntime.runMain
)

export { program }
