import { OwRetry } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schedule } from "effect"

/** The pauses of one run, in milliseconds. */
const pauses = Effect.gen(function*() {
  const step = yield* Schedule.toStep(OwRetry.transient)
  const taken: Array<number> = []
  yield* Effect.suspend(() => step(0, undefined)).pipe(
    Effect.tap(([, pause]) => Effect.sync(() => taken.push(Duration.toMillis(pause)))),
    Effect.forever,
    Effect.ignoreCause
  )
  return taken
})

describe("the schedule for what passes", () => {
  it.effect("pauses longer and longer, no two callers alike, and gives up after eight", () =>
    Effect.gen(function*() {
      const runs = yield* Effect.replicateEffect(pauses, 50)
      for (const run of runs) {
        assert.strictEqual(run.length, 8)
        for (const [at, pause] of run.entries()) {
          const middle = Math.min(100 * 2 ** at, 2000)
          assert.isAtLeast(pause, middle * 0.8)
          assert.isAtMost(pause, middle * 1.2)
        }
      }
      assert.isAbove(new Set(runs.map(([first]) => first)).size, 10)
    }))

  it.effect("pauses for whole milliseconds", () =>
    Effect.gen(function*() {
      const runs = yield* Effect.replicateEffect(pauses, 50)
      assert.deepStrictEqual(runs.flat().filter((pause) => !Number.isInteger(pause)), [])
    }))
})
