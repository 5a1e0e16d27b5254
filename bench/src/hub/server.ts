/** The measured hub, in a separate process. It reports its port, and its heap on request. */
import { History, Hub, Routes } from "@effect-ownet/hub"
import { NodeNetwork } from "@effect-ownet/node"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { HttpServer } from "effect/http"
import { NetAddress } from "effect/net"
import { createServer } from "node:http"

const [port = "", database = ""] = process.argv.slice(2)

const hub = Hub.layer({ every: "2 seconds" }).pipe(
  Layer.provideMerge(History.layerSqlite(database)),
  Layer.provide(NodeNetwork.layer({ servers: [{ name: "pi", host: "127.0.0.1", port: Number(port) }] }))
)

const http = NodeHttpServer.layer(() => createServer(), {
  host: "127.0.0.1",
  port: 0,
  gracefulShutdownTimeout: "250 millis"
})

const told = Layer.effectDiscard(Effect.map(HttpServer.HttpServer, ({ address }) => {
  process.send?.({ port: NetAddress.isInetAddress(address) ? address.port : 0 })
  process.on("message", () => {
    globalThis.gc?.()
    process.send?.({ heap: process.memoryUsage().heapUsed })
  })
}))

NodeRuntime.runMain(Layer.launch(Layer.merge(Routes.serve(Routes.layer()), told).pipe(Layer.provide([hub, http]))))
