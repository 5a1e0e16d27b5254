import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import type * as Outage from "@effect-ownet/core/monitor/Outage"
import * as Follow from "@effect-ownet/core/network/Follow"
import * as Network from "@effect-ownet/core/network/Network"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Lifetime from "../Lifetime.ts"
import * as OneNetwork from "../server/OneNetwork.ts"
import type * as Server from "../server/Server.ts"
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

const list = Effect.fnUntraced(function*(all: OneNetwork.OneNetwork, { format }: Given) {
  const limit = yield* TimeLimit.start
  const answers = yield* Output.withProgress(
    `looking for devices at ${all.names(", ")} …`,
    OneNetwork.ask(
      all,
      (name) =>
        Effect.result(limit.within(`search for devices at ${name}`, Discovery.devices({ catalogue: Catalogue.of })))
    )
  )
  const devices = OneNetwork.once(answers.flatMap((answer) => Result.isSuccess(answer) ? answer.success.devices : []))
  const failures = answers.flatMap((answer) =>
    Result.isSuccess(answer) ? answer.success.failures.map(({ error }) => error) : [answer.failure]
  )
  const written = format && Option.getOrUndefined(format)
  if (yield* Output.Json) {
    yield* Effect.forEach(devices, (device) => Output.json(DeviceRow.toJson(device, written)), { discard: true })
  } else if (devices.length > 0) {
    yield* Table.print(
      DeviceRow.titlesOf(all),
      devices.map((device) => DeviceRow.toCells(device, written, all.labelOf(device)))
    )
  }
  if (devices.length === 0 && failures.length === 0) yield* Output.note(`no devices at ${all.names(" or ")}`)
  yield* Failure.forEach(failures, Effect.fail)
})

/** Number of consecutive searches that must miss a device before it counts as departed. */
const absences = 3

const follow = (all: OneNetwork.OneNetwork, { every, format }: Given) => {
  const written = format && Option.getOrUndefined(format)
  const found = new Set<string>()
  const absent: Array<Follow.Of<Outage.ServerFailed>> = []
  // No properties are requested, so nothing happens in its rounds.
  return Follow.follow(Follow.all([]), "1 hour", { search: { every, absences, grace: (absences - 1) * every } }).pipe(
    Stream.provideService(Network.Network, all.network),
    Stream.mapEffect((event): Effect.Effect<void, Failure.Ended> => {
      switch (event._tag) {
        case "Found":
          found.add(event.server)
          return Effect.forEach(absent.splice(0), (outage) => ShowOutage.tell(outage.server, outage, all), {
            discard: true
          })
        case "Appeared":
        case "Vanished":
        case "Moved":
        case "Renamed":
        case "Rerouted":
          return Arrival.tell(event, !found.has(event.server), all, written)
        case "ServerFailed":
          if (found.size > 0) return ShowOutage.tell(event.server, event, all)
          // If all servers are unreachable, the command ends. If another one answers, this is an outage.
          absent.push(event)
          return absent.length < all.servers.length
            ? Effect.void
            : Failure.forEach(absent, ({ error }) => Effect.fail(error))
        case "ServerRecovered":
        case "BusFailed":
        case "BusRecovered":
          return ShowOutage.tell(event.server, event, all)
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
    follow: Flags.present("follow", "Report arrivals and departures from now on, until Ctrl-C"),
    every: Flags.duration("every", "With --follow, the pause between two searches; 10s by default").pipe(
      Flag.withDefault(10_000)
    ),
    format: Flags.format
  },
  (given) =>
    Effect.scoped(Effect.flatMap(
      OneNetwork.make(given),
      (all) => given.follow ? Effect.andThen(Lifetime.untilStopped, follow(all, given)) : list(all, given)
    ))
).pipe(
  Command.withDescription(
    "Lists the devices, without reading any values. With --follow it continues: a device has departed when three searches in a"
      + " row have not found it and it does not answer when it is asked directly; a bus or a server that fails does not make devices depart."
  ),
  Command.withShortDescription("List devices, or follow arrivals and departures"),
  Command.withExamples([
    { command: "ow devices", description: "All devices, their chips, and where they are" },
    { command: "ow devices --follow --every 2s", description: "Check that a sensor is found when you plug it in" },
    { command: "ow devices --follow --json", description: "For programs: one line per event" }
  ])
)
