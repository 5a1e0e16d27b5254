/**
 * The kernel's own bus: by its address, and where no server was named. The latter happens in namespaces, in which a folder is
 * the kernel's.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isRequired } from "../../../test/fixtures/installed.ts"
import * as FakeW1 from "../../node/test/fixtures/FakeW1.ts"
import * as bundle from "./fixtures/bundle.ts"
import * as namespace from "./fixtures/namespace.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 60_000

const id = "28.000028D70100"
const temperature = `/${id}/temperature`

const home = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-home-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

/** A bus with a thermometer, and the command of a user who has no aliases yet. */
const made = Effect.gen(function*() {
  const bus = yield* FakeW1.make({ [id]: FakeW1.thermometer(21.5) })
  const own = yield* home
  const env = { HOME: own, XDG_CONFIG_HOME: "" }
  return {
    bus,
    home: own,
    env,
    server: `w1:${bus.folder}`,
    run: (...args: ReadonlyArray<string>) => ow.run(args, { env })
  }
})

describe("the address w1:", () => {
  it.live(
    "is a server for plain calls and all others, by the flag and by the environment",
    () =>
      Effect.gen(function*() {
        const { env, run, server } = yield* made
        const results = yield* Effect.all([
          run("cat", temperature, "-s", server),
          run("cat", "--raw", temperature, "-s", server),
          run("ls", "-s", server),
          run("scan", "--json", "-s", `${server}/`),
          run("devices", "--json", "-s", server),
          run("bench", "--seconds", "50ms", "-s", server),
          ow.run(["cat", temperature], { env: { ...env, OWSERVER: server } }),
          ow.run(["watch", "--json", "--count", "1"], { env: { ...env, OWSERVERS: `${server},${server}/` } })
        ], { concurrency: 2 })
        const [cat, raw, ls, scan, devices, bench, named, watch] = results.map(ow.resultOf)
        assert.deepStrictEqual([cat, raw?.trim(), named, ls], ["21.5\n", "21.5", "21.5\n", `/${id}/\n`])
        const [seen] = ow.jsonOf(scan ?? "")
        assert.deepInclude(seen, { server, id, bus: "bus.0" })
        assert.deepInclude(ow.jsonOf(devices ?? "")[0], { server, id, chip: "DS18B20" })
        assert.include(bench, `at ${server}, 5 bytes`)
        assert.include(watch, "21.5")
      }),
    timeout
  )

  it.live(
    "writes what the kernel lets this user write, and keeps aliases with the user's settings",
    () =>
      Effect.gen(function*() {
        const { home, run, server } = yield* made
        assert.strictEqual(ow.resultOf(yield* run("set", `/${id}/alias`, "cellar", "-s", server)), "")
        const file = join(home, ".config", "ow", "aliases")
        assert.match(readFileSync(file, "utf8"), new RegExp(`^${id.replace(".", "\\.")}\\s*=\\s*cellar$`, "m"))
        assert.strictEqual(ow.resultOf(yield* run("cat", "/cellar/temperature", "-s", server)), "21.5\n")
      }),
    timeout
  )

  it.live(
    "leads nowhere without the folder: the error says what to do, and the others go on",
    () =>
      Effect.gen(function*() {
        const { run, server } = yield* made
        const nowhere = "/etc/hostname"
        const [quick, full, snoop, both] = yield* Effect.all([
          run("cat", temperature, "-s", `w1:${nowhere}`),
          run("tree", "-s", `w1:${nowhere}`),
          run("snoop", "-s", `w1:${nowhere}`, "--listen", "0"),
          run("scan", "--json", "-s", `w1:${nowhere},${server}`)
        ], { concurrency: 2 })
        const words = `there is no folder ${nowhere}/devices: the kernel shows its own buses in /sys/bus/w1\n`
        assert.deepStrictEqual([quick.status, full.status, snoop.status, both.status], [3, 3, 3, 3])
        for (const { stderr } of [quick, full, snoop]) assert.include(stderr, words)
        assert.strictEqual(quick.stderr, `ow: read ${temperature} at w1:${nowhere}: ${words}`)
        assert.deepInclude(ow.jsonOf(both.stdout)[0], { id, server })
        if (existsSync("/sys/bus/w1")) return
        const { status, stderr } = yield* run("ping", "-s", "w1:")
        assert.strictEqual(status, 3)
        assert.match(
          stderr,
          /^ow: ping at w1: the kernel has no 1-Wire bus: .*dtoverlay=w1-gpio.*: sudo modprobe ds2490\n$/
        )
      }),
    timeout
  )

  it.live("says that a driver is missing, and not that the sensor is", () =>
    Effect.gen(function*() {
      const { bus, run, server } = yield* made
      for (const file of ["temperature", "w1_slave", "alarms", "resolution", "conv_time", "ext_power", "features"]) {
        bus.set(id, file, null)
      }
      bus.set(id, "rw", "")
      const [cat, watch, doctor] = yield* Effect.all([
        run("cat", temperature, "-s", server),
        run("watch", "--count", "1", "-s", server),
        run("doctor", "-s", server)
      ], { concurrency: 2 })
      assert.include(
        cat.stderr,
        `does not list temperature, which other devices of its family have: its driver is not loaded, or shows less of this chip; ow doctor -s ${server} tells which\n`
      )
      assert.strictEqual(watch.stderr, `ow: nothing to watch: no such device at ${server}, or none that measures\n`)
      assert.include(
        doctor.stdout,
        "fail thermometers: Load the module w1_therm first: no thermometer can be read without it\n"
      )
    }), timeout)

  it.live(
    "lists what is in alarm at the first call, too, which has measured nothing yet",
    () =>
      Effect.gen(function*() {
        const { bus, run, server } = yield* made
        const hot = "28.000028D70200"
        bus.set(id, "alarms", "-10 50\n")
        bus.add(hot, FakeW1.thermometer(61, { high: 60, low: 0 }))
        const listed = ow.jsonOf(ow.resultOf(yield* run("alarms", "--json", "-s", server)))
        assert.deepStrictEqual(listed.map((one) => Reflect.get(Object(one), "id")), [hot])
      }),
    timeout
  )

  it.live("is relayed by snoop as any server is", () =>
    Effect.gen(function*() {
      const { env, run, server } = yield* made
      const snoop = yield* ow.start(["snoop", "-s", server, "--listen", "0", "--json"], { env })
      const [, port = ""] = /"port":(\d+)/.exec(yield* snoop.awaitLine((line) => line.includes("listening"))) ?? []
      assert.strictEqual(ow.resultOf(yield* run("cat", temperature, "-s", port)), "21.5\n")
      yield* snoop.awaitLine((line) => line.includes("temperature"))
      yield* snoop.awaitLine((line) => line.includes("\"closed\"") || line.includes("\"end\""))
      // Another client, after the first one has gone.
      assert.strictEqual((yield* run("exists", temperature, "-s", port)).status, 0)
    }), timeout)

  it.live(
    "ends in time, with the right status, while a bus master hangs",
    () =>
      Effect.gen(function*() {
        const { bus, env, run, server } = yield* made
        const { asked } = bus.pipe(id, "temperature")
        const late = yield* run("cat", temperature, "-s", server, "--timeout", "2s")
        assert.strictEqual(late.status, 4)
        assert.match(late.stderr, /no answer within/)
        for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
          const cat = yield* ow.start(["cat", temperature, "-s", server], { env })
          yield* asked
          yield* cat.kill(signal)
          assert.strictEqual(yield* cat.exit, status)
        }
        const serve = yield* ow.start(["serve", `--w1=${bus.folder}`, "--listen", "0"], { env })
        const [, port = ""] = /:(\d+)/.exec(yield* serve.awaitLine((line) => line.includes(":"))) ?? []
        const client = yield* ow.start(["cat", temperature, "-s", port], { env })
        yield* asked
        yield* serve.kill("SIGTERM")
        assert.strictEqual(yield* serve.exit, 0)
        assert.notStrictEqual(yield* client.exit, 0)
      }),
    timeout
  )

  it.live("has no place in a fleet", () =>
    Effect.gen(function*() {
      const { run } = yield* made
      const database = "postgres://ow@127.0.0.1:1/ow"
      const { status, stderr } = yield* run("hub", "-s", "w1:", "--runner", "10.8.0.2:34431", "--database", database)
      assert.strictEqual(status, 2)
      assert.match(stderr, /w1: is the bus of one machine.*run ow serve --w1 on that machine, and name its host/)
    }), timeout)
})

