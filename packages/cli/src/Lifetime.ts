/**
 * How long a command runs.
 */
import * as Effect from "effect/Effect"

let isUntilStopped = false

/** Says that this command runs until it is stopped, and that to stop it is its proper end. */
export const untilStopped: Effect.Effect<void> = Effect.sync(() => {
  isUntilStopped = true
})

let atHangUp: (() => boolean) | undefined

/** Replaces the end of the command at a hang-up. The handler gives whether it has taken care of it. */
export const onHangUp = (handle: () => boolean): Effect.Effect<void> =>
  Effect.sync(() => {
    atHangUp = handle
  })

/** Whether a hang-up has been taken care of. */
export const isTaken = (): boolean => atHangUp?.() ?? false

const statuses = { SIGHUP: 129, SIGTERM: 143 } as const

/** The exit status after a signal that asks a process to end: success if that was its proper end, else as shells have it. */
export const statusOf = (signal: keyof typeof statuses): number => isUntilStopped ? 0 : statuses[signal]
