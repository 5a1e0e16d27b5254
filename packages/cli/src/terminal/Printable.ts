/**
 * What a terminal may be given. Anybody on the network may have set an alias, and a server may answer anything.
 */

/** Characters that a terminal obeys, halves of characters, and what breaks a line or turns its direction. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/** Most text. To make sense of the classes of Unicode takes a start of the command longer than to print. */
const plain = /^[ -~]*$/

/** Text that is safe on a terminal, on one line. */
export const printable = (text: string): string => plain.test(text) ? text : text.replace(unprintable, "\uFFFD")

/** Whether text is safe on a terminal as it is. */
export const isPrintable = (text: string): boolean => plain.test(text) || text.search(unprintable) < 0

/** JSON that is safe on a terminal, and means the same. */
export const json = (value: unknown): string => {
  const text = JSON.stringify(value)
  return plain.test(text)
    ? text
    : text.replace(unprintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
