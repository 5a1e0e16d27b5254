/** What the examples that run forever say of themselves: what they do, and how they stand with their servers. */
import { Network, type OwClient } from "@effect-ownet/core"
import { Effect, Layer, Stream } from "effect"

const follow = (ow: OwClient.Client) =>
  ow.state.pipe(
    // A connection that is lost and opened again concerns nobody.
    Stream.filter(({ _tag }) => _tag !== "Degraded"),
    Stream.changesWith((before, now) => before._tag === now._tag),
    Stream.runForEach((state) =>
      state._tag === "Connected"
        ? Effect.logInfo(`owserver at ${ow.server} answers`)
        : Effect.logWarning(`owserver at ${ow.server} does not answer${"problem" in state ? `: ${state.problem}` : ""}`)
    )
  )

/** Says this at once, and then each time that a server begins to answer, or no longer does. */
export const layer = (text: string): Layer.Layer<never, never, Network.Network> =>
  Layer.effectDiscard(Effect.gen(function*() {
    const network = yield* Network.Network
    yield* Effect.logInfo(text)
    for (const { client } of yield* network.servers) {
      // A client that has not asked yet does not know.
      yield* Effect.ignore(client.ping()).pipe(Effect.andThen(follow(client)), Effect.forkScoped)
    }
  }))
