/**
 * Connections that other processes of the fleet have opened to this one.
 *
 * The engine answers each call on these connections, and waits without a limit until its answer has left, even while it ends. The
 * writers of its sockets wait forever if the connection was closed before, and as long as a frozen process does not read. Here,
 * writing fails once nobody can read any more.
 */
import type * as NodeSocket from "@effect/platform-node/NodeSocket"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Socket from "effect/socket/Socket"
import * as SocketServer from "effect/socket/SocketServer"
import type { Socket as Connection } from "node:net"

/** Maximum time for the last answers to leave, once the engine ends. */
const farewell: Duration.Input = "500 millis"

/** Makes two layers: `server` belongs below the engine, and `ending` on top of it. */
export const make = ({ NetSocket }: Pick<typeof NodeSocket, "NetSocket">) => {
  const open = new Set<Connection>()
  const server = Layer.effect(
    SocketServer.SocketServer,
    Effect.map(SocketServer.SocketServer, ({ address, run }) => ({
      address,
      run: (handler) =>
        run((socket) =>
          // The server provides it, though its type does not say so.
          Effect.flatMap(Effect.serviceOption(NetSocket), (found) => {
            if (Option.isNone(found)) return handler(socket)
            const connection = found.value
            open.add(connection)
            connection.once("close", () => open.delete(connection))
            return handler(sound(socket, connection))
          })
        )
    }))
  )
  const ending = Layer.effectDiscard(
    Effect.addFinalizer(() =>
      Effect.forkDetach(
        Effect.andThen(
          Effect.sleep(farewell),
          Effect.sync(() => {
            for (const connection of open) connection.destroy()
          })
        )
      )
    )
  )
  return { server, ending }
}

/** A socket whose writer fails once its reader has ended, or its connection is closed. */
const sound = (socket: Socket.Socket, connection: Connection): Socket.Socket => {
  let isOver = false
  const guarded = (write: Effect.Effect<void, Socket.SocketError>): Effect.Effect<void, Socket.SocketError> =>
    Effect.suspend(() =>
      isOver || connection.destroyed
        ? Effect.fail(
          new Socket.SocketError({
            reason: new Socket.SocketWriteError({ cause: new Error("the connection is closed") })
          })
        )
        : write
    )
  return Socket.make({
    reader: Effect.tap(socket.reader, () =>
      // The finalizer is added last, so that it runs before the reader ends.
      Effect.addFinalizer(() =>
        Effect.sync(() => {
          isOver = true
        })
      )),
    writer: Effect.map(socket.writer, ({ write, writeAll }) => ({
      write: (chunk) => guarded(write(chunk)),
      writeAll: (chunks) => guarded(writeAll(chunks))
    }))
  })
}
