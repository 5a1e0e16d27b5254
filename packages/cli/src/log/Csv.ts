/**
 * Readings and events as rows of CSV: each row is one line, and no spreadsheet treats a name as a formula.
 */
import { printable } from "@effect-ownet/core/protocol/Printable"
import type * as Lines from "../watch/Lines.ts"

export const header = "time,server,id,alias,property,value,unit,state,note"

export const rowOf = (seen: Lines.Record): string => {
  const { server, time } = seen
  const id = "id" in seen ? seen.id : null
  const alias = "alias" in seen ? seen.alias : null
  const cells = "verdict" in seen
    ? [
      text(seen.property),
      valueOf(seen.value),
      text(seen.unit),
      text(seen.verdict ?? (seen.property === null ? "Missing" : "Failed")),
      text(seen.error === null ? null : seen.error.message)
    ]
    : ["", "", "", text(seen.event), text(noteOf(seen))]
  return [time.toISOString(), text(server), text(id), text(alias), ...cells].join(",")
}

const valueOf = (value: unknown): string => {
  const values: ReadonlyArray<unknown> = Array.isArray(value) ? value : [value]
  const joined = values.map((one) => typeof one === "boolean" ? Number(one) : one).join(",")
  return values.some((one) => typeof one === "string") ? text(joined) : quoted(joined)
}

type Event = Exclude<Lines.Record, { readonly verdict: unknown }>

/** Additional text of an event. */
const noteOf = (seen: Event): string => {
  if ("id" in seen) {
    const { from, lastSeen, to } = seen
    if (lastSeen !== undefined) return `last seen ${lastSeen.toISOString()}`
    return [...from === undefined ? [] : [`from ${from}`], ...to === undefined ? [] : [`to ${to}`]].join(" ")
  }
  if ("error" in seen) return seen.error.message
  return `${"bus" in seen ? `${seen.bus} ` : ""}since ${seen.since.toISOString()}`
}

/** A cell that is not a number. */
const text = (given: string | null): string => {
  const safe = printable(given ?? "")
  // In countries with decimal commas, a semicolon also begins a cell.
  return quoted(safe.replace(/^(?=\uFFFD)|(^|;)(?=\s*[=+\-@＝＋－＠])/g, "$1'"))
}

const quoted = (cell: string): string => /[",]/.test(cell) ? `"${cell.replaceAll("\"", "\"\"")}"` : cell
