/**
 * Looks for changes, with one look shared by all callers.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { monotonicMillis } from "./Moment.ts"

/** Minimum time between two looks, and maximum time that a caller waits for one, in milliseconds. */
export interface Pace {
  readonly every: number
  readonly limit: number
}

export class Lookout {
  private readonly work: Effect.Effect<void>
  private readonly pace: Pace
  private lookedAt: number | undefined
  private looking: { readonly fiber: Fiber.Fiber<void>; isLate: boolean } | undefined

  constructor(work: Effect.Effect<void>, pace: Pace) {
    this.work = work
    this.pace = pace
  }

  /** Looks, unless that was done a moment ago. Waits for a look that has already begun, unless it takes too long. */
  readonly look: Effect.Effect<void> = Effect.contextWith((context: Context.Context<never>) => {
    const clock = Context.get(context, Clock.Clock)
    if (this.looking === undefined) {
      if (this.lookedAt !== undefined && monotonicMillis(clock) - this.lookedAt < this.pace.every) return Effect.void
      const fiber = Effect.runForkWith(context)(this.work)
      this.looking = { fiber, isLate: false }
      fiber.addObserver(() => {
        this.looking = undefined
        this.lookedAt = monotonicMillis(clock)
      })
    }
    const { looking } = this
    if (looking === undefined || looking.isLate) return Effect.void
    return Effect.timeoutOrElse(Effect.asVoid(Fiber.await(looking.fiber)), {
      duration: this.pace.limit,
      orElse: () =>
        Effect.sync(() => {
          looking.isLate = true
        })
    })
  })

  /** Makes the next call look in any case. */
  soon(): void {
    this.lookedAt = undefined
  }
}
