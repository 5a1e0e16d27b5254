/**
 * `watch`: values as they come, in a pipe and on a terminal.
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import * as owserver from "../../../test/fixtures/owserver.ts"
import { ow as bundle } from "./fixtures/bundle.ts"
import * as ow from "./fixtures/ow.ts"
import * as Terminal from "./fixtures/terminal.ts"

const timeout = 120_000

const addressOf = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`

/** A house whose values stay as they are until they are set. */
const house: SimulatedNetwork.Description = {
  "28.000028D70100": { temperature: 21.5, alias: "livingroom" },
  "26.000026D90400": { temperature: 20, humidity: 55.5, VAD: 2.5, VDD: 5 },
  "29.000029D60300": { "PIO.BYTE": 5, "sensed.BYTE": 250 },
  "/bus.1/10.000010EF0000": { temperature: 19.5 }
}

const serve = Effect.fnUntraced(function*(description: SimulatedNetwork.Description = house) {
  const network = yield* SimulatedNetwork.make(description)
  const server = yield* NodeSimulatedServer.start(network)
  return { network, server, address: addressOf(server) }
})

/** Looks again and again until something is so. */
const until = <A, E>(look: Effect.Effect<A, E>, isSo: (seen: A) => boolean) =>
  Effect.timeoutOrElse(Effect.repeat(look, { schedule: Schedule.spaced("10 millis"), until: isSo }), {
    duration: "40 seconds",
    orElse: () => Effect.die(`it did not come about: ${isSo}`)
  })

const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 {2}/

/** Readings without their time. */
const untimed = (output: string): ReadonlyArray<string> =>
  output.split("\n").slice(0, -1).map((line) => {
    assert.match(line, stamp)
    return line.replace(stamp, "")
  })

