/**
 * A house full of thermometers behind an owserver: a simulated house, or your own.
 *
 *     pnpm demo
 *     pnpm demo --server raspberrypi.local:4304
 */
import { Alarms, Arrivals, Conversion, Device, Diagnosis, Discovery } from "@effect-ownet/core"
import { type Observation, OwClient, type OwError, OwMetrics, OwRetry } from "@effect-ownet/core"
import { Place, type RomId, ServerAddress } from "@effect-ownet/core"
import { DS2406, DS2408, DS2413, DS2423, DS2438, DS2450 } from "@effect-ownet/core/families"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Clock, Config, Console, Data, Duration, Effect, Metric, Option } from "effect"
import { Runtime, Schedule, Schema, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import * as House from "./demo/House.ts"
import * as Screen from "./demo/Screen.ts"

const readings = Metric.counter("demo_readings")
const retries = Metric.counter("demo_retries")
const failures = Metric.frequency("demo_failures")

/** Repeats calls after temporary failures, and reports them. */
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

/** Makes all thermometers measure at the same time. */
const measure = Effect.fnUntraced(function*(thermometers: ReadonlyArray<Conversion.Thermometer>) {
  return Conversion.convertAll(thermometers, { implausible: "readAgain", retry: yield* retry })
}, Stream.unwrap)

const outputs = (areOn: ReadonlyArray<boolean>): string => `outputs ${areOn.map((isOn) => isOn ? "●" : "○").join("")}`

/** The main value of a device other than its temperature. */
const mainValue = (device: Device.AnyDevice): Effect.Effect<string, Device.Failure> => {
  if (Device.is(DS2438)(device)) return Effect.map(device.read("humidity"), (value) => `${value.toFixed(1)} % humidity`)
  if (Device.is(DS2406, DS2408, DS2413)(device)) return Effect.map(device.read("PIO.ALL"), outputs)
  if (Device.is(DS2423)(device)) return Effect.map(device.read("counter.A"), (value) => `${value} counted`)
  if (Device.is(DS2450)(device)) return Effect.map(device.read("volt.A"), (value) => `${value.toFixed(2)} V`)
  return Effect.succeed("")
}

const reasonOf = (error: Device.Failure): string => error._tag === "ArgumentError" ? error._tag : error.reason._tag

const celsius = (temperature: number): string => `${temperature.toFixed(2)} °C`

const showDevices = Effect.gen(function*() {
  const ow = yield* OwClient.OwClient
  const { print } = yield* Screen.Screen
  const version = Effect.orElseSucceed(ow.readText("/system/configuration/version"), () => "of an unknown version")
  yield* print(`Talking to owserver ${yield* version} at ${ow.server}.`)
  const { devices, failures } = yield* Discovery.devices()
  const measured = yield* Stream.runCollect(measure(devices.filter(Conversion.isThermometer)))
  const temperatures = new Map(measured.map((seen) => [
    seen.device.id,
    seen._tag === "Reading" ? celsius(seen.value) : reasonOf(seen.error)
  ]))
  const orReason = Effect.match({ onSuccess: (text: string) => text, onFailure: reasonOf })
  yield* print()
  for (const device of devices) {
    const chip = yield* orReason(ow.readText(`${device.path}/type`))
    const values = [temperatures.get(device.id), yield* orReason(mainValue(device))].filter((text) => text).join(", ")
    yield* print(`  ${device.name.padEnd(16)} ${chip.padEnd(8)} ${values.padEnd(26)} ${Place.format(device.place)}`)
  }
  for (const { error } of failures) yield* print(`  ${error.message}`)
  yield* print()
  return devices
})

/** The remarkable fact about a reading. */
const problemOf = (seen: Observation.Observation): string =>
  seen._tag === "Failed" ? reasonOf(seen.error) : seen.verdict._tag === "Plausible" ? "" : seen.verdict._tag

/** Watches the thermometers until the time is over and all expected events have happened. Returns the number of rounds. */
const watch = Effect.fnUntraced(function*(
  devices: ReadonlyArray<Device.AnyDevice>,
  thermometers: ReadonlyArray<Conversion.Thermometer>,
  seconds: number,
  happenings: ReadonlyArray<Effect.Effect<void>>
) {
  const ow = yield* OwClient.OwClient
  const { note, show } = yield* Screen.Screen
  const endsAt = (yield* Clock.currentTimeMillis) + seconds * 1000
  const empty: Screen.Row = { name: "", history: [], text: "", mark: "" }
  const rows = new Map(thermometers.map(({ id, name }) => [id, { ...empty, name }]))
  const inAlarm = new Set<RomId.RomId>()
  let rounds = 0

  const see = Effect.fnUntraced(function*(seen: Observation.Observation<number>) {
    const { id, name } = seen.device
    const before = rows.get(id) ?? empty
    const value = seen._tag === "Reading" ? seen.value : undefined
    const mark = problemOf(seen) || (inAlarm.has(id) ? "alarm" : "")
    const history = [...before.history.slice(-Screen.widestChart), value]
    rows.set(id, { name, history, text: value === undefined ? "–" : celsius(value), mark })
    yield* value === undefined ? Metric.update(failures, `${mark} (${name})`) : Metric.update(readings, 1)
    if (mark !== before.mark) yield* note("watch", `${name}: ${mark || "fine again"}`, mark ? "red" : "green")
  })
  const round = Effect.gen(function*() {
    const before = yield* Metric.value(retries)
    yield* happenings[rounds++] ?? Effect.void
    yield* Stream.runForEach(measure(thermometers), see)
    const tried = (yield* Metric.value(retries)).count - before.count
    const seen = [...rows.values()]
    const isWhole = seen.every(({ text }) => text !== "–")
    if (tried > 0 && isWhole) yield* note("client", `every call was answered in the end, retries: ${tried}`, "green")
    yield* show(seen)
  })
  const isGoingOn = Effect.map(Clock.currentTimeMillis, (now) => rounds < happenings.length || now < endsAt)

  const arrivals = Arrivals.arrivals({ every: "1 second", absences: 2, grace: "1 second" }).pipe(
    // All devices that are already shown appear in the first scan.
    Stream.drop(devices.length),
    Stream.runForEach((event) => {
      const who = "device" in event ? `${event.device.name}: ` : "bus" in event ? `${event.bus}: ` : ""
      return note("watch", who + event._tag, "yellow")
    })
  )
  const places = new Set(thermometers.map(({ place }) => Place.toPath(place)))
  const alarms = Alarms.alarms({ places: [...places], retry: yield* retry }).pipe(
    Stream.runForEach((event) =>
      Effect.sync(() => {
        if (event._tag === "Raised") inAlarm.add(event.device.id)
        if (event._tag === "Cleared") inAlarm.delete(event.device.id)
      })
    )
  )
  const states = ow.state.pipe(
    Stream.drop(1),
    Stream.map((state) => "problem" in state ? `${state._tag}: ${state.problem}` : state._tag),
    Stream.runForEach((state) => note("client", state, "dim"))
  )
  yield* Effect.raceFirst(
    Effect.repeat(Effect.zip(round, Effect.sleep("1 second"), { concurrent: true }), { while: () => isGoingOn }),
    Effect.all([arrivals, alarms, states], { concurrency: "unbounded" })
  )
  return rounds
})

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

const showMistake = Effect.fnUntraced(function*(path: string) {
  const ow = yield* OwClient.OwClient
  const { explain, print } = yield* Screen.Screen
  yield* Effect.forEach(["", "What a mistake looks like:", ""], print)
  yield* Effect.catch(ow.read(path), (error) => explain(`${error}`))
  yield* Effect.forEach(["", "And what comes of asking what was wrong:", ""], print)
  // If the diagnosis fails, its error is as informative.
  const { message } = yield* Effect.catch(Diagnosis.diagnose(path), Effect.succeed)
  yield* explain(message)
})

const program = Effect.fnUntraced(function*(seconds: number, happenings: ReadonlyArray<Effect.Effect<void>>) {
  const { print } = yield* Screen.Screen
  const devices = yield* showDevices
  const thermometers = devices.filter(Conversion.isThermometer)
  if (thermometers.length === 0) yield* print("There is no thermometer to watch.")
  else yield* summarize(yield* watch(devices, thermometers, seconds, happenings))
  yield* showMistake(`${devices.length > 0 ? devices[0].path : "/28.000028D70100"}/temprature`)
})

/** Ends the demo, with a message of one line. */
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
      const { happenings, ...address } = Option.isSome(server)
        ? { ...server.value, happenings: [] }
        : yield* House.start(seconds)
      const options = { retry: yield* retry, timeout: "3 seconds", metrics: true } as const
      yield* Effect.provide(program(seconds, happenings), NodeOwClient.layer({ ...address, ...options }))
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
