/**
 * The demo, as its users run it.
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream, Terminal } from "effect"
import { TerminalCapabilities } from "effect/cli"
import { ChildProcess } from "effect/process"
import { fileURLToPath } from "node:url"
import { stripVTControlCharacters } from "node:util"
import * as Chart from "../examples/src/demo/Chart.ts"
import * as Screen from "../examples/src/demo/Screen.ts"
import { bundled } from "./fixtures/bundled.ts"
import * as owserver from "./fixtures/owserver.ts"

const source = fileURLToPath(new URL("../examples/src/demo.ts", import.meta.url))

const bundleOf = bundled({ demo: source })

/** A process takes time to start, and more on a busy machine. */
const timeout = 120_000

const start = (args: ReadonlyArray<string>, env: Record<string, string> = {}, path = bundleOf("demo")) =>
  ChildProcess.make(process.execPath, [path, ...args], {
    stdin: "ignore",
    // The demo gets nothing from the environment of the tests: no address of a server, no setting of colors.
    env: { PATH: process.env["PATH"], ...env }
  })

const text = <E>(stream: Stream.Stream<Uint8Array, E>) => Stream.mkString(Stream.decodeText(stream))

const run = Effect.fnUntraced(function*(args: ReadonlyArray<string>, env?: Record<string, string>, path?: string) {
  const process = yield* start(args, env, path)
  const [output, errors, status] = yield* Effect.all([text(process.stdout), text(process.stderr), process.exitCode], {
    concurrency: "unbounded"
  })
  return { output, errors, status }
}, Effect.provide(NodeServices.layer))

/** Checks that all patterns match, each after the one before. */
const assertInOrder = (output: string, patterns: ReadonlyArray<RegExp>): void => {
  let rest = output
  for (const pattern of patterns) {
    const match = pattern.exec(rest)
    if (match === null) assert.fail(`no ${pattern} in its place in\n${output}`)
    rest = rest.slice(match.index + match[0].length)
  }
}

describe.concurrent("the demo", () => {
  it.live("shows a house, and what befalls it", () =>
    Effect.gen(function*() {
      const { errors, output, status } = yield* run(["--seconds", "4"], {}, source)
      assert.strictEqual(errors, "")
      assert.strictEqual(status, 0)
      assert.notInclude(output, "\u001B")
      assertInOrder(output, [
        /This house is simulated/,
        /Talking to owserver \S+ at 127\.0\.0\.1:\d+\./,
        /boiler +DS18S20 +[56]\d\.\d\d °C +bus\.0\n/,
        /gas +DS2423 +30514 counted +bus\.0\/1F\.8A7703000000\/main\n/,
        /1F\.8A7703000000 +DS2409 +bus\.0\n/,
        /bathroom +DS2438 +2\d\.\d\d °C, 48\.5 % humidity +bus\.0\n/,
        /kitchen +DS18B20 +2\d\.\d\d °C +bus\.0\n/,
        /29\.A4210C000000 +DS2408 +outputs ○●●○●○○● +bus\.0\n/,
        /attic +DS18B20 +1\d\.\d\d °C +bus\.1\n/,
        /boiler [56]\d\.\d\d °C, bathroom 2\d\.\d\d °C, cellar 1\d\.\d\d °C, kitchen 2\d\.\d\d °C, attic 1\d\.\d\d °C\n/
      ])
      assertInOrder(output, [
        /network +the thermometer in the cellar is unplugged/,
        /watch +cellar: NotFound/,
        /cellar – \(NotFound\)/,
        /watch +cellar: Vanished/,
        /network +the thermometer in the cellar is plugged in again/,
        /watch +cellar: fine again/,
        /cellar 1\d\.\d\d °C/
      ])
      assertInOrder(output, [/plugged in again/, /watch +cellar: Appeared/])
      assertInOrder(output, [/watch +boiler: alarm/, /boiler 6\d\.\d\d °C \(alarm\)/])
      assertInOrder(output, [
        /server +kills all connections: [1-4]\n/,
        /server +resets the connections of the next 2 values/,
        /client +read \S+: \w+, again in \d+ ms/,
        /client +every call was answered in the end, retries: \d/
      ])
      assertInOrder(output, [
        /readings +\d+, in \d+ rounds/,
        /connections killed +[3-6]\n/,
        /calls tried again a bit later +[1-9]/,
        /failures seen by the program .*\d+ × NotFound \(cellar\)/,
        /OwnetError: read \/10\.9E3B72020800\/temprature at .* no such device or property/,
        /10\.9E3B72020800 has no temprature; did you mean temperature\?/
      ])
    }), timeout)

  it.live("shows another server, and how its devices fail", () =>
    Effect.gen(function*() {
      const { host, port } = yield* NodeSimulatedServer.start({
        "28.000028D70100": { temperature: 21.5 },
        "10.000010EF0000": { temperature: SimulatedNetwork.refuse(-5) },
        "22.000022DD0000": { temperature: -3.25 }
      })
      const { errors, output, status } = yield* run(["--server", `${host}:${port}`, "--seconds", "0.1"])
      assert.strictEqual(errors, "")
      assert.strictEqual(status, 0)
      assert.notInclude(output, "simulated")
      assertInOrder(output, [
        new RegExp(`Talking to owserver \\S+ at ${host}:${port}`),
        // The pauses between attempts are random: the last may be cut short by the time limit of the whole call.
        /10\.000010EF0000 +DS18S20 +(?:BusFault|Call)/,
        /28\.000028D70100 +DS18B20 +21\.50 °C/,
        /10\.000010EF0000 – \(BusFault\), 22\.000022DD0000 -3\.25 °C, 28\.000028D70100 21\.50 °C/,
        /failures seen by the program +\d+ × BusFault \(10\.000010EF0000\)\n/
      ])
    }), timeout)

  it.live("takes the server from the environment, and needs no thermometer", () =>
    Effect.gen(function*() {
      const { host, port } = yield* NodeSimulatedServer.start({ "29.000029D60300": {} })
      const { output, status } = yield* run([], { OWSERVER: `owserver://${host}:${port}` })
      assert.strictEqual(status, 0)
      assertInOrder(output, [
        /29\.000029D60300 +DS2408/,
        /no thermometer/,
        /OwnetError: read \/29\.000029D60300\/temprature/
      ])
    }), timeout)

  it.live("says in one line that no server is there", () =>
    Effect.gen(function*() {
      const { errors, status } = yield* run(["--server", "127.0.0.1:1"])
      assert.strictEqual(status, 1)
      assert.match(errors, /^connect to 127\.0\.0\.1:1: .*Is owserver running there.*without --server.*\n$/)
    }), timeout)

  it.live("explains itself", () =>
    Effect.gen(function*() {
      const { output, status } = yield* run(["--help"])
      assert.strictEqual(status, 0)
      assertInOrder(output, [/--server HOST\[:PORT\]/, /--seconds/])
    }), timeout)

  it.live("ends when it is told to", () =>
    Effect.gen(function*() {
      const process = yield* start([])
      yield* process.stdout.pipe(
        Stream.decodeText,
        Stream.splitLines,
        Stream.takeUntil((line) => /cellar/.test(line)),
        Stream.runDrain
      )
      const errors = yield* Effect.forkChild(text(process.stderr))
      yield* process.kill({ killSignal: "SIGINT" })
      assert.strictEqual(yield* process.exitCode, 130)
      assert.strictEqual(yield* Fiber.join(errors), "")
    }).pipe(Effect.provide(NodeServices.layer)), timeout)
})

