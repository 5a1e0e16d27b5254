/**
 * `serve --w1`: a server of the kernel's own buses on the command line, and the doctor at them.
 */
import { NodeOwClient } from "@effect-ownet/node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { isRequired, isShellInstalled } from "../../../test/fixtures/installed.ts"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as FakeW1 from "../../node/test/fixtures/FakeW1.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

const kitchen = "28.000028D70100"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-serve-w1-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** Starts it on a free port, with a home of its own, and gives a client of it. */
const serve = Effect.fnUntraced(function*(folder: string, ...args: ReadonlyArray<string>) {
  const home = yield* directory
  const running = yield* ow.start(
    ["serve", `--w1=${folder}`, ...args.includes("--listen") ? [] : ["--listen", "0"], ...args],
    { env: { HOME: home } }
  )
  const where = (yield* running.awaitLine((line) => line !== "")).trim()
  const port = Number(where.slice(where.lastIndexOf(":") + 1))
  const client = yield* owserver.client(NodeOwClient.layer({ host: "127.0.0.1", port }))
  return { running, client, home, where, port }
})

const refused = Effect.fnUntraced(function*(status: number, message: RegExp, ...args: ReadonlyArray<string>) {
  const result = yield* ow.run(["serve", "--listen", "0", ...args])
  assert.strictEqual(result.stdout, "")
  assert.match(result.stderr, message)
  assert.strictEqual(result.status, status)
})

describe("a server of the kernel's buses on the command line", () => {
  it.live("says where it listens, serves, refuses writes, and ends by Ctrl-C", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [kitchen]: FakeW1.thermometer(21.5625) })
      const { client, running, where } = yield* serve(fake.folder)
      assert.match(where, /^127\.0\.0\.1:\d+$/)
      assert.strictEqual(yield* client.readText(`/${kitchen}/temperature`), "21.5625")
      assert.propertyVal(yield* Effect.flip(client.write(`/${kitchen}/templow`, "5")), "code", -30)
      yield* running.kill("SIGINT")
      assert.strictEqual(yield* running.exit, 130)
      const { stderr, stdout } = yield* running.output
      assert.strictEqual(stdout, `${where}\n`)
      assert.strictEqual(
        stderr,
        `An owserver for the kernel's own 1-Wire buses listens there until Ctrl-C, and refuses writes. Try: ow scan -s ${where}\n`
      )
    }), timeout)

  it.live("says it to programs in JSON", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      const running = yield* ow.start(["serve", `--w1=${fake.folder}`, "--listen", "[::1]:0", "--json"])
      const [where] = ow.jsonOf(yield* running.awaitLine((line) => line !== ""))
      assert.deepInclude(where, { host: "::1", w1: fake.folder, writable: false, masters: ["w1_bus_master1"] })
    }), timeout)

  it.live("starts without a bus, says what to do, and serves one that comes", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [kitchen]: {} })
      const hidden = `${fake.folder}-hidden`
      renameSync(fake.folder, hidden)
      const { client, running } = yield* serve(fake.folder)
      assert.notInclude((yield* client.dir("/")).join(), kitchen)
      renameSync(hidden, fake.folder)
      yield* running.awaitLine((line) => line.includes("the bus master w1_bus_master1 is there"), "stderr")
      assert.strictEqual(yield* client.readText(`/uncached/${kitchen}/type`), "DS18B20")
      fake.removeMaster(1)
      yield* running.awaitLine((line) => line.includes("the bus master w1_bus_master1 is gone"), "stderr")
      const { stderr } = yield* running.output
      assert.match(
        stderr,
        /^An owserver .+\now: The kernel shows no bus in .+ yet\. It is served as soon as it appears\.\n/
      )
    }), timeout)

  it.live("warns that others reach it, and says what they may do", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      for (
        const [args, may] of [[[], "read the devices"], [
          ["--writable"],
          "read, switch and rename the devices"
        ]] as const
      ) {
        const { running, where } = yield* serve(fake.folder, "--listen", "0.0.0.0:0", ...args)
        assert.match(where, /^0\.0\.0\.0:\d+$/)
        const warning = yield* running.awaitLine((line) => line.includes("passwords"), "stderr")
        const isOnNetwork = Object.values(networkInterfaces()).flat().some((one) =>
          one?.family === "IPv4" && !one.internal
        )
        assert.include(warning, `Everyone on the network can ${may}${isOnNetwork ? " at " : ":"}`)
        assert.include((yield* running.output).stderr, "Try: ow scan -s localhost:")
      }
    }), timeout)

  it.live("writes if it is told to, and keeps names in a file", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [kitchen]: {} })
      const { client, home } = yield* serve(fake.folder, "--writable")
      yield* client.write(`/${kitchen}/templow`, "5")
      assert.match(Buffer.from(fake.get(kitchen, "alarms")).toString(), /^5 75/)
      yield* client.write(`/${kitchen}/alias`, "kitchen")
      assert.strictEqual(yield* client.readText("/kitchen/type"), "DS18B20")
      assert.include(readFileSync(join(home, ".config/ow/aliases"), "utf8"), `${kitchen} = kitchen`)
    }), timeout)

  it.live("says beside its results that a name cannot be kept", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [kitchen]: {} })
      const home = join(yield* directory, "file")
      writeFileSync(home, "")
      const { client, running } = yield* serve(fake.folder, "--writable", "--aliases", join(home, "aliases"))
      assert.strictEqual((yield* Effect.flip(client.write(`/${kitchen}/alias`, "kitchen")))._tag, "OwnetError")
      assert.match(yield* running.awaitLine((line) => line.includes("alias in"), "stderr"), /^ow: cannot keep an alias/)
      const result = yield* ow.run(["set", "-s", `w1:${fake.folder}`, `${kitchen}/alias`, "kitchen"], {
        env: { XDG_CONFIG_HOME: home }
      })
      assert.strictEqual(result.stdout, "")
      assert.match(result.stderr, /^ow: cannot keep an alias in .+\now: write /m)
    }), timeout)

  it.live("has the names of a file", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [kitchen]: {} })
      const path = join(yield* directory, "aliases")
      writeFileSync(path, `${kitchen} = kitchen\n`)
      const { client } = yield* serve(fake.folder, "--aliases", path)
      assert.strictEqual(yield* client.readText("/kitchen/type"), "DS18B20")
    }), timeout)

  it.live("refuses flags and values that make no sense", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "no-such")
      yield* refused(2, /^ow: serve is a server and asks none/, "--w1", "-s", "localhost")
      yield* refused(2, /^ow: --devices is for simulated devices, but --w1 serves real ones/, "--w1", "--devices", "28")
      yield* refused(2, /^ow: --alive is for simulated/, "--w1", "--alive")
      yield* refused(2, /^ow: --faults is for simulated/, "--w1", "--faults", "delay=1s")
      yield* refused(2, /^ow: --seed is for simulated/, "--w1", "--seed", "3")
      yield* refused(2, /^ow: --writable is for the kernel's own buses: add --w1/, "--writable")
      yield* refused(2, /^ow: --aliases is for the kernel's own buses: add --w1/, "--aliases", path)
      yield* refused(2, /^ow: --w1= names no folder/, "--w1=")
      yield* refused(1, /^ow: --aliases: there is no file .+no-such/, "--w1", "--aliases", path)
      assert.isFalse(existsSync(path))
    }), timeout)

  it.live("says that another program has the port", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      const { port } = yield* serve(fake.folder)
      const result = yield* ow.run(["serve", `--w1=${fake.folder}`, "--listen", String(port)])
      assert.match(result.stderr, /^ow: cannot listen on 127\.0\.0\.1:\d+: another program uses that port/)
      assert.strictEqual(result.status, 1)
    }), timeout)
})

