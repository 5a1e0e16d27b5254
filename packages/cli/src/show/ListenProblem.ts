/**
 * The reason why this machine cannot listen on an address, and its remedy.
 */

/** The problem, by the code of the system's error. */
export const of = (code: unknown, problem: string): string => {
  switch (code) {
    case "EADDRINUSE":
      return "another program has that port. Take another, or port 0 for any that is free"
    case "EACCES":
      return "this user may not listen on that port. Take one from 1024 on"
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `this machine has no such address (${code})`
    default:
      return problem
  }
}
