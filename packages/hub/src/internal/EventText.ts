/**
 * Events, each as one line of text. Names and messages of servers come from outside, so control characters for a terminal are
 * removed.
 */
import { type Device, type Follow, type Outage, Place, Printable } from "@effect-ownet/core"
import type * as Event from "../History.ts"
import type { Notice, Turn } from "../Notices.ts"

interface Subject {
  readonly key: string
  readonly title: string
}

/** The limit that a value exceeds. */
export type Side = "above" | "below"

/** A value that was read. */
export interface Value {
  readonly property: string
  readonly value: number
  readonly unit: string | undefined
  readonly at: number
}

const { printable } = Printable

/** A number of seconds as people say it: `3 days`, `2 hours`, `90 minutes`. */
export const span = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const [unit, size] = units.find(([, size]) => whole >= size * 2) ?? ["second", 1]
  const count = Math.round(whole / size)
  return `${count} ${unit}${count === 1 ? "" : "s"}`
}

const units = [["day", 86_400], ["hour", 3600], ["minute", 60]] as const

/** A value with its unit. */
export const amount = (value: number, unit: string | undefined): string =>
  `${Number(value.toPrecision(6))}${unit === undefined || unit === "" ? "" : ` ${unit}`}`

const seconds = (date: Date): number => date.getTime() / 1000

const about = ({ key }: Subject): { readonly place: string } => ({ place: key })

export const ofDevice = (
  event: Extract<
    Follow.Event,
    { readonly _tag: "Appeared" | "Vanished" | "Moved" | "Renamed" | "Rerouted" | "Raised" | "Cleared" }
  >,
  subject: Subject,
  isKnown: boolean
): Event.Event => {
  const title = printable(subject.title)
  const { device, server } = event
  const bus = Place.format(device.place)
  const said = (text: string): Event.Event => ({
    at: seconds(event.at),
    kind: event._tag,
    ...about(subject),
    server,
    ...(bus === "" ? {} : { bus }),
    text: printable(text)
  })
  switch (event._tag) {
    case "Appeared":
      return said(`${title} ${isKnown ? "is back" : "has appeared"}${bus === "" ? "" : ` on ${bus}`} of ${server}`)
    case "Vanished":
      return said(`${title} is gone`)
    case "Moved":
      return said(`${title} has moved from ${event.from} to ${event.to}`)
    case "Renamed":
      return said(`${event.from} is now called ${event.to}`)
    case "Rerouted":
      return said(`${title} is now read by ${server} instead of ${event.from}${causes[event.cause]}`)
    case "Raised":
      return said(`${title} is in alarm`)
    case "Cleared":
      return said(`${title} is no longer in alarm, after ${span(seconds(event.at) - seconds(event.since))}`)
  }
}

const causes: { readonly [cause in Follow.Rerouted["cause"]]: string } = {
  Moved: ", which no longer has it",
  ServerFailed: ", which does not answer",
  ServerRemoved: ", which was removed",
  Nearer: ", which is further away"
}

export const outage = (event: Follow.Of<Outage.Outage>): Event.Event => {
  const { server } = event
  const at = seconds(event.at)
  switch (event._tag) {
    case "ServerFailed":
      return { at, kind: event._tag, server, text: printable(`${server} fails: ${event.error.message}`) }
    case "ServerRecovered":
      return { at, kind: event._tag, server, text: printable(`${server} works again, after ${lasted(event)}`) }
    case "BusFailed": {
      const { bus } = event
      return { at, kind: event._tag, server, bus, text: printable(`${bus} of ${server} fails: ${event.error.message}`) }
    }
    case "BusRecovered": {
      const { bus } = event
      return {
        at,
        kind: event._tag,
        server,
        bus,
        text: printable(`${bus} of ${server} works again, after ${lasted(event)}`)
      }
    }
  }
}

const lasted = ({ at, since }: { readonly at: Date; readonly since: Date }): string =>
  span(seconds(at) - seconds(since))