describe("a doctor at the kernel's buses", () => {
  const examine = Effect.fnUntraced(function*(folder: string) {
    const { status, stdout } = yield* ow.run(["doctor", "--json", "-s", `w1:${folder}`])
    // What is printed has this shape: each test looks at what it needs.
    const checks = ow.jsonOf(stdout) as ReadonlyArray<{
      readonly check: string
      readonly status: string
      readonly message: string
      readonly advice: string | null
    }>
    return { status, checks, statuses: checks.map(({ check, status }) => `${status} ${check}`) }
  })

  it.live("goes from the kernel to the thermometers", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [kitchen]: {}, "29.000029D60300": {} })
      const { status, statuses } = yield* examine(fake.folder)
      assert.deepStrictEqual(statuses, [
        "ok kernel",
        "ok bus",
        "ok drivers",
        "ok permissions",
        "ok devices",
        "ok aliases",
        "ok thermometers"
      ])
      assert.strictEqual(status, 0)
    }), timeout)

  it.live("tells why 85 °C was not refused", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [kitchen]: FakeW1.thermometer(85) })
      const { checks, statuses } = yield* examine(fake.folder)
      assert.deepStrictEqual(statuses.slice(-2), ["warn thermometers", "warn conversions"])
      assert.include(checks.at(-1)?.advice, `${fake.path(kitchen, "features").slice(-24)}`)
    }), timeout)

  it.live("ends at a kernel without a bus", () =>
    Effect.gen(function*() {
      const { status, statuses } = yield* examine("/no/such/w1")
      assert.deepStrictEqual(statuses, ["fail kernel"])
      assert.strictEqual(status, 3)
    }), timeout)

  it.live("writes nothing, and leads to no owserver that is not there", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make()
      const { checks, status } = yield* examine(fake.folder)
      assert.strictEqual(status, 1)
      const devices = checks.find(({ check }) => check === "devices")
      assert.match(devices?.advice ?? "", /4\.7 kΩ/)
      assert.notInclude(JSON.stringify(checks), "owserver")
    }), timeout)
})

const shell = isShellInstalled || isRequired ? describe : describe.skip

shell(`Debian's own clients${isShellInstalled ? "" : " (skipped: on Debian: apt-get install ow-shell)"}`, () => {
  it.live("are answered as by an owserver", () =>
    Effect.gen(function*() {
      const fake = yield* FakeW1.make({ [kitchen]: FakeW1.thermometer(-10.125) })
      const { where } = yield* serve(fake.folder, "--writable")
      const run = (command: string, ...args: ReadonlyArray<string>) => Process.run(command, ["-s", where, ...args])
      assert.include((yield* run("owdir", "/")).stdout, `/${kitchen}\n/bus.0\n`)
      assert.strictEqual((yield* run("owread", `/${kitchen}/temperature`)).stdout, "     -10.125")
      assert.strictEqual((yield* run("owread", "-F", `/${kitchen}/temperature`)).stdout, "      13.775")
      assert.strictEqual((yield* run("owwrite", `/${kitchen}/alias`, "kitchen")).status, 0)
      assert.include((yield* run("owdir", "/kitchen")).stdout, "/kitchen/temperature\n")
      fake.set(kitchen, "temperature", "")
      assert.strictEqual((yield* run("owread", "/uncached/kitchen/temperature")).status, 1)
    }), timeout)
})
