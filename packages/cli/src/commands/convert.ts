import type * as OwError from "@effect-ownet/core/client/OwError"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import type * as Device from "@effect-ownet/core/device/Device"
import * as Discovery from "@effect-ownet/core/device/Discovery"
import * as Conversion from "@effect-ownet/core/monitor/Conversion"
import type * as Observation from "@effect-ownet/core/monitor/Observation"
import * as RomId from "@effect-ownet/core/onewire/RomId"
import type * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Flags from "../Flags.ts"
import * as Addressed from "../server/Addressed.ts"
import * as Located from "../server/Located.ts"
import * as OneNetwork from "../server/OneNetwork.ts"
import type * as Server from "../server/Server.ts"
import * as TimeLimit from "../server/TimeLimit.ts"
import * as Content from "../show/Content.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as ShowObservation from "../show/Observation.ts"
import type { ServerNames } from "../show/ServerNames.ts"
import * as Output from "../terminal/Output.ts"
import * as Table from "../terminal/Table.ts"

const { pressure: _, ...scales } = Flags.units

export const command = Command.make(
  "convert",
  {
    devices: Argument.String("device").pipe(
      Argument.withDescription("Thermometers, by ROM id, alias or path; all by default"),
      Argument.variadic()
    ),
    format: Flags.format,
    scales
  },
  (options) =>
    Effect.scoped(
      Effect.gen(function*() {
        const all = yield* OneNetwork.make({ units: { ...options.scales, pressure: Option.none() } })
        const limit = yield* TimeLimit.start
        const groups = yield* Output.withProgress(
          `searching ${all.names(", ")} …`,
          options.devices.length === 0 ? convertAll(all, limit) : convertNamed(all, options.devices, limit)
        )
        const seen = groups.flatMap(({ seen }) => seen)
        const failures = groups.flatMap(({ failures }) => failures)
        const count = groups.reduce((sum, { thermometers }) => sum + thermometers.length, 0)
        const late = groups.every(({ isDone }) => isDone) ? [] : [
          limit.failure(`measurement of ${count - seen.length} of ${count} thermometers`)
        ]
        const format = Option.getOrUndefined(options.format)
        if (yield* Output.Json) yield* Effect.forEach(seen, (one) => Output.json(toJson(one, format)))
        else if (seen.length > 0) yield* print(seen, format, all)
        if (count === 0 && failures.length === 0) {
          yield* Output.note(`no thermometers at ${all.names(" or ")}`)
        }
        const failed = seen.flatMap(({ seen }) => seen._tag === "Failed" ? [seen.error] : [])
        yield* Failure.forEach([...failures, ...failed, ...late], Effect.fail)
      })
    )
).pipe(
  Command.withDescription(
    "Makes all thermometers measure at once, or those that you name, and prints what each has measured. It takes about a second, " +
      "unless one is on parasite power: then those of its bus measure one by one. The exit status is that of the first failure."
  ),
  Command.withShortDescription("Measure all temperatures at once"),
  Command.withExamples([
    { command: "ow convert", description: "All thermometers" },
    { command: "ow convert kitchen 28.000028D70100 -F", description: "Two of them, in degrees Fahrenheit" },
    {
      command: "ow convert --json | jq 'select(.temperature > 30) | .id'",
      description: "For scripts: one line per thermometer"
    }
  ])
)

/** Thermometers that measure at the same time, and names that were not found. */
interface Group {
  readonly thermometers: ReadonlyArray<Conversion.Thermometer>
  readonly failures: ReadonlyArray<Failure.Failure>
  readonly seen: ReadonlyArray<Measured>
  readonly isDone: boolean
}

/** All thermometers. Those of a server follow once it is searched, without those that another server measures. */
const convertAll = (all: OneNetwork.OneNetwork, limit: TimeLimit.TimeLimit) => {
  const progress = new Progress()
  const taken = new Set<RomId.RomId>()
  const search = Effect.map(Discovery.devices({ catalogue: Catalogue.of }), ({ devices, failures }) => {
    const thermometers = devices.filter(Conversion.isThermometer).filter(({ id }) => !taken.has(id))
    for (const { id } of thermometers) taken.add(id)
    return { thermometers, failures: failures.map(({ error }) => error) }
  })
  return OneNetwork.ask(all, (name) =>
    Effect.matchEffect(limit.within(`search for thermometers at ${name}`, search), {
      onFailure: (failure) => Effect.succeed<Group>({ thermometers: [], failures: [failure], seen: [], isDone: true }),
      onSuccess: (found) => measure(found, limit, progress)
    }))
}

