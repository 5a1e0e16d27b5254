import { Device } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { SimulatedNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { thermostat } from "./thermostat.ts"

const heating = Effect.flatMap(Device.make(DS2408, "29.000029D60300"), (relay) => relay.read("PIO.0"))

it.effect("heats while it is cold, and ends if its thermometer is gone", () =>
  Effect.gen(function*() {
    const network = yield* SimulatedNetwork.make({
      "28.000028D70100": { temperature: SimulatedNetwork.script([["0 seconds", 18.5], ["5 minutes", 21.25]]) },
      "29.000029D60300": { "PIO.BYTE": 0 }
    })
    yield* Effect.gen(function*() {
      const fiber = yield* Effect.forkChild(thermostat)
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* heating)
      yield* TestClock.adjust("10 minutes")
      assert.isFalse(yield* heating)
      yield* network.vanish("28.000028D70100")
      yield* TestClock.adjust("1 minute")
      assert.deepInclude(yield* Effect.flip(Fiber.join(fiber)), { _tag: "OwnetError", isRetryable: false })
    }).pipe(Effect.provide(TestOwClient.layer(network)))
  }))
