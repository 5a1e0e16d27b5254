/** Connections of a runner that others have closed, or no longer read from. */
import { NodeSocket, NodeSocketServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { type Socket, SocketServer } from "effect/socket"
import { connect } from "node:net"
import * as Sockets from "../../../src/internal/fleet/Sockets.ts"

/** A server, and a connection to it that does not read. */
const world = Effect.gen(function*() {
  const { ending, server } = Sockets.make(NodeSocket)
  const context = yield* Layer.build(Layer.provide(server, NodeSocketServer.layer({ host: "127.0.0.1", port: 0 })))
  const { address, run } = Context.get(context, SocketServer.SocketServer)
  const scope = yield* Scope.make()
  yield* Layer.buildWithScope(ending, scope)
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => connect({ host: "127.0.0.1", port: address._tag === "UnixPathAddress" ? 0 : address.port })),
    (client) => Effect.sync(() => client.destroy())
  )
  return { client: client.on("error", () => {}), end: Scope.close(scope, Exit.void), run }
})

const failure = (exit: Exit.Exit<void, Socket.SocketError>) =>
  Exit.match(exit, { onSuccess: () => "sent", onFailure: (cause) => cause.reasons.map(({ _tag }) => _tag).join() })

describe("a connection of a runner", () => {
  for (const close of ["destroy", "resetAndDestroy"] as const) {
    it.live(`that is closed by ${close} is written to in vain, and at once`, () =>
      Effect.gen(function*() {
        const { client, run } = yield* world
        const told = yield* Deferred.make<Exit.Exit<void, Socket.SocketError>>()
        yield* Effect.forkScoped(run((socket) =>
          Effect.gen(function*() {
            const { write } = yield* socket.writer
            yield* Effect.scoped(Effect.gen(function*() {
              const { pull } = yield* socket.reader
              yield* write("hello")
              client[close]()
              yield* Effect.exit(Effect.forever(pull))
              yield* Effect.exit(write("before its end is known"))
            }))
            yield* Deferred.succeed(told, yield* Effect.exit(write("after its end")))
          }).pipe(Effect.scoped)
        ))
        assert.strictEqual(failure(yield* Effect.timeout(Deferred.await(told), "5 seconds")), "Fail")
      }))
  }

  it.live("that nobody reads from does not keep a runner from ending", () =>
    Effect.gen(function*() {
      const { end, run } = yield* world
      const writing = yield* Deferred.make<void>()
      const told = yield* Deferred.make<Exit.Exit<void, Socket.SocketError>>()
      yield* Effect.forkScoped(run((socket) =>
        Effect.gen(function*() {
          const { write } = yield* socket.writer
          yield* socket.reader
          yield* Deferred.succeed(writing, undefined)
          yield* Deferred.succeed(told, yield* Effect.exit(write(new Uint8Array(64 * 1024 * 1024))))
        }).pipe(Effect.scoped)
      ))
      yield* Deferred.await(writing)
      const ended = yield* Effect.forkChild(end)
      assert.strictEqual(failure(yield* Effect.timeout(Deferred.await(told), "5 seconds")), "Fail")
      yield* Fiber.join(ended)
    }))
})
