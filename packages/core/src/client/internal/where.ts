/**
 * The words in which errors name a call: one line, whatever is in its path.
 */
import { shownName } from "../../internal/printable.ts"

/** Says what was tried, and where. A colon follows, so the address `w1:` goes without its own. */
export const where = ({ operation, path, server: address }: {
  readonly operation: string
  readonly path?: string | undefined
  readonly server: string
}): string => {
  const server = address === "w1:" ? "w1" : address
  return operation === "connect"
    ? `connect to ${server}`
    : path === undefined
    ? `${operation} at ${server}`
    : `${operation} ${shownName(path)} at ${server}`
}
