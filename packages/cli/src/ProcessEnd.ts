/**
 * Ends this process, even if a file operation in the kernel still holds it.
 */
import * as Fs from "node:fs"

/** Shell whose only task is to exit with a status. */
const shell = "/bin/sh"

/** How long a file operation may take to end by itself, in milliseconds. */
const grace = 100

/** Whether a file operation is running. */
const isHeld = (): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith("FSReq"))

const canReplace = (): boolean => {
  try {
    Fs.accessSync(shell, Fs.constants.X_OK)
    return process.platform === "linux" && typeof process.execve === "function"
  } catch {
    return false
  }
}

/** Ends a process that waits for nothing, in the usual way. */
const exit = (status: number): void => process.exit(status)

/**
 * Ends the process when its work is done. Node waits for its threads before it exits. A thread may wait for a chip that measures
 * for seconds or for a bus master that hangs, although nobody needs the answer anymore. The kernel does not wait for threads if
 * another program replaces this one.
 */
export const end = (status: number, usual = exit): void => {
  if (!isHeld()) return usual(status)
  setTimeout(() => {
    if (!isHeld() || !canReplace()) return usual(status)
    process.execve?.(shell, [shell, "-c", `exit ${status}`], {})
  }, grace)
}
