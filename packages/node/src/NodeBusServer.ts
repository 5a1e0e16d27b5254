/**
 * An owserver in this process on a TCP port of this machine, for any client.
 *
 * This module needs `@effect/platform-node` and has its own import: `@effect-ownet/node/NodeBusServer`.
 *
 * @since 0.1.0
 */
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import type * as BusServer from "@effect-ownet/core/server/BusServer"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import * as Effect from "effect/Effect"
import * as NetAddress from "effect/net/NetAddress"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type * as Net from "node:net"
import { OwserverError } from "./NodeOwserver.ts"

/**
 * Address to listen on.
 *
 * @category models
 * @since 0.1.0
 */
export interface Options {
  /** Host to listen on. Default `127.0.0.1`, which only this machine can reach. */
  readonly host?: string | undefined
  /** Port to listen on. Default 0, which finds a free one. */
  readonly port?: number | undefined
}

/**
 * The address on which a server listens.
 *
 * @category models
 * @since 0.1.0
 */
export interface Listening {
  readonly host: string
  readonly port: number
}

/**
 * Makes a server listen until the scope closes, which also ends its connections.
 *
 * **Example** (Offering the kernel's buses to other programs)
 *
 * ```ts
 * import * as NodeBusServer from "@effect-ownet/node/NodeBusServer"
 * import * as W1 from "@effect-ownet/node/W1"
 * import { Console, Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const { host, port } = yield* NodeBusServer.listen(yield* W1.server(), { port: 4304 })
 *   yield* Console.log(`try: owdir -s ${host}:${port} /`)
 *   return yield* Effect.never
 * })
 *
 * const main = Effect.scoped(program)
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const listen = Effect.fnUntraced(function*(
  server: BusServer.Server,
  options: Options = {}
): Effect.fn.Return<Listening, OwserverError, Scope.Scope> {
  const { host = "127.0.0.1", port = 0 } = options
  const sockets = yield* Effect.mapError(
    NodeSocketServer.make({ host, port, noDelay: true, allowHalfOpen: true }),
    ({ reason: { cause } }) =>
      new OwserverError({
        reason: { _tag: "Failed" },
        problem: `the server cannot listen on ${ServerAddress.format({ host, port })} (${String(cause)})`,
        cause
      })
  )
  yield* Effect.forkScoped(
    sockets.run((socket) =>
      Effect.flatMap(
        Effect.serviceOption(NodeSocket.NetSocket),
        (net) => server.serve(socket, Option.getOrUndefined(Option.map(net, peerOf)))
      )
    )
  )
  const { address } = sockets
  return { host, port: NetAddress.isInetAddress(address) ? address.port : 0 }
})

const peerOf = (net: Net.Socket): BusServer.Peer => ({
  reset: Effect.sync(() => void net.resetAndDestroy()),
  isGone: () => net.destroyed
})
