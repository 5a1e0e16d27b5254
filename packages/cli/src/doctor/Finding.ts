/**
 * Findings of the doctor: one line for each, and the advice at the end.
 */
import * as Printable from "@effect-ownet/core/protocol/Printable"
import * as Effect from "effect/Effect"
import * as Output from "../terminal/Output.ts"
import * as Text from "../terminal/Text.ts"

export interface Finding {
  /** Name of the check that found it. It does not depend on the result. */
  readonly check: string
  readonly status: "ok" | "warn" | "fail"
  /** Result of the check. */
  readonly message: string
  /** Advice on how to fix it. */
  readonly advice?: string | undefined
  /** The bus that was checked, if the check was about one. */
  readonly bus?: string | undefined
  /** Details for programs. */
  readonly details?: object | undefined
  /** Exit status of the command if this is its first failure. Default: `Failure.statuses.refused`. */
  readonly exitStatus?: number | undefined
}

const marks = { ok: ["green", "✓"], warn: ["yellow", "!"], fail: ["red", "✗"] } as const

/** A status as a symbol on a terminal, and as a word elsewhere. */
const mark = (status: Finding["status"]): string => {
  const [color, sign] = marks[status]
  return Output.paint(color, Output.isTerminal() ? sign : status.padEnd(4))
}

const labelOf = ({ bus, check }: Finding): string =>
  Printable.printable(bus === undefined ? check : check === "bus" ? bus : `${bus} ${check}`)

const labelWidth = 13

/** A text after a prefix of a known width, wrapped on a terminal. */
const wrapped = (prefix: string, width: number, text: string): string => {
  if (!Output.isTerminal()) return prefix + Printable.printable(text)
  const indent = 2
  let line = prefix
  let used = width
  const lines: Array<string> = []
  for (const word of Printable.printable(text).split(" ")) {
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

export const print = (server: string, finding: Finding): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    const { advice, bus, check, details, message, status } = finding
    return isJson
      ? Output.json({ server, check, bus: bus ?? null, status, message, advice: advice ?? null, ...details })
      : Output.drawn(wrapped(`${mark(status)} ${labelOf(finding).padEnd(labelWidth)} `, labelWidth + 3, message))
  })

/** Prints the advice of all findings. In JSON, each finding contains its advice. */
export const printAdvice = (findings: ReadonlyArray<Finding>): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    if (isJson) return Effect.void
    const problems = findings.filter(({ status }) => status !== "ok")
    if (problems.length === 0) return Output.drawn("\nNothing is wrong.")
    const lines = problems.map((finding) => {
      const label = `${labelOf(finding)}:`
      const text = finding.advice ?? finding.message
      return wrapped(`${mark(finding.status)} ${Output.paint("bold", label)} `, label.length + 3, text)
    })
    return Output.drawn(["\nWhat to do:", ...lines].join("\n"))
  })
