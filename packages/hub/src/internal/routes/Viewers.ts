/** Viewers of the live stream. Each message is written once, for all of them. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import type * as Api from "../../Api.ts"
import * as Hub from "../../Hub.ts"

const encoder = new TextEncoder()

/** Keeps proxies from closing a stream that has no news. */
const comment = encoder.encode(":\n\n")

/** Tells browsers to come back soon, and clients of `HttpApiClient` that the stream has ended by itself: they fail with `Retry`. */
const farewell = encoder.encode("retry: 3000\n\n")

/** Opens when the server begins to end: that waits for its answers, and so for streams. */
export const Ending = Context.Reference<Latch.Latch>("@effect-ownet/hub/internal/routes/Ending", {
  defaultValue: () => Latch.makeUnsafe()
})

/** The messages for one viewer, until the server ends, or the scope. */
export const stream = Effect.gen(function*() {
  const hub = yield* Hub.Hub
  const ending = yield* Ending
  const ended = yield* Latch.make()
  yield* Effect.addFinalizer(() => ended.open)

  // The hub gives the same message to all.
  const written = new WeakMap<Api.Live, Uint8Array>()
  // It is JSON as it is. To have a schema say so took a hundred times longer, every second.
  const write = (message: typeof Api.Live.Encoded): Uint8Array => {
    const known = written.get(message)
    if (known !== undefined) return known
    const bytes = encoder.encode(`data: ${JSON.stringify(message)}\n\n`)
    written.set(message, bytes)
    return bytes
  }

  const comments = Stream.tick("15 seconds").pipe(Stream.drop(1), Stream.map(() => comment))
  return hub.live.pipe(
    Stream.map(write),
    Stream.merge(comments, { haltStrategy: "left" }),
    Stream.interruptWhen(Effect.race(ending.await, ended.await)),
    Stream.concat(Stream.succeed(farewell))
  )
})
