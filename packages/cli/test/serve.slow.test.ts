/**
 * `serve`: a simulated server on the command line, and its faults.
 */
import { Diagnosis, OwClient } from "@effect-ownet/core"
import { NodeOwClient } from "@effect-ownet/node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as Faults from "../src/serve/Faults.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

/** Starts it on a free port, and gives a client of it. */
const serve = Effect.fnUntraced(function*(...args: ReadonlyArray<string>) {
  const running = yield* ow.start(["serve", "--listen", "0", ...args])
  const line = yield* running.awaitLine((line) => line !== "")
  const [host, port] = line.split(":")
  const client = yield* owserver.client(NodeOwClient.layer({ host, port: Number(port) }))
  return { running, client, host, port }
})

const file = (text: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(Path.join(Os.tmpdir(), "ow-serve-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true }))
    ),
    (directory) => {
      const path = Path.join(directory, "house.json")
      writeFileSync(path, text)
      return path
    }
  )

/** What is wrong with a call of it. */
const refused = Effect.fnUntraced(function*(status: number, message: RegExp, ...args: ReadonlyArray<string>) {
  const result = yield* ow.run(["serve", ...args.includes("--listen") ? [] : ["--listen", "0"], ...args])
  assert.strictEqual(result.stdout, "")
  assert.match(result.stderr, message)
  assert.match(result.stderr, /^ow: .+\n$/)
  assert.strictEqual(result.status, status)
})

describe("a server on the command line", () => {
  it.live("takes a file of devices as Windows writes one", () =>
    Effect.gen(function*() {
      const path = yield* file("\ufeff{ \"28.000028D70100\": { \"temperature\": 3 } }")
      const { client } = yield* serve("--devices", path)
      assert.strictEqual(yield* client.readText("/28.000028D70100/temperature"), "3")
    }), timeout)

  it.live("says where it listens, serves, and ends by Ctrl-C", () =>
    Effect.gen(function*() {
      const { client, host, port, running } = yield* serve()
      assert.strictEqual(host, "127.0.0.1")
      assert.strictEqual((yield* client.dir("/")).length, 5)
      const devices = ow.resultOf(yield* ow.run(["ls", "-s", `${host}:${port}`]))
      assert.include(devices, "/28.000028D70000/\n")
      yield* running.kill("SIGINT")
      assert.strictEqual(yield* running.exit, 130)
      const { stderr, stdout } = yield* running.output
      assert.strictEqual(stdout, `${host}:${port}\n`)
      assert.match(stderr, /^A simulated owserver .+ Try: ow tree -s 127\.0\.0\.1:\d+\n$/)
      assert.strictEqual((yield* ow.run(["ping", "-s", `${host}:${port}`])).status, 3)
    }), timeout)

  it.live("says it to programs in JSON", () =>
    Effect.gen(function*() {
      const running = yield* ow.start(["serve", "--listen", "[::1]:0", "--json"])
      const [where] = ow.jsonOf(yield* running.awaitLine((line) => line !== ""))
      assert.hasAllKeys(where, ["host", "port"])
      assert.propertyVal(where, "host", "::1")
    }), timeout)

  it.live("is on a terminal what it is in a pipe", () =>
    Effect.gen(function*() {
      const run = yield* ow.onTerminal(["serve", "--listen", "0"])
      yield* run.awaitScreen((lines) => /^127\.0\.0\.1:\d+$/.test(lines[0]) && lines[1].startsWith("A simulated"))
      yield* run.send("\u0003")
      assert.strictEqual(yield* run.exit, 130)
    }), timeout)

  it.live("has the devices of a list", () =>
    Effect.gen(function*() {
      const { client } = yield* serve("--devices", "28,1d,/bus.1/28.4AEC29CDBAAB=-3.5,10.67C6697351FF")
      assert.sameMembers([...yield* client.dir("/", { slash: false })], [
        "/28.000028D70000",
        "/1D.00001DE20100",
        "/28.4AEC29CDBAAB",
        "/10.67C6697351FF"
      ])
      assert.strictEqual(yield* client.readText("/bus.1/28.4AEC29CDBAAB/temperature"), "-3.5")
    }), timeout)

  it.live("has the devices of a file", () =>
    Effect.gen(function*() {
      const house = {
        "28.000028D70100": { temperature: 21.5, alias: "kitchen", power: false },
        "26.000026D90200": { temperature: { _tag: "Refusal", code: -22 } },
        "29.000029D60300": { "PIO.ALL": [1, 0, 1, 0, 0, 0, 0, 0] },
        "/28.000028D70200/temperature": 18
      }
      const { client } = yield* serve("--devices", yield* file(JSON.stringify(house)))
      assert.strictEqual(yield* client.readText("/kitchen/temperature"), "21.5")
      assert.strictEqual(yield* client.readText("/28.000028D70200/temperature"), "18")
      assert.strictEqual(yield* client.readText("/29.000029D60300/PIO.BYTE"), "5")
      const error = yield* Effect.flip(client.read("/26.000026D90200/temperature"))
      assert.propertyVal(error, "code", -22)
    }), timeout)

  it.live("has temperatures that wander, and nothing else that does", () =>
    Effect.gen(function*() {
      const { client } = yield* serve("--alive", "--devices", "28.000028D70100=20,10,29")
      const read = client.readText("/28.000028D70100/temperature")
      const first = yield* read
      const changed = yield* Effect.repeat(Effect.delay(read, "100 millis"), { until: (value) => value !== first })
      assert.closeTo(Number(changed), 20, 2.5)
      assert.strictEqual(Number(changed) % 0.0625, 0)
      assert.closeTo(Number(yield* client.readText("/10.000010EF0100/temperature")), 21, 2.5)
    }), timeout)

  it.live("fails as it is told to", () =>
    Effect.gen(function*() {
      const { client } = yield* serve("--devices", "28", "--faults", "busFault=1,delay=1ms")
      const error = yield* Effect.flip(client.read("/28.000028D70000/temperature"))
      assert.propertyVal(error, "code", -5)
      const diagnosis = Diagnosis.diagnose("/28.000028D70000").pipe(Effect.provideService(OwClient.OwClient, client))
      assert.propertyVal(yield* Effect.flip(diagnosis), "code", -5)
    }), timeout)

  it.live("says what is wrong with how it was called", () =>
    Effect.gen(function*() {
      yield* refused(2, /serve is a server and asks none/, "-s", "localhost")
      yield* refused(2, /"zz" is not a device/, "--devices", "28,zz")
      yield* refused(2, /a temperature is a number/, "--devices", "28.000028D70100=warm")
      yield* refused(2, /--faults: "fire" is not a fault: there are delay, /, "--faults", "fire")
      yield* refused(2, /host:port/, "--listen", "99999")
      yield* refused(2, /at least 0/, "--seed=-1")
      yield* refused(1, /cannot be read \(ENOENT/, "--devices", "no-such.json")
      yield* refused(1, /describes no devices/, "--devices", yield* file("{"))
      yield* refused(1, /describes no devices/, "--devices", yield* file("{\"28.000028D70100\": null}"))
      yield* refused(
        1,
        /28\.000028D70100: temprature: not a property of a DS18B20/,
        "--devices",
        yield* file("{\"28.000028D70100\": {\"temprature\": 1}}")
      )
    }), timeout)

  it.live("says that another program has the port", () =>
    Effect.gen(function*() {
      const { port } = yield* serve()
      yield* refused(1, /another program uses that port/, "--listen", port)
    }), timeout)

  it.live(
    "is written nothing about faults of a share of none, and takes any that there is",
    () =>
      Effect.gen(function*() {
        yield* refused(2, /a share is a number up to 1/, "--faults", "reset=2")
        yield* refused(2, /a delay takes a duration/, "--faults", "delay")
        yield* serve("--faults", Faults.names.map((name) => name === "delay" ? "delay=1ms" : `${name}=0.001`).join(","))
      }),
    timeout
  )
})
