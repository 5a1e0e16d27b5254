import { Connector, OwClient } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Socket } from "effect/socket"
import { TestClock } from "effect/testing"
import { ended, reason, reply } from "../fixtures/scripted.ts"

type Pull = Effect.Effect<readonly [Uint8Array], Socket.SocketError>

const socketOf = (pulls: ReadonlyArray<Pull>, write: Effect.Effect<void, Socket.SocketError>) =>
  Effect.sync(() => {
    let pulled = 0
    let written = 0
    return Socket.make({
      reader: Effect.succeed({
        pull: Effect.suspend(() => pulls[pulled++] ?? Effect.never),
        upgrade: Socket.SocketUpgradeError.unsupported
      }),
      writer: Effect.succeed({
        write: () => Effect.suspend(() => written++ === 0 ? Effect.void : write),
        writeAll: () => Effect.void
      })
    })
  })

const hello: Pull = Effect.succeed([
  reply({ version: 0, payload: 0, type: 1, flags: 0x104, size: 0, offset: 0 })
])

const client = (socket: Effect.Effect<Socket.Socket>) =>
  Effect.provideService(
    OwClient.make({ silenceTimeout: "1 hour" }),
    Connector.Connector,
    Connector.fromSocket("scripted", socket)
  )

describe("Connector.fromSocket", () => {
  it.effect("ends the link when the socket ends, breaks, or dies", () =>
    Effect.gen(function*() {
      const later = (pull: Pull): Pull => Effect.andThen(Effect.sleep("1 second"), pull)
      const close = new Socket.SocketError({ reason: new Socket.SocketCloseError({ code: 1000 }) })
      const broken = new Socket.SocketError({ reason: new Socket.SocketReadError({ cause: new Error("EPIPE") }) })
      const sockets = [
        socketOf([hello, later(Effect.fail(close))], Effect.void),
        socketOf([hello, later(Effect.fail(broken))], Effect.void),
        socketOf([hello, later(Effect.die("reader died"))], Effect.void),
        socketOf([hello, later(Effect.interrupt)], Effect.void),
        socketOf([hello], Effect.fail(broken)),
        socketOf([hello], Effect.die("writer died"))
      ]
      for (const socket of sockets) {
        const ow = yield* client(socket)
        const fiber = yield* Effect.forkChild(Effect.flip(ow.write("/a", "1")), { startImmediately: true })
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(reason(yield* ended(fiber)), "Closed")
      }
    }))

  it.effect("leaves no write behind", () =>
    Effect.gen(function*() {
      let running = 0
      const stuck = Effect.onExit(
        Effect.suspend(() => {
          running++
          return Effect.never
        }),
        () => Effect.sync(() => running--)
      )
      const ow = yield* client(socketOf([hello], stuck))
      const fiber = yield* Effect.forkChild(Effect.flip(ow.read("/a", { timeout: "1 second" })), {
        startImmediately: true
      })
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(running, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(reason(yield* ended(fiber)), "Call")
      assert.strictEqual(running, 0)
    }))
})
