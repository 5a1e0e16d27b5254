import { Network, OwClient, RomId } from "@effect-ownet/core"
import { Fault, type SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Option } from "effect"
import { HttpBody, HttpClient } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { TestClock } from "effect/testing"
import { Api } from "./Api.ts"
import { server } from "./http-api.ts"

const idOf = (text: string) => Option.getOrThrow(RomId.fromString(text))
const cellar = idOf("28.000028D70100")
const relays = idOf("29.000029D60300")
const clock = idOf("04.000004EF0000")
const nobody = idOf("28.000028D70200")

const statusOf = (path: string) => Effect.map(HttpClient.get(path), ({ status }) => status)

/** Switches a relay by a body with so many spaces in it. */
const put = (spaces: number) =>
  HttpClient.put("/devices/29.000029D60300/PIO.0", {
    body: HttpBody.text(`{"value":true${" ".repeat(spaces)}}`, "application/json")
  }).pipe(Effect.map(({ status }) => status))

const layerOf = (description: SimulatedNetwork.Description) =>
  server.pipe(
    Layer.provide(Network.fromClient),
    Layer.provide(OwClient.layer({ timeout: "10 seconds", lazy: true })),
    Layer.provideMerge([SimulatedServer.layer(description), NodeHttpServer.layerTest])
  )

const layer = layerOf({
  "28.000028D70100": { alias: "cellar", temperature: 11.5 },
  "/bus.1/29.000029D60300": { "PIO.BYTE": 0b10 },
  "/bus.1/04.000004EF0000": { date: new Date(1e12) }
})

describe("the API", () => {
  it.effect("lists devices, and what could not be looked at", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      const client = yield* HttpApiClient.make(Api)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* client.devices.list(), {
        devices: [{ id: cellar, name: "cellar", bus: "bus.0" }, { id: clock, name: "04.000004EF0000", bus: "bus.1" }, {
          id: relays,
          name: "29.000029D60300",
          bus: "bus.1"
        }],
        failures: []
      })
      yield* network.breakBus(1, -5)
      yield* TestClock.adjust("1 minute")
      const { devices, failures } = yield* client.devices.list()
      // Of a bus that fails nobody knows that its devices are gone.
      assert.deepStrictEqual(devices.map(({ id }) => id), [cellar, clock, relays])
      assert.deepStrictEqual(failures.map(({ path }) => path), ["/bus.1"])
    }).pipe(Effect.provide(layer)))

  it.effect("lists what is plugged in later, and no longer what is gone", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      const client = yield* HttpApiClient.make(Api)
      const ids = Effect.map(client.devices.list(), ({ devices }) => devices.map(({ id }) => id))
      yield* TestClock.adjust("1 second")
      yield* network.appear("28.000028D70200")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* ids, [cellar, nobody, clock, relays])
      yield* network.vanish("28.000028D70200")
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* ids, [cellar, clock, relays])
    }).pipe(Effect.provide(layer)))

  it.effect("reads whatever it lists, also behind a coupler", () =>
    Effect.gen(function*() {
      const client = yield* HttpApiClient.make(Api)
      const listing = yield* Effect.forkChild(client.devices.list())
      yield* TestClock.adjust("1 second")
      const { devices } = yield* Fiber.join(listing)
      assert.strictEqual(devices.length, 3)
      for (const { id } of devices) {
        assert.include(yield* client.devices.properties({ params: { id } }), "type")
        const { value } = yield* client.devices.read({ params: { id, property: "type" } })
        assert.match(String(value), /^DS/)
      }
      const { value } = yield* client.devices.read({ params: { id: cellar, property: "temperature" } })
      assert.strictEqual(value, 11.5)
    }).pipe(Effect.provide(layerOf({
      "/1F.00001FE00400/main/28.000028D70100": { temperature: 11.5 },
      "/1F.00001FE00400/aux/29.000029D60300": {}
    }))))

  it.effect("waits for a server that is away at the start", () =>
    Effect.gen(function*() {
      const { start, stop } = yield* SimulatedServer.SimulatedServer
      const client = yield* HttpApiClient.make(Api)
      yield* stop
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Effect.flip(client.devices.list()))._tag, "ServerAway")
      yield* start
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* client.devices.list()).devices.length, 3)
    }).pipe(Effect.provide(layer)))

  it.effect("reads and writes properties", () =>
    Effect.gen(function*() {
      const client = yield* HttpApiClient.make(Api)
      assert.include(yield* client.devices.properties({ params: { id: cellar } }), "temperature")
      assert.deepStrictEqual(yield* client.devices.read({ params: { id: cellar, property: "temperature" } }), {
        value: 11.5,
        unit: "°C",
        at: new Date(0),
        verdict: "Plausible"
      })
      yield* client.devices.write({ params: { id: relays, property: "PIO.0" }, payload: { value: true } })
      const { value } = yield* client.devices.read({ params: { id: relays, property: "PIO.ALL" } })
      assert.deepStrictEqual(value, [true, true, false, false, false, false, false, false])
      const { value: date } = yield* client.devices.read({ params: { id: clock, property: "date" } })
      assert.strictEqual(date, "2001-09-09T01:46:40.000Z")
    }).pipe(Effect.provide(layer)))

  it.effect("has a status for each kind of failure", () =>
    Effect.gen(function*() {
      const { network, setFaults, stop } = yield* SimulatedServer.SimulatedServer
      const client = yield* HttpApiClient.make(Api)
      const read = (id: RomId.RomId, property: string) => Effect.flip(client.devices.read({ params: { id, property } }))
      const write = (property: string, value: number | string) =>
        Effect.flip(client.devices.write({ params: { id: cellar, property }, payload: { value } }))
      assert.strictEqual((yield* read(nobody, "temperature"))._tag, "NotFound")
      assert.strictEqual((yield* read(cellar, "temprature"))._tag, "Refused")
      assert.strictEqual((yield* write("temphigh", "warm"))._tag, "Refused")
      assert.strictEqual((yield* write("temperature", 20))._tag, "Refused")
      assert.strictEqual((yield* write("temphigh", 1e9))._tag, "Refused")
      yield* network.breakBus(0, -5)
      assert.strictEqual((yield* read(cellar, "temperature"))._tag, "BusFailed")
      yield* network.breakBus(0)
      yield* setFaults(() => Fault.Fault.Silence())
      const slow = yield* Effect.forkChild(read(cellar, "temperature"))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(slow))._tag, "TooSlow")
      yield* stop
      assert.strictEqual((yield* read(cellar, "temperature"))._tag, "ServerAway")
    }).pipe(Effect.provide(layer)))

  it.effect("takes no more than it needs", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* put(1000), 204)
      assert.strictEqual(yield* put(100_000), 413)
    }).pipe(Effect.provide(layer)))

  it.effect("tells statuses, and describes itself", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* statusOf("/devices/28.000028D70100/temperature"), 200)
      assert.strictEqual(yield* statusOf("/devices/28.000028D70200/temperature"), 404)
      assert.strictEqual(yield* statusOf("/devices/kitchen"), 400)
      assert.strictEqual(yield* statusOf("/docs"), 200)
      const description = yield* Effect.flatMap(HttpClient.get("/openapi.json"), ({ text }) => text)
      assert.include(description, "/devices/{id}/{property}")
    }).pipe(Effect.provide(layer)))
})
