/** A client over the socket that `@effect/platform-node` makes of `node:net`, which Bun and Deno have, too. */
import { Connector, OwClient } from "@effect-ownet/core"
import { NodeSocket } from "@effect/platform-node"
import { Layer } from "effect"

export const layer = (host: string, port: number) => {
  const connector = Connector.fromSocket(`${host}:${port}`, NodeSocket.makeNet({ host, port, noDelay: true }))
  return OwClient.layer().pipe(Layer.provide(Layer.succeed(Connector.Connector, connector)))
}
