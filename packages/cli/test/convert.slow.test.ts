/**
 * `convert`: temperatures measured at once.
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as asked from "./fixtures/asked.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

for (const backend of owserver.backends) {
  backend.describe(`convert at ${backend.name}`, () => {
    it.live("prints the temperatures of all thermometers, and of nothing else", () =>
      Effect.gen(function*() {
        const run = ow.at(yield* backend.start(["--tester=28,29,10,26,1D,22"]))
        assert.strictEqual(
          ow.resultOf(yield* run(["convert"])),
          `\
ROM ID           ALIAS  TEMPERATURE
10.000010EF0200  -      1.80 °C
22.000022DD0500  -      3.90 °C
26.000026D90300  -      4.10 °C
28.000028D70000  -      4.00 °C
`
        )
      }), timeout)

    it.live("has a line a thermometer for scripts, in the order in which they are named", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28,10"])
        const args = ["convert", "--json", "-K", "28.000028D70000", "/bus.0/10.000010EF0100", "28000028D7000011"]
        const stdout = ow.resultOf(yield* ow.at(server)(args))
        const common = { server: `127.0.0.1:${server.port}`, alias: null, unit: "K", verdict: "Plausible", error: null }
        assert.deepStrictEqual(ow.jsonOf(stdout), [
          {
            ...common,
            id: "28.000028D70000",
            family: "28",
            chip: "DS18B20",
            bus: null,
            path: "/28.000028D70000",
            temperature: 277.15
          },
          {
            ...common,
            id: "10.000010EF0100",
            family: "10",
            chip: "DS18S20",
            bus: "bus.0",
            path: "/bus.0/10.000010EF0100",
            temperature: 274.85
          }
        ])
      }), timeout)
  })
}

// Much of it is waiting for thermometers.
describe.concurrent("convert", () => {
  it.live("has them measure at once, and tells of each that failed", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "10.000010EF0000": { temperature: SimulatedNetwork.refuse(-5), power: true },
        "28.000028D70100": { temperature: -10.0625, power: true, alias: "garden" },
        "28.000028D70200": { temperature: 21.5, power: true },
        "/bus.1/28.000028D70300": { temperature: 85, power: true },
        "/bus.1/1F.00001FE00400/main/28.000028D70400": { temperature: 4 }
      }, { conversions: "real" })
      const paths = yield* asked.of(server)
      const { status, stderr, stdout } = yield* ow.at(server)(["convert"])
      assert.strictEqual(status, 1)
      assert.match(stderr, /^ow: read \/10\.000010EF0000\/latesttemp at .*: refused with -5 EIO: .*\n$/)
      assert.strictEqual(
        stdout,
        `\
ROM ID           ALIAS   TEMPERATURE
10.000010EF0000  -       bus fault
28.000028D70100  garden  -10.06 °C
28.000028D70200  -        21.50 °C
28.000028D70300  -        85.00 °C (power-on value)
28.000028D70400  -         4.00 °C
`
      )
      assert.sameMembers(paths.filter((path) => path.endsWith("!")), [
        "/bus.0/simultaneous/temperature!",
        "/bus.1/simultaneous/temperature!"
      ])
    }), timeout)

  it.live("measures those that are named, each once, by whatever name", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "28.000028D70100": { temperature: 21.5, alias: "kitchen" },
        "28.000028D70200": { temperature: 19 },
        "28.000028D70300": { temperature: 4, alias: "attic" }
      })
      const stdout = ow.resultOf(yield* ow.at(server)(["convert", "28.000028D70300", "kitchen", "attic"]))
      assert.strictEqual(
        stdout,
        `\
ROM ID           ALIAS    TEMPERATURE
28.000028D70300  attic     4.00 °C
28.000028D70100  kitchen  21.50 °C
`
      )
    }), timeout)

  it.live("tells of what is not there or no thermometer, and measures the others", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "28.000028D70100": { temperature: 21.5, alias: "kitchen" },
        "29.000029D60300": {}
      })
      const run = ow.at(server)
      const { status, stderr, stdout } = yield* run(["convert", "kichen", "29.000029D60300", "kitchen"])
      assert.strictEqual(status, 1)
      assert.match(
        stderr,
        /^ow: .* refused with -1 .*\n {4}.* did you mean kitchen\?\now: 29\.000029D60300 is a DS2408, which cannot be told .*\n$/
      )
      assert.match(stdout, /^ROM ID .*\n28\.000028D70100  kitchen  21\.50 °C\n$/)
      assert.strictEqual((yield* run(["convert", "29.000029D60300"])).status, 2)
    }), timeout)

  it.live("tells of a bus that cannot be searched, and says so where there is nothing", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ "29.000029D60300": {}, "/bus.1/28.000028D70200": {} })
      const server = yield* NodeSimulatedServer.start(network)
      yield* network.breakBus(1, 5)
      const run = ow.at(server)
      const broken = yield* run(["convert"])
      assert.deepStrictEqual([broken.status, broken.stdout], [1, ""])
      assert.match(broken.stderr, /^ow: dir \/bus\.1 at .*: refused with -5 .*\n$/)
      yield* network.breakBus(1)
      yield* network.vanish("28.000028D70200")
      const { status, stderr, stdout } = yield* run(["convert"])
      assert.deepStrictEqual({ status, stderr, stdout }, {
        status: 0,
        stderr: `no thermometers at 127.0.0.1:${server.port}\n`,
        stdout: ""
      })
    }), timeout)

  it.live("ends with status 3 where there is no server", () =>
    Effect.gen(function*() {
      const gone = yield* Effect.scoped(NodeSimulatedServer.start({}))
      const { status, stderr, stdout } = yield* ow.at(gone)(["convert"])
      assert.deepStrictEqual([status, stdout], [3, ""])
      assert.match(stderr, /^ow: dir \/ at .*: cannot connect: .*\n$/)
    }), timeout)

  it.live("says on a terminal how far it is", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "28.000028D70100": { temperature: 21.5, power: true },
        "28.000028D70200": { temperature: 85, power: true }
      }, { conversions: "real" })
      const terminal = yield* ow.onTerminal(["convert", "-s", `127.0.0.1:${server.port}`])
      yield* terminal.awaitScreen(([line]) => line === "measuring … 0 of 2 thermometers")
      assert.strictEqual(yield* terminal.exit, 0)
      assert.deepStrictEqual((yield* terminal.screen).filter((line) => line !== ""), [
        "ROM ID           ALIAS  TEMPERATURE",
        "28.000028D70100  -      21.50 °C",
        "28.000028D70200  -      85.00 °C (power-on value)"
      ])
      assert.include(yield* terminal.raw, "\u001B[33m85.00 °C (power-on value)\u001B[39m")
    }), timeout)
})
