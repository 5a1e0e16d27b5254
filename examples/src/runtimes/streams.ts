/** A client over any connection with a stream of bytes for each direction, such as sockets of Deno and of other runtimes. */
import { Connector, OwClient } from "@effect-ownet/core"
import { Effect, Layer } from "effect"
import { Socket } from "effect/socket"

export interface Connection extends Socket.InputTransformStream {
  readonly close: () => void
}

export const layer = (
  server: string,
  connect: (signal: AbortSignal) => Promise<Connection>,
  options?: OwClient.Options
) => {
  const connection = Effect.acquireRelease(
    Effect.tryPromise({
      try: connect,
      catch: (cause) => new Socket.SocketError({ reason: new Socket.SocketOpenError({ kind: "Unknown", cause }) })
    }),
    // Deno throws if the peer has already closed it.
    (connection) => Effect.ignore(Effect.try(() => connection.close())),
    { interruptible: true }
  )
  return OwClient.layer(options).pipe(
    Layer.provide(Connector.layerSocket(server, Socket.fromTransformStream(connection)))
  )
}
