import { Connector, ControlFlags, Header, MessageType, OwClient, type OwError } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Scope, Stream } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { echo, ended, keepalive, pass, pathOf, reason, reply, settle } = scripted

describe("connections", () => {
  it.effect("without persistence each call has its own", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo)
      const ow = yield* scripted.client(server, { flags: { persistence: false } })
      for (const path of ["/a", "/b", "/c"]) assert.strictEqual(yield* ow.readText(path), path)
      yield* settle
      assert.deepStrictEqual([server.opened(), server.open(), server.links()], [3, 0, 0])
      assert.strictEqual(server.pings(), 1)
      assert.isTrue(server.requests.every(({ flags }) => !ControlFlags.isPersistent(flags)))
    }))

  it.effect("one that is to be kept has answered before a call is sent on it", () =>
    Effect.gen(function*() {
      // As a server that is shutting down: it serves the connections it has, and lets new ones hang.
      const server = yield* scripted.make(
        (peer) => peer.index === 0 ? echo(peer) : Effect.forever(peer.receive),
        { handshake: false }
      )
      const ow = yield* scripted.client(server)
      const paths = Array.from({ length: 20 }, (_, i) => `/${i}`)
      const texts = yield* Effect.forEach(paths, (path) => ow.readText(path), { concurrency: "unbounded" })
      assert.deepStrictEqual(texts, paths)
      assert.strictEqual(server.opened(), 4)
    }))

  it.effect("a server that refuses persistence is served by one connection a call", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.flatMap(peer.receive, ({ header, payload }) =>
          Effect.andThen(
            peer.send(reply(header, payload.slice(0, -1), { flags: header.flags & ~4 })),
            peer.close
          ))
      )
      const ow = yield* scripted.client(server)
      const paths = Array.from({ length: 50 }, (_, i) => `/${i}`)
      const texts = yield* Effect.forEach(paths, (path) => ow.readText(path), { concurrency: 10 })
      assert.deepStrictEqual(texts, paths)
      yield* settle
      assert.strictEqual(server.open(), 0)
    }))

  it.effect("one that the server keeps no longer than for its first answer is opened again", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(
        (peer) =>
          Effect.flatMap(
            peer.receive,
            ({ header, payload }) =>
              Effect.andThen(peer.send(reply(header, payload.slice(0, -1), { flags: header.flags & ~4 })), peer.close)
          ),
        {
          handshake: false
        }
      )
      const ow = yield* scripted.client(server)
      assert.strictEqual(yield* ow.readText("/a"), "/a")
      assert.strictEqual(server.opened(), 2)
    }))

  it.effect("a link that answers, fails or throws at once serves like any other", () =>
    Effect.gen(function*() {
      let writes = 0
      let closes = 0
      const endpoint: Connector.Endpoint = {
        address: "direct",
        connect: (receiver) => {
          queueMicrotask(() => receiver.onOpen())
          return {
            buffer: new Uint8Array(64),
            write: (bytes) => {
              const header = Header.decodeRequest(bytes)
              if (header.type !== MessageType.Nop && writes++ === 3) throw new Error("write threw")
              const answer = reply(header, bytes.slice(24, Math.max(24, bytes.length - 1)))
              receiver.onData(answer, answer.length)
            },
            close: () => {
              closes++
              throw new Error("close threw")
            }
          }
        }
      }
      const connector = { server: "direct", resolve: Effect.succeed([endpoint] as const) }
      const scope = yield* Scope.make()
      const ow = yield* OwClient.make({ maxConnections: 1 }).pipe(
        Effect.provideService(Connector.Connector, connector),
        Scope.provide(scope)
      )
      const paths = Array.from({ length: 5000 }, (_, i) => `/${i}`)
      const order: Array<string> = []
      const results = yield* Effect.forEach(
        paths,
        (path) => Effect.tap(Effect.exit(ow.readText(path)), () => Effect.sync(() => order.push(path))),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(order, paths)
      // The write that threw was of a connection that had served, and was made again on the next.
      assert.isTrue(results.every(Exit.isSuccess))
      assert.strictEqual(writes, paths.length + 1)
      yield* Scope.close(scope, Exit.void)
      assert.isAbove(closes, 0)
    }))

  it.effect("one that was closed while idle is replaced without a word", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.flatMap(peer.receive, ({ header, payload }) =>
          peer.send(reply(header, payload.slice(0, -1))).pipe(
            Effect.andThen(Effect.sleep("1 second")),
            Effect.andThen(peer.close)
          ))
      )
      const ow = yield* scripted.client(server)
      assert.strictEqual(yield* ow.readText("/a"), "/a")
      yield* pass("2 seconds")
      assert.strictEqual(server.open(), 0)
      assert.strictEqual(yield* ow.readText("/b"), "/b")
    }))

  // The server closes just as the request is on its way: no byte of an answer ever comes.
  const closesOnSecond = (peer: scripted.Peer) =>
    Effect.gen(function*() {
      if (peer.index > 0) return yield* echo(peer)
      const { header, payload } = yield* peer.receive
      yield* peer.send(reply(header, payload.slice(0, -1)))
      yield* peer.receive
      yield* peer.close
    })

  it.effect("what changes nothing is sent again when an idle connection closes in the race", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(closesOnSecond)
      const ow = yield* scripted.client(server)
      yield* ow.read("/a")
      assert.strictEqual(yield* ow.readText("/b"), "/b")
      assert.strictEqual(server.opened(), 2)
    }))

  it.effect("and before calls that came later", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.gen(function*() {
          if (peer.index > 0) return yield* echo(peer)
          const { header } = yield* peer.receive
          yield* peer.send(reply(header))
          yield* peer.receive
          yield* Effect.sleep("1 second")
          yield* peer.close
        })
      )
      const ow = yield* scripted.client(server, { maxConnections: 1 })
      yield* ow.read("/first")
      const fibers = yield* Effect.forEach(["/a", "/b", "/c"], (path) =>
        Effect.forkChild(ow.readText(path), { startImmediately: true }))
      yield* pass("1 second")
      assert.deepStrictEqual(yield* Effect.forEach(fibers, ended), ["/a", "/b", "/c"])
      assert.deepStrictEqual(
        server.requests.map(({ text }) =>
          text
        ),
        ["/first|", "/a|", "/a|", "/b|", "/c|"]
      )
    }))

  /** The first connections, as many as this, answer once and close when they are asked again. */
  const closing = (connections: number) =>
    scripted.make((peer) =>
      Effect.gen(function*() {
        const { header } = yield* peer.receive
        yield* Effect.yieldNow
        yield* peer.send(reply(header))
        if (peer.index < connections) yield* Effect.andThen(peer.receive, peer.close)
        else return yield* Effect.forever(Effect.flatMap(peer.receive, ({ header }) => peer.send(reply(header))))
      })
    )

  it.effect("so is every message that changes nothing", () =>
    Effect.gen(function*() {
      const calls: ReadonlyArray<(ow: OwClient.Client) => Effect.Effect<unknown, OwError.OwError>> = [
        (ow) => ow.ping(),
        (ow) => ow.read("/a"),
        (ow) => ow.present("/a"),
        (ow) => ow.dir("/a"),
        (ow) => ow.dir("/a", { slash: false }),
        (ow) => ow.sendMessage(MessageType.Get, "/a"),
        (ow) => ow.sendMessage(MessageType.GetSlash, "/a"),
        (ow) => Stream.runDrain(ow.dirStream("/a"))
      ]
      for (const call of calls) {
        const server = yield* closing(1)
        const ow = yield* scripted.client(server)
        yield* ow.ping()
        yield* call(ow)
        assert.strictEqual(server.opened(), 2)
      }
    }))

  it.effect("past as many dead connections as there are", () =>
    Effect.gen(function*() {
      const server = yield* closing(4)
      const ow = yield* scripted.client(server)
      yield* Effect.all(Array.from({ length: 4 }, () => ow.read("/a")), { concurrency: 4 })
      assert.strictEqual(server.opened(), 4)
      yield* ow.read("/b")
      assert.deepStrictEqual([server.opened(), server.open()], [5, 1])
    }))

  it.effect("as on one that was idle since it was opened", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(
        (peer) => peer.index === 1 ? Effect.andThen(peer.receive, peer.close) : echo(peer),
        { onOpen: (index) => index === 1 ? Effect.sleep("1 second") : Effect.void }
      )
      const ow = yield* scripted.client(server, { flags: { persistence: false } })
      yield* ow.read("/a")
      const gone = yield* Effect.forkChild(ow.read("/b"), { startImmediately: true })
      yield* settle
      yield* Fiber.interrupt(gone)
      yield* pass("5 seconds")
      assert.strictEqual(server.open(), 1)
      assert.strictEqual(yield* ow.readText("/c"), "/c")
      assert.strictEqual(server.opened(), 3)
    }))

  it.effect("but not once a sound of its reply was heard", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.gen(function*() {
          const { header } = yield* peer.receive
          yield* peer.send(reply(header))
          yield* peer.receive
          yield* peer.send(keepalive)
          yield* peer.close
        })
      )
      const ow = yield* scripted.client(server)
      yield* ow.read("/a")
      assert.strictEqual(reason(yield* Effect.flip(ow.read("/b"))), "Closed")
      assert.strictEqual(server.opened(), 1)
      yield* settle
      assert.strictEqual(server.links(), 0)
    }))

  it.effect("one that cannot be opened while others serve is tried again after a while", () =>
    Effect.gen(function*() {
      const refused = new Connector.LinkError({ problem: "refused the connection" })
      for (const failure of [refused, Effect.andThen(Effect.sleep("1 millis"), refused)]) {
        const server = yield* scripted.make(
          (peer) =>
            peer.index > 0
              ? echo(peer)
              : Effect.andThen(
                peer.receive,
                Effect.forever(Effect.andThen(Effect.sleep("1 second"), peer.send(keepalive)))
              ),
          { onOpen: (index) => index === 1 ? failure : Effect.void }
        )
        const ow = yield* scripted.client(server)
        yield* Effect.forkChild(ow.read("/slow"), { startImmediately: true })
        yield* settle
        const fiber = yield* Effect.forkChild(ow.readText("/b"), { startImmediately: true })
        yield* pass("1 millis")
        yield* pass("100 millis")
        assert.strictEqual(yield* ended(fiber), "/b")
        assert.strictEqual(server.opened(), 3)
      }
    }))

  it.effect("one that is closed as soon as it is open is an error, not tried for ever", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo)
      let isDead = false
      const resolve = Effect.map(server.connector.resolve, ([endpoint]): [Connector.Endpoint] => [{
        ...endpoint,
        connect: (receiver) =>
          endpoint.connect({
            onOpen: () => {
              receiver.onOpen()
              if (isDead) receiver.onEnd()
            },
            onData: (chunk, length) => receiver.onData(chunk, length),
            onEnd: (cause) => receiver.onEnd(cause)
          })
      }])
      const ow = yield* scripted.client({ ...server, connector: { ...server.connector, resolve } }, {
        flags: { persistence: false }
      })
      yield* ow.read("/a")
      isDead = true
      const error = yield* Effect.flip(ow.read("/b"))
      assert.strictEqual(reason(error), "Silent")
      assert.include(error.message, "closed it without an answer")
      assert.strictEqual(server.opened(), 3)
    }))

  it.effect("an address that fell silent gives way to another, which is asked who it is", () =>
    Effect.gen(function*() {
      // The first address is away at first, and the second falls silent when the first is back.
      const server = yield* scripted.make(
        (peer) =>
          Effect.forever(
            Effect.flatMap(peer.receive, ({ header, payload }) =>
              peer.address === "b:2" && payload.length > 0 && pathOf(payload) === "/silent"
                ? Effect.never
                : peer.send(reply(header, payload.slice(0, -1))))
          ),
        {
          handshake: false,
          addresses: ["a:1", "b:2"],
          onOpen: (index) => index === 0 ? new Connector.LinkError({ problem: "refused the connection" }) : Effect.void
        }
      )
      const ow = yield* scripted.client(server)
      assert.strictEqual(yield* ow.readText("/a"), "/a")
      assert.strictEqual(server.pings(), 1)
      const silent = yield* Effect.forkChild(Effect.flip(ow.read("/silent")), { startImmediately: true })
      yield* pass("5 seconds")
      assert.strictEqual(reason(yield* ended(silent)), "Silence")
      assert.strictEqual(yield* ow.readText("/silent"), "/silent")
      assert.strictEqual(server.pings(), 2)
    }))

  it.effect("an address that spoke garbage, or closed unasked, must say again who it is", () =>
    Effect.gen(function*() {
      const garbage = new TextEncoder().encode("HTTP/1.0 400 Bad Request\r\n\r\n")
      const wrongs: ReadonlyArray<readonly [(peer: scripted.Peer) => Effect.Effect<void>, string]> = [
        [(peer) => peer.send(garbage), "Failure"],
        // Nothing of an answer came: the read is made again.
        [(peer) => peer.close, "Success"]
      ]
      for (const [wrong, outcome] of wrongs) {
        const server = yield* scripted.make((peer) =>
          Effect.forever(
            Effect.flatMap(
              peer.receive,
              ({ header, payload }) => peer.index === 1 ? wrong(peer) : peer.send(reply(header, payload.slice(0, -1)))
            )
          )
        )
        const ow = yield* scripted.client(server, { flags: { persistence: false } })
        yield* ow.read("/a")
        const before = server.pings()
        assert.strictEqual((yield* Effect.result(ow.read("/b")))._tag, outcome)
        yield* ow.read("/c")
        assert.strictEqual(server.pings(), before + 1)
      }
    }))

  it.effect("a call waits for every connection that is being opened", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo, {
        onOpen: (index) =>
          index === 0
            ? Effect.andThen(Effect.sleep("1 second"), new Connector.LinkError({ problem: "refused the connection" }))
            : Effect.sleep("2 seconds")
      })
      const ow = yield* scripted.client(server, { lazy: true })
      const fibers = yield* Effect.forEach(["/a", "/b"], (path) =>
        Effect.forkChild(ow.readText(path), { startImmediately: true }))
      yield* pass("1 second")
      yield* pass("1 second")
      yield* pass("100 millis")
      yield* pass("2 seconds")
      assert.deepStrictEqual(yield* Effect.forEach(fibers, ended), ["/a", "/b"])
    }))

  it.effect("a call does not wait for connections that begin to be opened after one has failed it", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo, {
        onOpen: () => Effect.andThen(Effect.sleep("5 seconds"), new Connector.LinkError({ problem: "did not answer" }))
      })
      const ow = yield* scripted.client(server, { lazy: true })
      const waits: Array<number> = []
      // Four attempts at a time that begin and end in turn: there is never a moment without one.
      for (let call = 0; call < 60; call++) {
        yield* ow.read("/a").pipe(
          Effect.flip,
          Effect.timed,
          Effect.map(([duration, error]) => {
            assert.strictEqual(reason(error), "Connect")
            waits.push(Duration.toMillis(duration))
          }),
          Effect.forkChild({ startImmediately: true })
        )
        yield* pass("1.3 seconds")
      }
      yield* pass("10 seconds")
      assert.lengthOf(waits, 60)
      assert.isAtMost(Math.max(...waits), 10_200)
    }))

  it.effect("a call goes on waiting while connections come, though some of them cannot be had", () =>
    Effect.gen(function*() {
      // A crowded server: each connection serves one call.
      const server = yield* scripted.make((peer) =>
        Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          yield* Effect.sleep("5 millis")
          yield* peer.send(reply(header, payload.slice(0, -1), { flags: header.flags & ~4 }))
          yield* peer.close
        }), {
        onOpen: (index) =>
          Effect.andThen(
            Effect.sleep(40 + (index * 7) % 20),
            index === 5 || index === 30 ? new Connector.LinkError({ problem: "was reset" }) : Effect.void
          )
      })
      const ow = yield* scripted.client(server, { lazy: true })
      const paths = Array.from({ length: 100 }, (_, call) => `/${call}`)
      const calls = yield* Effect.forEach(
        paths,
        (path) => Effect.forkChild(ow.readText(path), { startImmediately: true })
      )
      for (let i = 0; i < 400; i++) yield* pass("10 millis")
      assert.deepStrictEqual(yield* Effect.forEach(calls, ended), paths)
    }))

  it.effect("a write is not, and says that it may have left", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(closesOnSecond)
      const ow = yield* scripted.client(server)
      yield* ow.read("/a")
      const error = yield* Effect.flip(ow.write("/b", "1"))
      assert.deepInclude(error, { _tag: "ConnError", requestSent: true, isRetryable: false })
      assert.include(error.message, "the request may have taken effect")
      assert.strictEqual(server.requests.filter(({ type }) => type === MessageType.Write).length, 1)
    }))

  it.effect("one that finds no other connection says that it may have left", () =>
    Effect.gen(function*() {
      const calls: ReadonlyArray<(ow: OwClient.Client) => Effect.Effect<unknown, OwError.OwError>> = [
        (ow) => ow.read("/b"),
        (ow) => ow.dir("/b"),
        (ow) => ow.read("/b", { timeout: "1 second" })
      ]
      for (const call of calls) {
        const server = yield* scripted.make(closesOnSecond, {
          onOpen: (index) => index === 0 ? Effect.void : scripted.refused
        })
        const ow = yield* scripted.client(server)
        yield* ow.read("/a")
        const error = yield* Effect.flip(call(ow))
        assert.deepInclude(error, { _tag: "ConnError", requestSent: true, isRetryable: true })
        assert.strictEqual(reason(error), "Connect")
      }
    }))

  it.effect("one that closes on its first request is not tried again for ever", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) => Effect.andThen(peer.receive, peer.reset))
      const ow = yield* scripted.client(server, { lazy: true })
      const error = yield* Effect.flip(ow.read("/a"))
      assert.strictEqual(reason(error), "Closed")
      assert.include(error.message, "ECONNRESET")
      assert.isAtMost(server.opened(), 2)
    }))

  it.effect("bytes that nobody asked for close an idle one", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
          const answer = reply(header, payload.slice(0, -1))
          return peer.index === 0
            ? Effect.andThen(peer.send(answer), peer.send(reply(header, "late")))
            : peer.send(answer)
        }))
      )
      const ow = yield* scripted.client(server)
      assert.strictEqual(yield* ow.readText("/a"), "/a")
      yield* settle
      assert.strictEqual(server.open(), 0)
      assert.strictEqual(yield* ow.readText("/b"), "/b")
    }))

  it.effect("what stands behind a reply in the same chunk is no reply to the next request", () =>
    Effect.gen(function*() {
      for (const length of [28, 10]) {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
            const answer = reply(header, payload.slice(0, -1))
            const late = reply(header, "late").slice(0, length)
            return peer.send(peer.index === 0 ? Uint8Array.from([...answer, ...late]) : answer)
          }))
        )
        const ow = yield* scripted.client(server)
        assert.deepStrictEqual([yield* ow.readText("/a"), yield* ow.readText("/b")], ["/a", "/b"])
        assert.strictEqual(server.opened(), 2)
      }
    }))

  const bytes = (text: string) => new TextEncoder().encode(text)
  const cut = (peer: scripted.Peer, at: number) =>
    Effect.flatMap(
      peer.receive,
      ({ header }) => Effect.andThen(peer.send(reply(header, "         4.1").slice(0, at)), peer.close)
    )

  it.effect("a reply that ends at any byte is a typed error, and the next call is fine", () =>
    Effect.gen(function*() {
      for (let at = 0; at < 36; at++) {
        const server = yield* scripted.make((peer) => peer.index === 0 ? cut(peer, at) : echo(peer))
        const ow = yield* scripted.client(server, { maxConnections: 1 })
        const call = ow.write("/a", "1")
        const error = yield* Effect.flip(at === 0 ? call : ow.read("/a"))
        if (at === 0) assert.strictEqual(reason(error), "Closed")
        else {
          assert.strictEqual(error._tag, "ProtocolError")
          assert.deepStrictEqual("reason" in error && error.reason, {
            _tag: "ShortRead",
            received: at,
            expected: at < 24 ? 24 : 36
          })
          assert.isTrue(error.isRetryable)
        }
        assert.strictEqual(yield* ow.readText("/b"), "/b")
      }
    }))

  it.effect("garbage is a typed error that shows it, and the next call is fine", () =>
    Effect.gen(function*() {
      const garbage = (header: Header.RequestHeader): ReadonlyArray<readonly [Uint8Array, string]> => [
        [bytes("HTTP/1.1 400 Bad Request\r\n\r\n"), "web server"],
        [bytes("SSH-2.0-OpenSSH_9.2p1\r\n"), "SSH server"],
        [reply(header, "", { version: 7 }), "version 7"],
        [reply(header, "", { payload: 2 ** 20 + 1 }), "1048577 bytes, more than the 1048576"],
        [reply(header, "ab", { size: -2 }), "size of -2"],
        [reply(header, "ab", { size: 3 }), "size of 3"]
      ]
      for (let kind = 0; kind < 6; kind++) {
        const server = yield* scripted.make((peer) =>
          peer.index === 0
            ? Effect.flatMap(peer.receive, ({ header }) => peer.send(garbage(header)[kind][0]))
            : echo(peer)
        )
        const ow = yield* scripted.client(server)
        const error = yield* Effect.flip(ow.read("/a"))
        assert.strictEqual(reason(error), "MalformedHeader")
        assert.include(error.message, garbage(Header.decodeRequest(new Uint8Array(24)))[kind][1])
        assert.strictEqual(yield* ow.readText("/b"), "/b")
      }
    }))
})