/** A namespace whose kernel has a bus, as far as `/sys` says. */
const kernel = Effect.gen(function*() {
  const { bus, ...others } = yield* made
  const net = yield* namespace.make(
    `ip link set lo up; mount -t tmpfs tmpfs /sys/bus; mkdir /sys/bus/w1; mount --bind ${bus.folder} /sys/bus/w1`
  )
  const options = { env: others.env }
  return { ...net, ...others, run: (...args: ReadonlyArray<string>) => net.ow(args, options) }
})

const describeIsolated = namespace.isAllowed || isRequired
  ? describe.concurrent
  : (name: string, suite: () => void) => describe.skip(`${name} (skipped: needs unshare, iproute2 and root)`, suite)

describeIsolated("a Raspberry Pi whose kernel has no bus", () => {
  it.live(
    "is told what sensors on its pins need, if no server was named and none is there",
    () =>
      Effect.gen(function*() {
        const { run } = yield* namespace.make(
          `ip link set lo up; mount -t tmpfs tmpfs /sys/bus; mount -t tmpfs tmpfs /boot; mkdir /boot/firmware;
        echo dtparam=audio=on > /boot/firmware/config.txt`
        ).pipe(Effect.map(({ ow }) => ({ run: (...args: ReadonlyArray<string>) => ow(args) })))
        const [scan, named] = yield* Effect.all([run("scan"), run("scan", "-s", "localhost:1")], { concurrency: 2 })
        assert.strictEqual(scan.status, 3)
        assert.match(scan.stderr, /^ {4}sensors on the pins .*no bus: ow doctor -s w1: says what to do$/m)
        assert.notInclude(named.stderr, "w1:")
        const { stdout } = yield* run("doctor", "-s", "w1:")
        assert.include(stdout, "Write the line dtoverlay=w1-gpio at the end of /boot/firmware/config.txt")
      }),
    timeout
  )
})

