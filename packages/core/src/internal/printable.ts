/**
 * Texts from outside as messages show them: a server may give any name to anything.
 */

/** What a terminal obeys, what breaks a line, and what turns its direction. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Maximum UTF-16 units of a text in a message. */
const mostShown = 200

/** The beginning of a text, with a mark for the rest. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}…`

/** A text between quotation marks, on one line and not too long. */
export const quoted = (text: string, most = mostShown): string =>
  JSON.stringify(cut(text, most)).replace(
    unprintable,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`
  )

/** A name as it is if it can stand in a line, and otherwise between quotation marks. */
export const shownName = (name: string): string => {
  const shown = cut(name, mostShown)
  return shown.isWellFormed() && shown.search(unprintable) < 0 ? shown : quoted(shown)
}
