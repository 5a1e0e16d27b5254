/**
 * The deadlines of a client, kept by one sleeping fiber: connecting, silence, idleness, and the limits of calls.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { monotonicMillis } from "../../../internal/clock.ts"

/** Something that ends at a certain time, unless something else happens first. */
export interface Timed {
  /** The time at which it is due, as things stand. It may move. */
  readonly dueAt: (now: number) => number
  readonly onDue: (now: number) => void
}

/**
 * The deadlines of one client. A deadline that moves costs nothing, because nobody looks at it before the sleeper wakes. It must
 * not move closer than `shortest` from now, which is the longest that the sleeper sleeps.
 */
export class Deadlines {
  private readonly clock: Clock.Clock
  private readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  private readonly shortest: number
  private readonly timed = new Set<Timed>()
  private sleeper: Fiber.Fiber<void> | undefined
  private wakesAt = 0
  private isWaking = false

  constructor(
    clock: Clock.Clock,
    /** The longest sleep, in milliseconds. */
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
    // Never at once: the fiber must be known as the sleeper before it wakes.
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
