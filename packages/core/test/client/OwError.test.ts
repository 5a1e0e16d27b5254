import { MessageType, OwError } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Effect, Exit, Schedule, Schema, Scope } from "effect"
import * as scripted from "../fixtures/scripted.ts"

const { answers, ended, pass, pathOf, reason, reply, settle } = scripted

const call = { operation: "write", path: "/28.000028D70100/templow", server: "localhost:4304" } as const

const errors: ReadonlyArray<readonly [OwError.OwError, message: string, isRetryable: boolean]> = [
  [
    new OwError.OwnetError({
      ...call,
      reason: { _tag: "Other" },
      code: -77,
      codeName: "unknown",
      meaning: "a code without a known meaning",
      serverText: "Unassigned error 77",
      isRetryable: false
    }),
    "write /28.000028D70100/templow at localhost:4304: refused with -77 unknown: a code without a known meaning; " +
    "the server calls it \"Unassigned error 77\"",
    false
  ],
  [
    new OwError.OwnetTimeout({ ...call, reason: { _tag: "Call" }, elapsed: 1502, limit: 1500, requestSent: true }),
    "write /28.000028D70100/templow at localhost:4304: no answer within 1.5 s, the call's timeout; " +
    "the request may have taken effect",
    false
  ],
  [
    new OwError.OwnetTimeout({ ...call, reason: { _tag: "Call" }, elapsed: 1500, limit: 1500, requestSent: false }),
    "write /28.000028D70100/templow at localhost:4304: no connection within 1.5 s, the call's timeout; " +
    "nothing was sent",
    true
  ],
  [
    new OwError.OwnetTimeout({
      operation: "ping",
      server: "localhost:4304",
      reason: { _tag: "Silence" },
      elapsed: 5000,
      limit: 5000,
      requestSent: true
    }),
    "ping at localhost:4304: the server was silent for 5 s, and sent no keepalive either; it may have stopped",
    true
  ],
  [
    new OwError.ConnError({
      operation: "connect",
      server: "pi:4304",
      reason: { _tag: "Connect" },
      problem: "no address accepted a connection",
      attempts: [
        { address: "[::1]:4304", problem: "refused the connection (ECONNREFUSED)" },
        { address: "10.0.0.7:4304", problem: "did not answer within 5 s" }
      ],
      requestSent: false,
      cause: new Error("connect ECONNREFUSED")
    }),
    "connect to pi:4304: cannot connect: [::1]:4304 refused the connection (ECONNREFUSED); 10.0.0.7:4304 did not answer " +
    "within 5 s. Is owserver running there, and does it listen on this address?",
    true
  ],
  [
    new OwError.ProtocolError({
      ...call,
      reason: { _tag: "ShortWrite", accepted: 32, sent: 40 },
      problem: "the server accepted 32 of 40 bytes; the property holds no more",
      bytes: new Uint8Array(0),
      attempts: []
    }),
    "write /28.000028D70100/templow at localhost:4304: the server accepted 32 of 40 bytes; the property holds no more",
    false
  ],
  [
    new OwError.ArgumentError({ operation: "read", argument: "size", problem: "must be a whole number" }),
    "read: size must be a whole number; nothing was sent",
    false
  ]
]

describe("OwError", () => {
  for (const [error, message, isRetryable] of errors) {
    it.effect(`${error._tag}: one line, and all of it comes back from JSON`, () =>
      Effect.gen(function*() {
        assert.strictEqual(error.message, message)
        assert.strictEqual(String(error), `${error._tag}: ${message}`)
        assert.strictEqual(error.isRetryable, isRetryable)
        assert.isTrue(Schema.is(OwError.OwError)(error))
        const codec = Schema.toCodecJson(OwError.OwError)
        const json = JSON.parse(JSON.stringify(yield* Schema.encodeEffect(codec)(error)))
        const back = yield* Schema.decodeEffect(codec)(json)
        assert.strictEqual(back._tag, error._tag)
        assert.strictEqual(back.message, message)
        assert.strictEqual(back.isRetryable, isRetryable)
      }))
  }
})

