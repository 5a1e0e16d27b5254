import type { OwClient } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { echo, ended, keepalive, pass, reason, reply, settle } = scripted

describe("OwClient.make", () => {
  it.effect("asks each address who it is, once, and takes the one that is an owserver", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(
        (peer) =>
          peer.index === 0
            ? Effect.andThen(peer.receive, peer.send(new TextEncoder().encode("HTTP/1.0 400 Bad Request\r\n\r\n")))
            : Effect.forever(Effect.flatMap(peer.receive, ({ header }) => peer.send(reply(header)))),
        { handshake: false, addresses: ["[::1]:4304", "127.0.0.1:4304"] }
      )
      const ow = yield* scripted.client(server, { flags: { persistence: false } })
      yield* ow.read("/a")
      yield* ow.read("/b")
      assert.strictEqual(server.opened(), 3)
    }))

  it.effect("fails with what the address is, where none is an owserver", () =>
    Effect.gen(function*() {
      const web = yield* scripted.make(
        (peer) => Effect.andThen(peer.receive, peer.send(new TextEncoder().encode("HTTP/1.0 400 Bad Request\r\n"))),
        { handshake: false }
      )
      const error = yield* Effect.flip(scripted.client(web))
      assert.deepInclude(error, { _tag: "ProtocolError", operation: "connect" })
      assert.include(error.message, "web server")

      const closes = yield* scripted.make((peer) => peer.close, { handshake: false })
      const closed = yield* Effect.flip(scripted.client(closes))
      assert.strictEqual(reason(closed), "Silent")
      assert.include(closed.message, "closed it without an answer")
      assert.strictEqual(closes.open(), 0)
    }))

  it.effect("fails when an address takes the connection and never speaks", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(() => Effect.never, { handshake: false, addresses: ["a:1", "b:2"] })
      const fiber = yield* Effect.forkChild(
        Effect.flip(scripted.client(server, { connectTimeout: "2 seconds", silenceTimeout: Infinity })),
        { startImmediately: true }
      )
      yield* pass("2 seconds")
      yield* pass("2 seconds")
      const error = yield* ended(fiber)
      assert.strictEqual(reason(error), "Silent")
      assert.include(error.message, "a:1 accepted the connection and sent nothing for 2 s; b:2 accepted")
      assert.strictEqual(server.open(), 0)
    }))

  it.effect("fails when its scope is closed while it opens, and leaves nothing", () =>
    Effect.gen(function*() {
      const silent = yield* scripted.make(() => Effect.never, { handshake: false })
      const slow = yield* scripted.make(echo)
      const resolve = Effect.delay(slow.connector.resolve, "1 second")
      for (const script of [silent, { ...slow, connector: { ...slow.connector, resolve } }]) {
        const scope = yield* Scope.make()
        const fiber = yield* Effect.forkChild(Effect.flip(Scope.provide(scripted.client(script), scope)), {
          startImmediately: true
        })
        yield* settle
        yield* Scope.close(scope, Exit.void)
        yield* pass("1 second")
        assert.strictEqual(reason(yield* ended(fiber)), "ClientClosed")
        assert.strictEqual(script.links(), 0)
      }
    }))

  it.effect("keepalives do not put off the first answer", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(
        (peer) => Effect.forever(Effect.andThen(Effect.sleep("1 second"), peer.send(keepalive))),
        { handshake: false }
      )
      const fiber = yield* Effect.forkChild(Effect.flip(scripted.client(server)), { startImmediately: true })
      for (let i = 0; i < 5; i++) yield* pass("1 second")
      assert.strictEqual(reason(yield* ended(fiber)), "Silent")
      assert.strictEqual(server.links(), 0)
    }))

  it.effect("asks nothing when lazy", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo)
      const ow = yield* scripted.client(server, { lazy: true })
      assert.strictEqual(server.opened(), 0)
      assert.strictEqual(yield* ow.readText("/a"), "/a")
    }))

  it.effect("refuses options that make no sense", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo)
      const wrong: ReadonlyArray<OwClient.Options> = [
        { maxConnections: 0 },
        { connectTimeout: 0 },
        { silenceTimeout: "-1 second" },
        { idleTimeout: 0 },
        { timeout: 0 },
        { maxPayload: -1 }
      ]
      for (const options of wrong) {
        const error = yield* Effect.flip(scripted.client(server, options))
        assert.strictEqual(error._tag, "ArgumentError")
        assert.include(error.message, Object.keys(options)[0])
      }
      assert.strictEqual(server.opened(), 0)
    }))
})
