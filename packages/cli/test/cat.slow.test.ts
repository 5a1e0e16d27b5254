/**
 * Values: read, printed and written, by `cat`, `get` and `set`.
 */
import { MessageType } from "@effect-ownet/core"
import { type Fault, SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as bundle from "./fixtures/bundle.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

// Thermometer, battery monitor and memory as the tester has them, and three devices that keep what is written.
const args = ["--tester=10,26,2D", "--mock=28.000028D70100,29.000029D70100,2D.00002DD70100"]
const temperature = "/10.000010EF0000/temperature"
const type = "/10.000010EF0000/type"
const memory = "/2D.00002DD20200/memory"
const pressure = "/26.000026D90100/B1-R1-A/pressure"
const thermometer = "/28.000028D70100"

/** Aliases that make a list longer than one reply. */
const aliases = Array.from({ length: 2000 }, (_, at) =>
  [
    `28.${at.toString(16).toUpperCase().padStart(12, "0")}`,
    { alias: `sensor of the house ${at}` }
  ] as const)

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

describe("a value that is longer than one reply", () => {
  it.live("is printed whole, unless a part was asked for", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(Object.fromEntries(aliases))
      const print = (args: ReadonlyArray<string>) =>
        Effect.map(ow.at(server)([...args, "--raw", "/settings/alias/list"]), ow.resultOf)
      const list = yield* print(["cat"])
      assert.isAbove(list.length, 65_536)
      assert.lengthOf(list.split("\r\n"), aliases.length + 1)
      assert.strictEqual(yield* print(["get"]), list)
      assert.strictEqual(yield* print(["cat", "--offset", "1000"]), list.slice(1000))
      assert.strictEqual(yield* print(["cat", "--size", "65536"]), list.slice(0, 65_536))
      assert.strictEqual(yield* print(["get", "--size", "65536"]), list.slice(0, 65_536))
    }), timeout)
})

