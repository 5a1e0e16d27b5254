/**
 * The single executables, as `scripts/executable.ts` has made them: that of this platform, and that of ARM under QEMU.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { execFile, spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { isRequired } from "../../../test/fixtures/installed.ts"
import * as Process from "../test/fixtures/process.ts"

const dist = fileURLToPath(new URL("../../../dist/", import.meta.url))
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-executable-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A command that is to find no Node on its path. */
const env = { PATH: "/usr/bin:/bin" }

/** A port that answers nothing, and what it receives first. */
const listener = Effect.acquireRelease(
  Effect.callback<{ readonly server: Server; readonly port: number; readonly received: Promise<Buffer> }>((resume) => {
    const server = createServer()
    const received = new Promise<Buffer>((resolve) =>
      server.on("connection", (socket) => socket.on("error", () => {}).once("data", resolve))
    )
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed({ server, received, port: typeof address === "object" ? address?.port ?? 0 : 0 }))
    })
  }),
  ({ server }) => Effect.sync(() => server.close())
)

/** A simulated server of this platform, and where it listens. */
const serve = Effect.gen(function*() {
  const server = yield* Process.start(join(dist, "ow-linux-x64"), ["serve", "--listen", "127.0.0.1:0"], { env })
  return { server, address: yield* server.awaitLine((line) => line.startsWith("127.0.0.1:")) }
})

const suite = (command: string, before: ReadonlyArray<string>) => {
  // An emulated one takes longer than what other tests wait for.
  const run = (args: ReadonlyArray<string>, more: Readonly<Record<string, string>> = {}) =>
    Effect.gen(function*() {
      const home = yield* temporaryDirectory
      return yield* Effect.callback<{ readonly status: number; readonly stdout: string; readonly stderr: string }>(
        (resume) => {
          const child = execFile(
            command,
            [...before, ...args],
            { env: { ...env, HOME: home, ...more }, encoding: "utf8" },
            (error, stdout, stderr) =>
              resume(Effect.succeed({ status: error === null ? 0 : Number(error.code), stdout, stderr }))
          )
          return Effect.sync(() => child.kill("SIGKILL"))
        }
      )
    })
  const start = (args: ReadonlyArray<string>, more: Readonly<Record<string, string>> = {}) =>
    Process.start(command, [...before, ...args], { env: { ...env, ...more } })

  /** A hub, once it follows its servers, and the address of its page. */
  const hub = Effect.fnUntraced(function*(args: ReadonlyArray<string>, directory: string) {
    const running = yield* start(["hub", "--listen", "127.0.0.1:0", ...args], { STATE_DIRECTORY: directory })
    const lines = yield* running.lines.pipe(
      Effect.repeat({
        until: (lines) => lines.some((line) => line.startsWith("http://")),
        schedule: Schedule.spaced("200 millis")
      })
    )
    const url = lines.find((line) => line.startsWith("http://"))
    yield* Effect.tryPromise(() => fetch(new URL("healthz", url))).pipe(
      Effect.flatMap((reply) => reply.ok ? Effect.void : Effect.fail(reply.status)),
      Effect.retry({ schedule: Schedule.spaced("200 millis") })
    )
    const get = (path: string) => Effect.promise(() => fetch(new URL(path, url)).then((reply) => reply.text()))
    return { running, get }
  })

  it.live("says its version, and scans", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* run(["--version"])).stdout, `ow ${version}\n`)
      const { address } = yield* serve
      const scan = yield* run(["scan", "-s", address])
      assert.deepStrictEqual({ status: scan.status, stderr: scan.stderr }, { status: 0, stderr: "" })
      assert.include(scan.stdout, "DS18B20")
    }))

  it.live("has the hub with all of its page", () =>
    Effect.gen(function*() {
      const { address } = yield* serve
      const { get, running } = yield* hub(["-s", address], yield* temporaryDirectory)
      const index = yield* get("")
      const [, script = ""] = /src="([^"]+\.js)"/.exec(index) ?? []
      assert.notStrictEqual(script, "")
      assert.isAbove((yield* get(script)).length, 10_000)
      yield* running.kill("SIGTERM")
      assert.strictEqual(yield* running.exit, 0)
    }))

  return { run, start, hub }
}

