/** Messages about notices for people: the JSON to send, and the arguments of a command. Names come from outside. */
import { Printable } from "@effect-ownet/core"
import type * as DateTime from "effect/DateTime"
import type { Notice } from "../../Notices.ts"
import * as QuietHours from "./QuietHours.ts"

/** A turn that waits for its delivery. */
export interface Item {
  readonly notice: Notice
  readonly phase: "Began" | "Ended"
}

export interface Message {
  readonly title: string
  readonly message: string
  /** The whole text, for Slack, which interprets some characters. */
  readonly text: string
  readonly priority: number
  readonly kind: Notice["kind"] | "Test"
  readonly phase: "Began" | "Ended"
  readonly place?: string
  readonly name?: string
  readonly property?: string
  readonly value?: number
  readonly unit?: string
  readonly limit?: number
  readonly server?: string
  readonly bus?: string
  readonly since: string
  readonly until?: string
  readonly id: string
}

/** Seconds after which a message includes the time at which its condition began. */
const late = 300

const priorities = { urgent: 5, Began: 4, Ended: 3 } as const

const longestText = 2000

const { printable } = Printable

const clip = (text: string): string => printable(text).slice(0, longestText).toWellFormed()

/** Escapes the characters with which Slack makes links and mentions people. */
const forSlack = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const headings: { readonly [kind in Notice["kind"]]: (notice: Notice) => string } = {
  Limit: ({ property, side }) => `${property} too ${side === "below" ? "low" : "high"}`,
  NoNews: () => "no news",
  Alarm: () => "alarm",
  BusOut: ({ bus }) => `${bus} fails`,
  ServerOut: () => "no answer"
}

const iso = (seconds: number): string => {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? "" : date.toISOString()
}

const complete = (
  message: Omit<Message, "text">
): Message => ({ ...message, text: forSlack(`${message.title}: ${message.message}`) })

/**
 * One message about a notice: that it has begun, that it has ended, or both. `more` is the number of notices about which nothing
 * else will be sent.
 */
export const of = (
  items: ReadonlyArray<Item>,
  { more, now, zone }: { readonly more: number; readonly now: number; readonly zone: DateTime.TimeZone }
): Message | undefined => {
  const last = items.at(-1)
  if (last === undefined) return undefined
  const { notice, phase } = last
  const { bus, endText, id, isUrgent, kind, limit, place, property, server, since, text, title, unit, until, value } =
    notice
  const at = (seconds: number): string => QuietHours.moment(zone, seconds * 1000, now)
  const isOver = phase === "Ended"
  const told = items.length > 1
    ? `${text} (${at(since)} to ${at(until ?? since)}); over: ${endText ?? ""}`
    : isOver
    ? endText ?? `over: ${text}`
    : now / 1000 - since < late
    ? text
    : `${text} (since ${at(since)})`
  const rest = more === 0 ? "" : ` … and ${more} more that began and ended before`
  const name = title ?? server
  const heading = `${name}: ${headings[kind](notice)}`
  return complete({
    title: clip(isOver ? `Over: ${heading}` : heading),
    message: clip(told) + rest,
    priority: isOver ? priorities.Ended : isUrgent ? priorities.urgent : priorities.Began,
    kind,
    phase,
    ...(place === undefined ? {} : { place: clip(place) }),
    ...(name === undefined ? {} : { name: clip(name) }),
    ...(property === undefined ? {} : { property: clip(property) }),
    ...(value === undefined ? {} : { value }),
    ...(unit === undefined ? {} : { unit: clip(unit) }),
    ...(limit === undefined ? {} : { limit }),
    ...(server === undefined ? {} : { server: clip(server) }),
    ...(bus === undefined ? {} : { bus: clip(bus) }),
    since: iso(since),
    ...(isOver && until !== undefined ? { until: iso(until) } : {}),
    id
  })
}

export const test = (channel: string, now: number): Message =>
  complete({
    title: "1-Wire: a test",
    message: clip(`Notices on the channel ${channel} look like this`),
    priority: priorities.Began,
    kind: "Test",
    phase: "Began",
    since: iso(now / 1000),
    id: "test"
  })

/** The JSON of a message. Fields from the configuration override the others. */
export const json = (message: Message, fields: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ ...message, ...fields })

/**
 * An argument in which the names of fields in braces are replaced by the fields of a message. It stays one argument, and does not
 * become an option: a leading hyphen that comes from outside gets a space before it.
 */
export const argument = (template: string, message: Message): string => {
  const fields = new Map<string, string | number>(
    Object.entries({ ...message, text: `${message.title}: ${message.message}` })
  )
  const names =
    /\{(title|message|text|priority|kind|phase|place|name|property|value|unit|limit|server|bus|since|until|id)\}/g
  const filled = template.replaceAll(names, (_, name: string) => String(fields.get(name) ?? ""))
  return filled.startsWith("-") && !template.startsWith("-") ? ` ${filled}` : filled
}
