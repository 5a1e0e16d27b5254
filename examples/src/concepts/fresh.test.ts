import { Device, OwClient } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { compare } from "./fresh.ts"

it.effect("a temperature stays in the cache for 15 seconds, and an uncached read goes past it", () =>
  Effect.gen(function*() {
    const network = yield* SimulatedNetwork.make({ "28.000028D70100": { temperature: 20 } })
    const program = Effect.gen(function*() {
      const thermometer = yield* Device.make(DS18B20, "28.000028D70100")
      assert.deepStrictEqual(yield* compare(thermometer), { cached: 20, fresh: 20 })
      yield* network.set("28.000028D70100/temperature", 25)
      yield* TestClock.adjust("14 seconds")
      assert.deepStrictEqual(yield* compare(thermometer), { cached: 20, fresh: 25 })
      yield* network.set("28.000028D70100/temperature", 30)
      yield* TestClock.adjust("16 seconds")
      assert.deepStrictEqual(yield* compare(thermometer), { cached: 30, fresh: 30 })
    })
    const server = SimulatedServer.layer(network, { cache: true })
    yield* Effect.provide(program, OwClient.layer().pipe(Layer.provide(server)))
  }))
