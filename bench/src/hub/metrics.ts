/**
 * The cost of a scrape: the time to format the metrics of a house as text, while nothing else runs.
 *
 *     pnpm bench:metrics
 */
import { TestNetwork } from "@effect-ownet/core/testing"
import { History, Hub, Routes } from "@effect-ownet/hub"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import { FetchHttpClient, HttpClient, HttpServer } from "effect/http"
import { NetAddress } from "effect/net"
import { createServer } from "node:http"

const devices = 1000

const house = Object.fromEntries(
  Array.from({ length: devices }, (_, i) => [`/bus.${i % 10}/28.00000000${String(i).padStart(4, "0")}`, {
    temperature: i / 16
  }])
)

const server = NodeHttpServer.layer(() => createServer(), { host: "127.0.0.1", port: 0 })

const hub = Hub.layer({ every: "10 minutes", alarms: false }).pipe(
  Layer.provideMerge(History.layerMemory),
  Layer.provide(TestNetwork.layer({ pi: house }))
)

const program = Effect.gen(function*() {
  const { address } = yield* HttpServer.HttpServer
  const port = NetAddress.isInetAddress(address) ? address.port : 0
  const scrape = Effect.flatMap(
    HttpClient.get(`http://127.0.0.1:${port}/metrics`, { headers: { "accept-encoding": "gzip" } }),
    ({ text }) => text
  )
  while (!(yield* scrape).includes(`onewire_readings_total`)) yield* Effect.sleep("100 millis")
  yield* Effect.sleep("10 seconds")
  const times: Array<number> = []
  let size = 0
  for (let i = 0; i < 50; i++) {
    const at = performance.now()
    size = (yield* scrape).split("\n").length
    times.push(performance.now() - at)
  }
  times.sort((a, b) => a - b)
  yield* Console.log(
    `${devices} devices, ${size} lines: median ${times[25]?.toFixed(1)} ms, best ${times[0]?.toFixed(1)} ms, `
      + `worst ${times[49]?.toFixed(1)} ms`
  )
})

program.pipe(
  Effect.provide([Routes.serve(Routes.layer()).pipe(Layer.provideMerge([hub, server])), FetchHttpClient.layer]),
  NodeRuntime.runMain
)
