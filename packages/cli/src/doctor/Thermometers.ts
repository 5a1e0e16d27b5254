/**
 * Checks of thermometers: whether they can be read, whether their values are plausible, and how they are powered.
 */
import * as OwError from "@effect-ownet/core/client/OwError"
import type * as Device from "@effect-ownet/core/device/Device"
import type * as Plausibility from "@effect-ownet/core/device/Plausibility"
import * as Conversion from "@effect-ownet/core/monitor/Conversion"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Failure from "../show/Failure.ts"
import * as ShowObservation from "../show/Observation.ts"
import type { Finding } from "./Finding.ts"

/** A thermometer that was read, or could not be read. */
export interface Examined {
  readonly name: string
  readonly reading: Result.Result<
    Pick<Device.Reading<number>, "value" | "verdict">,
    Device.Failure
  >
  /** Whether it uses parasite power, from the data wire. */
  readonly isParasitic: boolean
}

/** Reads as many thermometers as possible within a limit, all buses at the same time. Each may take a second to measure. */
export const examine = Effect.fnUntraced(function*(devices: ReadonlyArray<Device.AnyDevice>, limit: number) {
  const sensors = devices.filter(Conversion.isThermometer)
  if (sensors.length === 0) return []
  const examined: Array<Examined> = []
  const buses = new Set(sensors.map(({ bus }) => bus))
  const isDone = yield* Effect.forEach(buses, (bus) =>
    Effect.forEach(
      sensors.filter((sensor) => sensor.bus === bus),
      (sensor) => Effect.map(examineOne(sensor), (one) => examined.push(one)),
      { discard: true }
    ), { concurrency: 4, discard: true }).pipe(Effect.timeoutOption(limit))
  return [judge(sensors.length, examined, isDone._tag === "Some" ? undefined : limit)]
})

const examineOne = (sensor: Conversion.Thermometer): Effect.Effect<Examined, OwError.OwError> =>
  Effect.gen(function*() {
    const reading = yield* attempt(sensor.reading("temperature"))
    // Some chips lack this property, and others may have just failed.
    const power = yield* Effect.orElseSucceed(sensor.read("power"), () => undefined)
    return { name: sensor.name, reading, isParasitic: power === false }
  })

const attempt = <A>(
  call: Effect.Effect<A, Device.Failure>
): Effect.Effect<Result.Result<A, Device.Failure>, OwError.OwError> =>
  Effect.matchEffect(call, {
    onSuccess: (value) => Effect.succeed(Result.succeed(value)),
    onFailure: (error) =>
      error._tag === "DeviceError" || !OwError.isServerFailure(error)
        ? Effect.succeed(Result.fail(error))
        : Effect.fail(error)
  })

/** An implausible value, in the form that the details of the finding have. */
export interface Implausible {
  readonly name: string
  readonly value: number
  readonly verdict: Plausibility.Verdict["_tag"]
}

const words: Partial<Record<Plausibility.Verdict["_tag"], string>> = {
  PowerOn: "which is the value of a thermometer that has not measured since power-on",
  Disconnected: "which is what an adapter reports if no device answers",
  NoAnswer: "which is what a bus gives if no device answers, unless it freezes there",
  OutOfRange: "which its chip cannot measure"
}

/** Judges the examined thermometers, out of `count`. `limit` is present if it was too short for all of them. */
export const judge = (count: number, examined: ReadonlyArray<Examined>, limit: number | undefined): Finding => {
  const unread = examined.flatMap(({ name, reading }) =>
    Result.isFailure(reading) ? [{ name, problem: problemOf(reading.failure) }] : []
  )
  const implausible = examined.flatMap(({ name, reading }): ReadonlyArray<Implausible> =>
    Result.isSuccess(reading) && reading.success.verdict._tag !== "Plausible"
      ? [{ name, value: reading.success.value, verdict: reading.success.verdict._tag }]
      : []
  )
  const parasitic = examined.filter(({ isParasitic }) => isParasitic).map(({ name }) => name)
  const hasFailed = implausible.some(({ verdict }) => verdict === "PowerOn")
  const found = [
    ...unread.map(({ name, problem }) => `${name} cannot be read: ${problem}`),
    ...implausible.map(({ name, value, verdict }) =>
      `${name} says ${value} °C, ${words[verdict] ?? "which is implausible"}`
    )
  ]
  const advice = [
    ...unread.length > 0
      ? [
        "A thermometer that cannot be read has a loose contact or too little power, or is broken: look at its plug and its supply"
      ]
      : [],
    ...hasFailed
      ? [
        "85 °C comes from power that fails while a chip measures: give the chip its own supply, on three wires" +
        (parasitic.length > 0 ? ` (without one: ${parasitic.join(", ")})` : "")
      ]
      : [],
    ...implausible.length > 0 && !hasFailed ? ["Look at the wires of thermometers with impossible values"] : [],
    ...limit === undefined
      ? []
      : [`With a longer time, such as --timeout ${Math.ceil(count * 1.2)}s, the others are read, too`]
  ]
  const summary = `${examined.length - unread.length} of ${count} read` +
    (limit === undefined ? "" : ` within ${limit / 1000} s`) +
    (parasitic.length === 0 ? "" : `, ${parasitic.length} on parasite power`)
  return {
    check: "thermometers",
    status: unread.length > 0 ? "fail" : advice.length > 0 ? "warn" : "ok",
    message: [summary, ...found].join("; "),
    advice: advice.length === 0 ? undefined : advice.join(". "),
    details: { count, read: examined.length - unread.length, unread, implausible, parasitic },
    exitStatus: unread.length > 0 ? Failure.statuses.refused : undefined
  }
}

const problemOf = (error: Device.Failure): string =>
  error._tag === "OwnetError"
    ? `${error.meaning} (${error.code} ${error.codeName})`
    : error._tag === "DeviceError"
    ? error.problem
    : ShowObservation.problemOf(error)
