/**
 * The programs as run by somebody who has not read much: at once they print their task, and the settings that are missing.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { ChildProcess, type ChildProcessSpawner } from "effect/process"
import { globSync } from "node:fs"
import { bundled } from "../../../test/fixtures/bundled.ts"

const root = new URL("..", import.meta.url).pathname

const sourceOf = (name: string): string => `${root}/${name}/main.ts`

/** Node's compile cache for the sources, which do not change their place. */
const compiled = { NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "" }

/** No server listens there. */
const nowhere = "127.0.0.1:1"

const start = (path: string, env: Readonly<Record<string, string>>) =>
  ChildProcess.make(process.execPath, [path], {
    env: {
      PATH: process.env["PATH"],
      OWSERVER: nowhere,
      FORCE_COLOR: "0",
      PORT: "0",
      ...env
    },
    stdin: "ignore"
  })

/** Output of a program line by line, without Node's own messages. */
const linesOf = (output: ChildProcessSpawner.ChildProcessHandle["all"]) =>
  output.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.filter((line) => !/ExperimentalWarning|--trace-warnings/.test(line))
  )

const room = { THERMOMETER: "28.000028D70100", RELAY: "29.000029D60300" }

/** First output of each program that runs until it is stopped, while its server is unreachable. */
const says: Readonly<Record<string, readonly [env: Readonly<Record<string, string>>, text: string]>> = {
  hub: [{ DATABASE: ":memory:" }, "keeps a history, and shows it on a page"],
  hundred: [{}, "sums up each minute: the first lines come in a minute"],
  mqtt: [{ MQTT_URL: "mqtt://127.0.0.1:1" }, "bridges sensors and relays to the MQTT broker at 127.0.0.1:1"],
  network: [{}, "logs all that the servers of a network say"],
  "recipes/fan": [
    { INSIDE: "26.000026D90200", OUTSIDE: "26.000026D90300", RELAY: room.RELAY },
    "runs the fan at PIO.0 of 29.000029D60300 while the air at 26.000026D90300 is drier"
  ],
  "recipes/freezer": [
    { ...room, NTFY_URL: "http://127.0.0.1:1/freezer" },
    "tells 127.0.0.1:1 if 28.000028D70100 is above -15 °C or silent for ten minutes"
  ],
  "recipes/schedule": [room, `switches PIO.0 of 29.000029D60300 on at "0 6 * * *" and off at "0 22 * * *"`],
  testing: [room, "pages you if 28.000028D70100 is above -15 °C or silent for ten minutes"],
  thermostat: [room, "keeps 28.000028D70100 at 21 °C by PIO.0 of 29.000029D60300"]
}

/** Whether a line reports that the server is unreachable. */
const isAway = (line: string) => line.includes(`owserver at ${nowhere} does not answer: `)

/** These programs read once, print their results, and end. */
const ending = ["getting-started", "observability", "readme", "runtimes"]

/** Those of them whose server a variable names. */
const asking = ["getting-started", "runtimes"]

