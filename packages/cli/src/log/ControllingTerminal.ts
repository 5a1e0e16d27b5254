/**
 * The terminal that a process was started from, whose end is told by the same signal by which programs are told to reopen their files.
 */
import { closeSync, openSync } from "node:fs"

/** Whether there is one now. */
export const isThere = (): boolean => {
  try {
    closeSync(openSync("/dev/tty", "r"))
    return true
  } catch {
    return false
  }
}
