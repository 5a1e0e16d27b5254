import * as OwClient from "@effect-ownet/core/client/OwClient"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Device from "@effect-ownet/core/device/Device"
import * as Family from "@effect-ownet/core/device/Family"
import * as MainValues from "@effect-ownet/core/device/MainValues"
import * as Alarms from "@effect-ownet/core/monitor/Alarms"
import * as Observation from "@effect-ownet/core/monitor/Observation"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Lifetime from "../Lifetime.ts"
import * as Server from "../server/Server.ts"
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

const list = Effect.fnUntraced(function*(ow: OwClient.Client) {
  const limit = yield* TimeLimit.start
  const events = yield* Output.withProgress(
    `searching ${ow.server} for alarms …`,
    limit.within(
      `search for alarms at ${ow.server}`,
      // Ends after one search.
      Stream.runCollect(Alarms.alarms({ catalogue: Catalogue.of, every: Schedule.recurs(0) }))
    )
  )
  const raised = events.filter((event) => event._tag === "Raised").toSorted(({ device: a }, { device: b }) =>
    (a.bus ?? "").localeCompare(b.bus ?? "", "en", { numeric: true }) || RomId.Order(a.id, b.id)
  )
  const seen = yield* Effect.forEach(raised, ({ device }) => Effect.map(measured(device), (seen) => ({ device, seen })))
  if (yield* Output.Json) {
    yield* Effect.forEach(seen, ({ device, seen }) => Output.json(toJson(device, seen)), { discard: true })
  } else if (seen.length > 0) {
    yield* Table.print(
      [...DeviceRow.titles, "VALUES"],
      seen.map(({ device, seen }) => [
        ...DeviceRow.toCells(device),
        spansOf(seen)
      ])
    )
  }
  const failures = events.flatMap((event) => event._tag === "BusFailed" ? [event.error] : [])
  if (raised.length === 0 && failures.length === 0) yield* Output.note(`no device in alarm at ${ow.server}`)
  yield* Failure.forEach(failures, Effect.fail)
})

const follow = (ow: OwClient.Client, every: number) =>
  Stream.runForEach(Alarms.alarms({ catalogue: Catalogue.of, every }), (event) => {
    switch (event._tag) {
      case "Raised":
        return Effect.flatMap(
          measured(event.device),
          (seen) => tell(event, "raised", { values: valuesOf(seen) }, spansOf(seen))
        )
      case "Cleared": {
        const { at, since } = event
        const lasted = `after ${Time.spanOf(at.getTime() - since.getTime())}`
        return tell(event, "cleared", { since }, [{ text: lasted, color: "dim" }])
      }
      case "Reminded":
      case "RearmFailed":
        // Neither is among the options of the stream.
        return Effect.void
      default:
        return ShowOutage.tell(ow.server, event)
    }
  })

/** Reads the main values of a device. A failure is an observation. */
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
  { at, device }: Pick<Alarms.Raised, "at" | "device">,
  event: "raised" | "cleared",
  more: object,
  spans: ReadonlyArray<Text.Span>
): Effect.Effect<void> =>
  Effect.flatMap(Output.Json, (isJson) => {
    if (isJson) return Output.json({ time: at, event, ...DeviceRow.toJson(device), ...more })
    const color = event === "raised" ? "red" : "green"
    return Output.drawn(
      DeviceRow.toLine([{ text: Time.momentOf(at), color: "dim" }, { text: event.padEnd(7), color }], device, spans)
    )
  })

export const command = Command.make(
  "alarms",
  {
    follow: Flags.present("follow", "Tell what is raised and cleared from now on, until Ctrl-C"),
    every: Flags.duration("every", "With --follow, the pause between two searches; 1s by default").pipe(
      Flag.withDefault(1000)
    ),
    units: Flags.units,
    uncached: Flags.uncached
  },
  (options: Options) =>
    Server.use(
      options,
      (ow) =>
        Effect.provideService(
          options.follow ? Effect.andThen(Lifetime.untilStopped, follow(ow, options.every)) : list(ow),
          OwClient.OwClient,
          ow
        )
    )
).pipe(
  Command.withDescription(
    "Lists the devices that answer the alarm search of their bus, with what they measure. What puts a device in alarm is its"
      + " own affair: temphigh and templow of a thermometer, which it compares when it measures; set_alarm of a switch."
  ),
  Command.withShortDescription("List devices in alarm, or follow them"),
  Command.withExamples([
    { command: "ow alarms", description: "What is in alarm now" },
    { command: "ow alarms --follow", description: "Tell when an alarm is raised, and when it is cleared" },
    { command: "ow alarms --follow --json | jq -r .id", description: "For programs: a line an event" }
  ])
)
