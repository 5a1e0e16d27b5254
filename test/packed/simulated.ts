/** A typical test of a program, which reads from a simulated server, in memory and on a port. */
import { OwClient } from "@effect-ownet/core"
import { TestOwClient } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect } from "effect"

const network = { "28.000028D70100": { temperature: 21.5 } }

const temperature = OwClient.OwClient.use((ow) => ow.readText("/28.000028D70100/temperature"))

Effect.gen(function*() {
  yield* Console.log(yield* Effect.provide(temperature, TestOwClient.layer(network)))
  yield* Console.log(yield* Effect.provide(temperature, NodeSimulatedServer.layerClient(network)))
}).pipe(NodeRuntime.runMain)