describeIsolated("a machine whose kernel has a bus", () => {
  const told = "ow: no owserver is at localhost:4304, so this is the kernel's own bus (-s w1:)\n"

  it.live("is asked where no server was named and none is there, and says so in a line", () =>
    Effect.gen(function*() {
      const { home, run, startOw } = yield* kernel
      const calls = [["cat", temperature], ["tree"], ["doctor"]]
      for (const { status, stderr } of yield* Effect.forEach(calls, (args) => run(...args), { concurrency: 2 })) {
        assert.deepStrictEqual([status, stderr], [0, told])
      }
      const [servers, flag, word, other, path, install] = yield* Effect.all([
        run("servers", "--timeout", "100ms"),
        run("complete", "--", "scan", "-s", ""),
        run("complete", "--", "scan", "--server", "w"),
        run("complete", "--", "scan", "-s", "pi"),
        run("complete", "--", "ls", "/28"),
        run("hub", "install", "--print")
      ], { concurrency: 2 })
      assert.include(servers.stderr, "the kernel of this machine has a 1-Wire bus of its own: -s w1:\n")
      assert.deepStrictEqual([flag, word, other, path].map(ow.resultOf), ["w1:\n", "w1:\n", "", `/${id}/\n`])
      assert.match(install.stdout, /^ExecStart=.* hub -s w1:$/m)
      assert.include(install.stderr, "so the service follows the kernel's own bus")
      // A server that is there comes first, and one that was named is never replaced.
      const serve = yield* startOw(["serve", "--devices", "10", "--listen", "4304"])
      yield* serve.awaitLine((line) => line.endsWith(":4304"))
      assert.match(ow.resultOf(yield* run("ls")), /^\/10\./)
      const named = yield* run("ping", "-s", "localhost:1")
      assert.deepStrictEqual([named.status, named.stderr.includes("w1:")], [3, false])
      assert.isFalse(existsSync(join(home, ".config")))
    }), timeout)

  it.live("is followed by a hub that finds no server", () =>
    Effect.gen(function*() {
      const { home, start } = yield* kernel
      const hub = yield* start("env", [
        `HOME=${home}`,
        `XDG_CACHE_HOME=${ow.cache}`,
        process.execPath,
        bundle.ow,
        "hub",
        "--database",
        join(home, "hub.sqlite"),
        "--listen",
        "0"
      ])
      yield* hub.awaitLine((line) => line.includes("so the hub follows the kernel's own bus (-s w1:)"), "stderr")
      yield* hub.awaitLine((line) => line.startsWith("The page shows w1: until Ctrl-C."), "stderr")
      yield* hub.awaitLine((line) => line.includes(`${id} has appeared on bus.0 of w1:`), "stderr")
    }), timeout)
})
