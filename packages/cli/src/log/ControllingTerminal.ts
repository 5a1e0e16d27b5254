/**
 * The terminal that a process was started from. SIGHUP means its end, but asks a process without one to reopen its files.
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
