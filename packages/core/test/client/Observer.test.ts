import { MessageType } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Logger, References, Stream, Tracer } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { answers, echo, ended, keepalive, pass, pathOf, reply, settle } = scripted

/** A tracer, and the spans that it was asked for. */
const recording = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return { spans, tracer }
}

const attributes = (span: Tracer.Span) => Object.fromEntries(span.attributes)

const exitOf = (span: Tracer.Span) => span.status._tag === "Ended" ? span.status.exit : assert.fail("not ended")

describe("spans", () => {
  it.effect("there is one for each call, of kind client, that says what, where and how it went", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recording()
      const server = yield* scripted.make(answers((_, path) => path === "/gone" ? -1 : "21.5"))
      const ow = yield* scripted.client(server)
      yield* Effect.gen(function*() {
        yield* ow.readText("/28.000028D70100/temperature")
        yield* Effect.flip(ow.read("/gone"))
        yield* ow.present("/gone")
        yield* ow.sendMessage(99, Uint8Array.of(0x2f))
      }).pipe(Effect.withSpan("parent"), Effect.withTracer(tracer))
      const [parent, read, gone, present, message] = spans
      assert.strictEqual(spans.length, 5)
      assert.strictEqual(read.name, "owserver.read")
      assert.strictEqual(read.kind, "client")
      assert.strictEqual(read.parent._tag === "Some" && read.parent.value.spanId, parent.spanId)
      assert.deepStrictEqual(attributes(read), {
        "server.address": "scripted",
        "server.port": 4304,
        "owserver.path": "/28.000028D70100/temperature",
        "network.peer.address": "scripted",
        "network.peer.port": 4304,
        "owserver.return_code": 4,
        "owserver.wait_ms": 0
      })
      assert.isTrue(Exit.isSuccess(exitOf(read)))
      assert.strictEqual(gone.attributes.get("owserver.return_code"), -1)
      assert.isTrue(Exit.isFailure(exitOf(gone)))
      assert.strictEqual(gone.attributes.get("error.type"), "NotFound")
      // Absence is an answer.
      assert.strictEqual(present.name, "owserver.present")
      assert.strictEqual(present.attributes.get("owserver.return_code"), -1)
      assert.isTrue(Exit.isSuccess(exitOf(present)))
      assert.isFalse(message.attributes.has("owserver.path"))
    }))

  it.effect("it covers all requests of a call, and each attempt has its own", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recording()
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          if (header.type !== MessageType.Dir) return yield* peer.send(reply(header, "", { ret: -42 }))
          if (pathOf(payload) === "/busy") return yield* peer.send(reply(header, "", { ret: -5 }))
          yield* peer.send(reply(header, "/a\0", { size: 2 }))
          yield* peer.send(reply(header))
        }))
      )
      const ow = yield* scripted.client(server)
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(yield* ow.dir("/", { slash: false }), ["/a"])
        assert.deepStrictEqual(yield* Stream.runCollect(ow.dirStream("/")), ["/a"])
        yield* Effect.flip(Effect.retry(ow.dir("/busy"), { times: 1 }))
      }).pipe(Effect.withTracer(tracer))
      assert.deepStrictEqual(spans.map(({ name }) => name), Array.from({ length: 4 }, () => "owserver.dir"))
      assert.deepStrictEqual(spans.map(({ attributes }) => attributes.get("owserver.path")), [
        "/",
        "/",
        "/busy",
        "/busy"
      ])
    }))

  it.effect("it tells waiting apart, and counts keepalives and replays", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recording()
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          const path = pathOf(payload)
          if (path === "/closed" && peer.index === 0) return yield* peer.close
          if (path === "/slow") {
            yield* Effect.sleep("1 second")
            yield* peer.send(keepalive)
            yield* Effect.sleep("1 second")
          }
          yield* peer.send(reply(header, path))
        }))
      )
      const ow = yield* scripted.client(server, { maxConnections: 1 })
      const fiber = yield* Effect.forEach(["/slow", "/next", "/closed"], (path) => ow.readText(path), {
        concurrency: "unbounded"
      }).pipe(Effect.withTracer(tracer), Effect.forkChild({ startImmediately: true }))
      yield* pass("1 second")
      yield* pass("1 second")
      yield* ended(fiber)
      const [slow, next, closed] = spans.map(attributes)
      assert.deepInclude(slow, { "owserver.wait_ms": 0, "owserver.keepalives": 1 })
      assert.deepInclude(next, { "owserver.wait_ms": 2000 })
      assert.notProperty(next, "owserver.keepalives")
      assert.deepInclude(closed, { "owserver.replays": 1, "owserver.return_code": 7 })
    }))

  it.effect("it adds up what the requests of one call have waited, and fails where the call does", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recording()
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header, payload } = yield* peer.receive
          if (pathOf(payload) === "/slow") yield* Effect.sleep("300 millis")
          if (header.type === MessageType.DirAllSlash) return yield* peer.send(reply(header, "", { ret: -42 }))
          yield* peer.send(reply(header, "", { size: header.type === MessageType.Write ? 1 : 0 }))
        }))
      )
      const ow = yield* scripted.client(server, { maxConnections: 1 })
      const fiber = yield* Effect.all([ow.read("/slow"), ow.dir("/")], { concurrency: 2 }).pipe(
        Effect.withTracer(tracer),
        Effect.forkChild({ startImmediately: true })
      )
      yield* pass("300 millis")
      yield* ended(fiber)
      assert.strictEqual(spans[1].attributes.get("owserver.wait_ms"), 300)
      yield* Effect.flip(Effect.withTracer(ow.write("/a", "123"), tracer))
      assert.isTrue(Exit.isFailure(exitOf(spans[2])))
    }))

  it.effect("it ends with a call that is given up, or was never sent", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recording()
      const server = yield* scripted.make((peer) => Effect.forever(peer.receive))
      const ow = yield* scripted.client(server, { maxConnections: 1 })
      const given = yield* Effect.forkChild(Effect.withTracer(ow.read("/a"), tracer), { startImmediately: true })
      const late = yield* Effect.forkChild(
        Effect.flip(Effect.withTracer(ow.read("/b", { timeout: "1 second" }), tracer)),
        { startImmediately: true }
      )
      yield* pass("1 second")
      yield* ended(late)
      yield* Fiber.interrupt(given)
      assert.isTrue(Exit.hasInterrupts(exitOf(spans[0])))
      assert.strictEqual(spans[0].attributes.get("owserver.wait_ms"), 0)
      assert.strictEqual(spans[1].attributes.get("owserver.wait_ms"), 1000)
      assert.strictEqual(spans[1].attributes.get("error.type"), "Call")
      assert.isTrue(Exit.isFailure(exitOf(spans[1])))
    }))

  it.effect("there is none where no tracer would take it, or tracing is off", () =>
    Effect.gen(function*() {
      const { spans, tracer } = recording()
      const ow = yield* scripted.client(yield* scripted.make(echo))
      yield* ow.read("/a").pipe(Effect.withTracerEnabled(false), Effect.withTracer(tracer))
      yield* Effect.withTracerEnabled(ow.dir("/").pipe(Effect.ignore), false).pipe(Effect.withTracer(tracer))
      assert.strictEqual(spans.length, 0)
    }))
})

