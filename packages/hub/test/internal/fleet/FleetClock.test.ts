/** The clock of a fleet, whatever the clocks of its machines say. */
import { assert, describe, it, layer } from "@effect/vitest"
import { Clock, Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { FleetClock, layer as fleetClock } from "../../../src/internal/fleet/FleetClock.ts"
import * as Fleets from "../../fixtures/fleets.ts"
import * as Postgres from "../../fixtures/postgres.ts"

/** The clock of a machine that is wrong. */
const wrong = (clock: Clock.Clock, by: number): Clock.Clock => {
  const currentTimeMillisUnsafe = () => clock.currentTimeMillisUnsafe() + by
  return {
    currentTimeMillisUnsafe,
    currentTimeMillis: Effect.sync(currentTimeMillisUnsafe),
    currentTimeNanosUnsafe: () => BigInt(currentTimeMillisUnsafe()) * 1_000_000n,
    currentTimeNanos: Effect.sync(() => BigInt(currentTimeMillisUnsafe()) * 1_000_000n),
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: clock.monotonicTimeNanos,
    sleep: (duration) => clock.sleep(duration)
  }
}

describe("the clock of a fleet", () => {
  it.effect("is set by what is surely wrong, goes by little else, and tells what is worth it", () =>
    Effect.gen(function*() {
      const machine = yield* Clock.Clock
      const zero = machine.currentTimeMillisUnsafe() - Number(machine.monotonicTimeNanosUnsafe()) / 1e6
      const clock = new FleetClock(wrong(machine, 90_000), { origin: zero, doubt: 1 })
      const error = () => clock.currentTimeMillisUnsafe() - machine.currentTimeMillisUnsafe()
      assert.strictEqual(Math.round((clock.take({ origin: zero, doubt: 1 }) ?? 0) / 1000), 90)
      assert.isUndefined(clock.take({ origin: zero, doubt: 1 }))
      // The answer took so long that it says nothing.
      clock.take({ origin: zero + 4000, doubt: 5000 })
      assert.strictEqual(error(), 0)
      clock.take({ origin: zero + 400, doubt: 10 })
      assert.strictEqual(error(), 100)
      clock.take({ origin: zero - 60_000, doubt: 10 })
      assert.strictEqual(error(), -60_000)
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(error(), -60_000)
      assert.strictEqual(
        clock.currentTimeNanosUnsafe() / 1_000_000n,
        BigInt(clock.currentTimeMillisUnsafe())
      )
    }))
})

Postgres.describe("the clock of a fleet", () => {
  layer(Fleets.server, { timeout: 60_000, excludeTestServices: true })("over PostgreSQL", (it) => {
    it.effect("is the same for machines that are minutes apart", () =>
      Effect.gen(function*() {
        const url = yield* Fleets.fresh
        const machine = yield* Clock.Clock
        const timeOf = (by: number) =>
          Fleets.build(
            url,
            Layer.effectContext(Effect.map(Clock.Clock, (clock) => Context.make(Clock.Clock, clock))).pipe(
              Layer.provide(fleetClock),
              Layer.provide(Layer.succeed(Clock.Clock, wrong(machine, by)))
            )
          ).pipe(Effect.map((context) => Context.get(context, Clock.Clock).currentTimeMillisUnsafe()))
        for (const by of [90_000, -300_000]) {
          assert.closeTo((yield* timeOf(by)) - machine.currentTimeMillisUnsafe(), 0, 1000)
        }
      }))
  })
})
