/**
 * A hub that bridges sensors and relays to an MQTT broker, without a page. Each place is a retained topic below `onewire`, with
 * its values in JSON. `onewire/NAME/availability` says whether it is measured, and `onewire/NAME/set` switches a relay. See [the
 * guide](../../../docs/hub-mqtt.md). To run it, set `OWSERVER` and `MQTT_URL`, such as `mqtt://localhost`:
 *
 *     pnpm exec node examples/src/mqtt/main.ts
 */
import { Hub, Mqtt } from "@effect-ownet/hub"
import { Effect, Layer, Stream } from "effect"

/** Logs events, such as an unreachable broker. */
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
