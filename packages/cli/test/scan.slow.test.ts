/**
 * `scan`: what is on a network, and what it measures.
 */
import { MessageType } from "@effect-ownet/core"
import { Fault, SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as asked from "./fixtures/asked.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

const chips = ["10", "12", "1D", "20", "26", "28", "29"]

/** As the testers of both servers have them. */
const table = `\
ROM ID           ALIAS  CHIP     WHERE  VALUES
10.000010EF0000  -      DS18S20  bus.0  1.6 °C
12.000012ED0100  -      DS2406   bus.0  PIO 10  sensed 10
1D.00001DE20200  -      DS2423   bus.0  counter 31 32
20.000020DF0300  -      DS2450   bus.0  volt 3.50 3.60 3.70 3.80 V
26.000026D90400  -      DS2438   bus.0  4.2 °C  4.2 %RH  VAD 4.20 V  VDD 4.20 V
28.000028D70500  -      DS18B20  bus.0  4.5 °C
29.000029D60600  -      DS2408   bus.0  PIO 10101010  sensed 10101010
`

for (const backend of owserver.backends) {
  backend.describe(`scan at ${backend.name}`, () => {
    it.live("shows all devices and what they measure", () =>
      Effect.gen(function*() {
        const run = ow.at(yield* backend.start([`--tester=${chips.join(",")}`]))
        assert.strictEqual(ow.resultOf(yield* run(["scan"])), table)
      }), timeout)

    it.live("says so where there is nothing, and that is no failure", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28"])
        const { status, stderr, stdout } = yield* ow.at(server)(["scan", "--family", "10,3A"])
        assert.deepStrictEqual({ status, stderr, stdout }, {
          status: 0,
          stderr: `no devices of family 10 or 3A at 127.0.0.1:${server.port}\n`,
          stdout: ""
        })
      }), timeout)

    it.live(
      "has a line a device for scripts, in the scales and the format that are wanted",
      () =>
        Effect.gen(function*() {
          const server = yield* backend.start(["--tester=28,3A,01"])
          const args = ["scan", "--json", "-F", "--format", "fic", "--family", "3a", "--family", "28"]
          const common = { server: `127.0.0.1:${server.port}`, alias: null, bus: "bus.0", error: null }
          assert.deepStrictEqual(ow.jsonOf(ow.resultOf(yield* ow.at(server)(args))), [
            {
              ...common,
              id: "28000028D7000011",
              family: "28",
              chip: "DS18B20",
              path: "/28.000028D70000",
              values: { temperature: { value: 39.2, unit: "°F", verdict: "Plausible", error: null } }
            },
            {
              ...common,
              id: "3A00003AC501006E",
              family: "3A",
              chip: "DS2413",
              path: "/3A.00003AC50100",
              values: {
                "PIO.ALL": { value: [true, false], unit: null, verdict: "Plausible", error: null },
                "sensed.ALL": { value: [true, false], unit: null, verdict: "Plausible", error: null }
              }
            }
          ])
        }),
      timeout
    )
  })
}

const address = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`

describe("scan", () => {
  it.live("measures all thermometers of a bus at once", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "28.000028D70100": { temperature: 21.5625, power: true },
        "28.000028D70200": { temperature: 19, power: true },
        "/bus.1/28.000028D70300": { temperature: 4, power: true }
      }, { conversions: "real" })
      const paths = yield* asked.of(server)
      const stdout = ow.resultOf(yield* ow.at(server)(["scan"]))
      assert.deepStrictEqual(stdout.split("\n").map((line) => line.slice(40)), [
        "VALUES",
        "21.6 °C",
        "19.0 °C",
        "4.0 °C",
        ""
      ])
      assert.include(paths, "/bus.0/simultaneous/temperature!")
      // One that is alone on its bus gains nothing.
      assert.deepStrictEqual(paths.filter((path) => path.endsWith("/temperature")), ["/28.000028D70300/temperature"])
    }), timeout)

  it.live("takes what the server remembers where nothing is to be gained", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "28.000028D70100": { temperature: 21.5 },
        "26.000026D90200": {},
        "/bus.1/28.000028D70300": {}
      })
      const paths = yield* asked.of(server)
      ow.resultOf(yield* ow.at(server)(["scan"]))
      assert.isEmpty(paths.filter((path) => path.endsWith("!")))
      assert.include(paths, "/28.000028D70100/temperature")
    }), timeout)

  it.live(
    "says in a device's line why there is no value, or what is to be thought of it",
    () =>
      Effect.gen(function*() {
        const server = yield* NodeSimulatedServer.start({
          "26.000026D90200": {
            temperature: 20,
            humidity: SimulatedNetwork.refuse(-5),
            VAD: SimulatedNetwork.refuse(-1),
            VDD: 12
          },
          "28.000028D70100": { temperature: SimulatedNetwork.refuse(-22) },
          "/bus.1/28.000028D70200": { temperature: 85 },
          "/bus.2/28.000028D70300": { temperature: -127 }
        })
        const run = ow.at(server)
        assert.deepStrictEqual(ow.resultOf(yield* run(["scan"])).split("\n").map((line) => line.slice(40)), [
          "VALUES",
          "20.0 °C  humidity: bus fault  VAD: no answer  VDD 12.00 V (out of range)",
          "bus fault",
          "85.0 °C (power-on value)",
          "-127.0 °C (disconnected)",
          ""
        ])
        const [line] = ow.jsonOf(ow.resultOf(yield* run(["scan", "--json", "--family", "28"])))
        assert.deepInclude(line, {
          values: {
            temperature: {
              value: null,
              unit: null,
              verdict: null,
              error: {
                _tag: "OwnetError",
                reason: { _tag: "BusFault" },
                message:
                  `read /28.000028D70100/temperature at ${address(server)}: refused with -22 EINVAL: the transaction ` +
                  "on the bus failed, or the sensor did not convert; try again"
              }
            }
          }
        })
      }),
    timeout
  )

  it.live("is by bus, branch and ROM id, with aliases as a terminal can be given them", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "/bus.1/28.000028D70500": { alias: "\u001b[31mattic\u001b[m" },
        "/bus.1/1F.00001FE00400/main/10.000010EF0700": { alias: "湿度" },
        "/bus.1/1F.00001FE00400/aux/28.000028D70600": { alias: "two words" },
        "/bus.0/28.000028D70800": {},
        "/bus.0/01.000001FE0900": { alias: "key" }
      })
      assert.strictEqual(
        ow.resultOf(yield* ow.at(server)(["scan", "--no-values"])),
        `\
