import { SimulatedServer } from "@effect-ownet/core/testing"
import { NodeOwClient } from "@effect-ownet/node"
import * as NodeBusServer from "@effect-ownet/node/NodeBusServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as owserver from "../../../test/fixtures/owserver.ts"

const server = SimulatedServer.make({ "28.000028D70100": { temperature: 21.5 } })

describe("NodeBusServer", () => {
  it.live("serves on a free port of this machine, and ends its connections with its scope", () =>
    Effect.gen(function*() {
      const made = yield* server
      const { client, where } = yield* Effect.scoped(Effect.gen(function*() {
        const where = yield* NodeBusServer.listen(made)
        const client = yield* owserver.client(NodeOwClient.layer(where))
        assert.strictEqual(yield* client.readText("/28.000028D70100/temperature"), "21.5")
        assert.strictEqual((yield* made.statistics).connections, 1)
        return { client, where }
      }))
      assert.strictEqual(where.host, "127.0.0.1")
      assert.strictEqual((yield* made.statistics).connections, 0)
      assert.strictEqual((yield* Effect.flip(client.dir("/")))._tag, "ConnError")
    }))

  it.live("says where it cannot listen, and why", () =>
    Effect.gen(function*() {
      const made = yield* server
      const { port } = yield* NodeBusServer.listen(made, { host: "::1" })
      const error = yield* Effect.flip(NodeBusServer.listen(made, { host: "::1", port }))
      assert.strictEqual(error._tag, "OwserverError")
      assert.include(error.message, `the server cannot listen on [::1]:${port} (`)
      assert.include(error.message, "EADDRINUSE")
    }))
})
