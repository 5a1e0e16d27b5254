/**
 * Texts from outside: a server may give any name to anything.
 */

let made: RegExp | undefined

/**
 * Characters that a terminal obeys, halves of characters, and what breaks a line or turns its direction. It is made when it is
 * needed, because to make sense of the classes of Unicode takes a start of the command longer than to print.
 */
const unprintable = (): RegExp => made ??= /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Most text, with units such as `°C`. */
const plain = /^[ -~\xA0-\xFF]*$/

export const isPrintable = (text: string): boolean => plain.test(text) || text.search(unprintable()) < 0

export const printable = (text: string): string => plain.test(text) ? text : text.replace(unprintable(), "\uFFFD")

export const json = (value: unknown): string => {
  const text = JSON.stringify(value)
  return plain.test(text)
    ? text
    : text.replace(unprintable(), (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

/** Maximum UTF-16 units of a text in a message. */
const mostShown = 200

/** The beginning of a text, with a mark for the rest. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, "")}…`

/** A text between quotation marks, on one line and not too long. */
export const quoted = (text: string, most = mostShown): string => json(cut(text, most))

/** A name as it is if it can stand in a line, and otherwise between quotation marks. */
export const shownName = (name: string): string => {
  const shown = cut(name, mostShown)
  return isPrintable(shown) ? shown : quoted(shown)
}