owserver.describe("the demo, with the real server", () => {
  it.live("shows its devices and their temperatures", () =>
    Effect.gen(function*() {
      // The same devices are in front of this coupler and behind it.
      const { host, port } = yield* owserver.start(["--tester=28,10,26,29,22,1F"])
      const { errors, output, status } = yield* run(["--server", `${host}:${port}`, "--seconds", "1"])
      assert.strictEqual(errors, "")
      assert.strictEqual(status, 0)
      assertInOrder(output, [
        /1F\.00001FE00500 +DS2409 +bus\.0\n/,
        /22\.000022DD0400 +DS1822 +3\.80 °C +bus\.0\n/,
        /28\.000028D70000 +DS18B20 +4\.00 °C +bus\.0\n/,
        /10\.000010EF0100 1\.70 °C, 22\.000022DD0400 3\.80 °C, 26\.000026D90200 4\.00 °C, 28\.000028D70000 4\.00 °C\n/,
        /failures seen by the program +none\n/,
        /OwnetError: read \/10\.000010EF0100\/temprature/
      ])
    }), timeout)
})

describe("on a terminal", () => {
  const columns = 40

  it.effect("the picture is redrawn in place, no wider than the terminal", () =>
    Effect.gen(function*() {
      const written: Array<string> = []
      const terminal = Terminal.make({
        columns: Effect.succeed(columns),
        rows: Effect.succeed(24),
        size: Effect.die("unused"),
        readInput: Effect.die("unused"),
        readLine: Effect.die("unused"),
        display: (text) => Effect.sync(() => void written.push(text))
      })
      const row: Screen.Row = { name: "kitchen", text: "21.50 °C", mark: "alarm", history: [20, undefined, 21, 21.5] }
      yield* Effect.gen(function*() {
        const { explain, note, show } = yield* Screen.Screen
        yield* note("network", "something happens that takes more words than a line has room for", "yellow")
        yield* show([row, { ...row, name: "29.A4210C000000", history: Array.from({ length: 30 }, (_, i) => i) }])
        yield* show([row, row])
        yield* note("server", "something else", "red")
        yield* explain("A long text is broken between its words, and goes on in the next line.")
      }).pipe(
        Effect.provide(Screen.layer),
        Effect.provideService(Terminal.Terminal, terminal),
        Effect.provideService(TerminalCapabilities.TerminalCapabilities, {
          canAnimate: true,
          canColor: true,
          canPrompt: false
        })
      )
      const [hide, first, second, third, explained, show] = written
      assert.deepStrictEqual([hide, show], ["\u001B[?25l", "\u001B[?25h"])
      assert.isFalse(first.startsWith("\u001B[4A"))
      assert.isTrue(second.startsWith("\u001B[4A"))
      assert.isTrue(third.startsWith("\u001B[4A"))
      assert.deepStrictEqual(lines(third).map((line) => line.trimEnd()), [
        "  kitchen  21.50 °C  ▁ ▆█ alarm",
        "  kitchen  21.50 °C  ▁ ▆█ alarm",
        "",
        "   0.0 s  network  something happens tha",
        "   0.0 s  server   something else"
      ])
      assert.deepStrictEqual(lines(explained), [
        "  A long text is broken between its",
        "  words, and goes on in the next line."
      ])
      for (const line of written.flatMap(lines)) assert.isAtMost(line.length, columns)
    }))

  it("a chart shows what changes", () => {
    assert.strictEqual(Chart.sparkline([], 8), "")
    assert.strictEqual(Chart.sparkline([undefined], 8), " ")
    assert.strictEqual(Chart.sparkline([21, 21, 21.1], 8), "▁▁▂")
    assert.strictEqual(Chart.sparkline([-10, 0, 1, 2, 3, 4, 5, 6, 7], 8), "▁▂▃▄▅▆▇█")
  })
})

const lines = (text: string): ReadonlyArray<string> => stripVTControlCharacters(text).trimEnd().split("\n")
