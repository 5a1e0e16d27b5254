import { Device, OwClient } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { Fault, SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { fan, runs } from "./fan.ts"

const cellar = {
  inside: "/bus.0/26.000026D90200",
  outside: "/bus.1/26.000026D90300",
  relay: "/bus.0/29.000029D60300"
}

/** Dew points of 11.1 and 3.5 °C. */
const damp: SimulatedNetwork.Description = {
  [cellar.inside]: { temperature: 15, humidity: 78 },
  [cellar.outside]: { temperature: 10, humidity: 64 },
  [cellar.relay]: { "PIO.BYTE": 0 }
}

const blows = Effect.flatMap(Device.make(DS2408, cellar.relay), (relay) => relay.read("PIO.0"))

describe("runs", () => {
  const inside = { temperature: 15, humidity: 78 }

  it("starts at 3 degrees, and goes on until there is 1", () => {
    // Dew points of 8.7, 9.3 and 10.5 °C.
    const [half, little, hardly] = [67.3, 70, 76].map((humidity) => ({ temperature: 14.63, humidity }))
    for (
      const [outside, isRunning, expected] of [
        [half, false, false],
        [half, true, true],
        [little, false, false],
        [little, true, true],
        [hardly, true, false]
      ] as const
    ) {
      assert.strictEqual(runs(inside, outside!, isRunning), expected, JSON.stringify([outside, isRunning]))
    }
  })

  it("is not deceived by relative humidity: a summer's day of 50 % is wetter than a cellar of 78 %", () => {
    assert.isFalse(runs(inside, { temperature: 28, humidity: 50 }, true))
    assert.isTrue(runs(inside, { temperature: 2, humidity: 95 }, false))
  })

  it("is off in a cold cellar, and for air that has no dew point", () => {
    assert.isFalse(runs({ temperature: 7.5, humidity: 90 }, { temperature: -10, humidity: 60 }, true))
    assert.isFalse(runs(inside, { temperature: 10, humidity: 0 }, true))
  })
})

describe("fan", () => {
  it.effect("blows while it is drier outside", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make(damp)
      yield* Effect.gen(function*() {
        yield* Effect.forkChild(fan(cellar))
        yield* TestClock.adjust("2 minutes")
        assert.isTrue(yield* blows)
        yield* network.set(`${cellar.outside}/humidity`, 99)
        yield* TestClock.adjust("2 minutes")
        assert.isTrue(yield* blows)
        yield* network.set(`${cellar.outside}/temperature`, 14)
        yield* TestClock.adjust("2 minutes")
        assert.isFalse(yield* blows)
      }).pipe(Effect.provide(TestOwClient.layer(network)))
    }))

  it.effect("is off while nobody knows, and blows again when somebody does", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make(damp)
      yield* Effect.gen(function*() {
        yield* Effect.forkChild(fan(cellar))
        for (
          const [fail, repair] of [
            [network.vanish(cellar.outside), network.appear(cellar.outside)],
            [network.breakBus(1, -5), network.breakBus(1)],
            [network.set(`${cellar.inside}/humidity`, -24), network.set(`${cellar.inside}/humidity`, 78)],
            [network.set(`${cellar.outside}/humidity`, 130), network.set(`${cellar.outside}/humidity`, 64)]
          ]
        ) {
          yield* TestClock.adjust("5 minutes")
          assert.isTrue(yield* blows)
          yield* fail
          yield* TestClock.adjust("5 minutes")
          assert.isFalse(yield* blows)
          yield* repair
        }
      }).pipe(Effect.provide(TestOwClient.layer(network)))
    }))

  it.effect("is off when the program ends, or says that it may not be", () =>
    Effect.gen(function*() {
      const said: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        if (logLevel === "Error") said.push(String(message))
      })
      yield* Effect.gen(function*() {
        const server = yield* SimulatedServer.SimulatedServer
        const first = yield* Effect.forkChild(fan(cellar))
        yield* TestClock.adjust("2 minutes")
        assert.isTrue(yield* blows)
        yield* Fiber.interrupt(first)
        assert.isFalse(yield* blows)
        assert.deepStrictEqual(said, [])

        const second = yield* Effect.forkChild(fan(cellar))
        yield* TestClock.adjust("2 minutes")
        yield* server.setFaults(() => Fault.Fault.Silence())
        const end = yield* Effect.forkChild(Fiber.interrupt(second))
        yield* TestClock.adjust("1 minute")
        yield* Fiber.join(end)
        assert.lengthOf(said, 1)
        assert.match(said[0] ?? "", /^the fan may still be on: write .*PIO\.0 at simulated:4304: /)
      }).pipe(Effect.provide(Logger.layer([logger])))
    }).pipe(Effect.provide(OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer(damp))))))
})
