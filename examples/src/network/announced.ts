/**
 * A network of all servers that announce themselves.
 */
import type { Network } from "@effect-ownet/core"
import { NodeNetwork } from "@effect-ownet/node"
import * as NodeBrowse from "@effect-ownet/node/NodeBrowse"
import { Effect, Schedule, Stream } from "effect"

/** The addresses of the announced servers, after each event. */
export const addresses = <E, R>(events: Stream.Stream<NodeBrowse.Event, E, R>) =>
  events.pipe(
    Stream.mapAccum(() => new Map<string, Network.Address>(), (before, { _tag, server }) => {
      const now = new Map(before)
      if (_tag === "Withdrawn") now.delete(server.name)
      else now.set(server.name, { host: server.addresses[0], port: server.port })
      return [now, [[...now.values()]]]
    })
  )

/** The network of the servers that are announced now. */
export const layer = NodeNetwork.layer({
  servers: NodeBrowse.browse.pipe(
    Stream.tapError(({ message }) => Effect.logWarning(message)),
    Stream.retry(Schedule.spaced("1 minute")),
    Stream.orDie, // retried forever
    addresses
  )
})
