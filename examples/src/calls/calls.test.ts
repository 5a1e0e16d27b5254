import { OwClient } from "@effect-ownet/core"
import { SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { aliases, limits, shared, temperatures, tuned, viewers } from "./calls.ts"

const network = {
  "28.000028D70100": { alias: "cellar", temperature: 21.5 },
  "10.000010EF0000": { temperature: SimulatedNetwork.refuse(-5) }
}

const house = TestOwClient.layer(network)

describe("beyond single calls", () => {
  it.effect("ten viewers are one READ", () =>
    Effect.gen(function*() {
      const requests = Effect.flatMap(SimulatedServer.SimulatedServer, ({ statistics }) => statistics)
      const before = yield* requests
      assert.deepStrictEqual(yield* viewers, Array(10).fill(21.5))
      assert.strictEqual((yield* requests).requests - before.requests, 1)
    }).pipe(Effect.provide(
      shared.pipe(Layer.provideMerge(OwClient.layer()), Layer.provideMerge(SimulatedServer.layer(network)))
    )))

  it.effect("a walk finds what is looked for", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Stream.runCollect(limits), [
        "/cellar/temphigh",
        "/cellar/templow",
        "/10.000010EF0000/temphigh",
        "/10.000010EF0000/templow"
      ])
    }).pipe(Effect.provide(house)))

  it.effect("a list of aliases is whole", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* aliases, ["cellar"])
    }).pipe(Effect.provide(house)))

  it.effect("a sweep reads one property everywhere", () =>
    Effect.gen(function*() {
      const [warm, broken] = (yield* temperatures).toSorted().toReversed()
      assert.strictEqual(warm, "cellar: 21.5 °C")
      assert.match(broken ?? "", /^10\.000010EF0000: read \/10.000010EF0000\/temperature at .*-5 EIO/)
    }).pipe(Effect.provide(house)))

  it.effect("a server is set, and tells what its cache is worth", () =>
    Effect.gen(function*() {
      assert.lengthOf(yield* tuned, 2)
    }).pipe(Effect.provide(house)))
})
