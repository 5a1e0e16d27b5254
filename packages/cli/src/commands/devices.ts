import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import * as Arrivals from "@effect-ownet/core/monitor/Arrivals"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Server from "../server/Server.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as Outage from "../show/Outage.ts"
import * as Output from "../terminal/Output.ts"
import * as Table from "../terminal/Table.ts"
import { printable } from "../terminal/Text.ts"
import * as Time from "../terminal/Time.ts"

interface Given extends Server.Options {
  readonly follow: boolean
  readonly every: number
}

const list = Effect.fnUntraced(function*(ow: OwClient.Client, { format }: Given) {
  const { devices, failures } = yield* Output.withProgress(
    `looking for devices at ${ow.server} …`,
    Discovery.devices({ catalogue: Catalogue.of })
  )
  const written = format && Option.getOrUndefined(format)
  if (yield* Output.Json) {
    yield* Effect.forEach(devices, (device) => Output.json(DeviceRow.toJson(device, written)), { discard: true })
  } else if (devices.length > 0) {
    yield* Table.print(DeviceRow.titles, devices.map((device) => DeviceRow.toCells(device, written)))
  }
  if (devices.length === 0 && failures.length === 0) yield* Output.note(`no devices at ${ow.server}`)
  yield* Failure.forEach(failures, ({ error }) => Effect.fail(error))
})

/** In how many searches in a row a device is missing before it has departed. */
const absences = 3

const follow = (ow: OwClient.Client, given: Given) => {
  const { every } = given
  let first: number | undefined
  return Stream.runForEach(
    Arrivals.arrivals({ catalogue: Catalogue.of, every, absences, grace: (absences - 1) * every }),
    (event) => {
      // All that the first search finds has one time.
      first ??= event.at.getTime()
      switch (event._tag) {
        case "Appeared":
          return tell(event, event.at.getTime() === first ? "present" : "arrived", {}, "", given)
        case "Vanished": {
          const { lastSeen } = event
          return tell(event, "departed", { lastSeen }, `last seen ${Time.timeOf(lastSeen)}`, given)
        }
        case "Moved": {
          const { from, to } = event
          return tell(event, "moved", { from, to }, `was on ${from}`, given)
        }
        case "Renamed": {
          const { from, to } = event
          return tell(event, "renamed", { from, to }, `was ${printable(from)}`, given)
        }
        default:
          return Outage.tell(ow.server, event)
      }
    }
  )
}

const colors = {
  present: undefined,
  arrived: "green",
  departed: "red",
  moved: "yellow",
  renamed: "yellow"
} as const

const tell = (
  { at, device }: Pick<Arrivals.Appeared, "at" | "device">,
  event: keyof typeof colors,
  more: object,
  words: string,
  { format }: Given
): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    const written = format && Option.getOrUndefined(format)
    if (isJson) return Output.json({ time: at, event, ...DeviceRow.toJson(device, written), ...more })
    const before = [{ text: Time.momentOf(at), color: "dim" as const }, {
      text: event.padEnd(8),
      color: colors[event]
    }]
    return Output.line(DeviceRow.toLine(before, device, words === "" ? [] : [{ text: words, color: "dim" }], written))
  })

export const command = Command.make(
  "devices",
  {
    follow: Flags.present("follow", "Tell what arrives and departs from now on, until Ctrl-C"),
    every: Flags.duration("every", "With --follow, the pause between two searches; 10s by default").pipe(
      Flag.withDefault(10_000)
    ),
    format: Flags.format
  },
  (given) =>
    Server.use(
      given,
      (ow) => Effect.provideService(given.follow ? follow(ow, given) : list(ow, given), OwClient.OwClient, ow)
    )
).pipe(
  Command.withDescription(
    "Lists the devices, without reading any values. With --follow it goes on: a device has departed when three searches in a"
      + " row have not found it and it does not answer by itself; a bus or a server that fails takes no device away."
  ),
  Command.withShortDescription("List devices, or follow what comes and goes"),
  Command.withExamples([
    { command: "ow devices", description: "All devices, their chips, and where they are" },
    { command: "ow devices --follow --every 2s", description: "See that a sensor which is plugged in is found" },
    { command: "ow devices --follow --json", description: "For programs: a line an event" }
  ])
)