for (const backend of owserver.backends) {
  const serve = Effect.map(owserver.serveBy(backend)(args), ({ ow: client, server }) => ({
    client,
    env: { OWSERVER: `${server.host}:${server.port}` },
    run: ow.at(server),
    print: (args: ReadonlyArray<string>) => Effect.map(ow.at(server)(args), ow.resultOf)
  }))

  backend.describe(`values at ${backend.name}`, () => {
    it.live(
      "are printed one a line, without padding, and in hexadecimal where they are no text",
      () =>
        Effect.gen(function*() {
          const { client, print } = yield* serve
          const number = yield* client.readText(temperature, { flags: { trim: true } })
          assert.match(number, /^\S+$/)
          const bytes = yield* client.read(memory)
          assert.isTrue(bytes.includes(0))
          const printed = yield* print(["cat", temperature.slice(1), type, memory])
          assert.strictEqual(printed, `${number}\nDS18S20\n${hex(bytes)}\n`)
          assert.strictEqual(yield* print(["get", temperature]), `${number}\n`)
          assert.strictEqual(yield* print(["cat", "--hex", type]), "44533138533230\n")
        }),
      timeout
    )

    it.live("come raw as they are, down to the byte", () =>
      Effect.gen(function*() {
        const { client, run } = yield* serve
        const bytes = yield* client.read(memory)
        assert.deepStrictEqual((yield* run(["cat", "--raw", memory])).stdoutBytes, Buffer.from(bytes))
        const padded = yield* client.read(temperature, { flags: { trim: false } })
        assert.strictEqual(padded.length, 12)
        assert.deepStrictEqual((yield* run(["get", "--raw", temperature])).stdoutBytes, Buffer.from(padded))
      }), timeout)

    it.live("come in parts", () =>
      Effect.gen(function*() {
        const { client, print } = yield* serve
        const bytes = yield* client.read(memory)
        assert.strictEqual(yield* print(["cat", "--hex", "--size", "16", memory]), `${hex(bytes.subarray(0, 16))}\n`)
        // The real server fills the end of such an answer with what it happens to have in its memory.
        const part = yield* print(["get", "--offset", "3", "--size", "16", memory])
        assert.strictEqual(part.length, 33)
        assert.strictEqual(part.slice(0, 26), hex(bytes.subarray(3, 16)))
      }), timeout)

    it.live("come in the scales that are asked for", () =>
      Effect.gen(function*() {
        const { client, print } = yield* serve
        const kelvin = yield* client.readText(temperature, { flags: { temperatureScale: "K", trim: true } })
        const fahrenheit = yield* client.readText(temperature, { flags: { temperatureScale: "F", trim: true } })
        const psi = yield* client.readText(pressure, { flags: { pressureScale: "psi", trim: true } })
        assert.notStrictEqual(kelvin, fahrenheit)
        assert.strictEqual(yield* print(["cat", "-K", "--uncached", temperature]), `${kelvin}\n`)
        const printed = yield* print(["cat", "--fahrenheit", "--pressure=psi", temperature, pressure])
        assert.strictEqual(printed, `${fahrenheit}\n${psi}\n`)
      }), timeout)

    it.live("are printed although others cannot be read, whose status counts", () =>
      Effect.gen(function*() {
        const { run } = yield* serve
        const paths = [type, `${thermometer}/temperatur`, "/26.000026D90100", "29.000029D70100/LCD_H/clear", type]
        const text = yield* run(["cat", ...paths])
        assert.strictEqual(text.status, 1)
        assert.strictEqual(text.stdout, "DS18S20\nDS18S20\n")
        assert.deepStrictEqual(text.stderr.replaceAll(/ at \S+: /g, ": ").split("\n"), [
          "ow: read /28.000028D70100/temperatur: refused with -1 EPERM: no such device or property: the path is misspelt, "
          + "or the device does not answer on the bus now",
          "    /28.000028D70100 has no temperatur; did you mean temperature?",
          "ow: read /26.000026D90100: refused with -21 EISDIR: a directory, not a property: list it instead",
          "ow: read /29.000029D70100/LCD_H/clear: refused with -95 ENOTSUP: this property cannot be read",
          ""
        ])
        const json = yield* run(["cat", "--json", ...paths])
        assert.strictEqual(json.status, 1)
        const value = { path: type, value: "DS18S20", hex: "44533138533230" }
        assert.deepStrictEqual(ow.jsonOf(json.stdout), [value, value])
        const errors = ow.jsonOf(json.stderr)
        assert.strictEqual(errors.length, 3)
        assert.deepNestedInclude(errors[0], {
          "error._tag": "OwnetError",
          "error.reason._tag": "NotFound",
          "error.code": -1,
          "error.codeName": "EPERM",
          "error.isRetryable": false,
          "error.operation": "read",
          "error.path": "/28.000028D70100/temperatur",
          "error.hint": "/28.000028D70100 has no temperatur; did you mean temperature?",
          "error.status": 1
        })
      }), timeout)

    it.live("are JSON of one shape, whatever they are", () =>
      Effect.gen(function*() {
        const { client, print } = yield* serve
        const bytes = yield* client.read(memory)
        const expected = [
          { path: type, value: "DS18S20", hex: "44533138533230" },
          { path: memory, value: null, hex: hex(bytes) }
        ]
        const printed = yield* print(["cat", "--json", type.slice(1), memory])
        assert.strictEqual(printed, expected.map((value) => `${JSON.stringify(value)}\n`).join(""))
        assert.strictEqual(yield* print(["get", type, "--json"]), `${JSON.stringify(expected[0])}\n`)
      }), timeout)

    it.live("are written, and read back", () =>
      Effect.gen(function*() {
        const { client, print } = yield* serve
        const path = `${thermometer}/temphigh`
        const read = client.readText(path, { flags: { trim: true } })
        assert.strictEqual(yield* print(["set", path, "31"]), "")
        assert.strictEqual(yield* print(["cat", path]), "31\n")
        assert.strictEqual(yield* print(["set", path.slice(1), "-7", "--offset", "0"]), "")
        assert.strictEqual(yield* read, "-7")
        // A flag leaves alone what stands behind it.
        assert.strictEqual(yield* print(["set", "-F", path, "--json", "1"]), `{"path":"${path}","bytes":1}\n`)
        assert.strictEqual(yield* print(["cat", "-F", path]), "1\n")
        assert.strictEqual(yield* print(["set", path, "--json", "--", "-8"]), `{"path":"${path}","bytes":2}\n`)
        assert.strictEqual(yield* read, "-8")
      }), timeout)

    it.live("are written from files and pipes, and in hexadecimal", () =>
      Effect.gen(function*() {
        const { client, env, run } = yield* serve
        const path = "/2D.00002DD70100/memory"
        const directory = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-test-"))),
          (path) => Effect.sync(() => rmSync(path, { recursive: true }))
        )
        const file = join(directory, "image.bin")
        const image = Uint8Array.from({ length: 128 }, (_, i) => 255 - i)
        writeFileSync(file, image)
        const read = Effect.map(client.read(path), hex)

        assert.strictEqual(ow.resultOf(yield* run(["set", path, "--file", file])), "")
        assert.strictEqual(yield* read, hex(image))
        const other = image.map((byte) => 255 - byte)
        const said = yield* run(["set", "--file=-", path, "--json"], { input: other })
        assert.strictEqual(ow.resultOf(said), `{"path":"${path}","bytes":128}\n`)
        assert.strictEqual(yield* read, hex(other))
        ow.resultOf(
          yield* run(["set", path, "--hex", "--file", "-"], { input: `${hex(image)}\n`.replaceAll("0", "0 ") })
        )
        assert.strictEqual(yield* read, hex(image))
        // Node gives its child a socket, whose name in the file system opens nothing.
        const parent = "const child = require('node:child_process').spawn(process.execPath, process.argv.slice(1), {"
          + "stdio: ['pipe', 'inherit', 'inherit'] }).on('exit', (status) => process.exit(status)); child.stdin.end('fe01')"
        const command = [bundle.ow, "set", path, "--hex", "--file", "-"]
        ow.resultOf(yield* Process.run(process.execPath, ["-e", parent, ...command], { env }))
        assert.strictEqual((yield* read).slice(0, 4), "fe01")
        ow.resultOf(yield* run(["set", "--hex", path, "00 01 feFF"]))
        assert.strictEqual((yield* read).slice(0, 8), "0001feff")
      }), timeout)

    it.live("have names, and names are set", () =>
      Effect.gen(function*() {
        const { client, print } = yield* serve
        assert.strictEqual(yield* print(["set", `${thermometer}/alias`, "Küche"]), "")
        assert.strictEqual(yield* print(["cat", "Küche/type", "Küche/alias"]), "DS18B20\nKüche\n")
        assert.strictEqual(yield* print(["set", "Küche/alias", ""]), "")
        assert.include(yield* client.dir("/"), `${thermometer}/`)
      }), timeout)

    it.live(
      "are checked by the type of their property, because the server cuts what does not fit",
      () =>
        Effect.gen(function*() {
          const { client, run } = yield* serve
          const read = (path: string) => client.readText(path, { flags: { trim: true } })
          const highest = `${thermometer}/temphigh`
          const switches = "/29.000029D70100/PIO"
          yield* client.write(highest, "30")
          yield* client.write(`${switches}.BYTE`, "5")
          const refused: ReadonlyArray<readonly [args: ReadonlyArray<string>, problem: string]> = [
            [[highest, "21,5"], "must be a number with a point, not a comma: write 21.5"],
            [[highest, "21.5°C"], "must be a number without a unit: write 21.5"],
            [[highest, "21,5 °C"], "must be a number without a unit: write 21.5"],
            [[highest, "70 °F"], "must be a number without a unit: write 70, and -F for its scale"],
            [[highest, "−5"], "must be a number with a plain minus: write -5"],
            [[highest, "NaN"], "must be a number, such as 21.5, not \"NaN\""],
            [[highest, ""], "must be a number, such as 21.5, not \"\""],
            [[highest, "1,000.5"], "must be a number, such as 21.5, not \"1,000.5\""],
            [[highest, "300"], "must be between -128 and 127, not 300"],
            [["-F", highest, "300"], "must be between -198.4 and 260.6, not 300"],
            [[`${switches}.BYTE`, "256"], "must be between 0 and 255, not 256"],
            [[`${switches}.BYTE`, "-1"], "must be between 0 and 255, not -1"],
            [[`${switches}.BYTE`, "1.5"], "must be a whole number, not 1.5"],
            [[`${switches}.BYTE`, "0xFFF"], "must be between 0 and 255, not 4095"],
            [[`${switches}.BYTE`, "on"], "must be a number, such as 21 or 0x15, not \"on\""],
            [[`${switches}.1`, "2"], "must be 1 or 0, on or off, true or false, yes or no, not \"2\""],
            [[`${switches}.ALL`, "1"], "must be 8 values, with commas between them as in 0,1,0,1,0,1,0,1, not 1"],
            [[`${thermometer}/alias`, "28.000028D70200"], "must be an alias, by which a server finds a device again"]
          ]
          for (const [args, problem] of refused) {
            const { status, stderr, stdout } = yield* run(["set", ...args])
            assert.deepStrictEqual([status, stdout], [2, ""], stderr)
            assert.include(stderr, `: value ${problem}`)
            assert.match(stderr, /; nothing was sent\n$/)
          }
          assert.strictEqual(yield* read(highest), "30")
          // The mock of the real server keeps bytes and bits apart.
          const hasBits = backend.name !== "the real server"
          if (hasBits) assert.strictEqual(yield* read(`${switches}.BYTE`), "5")
          const taken: ReadonlyArray<readonly [path: string, value: string, read: string]> = [
            [highest, "0x15", "21"],
            [highest, " 22 ", "22"],
            [`${switches}.BYTE`, "0xFF", "255"],
            [`${switches}.BYTE`, "0", "0"],
            ...["1", "on", "true", "YES"].flatMap((word) =>
              [[`${switches}.1`, word, "1"], [`${switches}.1`, word === "1" ? "0" : "off", "0"]] as const
            ),
            [`${switches}.2`, "no", "0"],
            [`${switches}.ALL`, "on,0,yes,0,0,0,0,False", "1,0,1,0,0,0,0,0"]
          ]
          for (const [path, value, found] of taken) {
            assert.strictEqual(ow.resultOf(yield* run(["set", path, value])), "")
            if (hasBits || path === highest) assert.strictEqual(yield* read(path), found, `${path} ${value}`)
          }
          // Bytes are written as they are.
          ow.resultOf(yield* run(["set", highest, "--hex", "3233"]))
          assert.strictEqual(yield* read(highest), "23")
        }),
      timeout
    )

    it.live("that cannot be written say so", () =>
      Effect.gen(function*() {
        const { run } = yield* serve
        const readOnly = yield* run(["set", `${thermometer}/temperature`, "5"])
        assert.strictEqual(readOnly.status, 1)
        assert.strictEqual(readOnly.stdout, "")
        assert.match(
          readOnly.stderr,
          /^ow: write \/28\.\S+\/temperature at \S+: refused with -95 ENOTSUP: this property cannot be written\n$/
        )
        const nonsense = yield* run(["set", `${thermometer}/temphigh`, "warm"])
        assert.strictEqual(nonsense.status, 2)
        assert.match(
          nonsense.stderr,
          /^ow: write .* value must be a number, such as 21.5, not "warm"; nothing was sent\n$/
        )
      }), timeout)
  })
}

