/**
 * A picture on a terminal that is redrawn in place.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { stripVTControlCharacters } from "node:util"
import * as Text from "./Text.ts"

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** Lines, none of which takes more columns than there are, and no more of them than rows. */
type Picture = (size: Size) => ReadonlyArray<string>

export interface Screen {
  /** The picture of this moment. It is asked for again when the terminal has another size. */
  readonly show: (picture: Picture) => Effect.Effect<void>
}

const hideCursor = "\u001B[?25l"
const showCursor = "\u001B[?25h"
const clearLine = "\u001B[2K"
const clearBelow = "\u001B[J"
const up = (rows: number): string => rows === 0 ? "\r" : `\r\u001B[${rows}A`

class Drawing implements Screen {
  private picture: Picture = () => []
  private drawn: ReadonlyArray<string> = []
  private size: Size = { columns: 0, rows: 0 }

  readonly show = (picture: Picture): Effect.Effect<void> =>
    Effect.sync(() => {
      this.picture = picture
      this.draw()
    })

  /**
   * All in one write, and no line is wiped before its successor is there: nothing flickers. What stands there already is left
   * alone.
   */
  private readonly draw = (): void => {
    // A serial console does not tell its size.
    const [columns, rows] = [process.stdout.columns || 80, process.stdout.rows || 24]
    // The cursor stays in a row of its own.
    const lines = this.picture({ columns, rows: Math.max(1, rows - 1) })
    const isAsBefore = columns === this.size.columns && rows === this.size.rows
    const isDrawn = (line: string, at: number): boolean => isAsBefore && line === this.drawn[at]
    if (lines.length === this.drawn.length && lines.every(isDrawn)) return
    // A terminal that has become narrower has broken what was too long for it.
    const above = this.drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0)
    const drawing = lines.map((line, at) => isDrawn(line, at) ? "\n" : `${clearLine}${line}\n`).join("")
    process.stdout.write(up(above) + drawing + clearBelow)
    this.drawn = lines
    this.size = { columns, rows }
  }

  /** Ctrl-Z gives the terminal to others, who want to see the cursor. */
  private readonly leave = (): void => {
    this.showCursor()
    process.kill(process.pid, "SIGSTOP")
  }

  /** What stands above the cursor now is not ours. */
  private readonly comeBack = (): void => {
    this.drawn = []
    process.stdout.write(hideCursor)
    this.draw()
  }

  private readonly showCursor = (): void => {
    process.stdout.write(showCursor)
  }

  begin(): void {
    process.stdout.on("resize", this.draw)
    process.on("SIGTSTP", this.leave)
    process.on("SIGCONT", this.comeBack)
    // However the process ends.
    process.on("exit", this.showCursor)
    process.stdout.write(hideCursor)
  }

  end(): void {
    process.stdout.off("resize", this.draw)
    process.off("SIGTSTP", this.leave)
    process.off("SIGCONT", this.comeBack)
    process.off("exit", this.showCursor)
    // A terminal shows the Ctrl-C where the cursor is.
    process.stdout.write(`\r${clearLine}${showCursor}`)
  }
}

const columnsOf = (line: string): number => Text.columnsOf(stripVTControlCharacters(line))

/** Hides the cursor until the scope closes. The last picture stays. */
export const make: Effect.Effect<Screen, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const drawing = new Drawing()
    drawing.begin()
    return drawing
  }),
  (drawing) => Effect.sync(() => drawing.end())
)
