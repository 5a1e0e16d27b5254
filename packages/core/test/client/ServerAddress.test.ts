import { ServerAddress } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"

describe("ServerAddress", () => {
  it("is read as people write it", () => {
    const cases: ReadonlyArray<readonly [string, string, number]> = [
      ["localhost", "localhost", 4304],
      ["raspberrypi.local:3000", "raspberrypi.local", 3000],
      ["ow_server:4304", "ow_server", 4304],
      ["10.0.0.1", "10.0.0.1", 4304],
      ["[::1]", "::1", 4304],
      ["[fe80::1%eth0]:4305", "fe80::1%eth0", 4305],
      ["owserver://localhost", "localhost", 4304],
      ["OWSERVER://localhost:1/", "localhost", 1],
      ["owserver://[::1]:4304", "::1", 4304]
    ]
    for (const [text, host, port] of cases) {
      assert.deepStrictEqual(ServerAddress.fromString(text), Option.some({ host, port }), text)
    }
  })

  it("is none otherwise", () => {
    for (const text of ["", ":4304", "a:b", "a:0", "a:65536", "::1", "http://a", "owserver://a/path", "a b", "u@a"]) {
      assert.isTrue(Option.isNone(ServerAddress.fromString(text)), text)
    }
  })

  it.effect("comes back from its URI", () =>
    Effect.gen(function*() {
      const address = { host: "::1", port: 4304 }
      const uri = yield* Schema.encodeEffect(ServerAddress.ServerAddressFromString)(address)
      assert.strictEqual(uri, "owserver://[::1]:4304")
      assert.deepStrictEqual(yield* Schema.decodeEffect(ServerAddress.ServerAddressFromString)(uri), address)
      const error = yield* Effect.flip(Schema.decodeEffect(ServerAddress.ServerAddressFromString)("http://x"))
      assert.include(error.message, "owserver://host:port")
    }))
})
