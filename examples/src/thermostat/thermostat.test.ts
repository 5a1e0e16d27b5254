import { Device, OwClient } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { Fault, SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { NodeOwClient, NodeOwserver } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Schedule } from "effect"
import { TestClock } from "effect/testing"
import { spawnSync } from "node:child_process"
import { thermostat } from "./thermostat.ts"

const room = { thermometer: "28.000028D70100", relay: "29.000029D60300", target: 21 }

const heating = Effect.flatMap(Device.make(DS2408, room.relay), (relay) => relay.read("PIO.0"))

describe("thermostat", () => {
  it.effect("heats while it is cold", () =>
    Effect.gen(function*() {
      yield* Effect.forkChild(thermostat(room))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* heating)
      yield* TestClock.adjust("10 minutes")
      assert.isFalse(yield* heating)
    }).pipe(Effect.provide(TestOwClient.layer({
      "28.000028D70100": { temperature: SimulatedNetwork.script([["0 seconds", 18.5], ["5 minutes", 21.25]]) },
      "29.000029D60300": { "PIO.BYTE": 0 }
    }))))

  it.effect("waits for a bus that comes back, and ends when its thermometer is gone", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({
        "28.000028D70100": { temperature: 18.5 },
        "29.000029D60300": { "PIO.BYTE": 0 }
      })
      const program = Effect.gen(function*() {
        yield* network.breakBus(0, -5)
        const fiber = yield* Effect.forkChild(thermostat(room))
        yield* TestClock.adjust("2 seconds")
        yield* network.breakBus(0)
        yield* TestClock.adjust("1 minute")
        assert.isTrue(yield* heating)
        yield* network.vanish("28.000028D70100")
        yield* TestClock.adjust("1 minute")
        const error = yield* Effect.flip(Fiber.join(fiber))
        assert.strictEqual(error._tag, "OwnetError")
      })
      yield* Effect.provide(program, TestOwClient.layer(network))
    }))

  it.effect("survives a server that hangs up on it", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.setFaults(Fault.every(3, Fault.Fault.Close({ at: "inside" })))
      yield* Effect.forkChild(thermostat(room))
      yield* TestClock.adjust("1 hour")
      yield* server.setFaults()
      assert.isTrue(yield* heating)
      assert.isAbove((yield* server.statistics).requests, 240)
    }).pipe(Effect.provide(
      OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer({
        "28.000028D70100": { temperature: 18.5 },
        "29.000029D60300": { "PIO.BYTE": 0 }
      })))
    )))

  it.live("works over a network", () =>
    Effect.gen(function*() {
      yield* Effect.timeoutOption(thermostat(room), "1 second")
      assert.isTrue(yield* heating)
    }).pipe(Effect.provide(NodeSimulatedServer.layerClient({
      "28.000028D70100": { temperature: 18.5 },
      "29.000029D60300": { "PIO.BYTE": 0 }
    }))))

  const isInstalled = spawnSync("owserver", ["--version"]).error === undefined

  it.live.skipIf(!isInstalled && process.env["CI"] === undefined)(
    "works with the real owserver",
    () =>
      Effect.gen(function*() {
        const { host, port } = yield* NodeOwserver.start({ args: ["--mock=28.000028D70100,29.000029D60300"] })
        yield* Effect.gen(function*() {
          const ow = yield* OwClient.OwClient
          // A relay of --mock stores nothing, but the server counts its writes.
          const written = ow.readText("/statistics/write/success").pipe(
            Effect.repeat({ until: (count) => count !== "0", schedule: Schedule.spaced("10 millis") })
          )
          assert.strictEqual(yield* Effect.raceFirst(thermostat(room), written), "1")
        }).pipe(Effect.provide(NodeOwClient.layer({ host, port })))
      }).pipe(Effect.provide(NodeServices.layer))
  )
})