export const failed = (subject: Subject, property: string, at: number, error: Device.Failure): Event.Event => ({
  at,
  kind: "Failed",
  ...about(subject),
  property,
  text: printable(`${subject.title}: ${property} cannot be read: ${error.message}`)
})

export const restored = (subject: Subject, property: string, at: number, since: number): Event.Event => ({
  at,
  kind: "Restored",
  ...about(subject),
  property,
  text: printable(`${subject.title}: ${property} can be read again, after ${span(at - since)}`)
})

const kinds: { readonly [kind in Notice["kind"]]?: { readonly [phase in Turn["phase"]]?: string } } = {
  Limit: { Began: "LimitExceeded", Ended: "LimitKept" },
  NoNews: { Began: "NewsLost", Ended: "NewsBack" }
}

/** The event of a turn. None if another event reports the same, as for alarms and outages. */
export const ofTurn = ({ notice, phase }: Turn, at: number): Event.Event | undefined => {
  const kind = kinds[notice.kind]?.[phase]
  return kind === undefined ? undefined : {
    at,
    kind,
    ...(notice.place === undefined ? {} : { place: notice.place }),
    ...(notice.property === undefined ? {} : { property: notice.property }),
    text: notice.endText ?? notice.text
  }
}

export const written = (
  subject: Subject,
  property: string,
  at: number,
  { found, wanted }: { readonly found: unknown; readonly wanted: unknown }
): Event.Event => {
  const what = typeof wanted === "boolean"
    ? `was switched ${wanted ? "on" : "off"}`
    : `was set to ${shown(wanted)}`
  const but = found === undefined
    ? ", and could not be read back"
    : JSON.stringify(found) === JSON.stringify(wanted)
    ? ""
    : `, and reads ${shown(found)}`
  return {
    at,
    kind: "Written",
    ...about(subject),
    property,
    text: printable(`${subject.title}: ${property} ${what}${but}`)
  }
}

const shown = (value: unknown): string => typeof value === "string" ? value.slice(0, 100) : JSON.stringify(value)

export const filled = (subject: Subject, device: string, at: number): Event.Event => ({
  at,
  kind: "Filled",
  ...about(subject),
  text: printable(`${subject.title} is now measured by ${device}`)
})

export const taken = (at: number, runner: string): Event.Event => ({
  at,
  kind: "Taken",
  text: printable(`The hub continues on ${runner}`)
})

export const slept = (at: number, seconds: number, isFleet = false): Event.Event => ({
  at,
  kind: "Slept",
  text: `Nothing was measured for ${span(seconds)}: ${
    isFleet
      ? "no runner of the fleet was working, or its database was unreachable"
      : "the computer slept, or its clock was set forward"
  }`
})

export const behind = (at: number, seconds: number, isFleet = false): Event.Event => ({
  at,
  kind: "ClockBehind",
  text: `The clock${isFleet ? " of the database" : ""} was set back by ${
    span(seconds)
  }: until it has caught up, no values are kept`
})

export const outletFailed = (name: string, at: number, problem: string): Event.Event => ({
  at,
  kind: "OutletFailed",
  text: printable(`${name} fails: ${problem}`)
})

export const outletRecovered = (name: string, at: number, since: number): Event.Event => ({
  at,
  kind: "OutletRecovered",
  text: printable(`${name} works again, after ${span(at - since)}`)
})

export const historyFailed = (at: number, message: string, buffer: number): Event.Event => ({
  at,
  kind: "HistoryFailed",
  text: printable(
    `The history cannot be written: ${message}. Until it can be, the latest ${
      buffer.toLocaleString("en")
    } values wait in memory`
  )
})

export const historyRecovered = (at: number, since: number, lost: number): Event.Event => ({
  at,
  kind: "HistoryRecovered",
  text: `The history can be written again, after ${span(at - since)}; ${
    lost === 0 ? "nothing was lost" : `${lost} values were lost`
  }`
})
