/** What runs once in a fleet: it begins again after anything, and leaves in time. */
import { TestNetwork } from "@effect-ownet/core/testing"
import { Fleet } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Fiber, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"

const single = Fleet.layerSingle.pipe(Layer.provide(TestNetwork.layer({})))

/** Builds what runs once, in a scope of its own. */
const begin = Effect.fnUntraced(function*<E>(layer: Layer.Layer<never, E, Fleet.Fleet>) {
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(Layer.provideMerge(Fleet.once("one", layer), single), scope)
  return { fleet: Context.get(context, Fleet.Fleet), scope }
})

describe("what runs once", () => {
  it.effect("begins again after each failure, with a pause that grows to half a minute, and with nothing of before", () =>
    Effect.gen(function*() {
      const begun: Array<number> = []
      const part = Layer.effectDiscard(Effect.sync(() => built++))
      let built = 0
      const failures = [
        Effect.fail("no broker"),
        Effect.die("a mistake"),
        Effect.interrupt,
        Effect.andThen(Effect.sleep("3 seconds"), Effect.die("later")),
        Effect.fail("again"),
        Effect.fail("and again")
      ]
      const { scope } = yield* begin(
        Layer.effectDiscard(
          Effect.flatMap(Clock.currentTimeMillis, (now) => {
            begun.push(now / 1000)
            return failures[begun.length - 1] ?? Effect.void
          })
        ).pipe(Layer.provide(part))
      )
      yield* TestClock.adjust("3 minutes")
      const [first = 0] = begun
      assert.deepStrictEqual(begun.map((at) => at - first), [0, 1, 3, 7, 18, 34, 64])
      assert.strictEqual(built, 7)
      yield* Scope.close(scope, Exit.void)
    }))

  it.effect("has a second to end, and is then left to itself", () =>
    Effect.gen(function*() {
      const told: Array<string> = []
      const { scope } = yield* begin(Layer.effectDiscard(Effect.gen(function*() {
        yield* Effect.addFinalizer(() => Effect.sync(() => told.push("last")))
        yield* Effect.addFinalizer(() => Effect.sleep("1 minute"))
        yield* Effect.addFinalizer(() => Effect.sync(() => told.push("written")))
      })))
      yield* TestClock.adjust("1 second")
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* TestClock.adjust("900 millis")
      assert.deepStrictEqual(told, ["written"])
      assert.isUndefined(closing.pollUnsafe())
      yield* TestClock.adjust("200 millis")
      yield* Fiber.join(closing)
      assert.deepStrictEqual(told, ["written"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(told, ["written", "last"])
    }))

  it.effect("ends in the middle of its beginning", () =>
    Effect.gen(function*() {
      let isOpen = false
      const { scope } = yield* begin(Layer.effectDiscard(Effect.andThen(
        Effect.acquireRelease(Effect.sync(() => isOpen = true), () => Effect.sync(() => isOpen = false)),
        Effect.never
      )))
      yield* TestClock.adjust("1 second")
      assert.isTrue(isOpen)
      yield* Scope.close(scope, Exit.void)
      assert.isFalse(isOpen)
    }))

  it.effect("is told where it is, for as long as it is there", () =>
    Effect.gen(function*() {
      const { fleet, scope } = yield* begin(Layer.empty)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* fleet.where).once, [{ name: "one", runner: "" }])
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual((yield* fleet.where).once, [])
    }))
})
