/**
 * What a look at a server has found: one line each, and what to do about it.
 */
import * as Effect from "effect/Effect"
import * as Output from "../terminal/Output.ts"
import * as Text from "../terminal/Text.ts"

export interface Check {
  /** What was looked at: the same word for the same thing, whatever was found. */
  readonly check: string
  readonly status: "ok" | "warn" | "fail"
  /** What was found. */
  readonly message: string
  /** What to do about it. */
  readonly advice?: string | undefined
  /** The bus that it is about. */
  readonly bus?: string | undefined
  /** What was found, for programs. */
  readonly details?: object | undefined
  /** With which status a command ends of which this is the first failure. */
  readonly exitStatus?: number | undefined
}

const marks = { ok: ["green", "✓"], warn: ["yellow", "!"], fail: ["red", "✗"] } as const

/** As it is shown: a picture where there is a terminal, and a word where there is none. */
const mark = (status: Check["status"]): string => {
  const [color, sign] = marks[status]
  return Output.isTerminal() ? Output.paint(color, sign) : status.padEnd(4)
}

const labelOf = ({ bus, check }: Check): string => bus === undefined ? check : check === "bus" ? bus : `${bus} ${check}`

const labelWidth = 13

/** A text behind what is so wide. On a terminal it goes on below itself. */
const wrapped = (prefix: string, width: number, text: string): string => {
  if (!Output.isTerminal()) return prefix + Text.printable(text)
  const indent = 2
  let line = prefix
  let used = width
  const lines: Array<string> = []
  for (const word of Text.printable(text).split(" ")) {
    const columns = Text.columnsOf(word)
    if (used + columns > Output.columns() && used > indent) {
      lines.push(line)
      line = " ".repeat(indent)
      used = indent
    }
    line += `${word} `
    used += columns + 1
  }
  return [...lines, line].map((line) => line.trimEnd()).join("\n")
}

export const print = (server: string, check: Check): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    const { advice, bus, check: name, details, message, status } = check
    return isJson
      ? Output.json({ server, check: name, bus: bus ?? null, status, message, advice: advice ?? null, ...details })
      : Output.line(wrapped(`${mark(status)} ${labelOf(check).padEnd(labelWidth)} `, labelWidth + 3, message))
  })

/** Says in the end what is to be done, of all that was found. */
export const printAdvice = (checks: ReadonlyArray<Check>): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    if (isJson) return Effect.void
    const findings = checks.filter(({ status }) => status !== "ok")
    if (findings.length === 0) return Output.line("\nNothing is wrong.")
    const lines = findings.map((check) => {
      const label = `${labelOf(check)}:`
      const text = check.advice ?? check.message
      return wrapped(`${mark(check.status)} ${Output.paint("bold", label)} `, label.length + 3, text)
    })
    return Output.line(["\nWhat to do:", ...lines].join("\n"))
  })
