/** What runs once in a fleet: it begins again after anything, and leaves in time. */
import { TestNetwork } from "@effect-ownet/core/testing"
import { Fleet } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Effect, Exit, Layer, Scope } from "effect"
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
      const { scope } = yield* begin(Layer.effectDiscard(
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          begun.push(now / 1000)
          return failures[begun.length - 1] ?? Effect.void
        })
      ).pipe(Layer.provide(part)))
      yield* TestClock.adjust("3 minutes")
      const [first = 0] = begun
      assert.deepStrictEqual(begun.map((at) => at - first), [0, 1, 3, 7, 18, 34, 64])
      assert.strictEqual(built, 7)
      yield* Scope.close(scope, Exit.void)
    }))
})
