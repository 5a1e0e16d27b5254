/** A connection to an MQTT broker, which tells everybody whether it is there. */
import { Context, Effect, Layer, Queue, Schedule, Schema, type Scope, Stream } from "effect"
import mqtt, { type IPublishPacket } from "mqtt"

export class MqttError extends Schema.TaggedError<MqttError>()("MqttError", {
  topic: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.topic}: ${String(this.cause)}`
  }
}

export interface Message {
  readonly topic: string
  readonly payload: string
  /** Whether the broker had kept it, so that it may be old. */
  readonly isKept: boolean
}

export class MqttClient extends Context.Service<MqttClient, {
  /** Waits until the broker has the message. The broker keeps it for subscribers that come later. */
  readonly publish: (topic: string, payload: string) => Effect.Effect<void, MqttError>
  /** The topics of a pattern, such as `house/+/status`, under which the broker keeps something. */
  readonly kept: (pattern: string) => Effect.Effect<ReadonlySet<string>, MqttError>
  /**
   * What comes under a topic, or under the topics of a pattern, beginning with what the broker has kept. It is subscribed to
   * until the scope closes. There is one subscription of each pattern at a time.
   */
  readonly subscribe: (pattern: string) => Effect.Effect<Stream.Stream<Message>, MqttError, Scope.Scope>
}>()("examples/mqtt/MqttClient") {}

/** Under the topic `status` is `online` while this connection is, and `offline` when it is not, however it came to its end. */
const make = Effect.fnUntraced(function*({ status, url }: { readonly url: string; readonly status: string }) {
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const kept = { qos: 1, retain: true } as const
  const client = yield* Effect.acquireRelease(
    // It connects in the background, again and again, and what is published meanwhile waits.
    Effect.sync(() => mqtt.connect(url, { will: { ...kept, topic: status, payload: Buffer.from("offline") } })),
    // A client that disconnects by itself leaves no last will.
    (client) => Effect.promise(() => client.endAsync(true))
  )
  client.setMaxListeners(0)
  client.on("connect", () => client.publish(status, "online", kept))
  client.on("error", (error) => run(Effect.logWarning(`${url}: ${String(error)}`)))

  const subscribe = Effect.fnUntraced(function*(pattern: string) {
    const messages = yield* Queue.unbounded<Message>()
    const parts = pattern.split("/")
    // Other subscriptions of this client are heard here, too.
    const isMeant = (given: ReadonlyArray<string>) =>
      given.length === parts.length && parts.every((part, at) => part === "+" || part === given[at])
    const onMessage = (topic: string, payload: Buffer, { retain: isKept }: IPublishPacket) => {
      if (isMeant(topic.split("/"))) Queue.offerUnsafe(messages, { topic, payload: payload.toString(), isKept })
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => client.on("message", onMessage)),
      () => Effect.sync(() => client.off("message", onMessage).unsubscribe(pattern))
    )
    yield* Effect.tryPromise({
      try: () => client.subscribeAsync(pattern, { qos: 1 }),
      catch: (cause) => new MqttError({ topic: pattern, cause })
    }).pipe(
      // Subscriptions do not wait for a connection as what is published does.
      Effect.retry({ schedule: Schedule.spaced("1 second"), while: () => !client.connected })
    )
    return Stream.fromQueue(messages)
  })

  return MqttClient.of({
    publish: (topic, payload) =>
      Effect.asVoid(Effect.tryPromise({
        try: () => client.publishAsync(topic, payload, kept),
        catch: (cause) => new MqttError({ topic, cause })
      })),
    kept: (pattern) =>
      Stream.unwrap(subscribe(pattern)).pipe(
        // The broker does not say when that was all.
        Stream.interruptWhen(Effect.sleep("1 second")),
        Stream.filter(({ isKept }) => isKept),
        Stream.runCollect,
        Effect.map((messages) => new Set(messages.map(({ topic }) => topic)))
      ),
    subscribe
  })
})

export const layer = (options: { readonly url: string; readonly status: string }): Layer.Layer<MqttClient> =>
  Layer.effect(MqttClient, make(options))
