/**
 * How thermometers do: whether they can be read, whether what they say can be true, and how they are supplied.
 */
import type * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Plausibility from "@effect-ownet/core/device/Plausibility"
import * as Conversion from "@effect-ownet/core/monitor/Conversion"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Failure from "../show/Failure.ts"
import type { Check } from "./Check.ts"

/** What is wrong with one thermometer, and not with its server. */
type Refusal = Extract<Device.Failure, { readonly _tag: "OwnetError" | "DeviceError" }>

const isRefusal = (error: Device.Failure): error is Refusal =>
  error._tag === "OwnetError" || error._tag === "DeviceError"

/** One of which the server has said how it is, or that it cannot. */
export interface Looked {
  readonly name: string
  readonly reading: Result.Result<
    Pick<Device.Reading<number>, "value" | "verdict">,
    Refusal
  >
  /** Takes what it needs from the data line. */
  readonly isParasitic: boolean
}

/** Reads as many as can be read within the limit, on all buses side by side: each may take a second to measure. */
export const examine = Effect.fnUntraced(function*(devices: ReadonlyArray<Device.AnyDevice>, limit: number) {
  const sensors = devices.filter(Conversion.isThermometer)
  if (sensors.length === 0) return []
  const looked: Array<Looked> = []
  const buses = new Set(sensors.map(({ bus }) => bus))
  const isDone = yield* Effect.forEach(buses, (bus) =>
    Effect.forEach(
      sensors.filter((sensor) => sensor.bus === bus),
      (sensor) => Effect.map(look(sensor), (one) => looked.push(one)),
      { discard: true }
    ), { concurrency: 4, discard: true }).pipe(Effect.timeoutOption(limit))
  return [judge(sensors.length, looked, isDone._tag === "Some" ? undefined : limit)]
})

const look = (sensor: Conversion.Thermometer): Effect.Effect<Looked, OwError.Unanswered> =>
  Effect.gen(function*() {
    const reading = yield* attempt(sensor.reading("temperature"))
    // Some chips have no such property, and others have just failed.
    const power = yield* Effect.orElseSucceed(sensor.read("power"), () => undefined)
    return { name: sensor.name, reading, isParasitic: power === false }
  })

const attempt = <A>(
  call: Effect.Effect<A, Device.Failure>
): Effect.Effect<Result.Result<A, Refusal>, OwError.Unanswered> =>
  Effect.matchEffect(call, {
    onSuccess: (value) => Effect.succeed(Result.succeed(value)),
    onFailure: (error) => isRefusal(error) ? Effect.succeed(Result.fail(error)) : Effect.fail(error)
  })

const words: Partial<Record<Plausibility.Verdict["_tag"], string>> = {
  PowerOn: "which is what one says that has not measured since it got power",
  Disconnected: "which is what an adapter says where nobody answers",
  NoAnswer: "which is what a bus gives on which nobody answers, unless it freezes there",
  OutOfRange: "which its chip cannot measure"
}

/** Says of so many thermometers what was found, and of how many nothing was, where a limit was too short. */
export const judge = (count: number, looked: ReadonlyArray<Looked>, limit: number | undefined): Check => {
  const unread = looked.flatMap(({ name, reading }) =>
    Result.isFailure(reading) ? [{ name, problem: problemOf(reading.failure) }] : []
  )
  const implausible = looked.flatMap(({ name, reading }) =>
    Result.isSuccess(reading) && reading.success.verdict._tag !== "Plausible"
      ? [{ name, value: reading.success.value, verdict: reading.success.verdict._tag }]
      : []
  )
  const parasitic = looked.filter(({ isParasitic }) => isParasitic).map(({ name }) => name)
  const hasFailed = implausible.some(({ verdict }) => verdict === "PowerOn")
  const found = [
    ...unread.map(({ name, problem }) => `${name} cannot be read: ${problem}`),
    ...implausible.map(({ name, value, verdict }) =>
      `${name} says ${value} °C, ${words[verdict] ?? "which is implausible"}`
    )
  ]
  const advice = [
    ...unread.length > 0
      ? ["What cannot be read has a loose contact, too little power, or is broken: look at its plug and its supply"]
      : [],
    ...hasFailed
      ? [
        "85 °C comes of power that fails while a chip measures: give it a supply of its own, on three wires" +
        (parasitic.length > 0 ? ` (without one: ${parasitic.join(", ")})` : "")
      ]
      : [],
    ...implausible.length > 0 && !hasFailed ? ["Look at the wires of what says impossible values"] : [],
    ...limit === undefined
      ? []
      : [`With a longer time, such as --timeout ${Math.ceil(count * 1.2)}s, the others are read, too`]
  ]
  const summary = `${looked.length - unread.length} of ${count} read` +
    (limit === undefined ? "" : ` within ${limit / 1000} s`) +
    (parasitic.length === 0 ? "" : `, ${parasitic.length} on parasite power`)
  return {
    check: "thermometers",
    status: unread.length > 0 ? "fail" : advice.length > 0 ? "warn" : "ok",
    message: [summary, ...found].join("; "),
    advice: advice.length === 0 ? undefined : advice.join(". "),
    details: { count, read: looked.length - unread.length, unread, implausible, parasitic },
    exitStatus: unread.length > 0 ? Failure.statuses.refused : undefined
  }
}

const problemOf = (error: Refusal): string =>
  error._tag === "OwnetError" ? `${error.meaning} (${error.code} ${error.codeName})` : error.problem
