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
  const shown = bounded(path)
  return isPlain.test(shown) ? shown : quoted(shown)
}

/** The beginning of a text that is too long for a line. */
const bounded = (text: string): string =>
  text.length > mostShown ? `${text.slice(0, mostShown)}… (${text.length} characters)` : text

const mostShown = 200

/** Text that can stand in a line as it is. */
const isPlain = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u

export const quoted = (text: string): string =>
  JSON.stringify(bounded(text)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )
