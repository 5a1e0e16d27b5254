import { Network } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { NodeFleet, Owserver, Postgres } from "@effect-ownet/hub"
import { Console, Effect, Layer } from "effect"

const fleet = Owserver.layerNetwork.pipe(
  Layer.provide(NodeFleet.layerClient),
  Layer.provide(Postgres.layer("postgres://ow:secret@10.8.0.1/ow"))
)

/** Reads a thermometer of a fleet, through the runner that is connected to its server. */
export const program = Effect.gen(function*() {
  const network = yield* Network.Network
  const cellar = yield* network.device(DS18B20, "cellar")
  yield* Console.log(yield* cellar.read("temperature"))
}).pipe(Effect.provide(fleet))
