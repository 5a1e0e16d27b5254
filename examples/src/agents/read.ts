import { Device, OwRetry } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect } from "effect"

const program = Effect.gen(function*() {
  const kitchen = yield* Device.find(DS18B20, "kitchen") // by its alias
  const celsius = yield* kitchen.read("temperature") // a number
  yield* Console.log(`${kitchen.name}: ${celsius} °C`)
})

program.pipe(
  Effect.provide(NodeOwClient.layerConfig({ retry: Config.succeed(OwRetry.transient) })), // OWSERVER, or localhost:4304
  NodeRuntime.runMain
)
