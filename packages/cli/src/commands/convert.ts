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
import * as Bytes from "../show/Bytes.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as ShowObservation from "../show/Observation.ts"
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
        const { failures, thermometers } = yield* Output.withProgress(
          `searching ${all.names(", ")} …`,
          options.devices.length === 0
            ? allOf(all, limit)
            : limit.within(`search for thermometers at ${all.names(", ")}`, namedOf(Located.of(all), options.devices))
        )
        const { isDone, seen } = yield* Output.withProgress("", measure(thermometers, limit))
        const late = isDone ? [] : [
          limit.failure(`measurement of ${thermometers.length - seen.length} of ${thermometers.length} thermometers`)
        ]
        const format = Option.getOrUndefined(options.format)
        if (yield* Output.Json) yield* Effect.forEach(seen, (one) => Output.json(toJson(one, format)))
        else if (seen.length > 0) yield* print(seen, format)
        if (thermometers.length === 0 && failures.length === 0) {
          yield* Output.note(`no thermometers at ${all.names(" or ")}`)
        }
        const failed = seen.flatMap(({ seen }) => seen._tag === "Failed" ? [seen.error] : [])
        yield* Failure.forEach([...failures, ...failed, ...late], Effect.fail)
      })
    )
).pipe(
  Command.withDescription(
    "Has all thermometers measure at once, or those that are named, and prints what each has measured. It takes about a second, " +
      "unless one is on parasite power: then each of its bus measures by itself. Ends with the status of the first that failed."
  ),
  Command.withShortDescription("Measure all temperatures at once"),
  Command.withExamples([
    { command: "ow convert", description: "All thermometers" },
    { command: "ow convert kitchen 28.000028D70100 -F", description: "Two of them, in degrees Fahrenheit" },
    {
      command: "ow convert --json | jq 'select(.temperature > 30) | .id'",
      description: "For scripts: a line a thermometer"
    }
  ])
)

interface Chosen {
  readonly thermometers: ReadonlyArray<Conversion.Thermometer>
  readonly failures: ReadonlyArray<Failure.Failure>
}

const allOf = (all: OneNetwork.OneNetwork, limit: TimeLimit.TimeLimit): Effect.Effect<Chosen> =>
  Effect.map(
    OneNetwork.ask(all, limit, "search for thermometers", Discovery.devices({ catalogue: Catalogue.of })),
    (answers) => ({
      thermometers: OneNetwork.once(
        answers.flatMap((answer) => Result.isSuccess(answer) ? answer.success.devices : [])
      ).filter(Conversion.isThermometer),
      failures: answers.flatMap((answer) =>
        Result.isSuccess(answer) ? answer.success.failures.map(({ error }) => error) : [answer.failure]
      )
    })
  )

/** The thermometers that the arguments name: in their order, each once. */
const namedOf = (at: Server.Locate, addresses: ReadonlyArray<string>): Effect.Effect<Chosen> =>
  Effect.map(
    Effect.forEach(addresses, (address) => Effect.result(thermometer(at, address))),
    (results) => {
      const found = results.flatMap((result) => Result.isSuccess(result) ? [result.success] : [])
      return {
        thermometers: [...new Map(found.map((device) => [device.id, device])).values()],
        failures: results.flatMap((result) => Result.isFailure(result) ? [result.failure] : [])
      }
    }
  )

const thermometer = Effect.fnUntraced(function*(
  at: Server.Locate,
  address: string
): Effect.fn.Return<Conversion.Thermometer, Failure.Failure> {
  const { ow, path } = yield* at(Bytes.pathOf(address))
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

/** Measures all thermometers at once, as far as that can be done in time. The results are in the order of the thermometers. */
const measure = Effect.fnUntraced(function*(
  thermometers: ReadonlyArray<Conversion.Thermometer>,
  limit: TimeLimit.TimeLimit
): Effect.fn.Return<{ readonly isDone: boolean; readonly seen: ReadonlyArray<Measured> }, OwError.ArgumentError> {
  const seen = new Map<RomId.RomId, Observation.Observation<number>>()
  const progress = Effect.suspend(() =>
    Output.progressing(`measuring … ${seen.size} of ${thermometers.length} thermometers`)
  )
  yield* progress
  const done = yield* limit.attempt(Stream.runForEach(
    Conversion.convertAll(thermometers, { implausible: "readAgain" }),
    (one) =>
      Effect.suspend(() => {
        seen.set(one.device.id, one)
        return progress
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
  return { isDone: Option.isSome(done), seen: named }
})

const print = (
  measured: ReadonlyArray<Measured>,
  format: ControlFlags.DeviceFormat | undefined
): Effect.Effect<void> => {
  const texts = measured.map(({ seen }) => seen._tag === "Reading" ? seen.value.toFixed(2) : "")
  const width = Math.max(...texts.map((text) => text.length))
  return Table.print(
    ["ROM ID", { title: "ALIAS", least: 8 }, "TEMPERATURE"],
    measured.map(({ alias = "", seen }, at) => [
      RomId.format(seen.device.id, format),
      alias,
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
