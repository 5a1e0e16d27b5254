/**
 * Text that fits into the columns of a terminal, without characters that control the terminal.
 */
import { printable } from "@effect-ownet/core/protocol/Printable"
import * as CliOutput from "effect/cli/CliOutput"
import * as Output from "./Output.ts"

/** A text in a color. */
export interface Span {
  readonly text: string
  readonly color?: Output.Color | undefined
}

// All other text needs the system's Unicode library, which is slow to load.
const plain = /^[ -~°µ…▁-█▲▼–]*$/

/** Columns that a text takes on a terminal. */
export const columnsOf = (text: string): number => plain.test(text) ? text.length : CliOutput.displayWidth(text)

/** The part of a text that fits, with a mark if the rest is cut off. */
export const cut = (text: string, columns: number): string => {
  if (columnsOf(text) <= columns) return text
  if (columns < 1) return ""
  const characters = Array.from(text)
  const isTooLong = (count: number): boolean => columnsOf(characters.slice(0, count).join("")) >= columns
  // Only twice as much of a long name is measured as can fit.
  let most = Math.min(columns, characters.length)
  while (most < characters.length && !isTooLong(most)) most = Math.min(2 * most, characters.length)
  let least = 0
  while (least < most) {
    const middle = Math.ceil((least + most) / 2)
    if (isTooLong(middle)) most = middle - 1
    else least = middle
  }
  return `${characters.slice(0, least).join("")}…`
}

/** A text cut or padded to a number of columns. */
export const fit = (text: string, columns: number): string => {
  const fitting = cut(text, columns)
  return fitting + " ".repeat(columns - columnsOf(fitting))
}

/** A line of spans, cut to a number of columns, and safe on a terminal. */
export const line = (spans: ReadonlyArray<Span>, columns: number): string => {
  let left = columns
  return spans.map(({ color, text }) => {
    const fitting = cut(printable(text), left)
    left -= columnsOf(fitting)
    return color === undefined || fitting === "" ? fitting : Output.paint(color, fitting)
  }).join("").trimEnd()
}
