/**
 * The watched values as lines: for people, or for programs.
 */
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import type * as Follow from "@effect-ownet/core/network/Follow"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import { printable } from "@effect-ownet/core/protocol/Printable"
import * as Effect from "effect/Effect"
import type { OneNetwork } from "../server/OneNetwork.ts"
import * as Arrival from "../show/Arrival.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as ShowObservation from "../show/Observation.ts"
import * as ShowOutage from "../show/Outage.ts"
import * as Output from "../terminal/Output.ts"
import * as Text from "../terminal/Text.ts"
import * as Time from "../terminal/Time.ts"

/** Missing targets, each reported once. */
class Absences {
  private told = new Set<string>()

  /** Those that were not missing before. */
  news(missing: ReadonlyArray<Follow.Missing>): ReadonlyArray<Follow.Missing> {
    const before = this.told
    this.told = new Set(missing.map(({ error }) => error.message))
    return missing.filter(({ error }) => !before.has(error.message))
  }
}

/** One line for each reading, in columns as wide as the widest name so far. Failures go to standard error. */
export class WatchLines {
  private readonly all: OneNetwork
  private readonly absences = new Absences()
  private nameWidth = 0
  private propertyWidth = 0

  constructor(all: OneNetwork) {
    this.all = all
  }

  readonly tell = (event: Follow.Event): Effect.Effect<void> => {
    switch (event._tag) {
      case "Found":
        for (const { device, name } of event.properties) {
          this.nameWidth = Math.max(this.nameWidth, Text.columnsOf(printable(device.name)))
          this.propertyWidth = Math.max(this.propertyWidth, name.length)
        }
        return Effect.forEach(this.absences.news(event.missing), ({ error }) => Failure.tell(error), { discard: true })
      case "Reading":
        return this.reading(event)
      case "Failed":
        return Failure.tell(event.error)
      case "Vanished":
        return Output.note(
          `ow: ${event.device.name} at ${event.server} is gone, last seen ${Time.timeOf(event.lastSeen)}`
        )
      case "Rerouted":
        return Output.note(`ow: ${event.device.name} is read at ${event.server} now: ${Arrival.reasonOf(event)}`)
      case "ServerFailed":
      case "ServerRecovered":
      case "BusFailed":
      case "BusRecovered":
        return ShowOutage.tell(event.server, event, this.all)
      default:
        // Its values are enough.
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

/** Observations for programs: readings and failures with the same keys, and events with a name. */
export class Records {
  private readonly all: OneNetwork
  private readonly absences = new Absences()
  private readonly found = new Set<string>()

  constructor(all: OneNetwork) {
    this.all = all
  }

  of(event: Follow.Event): ReadonlyArray<Record> {
    const { all } = this
    switch (event._tag) {
      case "Found": {
        this.found.add(event.server)
        const only = all.servers.length === 1 ? all.addressOf(event.server) : null
        return this.absences.news(event.missing).map((missing) => lineOf(only, event.at, missing))
      }
      case "Reading":
      case "Failed":
        return [observed(all.addressOf(event.server), event)]
      case "Appeared":
        // For a device that was present from the beginning, its values are enough.
        return this.found.has(event.server) ? [Arrival.toJson(event, false, all)] : []
      case "Vanished":
      case "Moved":
      case "Renamed":
      case "Rerouted":
        return [Arrival.toJson(event, false, all)]
      case "ServerFailed":
      case "ServerRecovered":
      case "BusFailed":
      case "BusRecovered":
        return [ShowOutage.toJson(event.server, event, all)]
      default:
        return []
    }
  }
}

export type Record =
  | ReturnType<typeof observed>
  | ReturnType<typeof lineOf>
  | ReturnType<typeof Arrival.toJson>
  | ReturnType<typeof ShowOutage.toJson>

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

/** A missing target, with the keys of an observation. */
const lineOf = (only: string | null, time: Date, { device, error, target }: Follow.Missing) => ({
  time,
  server: device?.ow.server ?? only,
  id: device === undefined ? null : RomId.format(device.id),
  alias: (device && DeviceRow.aliasOf(device)) ?? null,
  path: device?.path ?? (target._tag === "Named" ? target.address : null),
  property: null,
  value: null,
  unit: null,
  verdict: null,
  error: ShowObservation.errorJson(error)
})
