import { Discovery, OwRetry } from "@effect-ownet/core"
import { DS18B20, DS18S20 } from "@effect-ownet/core/families"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"

const program = Effect.gen(function*() {
  const { devices, failures } = yield* Discovery.devices({ families: [DS18B20, DS18S20] })
  for (const { error } of failures) yield* Console.warn(error.message)

  for (const device of devices) {
    const temperature = yield* device.read("temperature").pipe( // a number
      Effect.catchReason("OwnetError", "NotFound", () => Effect.succeed(Number.NaN))
    )
    yield* Console.log(device.name, temperature)
  }
})

program.pipe(
  // Transient failures are tried again. A write is not, unless it asks for that.
  Effect.provide(NodeOwClient.layer({ host: "localhost", port: 4304, retry: OwRetry.transient })),
  NodeRuntime.runMain
)

export { program }
