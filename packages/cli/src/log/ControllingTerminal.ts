/**
 * The terminal that started a process. SIGHUP ends a process with a terminal, but asks one without a terminal to reopen its
 * files.
 */
import { closeSync, openSync } from "node:fs"

/** Whether the process has one now. */
export const isThere = (): boolean => {
  try {
    closeSync(openSync("/dev/tty", "r"))
    return true
  } catch {
    return false
  }
}
