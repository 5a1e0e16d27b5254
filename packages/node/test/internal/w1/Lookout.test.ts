import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Lookout } from "../../../src/internal/w1/Lookout.ts"

const pace = { every: 1000, limit: 5000 }

const start = (effect: Effect.Effect<void>) => Effect.forkChild(effect, { startImmediately: true })

describe("Lookout", () => {
  it.effect("looks once in a while, however often it is asked", () =>
    Effect.gen(function*() {
      let looks = 0
      const lookout = new Lookout(Effect.sync(() => void looks++), pace)
      yield* lookout.look
      yield* lookout.look
      yield* TestClock.adjust(999)
      yield* lookout.look
      assert.strictEqual(looks, 1)
      yield* TestClock.adjust(1)
      yield* lookout.look
      assert.strictEqual(looks, 2)
    }))

  it.effect("looks again at once if there is a reason", () =>
    Effect.gen(function*() {
      let looks = 0
      const lookout = new Lookout(Effect.sync(() => void looks++), pace)
      yield* lookout.look
      lookout.soon()
      yield* lookout.look
      assert.strictEqual(looks, 2)
    }))

  it.effect("has all callers wait for one look, even if the first of them leaves", () =>
    Effect.gen(function*() {
      let looks = 0
      const end = yield* Deferred.make<void>()
      const lookout = new Lookout(
        Effect.suspend(() => {
          looks++
          return Deferred.await(end)
        }),
        pace
      )
      const fibers = [yield* start(lookout.look), yield* start(lookout.look)]
      yield* Fiber.interrupt(fibers[0])
      assert.isUndefined(fibers[1].pollUnsafe())
      yield* Deferred.succeed(end, undefined)
      yield* Fiber.join(fibers[1])
      assert.strictEqual(looks, 1)
    }))

  it.effect("does not wait for a look that takes too long, and begins no other meanwhile", () =>
    Effect.gen(function*() {
      let looks = 0
      const end = yield* Deferred.make<void>()
      const lookout = new Lookout(
        Effect.suspend(() => {
          looks++
          return Deferred.await(end)
        }),
        pace
      )
      const fiber = yield* start(lookout.look)
      yield* TestClock.adjust(5000)
      yield* Fiber.join(fiber)
      yield* lookout.look
      yield* TestClock.adjust(60_000)
      yield* lookout.look
      assert.strictEqual(looks, 1)
      yield* Deferred.succeed(end, undefined)
      yield* TestClock.adjust(1000)
      yield* lookout.look
      assert.strictEqual(looks, 2)
    }))
})
