/**
 * The interface to a platform: how a client opens byte links to one server.
 *
 * A connector knows nothing of the protocol. `@effect-ownet/node` has one for Node's sockets; `fromSocket` makes one from any
 * `effect/socket` socket.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scheduler from "effect/Scheduler"
import * as Socket from "effect/socket/Socket"
import { makeSoon } from "../internal/soon.ts"
import type { ArgumentError } from "./OwError.ts"
import type { ServerAddress } from "./ServerAddress.ts"

/**
 * Receives what comes over a link. None of its methods is called before `connect` has returned, or after `onEnd`.
 *
 * @category models
 * @since 0.1.0
 */
export interface Receiver {
  /** Reports that the link is open. Called once, before any data. */
  readonly onOpen: () => void
  /** Takes the first `length` bytes of `chunk`. They are valid until this returns. */
  readonly onData: (chunk: Uint8Array, length: number) => void
  /**
   * Reports that the link did not open, that the peer closed it, or that it broke. Called once. If the link did not open, the
   * cause is a `LinkError`.
   */
  readonly onEnd: (cause?: unknown) => void
}

/**
 * A byte link that is open or opening.
 *
 * @category models
 * @since 0.1.0
 */
export interface Link {
  /** A buffer for one short request, of the kind that the link writes fastest. The receiver may fill it. */
  readonly buffer: Uint8Array
  /** Sends bytes. Leave them unchanged until the peer has answered. A failure is reported by `onEnd`. */
  readonly write: (bytes: Uint8Array) => void
  /** Closes the link at once, even if it is not open yet. `onEnd` is not called afterwards. */
  readonly close: () => void
}

/**
 * The reason that a link could not be opened or a name could not be resolved.
 *
 * @category errors
 * @since 0.1.0
 */
export class LinkError extends Data.TaggedError("LinkError")<{
  /** Description of the failure, such as `refused the connection (ECONNREFUSED)`. */
  readonly problem: string
  /**
   * Whether this process or its system has no room for another connection, for example no free file handle. The failure then says
   * nothing about the server. Default `false`.
   */
  readonly isExhausted?: boolean | undefined
  readonly cause?: unknown
}> {
  override get message(): string {
    return this.problem
  }
}

/**
 * One possible address of a server.
 *
 * @category models
 * @since 0.1.0
 */
export interface Endpoint {
  /** The address, as errors show it. A client recognizes an endpoint by it: equal addresses have equal text. */
  readonly address: string
  /**
   * Starts to open a link, and reports the outcome to the receiver. These are plain calls, because a client may need a link for
   * each request. The caller closes every link, opened or not.
   */
  readonly connect: (receiver: Receiver) => Link
}

/**
 * Opens links to one server.
 *
 * @category services
 * @since 0.1.0
 */
export class Connector extends Context.Service<Connector, {
  /** The server as the program named it, such as `localhost:4304`. */
  readonly server: string
  /**
   * Every address of the server, resolved again each time. A client keeps the address that works for 5 seconds. If this effect is
   * an `Exit`, which needs no resolving, the client keeps the address for as long as it works. It resolves again after any
   * failure.
   */
  readonly resolve: Effect.Effect<NonEmptyReadonlyArray<Endpoint>, LinkError>
}>()("@effect-ownet/core/client/Connector") {}

/**
 * Makes a connector for each server address. A network of several servers connects through it.
 *
 * @category services
 * @since 0.1.0
 */
export class Connectors extends Context.Service<Connectors, {
  /** Gives the connector to one server, and opens nothing. It fails if the platform cannot use the address. */
  readonly to: (address: ServerAddress) => Effect.Effect<Connector["Service"], ArgumentError>
}>()("@effect-ownet/core/client/Connectors") {}

/**
 * Makes a connector from `effect/socket` sockets, with a new socket for each link. `server` is its name in errors.
 *
 * **Example** (A client on any platform's socket)
 *
 * ```ts
 * import { Connector, OwClient } from "@effect-ownet/core"
 * import { NodeSocket } from "@effect/platform-node"
 * import { Layer } from "effect"
 *
 * const socket = NodeSocket.makeNet({ port: 4304, noDelay: true })
 * const client = OwClient.layer().pipe(Layer.provide(Connector.layerSocket("localhost:4304", socket)))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSocket = (server: string, socket: Effect.Effect<Socket.Socket>): Connector["Service"] => ({
  server,
  resolve: Effect.map(Effect.context(), (context) => [{
    address: server,
    connect: (receiver) =>
      openSocket(
        socket,
        receiver,
        Effect.runForkWith(context),
        makeSoon(Context.get(context, Scheduler.Scheduler))
      )
  }])
})

/**
 * Provides a connector of `effect/socket` sockets, with a new socket for each link. `server` is its name in errors.
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSocket = (server: string, socket: Effect.Effect<Socket.Socket>): Layer.Layer<Connector> =>
  Layer.succeed(Connector, fromSocket(server, socket))

/** The platform's own message, which says more than that the socket did not open. */
const problemOf = ({ message, reason }: Socket.SocketError): string =>
  reason._tag === "SocketOpenError" && reason.kind !== "Timeout" && reason.cause instanceof Error
    ? reason.cause.message
    : message

const openSocket = (
  make: Effect.Effect<Socket.Socket>,
  receiver: Receiver,
  runFork: ReturnType<typeof Effect.runForkWith<never>>,
  soon: (task: () => void) => void
): Link => {
  let hasEnded = false
  let send: ((bytes: Uint8Array) => Effect.Effect<void, Socket.SocketError>) | undefined
  const end = (cause?: unknown): void => {
    if (hasEnded) return
    hasEnded = true
    receiver.onEnd(cause)
  }
  /** Ends the link when a fiber of its socket ends, unless `close` has already ended it. */
  const orEnd = (effect: Effect.Effect<void, LinkError | Socket.SocketError>): Effect.Effect<void> =>
    Effect.catchCause(effect, (cause) =>
      Effect.sync(() => {
        const error = Cause.squash(cause)
        const isClose = Socket.isSocketError(error) && error.reason._tag === "SocketCloseError"
        end(isClose ? undefined : error)
      }))
  const read = Effect.gen(function*() {
    // The opener must learn of this link first. Nothing else needs to run in between.
    yield* Effect.callback<void>((resume) => soon(() => resume(Effect.void)))
    const socket = yield* make
    const pull = yield* Effect.mapError(
      Socket.readerBytes(socket),
      (cause) => new LinkError({ problem: `did not open (${problemOf(cause)})`, cause })
    )
    send = (yield* socket.writer).write
    if (hasEnded) return
    receiver.onOpen()
    return yield* Effect.forever(
      Effect.map(pull, (chunks) => {
        for (const chunk of chunks) if (!hasEnded) receiver.onData(chunk, chunk.length)
      }),
      { disableYield: true }
    )
  })
  const reading = runFork(orEnd(Effect.scoped(read)))
  let writing: Fiber.Fiber<void> | undefined
  return {
    buffer: new Uint8Array(512),
    write: (bytes) => {
      if (send !== undefined) writing = runFork(orEnd(send(bytes)))
    },
    close: () => {
      hasEnded = true
      writing?.interruptUnsafe()
      reading.interruptUnsafe()
    }
  }
}
