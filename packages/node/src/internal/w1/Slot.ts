/**
 * Queue of a bus master, which does one thing at a time.
 */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Code from "./Code.ts"

interface Job {
  readonly begin: () => void
  readonly refuse: () => void
}

/**
 * Work runs in the order of its requests. It occupies the slot until it has ended, even if its caller is gone: the read of a
 * kernel file cannot be cancelled. Work that takes too long fails, but still occupies the slot; until it has ended, further work
 * is refused at once.
 */
export class Slot {
  private readonly limit: number
  private readonly waiting: Array<Job> = []
  private isTaken = false
  private isStuck = false

  constructor(limit: number) {
    this.limit = limit
  }

  run<A>(work: Effect.Effect<A, number>): Effect.Effect<A, number> {
    return Effect.contextWith((context: Context.Context<never>) =>
      Effect.callback<A, number>((resume) => {
        const refuse = (): void => resume(Effect.fail(Code.busy))
        if (this.isStuck) return refuse()
        let stop = (): void => {
          const at = this.waiting.indexOf(job)
          if (at >= 0) this.waiting.splice(at, 1)
        }
        const job: Job = {
          refuse,
          begin: () => {
            const fiber = Effect.runForkWith(context)(work)
            stop = () => fiber.interruptUnsafe()
            const timer = Effect.runForkWith(context)(Effect.delay(
              Effect.sync(() => {
                this.isStuck = true
                refuse()
                fiber.interruptUnsafe()
                for (const { refuse } of this.waiting.splice(0)) refuse()
              }),
              this.limit
            ))
            fiber.addObserver((exit) => {
              timer.interruptUnsafe()
              this.isStuck = false
              this.isTaken = false
              resume(exit)
              this.next()
            })
          }
        }
        this.waiting.push(job)
        this.next()
        return Effect.sync(() => stop())
      })
    )
  }

  private next(): void {
    if (this.isTaken) return
    const job = this.waiting.shift()
    if (job === undefined) return
    this.isTaken = true
    job.begin()
  }
}