/** Devices that take any value, and have another one when they are read. */
const spoil = (network: SimulatedNetwork.SimulatedNetwork): Fault.Plan => ({ path, type }) => {
  if (type !== MessageType.Read) return undefined
  Effect.runSync(network.set(path, path.endsWith("temphigh") ? 21 : path.endsWith("PIO.0") ? false : "text"))
  return undefined
}

describe("what was written", () => {
  it.live("is read back if that is wanted", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({
        "28.000028D70100": { temphigh: 30 },
        "2D.00002DD70100": {},
        "29.000029D70100": { "PIO.BYTE": 0, "PIO.0": 0 }
      })
      const server = yield* NodeSimulatedServer.start(network)
      const run = ow.at(server)
      const written = [
        ["28.000028D70100/temphigh", "21"],
        ["29.000029D70100/PIO.BYTE", "0x0F"],
        ["2D.00002DD70100/memory", "--hex", "0102ff", "--offset", "16"],
        ["2D.00002DD70100/memory", "text"]
      ]
      for (const args of written) assert.strictEqual(ow.resultOf(yield* run(["set", "--verify", ...args])), "")
      yield* server.setFaults(spoil(network))
      const number = yield* run(["set", "--verify", "28.000028D70100/temphigh", "25"])
      assert.match(number.stderr, /^ow: write \/28\S+ at \S+: wrote 25, and read back 21\n$/)
      const off = yield* run(["set", "--verify", "29.000029D70100/PIO.0", "on"])
      assert.match(off.stderr, /^ow: write \/29\S+ at \S+: wrote 1, and read back 0\n$/)
      assert.strictEqual(ow.resultOf(yield* run(["get", "29.000029D70100/PIO.0"])), "0\n")
      const bytes = yield* run(["set", "--verify", "2D.00002DD70100/memory", "--hex", "7465ff"])
      assert.match(
        bytes.stderr,
        /^ow: write \/2D\S+ at \S+: wrote 3 bytes, and read back different ones from byte 2 on\n$/
      )
      assert.deepStrictEqual([number.status, bytes.status], [1, 1])
    }), timeout)
})

describe("what is to be written", () => {
  it.live("is given once, as it is said to be", () =>
    Effect.gen(function*() {
      const path = `${thermometer}/temphigh`
      const mistakes: ReadonlyArray<readonly [ReadonlyArray<string>, number, RegExp]> = [
        [[path], 2, /^ow: give either a value, or --file with what to write\n$/],
        [[path, "1", "--file", "-"], 2, /^ow: give either a value, or --file with what to write\n$/],
        [[path, "--hex", "0 1 2"], 2, /^ow: --hex takes pairs of hexadecimal digits, such as 0102ff\n$/],
        [[path, "--file", "/nowhere/image"], 1, /^ow: cannot read \/nowhere\/image: ENOENT: .*\n$/]
      ]
      for (const [args, status, message] of mistakes) {
        // Nobody listens there, and nobody is asked.
        const result = yield* ow.run(["set", "-s", "localhost:1", ...args])
        assert.strictEqual(result.status, status)
        assert.strictEqual(result.stdout, "")
        assert.match(result.stderr, message)
      }
    }), timeout)
})