for (const backend of owserver.backends) {
  backend.describe(`watch at ${backend.name}`, () => {
    it.live("prints a line for each reading, round by round", () =>
      Effect.gen(function*() {
        const run = ow.at(yield* backend.start(["--tester=28,26"]))
        const output = ow.resultOf(yield* run(["watch", "--count", "2", "--every", "100ms"]))
        const round = [
          "26.000026D90100  temperature  3.9  °C",
          "26.000026D90100  humidity     3.9  %RH",
          "26.000026D90100  VAD          3.9  V",
          "26.000026D90100  VDD          3.9  V",
          "28.000028D70000  temperature  4  °C"
        ]
        assert.deepStrictEqual(untimed(output), [...round, ...round])
      }), timeout)

    it.live("watches what is named, in the scale that is wanted", () =>
      Effect.gen(function*() {
        const run = ow.at(yield* backend.start(["--tester=28,26,10"]))
        const what = ["ds18b20", "10", "/26.000026D90100/VAD", "26.000026D90100/VAD", "28.000028D70000"]
        const output = ow.resultOf(yield* run(["watch", "-F", "--count", "1", ...what]))
        assert.sameMembers([...untimed(output)], [
          "28.000028D70000  temperature  39.2  °F",
          "10.000010EF0200  temperature  35.24  °F",
          "26.000026D90100  VAD          3.9  V"
        ])
      }), timeout)

    it.live("has a line for each reading for programs", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28,29"])
        const output = ow.resultOf(yield* ow.at(server)(["watch", "--json", "--count", "1"]))
        const lines = output.split("\n").slice(0, -1).map((line) => JSON.parse(line))
        for (const { time } of lines) assert.strictEqual(new Date(time).toISOString(), time)
        const { time: _time, ...first } = lines[0]
        assert.deepStrictEqual(first, {
          server: addressOf(server),
          id: "28.000028D70000",
          alias: null,
          path: "/28.000028D70000/temperature",
          property: "temperature",
          value: 4,
          unit: "°C",
          verdict: "Plausible",
          error: null
        })
        assert.deepStrictEqual(Object.keys(lines[1]), [
          "time",
          "server",
          "id",
          "alias",
          "path",
          "property",
          "value",
          "unit",
          "verdict",
          "error"
        ])
        assert.strictEqual(lines[1].path, "/29.000029D60100/PIO.ALL")
        assert.strictEqual(lines[1].value.length, 8)
      }), timeout)

    it.live("says once that a server is gone, and goes on when it is back", () =>
      Effect.gen(function*() {
        const first = yield* backend.start(["--tester=28,26"])
        const { awaitLine, exit, kill, output } = yield* ow.start([
          "watch",
          "-s",
          addressOf(first),
          "--every",
          "100ms"
        ])
        yield* awaitLine((line) => line.includes("VDD"))
        yield* first.kill
        yield* awaitLine((line) => line.startsWith("ow: "), "stderr")
        yield* backend.start(["--tester=28,26"], first.port)
        yield* awaitLine((line) => line.includes("answers again, after "), "stderr")
        const before = (yield* output).stdout.length
        yield* until(output, ({ stdout }) => stdout.length > before)
        yield* kill("SIGINT")
        assert.strictEqual(yield* exit, 130)
        const [failure, recovery, ...more] = (yield* output).stderr.split("\n")
        assert.match(failure, new RegExp(`^ow: read /2.*at ${addressOf(first)}: `))
        assert.match(recovery, new RegExp(`^ow: ${addressOf(first)} answers again, after [\\d.]+ m?s$`))
        assert.deepStrictEqual(more, [""])
      }), timeout)

    it.live("ends quietly when nobody reads any more", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28"])
        const args = ["watch", "-s", addressOf(server), "--every", "10ms"]
        const { awaitLine, closeStdout, exit, output } = yield* ow.start(args)
        yield* awaitLine((line) => line.includes("temperature"))
        yield* closeStdout
        assert.strictEqual(yield* exit, 0)
        assert.strictEqual((yield* output).stderr, "")
      }), timeout)

    it.live("shows a table on a terminal until Ctrl-C", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28,29"])
        const terminal = yield* ow.onTerminal(["watch", "-s", addressOf(server), "--every", "100ms"])
        const rows = [
          /^28\.000028D70000 {2}temperature {2}4\.00 °C {3}▄{5,}$/,
          /^29\.000029D60100 {2}PIO\.ALL {6}[01]{8}$/,
          /^29\.000029D60100 {2}sensed\.ALL {3}[01]{8}$/,
          /^$/
        ]
        const isWhole = (lines: ReadonlyArray<string>) =>
          lines[0] === `${addressOf(server)}  every 100 ms` && rows.every((row, at) => row.test(lines[1 + at]))
        yield* terminal.awaitScreen(isWhole)
        assert.isFalse(yield* terminal.cursorVisible)
        yield* terminal.send("\u0003")
        assert.strictEqual(yield* terminal.exit, 130)
        assert.isTrue(yield* terminal.cursorVisible)
        assert.isTrue(isWhole(yield* terminal.screen))
      }), timeout)
  })
}

