import { Network, OwClient } from "@effect-ownet/core"
import { SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { server } from "./prometheus.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"

/** The lines of `/metrics` that begin so. */
const scrape = Effect.fnUntraced(function*(name: string) {
  const response = yield* HttpClient.get("/metrics")
  assert.match(response.headers["content-type"] ?? "", /^text\/plain; version=0\.0\.4/)
  return (yield* response.text).split("\n").filter((line) => line.startsWith(name))
})

describe("the exporter", () => {
  it.effect("shows what each thermometer says, and what the client has done for it", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({
        [cellar]: { alias: "cellar", temperature: 11.5 },
        [`/bus.1/${attic}`]: { temperature: 17 }
      })
      const program = Effect.gen(function*() {
        yield* TestClock.adjust("1 second")
        const inCellar = `{id="${cellar}",name="cellar",bus="bus.0"}`
        const inAttic = `{id="${attic}",name="${attic}",bus="bus.1"}`
        assert.sameMembers(yield* scrape("onewire_"), [
          `onewire_temperature_celsius${inCellar} 11.5`,
          `onewire_temperature_celsius${inAttic} 17`,
          `onewire_up${inCellar} 1`,
          `onewire_up${inAttic} 1`
        ])
        yield* network.set("cellar/temperature", 85)
        yield* network.breakBus(1, -5)
        yield* TestClock.adjust("40 seconds")
        assert.sameMembers(yield* scrape("onewire_"), [
          `onewire_temperature_celsius${inCellar} NaN`,
          `onewire_temperature_celsius${inAttic} NaN`,
          `onewire_up${inCellar} 0`,
          `onewire_up${inAttic} 0`
        ])
        assert.include(
          yield* scrape("owserver_client_errors_total"),
          `owserver_client_errors_total{server="simulated:4304",reason="BusFault"} 1`
        )
        yield* network.breakBus(1)
        yield* TestClock.adjust("5 minutes")
        assert.include(yield* scrape("onewire_temperature_celsius"), `onewire_temperature_celsius${inAttic} 17`)
      })
      yield* program.pipe(
        Effect.provide(server.pipe(
          Layer.provide(Network.fromClient),
          Layer.provide(TestOwClient.layer(network, { metrics: true })),
          Layer.provideMerge(NodeHttpServer.layerTest)
        ))
      )
    }))

  it.effect("waits for a server, and shows what is plugged in later, and nothing of what is gone", () =>
    Effect.gen(function*() {
      const { network, start, stop } = yield* SimulatedServer.SimulatedServer
      const program = Effect.gen(function*() {
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(yield* scrape("onewire_"), [])
        yield* start
        yield* TestClock.adjust("1 minute")
        const inCellar = `{id="${cellar}",name="cellar",bus="bus.0"}`
        const inAttic = `{id="${attic}",name="${attic}",bus="bus.1"}`
        assert.deepStrictEqual(yield* scrape("onewire_up"), [`onewire_up${inCellar} 1`])
        yield* network.appear(`/bus.1/${attic}`, { temperature: 17 })
        yield* TestClock.adjust("2 minutes")
        assert.include(yield* scrape("onewire_temperature_celsius"), `onewire_temperature_celsius${inAttic} 17`)
        yield* network.set(`${attic}/alias`, "attic")
        yield* TestClock.adjust("2 minutes")
        assert.deepStrictEqual(yield* scrape("onewire_up"), [
          `onewire_up${inCellar} 1`,
          `onewire_up{id="${attic}",name="attic",bus="bus.1"} 1`
        ])
        yield* network.vanish(attic)
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(yield* scrape("onewire_up"), [`onewire_up${inCellar} 1`])
        yield* stop
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* scrape("onewire_"), [
          `onewire_temperature_celsius${inCellar} NaN`,
          `onewire_up${inCellar} 0`
        ])
      })
      yield* stop
      yield* Effect.provide(
        program,
        server.pipe(
          Layer.provide(Network.fromClient),
          Layer.provide(OwClient.layer({ lazy: true })),
          Layer.provideMerge(NodeHttpServer.layerTest)
        )
      )
    }).pipe(Effect.provide(SimulatedServer.layer({ [cellar]: { alias: "cellar", temperature: 11.5 } }))))
})
