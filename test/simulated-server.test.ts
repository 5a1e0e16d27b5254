/**
 * The simulated server compared with recordings from the real one, byte for byte, over a TCP socket.
 */
import { OwClient } from "@effect-ownet/core"
import { SimulatedNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { type Exchange, exchanges } from "./fixtures/exchanges.ts"
import * as wire from "./fixtures/wire.ts"

const nine = SimulatedNetwork.tester(["10", "28", "26", "29", "1F", "20", "14", "1D", "05"])

const returnCodes = ["Good result", "Startup - command line parameters invalid"]

/** Settings of the simulated server for the exchanges of a real one. Those with the same name run in order. */
const servers: Readonly<Record<string, readonly [SimulatedNetwork.Description, NodeSimulatedServer.Options]>> = {
  "owserver --tester=10,28,26,29,1F,20,14,1D,05": [nine, { returnCodes }],
  "owserver --mock=28.000028D70100,26.000026D70100": [{ "28.000028D70100": {}, "26.000026D70100": {} }, {}],
  "owserver --readonly": [nine, { readOnly: true }],
  "owserver --no_persistence": [nine, { persistentConnections: 0 }],
  "owserver --no_dirall --no_get": [nine, { dirAll: false, get: false }],
  "owserver --clients_persistent_high=1, slot taken": [nine, { persistentConnections: 1 }],
  "owserver --pingcrazy": [{ "28.000028D70000": {} }, { alwaysKeepalive: true }]
}

/** Whether it depends on the real server's memory, or on the bus of another server behind it. */
const isOfItsOwn = ({ name, server }: Exchange): boolean => name === "read-binary-offset" || !(server in servers)

describe("the simulated server gives the recorded replies", () => {
  const kinds = Object.entries(servers)
  it("of all servers but one behind another", () => {
    const left = exchanges.filter(isOfItsOwn)
    assert.deepStrictEqual(
      [...new Set(left.map(({ server }) => server))],
      [kinds[0]?.[0], "owserver -s <slow upstream>", "owserver -s <upstream just died>"]
    )
    assert.strictEqual(exchanges.length - left.length, 121)
  })

  for (const [name, [network, options]] of kinds) {
    it.live(`of ${name}`, () =>
      Effect.gen(function*() {
        const { port } = yield* NodeSimulatedServer.start(network, options)
        // A client that holds the only slot permanently.
        const witness = yield* wire.connect(port)
        if (name.endsWith("slot taken")) yield* witness.ask(wire.ping)
        for (const exchange of exchanges.filter((exchange) => exchange.server === name && !isOfItsOwn(exchange))) {
          const { bytes, end } = yield* wire.conversation(
            port,
            wire.bytesOf(exchange.request_hex),
            exchange.reply_hex.length / 2
          )
          assert.strictEqual(wire.hexOf(bytes), exchange.reply_hex, exchange.name)
          const expected = /closed \((\w+)\)/.exec(exchange.connection_after)?.[1] ?? "open"
          assert.strictEqual(end, expected, exchange.name)
        }
      }))
  }
})

describe("the simulated server", () => {
  const families: Record<string, Record<string, string>> = JSON.parse(
    readFileSync(new URL("./fixtures/structure.json", import.meta.url), "utf8")
  ).families

  it.effect("gives the type record of each property that the real one has", () =>
    Effect.gen(function*() {
      const ow = yield* OwClient.OwClient
      let count = 0
      for (const [family, records] of Object.entries(families)) {
        for (const [name, record] of Object.entries(records)) {
          assert.strictEqual(yield* ow.readText(`/structure/${family}/${name}`), record, `${family}/${name}`)
          count++
        }
      }
      assert.strictEqual(count, 2237)
    }).pipe(Effect.provide(TestOwClient.layer({}))))
})
