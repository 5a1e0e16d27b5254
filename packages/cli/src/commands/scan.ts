import * as Follow from "@effect-ownet/core/network/Follow"
import type * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Flags from "../Flags.ts"
import * as OneNetwork from "../server/OneNetwork.ts"
import * as Survey from "../server/Survey.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as ShowObservation from "../show/Observation.ts"
import * as Output from "../terminal/Output.ts"
import * as Table from "../terminal/Table.ts"
import type * as Text from "../terminal/Text.ts"
import * as Target from "../watch/Target.ts"

/** `28`, or several with commas between. */
const families = Flag.String("family").pipe(
  Flag.withMetavar("<code>"),
  Flag.withDescription("Only devices of this family, such as 28; or of several: 28,10"),
  Flag.filterMap(
    (text) => /^[0-9A-F]{2}(,[0-9A-F]{2})*$/i.test(text) ? Option.some(text.toUpperCase().split(",")) : Option.none(),
    () => "family codes of two hexadecimal digits, such as 28 or 28,10"
  ),
  Flag.atLeast(0),
  Flag.map((lists) => new Set(lists.flat()))
)

export const command = Command.make(
  "scan",
  {
    families,
    noValues: Flags.noValues,
    format: Flags.format,
    units: Flags.units,
    uncached: Flags.uncached
  },
  (given) =>
    Effect.scoped(Effect.gen(function*() {
      const values = !given.noValues
      const all = yield* OneNetwork.make(given)
      const { devices: found, failures } = yield* survey(all, given.families, values)
      const format = Option.getOrUndefined(given.format)
      if (yield* Output.Json) {
        yield* Effect.forEach(found, (one) => Output.json(toJson(one, values, format)))
      } else if (found.length > 0) {
        yield* Table.print(
          [...DeviceRow.titlesOf(all), ...values ? ["VALUES"] : []],
          found.map((one) => [
            ...DeviceRow.toCells(one.device, format, all.labelOf(one.device)),
            ...values ? [valuesOf(one)] : []
          ])
        )
      }
      if (found.length === 0 && failures.length === 0) {
        const wanted = given.families.size === 0 ? "" : ` of family ${[...given.families].join(" or ")}`
        yield* Output.note(`no devices${wanted} at ${all.names(" or ")}`)
      }
      yield* Failure.forEach(failures, Effect.fail)
    }))
).pipe(
  Command.withDescription(
    "Lists the devices of one server or several with what they measure, each once. Thermometers measure at once where that is faster; " +
      "a value that did not come says why. Ends with the status of the first server or bus that could not be searched."
  ),
  Command.withShortDescription("Find all devices and their values"),
  Command.withExamples([
    { command: "ow scan", description: "All devices, and what they measure" },
    { command: "ow scan -s raspberrypi,attic:4305", description: "Those of two servers" },
    { command: "ow scan --family 28,10 -F", description: "The thermometers of two kinds, in degrees Fahrenheit" },
    { command: "ow scan --json | jq '.values.temperature.value'", description: "For scripts: a line a device" }
  ])
)

const survey = (all: OneNetwork.OneNetwork, families: ReadonlySet<string>, values: boolean) => {
  const what = all.servers.length === 1 ? all.names("") : `${all.servers.length} servers`
  const properties = values ? undefined : []
  const [first, ...others] = [...families].map(Target.ofCode)
  const target = first === undefined ? Follow.all(properties) : Follow.families([first, ...others], properties)
  const onProgress = ({ devices, read }: Survey.Progress): Effect.Effect<void> =>
    Output.progressing(
      `scanning ${what} … ${devices} ${devices === 1 ? "device" : "devices"}${values ? `, ${read} read` : ""}`
    )
  return Output.withProgress(`scanning ${what} …`, Survey.make(all, target, onProgress))
}

const toJson = (
  { device, error, seen }: Survey.Surveyed,
  values: boolean,
  format: ControlFlags.DeviceFormat | undefined
) => ({
  ...DeviceRow.toJson(device, format),
  values: values ? Object.fromEntries(seen.map((one) => [one.property, ShowObservation.toJson(one)])) : null,
  error: error === undefined ? null : ShowObservation.errorJson(error)
})

const valuesOf = ({ error, seen }: Survey.Surveyed): ReadonlyArray<Text.Span> =>
  error === undefined
    ? seen.flatMap((
      one,
      at
    ) => [...at === 0 ? [] : [{ text: "  " }], ...ShowObservation.toSpans(one, seen.length === 1)])
    : [{ text: ShowObservation.problemOf(error), color: "red" }]
