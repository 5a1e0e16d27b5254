/**
 * Tables. A row has a cell for each column. A cell is a text, or several spans. An empty cell is shown as `-`. Outside a
 * terminal, lines are whole. On a terminal they keep to its width: names and types are cut first, then columns are left out, and
 * only then do values continue on the next line.
 */
import { printable } from "@effect-ownet/core/protocol/Printable"
import * as Effect from "effect/Effect"
import * as Output from "./Output.ts"
import * as Text from "./Text.ts"

export type Cell = string | ReadonlyArray<Text.Span>

/** A column that may become narrow. The last column of a table never does. */
export interface Column {
  readonly title: string
  /** Minimum width of its cells, in columns of the terminal. If the values have no room, columns are left out, from the right. */
  readonly least: number
}

type Title = string | Column

type Line = ReadonlyArray<Text.Span>

/** Prints a table, with a title for each column. */
export const print = (
  titles: ReadonlyArray<Title>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>
): Effect.Effect<void> =>
  Effect.suspend(() =>
    Effect.forEach(lines(titles, rows, Output.isTerminal() ? Output.columns() : Infinity), Output.drawn, {
      discard: true
    })
  )

/** The lines of a table, none wider than `width`. */
export const lines = (
  titles: ReadonlyArray<Title>,
  rows: ReadonlyArray<ReadonlyArray<Cell>>,
  width: number
): ReadonlyArray<string> => {
  const columns = titles.map((title) => typeof title === "string" ? { title, least: Infinity } : title)
  const head = columns.map(({ title }): Line => [{ text: title, color: "bold" }])
  const all = [head, ...rows.map((row) => row.map(spansOf))]
  const last = columns.length - 1
  const natural = columns.map((_, at) => all.reduce((widest, row) => Math.max(widest, widthOf(row[at])), 0))
  const shown = layoutOf(columns, natural, all.map((row) => row[last]), width)
  const front = shown.reduce((sum, { width }) => sum + width + gap.length, 0)
  return all.flatMap((row) => {
    const before = shown.flatMap(({ at, width }): Line => {
      const cell = fit(row[at], width)
      return [...cell, { text: " ".repeat(width - widthOf(cell)) + gap }]
    })
    const [first, ...others] = broken(row[last], width - front)
    const indented = others.map((spans): Line => [{ text: " ".repeat(front) }, ...spans])
    return [[...before, ...first], ...indented].map((spans) => Text.line(fit(spans, width), width))
  })
}

const gap = "  "

interface Shown {
  readonly at: number
  readonly width: number
}

/** The columns that stay before the values, and their widths. */
const layoutOf = (
  columns: ReadonlyArray<Column>,
  natural: ReadonlyArray<number>,
  values: ReadonlyArray<Line>,
  width: number
): ReadonlyArray<Shown> => {
  const front = columns.slice(0, -1).map(({ least }, at) => ({ at, least, width: natural[at] }))
  const widthOfAll = (shown: ReadonlyArray<Shown>) => shown.reduce((sum, { width }) => sum + width + gap.length, 0)
  if (width === Infinity || widthOfAll(front) + natural[columns.length - 1] <= width) return front
  const fixed = widthOfAll(front.filter(({ least }) => least === Infinity))
  // A value that would not fit even alone is cut, so that no other column shrinks for it.
  const pieces = values.flatMap(piecesOf).map(widthOf).filter((piece) => fixed + piece <= width)
  const needed = Math.max(0, ...pieces)
  const kept = front.map((column) => ({ ...column, width: Math.min(column.width, column.least) }))
  while (widthOfAll(kept) + needed > width) {
    const at = kept.findLastIndex(({ least }) => least < Infinity)
    if (at < 0) break
    kept.splice(at, 1)
  }
  // Whole lines of values matter more than whole names, which get the remaining room.
  const wanted = Math.max(needed, ...values.map(widthOf).filter((whole) => widthOfAll(kept) + whole <= width))
  let left = width - wanted - widthOfAll(kept)
  const widths = new Map<number, number>()
  // One long name must not shrink other columns.
  for (const { at, width } of kept.toSorted((a, b) => natural[a.at] - natural[b.at])) {
    const more = Math.max(0, Math.min(left, natural[at] - width))
    left -= more
    widths.set(at, width + more)
  }
  return kept.map(({ at, width }) => ({ at, width: widths.get(at) ?? width }))
}

/** The values of a cell: the texts between two blanks. */
const piecesOf = (spans: Line): ReadonlyArray<Line> => {
  const pieces: Array<Array<Text.Span>> = [[]]
  for (const span of spans) {
    if (span.text === gap) pieces.push([])
    else pieces.at(-1)?.push(span)
  }
  return pieces
}

/** A cell on the necessary number of lines. */
const broken = (spans: Line, width: number): ReadonlyArray<Line> => {
  if (widthOf(spans) <= width) return [spans]
  const lines: Array<Line> = []
  let line: Line = []
  for (const piece of piecesOf(spans)) {
    const longer = line.length === 0 ? piece : [...line, { text: gap }, ...piece]
    if (line.length > 0 && widthOf(longer) > width) {
      lines.push(line)
      line = piece
    } else line = longer
  }
  return [...lines, line]
}

const spansOf = (cell: Cell): Line => {
  const spans: Line = typeof cell === "string" ? [{ text: cell }] : cell
  return spans.every(({ text }) => text.trim() === "")
    ? [{ text: "-", color: "dim" }]
    : spans.map(({ color, text }) => ({ color, text: printable(text) }))
}

const widthOf = (spans: Line): number => spans.reduce((sum, { text }) => sum + Text.columnsOf(text), 0)

/** The part of some spans that fits, with a mark at its end, even if the cut falls between two spans. */
const fit = (spans: Line, width: number): Line => {
  if (widthOf(spans) <= width) return spans
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
