/**
 * Blocks of a configuration that run next to the hub, such as its bridges. A block is rebuilt when its settings change. Its
 * failures never end the hub.
 */
import * as Hub from "@effect-ownet/hub/Hub"
import type * as HubConfig from "@effect-ownet/hub/HubConfig"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

/** A block for a configuration, or `undefined` if the configuration has no such block. */
export type Block = (config: HubConfig.HubConfig) => {
  /** Its settings. It is rebuilt when they change. */
  readonly settings: unknown
  readonly layer: Layer.Layer<never, unknown, Hub.Hub>
  /** Clears up after the block, once it has ended and another configuration is in force. It is retried until it works. */
  readonly leave: (config: HubConfig.HubConfig) => Effect.Effect<void, unknown>
} | undefined

/**
 * A block, from the settings that it takes of a configuration and its layer. `leave` clears up when these settings change: it
 * receives the new ones, if there are any.
 */
export const block = <A, E>(
  of: (config: HubConfig.HubConfig) => A | undefined,
  layer: (settings: A) => Layer.Layer<never, E, Hub.Hub>,
  leave: (settings: A, next: A | undefined) => Effect.Effect<void, unknown> = () => Effect.void
): Block =>
(config) => {
  const settings = of(config)
  return settings === undefined ? undefined : {
    settings,
    layer: Layer.suspend(() => layer(settings)),
    leave: (next) => leave(settings, of(next))
  }
}

/** Milliseconds from a failure to the next attempt. The pause doubles, up to a minute. */
const firstPause = 1000
const longestPause = 60_000

const pauseAfter = (failures: number): number => Math.min(firstPause * 2 ** failures, longestPause)

/** Time for a block to end or to clear up, before the next one begins without waiting for it. */
const ending = "5 seconds"

type Wanted = NonNullable<ReturnType<Block>>

interface Running {
  readonly block: Wanted
  readonly fiber: Fiber.Fiber<void>
}

/** A block that has ended and still has to be cleared up after. */
interface Left {
  readonly block: Wanted
  readonly fiber: Fiber.Fiber<void>
}

const messageOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  return error instanceof Error ? error.message : String(error)
}

/** Whether it was still running when it was interrupted. */
const isInterrupted = (fiber: Fiber.Fiber<void>): boolean => {
  const exit = fiber.pollUnsafe()
  return exit === undefined || !Exit.isSuccess(exit)
}

/** Runs the blocks of a table as long as the scope is open. `apply` sets their configuration. */
export const make = Effect.fnUntraced(function*(table: Readonly<Record<string, Block>>) {
  const hub = yield* Hub.Hub
  const running = new Map<string, Running>()
  const left = new Map<string, ReadonlyArray<Left>>()

  const run = (name: string, layer: Layer.Layer<never, unknown, Hub.Hub>): Effect.Effect<void> => {
    const attempt = (failures: number): Effect.Effect<void> =>
      Layer.launch(layer).pipe(
        Effect.provideService(Hub.Hub, hub),
        Effect.catchCause((cause) => {
          if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
          return hub.report(name, messageOf(cause)).pipe(
            Effect.andThen(Effect.sleep(pauseAfter(failures))),
            Effect.andThen(Effect.suspend(() => attempt(Math.min(failures + 1, 10))))
          )
        })
      )
    return attempt(0)
  }

  const end = (name: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      const before = running.get(name)
      running.delete(name)
      return before === undefined
        ? Effect.void
        : Effect.ignore(Effect.timeout(Effect.interruptible(Fiber.interrupt(before.fiber)), ending))
    })
  yield* Effect.addFinalizer(() =>
    Effect.forEach([...running.keys()], end, { concurrency: "unbounded", discard: true })
  )

  const scope = yield* Effect.scope

  /**
   * Clears up after a block, and waits for that for a limited time. A cleanup that cannot reach its target now is retried later.
   */
  const leave = Effect.fnUntraced(function*(
    name: string,
    block: Wanted,
    config: HubConfig.HubConfig
  ): Effect.fn.Return<void> {
    const attempt = (failures: number): Effect.Effect<void> =>
      Effect.catchCause(Effect.asVoid(block.leave(config)), (cause) => {
        if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
        const told = failures > 0
          ? Effect.void
          : Effect.logWarning(`${name}: what it published cannot be cleared yet: ${messageOf(cause)}`)
        return told.pipe(
          Effect.andThen(Effect.sleep(pauseAfter(failures))),
          Effect.andThen(Effect.suspend(() => attempt(Math.min(failures + 1, 10))))
        )
      })
    const fiber = yield* Effect.forkIn(attempt(0), scope)
    const isDone = Option.isSome(yield* Effect.timeoutOption(Fiber.await(fiber), ending))
    if (!isDone) left.set(name, [...left.get(name) ?? [], { block, fiber }])
  })

  const apply = Effect.fnUntraced(function*(config: HubConfig.HubConfig): Effect.fn.Return<void> {
    for (const [name, of] of Object.entries(table)) {
      const wanted = of(config)
      const before = running.get(name)
      if (before === undefined ? wanted === undefined : Equal.equals(before.block.settings, wanted?.settings)) continue
      yield* end(name)
      if (wanted === undefined) yield* hub.forget(name)
      const unfinished = left.get(name) ?? []
      left.delete(name)
      for (const { fiber } of unfinished) yield* Fiber.interrupt(fiber)
      const all = unfinished.filter(({ fiber }) => isInterrupted(fiber)).map(({ block }) => block)
      yield* Effect.forEach(
        before === undefined ? all : [...all, before.block],
        (block) => leave(name, block, config),
        { concurrency: "unbounded", discard: true }
      )
      if (wanted === undefined) continue
      // A scope would wait forever for a fiber that does not end.
      const fiber = yield* Effect.forkDetach(run(name, wanted.layer))
      running.set(name, { block: wanted, fiber })
    }
  })
  return { apply }
})
