/**
 * What is watched, as lines: for people, or for programs.
 */
import type * as Device from "@effect-ownet/core/device/Device"
import * as Place from "@effect-ownet/core/onewire/Place"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Effect from "effect/Effect"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as Observation from "../show/Observation.ts"
import * as Outage from "../show/Outage.ts"
import * as Output from "../terminal/Output.ts"
import * as Text from "../terminal/Text.ts"
import * as Time from "../terminal/Time.ts"
import * as Target from "./Target.ts"
import type * as Watch from "./Watch.ts"

/** A line for each reading, in columns that are as wide as the widest name so far. Failures are told on standard error. */
export class WatchLines {
  private nameWidth = 0
  private propertyWidth = 0

  readonly tell = (event: Watch.Event): Effect.Effect<void> => {
    switch (event._tag) {
      case "Found":
        for (const { device, name } of event.properties) {
          this.nameWidth = Math.max(this.nameWidth, Text.columnsOf(Text.printable(device.name)))
          this.propertyWidth = Math.max(this.propertyWidth, name.length)
        }
        return Effect.void
      case "Unsearched":
        return Effect.forEach(event.news, ({ error }) => Failure.tell(error), { discard: true })
      case "ServerFailed":
        return Failure.tell(event.error)
      case "ServerRecovered":
        return Output.note(`ow: ${event.server} ${Outage.again(event.since, event.at)}`)
      case "Seen":
        return event.seen._tag === "Failed" ? Failure.tell(event.seen.error) : this.reading(event.seen)
    }
  }

  private reading({ at, device, property, unit, value, verdict }: Device.Reading): Effect.Effect<void> {
    const doubt = Observation.doubtOf(verdict)
    const cells = [
      Time.momentOf(at),
      Text.fit(Text.printable(device.name), this.nameWidth),
      property.padEnd(this.propertyWidth),
      Text.printable(Observation.exact(value)),
      ...unit === undefined ? [] : [unit],
      ...doubt === undefined ? [] : [`(${doubt})`]
    ]
    return Output.line(cells.join("  "))
  }
}

const nothing = { id: null, alias: null, path: null, property: null, value: null, unit: null, verdict: null }

/** Each reading and each failure as JSON, all with the same keys. */
export const json = (event: Watch.Event): Effect.Effect<void> => {
  const { server } = event
  switch (event._tag) {
    case "Seen": {
      const { seen } = event
      const { device, property } = seen
      return Output.json({
        time: seen.at,
        server,
        id: RomId.format(device.id),
        alias: DeviceRow.aliasOf(device) ?? null,
        path: Target.pathOf({ device, name: property }),
        property,
        ...Observation.toJson(seen)
      })
    }
    case "Unsearched":
      return Effect.forEach(
        event.news,
        ({ error, place }) =>
          Output.json({
            time: event.at,
            server,
            ...nothing,
            path: Place.toPath(place),
            error: Observation.errorJson(error)
          }),
        { discard: true }
      )
    case "ServerFailed":
      return Output.json({ time: event.at, server, ...nothing, error: Observation.errorJson(event.error) })
    case "Found":
    case "ServerRecovered":
      // Their values tell.
      return Effect.void
  }
}
