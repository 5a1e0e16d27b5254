/**
 * Checks of the addresses of a server.
 */
import { Connector } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Reach from "../../src/doctor/Reach.ts"

describe("addresses", () => {
  const endpoint = (address: string, answer: (receiver: Connector.Receiver) => void): Connector.Endpoint => ({
    address,
    connect: (receiver) => {
      setTimeout(() => answer(receiver), 1)
      return { buffer: new Uint8Array(0), write: () => {}, close: () => {} }
    }
  })
  const open = endpoint("127.0.0.1:4304", ({ onOpen }) => onOpen())
  const refusing = endpoint("[::1]:4304", ({ onEnd }) => {
    onEnd(new Connector.LinkError({ problem: "refused the connection (ECONNREFUSED)" }))
  })
  const silent = endpoint("10.0.0.1:4304", () => {})

  it.live("that refuse do no harm beside one that serves, and those that are silent cost time", () =>
    Effect.gen(function*() {
      const harmless = yield* Reach.connect([refusing, open], 100)
      assert.strictEqual(harmless.status, "ok")
      assert.match(harmless.message, /^\[::1\]:4304 refused .+; 127\.0\.0\.1:4304 takes connections, in .+ harmless/)
      const slow = yield* Reach.connect([silent, open], 100)
      assert.strictEqual(slow.status, "warn")
      assert.match(slow.advice ?? "", /^Name 127\.0\.0\.1:4304 as the server/)
      const none = yield* Reach.connect([silent, refusing], 100)
      assert.deepInclude(none, { status: "fail", exitStatus: 3 })
      assert.match(none.message, /^10\.0\.0\.1:4304 did not answer within 0\.1 s; \[::1\]/)
    }))
})
