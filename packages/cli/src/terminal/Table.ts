/**
 * Tables. A row has a cell for each column; a cell is a text, or several spans. An empty cell is shown as `-`. On a terminal, lines
 * are cut to its width; elsewhere they are whole.
 */
import * as Effect from "effect/Effect"
import * as Output from "./Output.ts"
import { printable } from "./Printable.ts"
import * as Text from "./Text.ts"

export type Cell = string | ReadonlyArray<Text.Span>

/** Prints a table, with a title for each column. */
export const print = (
  titles: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>
): Effect.Effect<void> =>
  Effect.suspend(() =>
    Effect.forEach(lines(titles, rows, Output.isTerminal() ? Output.columns() : Infinity), Output.drawn, {
      discard: true
    })
  )

/** The lines of a table, none of them wider than `width`. */
export const lines = (
  titles: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  width: number
): ReadonlyArray<string> => {
  const head = titles.map((text): ReadonlyArray<Text.Span> => [{ text, color: "bold" }])
  const all = [head, ...rows.map((row) => row.map(spansOf))]
  const widths = titles.map((_, at) => all.reduce((widest, row) => Math.max(widest, widthOf(row[at])), 0))
  return all.map((row) => {
    const spans = row.flatMap((cell, at): ReadonlyArray<Text.Span> => {
      if (at === row.length - 1) return cell
      return [...cell, { text: " ".repeat(widths[at] - widthOf(cell) + 2) }]
    })
    return Text.line(widthOf(spans) > width ? cut(spans, width) : spans, width)
  })
}

const spansOf = (cell: Cell): ReadonlyArray<Text.Span> => {
  const spans: ReadonlyArray<Text.Span> = typeof cell === "string" ? [{ text: cell }] : cell
  return spans.every(({ text }) => text.trim() === "")
    ? [{ text: "-", color: "dim" }]
    : spans.map(({ color, text }) => ({ color, text: printable(text) }))
}

const widthOf = (spans: ReadonlyArray<Text.Span>): number =>
  spans.reduce((sum, { text }) => sum + Text.columnsOf(text), 0)

/** The part of a line that fits, with a mark at its end, even if the cut falls between two spans. */
const cut = (spans: ReadonlyArray<Text.Span>, width: number): ReadonlyArray<Text.Span> => {
  let left = width
  const last = spans.findIndex(({ text }) => {
    const columns = Text.columnsOf(text)
    if (columns >= left) return true
    left -= columns
    return false
  })
  const { color, text } = spans[last]
  return [...spans.slice(0, last), { color, text: Text.cut(`${text} `, left) }]
}