/** The thermometers that the arguments name, in their order, each once. */
const convertNamed = Effect.fnUntraced(function*(
  all: OneNetwork.OneNetwork,
  addresses: ReadonlyArray<string>,
  limit: TimeLimit.TimeLimit
) {
  const at = Located.of(all)
  const results = yield* limit.within(
    `search for thermometers at ${all.names(", ")}`,
    Effect.forEach(addresses, (address) => Effect.result(thermometer(at, address)))
  )
  const found = results.flatMap((result) => Result.isSuccess(result) ? [result.success] : [])
  const thermometers = [...new Map(found.map((device) => [device.id, device])).values()]
  const failures = results.flatMap((result) => Result.isFailure(result) ? [result.failure] : [])
  return [yield* measure({ thermometers, failures }, limit, new Progress())]
})

const thermometer = Effect.fnUntraced(function*(
  at: Server.Locate,
  address: string
): Effect.fn.Return<Conversion.Thermometer, Failure.Failure> {
  const { ow, path } = yield* at(Content.pathOf(address))
  const device: Device.AnyDevice = yield* Addressed.find(ow, path)
  if (Conversion.isThermometer(device)) return device
  const chip = device.family?.chip ?? `device of family ${RomId.familyCode(device.id)}`
  return yield* new Failure.UsageError({
    message:
      `${address} is a ${chip}, which cannot be told to measure its temperature; read it, if it has one: ow info ${address}`
  })
})

interface Measured {
  readonly seen: Observation.Observation<number>
  readonly alias: string | undefined
}

/** Counts the thermometers that have measured, and those that were told to measure. */
class Progress {
  private seen = 0
  private all = 0

  readonly begins = (count: number): Effect.Effect<void> => Effect.suspend(() => this.tell(0, count))

  readonly goesOn: Effect.Effect<void> = Effect.suspend(() => this.tell(1, 0))

  private tell(seen: number, all: number): Effect.Effect<void> {
    this.seen += seen
    this.all += all
    return Output.progressing(`measuring … ${this.seen} of ${this.all} thermometers`)
  }
}

/** Lets thermometers measure at the same time, as far as the time limit allows. The results keep their order. */
const measure = Effect.fnUntraced(function*(
  { failures, thermometers }: Pick<Group, "failures" | "thermometers">,
  limit: TimeLimit.TimeLimit,
  progress: Progress
): Effect.fn.Return<Group, OwError.ArgumentError> {
  const seen = new Map<RomId.RomId, Observation.Observation<number>>()
  yield* progress.begins(thermometers.length)
  const done = yield* limit.attempt(Stream.runForEach(
    Conversion.convertAll(thermometers, { implausible: "readAgain" }),
    (one) =>
      Effect.suspend(() => {
        seen.set(one.device.id, one)
        return progress.goesOn
      })
  ))
  const named = yield* Effect.forEach(
    thermometers.flatMap(({ id }) => seen.get(id) ?? []),
    (seen) =>
      Effect.map(
        limit.attempt(Addressed.alias(seen.device)),
        (alias) => ({ seen, alias: Option.getOrUndefined(alias) })
      )
  )
  return { thermometers, failures, isDone: Option.isSome(done), seen: named }
})

const print = (
  measured: ReadonlyArray<Measured>,
  format: ControlFlags.DeviceFormat | undefined,
  names: ServerNames
): Effect.Effect<void> => {
  const isOnly = names.labels.length === 0
  const texts = measured.map(({ seen }) => seen._tag === "Reading" ? seen.value.toFixed(2) : "")
  const width = Math.max(...texts.map((text) => text.length))
  return Table.print(
    ["ROM ID", { title: "ALIAS", least: 8 }, ...isOnly ? [] : [DeviceRow.whereOf(names)], "TEMPERATURE"],
    measured.map(({ alias = "", seen }, at) => [
      RomId.format(seen.device.id, format),
      alias,
      ...isOnly ? [] : [DeviceRow.placeOf(seen.device, names.labelOf(seen.device))],
      seen._tag === "Failed"
        ? [{ text: ShowObservation.problemOf(seen.error), color: "red" }]
        : ShowObservation.withDoubt(`${texts[at].padStart(width)} ${seen.unit}`, seen.verdict)
    ])
  )
}

const toJson = ({ alias, seen }: Measured, format: ControlFlags.DeviceFormat | undefined) => {
  const { value, ...rest } = ShowObservation.toJson(seen)
  return { ...DeviceRow.toJson(seen.device, format), alias: alias ?? null, temperature: value, ...rest }
}
