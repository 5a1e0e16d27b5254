/**
 * What is watched, as lines: for people, or for programs.
 */
import type * as Device from "@effect-ownet/core/device/Device"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Effect from "effect/Effect"
import * as Clock from "./Clock.ts"
import * as DeviceRow from "./DeviceRow.ts"
import * as Failure from "./Failure.ts"
import * as Observed from "./Observed.ts"
import * as Outages from "./Outages.ts"
import * as Output from "./Output.ts"
import * as Target from "./Target.ts"
import * as Text from "./Text.ts"
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
        return Output.note(`ow: ${event.server} ${Outages.again(event.since, event.at)}`)
      case "Seen":
        return event.seen._tag === "Failed" ? Failure.tell(event.seen.error) : this.reading(event.seen)
    }
  }

  private reading({ at, device, property, unit, value, verdict }: Device.Reading): Effect.Effect<void> {
    const doubt = Observed.doubtOf(verdict)
    const cells = [
      Clock.momentOf(at),
      Text.fit(Text.printable(device.name), this.nameWidth),
      property.padEnd(this.propertyWidth),
      Text.printable(Observed.exact(value)),
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
        ...Observed.toJson(seen)
      })
    }
    case "Unsearched":
      return Effect.forEach(
        event.news,
        ({ error, path }) =>
          Output.json({ time: event.at, server, ...nothing, path, error: Observed.errorJson(error) }),
        { discard: true }
      )
    case "ServerFailed":
      return Output.json({ time: event.at, server, ...nothing, error: Observed.errorJson(event.error) })
    case "Found":
    case "ServerRecovered":
      // Their values tell.
      return Effect.void
  }
}
