/**
 * `info`: everything that a server knows of a device.
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as asked from "./fixtures/asked.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

/** A switch as the testers of both servers have it. */
const report = `\
ROM id   3A.00003AC50100
CRC      6E
family   3A
chip     DS2413
alias    -
bus      bus.0
path     /3A.00003AC50100
locator  3A00003AC501006E

PROPERTY    TYPE                  ACCESS  UNIT  RANGE  VALUE
PIO.ALL     yes-or-no [A-B,BYTE]  both    -     -      1,0
address     text                  read    -     -      3A00003AC501006E
alias       text                  both    -     -      -
crc8        text                  read    -     -      6E
family      text                  read    -     -      3A
id          text                  read    -     -      00003AC50100
locator     text                  read    -     -      3A00003AC501006E
r_address   text                  read    -     -      6E0001C53A00003A
r_id        text                  read    -     -      0001C53A0000
r_locator   text                  read    -     -      3A00003AC501006E
sensed.ALL  yes-or-no [A-B,BYTE]  read    -     -      1,0
type        text                  read    -     -      DS2413
`

interface Property {
  readonly name: string
}

/** The properties of a device that are printed for programs, by their names. */
const propertiesOf = (text: string): Readonly<Record<string, unknown>> => {
  const { properties }: { readonly properties: ReadonlyArray<Property> } = JSON.parse(text)
  return Object.fromEntries(properties.map(({ name, ...rest }) => [name, rest]))
}

for (const backend of owserver.backends) {
  backend.describe(`info at ${backend.name}`, () => {
    it.live("shows a device and its properties", () =>
      Effect.gen(function*() {
        const run = ow.at(yield* backend.start(["--tester=28,3A"]))
        for (
          const name of ["3A.00003AC50100", "3a00003ac501006e", "/bus.0/3A.00003AC50100/", "uncached/3A.00003AC50100"]
        ) {
          const path = name.startsWith("/bus.0") ? "/bus.0/3A.00003AC50100" : "/3A.00003AC50100"
          assert.strictEqual(
            ow.resultOf(yield* run(["info", name])),
            report.replace("path     /3A.00003AC50100", `path     ${path}`)
          )
        }
      }), timeout)

    it.live(
      "is one object for scripts, with units and ranges in the scales that are wanted",
      () =>
        Effect.gen(function*() {
          const server = yield* backend.start(["--tester=26"])
          const args = ["info", "--json", "-F", "--pressure", "psi", "26.000026D90000"]
          const text = ow.resultOf(yield* ow.at(server)(args))
          const { properties: _, ...device } = JSON.parse(text)
          assert.deepStrictEqual(device, {
            server: `127.0.0.1:${server.port}`,
            id: "26.000026D90000",
            alias: null,
            family: "26",
            chip: "DS2438",
            bus: "bus.0",
            path: "/26.000026D90000",
            crc: "8F",
            locator: "26000026D900008F"
          })
          const properties = propertiesOf(text)
          const plain = { elements: null, verdict: "Plausible", error: null }
          assert.deepStrictEqual(properties["temperature"], {
            ...plain,
            type: "temperature",
            access: "read",
            unit: "°F",
            range: [-67, 257],
            value: 38.84
          })
          assert.deepInclude(properties["B1-R1-A/offset"], {
            type: "pressure",
            unit: "psi",
            range: [-23.7623, 23.7623]
          })
          assert.deepInclude(properties["VDD"], { type: "number", unit: "V", range: [0, 10.23] })
          assert.deepInclude(properties["pages/page.ALL"], {
            type: "bytes",
            access: "both",
            elements: { count: 8, first: "0", last: "7", byte: false }
          })
        }),
      timeout
    )

    it.live("says which name may have been meant, and that a device is not there", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28"])
        const run = ow.at(server)
        const absent = yield* run(["info", "28.0000000000EE"])
        assert.strictEqual(absent.status, 1)
        assert.match(
          absent.stderr,
          /^ow: .*: refused with -1 .*\n {4}28\.0000000000EE does not answer on the bus now\n$/
        )
        // Of what is on a named bus, and behind a coupler, a server says that it is there.
        for (const path of ["/bus.0/28.0000000000EE", "/bus.3/28.000028D70000"]) {
          const { status, stderr, stdout } = yield* run(["info", path])
          assert.deepStrictEqual({ status, stdout }, { status: 1, stdout: "" })
          assert.match(
            stderr,
            /^ow: .*: refused with -1 .*\n {4}(28\.0000000000EE does not answer .*|there is no bus\.3 .*)\n$/
          )
        }
        const malformed = yield* run(["info", "--json", "28.000028D70000.22"])
        assert.strictEqual(malformed.status, 2)
        assert.match(
          malformed.stderr,
          /^{"error":{.*"_tag":"ArgumentError".* the right one it is 28\.000028D70000\.11.*"status":2}}\n$/
        )
      }), timeout)
  })
}

