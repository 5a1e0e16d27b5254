/**
 * What is watched, as lines: for people, or for programs.
 */
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import type * as Follow from "@effect-ownet/core/network/Follow"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import { printable } from "@effect-ownet/core/protocol/Printable"
import * as Effect from "effect/Effect"
import * as Arrival from "../show/Arrival.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as ShowObservation from "../show/Observation.ts"
import * as ShowOutage from "../show/Outage.ts"
import * as Output from "../terminal/Output.ts"
import * as Text from "../terminal/Text.ts"
import * as Time from "../terminal/Time.ts"
import type * as Watch from "./Watch.ts"

/** A line for each reading, in columns that are as wide as the widest name so far. Failures are told on standard error. */
export class WatchLines {
  private nameWidth = 0
  private propertyWidth = 0

  readonly tell = ({ event, ow: { server } }: Watch.Seen): Effect.Effect<void> => {
    switch (event._tag) {
      case "Found":
        for (const { device, name } of event.properties) {
          this.nameWidth = Math.max(this.nameWidth, Text.columnsOf(printable(device.name)))
          this.propertyWidth = Math.max(this.propertyWidth, name.length)
        }
        return Effect.forEach(event.missing, ({ error }) => Failure.tell(error), { discard: true })
      case "Reading":
        return this.reading(event)
      case "Failed":
        return Failure.tell(event.error)
      case "Vanished": {
        return Output.note(`ow: ${event.device.name} at ${server} is gone, last seen ${Time.timeOf(event.lastSeen)}`)
      }
      case "ServerFailed":
      case "ServerRecovered":
      case "BusFailed":
      case "BusRecovered":
        return ShowOutage.tell(server, event)
      default:
        // Its values tell.
        return Effect.void
    }
  }

  private reading({ at, device, property, unit, value, verdict }: Device.Reading): Effect.Effect<void> {
    const doubt = ShowObservation.doubtOf(verdict)
    const cells = [
      Time.momentOf(at),
      Text.fit(printable(device.name), this.nameWidth),
      property.padEnd(this.propertyWidth),
      ShowObservation.exact(value),
      ...unit === undefined ? [] : [unit],
      ...doubt === undefined ? [] : [`(${doubt})`]
    ]
    return Output.line(cells.join("  "))
  }
}

/** Lines of JSON: readings and failures with the same keys, and events with a name. */
export class WatchJson {
  private readonly found = new Set<string>()

  readonly tell = ({ event, ow: { server } }: Watch.Seen): Effect.Effect<void> => {
    switch (event._tag) {
      case "Found":
        this.found.add(server)
        return Effect.forEach(event.missing, (missing) => Output.json(lineOf(server, event.at, missing)), {
          discard: true
        })
      case "Reading":
      case "Failed":
        return Output.json(observed(server, event))
      case "Appeared":
        // Its values tell of a device that was there from the beginning.
        return this.found.has(server) ? Arrival.tell(event, false) : Effect.void
      case "Vanished":
      case "Moved":
      case "Renamed":
        return Arrival.tell(event, false)
      case "ServerFailed":
      case "ServerRecovered":
      case "BusFailed":
      case "BusRecovered":
        return ShowOutage.tell(server, event)
      default:
        return Effect.void
    }
  }
}

const observed = (server: string, seen: Observation.Observation) => {
  const { at, device, property } = seen
  return {
    time: at,
    server,
    id: RomId.format(device.id),
    alias: DeviceRow.aliasOf(device) ?? null,
    path: `${device.path}/${property}`,
    property,
    ...ShowObservation.toJson(seen)
  }
}

/** What is not there, with the keys of an observation. */
const lineOf = (server: string, time: Date, { device, error, target }: Follow.Missing) => ({
  time,
  server,
  id: device === undefined ? null : RomId.format(device.id),
  alias: (device && DeviceRow.aliasOf(device)) ?? null,
  path: device?.path ?? (target._tag === "Named" ? target.address : null),
  property: null,
  value: null,
  unit: null,
  verdict: null,
  error: ShowObservation.errorJson(error)
})
