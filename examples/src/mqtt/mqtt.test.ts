import { TestNetwork } from "@effect-ownet/core/testing"
import { History } from "@effect-ownet/hub"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Logger, Schedule } from "effect"
import * as mosquitto from "../../../packages/hub/test/fixtures/mosquitto.ts"
import { bridge } from "./mqtt.ts"

const house = { "29.000029D60300": { "PIO.BYTE": 0, alias: "heating" } }

mosquitto.describe("the bridge", () => {
  it.live("tells a broker of a relay, and switches it", () =>
    Effect.gen(function*() {
      const broker = yield* mosquitto.start()
      const { messages, publish } = yield* mosquitto.client(broker.url)
      const hear = (topic: string, words: string) =>
        Effect.suspend(() =>
          messages.some((message) => message.topic === topic && message.payload.includes(words))
            ? Effect.void
            : Effect.fail(`nothing of ${words} under ${topic}`)
        ).pipe(Effect.retry({ schedule: Schedule.spaced("50 millis"), times: 200 }))
      yield* bridge(broker.url, { every: "500 millis" }).pipe(
        Layer.provide([History.layerMemory, TestNetwork.layer({ pi: house })]),
        Layer.build
      )
      yield* hear("onewire/bridge/state", "online")
      yield* hear("onewire/heating/availability", "online")
      yield* hear("onewire/heating", `"PIO.3":false`)
      yield* publish("onewire/heating/set", `{"PIO.3":"ON"}`)
      yield* hear("onewire/bridge/response/set", `"status":"ok"`)
      yield* hear("onewire/heating", `"PIO.3":true`)
      assert.isTrue((yield* mosquitto.retained(broker.url)).has("onewire/heating"))
    }).pipe(Effect.provide(Logger.layer([]))))
})
