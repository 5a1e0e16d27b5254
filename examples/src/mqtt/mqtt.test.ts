import { Device, Network, OwClient } from "@effect-ownet/core"
import { DS2408 } from "@effect-ownet/core/families"
import { SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { NodeServices } from "@effect/platform-node"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Logger, References, Schema, Scope, Stream } from "effect"
import * as mosquitto from "./mosquitto.ts"
import { bridge, status } from "./mqtt.ts"
import * as MqttClient from "./MqttClient.ts"

const cellar = "28000028D70100D5"
const relay = "29000029D603005D"

const isSkipped = !mosquitto.isInstalled && !mosquitto.isRequired

afterAll(() => {
  if (isSkipped) {
    console.warn("mosquitto is not installed: the bridge was NOT TESTED. On Debian: apt-get install mosquitto")
  }
})

/** Somebody who listens, as Home Assistant does. */
const listen = Effect.fnUntraced(function*(url: string) {
  const client = yield* Layer.build(MqttClient.layer({ url, status: "homeassistant/status" }))
  const mqtt = yield* Effect.provide(MqttClient.MqttClient, client)
  /** The first payload under a topic that is as expected. */
  const hear = (topic: string, expected: string | ((payload: string) => boolean)) =>
    Stream.unwrap(mqtt.subscribe(topic)).pipe(
      Stream.map(({ payload }) => payload),
      Stream.filter((payload) => typeof expected === "string" ? payload === expected : expected(payload)),
      Stream.runHead,
      Effect.flatMap(Effect.fromOption),
      Effect.timeoutOrElse({ duration: "10 seconds", orElse: () => Effect.die(`nothing of the kind under ${topic}`) })
    )
  return { hear, say: mqtt.publish }
})

const bridgeTo = (url: string) =>
  bridge({ every: "50 millis", search: { every: "50 millis", absences: 2, grace: "100 millis" } }).pipe(
    Effect.provide(MqttClient.layer({ url, status }))
  )

/** Each client says so if the broker is away, and the bridge if a device is. */
const quiet = Layer.succeed(References.MinimumLogLevel, "Error")

