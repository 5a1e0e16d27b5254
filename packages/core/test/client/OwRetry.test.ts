import { MessageType, type OwClient, OwError, OwRetry } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Fiber, Schedule, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as scripted from "../fixtures/scripted.ts"

const { ended, pass, pathOf, reason, reply, settle } = scripted

/** Refuses the first requests for each path, `times` of them, and then answers. */
const refusing = (times: number, code = -5) =>
  Effect.suspend(() => {
    const seen = new Map<string, number>()
    return scripted.make((peer) =>
      Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
        const path = pathOf(payload)
        const count = (seen.get(path) ?? 0) + 1
        seen.set(path, count)
        if (count <= times) return peer.send(reply(header, "", { ret: code }))
        return peer.send(
          header.type === MessageType.Read ? reply(header, path) : reply(header, "", { size: header.size })
        )
      }))
    )
  })

const everySecond = Schedule.spaced("1 second")

/** How many requests for a path a server got. */
const asked = (server: scripted.Script, path: string): number =>
  server.requests.filter(({ text }) => text.split("|")[0] === path).length

const start = <A, E>(effect: Effect.Effect<A, E>) => Effect.forkChild(Effect.result(effect), { startImmediately: true })

describe("retry", () => {
  it.effect("of a client repeats what is safe to repeat, as its schedule says", () =>
    Effect.gen(function*() {
      const server = yield* refusing(2)
      const ow = yield* scripted.client(server, { retry: everySecond })
      const fiber = yield* start(ow.readText("/a"))
      yield* settle
      assert.strictEqual(asked(server, "/a"), 1)
      yield* pass("999 millis")
      assert.strictEqual(asked(server, "/a"), 1)
      yield* pass("1 millis")
      assert.strictEqual(asked(server, "/a"), 2)
      yield* pass("1 second")
      assert.deepInclude(yield* ended(fiber), { _tag: "Success", success: "/a" })
      assert.strictEqual(asked(server, "/a"), 3)
    }))

  it.effect("covers every call but writes, and a stream that has begun", () =>
    Effect.gen(function*() {
      const calls: ReadonlyArray<readonly [(ow: OwClient.Client) => Effect.Effect<unknown, OwError.OwError>, number]> =
        [
          [(ow) => ow.ping(), 2],
          [(ow) => ow.read("/a"), 2],
          [(ow) => ow.readText("/a"), 2],
          [(ow) => ow.present("/a"), 2],
          [(ow) => ow.romId("/a"), 2],
          [(ow) => ow.dir("/a"), 2],
          [(ow) => ow.get("/a"), 2],
          [(ow) => Stream.runDrain(ow.dirStream("/a")), 1],
          [(ow) => ow.write("/a", "1"), 1],
          [(ow) => ow.sendMessage(99, "/a"), 1]
        ]
      for (const [index, [call, times]] of calls.entries()) {
        let requests = 0
        const server = yield* scripted.make(
          (peer) =>
            Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
              if (payload.length > 0 && pathOf(payload).startsWith("/settings")) {
                return peer.send(reply(header, "", { ret: -1 }))
              }
              requests++
              return peer.send(reply(header, "", { ret: -5 }))
            }))
        )
        const ow = yield* scripted.client(server, { retry: Schedule.recurs(1) })
        yield* Effect.exit(call(ow))
        assert.strictEqual(requests, times, `call ${index}`)
      }
    }))

  it.effect("stops at what does not pass by itself", () =>
    Effect.gen(function*() {
      const server = yield* refusing(Infinity, -1)
      const ow = yield* scripted.client(server, { retry: everySecond })
      assert.strictEqual(reason(yield* Effect.flip(ow.read("/a"))), "NotFound")
      assert.strictEqual(asked(server, "/a"), 1)
      assert.strictEqual((yield* Effect.flip(ow.read("/\0")))._tag, "ArgumentError")
    }))

  it.effect("of a call takes the client's place, and false takes it away", () =>
    Effect.gen(function*() {
      const server = yield* refusing(3)
      const ow = yield* scripted.client(server, { retry: everySecond })
      yield* Effect.flip(ow.read("/none", { retry: false }))
      assert.strictEqual(asked(server, "/none"), 1)
      yield* Effect.flip(ow.read("/once", { retry: Schedule.recurs(1) }))
      assert.strictEqual(asked(server, "/once"), 2)
      yield* Effect.flip(ow.with({ retry: false }).read("/with"))
      assert.strictEqual(asked(server, "/with"), 1)
      assert.strictEqual(yield* ow.with({ retry: Schedule.recurs(3) }).readText("/three"), "/three")
    }))

  it.effect("of a write is the write's own, and repeats it also where it may have taken effect", () =>
    Effect.gen(function*() {
      const refused = yield* refusing(1)
      const ow = yield* scripted.client(refused)
      yield* ow.write("/a", "1", { retry: Schedule.recurs(1) })
      assert.strictEqual(asked(refused, "/a"), 2)
      // The server could not make sense of the value: it will not next time.
      const invalid = yield* scripted.client(yield* refusing(Infinity, -22))
      assert.strictEqual(reason(yield* Effect.flip(invalid.write("/a", "x", { retry: everySecond }))), "InvalidValue")

      const cutting = yield* scripted.make((peer) =>
        Effect.flatMap(peer.receive, ({ header }) =>
          peer.index === 0
            ? Effect.andThen(peer.send(reply(header).slice(0, 10)), peer.close)
            : peer.send(reply(header, "", { size: 1 })))
      )
      yield* (yield* scripted.client(cutting)).write("/a", "1", { retry: Schedule.recurs(1) })
      assert.strictEqual(asked(cutting, "/a"), 2)
    }))

  it.effect("waits for a server that comes back", () =>
    Effect.gen(function*() {
      let isUp = false
      const server = yield* scripted.make(scripted.echo, {
        onOpen: () => isUp ? Effect.void : Effect.fail(scripted.refused)
      })
      const ow = yield* scripted.client(server, { lazy: true, retry: OwRetry.transient })
      const fiber = yield* start(ow.readText("/a"))
      yield* pass("1 second")
      isUp = true
      yield* pass("2 seconds")
      assert.deepInclude(yield* ended(fiber), { _tag: "Success", success: "/a" })
    }))

  it.effect("stays within the call's timeout, and does not begin a pause that would outlast it", () =>
    Effect.gen(function*() {
      const server = yield* refusing(Infinity)
      const ow = yield* scripted.client(server)
      const before = yield* Clock.currentTimeMillis
      const fiber = yield* start(ow.read("/a", { retry: everySecond, timeout: "2500 millis" }))
      yield* pass("2 seconds")
      const result = yield* ended(fiber)
      // The third attempt's failure is known at 2 s, and a fourth could only begin at 3 s.
      assert.strictEqual(result._tag === "Failure" && reason(result.failure), "BusFault")
      assert.strictEqual((yield* Clock.currentTimeMillis) - before, 2000)
      assert.strictEqual(asked(server, "/a"), 3)
    }))

  it.effect("an attempt under way ends with the call's timeout, which counts from the first", () =>
    Effect.gen(function*() {
      for (const operation of ["read", "dir"] as const) {
        let requests = 0
        const server = yield* scripted.make((peer) =>
          Effect.forever(
            Effect.flatMap(peer.receive, ({ header, payload }) =>
              pathOf(payload) === "/a" && ++requests > 1 ? Effect.void : peer.send(reply(header, "", { ret: -5 })))
          )
        )
        const ow = yield* scripted.client(server)
        const call: Effect.Effect<unknown, OwError.OwError> = ow[operation]("/a", {
          retry: everySecond,
          timeout: "2500 millis"
        })
        const fiber = yield* start(call)
        yield* pass("2499 millis")
        assert.isUndefined(fiber.pollUnsafe())
        yield* pass("1 millis")
        const result = yield* ended(fiber)
        if (result._tag === "Success") assert.fail()
        assert.deepInclude(result.failure, { _tag: "OwnetTimeout", elapsed: 2500, limit: 2500, requestSent: true })
      }
    }))

  it.effect("tells of a write that an earlier attempt of it may have left", () =>
    Effect.gen(function*() {
      for (const timeout of [undefined, "2 seconds"] as const) {
        // The server takes the write and goes away: no second attempt finds it.
        const server = yield* scripted.make((peer) => Effect.andThen(peer.receive, peer.close), {
          onOpen: (index) => index === 0 ? Effect.void : timeout === undefined ? scripted.refused : Effect.never
        })
        const ow = yield* scripted.client(server)
        const fiber = yield* start(ow.write("/a", "1", { retry: Schedule.recurs(1), timeout }))
        yield* pass("2 seconds")
        const result = yield* ended(fiber)
        if (result._tag === "Success") assert.fail()
        assert.deepInclude(result.failure, { requestSent: true, isRetryable: false })
        assert.include(result.failure.message, "the request may have taken effect")
        assert.strictEqual(asked(server, "/a"), 1)
      }
    }))

  it.effect("gathers the frames of a message anew in each attempt", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.flatMap(peer.receive, ({ header }) =>
          Effect.gen(function*() {
            yield* peer.send(reply(header, "/a\0", { size: 2 }))
            yield* peer.index === 0 ? peer.close : peer.send(reply(header))
          }))
      )
      const ow = yield* scripted.client(server)
      const { entries } = yield* ow.sendMessage(MessageType.Dir, "/", { retry: Schedule.recurs(1) })
      assert.strictEqual(entries.length, 1)
    }))

  it.effect("is interrupted in its pause", () =>
    Effect.gen(function*() {
      const server = yield* refusing(Infinity)
      const ow = yield* scripted.client(server, { retry: everySecond })
      const fiber = yield* start(ow.read("/a"))
      yield* settle
      yield* Fiber.interrupt(fiber)
      yield* pass("10 seconds")
      assert.strictEqual(asked(server, "/a"), 1)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    }))
})

