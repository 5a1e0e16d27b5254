import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as ServerAddress from "@effect-ownet/core/client/ServerAddress"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Device from "@effect-ownet/core/device/Device"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import * as Family from "@effect-ownet/core/device/Family"
import * as MainValues from "@effect-ownet/core/device/MainValues"
import * as Alarms from "@effect-ownet/core/monitor/Alarms"
import * as Observation from "@effect-ownet/core/monitor/Observation"
import type * as Network from "@effect-ownet/core/network/Network"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Lifetime from "../Lifetime.ts"
import * as OneNetwork from "../server/OneNetwork.ts"
import type * as Server from "../server/Server.ts"
import * as TimeLimit from "../server/TimeLimit.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as ShowObservation from "../show/Observation.ts"
import * as ShowOutage from "../show/Outage.ts"
import * as Output from "../terminal/Output.ts"
import * as Table from "../terminal/Table.ts"
import type * as Text from "../terminal/Text.ts"
import * as Time from "../terminal/Time.ts"

interface Options extends Server.Options {
  readonly follow: boolean
  readonly every: number
}

const list = Effect.fnUntraced(function*(all: OneNetwork.OneNetwork) {
  const limit = yield* TimeLimit.start
  const answers = yield* Output.withProgress(
    `searching ${all.names(", ")} for alarms …`,
    // Ends after one search.
    OneNetwork.ask(
      all,
      (name) =>
        Effect.result(
          limit.within(
            `search for alarms at ${name}`,
            Effect.andThen(
              measureKernel,
              Stream.runCollect(Alarms.alarms({ catalogue: Catalogue.of, every: Schedule.recurs(0) }))
            )
          )
        )
    )
  )
  const raised = OneNetwork.once(answers.flatMap((answer) =>
    Result.isSuccess(answer)
      ? answer.success.flatMap((event) => event._tag === "Raised" ? [event.device] : []).toSorted((a, b) =>
        (a.bus ?? "").localeCompare(b.bus ?? "", "en", { numeric: true }) || RomId.Order(a.id, b.id)
      )
      : []
  ))
  const seen = yield* Effect.forEach(raised, (device) => Effect.map(measured(device), (seen) => ({ device, seen })))
  if (yield* Output.Json) {
    yield* Effect.forEach(seen, ({ device, seen }) => Output.json(toJson(device, seen)), { discard: true })
  } else if (seen.length > 0) {
    yield* Table.print(
      [...DeviceRow.titlesOf(all), "VALUES"],
      seen.map(({ device, seen }) => [
        ...DeviceRow.toCells(device, undefined, all.labelOf(device)),
        spansOf(seen)
      ])
    )
  }
  const failures = answers.flatMap((answer) =>
    Result.isSuccess(answer)
      ? answer.success.flatMap((event) => event._tag === "BusFailed" ? [event.error] : [])
      : [answer.failure]
  )
  if (raised.length === 0 && failures.length === 0) yield* Output.note(`no device in alarm at ${all.names(" or ")}`)
  yield* Failure.forEach(failures, Effect.fail)
})

/** The kernel has no alarm search, so this process knows only the alarms of values that it has measured itself. */
const measureKernel = Effect.gen(function*() {
  const ow = yield* OwClient.OwClient
  if (!ServerAddress.isW1(Option.getOrElse(ServerAddress.fromString(ow.server), () => noAddress))) return
  const { devices } = yield* Discovery.devices({ catalogue: Catalogue.of })
  yield* Effect.forEach(devices, measured, { concurrency: 4, discard: true })
}).pipe(Effect.ignore)

const noAddress: ServerAddress.ServerAddress = { host: "localhost", port: ServerAddress.defaultPort }

/** Follows all servers. It waits for a server that is unreachable, unless all are unreachable at first. */
const follow = Effect.fnUntraced(function*(all: OneNetwork.OneNetwork, every: number) {
  const absent = new Map<string, Failure.Failure>()
  const raised: Raised = new Map()
  const followOne = (server: Network.Server): Effect.Effect<void, Failure.Ended> => {
    const { client, name } = server
    return tellAll(all, name, raised, every).pipe(
      Effect.provideService(OwClient.OwClient, client),
      // The stream fails only if its first search fails.
      Effect.catch((error) =>
        Effect.gen(function*() {
          absent.set(name, error)
          yield* Failure.tell(error)
          if (absent.size === all.servers.length) return yield* new Failure.Ended({ status: Failure.statusOf(error) })
          const since = yield* DateTime.nowAsDate
          yield* client.ping({ retry: false }).pipe(Effect.retry(Schedule.spaced("5 seconds")), Effect.ignore)
          absent.delete(name)
          yield* ShowOutage.tell(name, { _tag: "ServerRecovered", since, at: yield* DateTime.nowAsDate }, all)
          yield* followOne(server)
        })
      )
    )
  }
  yield* Effect.forEach(all.servers, followOne, { concurrency: "unbounded", discard: true })
})

