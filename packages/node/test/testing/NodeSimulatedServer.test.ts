import { OwClient, type OwError } from "@effect-ownet/core"
import { Fault, SimulatedServer } from "@effect-ownet/core/testing"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeSocketServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { NetAddress } from "effect/net"
import { SocketServer } from "effect/socket"

const tree = { "28.000028D70100": { temperature: 21.5 } }

const temperature = (ow: OwClient.Client) => ow.readText("/28.000028D70100/temperature")

const clientAt = (port: number) =>
  Effect.map(
    Layer.build(NodeOwClient.layer({ host: "127.0.0.1", port })),
    (context) => Context.get(context, OwClient.OwClient)
  )

const reason = (error: OwError.OwError): string => "reason" in error ? error.reason._tag : error._tag

describe("NodeSimulatedServer", () => {
  it.live("listens on a free port until its scope closes", () =>
    Effect.gen(function*() {
      const { port } = yield* Effect.scoped(Effect.gen(function*() {
        const server = yield* NodeSimulatedServer.start(tree)
        assert.strictEqual(yield* temperature(yield* clientAt(server.port)), "21.5")
        return server
      }))
      const error = yield* Effect.flip(clientAt(port))
      assert.strictEqual(reason(error), "Connect")
    }))

  it.live("says why it cannot listen", () =>
    Effect.gen(function*() {
      const { port } = yield* NodeSimulatedServer.start(tree)
      const error = yield* Effect.flip(NodeSimulatedServer.start(tree, { port }))
      assert.strictEqual(error._tag, "OwserverError")
      assert.include(error.message, `cannot listen on 127.0.0.1:${port}`)
      assert.include(error.message, "EADDRINUSE")
    }))

  it.live("gives a client, and the server behind it", () =>
    Effect.gen(function*() {
      const ow = yield* OwClient.OwClient
      const server = yield* SimulatedServer.SimulatedServer
      for (const at of ["before", "inside", "after"] as const) {
        yield* server.setFaults(Fault.first(1, Fault.Fault.Reset({ at })))
        const outcome = yield* Effect.match(temperature(ow), { onSuccess: (text) => text, onFailure: reason })
        assert.include(at === "inside" ? ["ShortRead", "Closed"] : ["21.5"], outcome, at)
        assert.strictEqual(yield* temperature(ow), "21.5")
      }
    }).pipe(Effect.provide(NodeSimulatedServer.layerClient(tree))))

  it.live("is one of several ways to have a simulated server on sockets", () =>
    Effect.gen(function*() {
      const { address } = yield* SocketServer.SocketServer
      yield* Effect.forkScoped(SimulatedServer.run)
      const port = NetAddress.isInetAddress(address) ? address.port : 0
      assert.strictEqual(yield* temperature(yield* clientAt(port)), "21.5")
    }).pipe(
      Effect.scoped,
      Effect.provide([SimulatedServer.layer(tree), NodeSocketServer.layer({ host: "127.0.0.1", port: 0 })])
    ))
})
