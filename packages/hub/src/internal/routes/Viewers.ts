/** Viewers of the live stream. Each message is written once, for all of them. */
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Api from "../../Api.ts"
import * as Hub from "../../Hub.ts"

const encoder = new TextEncoder()

const toJson = Schema.encodeSync(Schema.fromJsonString(Api.Live))

/** Keeps proxies from closing a stream that has no news. */
const comment = encoder.encode(":\n\n")

/** Tells browsers to come back soon, and clients of `HttpApiClient` that the stream has ended by itself: they fail with `Retry`. */
const farewell = encoder.encode("retry: 3000\n\n")

/** The viewers of a hub. */
export class Viewers extends Context.Service<Viewers, {
  /** The messages for one viewer. */
  readonly stream: Stream.Stream<Uint8Array>
  /** Lets all streams end. */
  readonly end: Effect.Effect<void>
}>()("@effect-ownet/hub/internal/routes/Viewers") {}

const make = Effect.gen(function*() {
  const hub = yield* Hub.Hub
  const ended = yield* Deferred.make<void>()
  const end = Effect.asVoid(Deferred.succeed(ended, undefined))
  yield* Effect.addFinalizer(() => end)

  // The hub gives the same message to all.
  const written = new WeakMap<Api.Live, Uint8Array>()
  const write = (message: Api.Live): Uint8Array => {
    const known = written.get(message)
    if (known !== undefined) return known
    // JSON has no line breaks of its own.
    const bytes = encoder.encode(`data: ${toJson(message)}\n\n`)
    written.set(message, bytes)
    return bytes
  }

  const comments = Stream.tick("15 seconds").pipe(Stream.drop(1), Stream.map(() => comment))
  const stream = hub.live.pipe(
    Stream.map(write),
    Stream.merge(comments, { haltStrategy: "left" }),
    Stream.interruptWhen(Deferred.await(ended)),
    Stream.concat(Stream.succeed(farewell))
  )
  return Viewers.of({ stream, end })
})

/** The viewers of a hub. Their streams end with the layer. */
export const layer = Layer.effect(Viewers, make)
