/**
 * `alarms`: devices in alarm, and alarms that are raised and cleared.
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

const addressOf = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`

const serve = Effect.gen(function*() {
  const network = yield* SimulatedNetwork.make({
    "28.000028D70100": { temperature: 31.5, temphigh: 30, alias: "boiler" },
    "26.000026D90400": { temperature: 20, humidity: 55.5, VAD: 2.5, VDD: 5 },
    "/bus.1/10.000010EF0000": { temperature: 19.5 }
  })
  const server = yield* NodeSimulatedServer.start(network)
  return { network, server, address: addressOf(server) }
})

for (const backend of owserver.backends) {
  backend.describe(`alarms at ${backend.name}`, () => {
    it.live("are none, and that is no failure", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28,10"])
        const { status, stderr, stdout } = yield* ow.at(server)(["alarms"])
        assert.deepStrictEqual({ status, stderr, stdout }, {
          status: 0,
          stderr: `no device in alarm at ${addressOf(server)}\n`,
          stdout: ""
        })
      }), timeout)
  })
}

describe("alarms", () => {
  it.live("are listed with what is measured", () =>
    Effect.gen(function*() {
      const { network, server } = yield* serve
      yield* network.alarm("26.000026D90400", true)
      const run = ow.at(server)
      assert.strictEqual(
        ow.resultOf(yield* run(["alarms"])),
        `\
ROM ID           ALIAS   CHIP     WHERE  VALUES
26.000026D90400  -       DS2438   bus.0  20.0 °C  55.5 %RH  VAD 2.50 V  VDD 5.00 V
28.000028D70100  boiler  DS18B20  bus.0  31.5 °C
`
      )
    }), timeout)

  it.live("are a line each for programs, in the scale that is wanted", () =>
    Effect.gen(function*() {
      const { address, network, server } = yield* serve
      yield* network.set("/28.000028D70100/temperature", 40)
      assert.deepStrictEqual(ow.jsonOf(ow.resultOf(yield* ow.at(server)(["alarms", "--json", "-F"]))), [{
        server: address,
        id: "28.000028D70100",
        alias: "boiler",
        family: "28",
        chip: "DS18B20",
        bus: "bus.0",
        path: "/28.000028D70100",
        values: { temperature: { value: 104, unit: "°F", verdict: "Plausible", error: null } }
      }])
    }), timeout)

  it.live("are listed of the buses that can be searched", () =>
    Effect.gen(function*() {
      const { network, server } = yield* serve
      yield* network.breakBus(1, -5)
      const { status, stderr, stdout } = yield* ow.at(server)(["alarms"])
      assert.strictEqual(status, 1)
      assert.include(stdout, "28.000028D70100")
      assert.match(stderr, /^ow: dir \/bus\.1\S* at .*: refused with -5 EIO.*\n$/)
    }), timeout)

  it.live("tell of a value that cannot be read", () =>
    Effect.gen(function*() {
      const { network, server } = yield* serve
      yield* network.alarm("10.000010EF0000", true)
      yield* network.set("/28.000028D70100/temperature", 20)
      yield* network.set("/10.000010EF0000/temperature", SimulatedNetwork.refuse(-5))
      assert.match(ow.resultOf(yield* ow.at(server)(["alarms"])), /\n10\.000010EF0000 .* bus fault\n$/)
    }), timeout)

  it.live("are followed as they are raised and cleared", () =>
    Effect.gen(function*() {
      const { address, network, server } = yield* serve
      const { awaitLine, exit, kill, output } = yield* ow.start(
        ["alarms", "-s", address, "--follow", "--every", "20ms"]
      )
      const raised = yield* awaitLine((line) => line.includes("  raised   "))
      assert.match(raised, /raised {3}28\.000028D70100 {2}boiler +DS18B20 +bus\.0 {2}31\.5 °C$/)
      yield* network.alarm("10.000010EF0000", true)
      yield* awaitLine((line) => /raised {3}10\.000010EF0000 {2}- +DS18S20 +bus\.1 {2}19\.5 °C$/.test(line))
      yield* network.alarm("10.000010EF0000", false)
      yield* awaitLine((line) => /cleared {2}10\.000010EF0000 .* after [\d.]+ m?s$/.test(line))
      yield* server.stop
      yield* awaitLine((line) => line.startsWith("ow: dir "), "stderr")
      yield* server.start
      yield* awaitLine((line) => line.startsWith(`ow: ${address} answers again, after `), "stderr")
      yield* kill("SIGINT")
      assert.strictEqual(yield* exit, 130)
      assert.strictEqual((yield* output).stderr.split("\n").length, 3)
    }), timeout)

  it.live("are followed by programs", () =>
    Effect.gen(function*() {
      const { address, network } = yield* serve
      const { awaitLine, closeStdout, exit } = yield* ow.start(
        ["alarms", "-s", address, "--follow", "--every", "20ms", "--json"]
      )
      const { time, ...raised } = JSON.parse(yield* awaitLine((line) => line.includes("raised")))
      assert.strictEqual(new Date(time).toISOString(), time)
      const device = {
        server: address,
        id: "28.000028D70100",
        alias: "boiler",
        family: "28",
        chip: "DS18B20",
        bus: "bus.0",
        path: "/28.000028D70100"
      }
      const values = { temperature: { value: 31.5, unit: "°C", verdict: "Plausible", error: null } }
      assert.deepStrictEqual(raised, { event: "raised", ...device, values })
      yield* network.set("/28.000028D70100/temperature", 20)
      const { since, time: _, ...cleared } = JSON.parse(yield* awaitLine((line) => line.includes("cleared")))
      assert.strictEqual(since, time)
      assert.deepStrictEqual(cleared, { event: "cleared", ...device, path: cleared.path })
      yield* closeStdout
      yield* network.set("/28.000028D70100/temperature", 40)
      assert.strictEqual(yield* exit, 0)
    }), timeout)

  it.live("need a server", () =>
    Effect.gen(function*() {
      for (const args of [["alarms"], ["alarms", "--follow"], ["devices"], ["devices", "--follow"]]) {
        const { status, stderr } = yield* ow.run([...args, "-s", "127.0.0.1:1"])
        assert.strictEqual(status, 3)
        assert.match(stderr, /^ow: dir \/ at 127\.0\.0\.1:1: cannot connect: .*\n$/)
      }
    }), timeout)
})
