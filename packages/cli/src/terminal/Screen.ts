/**
 * A picture on a terminal, redrawn in place.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Keys from "./Keys.ts"

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** Lines that fit a size: none is wider than its columns, and there are no more lines than its rows. */
type Picture = (size: Size) => ReadonlyArray<string>

export interface Screen {
  /** Draws a picture, and redraws it when the size of the terminal changes. */
  readonly show: (picture: Picture) => Effect.Effect<void>
}

const hideCursor = "\u001B[?25l"
const showCursor = "\u001B[?25h"
const otherScreen = "\u001B[?1049h"
const ownScreen = "\u001B[?1049l"
const clearLine = "\u001B[2K"
const clearAll = "\u001B[2J"
const clearBelow = "\u001B[J"
const home = "\u001B[H"

/**
 * Draws on the alternate screen, where a resized terminal leaves nothing of an old picture. At the end it prints the last picture
 * among the lines of the shell.
 */
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
   * Draws without flicker: in one write, erasing each line only when its successor follows, and leaving unchanged lines alone.
   */
  private readonly draw = (): void => {
    // A serial console reports no size.
    const [columns, rows] = [process.stdout.columns || 80, process.stdout.rows || 24]
    // A line ending in the last row would scroll.
    const lines = this.picture({ columns, rows: Math.max(1, rows - 1) })
    const isAsBefore = columns === this.size.columns && rows === this.size.rows
    const isDrawn = (line: string, at: number): boolean => isAsBefore && line === this.drawn[at]
    if (lines.length === this.drawn.length && lines.every(isDrawn)) return
    const drawing = lines.map((line, at) => isDrawn(line, at) ? "\n" : `${clearLine}${line}\n`).join("")
    process.stdout.write(`${isAsBefore ? "" : clearAll}${home}${drawing}${clearBelow}`)
    this.drawn = lines
    this.size = { columns, rows }
  }

  /** Returns the terminal to the shell before Ctrl-Z does. */
  private readonly leave = (): void => {
    process.stdout.write(showCursor + ownScreen)
    Keys.release()
    process.kill(process.pid, "SIGSTOP")
  }

  private readonly comeBack = (): void => {
    this.size = { columns: 0, rows: 0 }
    process.stdout.write(otherScreen + hideCursor)
    this.draw()
  }

  /** Leaves the last picture to the shell. The process may end without closing the scope. */
  private readonly finish = (): void => {
    process.stdout.write(`${showCursor}${ownScreen}${this.drawn.map((line) => `${line}\n`).join("")}`)
  }

  begin(): void {
    process.stdout.on("resize", this.draw)
    process.on("SIGTSTP", this.leave)
    process.on("SIGCONT", this.comeBack)
    process.on("exit", this.finish)
    process.stdout.write(otherScreen + hideCursor)
  }

  end(): void {
    process.stdout.off("resize", this.draw)
    process.off("SIGTSTP", this.leave)
    process.off("SIGCONT", this.comeBack)
    process.off("exit", this.finish)
    this.finish()
  }
}

/** Hides the cursor until the scope closes. The last picture stays on the screen. */
export const make: Effect.Effect<Screen, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const drawing = new Drawing()
    drawing.begin()
    return drawing
  }),
  (drawing) => Effect.sync(() => drawing.end())
)
