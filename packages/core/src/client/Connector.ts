/**
 * The seam to a platform: how a client opens byte links to one server.
 *
 * A connector knows nothing of the protocol. `@effect-ownet/node` has the one for Node's sockets; `fromSocket` makes one of
 * any `effect/socket` socket.
 *
 * @since 0.1.0
 */
import type { NonEmptyReadonlyArray } from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"

/**
 * Who takes what a link receives.
 *
 * @category models
 * @since 0.1.0
 */
export interface Receiver {
  /** Takes the first `length` bytes of `chunk`. They are valid until this returns. */
  readonly onData: (chunk: Uint8Array, length: number) => void
  /** The peer closed, or the link broke. Comes once, and nothing comes after it. */
  readonly onEnd: (cause?: unknown) => void
}

/**
 * An open byte link.
 *
 * @category models
 * @since 0.1.0
 */
export interface Link {
  /** Sends bytes. They stay untouched until the peer has answered them. A failure comes as `onEnd`. */
  readonly write: (bytes: Uint8Array) => void
  /** Closes at once. `onEnd` need not come after it. */
  readonly close: () => void
}

/**
 * Why a link could not be opened, or a name not resolved.
 *
 * @category errors
 * @since 0.1.0
 */
export class LinkError extends Data.TaggedError("LinkError")<{
  /** What happened, such as `refused the connection (ECONNREFUSED)`. */
  readonly problem: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return this.problem
  }
}

/**
 * One address at which the server may be.
 *
 * @category models
 * @since 0.1.0
 */
export interface Endpoint {
  /** The address, as errors show it and as the client knows it again: equal for equal addresses. */
  readonly address: string
  /** Opens a link, closed with the scope. */
  readonly open: (receiver: Receiver) => Effect.Effect<Link, LinkError, Scope.Scope>
}

/**
 * Opens links to one server.
 *
 * @category services
 * @since 0.1.0
 */
export class Connector extends Context.Service<Connector, {
  /** The server as it was asked for, such as `localhost:4304`. */
  readonly server: string
  /** Every address of the server, resolved anew each time. */
  readonly resolve: Effect.Effect<NonEmptyReadonlyArray<Endpoint>, LinkError>
}>()("@effect-ownet/core/client/Connector") {}

/**
 * Makes a connector of `effect/socket` sockets: one new socket a link. `server` is how errors name it.
 *
 * **Example** (A client on any platform's socket)
 *
 * ```ts
 * import { Connector, OwClient } from "@effect-ownet/core"
 * import { NodeSocket } from "@effect/platform-node"
 * import { Layer } from "effect"
 *
 * const connector = Connector.fromSocket("localhost:4304", NodeSocket.makeNet({ port: 4304, noDelay: true }))
 * const client = OwClient.layer().pipe(Layer.provide(Layer.succeed(Connector.Connector, connector)))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const fromSocket = (server: string, socket: Effect.Effect<Socket.Socket>): Connector["Service"] => ({
  server,
  resolve: Effect.succeed([{ address: server, open: openSocket(socket) }])
})

const openSocket = (make: Effect.Effect<Socket.Socket>) =>
  Effect.fnUntraced(function*(receiver: Receiver): Effect.fn.Return<Link, LinkError, Scope.Scope> {
    const socket = yield* make
    const scope = yield* Effect.scope
    const runFork = Effect.runForkWith(yield* Effect.context())
    const pull = yield* Effect.mapError(
      Socket.readerBytes(socket),
      (cause) => new LinkError({ problem: `did not open (${cause.message})`, cause })
    )
    const { write } = yield* socket.writer
    let ended = false
    const end = (cause?: unknown): void => {
      if (ended) return
      ended = true
      receiver.onEnd(cause)
    }
    // Whatever ends a fiber of the socket's ends the link; being interrupted is what `close` does.
    const orEnd = (effect: Effect.Effect<void, Socket.SocketError>): Effect.Effect<void> =>
      Effect.catchCause(effect, (cause) =>
        Effect.sync(() => {
          const error = Cause.squash(cause)
          const isClose = Socket.isSocketError(error) && error.reason._tag === "SocketCloseError"
          if (!Cause.hasInterruptsOnly(cause)) end(isClose ? undefined : error)
        }))
    const read = Effect.forever(
      Effect.map(pull, (chunks) => {
        for (const chunk of chunks) if (!ended) receiver.onData(chunk, chunk.length)
      }),
      { disableYield: true }
    )
    const reading = yield* Effect.forkIn(orEnd(read), scope)
    let writing: Fiber.Fiber<void> | undefined
    return {
      write: (bytes) => {
        writing = Fiber.runIn(runFork(orEnd(write(bytes))), scope)
      },
      close: () => {
        ended = true
        reading.interruptUnsafe()
        writing?.interruptUnsafe()
      }
    }
  })
