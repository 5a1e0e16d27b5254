import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer } from "effect"
import { bridge, status } from "./mqtt.ts"
import * as MqttClient from "./MqttClient.ts"

const layerMqtt = Layer.unwrap(Effect.map(Config.String("MQTT_URL"), (url) => MqttClient.layer({ url, status })))

bridge({ every: "30 seconds" }).pipe(
  Effect.provide([layerMqtt, NodeOwClient.layerConfig({ lazy: Config.succeed(true) })]),
  NodeRuntime.runMain
)
