/**
 * Programs that run in one runner of a fleet at a time: each begins again after any failure, and ends in good time.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** Longest wait for the end of what is interrupted. A shard goes to the next runner only then. */
const farewell: Duration.Input = "1 second"

/** From a failure to the next beginning: doubled each time, until it has run for as long as the longest pause. */
const shortest = 1000
const longest = 30_000

/**
 * Runs a program in a fiber of its own. If it is interrupted, its end is waited for, but not for longer than a second: finalizers
 * that hang, such as those of a connection to a machine that has vanished, then go on by themselves.
 */
export const bounded = <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(Effect.interruptible(run)),
      (fiber) =>
        Effect.onInterrupt(restore(Fiber.join(fiber)), () =>
          Effect.flatMap(
            Effect.forkDetach(Fiber.interrupt(fiber)),
            (ending) => Effect.timeoutOption(Effect.interruptible(Fiber.await(ending)), farewell)
          ))
    )
  )

/** Runs a program again and again. Only its interruption from outside ends it. */
export const lasting = <E, R>(name: string, run: Effect.Effect<unknown, E, R>): Effect.Effect<never, never, R> =>
  Effect.gen(function*() {
    let pause = shortest
    while (true) {
      const began = yield* Clock.currentTimeMillis
      const exit = yield* Effect.exit(run)
      if ((yield* Clock.currentTimeMillis) - began >= longest) pause = shortest
      const what = exit._tag === "Success" ? ["It has ended"] : [exit.cause]
      const next = Duration.format(Duration.millis(pause))
      // A program that has just been removed may fail, too: it is interrupted before it can log that.
      yield* Effect.sleep(100)
      yield* Effect.logWarning(`${name} has failed, and begins again in ${next}`, ...what)
      yield* Effect.sleep(pause - 100)
      pause = Math.min(pause * 2, longest)
    }
  })

/** Runs a program in a fiber of its own, whose end is not waited for if it is interrupted: it may ask a runner that has vanished. */
export const abandonable = <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(Effect.interruptible(run)),
      (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => Effect.sync(() => fiber.interruptUnsafe()))
    )
  )