describe("OwRetry", () => {
  it.effect("transient doubles its pauses up to two seconds, each with a fifth of play, and gives up after eight", () =>
    Effect.gen(function*() {
      const times: Array<number> = []
      const fiber = yield* Effect.forkChild(
        Effect.flip(Effect.retry(
          Effect.andThen(Effect.map(Clock.currentTimeMillis, (now) => times.push(now)), Effect.fail("no")),
          OwRetry.transient
        )),
        { startImmediately: true }
      )
      for (let i = 0; i < 400; i++) yield* TestClock.adjust("50 millis")
      yield* ended(fiber)
      const pauses = times.slice(1).map((time, index) => time - times[index])
      assert.strictEqual(pauses.length, 8)
      for (const [index, expected] of [100, 200, 400, 800, 1600, 2000, 2000, 2000].entries()) {
        // Seen by a clock that goes in steps of 50 ms.
        assert.isAtLeast(pauses[index], 0.8 * expected - 50)
        assert.isAtMost(pauses[index], 1.2 * expected + 50)
      }
      assert.isAbove(new Set(pauses.slice(5)).size, 1)
    }))

  it.effect("times has the pauses of transient, as many as it is told", () =>
    Effect.gen(function*() {
      for (const count of [0, 1, 3, 10]) {
        const times: Array<number> = []
        const fiber = yield* Effect.forkChild(
          Effect.flip(Effect.retry(
            Effect.andThen(Effect.map(Clock.currentTimeMillis, (now) => times.push(now)), Effect.fail("no")),
            OwRetry.times(count)
          )),
          { startImmediately: true }
        )
        for (let i = 0; i < 500; i++) yield* TestClock.adjust("50 millis")
        yield* ended(fiber)
        const pauses = times.slice(1).map((time, index) => time - times[index])
        assert.strictEqual(pauses.length, count)
        for (const [index, pause] of pauses.entries()) {
          const expected = Math.min(100 * 2 ** index, 2000)
          // Seen by a clock that goes in steps of 50 ms.
          assert.isAtLeast(pause, 0.8 * expected - 50)
          assert.isAtMost(pause, 1.2 * expected + 50)
        }
      }
    }))

  it("isTransient tells what passes by itself, of writes too", () => {
    const call = { operation: "write", path: "/a", server: "s" } as const
    const refused = (code: number) =>
      new OwError.OwnetError({
        ...call,
        reason: { _tag: "Other" },
        code,
        codeName: "",
        meaning: "",
        isRetryable: false
      })
    const conn = (tag: "Closed" | "ClientClosed") =>
      new OwError.ConnError({ ...call, reason: { _tag: tag }, problem: "", attempts: [], requestSent: true })
    const protocol = (reason: OwError.ProtocolReason) =>
      new OwError.ProtocolError({ ...call, reason, problem: "", attempts: [], bytes: new Uint8Array(0) })
    const timeout = new OwError.OwnetTimeout({
      ...call,
      reason: { _tag: "Silence" },
      elapsed: 1,
      limit: 1,
      requestSent: true
    })
    const passing = [
      refused(-5),
      refused(-2),
      conn("Closed"),
      timeout,
      protocol({ _tag: "ShortRead", received: 1, expected: 2 })
    ]
    const lasting = [
      refused(-1),
      refused(-22),
      refused(-30),
      conn("ClientClosed"),
      protocol({ _tag: "MalformedHeader" }),
      protocol({ _tag: "ShortWrite", accepted: 1, sent: 2 }),
      new OwError.ArgumentError({ operation: "write", argument: "path", problem: "" })
    ]
    assert.deepStrictEqual(passing.map(OwRetry.isTransient), passing.map(() => true))
    assert.deepStrictEqual(lasting.map(OwRetry.isTransient), lasting.map(() => false))
  })
})
