/**
 * The servers of a network, which are added, removed and set, and told by a stream.
 */
import { Network } from "@effect-ownet/core"
import { TestNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Stream } from "effect"
import { TestClock } from "effect/testing"

const two = { "pi-1": {}, barn: {} }

describe("Servers of a network", () => {
  const names = Effect.flatMap(
    Network.Network,
    ({ servers }) => Effect.map(servers, (servers) => servers.map(({ name }) => name))
  )

  it.effect("are removed by their addresses, too, whatever they are called, and however often", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      yield* network.set([{ name: "attic", host: "barn" }, { name: "living room", host: "pi-1" }])
      yield* network.remove("barn")
      assert.deepStrictEqual(yield* names, ["living room"])
      yield* network.remove("living room")
      yield* network.remove("living room")
      assert.deepStrictEqual(yield* names, [])
    }).pipe(Effect.provide(TestNetwork.layer(two))))

  it.effect("are set all, or stay as they are", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      yield* Effect.flip(network.set([{ name: "x", host: "barn" }, { name: "x", host: "pi-1" }]))
      assert.deepStrictEqual(yield* names, ["pi-1", "barn"])
      yield* Effect.flip(network.set(["barn", "unknown"]))
      assert.deepStrictEqual(yield* names, ["pi-1", "barn"])
    }).pipe(Effect.provide(TestNetwork.layer(two))))

  it.effect("of a stream that make no sense are left out, and no others", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(yield* names, ["pi-1", "barn"])
    }).pipe(
      Effect.provide(
        TestNetwork.layer(two, { servers: Stream.succeed(["pi-1", "unknown", { name: "pi-1", host: "barn" }, "barn"]) })
      )
    ))

  it.effect("are refused without an address, and with a name that is none", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      for (const address of [null, undefined, 7, { name: "", host: "barn" }, { name: 7, host: "barn" }]) {
        const error = yield* Effect.flip(network.add(address as never))
        assert.strictEqual(error._tag, "ArgumentError", JSON.stringify(address))
      }
    }).pipe(Effect.provide(TestNetwork.layer(two, { servers: [] }))))

  it.effect("have options that make sense, though there is none yet", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(
        Effect.provide(names, TestNetwork.layer(two, { servers: Stream.never, timeout: -1 }))
      )
      assert.isTrue(Exit.isFailure(exit))
    }))

  it.effect("are told to a slow reader as they are in the end", () =>
    Effect.gen(function*() {
      const network = yield* Network.Network
      const seen: Array<number> = []
      yield* Effect.forkChild(
        Stream.runForEach(network.changes, ({ length }) =>
          Effect.andThen(Effect.sync(() => void seen.push(length)), Effect.sleep("1 minute")))
      )
      yield* TestClock.adjust(1)
      for (let i = 0; i < 100; i++) {
        yield* network.add("barn")
        yield* network.remove("barn")
      }
      yield* network.set([])
      yield* TestClock.adjust("1 hour")
      assert.isAtMost(seen.length, 4)
      assert.strictEqual(seen.at(-1), 0)
    }).pipe(Effect.provide(TestNetwork.layer(two, { servers: ["pi-1"] }))))
})
