/**
 * A picture on a terminal, redrawn in place.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { stripVTControlCharacters } from "node:util"
import * as Text from "./Text.ts"

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** Lines that fit a size: none is wider than its columns, and they are no more than its rows. */
type Picture = (size: Size) => ReadonlyArray<string>

export interface Screen {
  /** Draws a picture, and draws it again when the terminal changes its size. */
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

  /** Draws without a flicker: in one write, each line wiped only when its successor follows, and unchanged lines left alone. */
  private readonly draw = (): void => {
    // A serial console reports no size.
    const [columns, rows] = [process.stdout.columns || 80, process.stdout.rows || 24]
    // The cursor keeps a row of its own.
    const lines = this.picture({ columns, rows: Math.max(1, rows - 1) })
    const isAsBefore = columns === this.size.columns && rows === this.size.rows
    const isDrawn = (line: string, at: number): boolean => isAsBefore && line === this.drawn[at]
    if (lines.length === this.drawn.length && lines.every(isDrawn)) return
    // A terminal that became narrower has wrapped the lines that are too long for it.
    const above = this.drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(columnsOf(line) / columns)), 0)
    const drawing = lines.map((line, at) => isDrawn(line, at) ? "\n" : `${clearLine}${line}\n`).join("")
    process.stdout.write(up(above) + drawing + clearBelow)
    this.drawn = lines
    this.size = { columns, rows }
  }

  /** Shows the cursor before Ctrl-Z hands the terminal to the shell. */
  private readonly leave = (): void => {
    this.showCursor()
    process.kill(process.pid, "SIGSTOP")
  }

  /** Draws everything anew: the lines above the cursor are the shell's now. */
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
    // The process may end without closing the scope.
    process.on("exit", this.showCursor)
    process.stdout.write(hideCursor)
  }

  end(): void {
    process.stdout.off("resize", this.draw)
    process.off("SIGTSTP", this.leave)
    process.off("SIGCONT", this.comeBack)
    process.off("exit", this.showCursor)
    // The terminal has printed ^C at the cursor.
    process.stdout.write(`\r${clearLine}${showCursor}`)
  }
}

const columnsOf = (line: string): number => Text.columnsOf(stripVTControlCharacters(line))

/** Hides the cursor until the scope closes. The last picture stays on the screen. */
export const make: Effect.Effect<Screen, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const drawing = new Drawing()
    drawing.begin()
    return drawing
  }),
  (drawing) => Effect.sync(() => drawing.end())
)
