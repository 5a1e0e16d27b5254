/**
 * How errors name a call: on one line, regardless of the characters in its path.
 */
import { shownName } from "../../internal/printable.ts"

/** Names the call and the server. A colon follows, so the address `w1:` loses its own. */
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
