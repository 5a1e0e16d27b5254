/** A client over the socket that `@effect/platform-node` builds on `node:net`, which Bun and Deno also have. */
import { Connector, OwClient } from "@effect-ownet/core"
import { NodeSocket } from "@effect/platform-node"
import { Layer } from "effect"

export const layer = (host: string, port: number) =>
  OwClient.layer().pipe(
    Layer.provide(Connector.layerSocket(`${host}:${port}`, NodeSocket.makeNet({ host, port, noDelay: true })))
  )
