/**
 * Byte links over Node's own sockets.
 *
 * @since 0.1.0
 */
import * as Connector from "@effect-ownet/core/client/Connector"
import * as OwError from "@effect-ownet/core/client/OwError"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Arr from "effect/Array"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Dns from "node:dns"
import * as Fs from "node:fs"
import * as Net from "node:net"
import * as Os from "node:os"
import type * as W1Door from "./internal/W1Door.ts"
import type * as W1Bus from "./W1Bus.ts"

/** Size of the longest value that a server sends, 100,050 bytes, with its header, so that it arrives in one piece. */
const receiveBufferSize = 128 * 1024

/** Enough for a request for almost any path. */
const sendBufferSize = 512

/** Bytes that fit into one packet on any network, so that there is no reason to hold them back. */
const onePacket = 500

/** Interval of the probes that detect a peer that has vanished silently. */
const keepAliveDelay = 30_000

/**
 * Options of the kernel's own buses for an address such as `w1:`. By default the buses are read only, and aliases are kept in
 * memory.
 *
 * **Example** (Allowing a network to write to the buses of its own machine)
 *
 * ```ts
 * import { NodeConnector, NodeNetwork } from "@effect-ownet/node"
 * import { Layer } from "effect"
 *
 * const house = NodeNetwork.layer({ servers: ["w1:", "barn"] }).pipe(
 *   Layer.provide(Layer.succeed(NodeConnector.W1Options, { writable: true }))
 * )
 * ```
 *
 * @category references
 * @since 0.1.0
 */
export const W1Options = Context.Reference<Omit<W1Bus.Options, "folder">>(
  "@effect-ownet/node/NodeConnector/W1Options",
  {
    defaultValue: () => ({})
  }
)

/**
 * Makes a connector to a server. It tries all addresses of the host name in the order in which the system returns them. A client
 * keeps the address that works for 5 seconds; after that, and after any failure, the name is resolved again.
 *
 * This process serves the kernel's own buses: the code for that is loaded with the first link to them.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make = Effect.fnUntraced(function*(
  address: ServerAddress.ServerAddress
): Effect.fn.Return<Connector.Connector["Service"], OwError.ArgumentError> {
  if (ServerAddress.isW1(address)) {
    if (/^\/\P{Cc}*$/u.test(address.w1)) {
      const context = yield* Effect.context<never>()
      return kernel(address, yield* W1Options, (text) => Effect.runSyncWith(context)(Effect.logWarning(text)))
    }
    return yield* new OwError.ArgumentError({
      operation: "connect",
      argument: "w1",
      problem: `must be the whole path of a folder, such as /sys/bus/w1, not ${JSON.stringify(address.w1)}`
    })
  }
  const { host, port } = address
  if (!isHost(host)) {
    return yield* new OwError.ArgumentError({
      operation: "connect",
      argument: "host",
      problem: `must be a name or an address, without a port or a scheme, not ${JSON.stringify(host)}`
    })
  }
  if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    return yield* new OwError.ArgumentError({
      operation: "connect",
      argument: "port",
      problem: `must be a whole number from 1 to 65535, not ${port}`
    })
  }
  const buffers = makeBuffers()
  const endpoint = (ip: string): Connector.Endpoint => ({
    address: ServerAddress.format({ host: ip, port }),
    connect: (receiver) => connect(ip, port, receiver, buffers)
  })
  return {
    server: ServerAddress.format({ host, port }),
    resolve: Net.isIP(host) !== 0
      ? Effect.succeed([endpoint(host)])
      : Effect.map(lookup(host), Arr.map(endpoint))
  }
})

/**
 * A connector to a server.
 *
 * **Example** (Using any client over Node's sockets)
 *
 * ```ts
 * import { OwClient } from "@effect-ownet/core"
 * import { NodeConnector } from "@effect-ownet/node"
 * import { Layer } from "effect"
 *
 * const client = OwClient.layer({ maxConnections: 1 }).pipe(
 *   Layer.provide(NodeConnector.layer({ host: "raspberrypi.local", port: 4304 }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (
  address: ServerAddress.ServerAddress
): Layer.Layer<Connector.Connector, OwError.ArgumentError> => Layer.effect(Connector.Connector, make(address))

/** A connector to the kernel's buses. Its code is loaded for no other address. */
const kernel = (
  address: ServerAddress.W1Address,
  options: W1Bus.Options,
  log: (text: string) => void
): Connector.Connector["Service"] => {
  let opened: Promise<W1Door.Door> | undefined
  const open = () =>
    opened ??= import("./internal/W1Door.ts").then((door) => door.open({ ...options, folder: address.w1 }, log))
  return {
    server: ServerAddress.format(address),
    resolve: Effect.flatMap(
      Effect.tryPromise({
        try: () => open().then((door) => door()),
        catch: (cause) =>
          new Connector.LinkError({
            problem: `the kernel's own bus cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`,
            cause
          })
      }),
      (found) =>
        "endpoint" in found
          ? Effect.succeed(Arr.of(found.endpoint))
          : Effect.fail(new Connector.LinkError({ problem: found.problem }))
    )
  }
}