ROM ID           ALIAS          CHIP     WHERE
01.000001FE0900  key            DS2401   bus.0
28.000028D70800  -              DS18B20  bus.0
1F.00001FE00400  -              DS2409   bus.1
28.000028D70500  \uFFFD[31mattic\uFFFD[m  DS18B20  bus.1
28.000028D70600  two words      DS18B20  bus.1/1F.00001FE00400/aux
10.000010EF0700  湿度           DS18S20  bus.1/1F.00001FE00400/main
`
      )
    }), timeout)

  it.live("asks for no values where none are wanted", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "28.000028D70100": {},
        "7E.00007E810900": {},
        "55.000055AA0300": {}
      })
      const paths = yield* asked.of(server)
      const run = ow.at(server)
      assert.deepStrictEqual(
        ow.jsonOf(ow.resultOf(yield* run(["scan", "--no-values", "--json"]))).map((line) =>
          Object.entries(line ?? {}).slice(-3)
        ),
        [
          [["path", "/28.000028D70100"], ["values", null], ["error", null]],
          [["path", "/55.000055AA0300"], ["values", null], ["error", null]],
          [["path", "/7E.00007E810900"], ["values", null], ["error", null]]
        ]
      )
      // How many buses there are, and whose the aliases are, each search asks.
      assert.sameMembers([...paths], ["/system/connections/count_current_buses", "/settings/alias/list"])
    }), timeout)

  it.live("tells of a bus that cannot be searched, and shows the others", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ "28.000028D70100": {}, "/bus.1/28.000028D70200": {} })
      const server = yield* NodeSimulatedServer.start(network)
      yield* network.breakBus(1, 5)
      const { status, stderr, stdout } = yield* ow.at(server)(["scan", "--no-values"])
      assert.strictEqual(status, 1)
      assert.strictEqual(stdout.split("\n")[1], "28.000028D70100  -      DS18B20  bus.0")
      assert.strictEqual(
        stderr,
        `ow: dir /bus.1 at ${
          address(server)
        }: refused with -5 EIO: the bus or its master did not do what was asked; try again\n`
      )
    }), timeout)

  it.live("scans several servers, and those that are there where one is not", () =>
    Effect.gen(function*() {
      const one = yield* NodeSimulatedServer.start({ "28.000028D70100": { temperature: 21.5 } })
      const two = yield* NodeSimulatedServer.start({ "10.000010EF0000": { temperature: -3.25, alias: "garden" } })
      const gone = yield* Effect.scoped(NodeSimulatedServer.start({}))
      const servers = [two, gone, one].flatMap((server) => ["--server", address(server)])
      const { status, stderr, stdout } = yield* ow.run(["scan", ...servers])
      assert.strictEqual(status, 3)
      assert.match(stderr, /^ow: dir \/ at .*: cannot connect: .* refused the connection .*\n$/)
      const [head, ...lines] = stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/))
      assert.deepStrictEqual(head, ["ROM ID", "ALIAS", "CHIP", "WHERE", "VALUES"])
      assert.deepStrictEqual(lines, [
        ["10.000010EF0000", "garden", "DS18S20", `${address(two)} bus.0`, "-3.3 °C"],
        ["28.000028D70100", "-", "DS18B20", `${address(one)} bus.0`, "21.5 °C"]
      ])
    }), timeout)

  it.live(
    "ends with status 3 where the server goes away meanwhile, and shows what it had",
    () =>
      Effect.gen(function*() {
        const server = yield* NodeSimulatedServer.start({
          "05.000005FA0100": { PIO: true, sensed: false },
          "28.000028D70100": {},
          "3A.00003AC50200": {}
        })
        const isRead = yield* Deferred.make<void>()
        yield* server.setFaults(({ path, type }) => {
          if (type !== MessageType.Read || !path.endsWith("/temperature")) return undefined
          Deferred.doneUnsafe(isRead, Effect.void)
          return Fault.Fault.Silence()
        })
        yield* Effect.forkScoped(Effect.andThen(Deferred.await(isRead), server.stop))
        const { status, stderr, stdout } = yield* ow.at(server)(["scan"])
        assert.strictEqual(status, 3)
        assert.match(stderr, /^ow: read \/28.000028D70100\/temperature at .*\n$/)
        assert.deepStrictEqual(stdout.split("\n").map((line) => line.slice(40)), [
          "VALUES",
          "PIO 1  sensed 0",
          "no connection",
          "no connection",
          ""
        ])
      }),
    timeout
  )

  it.live("takes families of two hexadecimal digits, and one scale", () =>
    Effect.gen(function*() {
      const family = yield* ow.run(["scan", "--family", "28,DS18B20"])
      assert.strictEqual(family.status, 2)
      assert.match(family.stderr, /^ow: .*--family: "28,DS18B20".* family codes of two hexadecimal digits.*\n$/)
      const scales = yield* ow.run(["scan", "-s", "one", "-s", "two", "-C", "-K"])
      assert.strictEqual(scales.status, 2)
      assert.match(scales.stderr, /^ow: temperatures come in one scale at a time.*\n$/)
    }), timeout)
})

describe("scan on a terminal", () => {
  const network = {
    "28.000028D70100": { temperature: 21.5, alias: "kitchen" },
    "26.000026D90200": { temperature: 20, humidity: 45.25, VAD: 1.5, VDD: SimulatedNetwork.refuse(-5) },
    "/bus.1/28.000028D70300": { temperature: 85 }
  }

  it.live("keeps to the width of a narrow terminal while it works, too", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(network)
      yield* server.setFaults(() => Fault.Fault.Delay({ duration: "50 millis" }))
      const terminal = yield* ow.onTerminal(["scan", "-s", address(server)], { columns: 30 })
      assert.strictEqual(yield* terminal.exit, 0)
      const lines = (yield* terminal.screen).filter((line) => line !== "")
      assert.strictEqual(lines[0], "ROM ID           VALUES")
      assert.include(lines, "28.000028D70100  21.5 °C")
    }), timeout)

  it.live("does not say that there are no devices where the only bus failed", () =>
    Effect.gen(function*() {
      const broken = yield* SimulatedNetwork.make({ "28.000028D70100": { temperature: 21.5 } })
      yield* broken.breakBus(0, -5)
      const server = yield* NodeSimulatedServer.start(broken)
      const { status, stderr, stdout } = yield* ow.at(server)(["scan"])
      assert.deepStrictEqual([status, stdout], [1, ""])
      assert.match(stderr, /^ow: dir \S+ at \S+: refused with -5 EIO.*\n$/)
      assert.notInclude(stderr, "no devices")
    }), timeout)

  it.live("keeps to the width at the cost of the values last, and marks what is wrong", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(network)
      const terminal = yield* ow.onTerminal(["scan", "-s", address(server)], { columns: 64 })
      assert.strictEqual(yield* terminal.exit, 0)
      const lines = (yield* terminal.screen).filter((line) => line !== "")
      assert.deepStrictEqual(lines, [
        "ROM ID           ALIAS    CHIP     VALUES",
        "26.000026D90200  -        DS2438   20.0 °C  45.3 %RH  VAD 1.50 V",
        "                                   VDD: bus fault",
        "28.000028D70100  kitchen  DS18B20  21.5 °C",
        "28.000028D70300  -        DS18B20  85.0 °C (power-on value)"
      ])
      assert.include(yield* terminal.raw, "\u001B[33m85.0 °C (power-on value)\u001B[39m")
    }), timeout)

  it.live("has no colors where none are wanted", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(network)
      const terminal = yield* ow.onTerminal(["scan", "-s", address(server)], { columns: 64, env: { NO_COLOR: "1" } })
      assert.strictEqual(yield* terminal.exit, 0)
      assert.notInclude(yield* terminal.raw, "\u001B[3")
    }), timeout)

  it.live("says how far it is, and leaves nothing of that when it is interrupted", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(network)
      yield* server.setFaults(({ path }) =>
        path === "/28.000028D70100/temperature" ? Fault.Fault.Delay({ duration: "1 minute" }) : undefined
      )
      const terminal = yield* ow.onTerminal(["scan", "-s", address(server)])
      yield* terminal.awaitScreen(([line]) => line === `scanning ${address(server)} … 3 devices, 2 read`)
      yield* terminal.send("\u0003")
      assert.strictEqual(yield* terminal.exit, 130)
      assert.deepStrictEqual((yield* terminal.screen).filter((line) => line !== "" && line !== "^C"), [])
    }), timeout)
})
