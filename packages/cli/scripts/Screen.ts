/**
 * The screen of a terminal, after all output so far.
 */
// The package is CommonJS, whose names Node does not see.
import headless from "@xterm/headless"

/** A color of the palette of 256, or any other color. */
export type Color = number | `#${string}`

export interface Cell {
  readonly text: string
  /** Number of columns that it takes. */
  readonly columns: number
  /** Color of the text, or `undefined` for the terminal's own. */
  readonly color: Color | undefined
  readonly background: Color | undefined
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
  readonly strikethrough: boolean
  readonly inverse: boolean
}

export type Cells = ReadonlyArray<ReadonlyArray<Cell>>

export interface Screen {
  /** Writes the output of a program, and calls back when it is drawn. */
  readonly write: (output: string | Uint8Array, drawn: () => void) => void
  /** The lines, without blanks at their ends. */
  readonly lines: () => ReadonlyArray<string>
  readonly cells: () => Cells
  readonly cursorVisible: () => boolean
  /** Whether it is the alternate screen, which leaves no trace. */
  readonly isAlternate: () => boolean
}

/** A blank screen. */
export const make = (columns: number, rows: number): Screen => {
  const terminal = new headless.Terminal({ cols: columns, rows, scrollback: 0, allowProposedApi: true })
  let cursorVisible = true
  for (const final of ["h", "l"]) {
    terminal.parser.registerCsiHandler({ prefix: "?", final }, (modes) => {
      if (modes.includes(25)) cursorVisible = final === "h"
      return false
    })
  }

  const map = <A>(read: (line: headless.IBufferLine) => A): ReadonlyArray<A> =>
    Array.from({ length: rows }, (_, row) => terminal.buffer.active.getLine(row)).filter((line) => line !== undefined)
      .map(read)

  return {
    write: (output, drawn) => terminal.write(output, drawn),
    lines: () => map((line) => line.translateToString(true).trimEnd()),
    cells: () =>
      map((line) =>
        Array.from({ length: columns }, (_, column) => line.getCell(column)).filter((cell) => cell !== undefined)
          // A wide character is followed by a cell of width zero.
          .filter((cell) => cell.getWidth() > 0).map(cellOf)
      ),
    cursorVisible: () => cursorVisible,
    isAlternate: () => terminal.buffer.active.type === "alternate"
  }
}

const cellOf = (cell: headless.IBufferCell): Cell => ({
  text: cell.getChars() === "" || cell.isInvisible() !== 0 ? " " : cell.getChars(),
  columns: cell.getWidth(),
  color: colorOf(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
  background: colorOf(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
  bold: cell.isBold() !== 0,
  dim: cell.isDim() !== 0,
  italic: cell.isItalic() !== 0,
  underline: cell.isUnderline() !== 0,
  strikethrough: cell.isStrikethrough() !== 0,
  inverse: cell.isInverse() !== 0
})

const colorOf = (isDefault: boolean, isRgb: boolean, color: number): Color | undefined =>
  isDefault ? undefined : isRgb ? `#${color.toString(16).padStart(6, "0")}` : color