/** A bare number is a port in the wrong place: systems would take it for an address. */
const isHost = (host: string): boolean => (/^[^\s:/?#@[\]]+$/.test(host) && !/^\d+$/.test(host)) || Net.isIPv6(host)

const lookup = (host: string): Effect.Effect<Arr.NonEmptyReadonlyArray<string>, Connector.LinkError> =>
  Effect.callback((resume) => {
    Dns.lookup(host, { all: true, order: "verbatim" }, (error, addresses) => {
      const ips = addresses?.map(({ address }) => address) ?? []
      resume(
        Arr.isArrayNonEmpty(ips)
          ? Effect.succeed(ips)
          : Effect.fail(
            // Without a free file handle, the system's library finds nothing and does not say why.
            exhaustion() ??
              new Connector.LinkError({
                problem: `${host} has no address (${error?.code ?? "ENOTFOUND"})`,
                cause: error
              })
          )
      )
    })
  })

const connect = (host: string, port: number, receiver: Connector.Receiver, buffers: Buffers): Connector.Link => {
  const room = buffers.take()
  let isOpen = false
  let hasEnded = false
  const end = (cause?: NodeJS.ErrnoException): void => {
    if (hasEnded) return
    hasEnded = true
    receiver.onEnd(isOpen ? cause : linkError(cause))
  }
  const socket = Net.connect({
    host,
    port,
    onread: {
      buffer: room.received,
      callback: (length, chunk) => {
        if (!hasEnded) receiver.onData(chunk, length)
        return true
      }
    }
  })
  socket.on("error", end)
  socket.on("end", () => end())
  socket.on("close", () => {
    buffers.give(room)
    end()
  })
  socket.on("connect", () => {
    if (hasEnded) return
    isOpen = true
    receiver.onOpen()
  })
  let hasWritten = false
  let isTuned = false
  return {
    buffer: room.sent,
    write: (bytes) => {
      // A connection for one short request needs no tuning, which takes five system calls.
      if (!isTuned && (hasWritten || bytes.length > onePacket)) {
        isTuned = true
        socket.setNoDelay(true)
        socket.setKeepAlive(true, keepAliveDelay)
      }
      hasWritten = true
      socket.write(bytes)
    },
    close: () => {
      hasEnded = true
      socket.destroy()
    }
  }
}

/** Errors for resources that this process or its system has run out of. */
const resources: Record<string, string> = {
  EADDRNOTAVAIL: "no local port is free",
  EMFILE: "this process has no file handle left",
  ENFILE: "this system has no file handle left",
  ENOBUFS: "this system has no memory left for sockets",
  ENOMEM: "this system has no memory left"
}

const exhausted = (cause: NodeJS.ErrnoException): Connector.LinkError | undefined => {
  const resource = cause.code === undefined ? undefined : resources[cause.code]
  return resource === undefined
    ? undefined
    : new Connector.LinkError({ problem: `${resource} (${cause.code})`, isExhausted: true, cause })
}

/** The error for file handles, if none is left. */
const exhaustion = (): Connector.LinkError | undefined => {
  try {
    Fs.closeSync(Fs.openSync(Os.devNull, "r"))
    return undefined
  } catch (cause) {
    return cause instanceof Error ? exhausted(cause) : undefined
  }
}

const linkError = (cause: NodeJS.ErrnoException | undefined): Connector.LinkError =>
  (cause && exhausted(cause)) ?? new Connector.LinkError({ problem: describe(cause), cause })

const words: Record<string, string> = {
  ECONNREFUSED: "refused the connection",
  ECONNRESET: "reset the connection",
  EHOSTUNREACH: "cannot be reached",
  ENETUNREACH: "is on a network that cannot be reached",
  ETIMEDOUT: "did not answer"
}

const describe = (cause: NodeJS.ErrnoException | undefined): string => {
  const code = cause?.code
  return code === undefined
    ? `did not open (${cause?.message ?? "closed"})`
    : `${words[code] ?? "did not open"} (${code})`
}

/**
 * Memory that sockets read into. All sockets share it on systems that fill it immediately before they hand it over: libuv
 * requests it, reads and calls back in one step. Windows fills it while the process does something else, so each socket needs its
 * own.
 */
const receiveBuffer: () => Uint8Array = process.platform === "win32"
  ? () => new Uint8Array(receiveBufferSize)
  : () => shared ??= new Uint8Array(receiveBufferSize)

let shared: Uint8Array | undefined

/** Memory of one connection, kept for the next. The kernel may use it until its socket is closed. */
interface Room {
  readonly received: Uint8Array
  /** A socket only writes a `Buffer`, and wraps anything else in one each time. */
  readonly sent: Buffer
}

interface Buffers {
  readonly take: () => Room
  readonly give: (room: Room) => void
}

const makeBuffers = (): Buffers => {
  const free: Array<Room> = []
  return {
    take: () => free.pop() ?? { received: receiveBuffer(), sent: Buffer.allocUnsafeSlow(sendBufferSize) },
    give: (room) => {
      if (free.length < 4) free.push(room)
    }
  }
}
