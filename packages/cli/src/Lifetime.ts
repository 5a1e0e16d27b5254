/**
 * How long a command runs.
 */
import * as Effect from "effect/Effect"

let isUntilStopped = false

/** Marks this command as one that runs until it is stopped, so that stopping it counts as success. */
export const untilStopped: Effect.Effect<void> = Effect.sync(() => {
  isUntilStopped = true
})

let atHangUp: (() => boolean) | undefined

/** Replaces the end of the command at a hang-up. The handler returns whether it has handled it. */
export const onHangUp = (handle: () => boolean): Effect.Effect<void> =>
  Effect.sync(() => {
    atHangUp = handle
  })

/** Whether the command has handled a hang-up. */
export const isTaken = (): boolean => atHangUp?.() ?? false

const statuses = { SIGHUP: 129, SIGTERM: 143 } as const

/**
 * The exit status after a signal that asks a process to end: success if the command runs until it is stopped, otherwise as in
 * shells.
 */
export const statusOf = (signal: keyof typeof statuses): number => isUntilStopped ? 0 : statuses[signal]
