/**
 * The reason why this machine cannot listen on an address, and its remedy.
 */

/** The problem, by the code of the system's error. */
export const of = (code: unknown, problem: string): string => {
  switch (code) {
    case "EADDRINUSE":
      return "another program uses that port. Choose another, or port 0 for any free one"
    case "EACCES":
      return "this user may not listen on that port. Choose one from 1024 up"
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `this machine has no such address (${code})`
    default:
      return problem
  }
}
