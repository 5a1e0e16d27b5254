import { Device, OwClient } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { Fault, SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { failsafe } from "./failsafe.ts"

/** The thermometer and the relay are on separate buses. */
const room = { thermometer: "/bus.1/28.000028D70100", relay: "/bus.0/29.000029D60300", target: 21 }

const cold: SimulatedNetwork.Description = {
  "/bus.1/28.000028D70100": { temperature: 18.5 },
  "/bus.0/29.000029D60300": { "PIO.BYTE": 0 }
}

const heating = Effect.flatMap(Device.make(DS2408, room.relay), (relay) => relay.read("PIO.0"))

/** Lets fibers that wait only for each other settle. */
const settle = Effect.repeat(Effect.yieldNow, { times: 100 })

describe("failsafe", () => {
  it.effect("heats on through a moment in which the bus fails", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make(cold)
      const program = Effect.gen(function*() {
        yield* Effect.forkChild(failsafe(room))
        yield* TestClock.adjust("1 minute")
        assert.isTrue(yield* heating)
        yield* network.breakBus(1, -5)
        yield* TestClock.adjust("40 seconds")
        yield* network.breakBus(1)
        yield* TestClock.adjust("10 minutes")
        assert.isTrue(yield* heating)
      })
      yield* Effect.provide(program, TestOwClient.layer(network))
    }))

  it.effect("does not heat while nothing is measured, and heats again when something is", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make(cold)
      const temperature = `${room.thermometer}/temperature`
      const program = Effect.gen(function*() {
        yield* Effect.forkChild(failsafe(room))
        for (
          const [fail, mend] of [
            [network.vanish(room.thermometer), network.appear(room.thermometer)],
            [network.breakBus(1, -5), network.breakBus(1)],
            [network.set(temperature, -0.0625), network.set(temperature, 18.5)]
          ]
        ) {
          yield* TestClock.adjust("30 minutes")
          assert.isTrue(yield* heating)
          yield* fail
          yield* TestClock.adjust("3 minutes")
          assert.isFalse(yield* heating)
          yield* TestClock.adjust("1 hour")
          assert.isFalse(yield* heating)
          yield* mend
        }
      })
      yield* Effect.provide(program, TestOwClient.layer(network))
    }))

  it.effect("asks a bus that fails for long less and less often", () =>
    Effect.gen(function*() {
      const { network, statistics } = yield* SimulatedServer.SimulatedServer
      yield* Effect.forkChild(failsafe({ ...room, target: 0 }))
      yield* network.breakBus(1, -5)
      yield* TestClock.adjust("3 hours")
      const before = (yield* statistics).requests
      yield* TestClock.adjust("1 hour")
      // The relay is written twice a minute, each time in two requests. The thermometer is tried twice, nine times each.
      assert.isBelow((yield* statistics).requests - before, 2 * 2 * 60 + 3 * 9)
    }).pipe(Effect.provide(OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer(cold))))))

  it.effect("switches off, once it can, what it could not reach", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* Effect.forkChild(failsafe(room))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* heating)
      yield* server.network.breakBus(1, -5)
      yield* server.stop
      yield* TestClock.adjust("1 hour")
      yield* server.start
      yield* TestClock.adjust("2 minutes")
      assert.isFalse(yield* heating)
    }).pipe(Effect.provide(OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer(cold))))))

  it.effect("ends all the same where the relay cannot be reached, and says that", () =>
    Effect.gen(function*() {
      const said: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        if (logLevel === "Error") said.push(String(message))
      })
      yield* Effect.gen(function*() {
        const server = yield* SimulatedServer.SimulatedServer
        const fiber = yield* Effect.forkChild(failsafe(room))
        yield* TestClock.adjust("1 minute")
        yield* server.setFaults(() => Fault.Fault.Silence())
        const end = yield* Effect.forkChild(Fiber.interrupt(fiber))
        yield* TestClock.adjust("6 seconds")
        yield* Fiber.join(end)
      }).pipe(Effect.provide(Logger.layer([logger])))
      assert.lengthOf(said, 1)
      assert.match(said[0], /^the heating may still be on: write .*PIO\.0 at simulated:4304: .* may have taken effect$/)
    }).pipe(Effect.provide(OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer(cold))))))

  it.effect("tells each time that it switches, and why", () =>
    Effect.gen(function*() {
      const said: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => {
        if (logLevel === "Info") said.push(String(message))
      })
      const network = yield* SimulatedNetwork.make(cold)
      yield* Effect.gen(function*() {
        yield* Effect.forkChild(failsafe(room))
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(said.splice(0), ["18.5 °C: the heating is on"])
        yield* network.set(`${room.thermometer}/temperature`, 21.25)
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(said.splice(0), ["21.25 °C: the heating is off"])
        yield* network.set(`${room.thermometer}/temperature`, 20)
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(said.splice(0), ["20 °C: the heating is on"])
        yield* network.vanish(room.thermometer)
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(said, ["the thermometer has failed too often: the heating is off"])
      }).pipe(Effect.provide([TestOwClient.layer(network), Logger.layer([logger])]))
    }))

  it.effect("leaves the heating off when it ends", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(failsafe(room))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* heating)
      yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* settle
      assert.isFalse(yield* heating)
    }).pipe(Effect.provide(TestOwClient.layer(cold))))
})
