/**
 * One watch for all clocks: connecting, silence, idleness, and the limits of calls.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { monotonicMillis } from "../../internal/clock.ts"

/** Whatever ends at a time, unless something happens before. */
export interface Timed {
  /** The time it is due, as things stand. It may move. */
  readonly dueAt: (now: number) => number
  readonly onDue: (now: number) => void
}

/**
 * A time that moves costs nothing, for it is only looked at when the watch wakes. It must not move to less than `shortest`
 * from now: that is the longest that the watch sleeps.
 */
export class Watch {
  private readonly clock: Clock.Clock
  private readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  private readonly shortest: number
  private readonly timed = new Set<Timed>()
  private sleeper: Fiber.Fiber<void> | undefined
  private wakesAt = 0
  private isWaking = false

  constructor(
    clock: Clock.Clock,
    /** In milliseconds. */
    shortest: number,
    fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  ) {
    this.clock = clock
    this.shortest = shortest
    this.fork = fork
  }

  now(): number {
    return monotonicMillis(this.clock)
  }

  add(timed: Timed): void {
    this.timed.add(timed)
    if (this.isWaking) return
    const now = this.now()
    const dueAt = timed.dueAt(now)
    if (this.sleeper !== undefined) {
      if (dueAt >= this.wakesAt) return
      this.sleeper.interruptUnsafe()
    }
    this.sleep(now, dueAt)
  }

  delete(timed: Timed): void {
    this.timed.delete(timed)
  }

  private sleep(now: number, dueAt: number): void {
    const millis = Math.min(dueAt - now, this.shortest)
    this.wakesAt = now + millis
    // Not at once, whatever the clock: it must be known as the sleeper before it wakes.
    const sleep = millis > 0 ? Effect.sleep(millis) : Effect.yieldNow
    this.sleeper = this.fork(Effect.map(sleep, this.wake))
  }

  private readonly wake = (): void => {
    this.isWaking = true
    this.sleeper = undefined
    const now = this.now()
    for (const timed of this.timed) if (timed.dueAt(now) <= now) timed.onDue(now)
    let next = Infinity
    for (const timed of this.timed) next = Math.min(next, timed.dueAt(now))
    this.isWaking = false
    if (this.timed.size > 0) this.sleep(now, next)
  }
}
