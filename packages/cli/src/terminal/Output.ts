/**
 * The output of commands: results to standard output, everything else to standard error.
 */
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { isatty, type WriteStream } from "node:tty"
import { styleText } from "node:util"
import * as StandardOutput from "./StandardOutput.ts"

/**
 * Whether results are for programs: JSON, one value per line. It is known before the arguments are parsed, so that it applies to
 * mistakes in them, too.
 */
export const Json = Context.Reference("@effect-ownet/cli/Output/Json", { defaultValue: () => false })

/** Whether the arguments request JSON. */
export const isJsonWanted = (args: ReadonlyArray<string>): boolean =>
  args.slice(0, args.includes("--") ? args.indexOf("--") : undefined).some((arg) =>
    /^--json(?:=(?:true|yes|on|1|y))?$/.test(arg)
  )

export type Color = "bold" | "cyan" | "dim" | "green" | "red" | "yellow"

// Node creates each stream on first use, which takes a millisecond.
const out = (): WriteStream => process.stdout
const err = (): WriteStream => {
  // If nobody reads the errors, the exit status still reports them.
  if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => {})
  hasErr = true
  return process.stderr
}

let hasErr = false

/** Waits until the reader has taken all output, however slow it is. When a process ends, the rest of its output is lost. */
export const flush = (onFlushed: () => void): void =>
  StandardOutput.flush(() => {
    if (hasErr) StandardOutput.drained(err(), onFlushed)
    else onFlushed()
  })

const isDumb = (): boolean => process.env["TERM"] === "dumb"

/** Whether standard output can be redrawn in place, and a person watches it. */
export const isTerminal = (): boolean => isatty(1) && !isDumb()

/** Columns of the terminal; 80 if there is none, or if it does not report them. */
export const columns = (): number => isatty(1) && out().columns || 80

/** Effect's rule for colors. Effect's own detection would create the streams, including that of standard input. */
const canColor = (descriptor: 1 | 2): boolean => {
  const { FORCE_COLOR = "", NO_COLOR = "" } = process.env
  return !isDumb() && NO_COLOR === "" && (isatty(descriptor) || !/^(?:0|false)?$/i.test(FORCE_COLOR))
}

/** Whether results are colored. */
export const hasColors = (): boolean => canColor(1)

/** Text in a color, if results are colored. */
export const paint = (color: Color, text: string): string => hasColors() ? style(color, text) : text

/** Text in a color, if errors are colored. */
const paintNote = (color: Color, text: string): string => canColor(2) ? style(color, text) : text

const style = (color: Color, text: string): string => styleText(color, text, { validateStream: false })

const clearLine = "\r\u001B[2K"

/** The progress on the last line of the terminal. */
let progress = ""

const write = (to: (data: string | Uint8Array) => unknown, data: string | Uint8Array): void => {
  if (progress !== "") err().write(clearLine)
  to(data)
  if (progress !== "") err().write(progress)
}

const writeError = (data: string | Uint8Array): unknown => err().write(data)

/** Prints a line of results, without characters that control a terminal. */
export const line = (text: string): Effect.Effect<void> => drawn(Printable.printable(text))

/** Prints lines of results unchanged: this program drew them, with colors and without unsafe names. */
export const drawn = (text: string): Effect.Effect<void> => Effect.sync(() => write(StandardOutput.write, `${text}\n`))

/** Prints a result for programs. */
export const json = (value: unknown): Effect.Effect<void> => drawn(Printable.json(value))

/** Prints results unchanged. */
export const bytes = (data: string | Uint8Array): Effect.Effect<void> =>
  Effect.sync(() => write(StandardOutput.write, data))

/** Prints a line that is not a result, without characters that control a terminal. */
export const note = (text: string): Effect.Effect<void> =>
  Effect.sync(() => write(writeError, `${Printable.printable(text)}\n`))

/** Prints a problem, marked by a word in color: one line, and others below it. On a terminal, lines break between words. */
export const problem = (mark: string, lines: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.sync(() => {
    const [first, ...others] = lines.map(Printable.printable)
    const { columns = Infinity, isTTY } = err()
    const width = isTTY ? columns : Infinity
    const text = [wrap(first, width - mark.length - 1, width), ...others.map((line) => wrap(line, width, width))]
    write(writeError, `${paintNote("red", mark)} ${text.join("\n")}\n`)
  })

const indent = " ".repeat(4)

/** Breaks a line between words. All lines except the first are indented. */
const wrap = (text: string, first: number, width: number): string => {
  if (text.length <= first) return text
  const lines: Array<string> = []
  let line = /^ */.exec(text)![0]
  let room = first
  let isEmpty = true
  for (const word of text.trimStart().split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > room) {
      lines.push(line)
      line = indent
      room = width
      isEmpty = true
    }
    line += isEmpty ? word : ` ${word}`
    isEmpty = false
  }
  return [...lines, line].join("\n")
}

/** Replaces the progress line, if standard error is a terminal. An empty text removes it. */
export const progressing = (text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    if (!isatty(2) || isDumb()) return
    // A line that the terminal has wrapped cannot be erased. A wide character takes two columns.
    const { columns = 80 } = err()
    const shown = Array.from(Printable.printable(text)).slice(0, columns - 1).join("")
    if (shown !== "" || progress !== "") err().write(clearLine + shown)
    progress = shown
  })

/** Shows a progress line, and removes it when the effect ends. */
export const withProgress = <A, E, R>(text: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.ensuring(Effect.andThen(progressing(text), effect), progressing(""))