describe("the log of frames", () => {
  const logged = () => {
    const lines: Array<string> = []
    const logger = Logger.make<unknown, void>(({ message }) => {
      lines.push(String(Array.isArray(message) ? message[0] : message))
    })
    return { lines, layer: Logger.layer([logger]) }
  }

  it.effect("shows each frame in a readable line, where the level is Debug", () =>
    Effect.gen(function*() {
      const { layer, lines } = logged()
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.gen(function*() {
          const { header } = yield* peer.receive
          yield* peer.send(keepalive)
          yield* peer.send(reply(header, header.size > 100 ? "x".repeat(100) : "4.1"))
        })), { addresses: ["127.0.0.1:4304"] })
      const ow = yield* scripted.client(server)
      yield* ow.readText("/28.000028D70100/temperature", { size: 12 }).pipe(
        Effect.provideService(References.MinimumLogLevel, "Debug"),
        Effect.provide(layer)
      )
      yield* settle
      assert.deepStrictEqual(lines, [
        "127.0.0.1:4304 <- READ /28.000028D70100/temperature  00000000 0000001D 00000002 00000144 0000000C 00000000 | " +
        "2F32382E3030303032384437303130302F74656D706572617475726500",
        "127.0.0.1:4304 -> keepalive",
        "127.0.0.1:4304 -> ret 3, 3 bytes  00000000 00000003 00000003 00000144 00000003 00000000 | 342E31"
      ])
      lines.length = 0
      yield* ow.read("/long").pipe(
        Effect.provideService(References.MinimumLogLevel, "Debug"),
        Effect.provide(layer)
      )
      yield* settle
      assert.match(lines[2], /\| (78){64}… \(100 bytes\)$/)
    }))

  it.effect("is silent above Debug", () =>
    Effect.gen(function*() {
      const { layer, lines } = logged()
      const ow = yield* scripted.client(yield* scripted.make(echo))
      yield* Effect.provide(ow.read("/a"), layer)
      assert.deepStrictEqual(lines, [])
    }))

  it.effect("shows the first ping, a replay and a failure", () =>
    Effect.gen(function*() {
      const { layer, lines } = logged()
      const server = yield* scripted.make((peer) =>
        Effect.gen(function*() {
          const { header } = yield* peer.receive
          yield* peer.send(reply(header))
          yield* peer.receive
          yield* peer.close
        })
      )
      yield* Effect.gen(function*() {
        const ow = yield* scripted.client(server)
        yield* ow.read("/a")
        yield* ow.read("/b")
        yield* Effect.flip(ow.write("/c", "1"))
      }).pipe(
        Effect.provideService(References.MinimumLogLevel, "Debug"),
        Effect.provide(layer)
      )
      yield* settle
      assert.match(lines[0], /<- NOP {2}00000000 00000000 00000001/)
      assert.isTrue(lines.some((line) => line.includes("closed the connection as READ /b was sent")))
      assert.isTrue(lines.some((line) => line.includes("WRITE /c failed: Closed")))
    }))

  it.effect("shows the ping of each connection at the level of the client, not of the call", () =>
    Effect.gen(function*() {
      const { layer, lines } = logged()
      const server = yield* scripted.make(echo)
      const ow = yield* scripted.client(server).pipe(
        Effect.provideService(References.MinimumLogLevel, "Debug"),
        Effect.provide(layer)
      )
      yield* Effect.all([ow.read("/a"), ow.read("/b")], { concurrency: 2 })
      yield* settle
      assert.strictEqual(server.pings(), 2)
      assert.deepStrictEqual(lines.map((line) => line.split(" ")[1]), ["<-", "->", "<-", "->"])
      assert.isTrue(lines.every((line) => /NOP|ret 0/.test(line)))
    }))
})