// Much of it is waiting for brokers.
describe.skipIf(isSkipped)("the bridge", { concurrent: true }, () => {
  it.live("announces what there is, tells how it is, and obeys", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({
        "28.000028D70100": { alias: "cellar", temperature: 11.5 },
        "/bus.1/29.000029D60300": { "PIO.BYTE": 0 }
      })
      const port = yield* mosquitto.freePort
      const url = `mqtt://127.0.0.1:${port}`
      yield* mosquitto.start(port)
      const { hear, say } = yield* listen(url)
      yield* say("onewire/1067C6697351FF8D/temperature/status", "online")
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.forkChild(bridgeTo(url))
        yield* hear(status, "online")

        const announced = yield* hear(`homeassistant/sensor/${cellar}_temperature/config`, (payload) => payload !== "")
        assert.deepStrictEqual(yield* Schema.decodeEffect(Schema.fromJsonString(Schema.Unknown))(announced), {
          unique_id: `onewire_${cellar}_temperature`,
          name: "temperature",
          device: { identifiers: [cellar], name: "cellar", serial_number: "28.000028D70100" },
          availability: [{ topic: "onewire/status" }, { topic: `onewire/${cellar}/temperature/status` }],
          availability_mode: "all",
          state_topic: `onewire/${cellar}/temperature`,
          state_class: "measurement",
          device_class: "temperature",
          unit_of_measurement: "°C"
        })
        yield* hear("onewire/1067C6697351FF8D/temperature/status", "offline")
        yield* hear(`onewire/${cellar}/temperature`, "11.5")
        yield* hear(`onewire/${cellar}/temperature/status`, "online")
        yield* network.set("cellar/temperature", 85)
        yield* hear(`onewire/${cellar}/temperature/status`, "offline")
        yield* network.set("cellar/temperature", 12)
        yield* hear(`onewire/${cellar}/temperature`, "12")
        yield* hear(`onewire/${cellar}/temperature/status`, "online")
        yield* network.vanish("cellar")
        yield* hear(`onewire/${cellar}/temperature/status`, "offline")

        const switched = yield* hear(`homeassistant/switch/${relay}_PIO_3/config`, (payload) => payload !== "")
        assert.include(switched, `"command_topic":"onewire/${relay}/PIO.3/set"`)
        yield* hear(`onewire/${relay}/PIO.3`, "OFF")
        yield* say(`onewire/${relay}/PIO.3/set`, "ON")
        yield* hear(`onewire/${relay}/PIO.3`, "ON")
        const relays = yield* Device.make(DS2408, "29.000029D60300")
        assert.strictEqual(yield* relays.read("PIO.BYTE"), 0b1000)
        // No command, and then one more, which comes after them.
        for (const payload of ["off", "", "toggle"]) yield* say(`onewire/${relay}/PIO.3/set`, payload)
        yield* say(`onewire/${relay}/PIO.3/set`, "ON")
        yield* say(`onewire/${relay}/PIO.4/set`, "ON")
        yield* hear(`onewire/${relay}/PIO.4`, "ON")
        assert.strictEqual(yield* relays.read("PIO.BYTE"), 0b11000)

        yield* Fiber.interrupt(fiber)
        yield* hear(status, "offline")
      }).pipe(Effect.provide(Layer.provideMerge(Network.fromClient, TestOwClient.layer(network))))
    }).pipe(Effect.provide(NodeServices.layer)), 30_000)

  it.live("announces what is plugged in later, and tells that it is gone", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      const port = yield* mosquitto.freePort
      const url = `mqtt://127.0.0.1:${port}`
      yield* mosquitto.start(port)
      const { hear, say } = yield* listen(url)
      yield* server.stop
      yield* say(`onewire/${cellar}/temperature/status`, "online")
      yield* Effect.forkChild(bridgeTo(url))
      yield* hear(`onewire/${cellar}/temperature/status`, "offline")

      yield* server.start
      yield* hear(`onewire/${cellar}/temperature`, "11.5")
      yield* hear(`onewire/${cellar}/temperature/status`, "online")
      yield* server.network.appear("29.000029D60300", { "PIO.BYTE": 0 })
      yield* hear(`homeassistant/switch/${relay}_PIO_3/config`, (payload) => payload.includes(`"29.000029D60300"`))
      yield* hear(`onewire/${relay}/PIO.3/status`, "online")
      yield* say(`onewire/${relay}/PIO.3/set`, "ON")
      yield* hear(`onewire/${relay}/PIO.3`, "ON")
      yield* server.network.set("29.000029D60300/alias", "heating")
      yield* hear(`homeassistant/switch/${relay}_PIO_3/config`, (payload) => payload.includes(`"heating"`))

      yield* server.network.vanish("29.000029D60300")
      yield* hear(`onewire/${relay}/PIO.7/status`, "offline")
      yield* server.network.appear("29.000029D60300", { "PIO.BYTE": 0 })
      yield* hear(`onewire/${relay}/PIO.7/status`, "online")
      yield* server.stop
      yield* hear(`onewire/${cellar}/temperature/status`, "offline")
      yield* server.start
      yield* hear(`onewire/${cellar}/temperature/status`, "online")
    }).pipe(Effect.provide([
      NodeServices.layer,
      Network.fromClient.pipe(
        Layer.provide(OwClient.layer({ lazy: true })),
        Layer.provideMerge(SimulatedServer.layer({ "28.000028D70100": { temperature: 11.5 } }))
      ),
      quiet
    ])), 30_000)

  it.live("obeys no command that the broker has kept", () =>
    Effect.gen(function*() {
      const relays = yield* Device.make(DS2408, "29.000029D60300")
      const port = yield* mosquitto.freePort
      const url = `mqtt://127.0.0.1:${port}`
      yield* mosquitto.start(port)
      const { hear, say } = yield* listen(url)
      const warnings: Array<unknown> = []
      const logger = Logger.make<unknown, void>(({ message }) => void warnings.push(message))
      yield* say(`onewire/${relay}/PIO.3/set`, "ON")
      yield* Effect.forkChild(Effect.provide(bridgeTo(url), Logger.layer([logger])))
      yield* hear(`onewire/${relay}/PIO.3`, "OFF")
      // A command that comes after the one that was kept.
      yield* say(`onewire/${relay}/PIO.4/set`, "ON")
      yield* hear(`onewire/${relay}/PIO.4`, "ON")
      assert.strictEqual(yield* relays.read("PIO.BYTE"), 0b10000)
      assert.include(String(warnings), `onewire/${relay}/PIO.3/set was kept by the broker`)
      // It is obeyed once it is given anew.
      yield* say(`onewire/${relay}/PIO.3/set`, "ON")
      yield* hear(`onewire/${relay}/PIO.3`, "ON")
    }).pipe(Effect.provide([
      NodeServices.layer,
      Layer.provideMerge(Network.fromClient, TestOwClient.layer({ "29.000029D60300": { "PIO.BYTE": 0 } }))
    ])), 30_000)

  it.live("waits for a broker, and comes back to one that was restarted", () =>
    Effect.gen(function*() {
      const port = yield* mosquitto.freePort
      const url = `mqtt://127.0.0.1:${port}`
      yield* Effect.forkChild(bridgeTo(url))
      const first = yield* Scope.make()
      yield* Scope.provide(mosquitto.start(port), first)
      const { hear, say } = yield* listen(url)
      yield* hear(`onewire/${cellar}/temperature`, "11.5")
      yield* Scope.close(first, Exit.void)
      yield* mosquitto.start(port)
      yield* hear(status, "online")
      yield* say(`onewire/${relay}/PIO.7/set`, "ON")
      yield* hear(`onewire/${relay}/PIO.7`, "ON")
    }).pipe(Effect.provide([
      NodeServices.layer,
      Layer.provide(
        Network.fromClient,
        TestOwClient.layer({ "28.000028D70100": { temperature: 11.5 }, "29.000029D60300": { "PIO.BYTE": 0 } })
      ),
      quiet
    ])), 30_000)
})
