import { Network, OwClient } from "@effect-ownet/core"
import { SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { summaries, type Summary } from "./hundred.ts"

const names = Array.from(
  { length: 100 },
  (_, at) => `28.${(at + 1).toString(16).padStart(4, "0").toUpperCase()}28D70100`
)

/** Sixty are on one bus, and forty on another. */
const busOf = (at: number): number => at < 60 ? 0 : 1

/** Lets fibers that wait only for each other settle. */
const settle = Effect.repeat(Effect.yieldNow, { times: 1000 })

/**
 * The summaries, as time passes. The clock advances by seconds, because one that leaps does not wait for fibers that hand over.
 */
const listen = Effect.gen(function*() {
  const told: Array<Summary> = []
  yield* Effect.forkChild(Stream.runForEach(summaries, (summary) => Effect.sync(() => told.push(summary))))
  yield* settle
  return (seconds: number) =>
    Effect.map(Effect.repeat(TestClock.adjust("1 second"), { times: seconds - 1 }), () => told.splice(0))
})

describe("summaries", () => {
  it.effect("are one for each thermometer and minute, from six rounds of all", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make(
        Object.fromEntries(
          names.map((name, at) => [`/bus.${busOf(at)}/${name}`, { temperature: (seconds) => at + seconds / 60 }])
        ),
        { conversions: "real" }
      )
      const program = Effect.gen(function*() {
        const listening = yield* listen
        const after = (seconds: number) =>
          Effect.map(listening(seconds), (told) => {
            const one = new Map(told.map((summary) => [summary.device.name, summary]))
            return names.map((name) => one.get(name))
          })

        for (const [at, summary] of (yield* after(70)).entries()) {
          const { least, mean, most } = Option.getOrThrow(summary?.temperature ?? Option.none())
          assert.strictEqual(summary?.missed, 0)
          assert.approximately(least, at, 0.1)
          assert.approximately(mean, at + 30 / 60, 0.1)
          assert.approximately(most, at + 55 / 60, 0.1)
        }
        yield* network.breakBus(1, -5)
        const second = yield* after(60)
        assert.deepStrictEqual(second.map((summary) => summary?.missed), names.map((_, at) => busOf(at) * 5))
        const third = yield* after(60)
        assert.deepStrictEqual(third.map((summary) => summary?.missed), names.map((_, at) => busOf(at) * 6))
        assert.isTrue(Option.isNone(third[99]?.temperature ?? Option.some({})))
      })
      yield* Effect.provide(program, Layer.provide(Network.fromClient, TestOwClient.layer(network)))
    }))

  it.effect("wait for a server, have what is plugged in later, and leave out what is gone", () =>
    Effect.gen(function*() {
      const { network, start, stop } = yield* SimulatedServer.SimulatedServer
      yield* stop
      const after = yield* listen
      const told = (seconds: number) =>
        Effect.map(
          after(seconds),
          (summaries) =>
            summaries.map(({ device, missed, temperature }) =>
              [device.name, missed, Option.getOrUndefined(temperature)?.mean] as const
            )
        )
      assert.deepStrictEqual(yield* told(125), [])
      yield* start
      yield* told(60)
      assert.deepStrictEqual(yield* told(60), [["cellar", 0, 11]])
      yield* network.appear(names[0], { temperature: 17 })
      yield* told(120)
      assert.deepStrictEqual(yield* told(60), [["cellar", 0, 11], [names[0], 0, 17]])
      yield* network.vanish(names[0])
      yield* told(60)
      assert.deepStrictEqual(yield* told(60), [["cellar", 0, 11], [names[0], 6, undefined]])
      yield* told(120)
      assert.deepStrictEqual(yield* told(60), [["cellar", 0, 11]])
      yield* stop
      yield* told(60)
      assert.deepStrictEqual(yield* told(60), [["cellar", 6, undefined]])
    }).pipe(Effect.provide(
      Network.fromClient.pipe(
        Layer.provide(OwClient.layer({ lazy: true })),
        Layer.provideMerge(SimulatedServer.layer({
          "28.000028D70200": { alias: "cellar", temperature: 11 }
        }))
      )
    )))
})
