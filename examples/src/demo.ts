/**
 * A house full of thermometers, seen through an owserver: a simulated house, or your own.
 *
 *     pnpm demo
 *     pnpm demo --server raspberrypi.local:4304
 */
import { OwClient, type OwError, OwMetrics, OwRetry, ServerAddress } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Clock, Config, Console, Data, Duration, Effect, Metric, Option, Result } from "effect"
import { Runtime, Schedule, Schema, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import * as Devices from "./demo/Devices.ts"
import * as House from "./demo/House.ts"
import * as Screen from "./demo/Screen.ts"

const readings = Metric.counter("demo_readings")
const retries = Metric.counter("demo_retries")
const failures = Metric.frequency("demo_failures")

/** Tries again what may pass by itself, and tells of it. */
const retry = Effect.map(Screen.Screen, ({ note }) =>
  OwRetry.transient.pipe(
    Schedule.setInputType<OwError.OwError>(),
    Schedule.tap(({ duration, input }) => {
      if (input._tag === "ArgumentError" || !OwRetry.isTransient(input)) return Effect.void
      const what = `${input.operation} ${input.path}: ${input.reason._tag}`
      return Effect.andThen(
        Metric.update(retries, 1),
        note("client", `${what}, again in ${Math.round(Duration.toMillis(duration))} ms`, "yellow")
      )
    })
  ))

/** Has all thermometers in a place measure at once. */
const convert = Effect.fnUntraced(function*(place: string) {
  const ow = yield* OwClient.OwClient
  // No client repeats a write of its own accord, for it may have taken effect. To measure twice does no harm.
  yield* ow.write(`${place}/simultaneous/temperature`, "1", { retry: yield* retry, timeout: "10 seconds" })
})

const showDevices = Effect.gen(function*() {
  const ow = yield* OwClient.OwClient
  const { print } = yield* Screen.Screen
  const version = yield* ow.readText("/system/configuration/version").pipe(
    Effect.orElseSucceed(() => "of an unknown version")
  )
  yield* print(`Talking to owserver ${version} at ${ow.server}.`)
  yield* Effect.ignore(convert(""))
  const devices = yield* Devices.find("/")
  yield* print()
  for (const { chip, name, value } of devices) yield* print(`  ${name.padEnd(16)} ${chip.padEnd(8)} ${value}`.trimEnd())
  yield* print()
  return devices
})

/** A thermometer as it is shown after another reading. */
const next = (
  row: Screen.Row,
  reading: Result.Result<number, OwError.OwError>,
  isInAlarm: boolean
): Screen.Row => {
  const history = [...row.history.slice(-Screen.widestChart), Result.getOrUndefined(reading)]
  if (Result.isSuccess(reading)) {
    return { ...row, history, text: `${reading.success.toFixed(2)} °C`, mark: isInAlarm ? "alarm" : "" }
  }
  const reason = Devices.reasonOf(reading.failure)
  return { ...row, history, text: "–", mark: reason === "NotFound" ? "gone" : reason }
}

/** What fails is counted, and ends nothing. */
const attempt = <A, R>(what: string, call: Effect.Effect<A, OwError.OwError, R>) =>
  Effect.result(Effect.tapError(call, (error) => Metric.update(failures, `${Devices.reasonOf(error)} (${what})`)))

/** Reads the thermometers in rounds, until the time is over and all has happened that shall. Gives how many they were. */
const watch = Effect.fnUntraced(function*(
  thermometers: ReadonlyArray<Devices.Thermometer>,
  seconds: number,
  happenings: ReadonlyArray<House.Happening>
) {
  const ow = yield* OwClient.OwClient
  const { note, show } = yield* Screen.Screen
  const places = [...new Set(thermometers.map(({ place }) => place))]
  const startedAt = yield* Clock.currentTimeMillis
  const ahead = [...happenings]

  const read = ({ name, temperature }: Devices.Thermometer) =>
    attempt(name, Effect.tap(Effect.map(ow.readText(temperature), Number), () => Metric.update(readings, 1)))

  const round = Effect.fnUntraced(function*(rows: ReadonlyArray<Screen.Row>) {
    const triesBefore = (yield* Metric.value(retries)).count
    const conversions = yield* Effect.forEach(places, (place) => attempt("conversion", convert(place)))
    // The chips measure by themselves, and nobody says when they have.
    yield* Effect.sleep("750 millis")
    const temperatures = yield* Effect.forEach(thermometers, read, { concurrency: 4 })
    const lists = yield* Effect.forEach(
      places,
      (place) => attempt("alarms", ow.dir(`${place}/alarm`, { slash: false }))
    )

    const tries = (yield* Metric.value(retries)).count - triesBefore
    const results: ReadonlyArray<Result.Result<unknown, OwError.OwError>> = [...conversions, ...temperatures, ...lists]
    const isHealed = results.every((result) => Result.isSuccess(result) || result.failure._tag === "OwnetError")
    if (tries > 0 && isHealed) yield* note("client", `every call was answered in the end, retries: ${tries}`, "green")

    const alarms = new Set(lists.flatMap(Result.getOrElse(() => [])).map(Devices.lastOf))
    const seen = rows.map((row, index) => next(row, temperatures[index], alarms.has(row.name)))
    for (const [index, { mark, name }] of seen.entries()) {
      if (mark !== rows[index].mark) yield* note("watch", `${name}: ${mark || "fine again"}`, mark ? "red" : "green")
    }
    yield* show(seen)
    return seen
  })

  yield* ow.state.pipe(
    Stream.drop(1),
    Stream.map((state) => "problem" in state ? `${state._tag}: ${state.problem}` : state._tag),
    Stream.runForEach((state) => note("client", state, "dim")),
    Effect.forkScoped
  )
  const pause = Effect.sleep(Duration.seconds(Math.min(1, seconds / 15)))
  const first = thermometers.map(({ name }): Screen.Row => ({ name, history: [], text: "", mark: "" }))
  return yield* Stream.unfold(
    first,
    Effect.fnUntraced(function*(rows) {
      const elapsed = ((yield* Clock.currentTimeMillis) - startedAt) / 1000
      if (ahead.length === 0 && elapsed >= seconds) return undefined
      // One at a time: each is met by a round of its own, however slow the machine is.
      if (ahead.length > 0 && elapsed >= ahead[0][0] * seconds) yield* ahead.splice(0, 1)[0][1]
      const [seen] = yield* Effect.zip(round(rows), pause, { concurrent: true })
      return [seen, seen] as const
    })
  ).pipe(Stream.runCount)
}, Effect.scoped)

const summarize = Effect.fnUntraced(function*(rounds: number) {
  const ow = yield* OwClient.OwClient
  const { print } = yield* Screen.Screen
  const replays = Metric.withAttributes(OwMetrics.replays, { server: ow.server })
  const killed = (yield* Metric.value(House.killed)).count
  const { occurrences } = yield* Metric.value(failures)
  yield* print()
  yield* print(`  readings                        ${(yield* Metric.value(readings)).count}, in ${rounds} rounds`)
  if (killed > 0) yield* print(`  connections killed              ${killed}`)
  yield* print(`  requests sent again at once     ${(yield* Metric.value(replays)).count}`)
  yield* print(`  calls tried again a bit later   ${(yield* Metric.value(retries)).count}`)
  const failed = Array.from(occurrences, ([failure, times]) => `${times} × ${failure}`)
  yield* print(`  failures seen by the program    ${failed.join(", ") || "none"}`)
})

const showMistakes = Effect.fnUntraced(function*(device: string) {
  const ow = yield* OwClient.OwClient
  const { explain, print } = yield* Screen.Screen
  yield* print()
  yield* print("What a mistake looks like:")
  for (const mistake of [ow.read(`${device}/temprature`), ow.read("/")]) {
    yield* print()
    yield* Effect.catch(mistake, (error) => explain(`${error}`))
  }
})

const program = Effect.fnUntraced(function*(seconds: number, happenings: ReadonlyArray<House.Happening>) {
  const { print } = yield* Screen.Screen
  const devices = yield* showDevices
  const thermometers = devices.filter(Devices.isThermometer)
  if (thermometers.length === 0) yield* print("There is no thermometer to watch.")
  else yield* summarize(yield* watch(thermometers, seconds, happenings))
  yield* showMistakes(devices.length > 0 ? devices[0].path : "/28.000028D70100")
})

/** What ends the demo, in a line. */
class Unusable extends Data.TaggedError("Unusable")<{ readonly message: string }> {
  override readonly [Runtime.errorReported] = false
}

const server = Flag.String("server").pipe(
  Flag.withSchema(ServerAddress.ServerAddressFromString),
  Flag.withFallbackConfig(Config.schema(ServerAddress.ServerAddressFromString, "OWSERVER")),
  Flag.optional,
  Flag.withMetavar("HOST[:PORT]"),
  Flag.withDescription("An owserver of yours, instead of the simulated one; also as OWSERVER in the environment")
)

const seconds = Flag.Finite("seconds").pipe(
  Flag.withSchema(Schema.Finite.check(Schema.isGreaterThan(0))),
  Flag.withDefault(12),
  Flag.withDescription("How long to watch the thermometers (default 12)")
)

const demo = Command.make(
  "demo",
  { server, seconds },
  Effect.fnUntraced(
    function*({ seconds, server }) {
      const { happenings, host, port } = Option.isSome(server)
        ? { ...server.value, happenings: [] }
        : yield* House.start(seconds)
      // The live values, not those that the server remembers.
      const options = { flags: { uncached: true }, retry: yield* retry, timeout: "3 seconds", metrics: true } as const
      yield* Effect.provide(program(seconds, happenings), NodeOwClient.layer({ host, port, ...options }))
    },
    Effect.scoped,
    Effect.provide(Screen.layer),
    (run, { server }) =>
      Effect.mapError(run, ({ message }) =>
        new Unusable({
          message: Option.isSome(server)
            ? `${message} (without --server, the demo brings a server of its own)`
            : message
        })),
    Effect.tapError(({ message }) => Console.error(message))
  )
)

demo.pipe(
  Command.withDescription("Shows the devices on a 1-Wire network, and how warm its thermometers are"),
  Command.run({ version: "0.1.0" }),
  Effect.provide(NodeServices.layer),
  NodeRuntime.runMain
)
