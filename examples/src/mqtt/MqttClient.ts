/** A connection to an MQTT broker, of which the broker tells everybody whether it is there. */
import { Context, Effect, Layer, Queue, Schedule, Schema, Stream } from "effect"
import mqtt, { type IPublishPacket } from "mqtt"

export class MqttError extends Schema.TaggedError<MqttError>()("MqttError", {
  topic: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.topic}: ${String(this.cause)}`
  }
}

export class MqttClient extends Context.Service<MqttClient, {
  /** Waits until the broker has it. The broker keeps it for whoever asks later. */
  readonly publish: (topic: string, payload: string) => Effect.Effect<void, MqttError>
  /** The topics of a pattern, such as `house/+/status`, under which the broker keeps something. */
  readonly kept: (pattern: string) => Effect.Effect<ReadonlyArray<string>, MqttError>
  /** What comes under one topic, beginning with what the broker has kept. Of each topic there is one at a time. */
  readonly subscribe: (topic: string) => Stream.Stream<string, MqttError>
}>()("examples/mqtt/MqttClient") {}

/** Under the topic `status` is `online` while this connection is, and `offline` when it is not, however it came to its end. */
const make = Effect.fnUntraced(function*({ status, url }: { readonly url: string; readonly status: string }) {
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const kept = { qos: 1, retain: true } as const
  const client = yield* Effect.acquireRelease(
    // It connects in the background, again and again, and what is published meanwhile waits.
    Effect.sync(() => mqtt.connect(url, { will: { ...kept, topic: status, payload: Buffer.from("offline") } })),
    // Whoever takes leave has no last will.
    (client) => Effect.promise(() => client.endAsync(true))
  )
  client.setMaxListeners(0)
  client.on("connect", () => client.publish(status, "online", kept))
  client.on("error", (error) => run(Effect.logWarning(`${url}: ${String(error)}`)))

  const subscribed = (topic: string, onMessage: (of: string, payload: Buffer, packet: IPublishPacket) => void) =>
    Effect.andThen(
      Effect.acquireRelease(
        Effect.sync(() => client.on("message", onMessage)),
        () => Effect.sync(() => client.off("message", onMessage).unsubscribe(topic))
      ),
      Effect.tryPromise({
        try: () => client.subscribeAsync(topic, { qos: 1 }),
        catch: (cause) => new MqttError({ topic, cause })
      }).pipe(
        // Subscriptions do not wait for a connection as what is published does.
        Effect.retry({ schedule: Schedule.spaced("1 second"), while: () => !client.connected })
      )
    )

  return MqttClient.of({
    publish: (topic, payload) =>
      Effect.asVoid(Effect.tryPromise({
        try: () => client.publishAsync(topic, payload, kept),
        catch: (cause) => new MqttError({ topic, cause })
      })),
    kept: Effect.fnUntraced(function*(pattern) {
      const topics = new Set<string>()
      const parts = pattern.split("/")
      // Other subscriptions of this client are heard here, too.
      const isMeant = (given: ReadonlyArray<string>) =>
        given.length === parts.length && parts.every((part, i) => part === "+" || part === given[i])
      yield* subscribed(pattern, (topic, _, { retain }) => {
        if (retain && isMeant(topic.split("/"))) topics.add(topic)
      })
      // It does not say when that was all.
      yield* Effect.sleep("1 second")
      return [...topics]
    }, Effect.scoped),
    subscribe: (topic) =>
      Stream.callback<string, MqttError>((queue) =>
        subscribed(topic, (of, payload) => {
          if (of === topic) Queue.offerUnsafe(queue, payload.toString())
        })
      )
  })
})

export const layer = (options: { readonly url: string; readonly status: string }): Layer.Layer<MqttClient> =>
  Layer.effect(MqttClient, make(options))
