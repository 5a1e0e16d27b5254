/**
 * Doing something next, and letting clocks know.
 */
import type * as Scheduler from "effect/Scheduler"

/**
 * Makes a function that runs a task as soon as whatever runs now is over, before anything that waits for the system. It is the
 * scheduler's task all the same: a test's clock does not move before that is done, and what follows from it.
 */
export const makeSoon = (scheduler: Scheduler.Scheduler): (task: () => void) => void => {
  const dispatcher = scheduler.makeDispatcher()
  return (task) => {
    dispatcher.scheduleTask(task, 0)
    queueMicrotask(() => dispatcher.flush())
  }
}
