import { History } from "@effect-ownet/hub"
import { NodeNetwork } from "@effect-ownet/node"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Effect, Layer, Schema } from "effect"
import * as Progress from "../running/Progress.ts"
import * as Settings from "../running/Settings.ts"
import { bridge } from "./mqtt.ts"

const url = Config.schema(Schema.String.check(Schema.isPattern(/^(mqtts?|wss?):\/\/./)), "MQTT_URL")

Effect.map(url, (url) =>
  Layer.merge(
    bridge(url),
    Progress.layer(`bridges sensors and relays to the MQTT broker at ${new URL(url).host}`)
  )).pipe(
    Layer.unwrap,
    Layer.provide([History.layerMemory, NodeNetwork.layerConfig()]),
    Layer.launch,
    Settings.explained({ MQTT_URL: ["the address of an MQTT broker", "mqtt://localhost"] }),
    NodeRuntime.runMain
  )
