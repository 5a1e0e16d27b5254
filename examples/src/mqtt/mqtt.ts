/**
 * A hub that bridges sensors and relays to an MQTT broker, without a page. Each place is a topic below `onewire`, kept by the broker,
 * with its values in JSON; `onewire/NAME/availability` says whether it is measured, and `onewire/NAME/set` switches a relay. All is
 * described in [the guide](../../../docs/hub-mqtt.md). To run it, set `OWSERVER` and `MQTT_URL`, such as `mqtt://localhost`:
 *
 *     pnpm exec node examples/src/mqtt/main.ts
 */
import { Hub, Mqtt } from "@effect-ownet/hub"
import { Effect, Layer, Stream } from "effect"

/** Logs what happens, such as that the broker is away. */
const log = Layer.effectDiscard(
  Hub.Hub.use((hub) =>
    hub.live.pipe(
      Stream.flatMap((message) => Stream.fromIterable(message._tag === "Change" ? message.events : [])),
      Stream.runForEach(({ text }) => Effect.logInfo(text)),
      Effect.forkScoped
    )
  )
)

export const bridge = (server: string, options: Hub.Options = {}) =>
  Layer.merge(Mqtt.layer({ server }), log).pipe(
    Layer.provide(Hub.layer({ every: "30 seconds", allowWrite: ["PIO.*"], ...options }))
  )