/** Messages about variables that are missing or invalid. */
const wrong: ReadonlyArray<readonly [name: string, env: Readonly<Record<string, string>>, sentence: string]> = [
  [
    "thermostat",
    {},
    "THERMOMETER is not set. Set it to the ROM id or the path of a DS18B20, such as THERMOMETER=28."
  ],
  ["thermostat", { THERMOMETER: "" }, "THERMOMETER is not set."],
  [
    "thermostat",
    { THERMOMETER: room.THERMOMETER },
    "RELAY is not set. Set it to the ROM id or the path of a DS2408"
  ],
  ["thermostat", { ...room, TARGET: "warm" }, `TARGET is "warm". Set it to a temperature in °C, such as TARGET=21`],
  ["thermostat", { ...room, RELAY: "heating" }, `RELAY is "heating". Set it to the ROM id or the path of a DS2408`],
  ["testing", {}, "THERMOMETER is not set."],
  ["testing", { ...room, WARMEST: "-15°" }, `WARMEST is "-15°". Set it to a temperature in °C`],
  ["mqtt", {}, "MQTT_URL is not set. Set it to the address of an MQTT broker, such as MQTT_URL=mqtt://localhost"],
  ["mqtt", { MQTT_URL: "localhost" }, `MQTT_URL is "localhost". Set it to the address of an MQTT broker`],
  ["recipes/fan", { INSIDE: "26.000026D90200" }, "OUTSIDE is not set. Set it to the ROM id or the path of a DS2438"],
  [
    "recipes/freezer",
    room,
    "NTFY_URL is not set. Set it to the address of your topic, such as NTFY_URL=https://ntfy.sh/"
  ],
  ["recipes/freezer", { ...room, NTFY_URL: "freezer" }, `NTFY_URL is "freezer". Set it to the address of your topic`],
  ["recipes/schedule", { ...room, ON: "six" }, `ON is "six". Set it to a cron expression, such as ON="0 6 * * *"`],
  ["observability", { PORT: "70000" }, `PORT is "70000". Set it to the port to listen on`],
  [
    "hundred",
    { OWSERVER: "a:b" },
    `OWSERVER is "a:b", which is not a server: write host, host:port, [::1]:4304, owserver://host:port`
  ],
  ["getting-started", { OWSERVER: "a:b" }, "OWSERVER is not an address such as raspberrypi:4304"],
  ["runtimes", { OWSERVER: "a:b" }, `OWSERVER is "a:b",`]
]

describe("the programs", () => {
  const bundleOf = bundled(Object.fromEntries(wrong.map(([name]) => [name, sourceOf(name)])))

  it("are all held here", () => {
    const found = globSync("**/main.ts", { cwd: root }).map((path) => path.slice(0, path.lastIndexOf("/")))
    assert.sameMembers(found, [...Object.keys(says), ...ending])
  })

  it.live(
    "say at once what they do, and that their server is away",
    () =>
      Effect.forEach(Object.entries(says), ([name, [env, text]]) =>
        Effect.gen(function*() {
          const lines = yield* Stream.runCollect(
            Stream.takeUntil(linesOf((yield* start(sourceOf(name), { ...compiled, ...env })).all), isAway)
          )
          const first = lines.find((line) => line.includes(" INFO ") && !line.includes("Listening on"))
          assert.include(first ?? "", text, `${name}: ${lines.join("\n")}`)
          assert.isTrue(lines.some(isAway), lines.join("\n"))
        }).pipe(Effect.scoped), { concurrency: 2, discard: true }).pipe(Effect.provide(NodeServices.layer)),
    240_000
  )

  it.live(
    "end with status 1 and the reason if their server is unreachable",
    () =>
      Effect.forEach(asking, (name) =>
        Effect.gen(function*() {
          const program = yield* start(sourceOf(name), compiled)
          const lines = yield* Stream.runCollect(linesOf(program.all))
          assert.include(lines.join("\n"), `connect to ${nowhere}: cannot connect: `, name)
          assert.strictEqual(yield* program.exitCode, 1, name)
        }).pipe(Effect.scoped), { concurrency: 2, discard: true }).pipe(Effect.provide(NodeServices.layer)),
    240_000
  )

  it.live(
    "say in a sentence which variable is missing or wrong, and end with status 1",
    () =>
      Effect.forEach(wrong, ([name, env, sentence]) =>
        Effect.gen(function*() {
          const program = yield* start(bundleOf(name), env)
          const lines = yield* Stream.runCollect(linesOf(program.stderr))
          assert.lengthOf(lines, 1, lines.join("\n"))
          assert.include(lines[0], sentence, name)
          assert.strictEqual(yield* program.exitCode, 1, name)
        }).pipe(Effect.scoped), { concurrency: 2, discard: true }).pipe(Effect.provide(NodeServices.layer)),
    240_000
  )
})
