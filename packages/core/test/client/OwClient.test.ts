import { Connector, ControlFlags, Header, MessageType, OwClient, type OwError } from "@effect-ownet/core"
import { TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Exit, Fiber, Layer, Option, Scope, Stream } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { answers, echo, keepalive, pass, pathOf, reason, reply, settle } = scripted

describe("OwClient", () => {
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
          Array.from({ length: 20 }),
          () => Effect.forkChild(Effect.flip(ow.write("/a", "1")), { startImmediately: true })
        )
        yield* settle
        yield* Scope.close(scope, Exit.void)
        const errors = yield* Effect.forEach(fibers, Fiber.join)
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
          ["payload", ow.sendMessage(MessageType.Nop, new Uint8Array(100_051))]
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
        assert.strictEqual(yield* Fiber.join(second), "/second")
        assert.deepStrictEqual([server.opened(), server.open()], [2, 1])
      }))
  })

  describe("operations", () => {
    it.effect("present is false for absence alone", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(answers((_, path) => Number(path.slice(1))))
        const ow = yield* scripted.client(server)
        assert.isFalse(yield* ow.present("/-1"))
        assert.isFalse(yield* ow.present("/-2"))
        assert.isTrue(yield* ow.present("/0"))
        for (const code of [-5, -42, -103]) {
          const error = yield* Effect.flip(ow.present(`/${code}`))
          assert.deepInclude(error, { _tag: "OwnetError", code, operation: "present" })
        }
      }))

    it.effect("presence gives the ROM id, or none", () =>
      Effect.gen(function*() {
        const id = Uint8Array.from([0x28, 0, 0, 0x28, 0xd7, 1, 0, 0xd5])
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
            const path = pathOf(payload)
            const bytes = path === "/id" ? id : path === "/none" ? new Uint8Array(8) : id.with(7, 0)
            return peer.send(reply(header, bytes, { size: 0, ret: path === "/absent" ? -1 : 0 }))
          }))
        )
        const ow = yield* scripted.client(server)
        assert.deepStrictEqual(yield* ow.romId("/id"), Option.some("28000028D70100D5"))
        assert.deepStrictEqual(yield* ow.romId("/none"), Option.none())
        assert.deepStrictEqual(yield* ow.romId("/absent"), Option.none())
        assert.strictEqual(reason(yield* Effect.flip(ow.romId("/ghost"))), "UnexpectedReply")
      }))

    it.effect("dir falls back to DIR, asks for the slashes, and remembers", () =>
      Effect.gen(function*() {
        const directories = new Set(["/", "/10.67C6697351FF", "/10.67C6697351FF/errata", "/settings"])
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.gen(function*() {
            const { header, payload } = yield* peer.receive
            const path = pathOf(payload)
            if (header.type !== MessageType.Dir) return yield* peer.send(reply(header, "", { ret: -42 }))
            if (!directories.has(path)) return yield* peer.send(reply(header, "", { ret: -20 }))
            const names = path === "/" ? ["10.67C6697351FF", "settings"] : ["errata", "type"]
            for (const name of names) {
              const entry = `${path === "/" ? "" : path}/${name}`
              yield* peer.send(reply(header, `${entry}\0`, { size: entry.length }))
              yield* peer.send(keepalive)
            }
            yield* peer.send(reply(header))
          }))
        )
        const ow = yield* scripted.client(server)
        assert.deepStrictEqual(yield* ow.dir("/", { slash: false }), ["/10.67C6697351FF", "/settings"])
        assert.deepStrictEqual(yield* ow.dir(), ["/10.67C6697351FF/", "/settings/"])
        assert.deepStrictEqual(yield* ow.with({}).dir("/10.67C6697351FF"), [
          "/10.67C6697351FF/errata/",
          "/10.67C6697351FF/type"
        ])
        assert.deepStrictEqual(yield* ow.get("/10.67C6697351FF", { slash: false }), {
          _tag: "Directory",
          entries: ["/10.67C6697351FF/errata", "/10.67C6697351FF/type"]
        })
        const types = server.requests.map(({ type }) => type)
        assert.strictEqual(
          types.filter((type) => type === MessageType.DirAll || type === MessageType.DirAllSlash).length,
          1
        )
        assert.strictEqual(types.filter((type) => type === MessageType.Get).length, 1)
      }))

    it.effect("dir does not take a failing directory for a property", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.gen(function*() {
            const { header, payload } = yield* peer.receive
            if (header.type !== MessageType.Dir) return yield* peer.send(reply(header, "", { ret: -42 }))
            if (pathOf(payload) !== "/") return yield* peer.send(reply(header, "", { ret: -5 }))
            yield* peer.send(reply(header, "/alias\0", { size: 6 }))
            yield* peer.send(reply(header))
          }))
        )
        const ow = yield* scripted.client(server)
        assert.strictEqual(reason(yield* Effect.flip(ow.dir())), "BusFault")
      }))

    it.effect("dirStream emits what was found, and then how it ended", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.gen(function*() {
            const { header, payload } = yield* peer.receive
            for (const name of ["/a", "/b"]) {
              yield* peer.send(reply(header, `${name}\0`, { size: 2 }))
              yield* Effect.sleep("1 second")
            }
            yield* peer.send(reply(header, "", { ret: pathOf(payload) === "/" ? 0 : -5 }))
          }))
        )
        const ow = yield* scripted.client(server)
        const seen: Array<string> = []
        const fiber = yield* ow.dirStream().pipe(
          Stream.runForEach((path) => Effect.sync(() => seen.push(path))),
          Effect.forkChild({ startImmediately: true })
        )
        yield* pass("500 millis")
        assert.deepStrictEqual(seen, ["/a"])
        yield* pass("1 second")
        assert.deepStrictEqual(seen, ["/a", "/b"])
        yield* pass("1 second")
        yield* Fiber.join(fiber)

        const failing = yield* ow.dirStream("/bus.0").pipe(
          Stream.map((path) => seen.push(path)),
          Stream.runDrain,
          Effect.flip,
          Effect.forkChild({ startImmediately: true })
        )
        yield* pass("3 seconds")
        assert.strictEqual(reason(yield* Fiber.join(failing)), "BusFault")
        assert.deepStrictEqual(seen, ["/a", "/b", "/a", "/b"])
      }))

    it.effect("dirStream closes its connection when it is left early, and only then", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.gen(function*() {
            const { header } = yield* peer.receive
            yield* peer.send(reply(header, "/a\0", { size: 2 }))
            yield* Effect.sleep("1 second")
            yield* peer.send(reply(header))
          }))
        )
        const ow = yield* scripted.client(server)
        assert.deepStrictEqual(yield* Stream.runCollect(Stream.take(ow.dirStream(), 1)), ["/a"])
        yield* settle
        assert.strictEqual(server.open(), 0)
        const whole = yield* Effect.forkChild(Stream.runCollect(ow.dirStream()), { startImmediately: true })
        yield* pass("1 second")
        assert.deepStrictEqual(yield* Fiber.join(whole), ["/a"])
        assert.strictEqual(server.open(), 1)
      }))

    it.effect("get tells an empty directory from an empty value", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(
          answers((type, path) => path === "/alias" && type === MessageType.DirAllSlash ? -20 : 0)
        )
        const ow = yield* scripted.client(server)
        assert.deepStrictEqual(yield* ow.get("/alarm"), { _tag: "Directory", entries: [] })
        assert.deepStrictEqual(yield* ow.get("/alias"), { _tag: "Value", bytes: new Uint8Array(0) })
      }))

    it.effect("get asks for the bytes that are wanted", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
            peer.send(
              header.type === MessageType.Read
                ? reply(header, "ab")
                : reply(header, "", { ret: -42 + (header.type === MessageType.DirAllSlash ? 22 : 0) })
            )))
        )
        const ow = yield* scripted.client(server)
        yield* ow.get("/a", { size: 2, offset: 7 })
        assert.deepStrictEqual(server.requests.map(({ offset, size, type }) => [type, size, offset]), [
          [MessageType.GetSlash, 2, 7],
          [MessageType.DirAllSlash, 0, 0],
          [MessageType.Read, 2, 7]
        ])
      }))

    it.effect("never asks for more than is accepted", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(
            Effect.flatMap(peer.receive, ({ header }) => peer.send(reply(header, "x".repeat(header.size))))
          )
        )
        const ow = yield* scripted.client(server, { maxPayload: 10 })
        assert.strictEqual((yield* ow.read("/a")).length, 10)
        assert.strictEqual((yield* Effect.flip(ow.read("/a", { size: 11 })))._tag, "ArgumentError")
        const refusing = yield* scripted.make(answers(() => -90))
        yield* Effect.flip((yield* scripted.client(refusing, { maxPayload: 10 })).read("/a"))
        assert.deepStrictEqual(refusing.requests.map(({ size }) => size), [10, 10])
      }))

    it.effect("write says when the server accepted less", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header }) => peer.send(reply(header, "", { size: 2 }))))
        )
        const ow = yield* scripted.client(server)
        const error = yield* Effect.flip(ow.write("/memory", "abc"))
        assert.deepInclude(error, { _tag: "ProtocolError", operation: "write", path: "/memory" })
        assert.deepStrictEqual(error._tag === "ProtocolError" && error.reason, {
          _tag: "ShortWrite",
          accepted: 2,
          sent: 3
        })
        assert.strictEqual(server.open(), 1)
      }))

    it.effect("sendMessage gives the reply as it came, refusals and frames too", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.gen(function*() {
            const { header } = yield* peer.receive
            if (header.type === MessageType.Dir) yield* peer.send(reply(header, "/a\0", { size: 2 }))
            yield* peer.send(reply(header, "", { ret: -5, offset: 0x8002 }))
          }))
        )
        const ow = yield* scripted.client(server)
        const raw = yield* ow.sendMessage(MessageType.Dir, "/", { flags: { busReturn: true } })
        assert.deepInclude(raw, { ret: -5, offset: 0x8002, flags: 0x106, payload: 0 })
        assert.deepStrictEqual(raw.entries.map(({ data }) => new TextDecoder().decode(data)), ["/a\0"])
        assert.strictEqual((yield* ow.sendMessage(99, "/")).ret, -5)
      }))

    it.effect("a reply that answers another question is an error, and costs the connection", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header }) =>
            peer.send(
              header.type === MessageType.Nop
                ? reply(header, "x")
                : header.type === MessageType.Write
                ? reply(header, "", { size: header.size + 1 })
                : header.type === MessageType.Presence
                ? reply(header, "x")
                : reply(header, "nonsense", { ret: 1 })
            )))
        )
        const ow = yield* scripted.client(server)
        const calls = [
          ow.ping(),
          ow.present("/a"),
          ow.romId("/a"),
          ow.dir(),
          Stream.runDrain(ow.dirStream()),
          ow.read("/a"),
          ow.read("/a", { size: 4 }),
          ow.write("/a", "1"),
          ow.get("/a")
        ]
        for (const [index, call] of calls.entries()) {
          const error = yield* Effect.flip(call)
          assert.strictEqual(reason(error), "UnexpectedReply", `call ${index}`)
          yield* settle
          assert.strictEqual(server.open(), 0, `call ${index}`)
        }
      }))
  })

  describe("errors", () => {
    it.effect("carry everything, and the server's own text, fetched once", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(answers((_, path) =>
          path === "/settings/return_codes/text.ALL" ? "Good,Startup - one,Startup - two" : path === "/odd" ? -77 : -1
        ))
        const ow = yield* scripted.client(server)
        const error = yield* Effect.flip(ow.read("/28.000028D70100/temperture"))
        assert.deepInclude(error, {
          _tag: "OwnetError",
          code: -1,
          codeName: "EPERM",
          serverText: "Startup - one",
          operation: "read",
          path: "/28.000028D70100/temperture",
          server: "scripted:4304",
          isRetryable: false
        })
        assert.strictEqual(
          String(error),
          "OwnetError: read /28.000028D70100/temperture at scripted:4304: refused with -1 EPERM: no such device or " +
            "property: the path is misspelt, or the device does not answer on the bus now"
        )
        const errors = yield* Effect.forEach(Array.from({ length: 20 }), () =>
          Effect.flip(ow.with({}).dir("/x")), {
          concurrency: "unbounded"
        })
        assert.isTrue(errors.every((error) => error._tag === "OwnetError" && error.serverText === "Startup - one"))
        assert.strictEqual(server.requests.filter(({ text }) => text.startsWith("/settings")).length, 1)
        assert.include(
          (yield* Effect.flip(ow.read("/odd"))).message,
          "refused with -77 unknown: a code without a known meaning"
        )
      }))

    it.effect("do not ask again for a table that was refused", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(answers(() => -1))
        const ow = yield* scripted.client(server)
        yield* Effect.flip(ow.read("/a"))
        yield* pass("2 minutes")
        yield* Effect.flip(ow.read("/a"))
        assert.strictEqual(server.requests.filter(({ text }) => text.startsWith("/settings")).length, 1)
      }))

    it.effect("stand on their own when the text cannot be had", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) =>
            pathOf(payload).startsWith("/settings") ? Effect.void : peer.send(reply(header, "", { ret: -5 }))))
        )
        const ow = yield* scripted.client(server)
        const start = yield* Clock.currentTimeMillis
        const fiber = yield* Effect.forkChild(Effect.flip(ow.read("/a", { timeout: "300 millis" })), {
          startImmediately: true
        })
        yield* pass("300 millis")
        const error = yield* Fiber.join(fiber)
        assert.deepInclude(error, { _tag: "OwnetError", code: -5, isRetryable: true })
        assert.isUndefined(error._tag === "OwnetError" ? error.serverText : "")
        assert.strictEqual((yield* Clock.currentTimeMillis) - start, 300)
      }))

    it.effect("wait for the text a second at most, and not again for a minute", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) =>
            pathOf(payload).startsWith("/settings") ? Effect.void : peer.send(reply(header, "", { ret: -5 }))))
        )
        const ow = yield* scripted.client(server)
        const asked = () =>
          server.requests.filter(({ text }) => text.startsWith("/settings")).length
        const first = yield* Effect.forkChild(Effect.flip(ow.read("/a")), { startImmediately: true })
        yield* pass("999 millis")
        assert.isUndefined(first.pollUnsafe())
        yield* pass("1 millis")
        yield* Fiber.join(first)
        for (let i = 0; i < 5; i++) yield* Effect.flip(ow.read("/a"))
        assert.strictEqual(asked(), 1)
        yield* pass("1 minute")
        yield* Effect.forkChild(Effect.flip(ow.read("/a")), { startImmediately: true })
        yield* settle
        assert.strictEqual(asked(), 2)
      }))

    it.effect("show themselves whole in logs and JSON", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(answers(() => -1))
        const ow = yield* scripted.client(server)
        const error = yield* Effect.flip(ow.read("/a\nb"))
        const shown = JSON.parse(JSON.stringify(error))
        assert.deepInclude(shown, { _tag: "OwnetError", code: -1, message: error.message, isRetryable: false })
        assert.include(error.message, "read \"/a\\nb\" at")
        assert.notInclude(error.message, "\n")
      }))

    it.effect("a write that may have taken effect is never retryable, and says so", () =>
      Effect.gen(function*() {
        const refusing = yield* scripted.client(yield* scripted.make(answers(() => -5)))
        assert.isTrue((yield* Effect.flip(refusing.read("/a"))).isRetryable)
        assert.isFalse((yield* Effect.flip(refusing.write("/a", "1"))).isRetryable)
        const cutting = yield* scripted.client(
          yield* scripted.make((peer) =>
            Effect.flatMap(peer.receive, ({ header }) =>
              Effect.andThen(peer.send(reply(header).slice(0, 10)), peer.close))
          )
        )
        const calls: ReadonlyArray<Effect.Effect<unknown, OwError.OwError>> = [
          cutting.write("/a", "1"),
          cutting.sendMessage(MessageType.Write, "/a")
        ]
        for (const call of calls) {
          const error = yield* Effect.flip(call)
          assert.strictEqual(reason(error), "ShortRead")
          assert.isFalse(error.isRetryable)
          assert.include(error.message, "whether it took effect is not known")
        }
      }))

    it.effect("are caught by tag and by reason", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(answers((_, path) => path === "/gone" ? -1 : -21))
        const ow = yield* scripted.client(server)
        const what = (path: string) =>
          ow.readText(path).pipe(
            Effect.catchReason("OwnetError", "NotFound", (_, error) => Effect.succeed(`no ${error.path}`)),
            Effect.catchTag("OwnetError", (error) => Effect.succeed(error.reason._tag))
          )
        assert.strictEqual(yield* what("/gone"), "no /gone")
        assert.strictEqual(yield* what("/"), "IsDirectory")
      }))
  })

  describe("time", () => {
    it.effect("the call's timeout is exact, whatever the keepalives", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.andThen(peer.receive, Effect.forever(Effect.andThen(Effect.sleep("1 second"), peer.send(keepalive))))
        )
        const ow = yield* scripted.client(server, { timeout: "1 hour" })
        for (
          const [call, operation, isRetryable] of [
            [ow.read("/a", { timeout: "2500 millis" }), "read", true],
            [ow.write("/a", "1", { timeout: "2500 millis" }), "write", false]
          ] as const
        ) {
          const fiber = yield* Effect.forkChild(Effect.flip(call as Effect.Effect<unknown, OwError.OwError>), {
            startImmediately: true
          })
          yield* pass("2499 millis")
          assert.isUndefined(fiber.pollUnsafe())
          yield* pass("1 millis")
          const error = yield* Fiber.join(fiber)
          assert.deepInclude(error, {
            _tag: "OwnetTimeout",
            elapsed: 2500,
            limit: 2500,
            operation,
            requestSent: true,
            isRetryable
          })
          assert.strictEqual(reason(error), "Call")
          yield* settle
          assert.strictEqual(server.open(), 0)
        }
      }))

    it.effect("calls end by Effect.timeout as by anything that interrupts, at every stage", () =>
      Effect.gen(function*() {
        const within = <A>(call: Effect.Effect<A, OwError.OwError>) =>
          Effect.gen(function*() {
            const fiber = yield* Effect.forkChild(Effect.timeoutOption(call, "1 second"), { startImmediately: true })
            yield* pass("999 millis")
            assert.isUndefined(fiber.pollUnsafe())
            yield* pass("1 millis")
            return yield* Fiber.join(fiber)
          })
        const dialling = yield* scripted.make(echo, { onOpen: () => Effect.never })
        assert.isTrue(Option.isNone(yield* within((yield* scripted.client(dialling, { lazy: true })).read("/a"))))

        const server = yield* scripted.make((peer) =>
          Effect.forever(
            Effect.flatMap(peer.receive, ({ header, payload }) =>
              pathOf(payload) === "/mute" ? Effect.void : peer.send(reply(header, payload.slice(0, -1))))
          )
        )
        const ow = yield* scripted.client(server, { maxConnections: 1 })
        const muted = yield* Effect.forkChild(ow.read("/mute"), { startImmediately: true })
        yield* settle
        assert.isTrue(Option.isNone(yield* within(ow.read("/waiting"))))
        yield* Fiber.interrupt(muted)
        assert.isTrue(Option.isNone(yield* within(ow.read("/mute"))))
        assert.strictEqual(yield* ow.readText("/next"), "/next")
        assert.strictEqual(server.requests.some(({ text }) => text === "/waiting|"), false)
        assert.strictEqual(server.links(), 1)
      }))

    it.effect("the timeout counts the wait for a connection, and says that nothing was sent", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) => Effect.andThen(peer.receive, Effect.never))
        const ow = yield* scripted.client(server, { maxConnections: 1 })
        yield* Effect.forkChild(ow.read("/a"), { startImmediately: true })
        yield* settle
        const fiber = yield* Effect.forkChild(Effect.flip(ow.write("/b", "1", { timeout: "1 second" })), {
          startImmediately: true
        })
        yield* pass("1 second")
        assert.deepInclude(yield* Fiber.join(fiber), {
          _tag: "OwnetTimeout",
          elapsed: 1000,
          requestSent: false,
          isRetryable: true
        })
        assert.strictEqual(server.requests.length, 1)
      }))

    it.effect("silence ends a request, and a keepalive is no silence", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.gen(function*() {
            yield* peer.receive
            for (let i = 0; i < 3; i++) {
              yield* Effect.sleep("4 seconds")
              yield* peer.send(keepalive)
            }
          })
        )
        const ow = yield* scripted.client(server)
        const fiber = yield* Effect.forkChild(Effect.flip(ow.read("/a")), { startImmediately: true })
        yield* pass("12 seconds")
        yield* pass("4999 millis")
        assert.isUndefined(fiber.pollUnsafe())
        yield* pass("1 millis")
        const error = yield* Fiber.join(fiber)
        assert.deepInclude(error, { _tag: "OwnetTimeout", elapsed: 5000, limit: 5000, isRetryable: true })
        assert.strictEqual(reason(error), "Silence")
        assert.strictEqual(server.open(), 0)
      }))

    it.effect("a caller that tries again at once is watched like any other", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) => Effect.forever(peer.receive))
        const ow = yield* scripted.client(server)
        const fiber = yield* Effect.forkChild(Effect.flip(Effect.retry(ow.read("/a"), { times: 2 })), {
          startImmediately: true
        })
        yield* pass("5 seconds")
        yield* pass("5 seconds")
        yield* pass("5 seconds")
        assert.strictEqual(reason(yield* Fiber.join(fiber)), "Silence")
        assert.deepStrictEqual([server.requests.length, server.open()], [3, 0])
      }))

    it.effect("a pause is no silence, and the watch goes on after the last connection was closed", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(
            Effect.flatMap(peer.receive, ({ header, payload }) =>
              pathOf(payload) === "/mute" ? Effect.void : Effect.delay(peer.send(reply(header)), "1 second"))
          )
        )
        const ow = yield* scripted.client(server)
        const read = (path: string) => Effect.forkChild(Effect.result(ow.read(path)), { startImmediately: true })
        for (const pause of ["30 seconds", "3 minutes"] as const) {
          // An address that fell silent is asked first who it is.
          const first = yield* read("/a")
          yield* pass("1 second")
          yield* pass("1 second")
          assert.strictEqual((yield* Fiber.join(first))._tag, "Success")
          yield* pass(pause)
          const second = yield* read("/b")
          yield* pass("1 second")
          assert.strictEqual((yield* Fiber.join(second))._tag, "Success")
          const mute = yield* read("/mute")
          yield* pass("5 seconds")
          assert.strictEqual((yield* Fiber.join(mute))._tag, "Failure")
        }
      }))

    it.effect("resolving and connecting have their limit", () =>
      Effect.gen(function*() {
        const slow = yield* scripted.make(echo, { onOpen: () => Effect.never })
        const connecting = yield* Effect.forkChild(
          Effect.flip(scripted.client(slow, { connectTimeout: "2 seconds" })),
          {
            startImmediately: true
          }
        )
        yield* pass("2 seconds")
        const error = yield* Fiber.join(connecting)
        assert.strictEqual(reason(error), "Connect")
        assert.include(error.message, "scripted:4304 did not answer within 2 s")
        yield* settle
        assert.strictEqual(slow.links(), 0)

        const stubborn = yield* scripted.make(echo, { onOpen: () => Effect.uninterruptible(Effect.sleep("1 hour")) })
        const dialling = yield* Effect.forkChild(
          Effect.flip(scripted.client(stubborn, { connectTimeout: "2 seconds" })),
          {
            startImmediately: true
          }
        )
        yield* pass("2 seconds")
        assert.strictEqual(reason(yield* Fiber.join(dialling)), "Connect")
        yield* pass("1 hour")
        assert.deepStrictEqual([stubborn.open(), stubborn.links()], [0, 0])

        const lost = { ...slow, connector: { ...slow.connector, resolve: Effect.never } }
        const resolving = yield* Effect.forkChild(Effect.flip(scripted.client(lost, { connectTimeout: "2 seconds" })), {
          startImmediately: true
        })
        yield* pass("2 seconds")
        assert.strictEqual(reason(yield* Fiber.join(resolving)), "Resolve")
      }))

    it.effect("every caller that waits for a dead server is told at the same time", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(echo, { onOpen: () => Effect.never })
        const ow = yield* scripted.client(server, { lazy: true })
        const fibers = yield* Effect.forEach(Array.from({ length: 40 }), () =>
          Effect.forkChild(Effect.flip(ow.read("/a")), { startImmediately: true }))
        yield* pass("5 seconds")
        const errors = yield* Effect.forEach(fibers, Fiber.join)
        assert.deepStrictEqual(new Set(errors.map(reason)), new Set(["Connect"]))
        assert.strictEqual(server.opened(), 4)
      }))

    it.effect("a connection is not idle while its call takes long", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) =>
          Effect.forever(
            Effect.flatMap(peer.receive, ({ header }) => Effect.delay(peer.send(reply(header)), "50 seconds"))
          )
        )
        const ow = yield* scripted.client(server, { silenceTimeout: Infinity })
        const fiber = yield* Effect.forkChild(ow.read("/a"), { startImmediately: true })
        yield* pass("50 seconds")
        yield* Fiber.join(fiber)
        yield* pass("50 seconds")
        assert.strictEqual(server.open(), 1)
        yield* pass("30 seconds")
        assert.strictEqual(server.open(), 0)
      }))

    it.effect("an idle connection is closed after a minute, and another opened when needed", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(echo)
        const ow = yield* scripted.client(server)
        yield* ow.read("/a")
        yield* pass("59 seconds")
        assert.strictEqual(server.open(), 1)
        yield* pass("2 minutes")
        assert.strictEqual(server.open(), 0)
        yield* ow.read("/b")
        assert.strictEqual(server.opened(), 2)
      }))
  })

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

    /** The first so many connections answer once, and close when they are asked again. */
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
          assert.strictEqual(yield* Fiber.join(fiber), "/b")
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
            onOpen: (index) =>
              index === 0 ? new Connector.LinkError({ problem: "refused the connection" }) : Effect.void
          }
        )
        const ow = yield* scripted.client(server)
        assert.strictEqual(yield* ow.readText("/a"), "/a")
        assert.strictEqual(server.pings(), 1)
        const silent = yield* Effect.forkChild(Effect.flip(ow.read("/silent")), { startImmediately: true })
        yield* pass("5 seconds")
        assert.strictEqual(reason(yield* Fiber.join(silent)), "Silence")
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
              Effect.flatMap(peer.receive, ({ header, payload }) =>
                peer.index === 1 ? wrong(peer) : peer.send(reply(header, payload.slice(0, -1))))
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
        assert.deepStrictEqual(yield* Effect.forEach(fibers, Fiber.join), ["/a", "/b"])
      }))

    it.effect("a call does not wait for connections that begin to be opened after one has failed it", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(echo, {
          onOpen: () =>
            Effect.andThen(Effect.sleep("5 seconds"), new Connector.LinkError({ problem: "did not answer" }))
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
        assert.deepStrictEqual(yield* Effect.forEach(calls, Fiber.join), paths)
      }))

    it.effect("a write is not, and says that it may have left", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make(closesOnSecond)
        const ow = yield* scripted.client(server)
        yield* ow.read("/a")
        const error = yield* Effect.flip(ow.write("/b", "1"))
        assert.deepInclude(error, { _tag: "ConnError", requestSent: true, isRetryable: false })
        assert.include(error.message, "whether it took effect is not known")
        assert.strictEqual(server.requests.filter(({ type }) => type === MessageType.Write).length, 1)
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

  describe("make", () => {
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
        const error = yield* Fiber.join(fiber)
        assert.strictEqual(reason(error), "Silent")
        assert.include(error.message, "a:1 took the connection and said nothing for 2 s; b:2 took")
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
          assert.strictEqual(reason(yield* Fiber.join(fiber)), "ClientClosed")
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
        assert.strictEqual(reason(yield* Fiber.join(fiber)), "Silent")
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

  describe("layerTest", () => {
    const tree = {
      "28.000028D70100": { temperature: 21.5, alias: "kitchen" },
      "/10.000010EF0000/temperature": "20.25"
    }

    it.effect("lists, reads and writes", () =>
      Effect.gen(function*() {
        const ow = yield* OwClient.OwClient
        yield* ow.ping()
        assert.deepStrictEqual(yield* ow.dir(), ["/kitchen/", "/10.000010EF0000/"])
        assert.include(yield* ow.dir("/28.000028D70100"), "/kitchen/errata/")
        assert.include(yield* Stream.runCollect(ow.dirStream("/10.000010EF0000/")), "/10.000010EF0000/type")
        assert.strictEqual(yield* ow.readText("/kitchen/temperature"), "21.5")
        assert.strictEqual(yield* ow.readText("/10.000010EF0000/temperature", { size: 2, offset: 1 }), "0.")
        assert.strictEqual(
          yield* ow.readText("/10.000010EF0000/temperature", { flags: { temperatureScale: "F" } }),
          "68.45"
        )
        yield* ow.write("/kitchen/templow", "-5")
        assert.deepStrictEqual(yield* ow.get("/28.000028D70100/templow", { flags: { trim: true } }), {
          _tag: "Value",
          bytes: new TextEncoder().encode("-5")
        })
        assert.deepStrictEqual(yield* ow.romId("/kitchen"), Option.some("28000028D70100D5"))
        assert.deepStrictEqual(yield* ow.romId("/settings"), Option.none())
        assert.isTrue(yield* ow.present("/settings/units"))
        assert.isFalse(yield* ow.present("/29.000029D60300"))
      }).pipe(Effect.provide(TestOwClient.layer(tree))))

    it.effect("refuses as a server does", () =>
      Effect.gen(function*() {
        const ow = yield* OwClient.OwClient
        assert.strictEqual(reason(yield* Effect.flip(ow.read("/28.000028D70100"))), "IsDirectory")
        assert.strictEqual(reason(yield* Effect.flip(ow.dir("/10.000010EF0000/type"))), "NotDirectory")
        assert.strictEqual(reason(yield* Effect.flip(ow.read("/10.000010EF0000/nosuch"))), "NotFound")
        assert.strictEqual(reason(yield* Effect.flip(ow.write("/28.000028D70100/errata", "1"))), "IsDirectory")
        assert.strictEqual(reason(yield* Effect.flip(ow.write("/kitchen/temperature", "1"))), "ReadOnly")
        assert.strictEqual(reason(yield* Effect.flip(ow.write("/kitchen/templow", "cold"))), "InvalidValue")
        assert.strictEqual((yield* Effect.flip(ow.read("/\0")))._tag, "ArgumentError")
        assert.strictEqual((yield* ow.sendMessage(99, "/")).ret, -42)
      }).pipe(Effect.provide(TestOwClient.layer(tree))))

    it.effect("is built anew from its description", () =>
      Effect.gen(function*() {
        const path = "/28.000028D70100/templow"
        const set = OwClient.OwClient.use((ow) =>
          Effect.andThen(ow.readText(path), (text) => Effect.as(ow.write(path, "2"), text))
        )
        const layer = TestOwClient.layer({ [path]: 1 })
        assert.strictEqual(yield* Effect.provide(set, layer, { local: true }), "1")
        assert.strictEqual(yield* Effect.provide(set, layer, { local: true }), "1")
      }))

    it.effect("takes the options of a client", () =>
      Effect.gen(function*() {
        const ow = yield* OwClient.OwClient
        assert.strictEqual(yield* ow.readText("/kitchen/temperature"), "294.65")
      }).pipe(Effect.provide(TestOwClient.layer(tree, { flags: { temperatureScale: "K" } }))))

    it.effect("says what is wrong with a description", () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Layer.build(TestOwClient.layer({ "28.000028D70100": { temprature: 1 } })))
        assert.strictEqual(
          error.message,
          "28.000028D70100: temprature: no property of a DS18B20; did you mean temperature?"
        )
      }))
  })
})
