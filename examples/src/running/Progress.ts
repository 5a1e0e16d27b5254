/** Status messages of the examples that run forever: their task, and the state of their servers. */
import { Network, type OwClient } from "@effect-ownet/core"
import { Effect, Layer, Stream } from "effect"

const follow = (ow: OwClient.Client) =>
  ow.state.pipe(
    // A lost connection that is opened again is not worth a message.
    Stream.filter(({ _tag }) => _tag !== "Degraded"),
    Stream.changesWith((before, now) => before._tag === now._tag),
    Stream.runForEach((state) =>
      state._tag === "Connected"
        ? Effect.logInfo(`owserver at ${ow.server} answers`)
        : Effect.logWarning(`owserver at ${ow.server} does not answer${"problem" in state ? `: ${state.problem}` : ""}`)
    )
  )

/** Prints this text at once, and then a line each time that a server begins to answer, or stops answering. */
export const layer = (text: string): Layer.Layer<never, never, Network.Network> =>
  Layer.effectDiscard(Effect.gen(function*() {
    const network = yield* Network.Network
    yield* Effect.logInfo(text)
    for (const { client } of yield* network.servers) {
      // A client that has sent nothing yet does not know its state.
      yield* Effect.ignore(client.ping()).pipe(Effect.andThen(follow(client)), Effect.forkScoped)
    }
  }))
