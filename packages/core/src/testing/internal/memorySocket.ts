/**
 * Sockets without a system: what one end writes, the other end reads.
 */
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Socket from "effect/socket/Socket"

type Bytes = Queue.Queue<Uint8Array, Socket.SocketError>

const closed = (): Socket.SocketError => new Socket.SocketError({ reason: new Socket.SocketCloseError({ code: 1000 }) })

const broken = (cause: Error): Socket.SocketError =>
  new Socket.SocketError({ reason: new Socket.SocketReadError({ cause }) })

const refused = (): Socket.SocketError =>
  new Socket.SocketError({
    reason: new Socket.SocketOpenError({ kind: "Unknown", cause: new Error("connect ECONNREFUSED") })
  })

/** One end, which closes both ways with the scope of its reader. */
const endOf = (input: Bytes, output: Bytes, onOpen: Effect.Effect<void, Socket.SocketError>): Socket.Socket =>
  Socket.make({
    reader: Effect.acquireRelease(
      Effect.as(onOpen, {
        pull: Queue.takeAll(input),
        upgrade: Socket.SocketUpgradeError.unsupported
      }),
      () => Effect.andThen(Queue.fail(output, closed()), Queue.fail(input, closed()))
    ),
    writer: Effect.succeed({
      write: (chunk) => {
        if (Socket.isCloseEvent(chunk)) return Effect.asVoid(Queue.fail(output, closed()))
        const bytes = typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk.slice()
        return Effect.asVoid(Queue.offer(output, bytes))
      },
      writeAll: (chunks) =>
        Effect.forEach(chunks, (chunk) =>
          Queue.offer(output, typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk.slice()), {
          discard: true
        })
    })
  })

/** Makes the client's end of a connection; opening it has the other end served. */
export const memorySocket = (
  serve: (socket: Socket.Socket, reset: Effect.Effect<void>) => Effect.Effect<void>,
  isServing: () => boolean
): Effect.Effect<Socket.Socket> =>
  Effect.gen(function*() {
    const toServer: Bytes = yield* Queue.unbounded<Uint8Array, Socket.SocketError>()
    const toClient: Bytes = yield* Queue.unbounded<Uint8Array, Socket.SocketError>()
    const reset = Effect.asVoid(Queue.fail(toClient, broken(new Error("read ECONNRESET"))))
    const open = Effect.suspend(() =>
      isServing()
        ? Effect.asVoid(Effect.forkDetach(serve(endOf(toServer, toClient, Effect.void), reset)))
        : Effect.fail(refused())
    )
    return endOf(toClient, toServer, open)
  })
