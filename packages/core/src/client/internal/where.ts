/**
 * The words in which errors name a call: one line, whatever is in its path.
 */
import { shownName } from "../../internal/printable.ts"

/** Says what was tried, and where. A colon is expected behind it, and the address of the kernel's own bus has one. */
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
