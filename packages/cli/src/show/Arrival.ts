/**
 * Devices that come, go, move, are renamed or change the server that reads them, in the output for people and programs.
 */
import type * as Arrivals from "@effect-ownet/core/monitor/Arrivals"
import type * as Follow from "@effect-ownet/core/network/Follow"
import type * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as Effect from "effect/Effect"
import * as Output from "../terminal/Output.ts"
import * as Time from "../terminal/Time.ts"
import * as DeviceRow from "./DeviceRow.ts"
import type { ServerNames } from "./ServerNames.ts"

export type Arrival = Arrivals.Appeared | Arrivals.Vanished | Arrivals.Moved | Arrivals.Renamed | Follow.Rerouted

const colors = {
  present: undefined,
  arrived: "green",
  departed: "red",
  moved: "yellow",
  renamed: "yellow",
  rerouted: "yellow"
} as const

interface Fields {
  readonly lastSeen?: Date
  readonly from?: string
  readonly to?: string
  readonly cause?: Follow.Rerouted["cause"]
}

/** The event in one word, and its details for programs and for people. */
const described = (
  event: Arrival,
  isFirst: boolean,
  names: ServerNames
): { readonly name: keyof typeof colors; readonly fields: Fields; readonly words: string } => {
  switch (event._tag) {
    case "Appeared":
      return { name: isFirst ? "present" : "arrived", fields: {}, words: "" }
    case "Vanished": {
      const { lastSeen } = event
      return { name: "departed", fields: { lastSeen }, words: `last seen ${Time.timeOf(lastSeen)}` }
    }
    case "Moved": {
      const { from, to } = event
      return { name: "moved", fields: { from, to }, words: `was on ${from}` }
    }
    case "Renamed": {
      const { from, to } = event
      return { name: "renamed", fields: { from, to }, words: `was ${from}` }
    }
    case "Rerouted": {
      const { cause, from } = event
      return { name: "rerouted", fields: { from: names.addressOf(from), cause }, words: reasonOf(event) }
    }
  }
}

/** Reason why another server reads a device now. */
export const reasonOf = ({ cause, from }: Follow.Rerouted): string => {
  switch (cause) {
    case "Moved":
      return `${from} can no longer read it`
    case "ServerFailed":
      return `${from} does not answer`
    case "ServerRemoved":
      return `${from} is left out`
    case "Nearer":
      return `nearer than ${from}`
  }
}

/** An arrival for programs. */
export const toJson = (
  event: Arrival,
  isFirst: boolean,
  names: ServerNames,
  format?: ControlFlags.DeviceFormat
) => {
  const { fields, name } = described(event, isFirst, names)
  return { time: event.at, event: name, ...DeviceRow.toJson(event.device, format), ...fields }
}

/** Reports it as one line of the results. `isFirst` until the first search ends. */
export const tell = (
  event: Arrival,
  isFirst: boolean,
  names: ServerNames,
  format?: ControlFlags.DeviceFormat
): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    if (isJson) return Output.json(toJson(event, isFirst, names, format))
    const { at, device } = event
    const { name, words } = described(event, isFirst, names)
    const before = [{ text: Time.momentOf(at), color: "dim" as const }, { text: name.padEnd(8), color: colors[name] }]
    const after = words === "" ? [] : [{ text: words, color: "dim" as const }]
    return Output.drawn(DeviceRow.toLine(before, device, after, format, names.labelOf(device)))
  })
