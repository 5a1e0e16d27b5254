/**
 * The guides for those who come from other programs: what they say of owhttpd and DigiTemp is tried with these, and each command and
 * address of their tables is tried, too.
 */
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as ow from "../../packages/cli/test/fixtures/ow.ts"
import * as Process from "../../packages/cli/test/fixtures/process.ts"
import { freePort } from "../../packages/hub/test/fixtures/processes.ts"

const docs = new URL("../../docs/", import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, docs), "utf8")

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-moving-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const house = Effect.suspend(() => NodeSimulatedServer.start(JSON.parse(read("house.json"))))

/** The code in the tables of a page that begins with a word. */
const inTables = (page: string, word: string): ReadonlyArray<string> => {
  const rows = read(page).split("\n").filter((line) => line.startsWith("|"))
  return [...new Set(rows.flatMap((row) => Array.from(row.matchAll(/`([^`]+)`/g), ([, code = ""]) => code)))]
    .filter((code) => code.startsWith(`${word} `))
}

/** Waits until an address answers. */
const answered = (url: string) =>
  Effect.tryPromise(() => fetch(url)).pipe(
    Effect.filterOrFail(({ status }) => status < 500),
    Effect.retry({ schedule: Schedule.spaced("100 millis"), times: 600 }),
    Effect.orDie
  )

const statusOf = (url: string, init?: RequestInit) => Effect.promise(async () => (await fetch(url, init)).status)

describe.concurrent("tables of commands", () => {
  const commands = ["from-owhttpd.md", "from-digitemp.md", "from-w1.md"].flatMap((page) => inTables(page, "ow"))
    // Some are only named.
    .filter((command) => !/^ow (?:cat|exists)$/.test(command))

  it("are there", () => assert.isAbove(commands.length, 20))

  it.live.each(commands)("%s", (command) =>
    Effect.gen(function*() {
      const server = yield* house
      const args = command.replace("raspberrypi", `${server.host}:${server.port}`).replace(/--count \d+/, "--count 1")
        .split(" ").slice(1)
      const home = yield* folder
      const { status, stderr } = yield* ow.at(server)(
        [
          ...args.map((arg) => arg === "temps.csv" ? join(home, arg) : arg),
          ...args[0] === "log" ? ["--count", "1"] : []
        ]
      )
      assert.strictEqual(status, 0, stderr)
    }))
})

describe("owhttpd", () => {
  const start = Effect.gen(function*() {
    const server = yield* house
    const port = yield* freePort
    yield* Process.start("owhttpd", ["-s", `${server.host}:${server.port}`, "-p", `${port}`, "--foreground"])
    const url = `http://localhost:${port}`
    yield* answered(url)
    return {
      ow: ow.at(server),
      get: (path: string) =>
        Effect.promise(async () => {
          const answer = await fetch(`${url}${path}`)
          return { status: answer.status, text: (await answer.text()).trimEnd() }
        })
    }
  })

  it.live("answers as the guide says", () =>
    Effect.gen(function*() {
      const { get, ow } = yield* start
      const isAsSaid = (path: string, text: string) =>
        Effect.map(get(path), (answer) => assert.deepStrictEqual(answer, { status: 200, text }, path))
      yield* isAsSaid("/json/kitchen/temperature", "[ \"21.5625\" ]")
      yield* isAsSaid("/text/kitchen/temperature", "temperature 21.5625")
      yield* isAsSaid("/json/attic/temperature", "[ \"85\" ]")
      yield* isAsSaid("/json/relays/PIO.0", "[ \"true\" ]")
      yield* isAsSaid("/text/relays/PIO.0", "PIO.0 1")
      // What cannot be read, and what is behind a coupler.
      yield* isAsSaid("/json/3A.00003AC50100/sensed.A", "[ null ]")
      yield* isAsSaid("/json/1F.00001FE00400/main/well/temperature", "[ \"7.75\" ]")
      // What is written, and what of it is lost.
      yield* isAsSaid("/json/kitchen/temperature?temperature=3", "[ \"21.5625\" ]")
      yield* isAsSaid("/json/kitchen/temphigh?temphigh=21,5", "[ \"21\" ]")
      yield* isAsSaid("/json/relays/PIO.0?PIO.0=0", "[ \"false\" ]")
      yield* get("/relays?PIO.0=1")
      const { stdout } = yield* ow(["cat", "relays/PIO.0"])
      assert.strictEqual(stdout, "1\n")
      const comma = yield* ow(["set", "kitchen/temphigh", "21,5"])
      assert.strictEqual(comma.status, 2, comma.stderr)
      assert.strictEqual((yield* ow(["cat", "3A.00003AC50100/sensed.A"])).status, 1)
    }))

  it.live("has its addresses replaced by those of the hub", () =>
    Effect.gen(function*() {
      const server = yield* house
      const hub = yield* ow.start([
        "hub",
        "-s",
        `${server.host}:${server.port}`,
        "--listen",
        "0",
        "--allow-write",
        "PIO.*"
      ])
      const url = `${yield* hub.awaitLine((line) => line !== "")}api/v1`
      yield* answered(`${url}/state`)
      const reads = inTables("from-owhttpd.md", "GET").map((code) => code.split(" ")[1] ?? "")
      const writes = inTables("from-owhttpd.md", "PUT").map((code) => code.split(" ")[1] ?? "")
      assert.deepStrictEqual([reads.length, writes.length], [3, 1])
      for (const path of reads) assert.strictEqual(yield* statusOf(`${url}${path}`), 200, path)
      const put = (path: string, value: boolean | number) =>
        statusOf(`${url}${path}`, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ value })
        })
      for (const path of writes) assert.strictEqual(yield* put(path, false), 200, path)
      assert.strictEqual((yield* ow.at(server)(["cat", "--uncached", "relays/PIO.0"])).stdout, "0\n")
      assert.strictEqual(yield* put("/devices/28.000028D70100/temphigh", 20), 403)
      assert.strictEqual(yield* statusOf(`${url}/devices/3A.00003AC50100/sensed.A`), 502)
    }))
})

