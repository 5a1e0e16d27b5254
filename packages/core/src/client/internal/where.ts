/**
 * The words in which errors name a call: one line, whatever is in its path.
 */
import { shownName } from "../../internal/printable.ts"

/** Says what was tried, and where. */
export const where = ({ operation, path, server }: {
  readonly operation: string
  readonly path?: string | undefined
  readonly server: string
}): string =>
  operation === "connect"
    ? `connect to ${server}`
    : path === undefined
    ? `${operation} at ${server}`
    : `${operation} ${shownName(path)} at ${server}`
