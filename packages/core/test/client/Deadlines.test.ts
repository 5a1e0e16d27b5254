import type { OwError } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Option, Result, type Scope } from "effect"
import * as jumpingClock from "../fixtures/jumpingClock.ts"
import * as scripted from "../fixtures/scripted.ts"

const { echo, ended, keepalive, pass, pathOf, reason, reply, settle } = scripted

/** Lets the platform come to all of its own work. */
const turn = Effect.andThen(settle, Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 10))))

/** What it has come to after a few turns of the loop, for as long as the slowest machine may need. */
const outcome = <A, E>(fiber: Fiber.Fiber<A, E>) =>
  Effect.andThen(Effect.repeat(turn, { times: 100, until: () => fiber.pollUnsafe() !== undefined }), ended(fiber))

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
        const error = yield* ended(fiber)
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
          return yield* ended(fiber)
        })
      const dialling = yield* scripted.make(echo, { onOpen: () => Effect.never })
      assert.isTrue(Option.isNone(yield* within((yield* scripted.client(dialling, { lazy: true })).read("/a"))))

      const server = yield* scripted.make((peer) =>
        Effect.forever(
          Effect.flatMap(
            peer.receive,
            ({ header, payload }) =>
              pathOf(payload) === "/mute" ? Effect.void : peer.send(reply(header, payload.slice(0, -1)))
          )
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
      assert.deepInclude(yield* ended(fiber), {
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
      const error = yield* ended(fiber)
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
      assert.strictEqual(reason(yield* ended(fiber)), "Silence")
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
        assert.strictEqual((yield* ended(first))._tag, "Success")
        yield* pass(pause)
        const second = yield* read("/b")
        yield* pass("1 second")
        assert.strictEqual((yield* ended(second))._tag, "Success")
        const mute = yield* read("/mute")
        yield* pass("5 seconds")
        assert.strictEqual((yield* ended(mute))._tag, "Failure")
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
      const error = yield* ended(connecting)
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
      assert.strictEqual(reason(yield* ended(dialling)), "Connect")
      yield* pass("1 hour")
      assert.deepStrictEqual([stubborn.open(), stubborn.links()], [0, 0])

      const lost = { ...slow, connector: { ...slow.connector, resolve: Effect.never } }
      const resolving = yield* Effect.forkChild(Effect.flip(scripted.client(lost, { connectTimeout: "2 seconds" })), {
        startImmediately: true
      })
      yield* pass("2 seconds")
      assert.strictEqual(reason(yield* ended(resolving)), "Resolve")
    }))

  it.effect("every caller that waits for a dead server is told at the same time", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make(echo, { onOpen: () => Effect.never })
      const ow = yield* scripted.client(server, { lazy: true })
      const fibers = yield* Effect.forEach(Array.from({ length: 40 }, (_, i) => `/${i}`), (path) =>
        Effect.forkChild(Effect.flip(ow.read(path)), { startImmediately: true }))
      yield* pass("5 seconds")
      const errors = yield* Effect.forEach(fibers, ended)
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
      yield* ended(fiber)
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

describe("a clock that is late", () => {
  /** Runs a program on a clock that jumps, with a server whose replies lie unread until the platform comes to read them. */
  const stopped = <A, E>(
    program: (
      server: scripted.Script,
      /** Stops the process for so many milliseconds; all that has come by then is read a moment after it goes on. */
      stop: (millis: number) => void
    ) => Effect.Effect<A, E, Scope.Scope>,
    options?: { readonly handshake?: boolean; readonly onOpen?: (arrived: Effect.Effect<void>) => Effect.Effect<void> }
  ) => {
    const time = jumpingClock.make()
    return Effect.gen(function*() {
      const unread: Array<() => void> = []
      const arrived = Effect.callback<void>((resume) => void unread.push(() => resume(Effect.void)))
      const server = yield* scripted.make(
        (peer) =>
          Effect.forever(
            Effect.flatMap(peer.receive, ({ header, payload }) =>
              pathOf(payload) === "/mute" ? Effect.void : Effect.andThen(arrived, peer.send(reply(header))))
          ),
        { handshake: options?.handshake ?? true, onOpen: () => options?.onOpen?.(arrived) ?? Effect.void }
      )
      return yield* program(server, (millis) => {
        time.jump(millis)
        setImmediate(() => unread.splice(0).forEach((come) => come()))
      })
    }).pipe(Effect.provideService(Clock.Clock, time.clock))
  }
  const begin = <A, E, R>(call: Effect.Effect<A, E, R>) =>
    Effect.forkChild(Effect.result(call), { startImmediately: true })

  it.live("judges neither silence nor the limit of a call before what has come is read", () =>
    stopped(Effect.fnUntraced(function*(server, stop) {
      const ow = yield* scripted.client(server)
      for (let round = 0; round < 3; round++) {
        const fibers = yield* Effect.forEach([
          ow.read("/a"),
          ow.write("/b", ""),
          ow.read("/c", { timeout: "2 seconds" }),
          ow.write("/d", "", { timeout: "2 seconds" })
        ] as ReadonlyArray<Effect.Effect<unknown, OwError.OwError>>, begin)
        yield* settle
        stop(12_000)
        for (const fiber of fibers) assert.strictEqual((yield* outcome(fiber))._tag, "Success")
      }
      assert.deepStrictEqual([server.opened(), server.open()], [4, 4])
    })))

  it.live("ends what nothing has come for, and nothing else", () =>
    stopped(Effect.fnUntraced(function*(server, stop) {
      const ow = yield* scripted.client(server)
      const mute = yield* begin(Effect.flip(ow.read("/mute")))
      const limited = yield* begin(Effect.flip(ow.read("/mute", { timeout: "4 seconds" })))
      const answered = yield* begin(ow.read("/a"))
      yield* settle
      stop(12_000)
      assert.isUndefined(mute.pollUnsafe())
      const errors = [yield* outcome(mute), yield* outcome(limited)].map(Result.getOrThrow)
      assert.deepStrictEqual(errors.map(reason), ["Silence", "Call"])
      assert.strictEqual((yield* outcome(answered))._tag, "Success")
      assert.strictEqual(server.open(), 1)
    })))

  it.live("waits for a name, a connection and a handshake that are there", () =>
    stopped(
      Effect.fnUntraced(function*(server, stop) {
        let resolved: () => void = () => {}
        const resolve = Effect.andThen(
          Effect.callback<void>((resume) => {
            resolved = () => resume(Effect.void)
          }),
          server.connector.resolve
        )
        const making = yield* begin(scripted.client({ ...server, connector: { ...server.connector, resolve } }))
        yield* settle
        stop(12_000)
        setImmediate(() => resolved())
        yield* turn
        stop(12_000)
        yield* turn
        stop(12_000)
        assert.strictEqual((yield* outcome(making))._tag, "Success")
      }),
      { handshake: false, onOpen: (arrived) => arrived }
    ))
})

describe("the sleeper", () => {
  const sleeperOf = <A, E>(
    program: (server: scripted.Script, time: ReturnType<typeof jumpingClock.make>) => Effect.Effect<A, E, Scope.Scope>
  ) => {
    const time = jumpingClock.make()
    return Effect.flatMap(
      scripted.make((peer) =>
        Effect.forever(
          Effect.flatMap(peer.receive, ({ header, payload }) =>
            pathOf(payload) === "/mute" ? Effect.void : peer.send(reply(header)))
        )
      ),
      (server) => program(server, time)
    ).pipe(Effect.provideService(Clock.Clock, time.clock))
  }
  /** Lets seconds pass as they do for a process that runs. */
  const run = (time: ReturnType<typeof jumpingClock.make>, seconds: number) =>
    Effect.repeat(Effect.andThen(Effect.sync(() => time.jump(1000)), Effect.yieldNow), { times: seconds - 1 })

  it.live("is woken by nothing that is over: an answer, a limit, an interruption, an idle connection", () =>
    sleeperOf(Effect.fnUntraced(function*(server, time) {
      const ow = yield* scripted.client(server)
      const begin = <A, E>(call: Effect.Effect<A, E>) => Effect.forkChild(call, { startImmediately: true })
      yield* ow.read("/a", { timeout: "1 hour" })
      const limited = yield* begin(Effect.flip(ow.read("/mute", { timeout: "2 seconds" })))
      const given = yield* begin(ow.read("/mute", { timeout: "1 hour" }))
      const waiting = yield* Effect.forEach(
        Array.from({ length: 9 }),
        () => begin(ow.read("/mute", { timeout: "1 hour" }))
      )
      yield* settle
      yield* run(time, 2)
      assert.strictEqual(reason(yield* outcome(limited)), "Call")
      yield* Fiber.interruptAll([given, ...waiting])
      yield* settle
      yield* ow.ping({ timeout: "1 hour" })
      yield* run(time, 70)
      assert.deepStrictEqual([server.open(), time.sleeping()], [0, 0])
      const { sleeps } = time
      const before = sleeps()
      yield* run(time, 60)
      assert.strictEqual(sleeps(), before)
    })))

  it.live("sleeps through the time in which nothing is asked, and misses no silence after it", () =>
    sleeperOf(Effect.fnUntraced(function*(server, time) {
      const ow = yield* scripted.client(server)
      yield* ow.read("/a")
      // The last deadlines of what has been asked are over by then.
      yield* run(time, 6)
      const before = time.sleeps()
      yield* run(time, 40)
      assert.strictEqual(time.sleeps(), before)
      const silent = yield* Effect.forkChild(Effect.flip(ow.read("/mute")), { startImmediately: true })
      yield* run(time, 4)
      assert.isUndefined(silent.pollUnsafe())
      yield* run(time, 1)
      yield* settle
      assert.strictEqual(reason(yield* Fiber.join(silent)), "Silence")
      assert.strictEqual(server.open(), 0)
    })))
})