/** The servers that have a device in alarm. */
type Raised = Map<RomId.RomId, Set<string>>

const tellAll = (all: OneNetwork.OneNetwork, server: string, raised: Raised, every: number) =>
  Stream.runForEach(Alarms.alarms({ catalogue: Catalogue.of, every }), (event) => {
    switch (event._tag) {
      case "Raised": {
        const servers = raised.get(event.device.id) ?? new Set()
        raised.set(event.device.id, servers.add(server))
        // Another server has reported it.
        if (servers.size > 1) return Effect.void
        return Effect.flatMap(
          measured(event.device),
          (seen) => tell(all, event, "raised", { values: valuesOf(seen) }, spansOf(seen))
        )
      }
      case "Cleared": {
        const { at, since } = event
        const servers = raised.get(event.device.id)
        servers?.delete(server)
        if (servers !== undefined && servers.size > 0) return Effect.void
        const lasted = `after ${Time.spanOf(at.getTime() - since.getTime())}`
        return tell(all, event, "cleared", { since }, [{ text: lasted, color: "dim" }])
      }
      case "Reminded":
      case "RearmFailed":
        // The options of the stream request neither.
        return Effect.void
      default:
        return ShowOutage.tell(server, event, all)
    }
  })

/** Reads the main values of a device. A failed read becomes an observation. */
const measured = Effect.fnUntraced(function*(
  device: Device.AnyDevice
): Effect.fn.Return<ReadonlyArray<Observation.Observation>> {
  if (!Device.is(Family.unknown)(device)) return []
  const names = yield* Effect.orElseSucceed(MainValues.of(device), () => [])
  return yield* Effect.forEach(names, (property) =>
    Effect.catch(
      device.reading(property),
      (error): Effect.Effect<Observation.Observation> => Observation.failed(device, property, error)
    ))
})

const valuesOf = (seen: ReadonlyArray<Observation.Observation>) =>
  Object.fromEntries(seen.map((one) => [one.property, ShowObservation.toJson(one)]))

const toJson = (device: Device.AnyDevice, seen: ReadonlyArray<Observation.Observation>) => ({
  ...DeviceRow.toJson(device),
  values: valuesOf(seen)
})

const spansOf = (seen: ReadonlyArray<Observation.Observation>): ReadonlyArray<Text.Span> =>
  seen.flatMap((one, at) => [...at === 0 ? [] : [{ text: "  " }], ...ShowObservation.toSpans(one, seen.length === 1)])

const tell = (
  all: OneNetwork.OneNetwork,
  { at, device }: Pick<Alarms.Raised, "at" | "device">,
  event: "raised" | "cleared",
  more: object,
  spans: ReadonlyArray<Text.Span>
): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    if (isJson) return Output.json({ time: at, event, ...DeviceRow.toJson(device), ...more })
    const color = event === "raised" ? "red" : "green"
    return Output.drawn(
      DeviceRow.toLine(
        [{ text: Time.momentOf(at), color: "dim" }, { text: event.padEnd(7), color }],
        device,
        spans,
        undefined,
        all.labelOf(device)
      )
    )
  })

export const command = Command.make(
  "alarms",
  {
    follow: Flags.present("follow", "Report alarms that are raised and cleared from now on, until Ctrl-C"),
    every: Flags.duration("every", "With --follow, the pause between two searches; 1s by default").pipe(
      Flag.withDefault(1000)
    ),
    units: Flags.units,
    uncached: Flags.uncached
  },
  (options: Options) =>
    Effect.scoped(Effect.flatMap(
      OneNetwork.make(options),
      (all) => options.follow ? Effect.andThen(Lifetime.untilStopped, follow(all, options.every)) : list(all)
    ))
).pipe(
  Command.withDescription(
    "Lists the devices that answer the alarm search of their bus, with what they measure. The device decides what puts it in"
      + " alarm: a thermometer compares temphigh and templow when it measures; a switch has set_alarm."
  ),
  Command.withShortDescription("List devices in alarm, or follow them"),
  Command.withExamples([
    { command: "ow alarms", description: "Show what is in alarm now" },
    { command: "ow alarms --follow", description: "Report when an alarm is raised, and when it is cleared" },
    { command: "ow alarms --follow --json | jq -r .id", description: "For programs: one line per event" }
  ])
)
