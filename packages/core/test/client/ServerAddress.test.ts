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
      ["owserver://[::1]:4304", "::1", 4304],
      ["tcp://10.0.0.7:4305", "10.0.0.7", 4305],
      // A port alone is what the programs of OWFS take.
      ["4305", "localhost", 4305],
      ["owserver://4305", "localhost", 4305],
      [" pi:4305\r\n", "pi", 4305]
    ]
    for (const [text, host, port] of cases) {
      assert.deepStrictEqual(ServerAddress.fromString(text), Option.some({ host, port }), text)
    }
  })

  it("is none otherwise", () => {
    for (
      const text of [
        "",
        ":4304",
        "a:b",
        "a:0",
        "a:65536",
        "::1",
        "http://a",
        "owserver://a/path",
        "a b",
        "u@a",
        "0",
        "65536"
      ]
    ) {
      assert.isTrue(Option.isNone(ServerAddress.fromString(text)), text)
      assert.isString(ServerAddress.problem(text), text)
    }
    for (const text of ["4304:4304", "owserver://a?uncached", "a/28.000028D70100", "a#b", "1234567890", "tcp://"]) {
      assert.isTrue(Option.isNone(ServerAddress.fromString(text)), text)
    }
  })

  it("says what to do about it", () => {
    const usage = "write host, host:port, [::1]:4304, owserver://host:port, or w1: for the kernel's own bus"
    const cases: ReadonlyArray<readonly [string, string | undefined]> = [
      ["pi:4304", undefined],
      ["http://pi", usage],
      ["a b", usage],
      ["pi:430400", "the port must be from 1 to 65535, not 430400"],
      ["70000", "the port must be from 1 to 65535, not 70000"],
      [
        "owserver://pi:4304/28.000028D70100?uncached",
        "leave out \"/28.000028D70100?uncached\": an address ends with the port; give paths and flags to each call"
      ]
    ]
    for (const [text, problem] of cases) assert.strictEqual(ServerAddress.problem(text), problem)
  })

  it("may be the kernel's own bus", () => {
    const cases: ReadonlyArray<readonly [text: string, w1: string, formatted: string]> = [
      ["w1:", "/sys/bus/w1", "w1:"],
      [" w1:\r\n", "/sys/bus/w1", "w1:"],
      ["w1:/sys/bus/w1/", "/sys/bus/w1", "w1:"],
      ["w1:/srv/a b//", "/srv/a b", "w1:/srv/a b"],
      ["w1:/", "/", "w1:/"]
    ]
    for (const [text, w1, formatted] of cases) {
      assert.deepStrictEqual(ServerAddress.fromString(text), Option.some({ w1 }), text)
      assert.strictEqual(ServerAddress.format({ w1 }), formatted)
      assert.strictEqual(ServerAddress.nameOf({ w1 }), formatted)
    }
    for (const text of ["w1:sys", "w1:/a\0", "w1://pi:4304\n/x", "W1:"]) {
      assert.isFalse(Option.exists(ServerAddress.fromString(text), ServerAddress.isW1), text)
    }
    // A host may have that name.
    for (const text of ["w1", "w1:4304"]) {
      assert.deepStrictEqual(ServerAddress.fromString(text), Option.some({ host: "w1", port: 4304 }))
    }
    assert.strictEqual(ServerAddress.nameOf({ host: "w1", port: 4304 }), "w1")
  })

  it.effect("comes back from its URI", () =>
    Effect.gen(function*() {
      const address = { host: "::1", port: 4304 }
      const uri = yield* Schema.encodeEffect(ServerAddress.ServerAddressFromString)(address)
      assert.strictEqual(uri, "owserver://[::1]:4304")
      assert.deepStrictEqual(yield* Schema.decodeEffect(ServerAddress.ServerAddressFromString)(uri), address)
      const kernel = { w1: "/srv/w1" }
      const text = yield* Schema.encodeEffect(ServerAddress.ServerAddressFromString)(kernel)
      assert.strictEqual(text, "w1:/srv/w1")
      assert.deepStrictEqual(yield* Schema.decodeEffect(ServerAddress.ServerAddressFromString)(text), kernel)
      const error = yield* Effect.flip(Schema.decodeEffect(ServerAddress.ServerAddressFromString)("http://x"))
      assert.include(error.message, "owserver://host:port")
    }))
})