describe("the executable for x64", () => {
  const { hub, run, start } = suite(join(dist, "ow-linux-x64"), [])

  it.live("reads, writes, watches, examines and logs", () =>
    Effect.gen(function*() {
      const { address, server } = yield* serve
      const at = { OWSERVER: address }
      const devices = (yield* run(["scan", "--json"], at)).stdout.split("\n").filter((line) => line !== "")
      assert.lengthOf(devices, 5)
      const doctor = yield* run(["doctor"], at)
      assert.notMatch(doctor.stderr, /Error|not found/)
      assert.include(doctor.stdout, address)
      const watch = yield* start(["watch", "--json"], at)
      yield* watch.awaitLine((line) => JSON.parse(line).property === "temperature")
      yield* watch.kill("SIGTERM")
      assert.strictEqual(yield* watch.exit, 0)
      const file = join(yield* temporaryDirectory, "log.csv")
      const log = yield* start(["log", "--to", file], at)
      yield* Effect.sync(() => existsSync(file) && readFileSync(file, "utf8").includes("temperature")).pipe(
        Effect.repeat({ until: (isThere) => isThere, schedule: Schedule.spaced("50 millis") })
      )
      yield* log.kill("SIGTERM")
      assert.strictEqual(yield* log.exit, 0)
      yield* server.kill("SIGTERM")
      assert.strictEqual(yield* server.exit, 0)
      const complete = yield* run(["--completions", "bash"])
      assert.include(complete.stdout, "complete")
    }))

  it.live("shows a simulated house with a history", () =>
    Effect.gen(function*() {
      const { running } = yield* hub(["--demo"], yield* temporaryDirectory)
      yield* running.kill("SIGINT")
      assert.strictEqual(yield* running.exit, 130)
    }))

  it.live("keeps a history over a restart, with every bundle that a hub loads", () =>
    Effect.gen(function*() {
      const { address } = yield* serve
      const directory = yield* temporaryDirectory
      const config = join(directory, "hub.yaml")
      const broker = yield* listener
      writeFileSync(config, `version: 1\nmqtt: { server: "mqtt://127.0.0.1:${broker.port}" }\n`)
      const args = ["-s", address, "--config", config]
      const first = yield* hub(args, directory)
      yield* first.get("api/v1/state").pipe(
        Effect.repeat({ until: (state) => state.includes("temperature"), schedule: Schedule.spaced("200 millis") })
      )
      yield* first.running.kill("SIGTERM")
      assert.strictEqual(yield* first.running.exit, 0)
      const file = join(directory, "hub.sqlite")
      const backup = join(directory, "copy.sqlite")
      assert.strictEqual((yield* run(["hub", "backup", backup], { STATE_DIRECTORY: directory })).status, 0)
      assert.deepStrictEqual(readFileSync(backup).subarray(0, 15).toString(), "SQLite format 3")
      const second = yield* hub(args, directory)
      // The first packet of a client of MQTT.
      assert.strictEqual((yield* Effect.promise(() => broker.received))[0], 0x10)
      const exported = yield* run(["hub", "export", "--database", file], { STATE_DIRECTORY: directory })
      assert.include(exported.stdout, "temperature")
      yield* second.running.kill("SIGTERM")
      assert.strictEqual(yield* second.running.exit, 0)
    }))

  it.live("names a database of a fleet that it cannot reach", () =>
    Effect.gen(function*() {
      const database = ["--database", "postgres://ow@127.0.0.1:1/ow"]
      const calls = [
        { args: ["fleet", "list"], expected: 3 },
        { args: ["hub", "--runner", "127.0.0.1:34431", "--listen", "127.0.0.1:0"], expected: 1 }
      ]
      for (const { args, expected } of calls) {
        const { status, stderr } = yield* run([...args, ...database])
        assert.deepStrictEqual([status, /ECONNREFUSED/.test(stderr)], [expected, true], stderr)
      }
    }))

  it.live("installs itself as a service", () =>
    Effect.gen(function*() {
      const { stdout } = yield* run(["hub", "install", "--print", "-s", "raspberrypi"])
      assert.include(stdout, `ExecStart=${join(dist, "ow-linux-x64")} hub -s raspberrypi`)
    }))

  it("comes in an archive with its licenses and units, and a checksum", () => {
    assert.deepStrictEqual(
      spawnSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: dist, encoding: "utf8" }).stdout,
      ""
    )
    const listed = spawnSync("tar", ["-tzf", join(dist, "ow-linux-x64.tar.gz")], { encoding: "utf8" }).stdout.split(
      "\n"
    )
    const units = readdirSync(new URL("../systemd", import.meta.url))
    assert.includeMembers(
      listed,
      ["ow", "LICENSE", "LICENSE-node", "LICENSES.txt", ...units.map((unit) => `systemd/${unit}`)].map((name) =>
        `ow-linux-x64/${name}`
      )
    )
  })
})

const qemu = "qemu-aarch64-static"

const arm = spawnSync(qemu, ["--version"]).error === undefined || isRequired
  ? describe
  : (name: string, suite: () => void) =>
    describe.skip(
      `${name} (skipped: QEMU is not installed; on Debian: apt-get install qemu-user-static libstdc++6-arm64-cross)`,
      suite
    )

arm("the executable for ARM", () => {
  // The libraries of ARM are those of libstdc++6-arm64-cross.
  suite(qemu, ["-cpu", "cortex-a72", "-L", "/usr/aarch64-linux-gnu", join(dist, "ow-linux-arm64")])
})
