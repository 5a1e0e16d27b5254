/**
 * Output of the demo: on a terminal a picture that is redrawn in place, elsewhere plain lines.
 */
import { Clock, Config, Context, Effect, Exit, Layer, Option, Terminal } from "effect"
import { TerminalCapabilities } from "effect/cli"
import { styleText } from "node:util"
import * as Chart from "./Chart.ts"

export type Color = "cyan" | "dim" | "green" | "red" | "yellow"

/** The displayed data of a thermometer. */
export interface Row {
  readonly name: string
  readonly text: string
  /** The remarkable fact about its reading. */
  readonly mark: string
  readonly history: ReadonlyArray<number | undefined>
}

export class Screen extends Context.Service<Screen, {
  /** Prints a permanent line below everything before it. */
  readonly print: (line?: string) => Effect.Effect<void>
  /** Prints permanent sentences. */
  readonly explain: (text: string) => Effect.Effect<void>
  /** Reports an event below the picture. */
  readonly note: (who: string, what: string, color: Color) => Effect.Effect<void>
  /** Draws the current picture. */
  readonly show: (rows: ReadonlyArray<Row>) => Effect.Effect<void>
}>()("examples/demo/Screen") {}

const hideCursor = "\u001B[?25l"
const showCursor = "\u001B[?25h"
const up = (lines: number): string => lines === 0 ? "" : `\u001B[${lines}A`
const clearLine = "\u001B[2K"
const clearBelow = "\u001B[J"

const mostEvents = 6
export const widestChart = 30

export const layer = Layer.effect(
  Screen,
  Effect.gen(function*() {
    const terminal = yield* Terminal.Terminal
    const { canAnimate, canColor } = yield* TerminalCapabilities.TerminalCapabilities
    // Build logs are read as plain text.
    const isColored = canColor && Option.isNone(yield* Config.option(Config.String("CI")))
    const columns = Effect.map(terminal.columns, (columns) => canAnimate ? columns || 80 : 1000)
    const write = (text: string) => Effect.orDie(terminal.display(text))
    // The reader may stop early, as `head` does.
    yield* Effect.sync(() => process.stdout.once("error", () => process.exit()))

    const startedAt = yield* Clock.currentTimeMillis
    const paint = (color: Color, text: string) => isColored ? styleText(color, text, { validateStream: false }) : text
    const stamp = (now: number) => paint("dim", `${((now - startedAt) / 1000).toFixed(1).padStart(6)} s`)

    let rows: ReadonlyArray<Row> = []
    let events: ReadonlyArray<string> = []
    let height = 0

    const picture = (columns: number): ReadonlyArray<string> => {
      const nameColumns = Math.max(...rows.map(({ name }) => name.length))
      const chartColumns = Math.max(1, Math.min(widestChart, columns - nameColumns - 21))
      const lines = rows.map(({ history, mark, name, text }) => {
        const chart = paint("cyan", Chart.sparkline(history, chartColumns))
        return `  ${name.padEnd(nameColumns)} ${text.padStart(9)}  ${chart} ${
          paint(mark === "alarm" ? "red" : "yellow", mark)
        }`
      })
      return [...lines, "", ...events].map((line) => Chart.cut(line, columns))
    }

    // Draws in one write, and erases no line before its successor is there, so that nothing flickers.
    const draw = Effect.gen(function*() {
      // Lines that have scrolled off the top of the terminal cannot be redrawn.
      const lines = picture(yield* columns).slice(1 - (yield* terminal.rows))
      const start = up(height)
      height = lines.length
      yield* write(start + lines.map((line) => `${clearLine}${line}\n`).join("") + clearBelow)
    })

    const print = (text: string) =>
      Effect.suspend(() => {
        height = 0
        return write(`${text}\n`)
      })

    // The terminal itself shows the Ctrl-C, and leaves that line open.
    const restore = (exit: Exit.Exit<unknown, unknown>) => write(showCursor + (Exit.hasInterrupts(exit) ? "\n" : ""))
    if (canAnimate) yield* Effect.acquireRelease(write(hideCursor), (_, exit) => restore(exit))

    return {
      print: (line = "") => Effect.flatMap(columns, (columns) => print(Chart.cut(line, columns))),
      explain: (text) => Effect.flatMap(columns, (columns) => print(Chart.wrap(text, columns))),
      note: Effect.fnUntraced(function*(who, what, color) {
        const event = `${stamp(yield* Clock.currentTimeMillis)}  ${paint(color, who.padEnd(7))}  ${what}`
        events = [...events, event].slice(-mostEvents)
        if (!canAnimate) yield* write(`${event}\n`)
        else if (rows.length > 0) yield* draw
      }),
      show: Effect.fnUntraced(function*(given) {
        rows = given
        if (canAnimate) return yield* draw
        const readings = rows.map(({ mark, name, text }) => `${name} ${text}${mark && ` (${mark})`}`)
        yield* write(`${stamp(yield* Clock.currentTimeMillis)}  ${readings.join(", ")}\n`)
      })
    }
  })
)