// Most of it is waiting.
describe.concurrent("watch", () => {
  it.live("tells only what is new", () =>
    Effect.gen(function*() {
      const { address, network } = yield* serve()
      const { awaitLine, kill, exit, lines } = yield* ow.start([
        "watch",
        "-s",
        address,
        "--changes",
        "--every",
        "20ms",
        "livingroom",
        "29"
      ])
      yield* awaitLine((line) => line.includes("sensed.ALL"))
      yield* network.set("/28.000028D70100/temperature", 22)
      yield* awaitLine((line) => line.endsWith("livingroom       temperature  22  °C"))
      yield* network.set("/28.000028D70100/temperature", 85)
      yield* awaitLine((line) => line.endsWith("livingroom       temperature  85  °C  (power-on value)"))
      yield* kill("SIGINT")
      assert.strictEqual(yield* exit, 130)
      assert.strictEqual((yield* lines).length, 5)
    }), timeout)

  it.live("tells a failure of a property once, and its value again", () =>
    Effect.gen(function*() {
      const { address, network } = yield* serve()
      const path = "/28.000028D70100/temperature"
      const { awaitLine, output } = yield* ow.start(["watch", "-s", address, "--json", "--every", "20ms", path])
      yield* awaitLine((line) => line.includes("21.5"))
      yield* network.set(path, SimulatedNetwork.refuse(-5))
      const failure = JSON.parse(yield* awaitLine((line) => !line.includes(`"error":null`)))
      yield* network.set(path, 17)
      yield* awaitLine((line) => line.includes(`"value":17,`))
      assert.deepInclude(failure, { id: "28.000028D70100", alias: "livingroom", path, value: null, verdict: null })
      assert.deepInclude(failure.error, { _tag: "OwnetError", reason: { _tag: "BusFault" } })
      assert.match(failure.error.message, /^read \/28.000028D70100\/temperature at .*: refused with -5 EIO/)
      const { stderr, stdout } = yield* output
      assert.strictEqual(stdout.split("\n").filter((line) => line.includes("OwnetError")).length, 1)
      assert.strictEqual(stderr, "")
    }), timeout)

  it.live("goes on where a bus cannot be searched, and says so", () =>
    Effect.gen(function*() {
      const { address, network } = yield* serve()
      yield* network.breakBus(1, -5)
      const args = ["watch", "-s", address, "--count", "1", "28", "10"]
      const { status, stderr, stdout } = yield* ow.run(args)
      assert.strictEqual(status, 0)
      assert.deepStrictEqual(untimed(stdout), ["livingroom  temperature  21.5  °C"])
      assert.match(stderr, /^ow: dir \/bus\.1 at .*: refused with -5 EIO.*\n$/)
      const [failure, ...others] = ow.jsonOf(ow.resultOf(yield* ow.run([...args, "--json"])))
      assert.deepInclude(failure, { event: "bus-failed", server: address, bus: "bus.1" })
      assert.strictEqual(others.length, 1)
      const terminal = yield* ow.onTerminal(args)
      assert.strictEqual(yield* terminal.exit, 0)
      assert.deepStrictEqual((yield* terminal.screen).slice(0, 3), [
        `${address}  every 2 s`,
        "bus.1: bus fault",
        "livingroom  temperature  21.50 °C   ▄"
      ])
    }), timeout)

  it.live("tells programs once that a server is gone", () =>
    Effect.gen(function*() {
      const { address, network, server } = yield* serve()
      const { awaitLine, lines } = yield* ow.start(["watch", "-s", address, "--json", "--every", "20ms"])
      yield* awaitLine((line) => line.includes("19.5"))
      yield* server.stop
      const failure = JSON.parse(yield* awaitLine((line) => !line.includes(`"error":null`)))
      assert.deepStrictEqual(Object.keys(failure), ["time", "event", "server", "error"])
      assert.deepInclude(failure, { event: "server-failed", server: address })
      assert.strictEqual(failure.error._tag, "ConnError")
      yield* network.set("/10.000010EF0000/temperature", 18)
      yield* server.start
      yield* awaitLine((line) => line.includes(`"value":18,`))
      const told = (yield* lines).flatMap((line) => JSON.parse(line).event ?? [])
      assert.deepStrictEqual(told, ["server-failed", "server-recovered"])
    }), timeout)

  it.live("watches several servers, one of which does not answer yet", () =>
    Effect.gen(function*() {
      const { address } = yield* serve({ "28.000028D70100": { temperature: 21.5 } })
      const other = yield* serve({ "28.000028D70200": { temperature: 8 } })
      yield* other.server.stop
      const { awaitScreen } = yield* ow.onTerminal(
        ["watch", "-s", address, "-s", other.address, "--every", "100ms"]
      )
      const gone = new RegExp(`^${other.address} {2}no answer since \\d\\d:\\d\\d:\\d\\d, trying again$`)
      yield* awaitScreen((lines) =>
        lines[0] === `${address}  every 100 ms` && lines[1].includes(" 21.50 °C") && gone.test(lines[2])
      )
      yield* other.server.start
      yield* awaitScreen((lines) => lines[2] === `${other.address}  every 100 ms` && lines[3].includes(" 8.00 °C"))
    }), timeout)

  it.live("knows what one server has, and another one has not", () =>
    Effect.gen(function*() {
      const one = yield* serve({ "28.000028D70100": { temperature: 21.5, alias: "attic" } })
      const other = yield* serve({ "10.000010EF0000": { temperature: 8, alias: "cellar" } })
      const args = ["watch", "-s", one.address, "-s", other.address, "--count", "1"]
      const output = ow.resultOf(yield* ow.run([...args, "attic", "10.000010EF0000/temperature"]))
      assert.sameMembers([...untimed(output)], ["attic   temperature  21.5  °C", "cellar  temperature  8  °C"])
      const { status, stderr } = yield* ow.run([...args, "kitchen"])
      assert.strictEqual(status, 1)
      assert.match(
        stderr,
        /^ow: romId \/kitchen at \S+, \S+: refused with -1 EPERM: no server has "kitchen", or its device does not answer on the bus now\n$/
      )
    }), timeout)

  const refusals: ReadonlyArray<readonly [args: ReadonlyArray<string>, status: number, message: RegExp]> = [
    [["nosuch"], 1, /^ow: romId \/nosuch at .*\n {4}no device on this server has the alias "nosuch"\n$/],
    [["3A"], 1, /^ow: nothing to watch: no such device at 127\.0\.0\.1:\d+, or none that measures\n$/],
    [
      ["livingroom/temprature"],
      2,
      /^ow: .*property is not one of a DS18B20; did you mean temperature\?; nothing was sent\n$/
    ],
    [["28.000028D70100.27"], 2, /^ow: "28\.000028D70100\.27" has a wrong CRC .*\n$/],
    [["/settings/units/temperature_scale"], 2, /^ow: .* is not a device, a property of one, or a family\n$/],
    [["--every", "0"], 2, /^ow: .*a duration such as 500ms.*\n$/],
    [["-s", "127.0.0.1:1"], 3, /^ow: dir \/ at 127\.0\.0\.1:1: cannot connect: .*\n$/]
  ]
  for (const [args, expected, message] of refusals) {
    it.live(`refuses: ${args.join(" ")}`, () =>
      Effect.gen(function*() {
        const { server } = yield* serve()
        const { status, stderr, stdout } = yield* ow.at(server)(["watch", "--count", "1", ...args])
        assert.match(stderr, message)
        assert.deepStrictEqual({ status, stdout }, { status: expected, stdout: "" })
      }), timeout)
  }

  it.live("says beside each value what is wrong with it, until nothing is", () =>
    Effect.gen(function*() {
      const { address, network, server } = yield* serve()
      const { awaitScreen, exit, send } = yield* ow.onTerminal(["watch", "-s", address, "--every", "50ms"])
      const lineOf = (lines: ReadonlyArray<string>, name: string) => lines.find((line) => line.startsWith(name)) ?? ""
      yield* awaitScreen((lines) =>
        lineOf(lines, "livingroom").includes("21.5") && lineOf(lines, "10.").includes("19.5")
      )
      yield* network.set("/28.000028D70100/temperature", SimulatedNetwork.refuse(-5))
      yield* network.set("/10.000010EF0000/temperature", 85)
      yield* network.vanish("29.000029D60300")
      const failing = yield* awaitScreen((lines) =>
        lineOf(lines, "livingroom").includes("bus fault") && lineOf(lines, "10.").includes("power-on value") &&
        lineOf(lines, "29.").includes("no answer")
      )
      assert.match(lineOf(failing, "livingroom"), /^livingroom {7}temperature {2}21\.50 °C {3}bus fault/)
      yield* server.stop
      yield* awaitScreen(([heading]) => heading.includes("no answer since"))
      yield* server.start
      yield* network.set("/28.000028D70100/temperature", 17)
      yield* network.set("/10.000010EF0000/temperature", 18)
      yield* network.appear("29.000029D60300")
      yield* awaitScreen((lines) =>
        lines[0] === `${address}  every 50 ms` &&
        / 17\.00 °C .*▁ +17\.00 … 21\.50$/.test(lineOf(lines, "livingroom")) &&
        / 18\.00 °C /.test(lineOf(lines, "10.")) && /[01]{8}$/.test(lineOf(lines, "29."))
      )
      yield* send("\u0003")
      assert.strictEqual(yield* exit, 130)
    }), timeout)

  it.live("shows what fits, and how much more there is", () =>
    Effect.gen(function*() {
      const many = Object.fromEntries(
        Array.from({ length: 30 }, (_, at) => [`28.0000000000${10 + at}`, { temperature: 10 + at }])
      )
      const { address } = yield* serve({ ...many, "29.000029D60300": { alias: "\u001b[31mÜberwachung 日本" } })
      const { awaitScreen, exit, screen, send } = yield* ow.onTerminal(
        ["watch", "-s", address, "--every", "100ms", "29", "28"],
        { columns: 40, rows: 10 }
      )
      const lines = yield* awaitScreen((lines) =>
        lines[1].endsWith("01010101") && lines[3].includes(" 10.00 °C") && lines[8].startsWith("… and")
      )
      assert.strictEqual(lines.length, 10)
      assert.strictEqual(lines[1], "�[31mÜberwachung…  PIO.ALL      01010101")
      assert.strictEqual(lines[3], "28.000000000010    temperature  10.00 °C")
      assert.strictEqual(lines[8], "… and 25 more than fit here")
      assert.strictEqual(lines[9], "")
      yield* send("\u0003")
      assert.strictEqual(yield* exit, 130)
      assert.strictEqual((yield* screen)[0], `${address}  every 100 ms`)
    }), timeout)

  it.live(
    "keeps to the size of its terminal, and gives the cursor to others when it is stopped",
    () =>
      Effect.gen(function*() {
        const { address } = yield* serve()
        // Each line that is typed is a step, and no key. The command is no child of the terminal's, which would stop with it.
        const steps = "read a; stty columns 30 rows 5; read b; stty columns 80 rows 24;"
          + "read c; kill -TSTP $(cat $pid); read d; kill -CONT $(cat $pid)"
        const command =
          `sh -c 'echo $$ >$0; exec "$@"' $pid ${process.execPath} ${bundle} watch -s ${address} --every 50ms </dev/null`
        const terminal = yield* Terminal.run("sh", [
          "-c",
          `pid=$(mktemp); (${steps}) </dev/tty & ${command}; status=$?; rm $pid; exit $status`
        ])
        const { awaitScreen, cursorVisible, exit, screen, send } = terminal
        yield* awaitScreen((lines) => lines[8].includes("19.5"))
        yield* send("\n")
        const small = yield* awaitScreen((lines) => lines.includes("… and 6 more than fit here"))
        const picture = small.slice(0, small.indexOf("… and 6 more than fit here") + 1)
        for (const line of picture.slice(-4)) assert.isAtMost(line.length, 30)
        yield* send("\n")
        yield* awaitScreen((lines) => lines.some((line) => /^10\.\S+ +temperature +19\.50 °C +▄/.test(line)))
        assert.isFalse(yield* cursorVisible)
        yield* send("\n")
        yield* until(cursorVisible, (isVisible) => isVisible)
        yield* send("\n")
        yield* until(cursorVisible, (isVisible) => !isVisible)
        yield* send("\u0003")
        assert.strictEqual(yield* exit, 130)
        assert.isTrue(yield* cursorVisible)
        assert.isTrue((yield* screen).some((line) => /^10\.\S+ +temperature +19\.50 °C +▄/.test(line)))
      }),
    timeout
  )

  it.live("obeys keys: it scrolls, sorts, filters and ends", () =>
    Effect.gen(function*() {
      const many = Object.fromEntries(
        Array.from({ length: 30 }, (_, at) => [
          `28.0000000000${10 + at}`,
          { temperature: 10 + (at * 7) % 30, alias: `sensor ${at}` }
        ])
      )
      const { address } = yield* serve(many)
      const { awaitScreen, cursorVisible, exit, isAlternate, screen, send } = yield* ow.onTerminal(
        ["watch", "-s", address, "--every", "100ms"],
        { columns: 80, rows: 12 }
      )
      const first = yield* awaitScreen((lines) => lines[1].startsWith("sensor 0 ") && lines[9].includes(" 36.00 °C"))
      assert.strictEqual(first[10], "… and 21 more than fit here: ↑ ↓ scroll, / filters, s sorts, q ends")
      assert.isTrue(yield* isAlternate)
      yield* send("\u001b[B")
      yield* awaitScreen((lines) => lines[0].startsWith("sensor 0 "))
      yield* send("\u001b[6~")
      yield* awaitScreen((lines) => lines[0].startsWith("sensor 10 "))
      yield* send("\u001b[F")
      yield* awaitScreen((lines) => lines[9].startsWith("sensor 29 "))
      yield* send("\u001b[5~")
      yield* awaitScreen((lines) => lines[9].startsWith("sensor 19 "))
      yield* send("\u001b[H")
      yield* awaitScreen((lines) => lines[0].startsWith(address))
      yield* send("\u001b[A")
      yield* send("s")
      yield* awaitScreen((lines) => lines[1].startsWith("sensor 0 ") && lines[10].endsWith("  by name"))
      yield* send("s")
      yield* awaitScreen((lines) => lines[1].includes(" 39.00 °C") && lines[2].includes(" 38.00 °C"))
      yield* send("s")
      yield* awaitScreen((lines) => lines[10].endsWith("  by age"))
      yield* send("s/OR 2q")
      yield* send("\u007f")
      yield* awaitScreen((lines) => lines[10].endsWith("  filter: OR 2_"))
      yield* send("7\r")
      // Nothing is left of what was there before. On a busy machine a value may be late, which stands in place of its chart.
      const few = yield* awaitScreen((lines) =>
        lines[2] === "filter: OR 27" && /^sensor 27 {2}temperature {2}19\.00 °C {3}▄+$/.test(lines[1])
      )
      assert.deepStrictEqual(few.slice(3), Array.from({ length: 9 }, () => ""))
      yield* send("\u001b")
      yield* awaitScreen((lines) => lines[10].startsWith("… and 21 more"))
      // By age, the last table begins wherever a round has got to.
      yield* send("s")
      yield* awaitScreen((lines) => lines[10].startsWith("… and 21 more") && !lines[10].endsWith("  by age"))
      yield* send("q")
      assert.strictEqual(yield* exit, 0)
      assert.isFalse(yield* isAlternate)
      assert.isTrue(yield* cursorVisible)
      assert.isTrue((yield* screen).some((line) => line.startsWith("sensor 8 ")))
    }), timeout)

  it.live("has the same decimals in each round, and no waves of noise", () =>
    Effect.gen(function*() {
      let round = 0
      const { address } = yield* serve({ "28.000028D70100": { temperature: () => 21.5 + (round++ % 2) / 16 } })
      const { awaitScreen, exit, raw, send } = yield* ow.onTerminal(["watch", "-s", address, "--every", "30ms"])
      yield* awaitScreen((lines) => /temperature {2}21\.5[06] °C [▲▼] ▄{10,} +21\.50 … 21\.56$/.test(lines[1]))
      // Not every round is drawn on a busy machine.
      yield* until(raw, (shown) => shown.includes("21.50 °C") && shown.includes("21.56 °C"))
      yield* send("q")
      assert.strictEqual(yield* exit, 0)
      assert.notMatch(yield* raw, /21\.(?:5|5625|500) °C/)
    }), timeout)

  it.live("gives a long name no room that a chart needs", () =>
    Effect.gen(function*() {
      const { address } = yield* serve({ "28.000028D70100": { temperature: 21.5, alias: "x".repeat(79) } })
      const { awaitScreen, send } = yield* ow.onTerminal(["watch", "-s", address, "--every", "30ms"])
      yield* awaitScreen((lines) => /^x{20,}… {2}temperature {2}21\.50 °C {3}▄{8}$/.test(lines[1]))
      yield* send("q")
    }), timeout)

  it.live("leaves a terminal as it was, however it is ended", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      for (const [signal, status] of [["HUP", 0], ["TERM", 0], ["INT", 130]] as const) {
        const command =
          `sh -c 'echo $$ >$0; exec "$@"' $pid ${process.execPath} ${bundle} watch -s ${address} --every 50ms`
        const terminal = yield* Terminal.run("sh", [
          "-c",
          `pid=$(mktemp); (read a; kill -${signal} $(cat $pid)) </dev/tty & ${command} </dev/null; status=$?; rm $pid; exit $status`
        ])
        yield* terminal.awaitScreen((lines) => lines[8].includes("19.5"))
        assert.isFalse(yield* terminal.cursorVisible)
        yield* terminal.send("\n")
        assert.strictEqual(yield* terminal.exit, status)
        assert.isTrue(yield* terminal.cursorVisible)
        assert.isFalse(yield* terminal.isAlternate)
      }
    }), timeout)

  it.live("leaves the terminal to the shell while it is in the background", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      const shell = yield* Terminal.run("bash", ["--noprofile", "--norc", "-i"], { columns: 120, env: { PS1: "$ " } })
      const isStopped = (lines: ReadonlyArray<string>) => lines.some((line) => /^\[1\]\+ +Stopped /.test(line))
      const isDrawn = (lines: ReadonlyArray<string>) => lines[8].includes("19.5")
      yield* shell.awaitScreen((lines) => lines.includes("$"))
      yield* shell.send("bind 'set enable-bracketed-paste off'; stty -echo; clear\n")
      yield* shell.send(`${process.execPath} ${bundle} watch -s ${address} --every 50ms &\n`)
      // A shell tells of its jobs before each prompt.
      yield* until(Effect.andThen(shell.send("\n"), shell.screen), isStopped)
      assert.notInclude(yield* shell.raw, "\u001b[?1049h")
      yield* shell.send("fg\n")
      yield* shell.awaitScreen(isDrawn)
      assert.isTrue(yield* shell.isAlternate)
      yield* shell.send("\u001a")
      yield* until(shell.isAlternate, (isAlternate) => !isAlternate)
      const before = (yield* shell.raw).split("\u001b[?1049h").length
      yield* shell.send("clear; echo ready\n")
      yield* shell.awaitScreen((lines) => lines.includes("ready") && !isStopped(lines))
      yield* shell.send("bg\n")
      yield* until(Effect.andThen(shell.send("\n"), shell.screen), isStopped)
      assert.strictEqual((yield* shell.raw).split("\u001b[?1049h").length, before)
      yield* shell.send("fg\n")
      yield* shell.awaitScreen(isDrawn)
      yield* shell.send("q")
      yield* until(shell.isAlternate, (isAlternate) => !isAlternate)
      yield* shell.send("exit\n")
      yield* shell.exit
    }), timeout)

  it.live("prints lines on a terminal if only changes are wanted", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      const { exit, raw } = yield* ow.onTerminal(["watch", "-s", address, "--changes", "--count", "1", "28"])
      assert.strictEqual(yield* exit, 0)
      assert.match(yield* raw, /\d\d:\d\d:\d\d {2}livingroom {2}temperature {2}21\.5 {2}°C\r\n$/)
    }), timeout)

  it.live("ends with the last picture after as many rounds as are wanted", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      const terminal = yield* ow.onTerminal(["watch", "-s", address, "--every", "50ms", "--count", "3", "28"])
      assert.strictEqual(yield* terminal.exit, 0)
      const lines = yield* terminal.screen
      assert.strictEqual(lines[1], "livingroom  temperature  21.50 °C   ▄▄▄")
      const [heading, row] = yield* terminal.cells
      assert.deepInclude(heading[0], { text: "1", bold: true })
      assert.deepInclude(row[lines[1].indexOf("▄")], { text: "▄", color: 6 })
      assert.isTrue(yield* terminal.cursorVisible)
    }), timeout)

  it.live("prints lines on a terminal that cannot be redrawn", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      const { exit, raw } = yield* ow.onTerminal(["watch", "-s", address, "--count", "1", "28"], {
        env: { TERM: "dumb" }
      })
      assert.strictEqual(yield* exit, 0)
      assert.match(yield* raw, /^\S+ {2}livingroom {2}temperature {2}21\.5 {2}°C\r\n$/)
    }), timeout)
})
