/**
 * Where commands write: results to standard output, everything else to standard error.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Tty from "node:tty"
import { styleText } from "node:util"

/** Whether results are for programs: JSON, one value a line. Known before the rest of a command is, and told to mistakes. */
export const Json = Context.Reference("@effect-ownet/cli/Output/Json", { defaultValue: () => false })

/** Whether a command is asked for JSON. */
export const isJsonWanted = (args: ReadonlyArray<string>): boolean =>
  args.slice(0, args.includes("--") ? args.indexOf("--") : undefined).some((arg) =>
    /^--json(?:=(?:true|yes|on|1|y))?$/.test(arg)
  )

export type Color = "bold" | "cyan" | "dim" | "green" | "red" | "yellow"

// Node makes each stream when it is first asked for, which takes a millisecond.
const out = (): Tty.WriteStream => process.stdout
const err = (): Tty.WriteStream => {
  // Where nobody reads what went wrong, the exit status still tells it.
  if (process.stderr.listenerCount("error") === 0) process.stderr.on("error", () => {})
  return process.stderr
}

const areColored = (stream: Tty.WriteStream): boolean =>
  stream.isTTY && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb"

/** Whether what is written can be redrawn in place, and is read by a person. */
export const isTerminal = (): boolean => out().isTTY && process.env["TERM"] !== "dumb"

export const columns = (): number => (out().isTTY ? out().columns : 0) || 80

/** Text in a color, where there is someone to see it. */
export const paint = (color: Color, text: string): string => areColored(out()) ? style(color, text) : text

/** The same on standard error. */
export const paintNote = (color: Color, text: string): string => areColored(err()) ? style(color, text) : text

const style = (color: Color, text: string): string => styleText(color, text, { validateStream: false })

const clearLine = "\r\u001B[2K"

/** What is being done, on the last line of the terminal. */
let progress = ""

const write = (stream: Tty.WriteStream, data: string | Uint8Array): void => {
  if (progress !== "") err().write(clearLine)
  stream.write(data)
  if (progress !== "") err().write(progress)
}

/** A line of results. */
export const line = (text: string): Effect.Effect<void> => Effect.sync(() => write(out(), `${text}\n`))

/** A result for programs. */
export const json = (value: unknown): Effect.Effect<void> => line(JSON.stringify(value))

/** Results as they are. */
export const bytes = (data: string | Uint8Array): Effect.Effect<void> => Effect.sync(() => write(out(), data))

/** A line that is no result. */
export const note = (text: string): Effect.Effect<void> => Effect.sync(() => write(err(), `${text}\n`))

/** Says what is being done, in place of what was said before, where somebody watches. Nothing takes it away. */
export const progressing = (text: string): Effect.Effect<void> =>
  Effect.sync(() => {
    if (!err().isTTY || process.env["TERM"] === "dumb") return
    if (text !== "" || progress !== "") err().write(clearLine + text)
    progress = text
  })

/** Has a progress line taken away when this is over. */
export const withProgress = <A, E, R>(text: string, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.ensuring(Effect.andThen(progressing(text), effect), progressing(""))

/** Whether results are colored. */
export const hasColors = (): boolean => areColored(out())
