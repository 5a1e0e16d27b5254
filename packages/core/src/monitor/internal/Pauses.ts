/**
 * Pauses of many fibers, managed by one fiber that sleeps until the first pause is over: one timer for all.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { Agenda, type Entry } from "../../client/internal/connections/Agenda.ts"
import { monotonicMillis } from "../../internal/clock.ts"

/** A pause under way. */
export interface Pause extends Entry {
  /** Number of pauses that began before it. */
  readonly order: number
  /** Ends it at once. */
  readonly end: () => void
}

/** Pauses that end within a millisecond end together: timers count whole milliseconds. */
const resolution = 1

export class Pauses {
  private readonly agenda = new Agenda<Pause>()
  private readonly clock: Clock.Clock
  private readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  private sleeper: Fiber.Fiber<void> | undefined
  private wakesAt = Infinity
  private isWaking = false
  private begun = 0

  constructor(clock: Clock.Clock, fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>) {
    this.clock = clock
    this.fork = fork
  }

  /** Pauses for a number of milliseconds, unless the pause is ended before. */
  take(millis: number, onBegin?: (pause: Pause) => void): Effect.Effect<void> {
    if (millis <= 0) return Effect.yieldNow
    return Effect.callback((resume) => {
      const pause: Pause = {
        lookAt: 0,
        place: -1,
        order: this.begun++,
        end: () => {
          this.agenda.delete(pause)
          resume(Effect.void)
        }
      }
      onBegin?.(pause)
      this.add(pause, millis)
      return Effect.sync(() => this.agenda.delete(pause))
    })
  }

  private add(pause: Pause, millis: number): void {
    const now = monotonicMillis(this.clock)
    this.agenda.set(pause, now + millis)
    if (this.isWaking || pause.lookAt >= this.wakesAt) return
    this.sleeper?.interruptUnsafe()
    this.sleep(now, pause.lookAt)
  }

  private sleep(now: number, until: number): void {
    this.wakesAt = until
    // The sleep must not end at once: the fiber must be known as the sleeper before it wakes.
    this.sleeper = this.fork(Effect.map(Effect.sleep(Math.max(until - now, 0)), this.wake))
  }

  private readonly wake = (): void => {
    this.sleeper = undefined
    this.wakesAt = Infinity
    const now = monotonicMillis(this.clock)
    const due: Array<Pause> = []
    let next = this.agenda.first()
    for (; next !== undefined && next.lookAt - now < resolution; next = this.agenda.first()) {
      this.agenda.delete(next)
      due.push(next)
    }
    this.isWaking = true
    for (const pause of due.toSorted(byOrder)) pause.end()
    this.isWaking = false
    next = this.agenda.first()
    // The fibers that continued have taken time.
    if (next !== undefined) this.sleep(monotonicMillis(this.clock), next.lookAt)
  }
}

/** Pauses that end at the same time end in the order in which they began. */
const byOrder = (a: Pause, b: Pause): number => Math.floor(a.lookAt) - Math.floor(b.lookAt) || a.order - b.order
