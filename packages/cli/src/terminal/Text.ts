/**
 * Text that fits into the columns of a terminal, without characters that the terminal would obey.
 */
import * as CliOutput from "effect/cli/CliOutput"
import * as Output from "./Output.ts"

/** A text in a color. */
export interface Span {
  readonly text: string
  readonly color?: Output.Color | undefined
}

/** Characters that a terminal obeys, and those that turn the direction of a line. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu

/** A name or a value that is safe on a terminal. Anybody on the network may have set an alias. */
export const printable = (text: string): string => text.replace(unprintable, "\uFFFD")

// All other text needs the system's Unicode library, which is slow to load.
const plain = /^[ -~°µ…▁-█▲▼–]*$/

/** Columns that a text takes on a terminal. */
export const columnsOf = (text: string): number => plain.test(text) ? text.length : CliOutput.displayWidth(text)

/** The part of a text that fits, with a mark if something is cut off. */
export const cut = (text: string, columns: number): string => {
  if (columnsOf(text) <= columns) return text
  const characters = Array.from(text)
  while (columnsOf(characters.join("")) >= columns && characters.length > 0) characters.pop()
  return columns < 1 ? "" : `${characters.join("")}…`
}

/** A text cut or padded to a number of columns. */
export const fit = (text: string, columns: number): string => {
  const fitting = cut(text, columns)
  return fitting + " ".repeat(columns - columnsOf(fitting))
}

/** A line of spans, cut to a number of columns. */
export const line = (spans: ReadonlyArray<Span>, columns: number): string => {
  let left = columns
  return spans.map(({ color, text }) => {
    const fitting = cut(text, left)
    left -= columnsOf(fitting)
    return color === undefined || fitting === "" ? fitting : Output.paint(color, fitting)
  }).join("").trimEnd()
}
