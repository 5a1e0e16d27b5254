/** Viewers of the live stream. Each message is encoded once, for all of them. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"
import * as Stream from "effect/Stream"
import type * as Api from "../../Api.ts"
import * as Hub from "../../Hub.ts"

const encoder = new TextEncoder()

/** Keeps proxies from closing a stream that has no news. */
const comment = encoder.encode(":\n\n")

/**
 * Makes browsers reconnect soon, and tells clients of `HttpApiClient` that the stream has ended normally: they fail with `Retry`.
 */
const farewell = encoder.encode("retry: 3000\n\n")

/** Opens when the server begins to end, because the server waits for its answers, and so for streams. */
export const Ending = Context.Reference<Latch.Latch>("@effect-ownet/hub/internal/routes/Ending", {
  defaultValue: () => Latch.makeUnsafe()
})

/** The messages for one viewer, until the server or the scope ends. */
export const stream = Effect.gen(function*() {
  const hub = yield* Hub.Hub
  const ending = yield* Ending
  const ended = yield* Latch.make()
  yield* Effect.addFinalizer(() => ended.open)

  // The hub gives the same message to all viewers.
  const written = new WeakMap<Api.Live, Uint8Array>()
  // The message is JSON already. Encoding it with a schema took a hundred times longer, every second.
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
