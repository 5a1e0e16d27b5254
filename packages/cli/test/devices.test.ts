/**
 * `devices`: what is there, and what comes and goes.
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

const addressOf = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`

const house: SimulatedNetwork.Description = {
  "28.000028D70100": { alias: "livingroom" },
  "/1F.00001FE00400/main/10.000010EF0000": {},
  "/bus.1/FC.0000FC000000": {}
}

const serve = Effect.gen(function*() {
  const network = yield* SimulatedNetwork.make(house)
  const server = yield* NodeSimulatedServer.start(network)
  return { network, server, address: addressOf(server) }
})

const thermometer = { id: "28.000028D70100", alias: "livingroom", family: "28", chip: "DS18B20", bus: "bus.0" }

for (const backend of owserver.backends) {
  backend.describe(`devices at ${backend.name}`, () => {
    it.live("lists the devices, and where they are", () =>
      Effect.gen(function*() {
        const run = ow.at(yield* backend.start(["--tester=28,10", "--mock=26.000026D90400"]))
        const lines = ow.resultOf(yield* run(["devices"])).split("\n")
        assert.strictEqual(lines[0], "ROM ID           ALIAS  CHIP     WHERE")
        assert.include(lines, "10.000010EF0100  -      DS18S20  bus.0")
        assert.strictEqual(lines.length, 5)
      }), timeout)

    it.live("follows a network", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28,10"])
        const { awaitLine, exit, kill, output } = yield* ow.start(["devices", "-s", addressOf(server), "--follow"])
        const line = yield* awaitLine((line) => line.includes("DS18B20"))
        assert.match(
          line,
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 {2}present {3}28\.000028D70000 {2}- +DS18B20 +bus\.0$/
        )
        yield* kill("SIGINT")
        assert.strictEqual(yield* exit, 130)
        assert.strictEqual((yield* output).stderr, "")
      }), timeout)
  })
}

describe("devices", () => {
  it.live("lists devices behind couplers, and on several buses", () =>
    Effect.gen(function*() {
      const { server } = yield* serve
      assert.strictEqual(
        ow.resultOf(yield* ow.at(server)(["devices"])),
        `\
ROM ID           ALIAS       CHIP     WHERE
10.000010EF0000  -           DS18S20  bus.0/1F.00001FE00400/main
1F.00001FE00400  -           DS2409   bus.0
28.000028D70100  livingroom  DS18B20  bus.0
FC.0000FC000000  -           BAE      bus.1
`
      )
    }), timeout)

  it.live("has a line a device for programs", () =>
    Effect.gen(function*() {
      const { address, server } = yield* serve
      const lines = ow.jsonOf(ow.resultOf(yield* ow.at(server)(["devices", "--json", "--format", "fi"])))
      assert.deepStrictEqual(lines[2], {
        server: address,
        ...thermometer,
        id: "28000028D70100",
        path: "/28.000028D70100"
      })
    }), timeout)

  it.live("says so where there is nothing", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({})
      const { status, stderr, stdout } = yield* ow.at(server)(["devices"])
      assert.deepStrictEqual({ status, stderr, stdout }, {
        status: 0,
        stderr: `no devices at ${addressOf(server)}\n`,
        stdout: ""
      })
    }), timeout)

  it.live("lists what can be found, and says what cannot", () =>
    Effect.gen(function*() {
      const { network, server } = yield* serve
      yield* network.breakBus(1, -5)
      const { status, stderr, stdout } = yield* ow.at(server)(["devices"])
      assert.strictEqual(status, 1)
      assert.strictEqual(stdout.split("\n").length, 5)
      assert.match(stderr, /^ow: dir \/bus\.1 at .*: refused with -5 EIO.*\n$/)
    }), timeout)

  it.live("tells what arrives, departs, moves and is renamed", () =>
    Effect.gen(function*() {
      const { address, network, server } = yield* serve
      const { awaitLine, output } = yield* ow.start(["devices", "-s", address, "--follow", "--every", "20ms"])
      yield* awaitLine((line) => /present .* FC\./.test(line))
      yield* network.vanish("28.000028D70100")
      const departed = yield* awaitLine((line) => line.includes("  departed  "))
      assert.match(departed, /28\.000028D70100 {2}livingroom +DS18B20 +bus\.0 {2}last seen \d\d:\d\d:\d\d$/)
      yield* network.appear("28.000028D70100")
      yield* awaitLine((line) => line.includes("  arrived   28.000028D70100"))
      yield* network.set("/28.000028D70100/alias", "cellar")
      yield* awaitLine((line) => /renamed {3}28\.000028D70100 {2}cellar +DS18B20 .* was livingroom$/.test(line))
      yield* network.appear("/bus.1/28.000028D70100")
      yield* awaitLine((line) => /moved {5}28\.000028D70100 .* bus\.1 {2}was on bus\.0$/.test(line))
      yield* server.stop
      yield* awaitLine((line) => line.startsWith("ow: dir "), "stderr")
      yield* server.start
      yield* awaitLine((line) => line.startsWith(`ow: ${address} answers again, after `), "stderr")
      yield* network.breakBus(1, -5)
      yield* awaitLine((line) => line.startsWith("ow: dir /bus.1 "), "stderr")
      yield* network.breakBus(1)
      yield* awaitLine((line) => line.startsWith(`ow: bus.1 at ${address} answers again, after `), "stderr")
      assert.strictEqual((yield* output).stderr.split("\n").length, 5)
    }), timeout)

  it.live("tells programs the same", () =>
    Effect.gen(function*() {
      const { address, network, server } = yield* serve
      const args = ["devices", "-s", address, "--follow", "--every", "20ms", "--json"]
      const { awaitLine, closeStdout, exit, output } = yield* ow.start(args)
      const event = (name: string) =>
        Effect.map(awaitLine((line) => line.includes(`"event":"${name}"`) && !line.includes("1F.")), (line) => {
          const { time, ...event } = JSON.parse(line)
          assert.strictEqual(new Date(time).toISOString(), time)
          return event
        })
      yield* awaitLine((line) => line.includes("livingroom"))
      yield* network.vanish("28.000028D70100")
      const { lastSeen, ...departed } = yield* event("departed")
      assert.strictEqual(new Date(lastSeen).toISOString(), lastSeen)
      assert.deepStrictEqual(departed, {
        event: "departed",
        server: address,
        ...thermometer,
        path: "/28.000028D70100"
      })
      yield* network.appear("/bus.1/28.000028D70100")
      assert.deepInclude(yield* event("arrived"), { ...thermometer, bus: "bus.1" })
      yield* network.appear("/bus.0/28.000028D70100")
      assert.deepInclude(yield* event("moved"), { ...thermometer, from: "bus.1", to: "bus.0" })
      yield* network.breakBus(0, -5)
      const failed = yield* event("bus-failed")
      assert.deepInclude(failed, { server: address, bus: "bus.0" })
      assert.deepInclude(failed.error, { _tag: "OwnetError", reason: { _tag: "BusFault" } })
      yield* network.breakBus(0)
      assert.hasAllKeys(yield* event("bus-recovered"), ["event", "server", "bus", "since"])
      yield* server.stop
      assert.strictEqual((yield* event("server-failed")).error._tag, "ConnError")
      yield* server.start
      assert.hasAllKeys(yield* event("server-recovered"), ["event", "server", "since"])
      yield* closeStdout
      yield* network.vanish("28.000028D70100")
      assert.strictEqual(yield* exit, 0)
      assert.strictEqual((yield* output).stderr, "")
    }), timeout)

  it.live("has lines that fit a terminal", () =>
    Effect.gen(function*() {
      const { address } = yield* serve
      const { awaitScreen, exit, send } = yield* ow.onTerminal(["devices", "-s", address, "--follow"], { columns: 40 })
      const lines = yield* awaitScreen((lines) => lines[3].includes("FC."))
      assert.match(lines[3], /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}present {3}FC\.0000F…$/)
      yield* send("\u0003")
      assert.strictEqual(yield* exit, 130)
    }), timeout)
})