describe("errors of calls", () => {
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
      const error = yield* ended(fiber)
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
      yield* ended(first)
      for (let i = 0; i < 5; i++) yield* Effect.flip(ow.read("/a"))
      assert.strictEqual(asked(), 1)
      yield* pass("1 minute")
      yield* Effect.forkChild(Effect.flip(ow.read("/a")), { startImmediately: true })
      yield* settle
      assert.strictEqual(asked(), 2)
    }))

  it.effect("have the text again after a caller who could not wait for it", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) =>
          pathOf(payload).startsWith("/settings")
            ? Effect.delay(peer.send(reply(header, "Good,Startup - one")), "500 millis")
            : peer.send(reply(header, "", { ret: -1 }))))
      )
      const ow = yield* scripted.client(server)
      const hurried = yield* Effect.forkChild(Effect.flip(ow.read("/a", { timeout: "100 millis" })), {
        startImmediately: true
      })
      yield* pass("100 millis")
      assert.isUndefined((yield* ended(hurried) as Effect.Effect<OwError.OwnetError>).serverText)
      const patient = yield* Effect.forkChild(Effect.flip(ow.read("/a")), { startImmediately: true })
      yield* pass("500 millis")
      assert.strictEqual((yield* ended(patient) as Effect.Effect<OwError.OwnetError>).serverText, "Startup - one")
    }))

  it.effect("say that an earlier attempt was sent, even if the client closes before the next one is", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) => Effect.andThen(peer.receive, peer.close), {
        onOpen: (index) => index === 0 ? Effect.void : Effect.never
      })
      const scope = yield* Scope.make()
      const ow = yield* Scope.provide(scripted.client(server), scope)
      const fiber = yield* Effect.forkChild(
        Effect.flip(ow.write("/a", "1", { retry: Schedule.spaced("1 second") })),
        { startImmediately: true }
      )
      yield* pass("2 seconds")
      yield* Scope.close(scope, Exit.void)
      const error = yield* ended(fiber)
      assert.strictEqual(reason(error), "ClientClosed")
      assert.deepInclude(error, { requestSent: true, isRetryable: false })
      assert.include(error.message, "the request may have taken effect")
    }))

  it("concern the whole server, or one call", () => {
    const timeout = (tag: "Call" | "Silence", requestSent: boolean) =>
      new OwError.OwnetTimeout({ ...call, reason: { _tag: tag }, elapsed: 1, limit: 1, requestSent })
    assert.isTrue(OwError.isServerFailure(timeout("Silence", true)))
    // No connection could be had in time.
    assert.isTrue(OwError.isServerFailure(timeout("Call", false)))
    assert.isFalse(OwError.isServerFailure(timeout("Call", true)))
    assert.isFalse(OwError.isServerFailure(OwError.refused(-5, MessageType.Read, call)))
    assert.isFalse(OwError.isServerFailure({ _tag: "DeviceError" }))
  })

  it.effect("show no more of a path than a person reads", () =>
    Effect.gen(function*() {
      const ow = yield* scripted.client(yield* scripted.make(answers(() => -1)))
      const path = `/28.000028D70100/${"x".repeat(4000)}`
      const error = yield* Effect.flip(ow.read(path))
      assert.strictEqual("path" in error ? error.path : undefined, path)
      assert.isBelow(error.message.length, 600)
      assert.include(error.message, `${path.slice(0, 200)}… at `)
      assert.isBelow((yield* Effect.flip(ow.read(`/${"\0".repeat(100_000)}`))).message.length, 2000)
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
          Effect.flatMap(
            peer.receive,
            ({ header }) => Effect.andThen(peer.send(reply(header).slice(0, 10)), peer.close)
          )
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
        assert.include(error.message, "the request may have taken effect")
      }
    }))

  it.effect("name an address once, and the one that answered if the server has several", () =>
    Effect.gen(function*() {
      for (const addresses of [["scripted:4304"], ["10.0.0.1:4304", "10.0.0.2:4304"]]) {
        const server = yield* scripted.make(
          (peer) => Effect.andThen(peer.receive, peer.send(new TextEncoder().encode("SSH-2.0-OpenSSH"))),
          { handshake: false, addresses }
        )
        const error = yield* Effect.flip(scripted.client(server))
        const where = addresses.length === 1 ? "" : "10.0.0.1:4304: "
        assert.isTrue(
          error.message.startsWith(`connect to scripted:4304: ${where}the reply makes no sense`),
          error.message
        )
      }
    }))

  it.effect("show the place of the call in what is logged, if that is an Effect.fn", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(answers((_, path) => path === "/gone" ? -1 : -21))
      const ow = yield* scripted.client(server)
      const cellar = Effect.fn("cellar")(function*() {
        return yield* ow.readText("/gone")
      })
      const exit = yield* Effect.exit(cellar())
      assert.match(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", /at cellar \(.*OwError\.test\.ts:\d+:\d+\)/)
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
