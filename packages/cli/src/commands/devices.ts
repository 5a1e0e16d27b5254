import * as OwClient from "@effect-ownet/core/client/OwClient"
import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import * as Follow from "@effect-ownet/core/network/Follow"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Lifetime from "../Lifetime.ts"
import * as Server from "../server/Server.ts"
import * as TimeLimit from "../server/TimeLimit.ts"
import * as Arrival from "../show/Arrival.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as ShowOutage from "../show/Outage.ts"
import * as Output from "../terminal/Output.ts"
import * as Table from "../terminal/Table.ts"

interface Given extends Server.Options {
  readonly follow: boolean
  readonly every: number
}

const list = Effect.fnUntraced(function*(ow: OwClient.Client, { format }: Given) {
  const limit = yield* TimeLimit.start
  const { devices, failures } = yield* Output.withProgress(
    `looking for devices at ${ow.server} …`,
    limit.within(`search for devices at ${ow.server}`, Discovery.devices({ catalogue: Catalogue.of }))
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

/** How many searches in a row have not found a device before it has departed. */
const absences = 3

const follow = (ow: OwClient.Client, { every, format }: Given) => {
  const written = format && Option.getOrUndefined(format)
  let isFirst = true
  // No properties are wanted, so that nothing happens in its rounds.
  return Follow.follow(Follow.all([]), "1 hour", { search: { every, absences, grace: (absences - 1) * every } }).pipe(
    Stream.mapEffect((event): Effect.Effect<void, OwError.OwError> => {
      switch (event._tag) {
        case "Found":
          isFirst = false
          return Effect.void
        case "Appeared":
        case "Vanished":
        case "Moved":
        case "Renamed":
          return Arrival.tell(event, isFirst, written)
        case "ServerFailed":
          return isFirst ? Effect.fail(event.error) : ShowOutage.tell(ow.server, event)
        case "ServerRecovered":
        case "BusFailed":
        case "BusRecovered":
          return ShowOutage.tell(ow.server, event)
        default:
          return Effect.void
      }
    }),
    Stream.runDrain
  )
}

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
      (ow) =>
        Effect.provideService(
          given.follow ? Effect.andThen(Lifetime.untilStopped, follow(ow, given)) : list(ow, given),
          OwClient.OwClient,
          ow
        )
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
