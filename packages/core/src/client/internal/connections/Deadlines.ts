/**
 * The deadlines of a client, kept by one sleeping fiber: resolving, connecting, silence, idleness, and the limits of calls.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import { monotonicMillis } from "../../../internal/clock.ts"
import { Agenda, type Entry } from "./Agenda.ts"

/** Something that ends at a certain time, unless something else happens first. */
export interface Timed extends Entry {
  /** The time at which it is currently due. It may move. */
  readonly dueAt: (now: number) => number
  /** Whether it moves closer only by `hasten`. Default `false`. */
  readonly isAtRest?: boolean | undefined
  /** Ends it. By then it has left the deadlines. */
  readonly onDue: (now: number) => void
}

/** Delay of a timer, in milliseconds, that is not a sign of a blocked process: timers count in whole milliseconds. */
const tolerance = 2

/**
 * Lets the platform read the bytes that have come, and gives the calls that waited behind them time to be sent and answered: the
 * later the clock, the longer. Timers may run in a row without any reading in between; a turn includes reading.
 */
const reading = (late: number): Effect.Effect<void> =>
  Effect.andThen(Effect.yieldNow, Effect.sleep(Math.min(Math.max(late / 10, 1), 100)))

/**
 * The deadlines of one client. Moving a deadline costs nothing, because nobody looks at it before the sleeper wakes. It must not
 * move closer than `shortest` from now, which is the longest time that a deadline is not looked at. A deadline at rest may, with
 * `hasten`: a client without calls does not wake for its connections.
 *
 * A process that was blocked or stopped finds its deadlines long past and its sockets unread. It reads the bytes that have come
 * before it judges any deadline by such a clock.
 */
export class Deadlines {
  private readonly clock: Clock.Clock
  private readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  private readonly shortest: number
  private readonly agenda = new Agenda<Timed>()
  private sleeper: Fiber.Fiber<void> | undefined
  private wakesAt = 0
  private isWaking = false
  /** All data that had come by this time have been read. */
  private readAt = -Infinity

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
    const now = this.now()
    const lookAt = this.look(timed, now, timed.dueAt(now))
    if (this.isWaking) return
    if (this.sleeper !== undefined) {
      if (lookAt >= this.wakesAt) return
      this.sleeper.interruptUnsafe()
    }
    this.sleep(now, lookAt)
  }

  /** Makes sure that a deadline that was at rest is looked at in time. */
  hasten(timed: Timed, now: number): void {
    if (timed.lookAt > now + this.shortest) this.add(timed)
  }

  delete(timed: Timed): void {
    this.agenda.delete(timed)
  }

  /** Waits for `millis` milliseconds. */
  after(millis: number): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const dueAt = this.now() + millis
      const timed: Timed = { lookAt: 0, place: -1, dueAt: () => dueAt, onDue: () => resume(Effect.void) }
      this.add(timed)
      return Effect.sync(() => this.delete(timed))
    })
  }

  /** Decides when to look at a deadline. By then it may have moved closer. */
  private look(timed: Timed, now: number, dueAt: number): number {
    const lookAt = timed.isAtRest === true ? dueAt : Math.min(dueAt, now + this.shortest)
    this.agenda.set(timed, lookAt)
    return lookAt
  }

  private sleep(now: number, lookAt: number): void {
    const millis = lookAt - now
    this.wakesAt = lookAt
    // Never at once: the fiber must be known as the sleeper before it wakes.
    const sleep = millis > 0 ? Effect.sleep(millis) : Effect.yieldNow
    this.sleeper = this.fork(Effect.map(sleep, this.wake))
  }

  private readonly wake = (): void => {
    this.sleeper = undefined
    const now = this.now()
    this.isWaking = true
    const late = this.judge(now)
    this.isWaking = false
    if (late > 0) {
      this.readAt = now
      this.wakesAt = -Infinity
      this.sleeper = this.fork(Effect.map(reading(late), this.wake))
      return
    }
    const next = this.agenda.first()
    if (next !== undefined) this.sleep(now, next.lookAt)
  }

  /**
   * Ends everything that is due, until it reaches a deadline that may only seem so. Returns how late that one is, in
   * milliseconds, or 0.
   */
  private judge(now: number): number {
    for (;;) {
      const timed = this.agenda.first()
      if (timed === undefined || timed.lookAt > now) return 0
      const dueAt = timed.dueAt(now)
      if (dueAt > now) this.look(timed, now, dueAt)
      else if (dueAt > this.readAt && now - dueAt > tolerance) return now - dueAt
      else {
        this.agenda.delete(timed)
        timed.onDue(now)
      }
    }
  }
}
