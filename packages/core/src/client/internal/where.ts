/**
 * The words in which errors name a call: one line, whatever is in its path.
 */

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
    : `${operation} ${shownPath(path)} at ${server}`

export const shownPath = (path: string): string => {
  const shown = path.length > mostShown ? `${path.slice(0, mostShown).replace(/[\ud800-\udbff]$/, "")}…` : path
  return isPlain.test(shown) ? shown : quoted(shown)
}

/** Maximum UTF-16 units of a path in an error. The error itself has the whole path. */
const mostShown = 512

/** Text that can stand in a line as it is: nothing in it is obeyed by a terminal, or turns the direction of the line. */
const isPlain = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]+$/u

/** Text between quotation marks, with escapes for what cannot stand in a line. */
export const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
