import type * as Family from "@effect-ownet/core/device/Family"
import * as Follow from "@effect-ownet/core/network/Follow"
import type * as ControlFlags from "@effect-ownet/core/protocol/ControlFlags"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as OneNetwork from "../server/OneNetwork.ts"
import type * as Server from "../server/Server.ts"
import * as Survey from "../server/Survey.ts"
import * as DeviceRow from "../show/DeviceRow.ts"
import * as Failure from "../show/Failure.ts"
import * as ShowObservation from "../show/Observation.ts"
import * as Output from "../terminal/Output.ts"
import * as Table from "../terminal/Table.ts"
import type * as Text from "../terminal/Text.ts"

export interface Options extends Server.Options {
  /** Families to list, by their codes. Default: all. */
  readonly families?: ReadonlyMap<string, Family.Family> | undefined
  /** Lists devices without reading any values. Default: `false`. */
  readonly noValues?: boolean | undefined
}

/** Prints the devices of one or several servers with their main values. */
export const scan = (options: Options) =>
  Effect.scoped(Effect.gen(function*() {
    const values = options.noValues !== true
    const families = options.families ?? new Map()
    const all = yield* OneNetwork.make(options)
    const { devices: found, failures } = yield* survey(all, families, values)
    const format = options.format && Option.getOrUndefined(options.format)
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
      const wanted = families.size === 0 ? "" : ` of family ${[...families.keys()].join(" or ")}`
      yield* Output.note(`no devices${wanted} at ${all.names(" or ")}`)
    }
    yield* Failure.forEach(failures, Effect.fail)
  }))

const survey = (all: OneNetwork.OneNetwork, families: ReadonlyMap<string, Family.Family>, values: boolean) => {
  const what = all.servers.length === 1 ? all.names("") : `${all.servers.length} servers`
  const properties = values ? undefined : []
  const [first, ...others] = [...families.values()]
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
