/**
 * Text that has so many columns of a terminal, and nothing in it that a terminal would obey.
 */
import * as CliOutput from "effect/cli/CliOutput"
import * as Output from "./Output.ts"
import type { Span } from "./Table.ts"

/** What a terminal would obey, and what would turn the line around. */
const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu

/** A name or a value as a terminal can be given it. Anybody on the network may have set an alias. */
export const printable = (text: string): string => text.replace(unprintable, "\uFFFD")

// Anything else takes the system's Unicode library, which takes long to load.
const plain = /^[ -~°µ…▁-█▲▼–]*$/

/** How many columns a text takes. */
export const columnsOf = (text: string): number => plain.test(text) ? text.length : CliOutput.displayWidth(text)

/** As much of a text as fits, with a mark where something is cut off. */
export const cut = (text: string, columns: number): string => {
  if (columnsOf(text) <= columns) return text
  const characters = Array.from(text)
  while (columnsOf(characters.join("")) >= columns && characters.length > 0) characters.pop()
  return columns < 1 ? "" : `${characters.join("")}…`
}

/** A text that takes just as many columns. */
export const fit = (text: string, columns: number): string => {
  const fitting = cut(text, columns)
  return fitting + " ".repeat(columns - columnsOf(fitting))
}

/** A line of several texts that takes no more columns than there are. */
export const line = (spans: ReadonlyArray<Span>, columns: number): string => {
  let left = columns
  return spans.map(({ color, text }) => {
    const fitting = cut(text, left)
    left -= columnsOf(fitting)
    return color === undefined || fitting === "" ? fitting : Output.paint(color, fitting)
  }).join("").trimEnd()
}
