import { NodeNetwork } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer, Schema } from "effect"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { bridge, status } from "./mqtt.ts"
import * as MqttClient from "./MqttClient.ts"

/** With a protocol that the client knows: it throws at any other one. */
const url = Config.schema(Schema.String.check(Schema.isPattern(/^(mqtts?|wss?):\/\/./)), "MQTT_URL")

const layerMqtt = Layer.unwrap(Effect.map(url, (url) =>
  Layer.merge(
    MqttClient.layer({ url, status }),
    Progress.layer(`bridges sensors and relays to the MQTT broker at ${new URL(url).host}`)
  )))

bridge({ every: "30 seconds" }).pipe(
  Effect.provide(layerMqtt.pipe(
    Layer.provideMerge(NodeNetwork.layerConfig())
  )),
  Settings.explained({ MQTT_URL: ["the address of an MQTT broker", "mqtt://localhost"] }),
  NodeRuntime.runMain
)
