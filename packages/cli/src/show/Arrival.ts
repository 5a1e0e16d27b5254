/**
 * Devices that come, go, move and are renamed, as people and programs are told.
 */
import type * as Arrivals from "@effect-ownet/core/monitor/Arrivals"
import type * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as Effect from "effect/Effect"
import * as Output from "../terminal/Output.ts"
import * as Time from "../terminal/Time.ts"
import * as DeviceRow from "./DeviceRow.ts"

export type Arrival = Arrivals.Appeared | Arrivals.Vanished | Arrivals.Moved | Arrivals.Renamed

const colors = {
  present: undefined,
  arrived: "green",
  departed: "red",
  moved: "yellow",
  renamed: "yellow"
} as const

/** What has happened, in one word; and what else there is to it, for programs and for people. */
const described = (
  event: Arrival,
  isFirst: boolean
): { readonly name: keyof typeof colors; readonly fields: object; readonly words: string } => {
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
  }
}

/** Tells it as a result: a line. `isFirst` while the first search is not over. */
export const tell = (
  event: Arrival,
  isFirst: boolean,
  format?: ControlFlags.DeviceFormat
): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    const { at, device } = event
    const { fields, name, words } = described(event, isFirst)
    if (isJson) return Output.json({ time: at, event: name, ...DeviceRow.toJson(device, format), ...fields })
    const before = [{ text: Time.momentOf(at), color: "dim" as const }, { text: name.padEnd(8), color: colors[name] }]
    const after = words === "" ? [] : [{ text: words, color: "dim" as const }]
    return Output.drawn(DeviceRow.toLine(before, device, after, format))
  })
