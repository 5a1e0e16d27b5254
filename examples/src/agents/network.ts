import { Network } from "@effect-ownet/core"
import { DS18B20, DS2408 } from "@effect-ownet/core/families"
import { NodeNetwork } from "@effect-ownet/node"
import { Effect } from "effect"

/** Any number of servers. Building the layer contacts none of them. `NodeNetwork.layerConfig()` takes `OWSERVERS`. */
export const layer = NodeNetwork.layer({
  servers: ["raspberrypi", { name: "barn", host: "10.0.0.7", port: 4305 }],
  timeout: "10 seconds"
})

/** The thermometer and the relay are found on the server that has them, and again if they move. */
export const frostGuard = Effect.gen(function*() {
  const network = yield* Network.Network
  const cellar = yield* network.device(DS18B20, "cellar")
  const heater = yield* network.device(DS2408, "29.000029D60300")
  yield* heater.write("PIO.0", (yield* cellar.read("temperature")) < 5)
})