describe("info", () => {
  it.live("finds a device by its alias, and says which alias was meant", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "28.000028D70100": { alias: "kitchen" },
        "/bus.1/28.000028D70200": { alias: "\u001b[31mattic" }
      })
      const run = ow.at(server)
      const lines = ow.resultOf(yield* run(["info", "kitchen", "--no-values"])).split("\n")
      assert.deepStrictEqual(lines.slice(0, 8), [
        "ROM id   28.000028D70100",
        "CRC      D5",
        "family   28",
        "chip     DS18B20",
        "alias    kitchen",
        "bus      bus.0",
        "path     /28.000028D70100",
        "locator  28000028D70100D5"
      ])
      const attic = ow.resultOf(yield* run(["info", "28.000028D70200", "--no-values", "--format", "f.i.c"])).split("\n")
      assert.deepStrictEqual(attic.slice(0, 6), [
        "ROM id   28.000028D70200.80",
        "CRC      80",
        "family   28",
        "chip     DS18B20",
        "alias    \uFFFD[31mattic",
        "bus      bus.1"
      ])
      const { status, stderr } = yield* run(["info", "kichen"])
      assert.strictEqual(status, 1)
      assert.match(stderr, /\n {4}no device on this server has the alias "kichen"; did you mean kitchen\?\n$/)
    }), timeout)

  it.live("has what is wrong with a property in its line, and reads the others", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({
        "28.000028D70100": { temperature: 85, latesttemp: SimulatedNetwork.refuse(-22), tempres: 13 }
      })
      const lines = ow.resultOf(yield* ow.at(server)(["info", "28.000028D70100"])).split("\n")
      const values = new Map(lines.map((line) => [line.split(" ")[0], line.slice(58)]))
      assert.strictEqual(values.get("temperature"), "85 (power-on value)")
      assert.strictEqual(values.get("latesttemp"), "bus fault")
      assert.strictEqual(values.get("tempres"), "13 (out of range)")
      assert.strictEqual(values.get("type"), "DS18B20")
    }), timeout)

  it.live(
    "does not read memories and logs unless all is wanted, and never what is write-only",
    () =>
      Effect.gen(function*() {
        const server = yield* NodeSimulatedServer.start({
          "21.000021DE0100": { memory: new Uint8Array(512).fill(0xab) },
          "02.000002FD0200": {}
        })
        const paths = yield* asked.of(server)
        const run = ow.at(server)
        const lines = ow.resultOf(yield* run(["info", "21.000021DE0100"])).split("\n")
        const line = (name: string) => lines.find((line) => line.startsWith(`${name} `))
        assert.match(line("memory") ?? "", /^memory +bytes +both +- +- +512 bytes: see --all$/)
        assert.match(
          line("log/temperature.ALL") ?? "",
          / temperature \[0-2047\] +read +°C +-40\.\.87\.5 +26623 bytes: see --all$/
        )
        assert.match(line("mission/easystart") ?? "", / write +min +0\.\.255 +write-only$/)
        const isLong = (path: string) =>
          /\/(memory|pages\/|log\/(temperature|date|udate)|mission\/(easystart|clear)$)/.test(path)
        assert.isEmpty(paths.filter(isLong))

        const all = propertiesOf(ow.resultOf(yield* run(["info", "21.000021DE0100", "--all", "--json"])))
        assert.deepInclude(all["memory"], { value: "ab".repeat(512) })
        assert.include(paths, "/21.000021DE0100/log/temperature.ALL")
        assert.isEmpty(paths.filter((path) => /mission\/(easystart|clear)$/.test(path)))

        const keyed = propertiesOf(ow.resultOf(yield* run(["info", "02.000002FD0200", "--all", "--json"])))
        assert.deepInclude(keyed["subkey0/id.xxx"], {
          elements: { count: null, first: null, last: null, byte: false },
          value: null,
          error: null
        })
      }),
    timeout
  )

  it.live("reads no values where none are wanted", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({ "28.000028D70100": {} })
      const paths = yield* asked.of(server)
      const properties = propertiesOf(
        ow.resultOf(yield* ow.at(server)(["info", "28.000028D70100", "--no-values", "--json"]))
      )
      assert.deepStrictEqual(properties["temperature"], {
        type: "temperature",
        access: "read",
        unit: "°C",
        range: [-55, 125],
        elements: null,
        value: null,
        verdict: null,
        error: null
      })
      // What the head of a report has; and how many buses there are, and whose the aliases are, which each search asks.
      assert.sameMembers([...paths], [
        "/28.000028D70100/locator",
        "/28.000028D70100/alias",
        "/settings/alias/list",
        "/system/connections/count_current_buses"
      ])
    }), timeout)

  it.live("knows devices behind couplers, and such as nobody has heard of", () =>
    Effect.gen(function*() {
      const path = "/1F.00001FE00400/main/28.000028D70100"
      const server = yield* NodeSimulatedServer.start({ [path]: { alias: "well" }, "55.000055AA0300": {} })
      const run = ow.at(server)
      const well = JSON.parse(ow.resultOf(yield* run(["info", path, "--json", "--no-values"])))
      assert.deepInclude(well, { id: "28.000028D70100", path, alias: "well", bus: null })
      // A list gives ids and aliases: each can be asked for without its path.
      for (const address of ["28.000028D70100", "well"]) {
        const found = JSON.parse(ow.resultOf(yield* run(["info", address, "--json", "--no-values"])))
        assert.deepInclude(found, { id: "28.000028D70100", path, alias: "well", bus: "bus.0" })
      }
      const elsewhere = yield* run(["info", "/1F.00001FE00400/aux/28.000028D70100"])
      assert.strictEqual(elsewhere.status, 1)
      assert.match(elsewhere.stderr, /\n {4}28\.000028D70100 .*\n$/)
      const unknown = ow.resultOf(yield* run(["info", "55.000055AA0300"])).split("\n")
      assert.include(unknown, "chip     -")
      assert.include(unknown, "crc8       text  read    -     -      65")
    }), timeout)

  it.live("fits a terminal", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({ "26.000026D90200": { VAD: SimulatedNetwork.refuse(-5) } })
      const terminal = yield* ow.onTerminal(["info", "-s", `127.0.0.1:${server.port}`, "26.000026D90200"], { rows: 60 })
      assert.strictEqual(yield* terminal.exit, 0)
      const lines = yield* terminal.screen
      assert.isTrue(lines.some((line) => /^pages\/page\.ALL +bytes \[0.* both .*…$/.test(line)))
      assert.isTrue(lines.some((line) => /^VAD .* bus fault$/.test(line)))
      assert.include(yield* terminal.raw, "\u001B[31mbus fault\u001B[39m")
      assert.isFalse(lines.some((line) => line.startsWith("reading ")))
    }), timeout)
})