describe("DigiTemp", () => {
  /** A serial port with a passive adapter, and a place to run programs with it. */
  const adapter = Effect.gen(function*() {
    const home = yield* folder
    const tty = join(home, "tty")
    const script = new URL("passiveAdapter.ts", import.meta.url).pathname
    const socat = yield* Process.start("socat", [
      "-d",
      "-d",
      `PTY,link=${tty},raw,echo=0`,
      `EXEC:${process.execPath} ${script},pipes`
    ])
    yield* socat.awaitLine((line) => line.includes("starting data transfer loop"), "stderr")
    return {
      home,
      tty,
      digitemp: (line: string) => Process.run("sh", ["-c", `cd ${home} && digitemp_DS9097 -q ${line}`])
    }
  })

  it.live("prints as the guide says, and owserver has the same sensors at the same adapter", () =>
    Effect.gen(function*() {
      const { digitemp, home, tty } = yield* adapter
      yield* digitemp(`-i -s ${tty}`)
      const file = readFileSync(join(home, ".digitemprc"), "utf8")
      assert.match(file, /^ROM 1 0x28 0x3D 0x2C 0x1B 0x0A 0x00 0x00 0xA6 *$/m)
      assert.match(
        (yield* digitemp("-a")).stdout,
        /^\w{3} \d\d \d\d:\d\d:\d\d Sensor 0 C: -3\.50 F: 25\.70\n.* Sensor 1 C: 21\.56 F: 70\.81$/m
      )
      assert.match((yield* digitemp("-a -o 4")).stdout, /^\d{10}\t-3\.50\t21\.56\t104729\t3\n$/)
      assert.match((yield* digitemp("-t 1 -o'%R %.2C'")).stdout, /^283D2C1B0A0000A6 21\.56\n$/)

      // A sensor that is not there.
      writeFileSync(join(home, "absent.conf"), file.replace("0x28 0x3D", "0x28 0x3E"))
      const absent = yield* digitemp("-a -o 2 -c absent.conf")
      assert.strictEqual(absent.status, 0)
      assert.match(absent.stderr, /CRC Failed/)
      assert.match(absent.stdout, /\t0\.00\t104729\t3\n$/)

      const port = yield* freePort
      yield* Process.start("owserver", [`--passive=${tty}`, "--8bit", "-p", `127.0.0.1:${port}`, "--foreground"])
      const at = ow.at({ host: "127.0.0.1", port })
      const { stdout } = yield* at(["scan", "--family", "28", "-f", "fic"]).pipe(
        Effect.repeat({
          until: ({ stdout }) => stdout.includes("28"),
          schedule: Schedule.spaced("200 millis"),
          times: 200
        })
      )
      assert.match(stdout, /^283D2C1B0A0000A6 .* 21\.6 °C$/m)
    }))
})
