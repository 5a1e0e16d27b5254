import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { Slot } from "../../../src/internal/w1/Slot.ts"

const limit = 30_000

/** Work that ends when the test says so, even if its caller has gone, as that on a file of the kernel does. */
const held = Effect.fnUntraced(function*<A>(value: A) {
  const end = yield* Deferred.make<void>()
  let hasBegun = false
  return {
    begun: () => hasBegun,
    end: Deferred.succeed(end, undefined),
    work: Effect.uninterruptible(Effect.suspend(() => {
      hasBegun = true
      return Effect.as(Deferred.await(end), value)
    }))
  }
})

const start = <A>(effect: Effect.Effect<A, number>) =>
  Effect.forkChild(Effect.result(effect), { startImmediately: true })

describe("Slot", () => {
  it.effect("does one piece of work at a time, in the order in which it came", () =>
    Effect.gen(function*() {
      const slot = new Slot(limit)
      const first = yield* held(1)
      const second = yield* held(2)
      const fibers = [yield* start(slot.run(first.work)), yield* start(slot.run(second.work))]
      assert.deepStrictEqual([first.begun(), second.begun()], [true, false])
      yield* first.end
      yield* Fiber.join(fibers[0])
      assert.isTrue(second.begun())
      yield* second.end
      const values = yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(values.map((value) => value._tag === "Success" ? value.success : value.failure), [1, 2])
    }))

  it.effect("hands on failures, and goes on", () =>
    Effect.gen(function*() {
      const slot = new Slot(limit)
      assert.strictEqual(yield* Effect.flip(slot.run(Effect.fail(-5))), -5)
      assert.strictEqual(yield* slot.run(Effect.succeed("next")), "next")
    }))

  it.effect("is held by work whose caller has gone, until that has ended", () =>
    Effect.gen(function*() {
      const slot = new Slot(limit)
      const first = yield* held(1)
      const second = yield* held(2)
      const left = yield* start(slot.run(first.work))
      yield* Fiber.interrupt(left)
      const next = yield* start(slot.run(second.work))
      assert.isFalse(second.begun())
      yield* first.end
      yield* second.end
      assert.strictEqual((yield* Fiber.join(next))._tag, "Success")
    }))

  it.effect("forgets work that has not begun when its caller has gone", () =>
    Effect.gen(function*() {
      const slot = new Slot(limit)
      const first = yield* held(1)
      const second = yield* held(2)
      const fiber = yield* start(slot.run(first.work))
      yield* Fiber.interrupt(yield* start(slot.run(second.work)))
      yield* first.end
      yield* Fiber.join(fiber)
      assert.isFalse(second.begun())
      assert.strictEqual(yield* slot.run(Effect.succeed(3)), 3)
    }))

  it.effect("refuses all as busy while work does not end, and no longer", () =>
    Effect.gen(function*() {
      const slot = new Slot(limit)
      const stuck = yield* held(1)
      const waiting = yield* held(2)
      const fibers = [yield* start(slot.run(stuck.work)), yield* start(slot.run(waiting.work))]
      yield* TestClock.adjust(limit - 1)
      assert.deepStrictEqual(fibers.map((fiber) => fiber.pollUnsafe()), [undefined, undefined])
      yield* TestClock.adjust(1)
      const outcomes = yield* Effect.forEach(fibers, Fiber.join)
      assert.deepStrictEqual(outcomes.map((outcome) => outcome._tag === "Failure" && outcome.failure), [-16, -16])
      assert.strictEqual(yield* Effect.flip(slot.run(waiting.work)), -16)
      assert.isFalse(waiting.begun())
      yield* stuck.end
      yield* Effect.yieldNow
      assert.strictEqual(yield* slot.run(Effect.succeed(3)), 3)
    }))

  it.effect("lets work wait as long as others are at work", () =>
    Effect.gen(function*() {
      const slot = new Slot(limit)
      const fibers = yield* Effect.forEach(
        Array.from({ length: 40 }, (_, index) => index),
        (index) => start(slot.run(Effect.delay(Effect.succeed(index), "1 second")))
      )
      yield* TestClock.adjust("40 seconds")
      const outcomes = yield* Effect.forEach(fibers, Fiber.join)
      assert.isTrue(outcomes.every(({ _tag }) => _tag === "Success"))
    }))
})
