import { MessageType, type OwError } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope, Stream } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { echo, ended, pass, reason, reply, settle } = scripted

describe("a call", () => {
  it.effect("shares connections, at most as many as allowed, each with one request at a time", () =>
    Effect.gen(function*() {
      let busy = 0
      let busiest = 0
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          busiest = Math.max(busiest, ++busy)
          yield* Effect.yieldNow
          busy--
          yield* peer.send(reply(header, payload.slice(0, -1)))
        }))
      )
      const ow = yield* scripted.client(server)
      const paths = Array.from({ length: 200 }, (_, i) => `/${i}`)
      const texts = yield* Effect.forEach(paths, (path) => ow.readText(path), { concurrency: "unbounded" })
      assert.deepStrictEqual(texts, paths)
      assert.strictEqual(server.opened(), 4)
      assert.strictEqual(busiest, 4)
    }))

  it.effect("in sequence needs one connection, closed with the client", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo)
      const scope = yield* Scope.make()
      const ow = yield* Scope.provide(scripted.client(server), scope)
      yield* ow.read("/a")
      yield* ow.read("/b")
      assert.deepStrictEqual([server.opened(), server.open()], [1, 1])
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual(server.open(), 0)
      const error = yield* Effect.flip(ow.read("/c"))
      assert.strictEqual(reason(error), "ClientClosed")
      assert.isFalse(error.isRetryable)
      assert.include(error.message, "this client has been closed")
    }))

  it.effect("that is given up before its turn is never sent, and the others keep their order", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(
          Effect.flatMap(peer.receive, ({ header, payload }) =>
            Effect.delay(peer.send(reply(header, payload.slice(0, -1))), "1 second"))
        )
      )
      const ow = yield* scripted.client(server, { maxConnections: 1 })
      const order: Array<string> = []
      const fibers = yield* Effect.forEach(
        ["/0", "/1", "/2", "/3"],
        (path) =>
          Effect.forkChild(Effect.tap(ow.readText(path), (text) => Effect.sync(() => order.push(text))), {
            startImmediately: true
          })
      )
      yield* Fiber.interrupt(fibers[2])
      for (let i = 0; i < 3; i++) yield* pass("1 second")
      assert.deepStrictEqual(order, ["/0", "/1", "/3"])
      assert.deepStrictEqual(server.requests.map(({ text }) => text), ["/0|", "/1|", "/3|"])
    }))

  it.effect("owns the bytes it is answered with", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
          Effect.gen(function*() {
            if (header.type === MessageType.Dir) yield* peer.send(reply(header, "/a\0", { size: 2 }))
            yield* peer.send(reply(header, "data", { ret: header.type === MessageType.Dir ? -5 : 4 }))
          })))
      )
      const ow = yield* scripted.client(server)
      const bytes = yield* ow.read("/a")
      const content = yield* ow.get("/a")
      const message = yield* ow.sendMessage(MessageType.Dir, "/a")
      // By now what they came in has been used again.
      yield* settle
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
      assert.strictEqual(text(bytes), "data")
      assert.strictEqual(content._tag === "Value" ? text(content.bytes) : "", "data")
      assert.deepStrictEqual([...message.entries, message].map(({ data }) => text(data)), ["/a\0", "data"])
    }))

  it.effect("fails when its client closes, whether it is under way or waits for its turn", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) => Effect.andThen(peer.receive, Effect.never))
      const scope = yield* Scope.make()
      const ow = yield* Scope.provide(scripted.client(server), scope)
      const fibers = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, i) => `/${i}`),
        (path) => Effect.forkChild(Effect.flip(ow.write(path, "1")), { startImmediately: true })
      )
      yield* settle
      yield* Scope.close(scope, Exit.void)
      const errors = yield* Effect.forEach(fibers, ended)
      assert.deepStrictEqual(new Set(errors.map(reason)), new Set(["ClientClosed"]))
      assert.strictEqual(errors.filter((error) => "requestSent" in error && error.requestSent).length, 4)
      assert.strictEqual(server.open(), 0)
    }))

  it.effect("sends what its data were when it was made", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(
          Effect.flatMap(peer.receive, ({ header }) => peer.send(reply(header, "", { size: header.size })))
        )
      )
      const ow = yield* scripted.client(server)
      const data = Uint8Array.of(0x31)
      const call = ow.write("/a", data)
      data[0] = 0x39
      const message = ow.sendMessage(99, data)
      data[0] = 0x38
      yield* call
      yield* message
      assert.deepStrictEqual(server.requests.map(({ text }) => text), ["/a|1", "9"])
    }))

  it.effect("sends the flags of the client, changed by its own: set or cleared", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo)
      const ow = yield* scripted.client(server, { flags: { temperatureScale: "F", uncached: true } })
      yield* ow.read("/a")
      yield* ow.read("/b", { flags: { uncached: false, pressureScale: "Pa" } })
      yield* ow.with({ flags: { temperatureScale: "C", trim: true } }).read("/c")
      yield* ow.readText("/d")
      yield* ow.readText("/e", { flags: { trim: false } })
      yield* ow.dir("/f", { bus: true })
      yield* ow.with({ flags: { busReturn: true } }).dir("/g", { bus: false })
      assert.deepStrictEqual(server.requests.map(({ flags }) => flags), [
        0x1_0124,
        0x15_0104,
        0x0_0164,
        0x1_0164,
        0x1_0124,
        0x1_0126,
        0x1_0124
      ])
    }))

  it.effect("sends the bits of a word, whoever gives it", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo)
      const ow = yield* scripted.client(server, { flags: 0x1_0200 })
      yield* ow.read("/a")
      yield* ow.read("/b", { flags: 0x22 })
      yield* ow.readText("/c", { flags: 0x4_0000 })
      yield* ow.with({ flags: 0x2 }).with({ flags: { uncached: true } }).read("/d")
      yield* ow.with({ flags: { temperatureScale: "K" } }).with({ flags: 0xff00_0020 }).dir("/e", { bus: true })
      yield* ow.sendMessage(99, "/f", { flags: 0 })
      assert.deepStrictEqual(server.requests.map(({ flags }) => flags), [
        0x1_0304,
        0x1_0326,
        0x5_0344,
        0x1_0326,
        0xff02_0126 | 0,
        0x1_0304
      ])
    }))

  it.effect("sends what the protocol asks for", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
          peer.send(reply(header, "", header.type === MessageType.Write ? { size: header.size } : {}))))
      )
      const ow = yield* scripted.client(server)
      yield* ow.read("/r", { size: 10, offset: 3 })
      yield* ow.read("/r")
      yield* ow.write("/w", "äb", { offset: 7 })
      yield* ow.write("/w", Uint8Array.of(0, 1))
      yield* ow.dir()
      yield* ow.dir("/d", { slash: false })
      yield* ow.present("/p")
      yield* ow.sendMessage(99, Uint8Array.of(0x2f), { size: 1, offset: 2 })
      const { requests } = server
      assert.deepStrictEqual(requests.map(({ offset, size, text, type }) => [type, text, size, offset]), [
        [MessageType.Read, "/r|", 10, 3],
        [MessageType.Read, "/r|", 65_536, 0],
        [MessageType.Write, "/w|äb", 3, 7],
        [MessageType.Write, "/w||\u0001", 2, 0],
        [MessageType.DirAllSlash, "/|", 0, 0],
        [MessageType.DirAll, "/d|", 0, 0],
        [MessageType.Presence, "/p|", 0, 0],
        [99, "/", 1, 2]
      ])
    }))

  it.effect("that makes no sense is refused before a byte is sent", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo)
      const ow = yield* scripted.client(server)
      const calls: ReadonlyArray<readonly [string, Effect.Effect<unknown, OwError.OwError>]> = [
        ["path", ow.read("/a\0b")],
        ["path", ow.dir("/\ud800")],
        ["path", ow.present("/".padEnd(4095, "x"))],
        ["path", Stream.runCollect(ow.dirStream("\0"))],
        ["size", ow.read("/a", { size: 0 })],
        ["size", ow.read("/a", { size: 100_051 })],
        ["size", ow.readText("/a", { size: 1.5 })],
        ["offset", ow.read("/a", { offset: -1 })],
        ["offset", ow.write("/a", "1", { offset: Number.NaN })],
        ["data", ow.write("/a", new Uint8Array(100_048))],
        ["data", ow.write("/a", "\udc00")],
        ["timeout", ow.ping({ timeout: 0 })],
        ["timeout", ow.with({ timeout: "-1 second" }).ping()],
        ["type", ow.sendMessage(-1, "/")],
        ["size", ow.sendMessage(MessageType.Read, "/", { size: -1 })],
        ["size", ow.sendMessage(MessageType.Write, "/a", { size: 3 })],
        ["payload", ow.sendMessage(MessageType.Nop, new Uint8Array(100_051))],
        ["flags", ow.read("/a", { flags: 1.5 })],
        ["flags", ow.ping({ flags: 2 ** 32 })],
        ["flags", ow.dir("/a", { flags: -(2 ** 31) - 1 })],
        ["other", ow.with({ flags: Number.NaN }).read("/a")],
        ["other", ow.with({ flags: 0.5 }).with({ flags: { uncached: true } }).read("/a")],
        ["other", ow.read("/a", { flags: { other: Infinity } })]
      ]
      for (const [argument, call] of calls) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(error._tag, "ArgumentError")
        assert.include(error.message, argument)
        assert.isFalse(error.isRetryable)
      }
      yield* ow.write("/a", new Uint8Array(100_047)).pipe(Effect.flip)
      assert.strictEqual(server.requests.length, 1)
    }))

  it.effect("reaches its caller alone when another was interrupted", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) =>
          Effect.delay(peer.send(reply(header, payload.slice(0, -1))), "1 second")))
      )
      const ow = yield* scripted.client(server, { maxConnections: 1 })
      const first = yield* Effect.forkChild(ow.readText("/first"), { startImmediately: true })
      yield* pass("500 millis")
      yield* Fiber.interrupt(first)
      const second = yield* Effect.forkChild(ow.readText("/second"), { startImmediately: true })
      yield* pass("2 seconds")
      assert.strictEqual(yield* ended(second), "/second")
      assert.deepStrictEqual([server.opened(), server.open()], [2, 1])
    }))
})
