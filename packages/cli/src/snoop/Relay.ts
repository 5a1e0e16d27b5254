/**
 * A relay between clients and a server. It passes on bytes, ends and resets as they come, in both directions. It calls Node's
 * sockets directly, because observation must not slow it down.
 */
import type * as Connector from "@effect-ownet/core/client/Connector"
import type { Side } from "@effect-ownet/core/protocol/Transcript"
import * as Net from "node:net"
import type { Duplex } from "node:stream"
import * as LinkStream from "./LinkStream.ts"

export interface Options {
  /** Host to listen on, or `undefined` for all addresses of this machine. */
  readonly host: string | undefined
  readonly port: number
  /** An address, or a server in this process. */
  readonly server: { readonly host: string; readonly port: number } | Connector.Endpoint
  /** Time limit of a connection to the server, in milliseconds. */
  readonly connectTimeout: number
}

/** The way a connection ended. */
export type End =
  | { readonly _tag: "Closed"; readonly by: Side }
  | { readonly _tag: "Reset"; readonly by: Side; readonly problem: string }
  | { readonly _tag: "Unreachable"; readonly problem: string }

/** Callbacks of a connection. None may throw. */
export interface Onlooker {
  readonly onBytes: (from: Side, bytes: Uint8Array) => void
  readonly onHalf: (from: Side) => void
  readonly onEnd: (end: End) => void
}

export interface Relay {
  readonly port: number
  /** Closes everything at once. */
  readonly close: () => void
}

/** Maximum connections: far more than a server keeps, and fewer than the files that a process may open. */
const mostConnections = 400

const socketOptions = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }

/** Listens, and relays each connection. `onFailure` is called instead of `onReady`, or never. */
export const start = (
  options: Options,
  open: (peer: string) => Onlooker,
  onReady: (relay: Relay) => void,
  onFailure: (error: NodeJS.ErrnoException) => void
): () => void => {
  const sockets = new Set<Duplex>()
  const listener = Net.createServer(socketOptions, (client) => {
    const server = "connect" in options.server
      ? LinkStream.connect(options.server)
      : Net.connect({ ...socketOptions, ...options.server })
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.once("close", () => sockets.delete(socket))
    }
    join(client, server, open(addressOf(client)), options.connectTimeout)
  })
  listener.maxConnections = mostConnections
  const close = (): void => {
    listener.close()
    for (const socket of sockets) socket.destroy()
  }
  listener.once("error", onFailure)
  listener.listen({ host: options.host, port: options.port }, () => {
    listener.off("error", onFailure)
    // A connection that cannot be accepted must not end the others.
    listener.on("error", () => {})
    const address = listener.address()
    onReady({ port: typeof address === "object" && address !== null ? address.port : options.port, close })
  })
  return close
}

const problemOf = ({ code, message }: NodeJS.ErrnoException): string => {
  switch (code) {
    case "ECONNREFUSED":
      return "it refused the connection (ECONNREFUSED)"
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `its name has no address (${code})`
    default:
      return code ?? message
  }
}

const addressOf = ({ remoteAddress = "?", remotePort = 0 }: Net.Socket): string => {
  const address = remoteAddress.replace(/^::ffff:(?=\d)/, "")
  return Net.isIPv6(address) ? `[${address}]:${remotePort}` : `${address}:${remotePort}`
}

const reset = (end: Duplex): void => void (end instanceof Net.Socket ? end.resetAndDestroy() : end.destroy())

const join = (client: Net.Socket, server: Duplex, onlooker: Onlooker, connectTimeout: number): void => {
  let isConnected = false
  let end: End | undefined
  let first: Side | undefined
  const limit = setTimeout(
    () => unreachable(`it did not answer within ${connectTimeout / 1000} s`),
    connectTimeout
  )
  const finish = (how: End): void => {
    if (end !== undefined) return
    end = how
    clearTimeout(limit)
    onlooker.onEnd(how)
  }
  /** Closes the client's connection as a server would that stops. */
  const unreachable = (problem: string): void => {
    finish({ _tag: "Unreachable", problem })
    server.destroy()
    // Unread data would turn the end into a reset.
    client.resume()
    client.destroySoon()
  }
  const flow = (from: Side, source: Duplex, target: Duplex): void => {
    source.on("data", (bytes) => {
      if (end !== undefined) return
      onlooker.onBytes(from, bytes)
      if (!target.write(bytes)) source.pause()
    })
    target.on("drain", () => source.resume())
    source.on("end", () => {
      first ??= from
      if (end !== undefined) return
      onlooker.onHalf(from)
      target.end()
    })
    source.on("error", (error: NodeJS.ErrnoException) => {
      if (from === "server" && !isConnected) return unreachable(problemOf(error))
      finish({ _tag: "Reset", by: from, problem: error.code ?? error.message })
      reset(target)
    })
    source.on("close", () => {
      if (target.destroyed) finish({ _tag: "Closed", by: first ?? from })
    })
  }
  server.once("connect", () => {
    isConnected = true
    clearTimeout(limit)
  })
  flow("client", client, server)
  flow("server", server, client)
}
