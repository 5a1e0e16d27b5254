/** Programs that run in one runner of a fleet at a time. Each starts again after any failure, and ends in limited time. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"

/** Maximum wait for the end of an interrupted program. Only then does a shard go to the next runner. */
const farewell: Duration.Input = "1 second"

/**
 * Pause between a failure and the next start. It doubles each time, until the program has run for as long as the longest pause.
 */
const shortest = 1000
const longest = 30_000

/**
 * Runs a program in its own fiber. If it is interrupted, this waits for its end, but not longer than a second. Finalizers that
 * hang, such as those of a connection to a machine that has vanished, then continue in the background.
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
      // A program that has just been removed may fail, too. It is interrupted before it can log that.
      yield* Effect.sleep(100)
      yield* Effect.logWarning(`${name} has failed, and begins again in ${next}`, ...what)
      yield* Effect.sleep(pause - 100)
      pause = Math.min(pause * 2, longest)
    }
  })

/**
 * Runs a program in its own fiber. An interruption does not wait for its end, because it may be calling a runner that has
 * vanished.
 */
export const abandonable = <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDetach(Effect.interruptible(run)),
      (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => Effect.sync(() => fiber.interruptUnsafe()))
    )
  )
