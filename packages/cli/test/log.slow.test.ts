/**
 * `log`: what is watched in a file, over restarts, rotation and full disks.
 */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schedule } from "effect"
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Csv from "../src/log/Csv.ts"
import * as LogFile from "../src/log/LogFile.ts"
import * as Rotation from "../src/log/Rotation.ts"
import type * as Lines from "../src/watch/Lines.ts"
import * as namespace from "./fixtures/namespace.ts"
import * as ow from "./fixtures/ow.ts"
import * as Process from "./fixtures/process.ts"

const timeout = 120_000

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "ow-log-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const serve = Effect.fnUntraced(function*() {
  const network = yield* SimulatedNetwork.make({
    "28.000028D70100": { temperature: 21.5, alias: "=1+1" },
    "29.000029D60300": { "PIO.BYTE": 5 }
  })
  const server = yield* NodeSimulatedServer.start(network)
  return { network, server, address: `${server.host}:${server.port}` }
})

const until = (isSo: () => boolean) =>
  Effect.timeoutOrElse(
    Effect.repeat(Effect.sync(isSo), { schedule: Schedule.spaced("20 millis"), until: (so) => so }),
    {
      duration: "40 seconds",
      orElse: () => Effect.die(`it did not come about: ${isSo}`)
    }
  )

const linesOf = (path: string): ReadonlyArray<string> => {
  const lines = readFileSync(path, "utf8").split("\n")
  assert.strictEqual(lines.pop(), "")
  return lines
}

const stamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z,127\.0\.0\.1:\d+,/

/** Rows without their times and servers. */
const rowsOf = (path: string): ReadonlyArray<string> => {
  const [header, ...rows] = linesOf(path)
  assert.strictEqual(header, Csv.header)
  return rows.map((row) => {
    assert.match(row, stamp)
    return row.replace(stamp, "")
  })
}

describe("a row of CSV", () => {
  const reading: Lines.Record = {
    time: new Date(0),
    server: "pi:4304",
    id: "28.000028D70100",
    alias: "cellar",
    path: "/28.000028D70100/temperature",
    property: "temperature",
    value: -3.5,
    unit: "°C",
    verdict: "Plausible",
    error: null
  }
  const begin = "1970-01-01T00:00:00.000Z,pi:4304,28.000028D70100"

  it("has numbers as they are, and yes or no as 1 or 0", () => {
    assert.strictEqual(Csv.rowOf(reading), `${begin},cellar,temperature,-3.5,°C,Plausible,`)
    assert.strictEqual(
      Csv.rowOf({ ...reading, value: [true, false], unit: null }),
      `${begin},cellar,temperature,"1,0",,Plausible,`
    )
    assert.strictEqual(Csv.rowOf({ ...reading, value: 1e21, alias: null }), `${begin},,temperature,1e+21,°C,Plausible,`)
  })

  it("is one line, and holds no formula, whatever a name is", () => {
    for (const alias of ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "=\",\"", "\u001b]0;x\u0007"]) {
      const row = Csv.rowOf({ ...reading, alias, value: alias, unit: null })
      const cells = row.slice(begin.length + 1).match(/"(?:[^"]|"")*"|[^,]+/g) ?? []
      for (const cell of [cells[0], cells[2]]) assert.match(cell ?? "", /^"?(?:'[=+\-@�])/)
      // oxlint-disable-next-line no-control-regex
      assert.notMatch(row, /[\u0000-\u001f]/)
    }
    // Cells may also be told apart by semicolons, and signs have wide forms.
    for (
      const [alias, cell] of [["a;=1+1", "a;'=1+1"], ["a; -1", "a;' -1"], ["＝1", "'＝1"], ["a-b", "a-b"]] as const
    ) {
      assert.strictEqual(
        Csv.rowOf({ ...reading, alias }),
        `${begin},${cell},temperature,-3.5,°C,Plausible,`
      )
    }
    assert.strictEqual(
      Csv.rowOf({ ...reading, alias: "say \"hi\", you" }),
      `${begin},"say ""hi"", you",temperature,-3.5,°C,Plausible,`
    )
  })

  it("says why there is no value", () => {
    const error = { _tag: "OwnetError", reason: { _tag: "BusFault" }, message: "read …: bus fault" } as const
    assert.strictEqual(
      Csv.rowOf({ ...reading, value: null, unit: null, verdict: null, error }),
      `${begin},cellar,temperature,,,Failed,read …: bus fault`
    )
    assert.strictEqual(
      Csv.rowOf({ ...reading, value: null, unit: null, verdict: null, property: null, error }),
      `${begin},cellar,,,,Missing,read …: bus fault`
    )
    assert.strictEqual(
      Csv.rowOf({ time: new Date(0), event: "bus-recovered", server: "pi:4304", bus: "bus.1", since: new Date(1000) }),
      "1970-01-01T00:00:00.000Z,pi:4304,,,,,,bus-recovered,bus.1 since 1970-01-01T00:00:01.000Z"
    )
  })
})

describe("rotation", () => {
  const of = (text: string): Rotation.Rotation => Option.getOrThrow(Rotation.fromString(text))

  it("is a time of whole minutes, or a size", () => {
    assert.deepStrictEqual(of("1d"), { _tag: "Time", every: 86_400_000 })
    assert.deepStrictEqual(of("10MB"), { _tag: "Size", bytes: 10_000_000 })
    assert.deepStrictEqual(of("1.5kb"), { _tag: "Size", bytes: 1500 })
    for (const wrong of ["10", "10M", "30s", "90s", "0d", "0kB", "1B", "-1d", ""]) {
      assert.isTrue(Option.isNone(Rotation.fromString(wrong)), wrong)
    }
  })

  it("names a file by its period, which no other file has", () => {
    const at = Date.UTC(2026, 11, 1, 13, 7)
    const name = (text: string, names: ReadonlyArray<string> = []) =>
      Rotation.fullPath("/var/log/house.csv", of(text), at, names)
    assert.strictEqual(name("1d"), "/var/log/house-2026-12-01.csv")
    assert.strictEqual(name("12h"), "/var/log/house-2026-12-01T12.csv")
    assert.strictEqual(name("5m"), "/var/log/house-2026-12-01T1305.csv")
    // A Tuesday.
    assert.strictEqual(name("1w"), "/var/log/house-2026-11-30.csv")
    assert.strictEqual(name("1d", ["house-2026-12-01.csv"]), "/var/log/house-2026-12-01.2.csv")
    assert.strictEqual(name("1MB"), "/var/log/house-1.csv")
    assert.strictEqual(name("1MB", ["house-9.csv", "house-10.csv", "house-x.csv"]), "/var/log/house-11.csv")
  })

  it("knows its own files, from the oldest", () => {
    const names = ["house-10.csv", "house-9.csv", "house-2026-12-01.2.csv", "house-2026-12-01.csv", "house-a.csv"]
    assert.deepStrictEqual(Rotation.rotated("house.csv", of("1kB"), names), ["house-9.csv", "house-10.csv"])
    assert.deepStrictEqual(Rotation.rotated("house.csv", of("1d"), names), [
      "house-2026-12-01.csv",
      "house-2026-12-01.2.csv"
    ])
    assert.deepStrictEqual(Rotation.rotated("ho.csv", of("1d"), names), [])
  })
})

describe("a log file", () => {
  const day = 86_400_000
  const moment = (at: number) => `${new Date(at).toISOString()},x`

  const write = (path: string, rows: ReadonlyArray<number>, options: Partial<LogFile.Options>) =>
    Effect.scoped(Effect.gen(function*() {
      const file = yield* LogFile.make({
        path,
        header: "time,x",
        flush: 3_600_000,
        rotation: undefined,
        keep: undefined,
        ...options
      })
      for (const at of rows) yield* file.add(at, moment(at))
    }))

  it.live("has a file a day, over restarts and a clock that was set back", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "house.csv")
      const daily = { rotation: { _tag: "Time", every: day } as const, keep: 2 }
      yield* write(path, [1, 2, day + 1], daily)
      yield* write(path, [day + 2, 5, 3 * day], daily)
      const before = join(path, "..", "house-1970-01-01.csv")
      assert.deepStrictEqual(linesOf(before), ["time,x", moment(1), moment(2)])
      assert.deepStrictEqual(linesOf(join(path, "..", "house-1970-01-02.csv")), [
        "time,x",
        moment(day + 1),
        moment(day + 2),
        moment(5)
      ])
      yield* write(path, [4 * day], daily)
      assert.deepStrictEqual(readdirSync(join(path, "..")).toSorted(), [
        "house-1970-01-02.csv",
        "house-1970-01-04.csv",
        "house.csv"
      ])
    }))

  it.live("is never larger than it may be, and loses no row", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "house.csv")
      const rows = Array.from({ length: 300 }, (_, at) => at)
      yield* write(path, rows.slice(0, 130), { rotation: { _tag: "Size", bytes: 1000 } })
      yield* write(path, rows.slice(130), { rotation: { _tag: "Size", bytes: 1000 } })
      const files = [
        ...Rotation.rotated(path, { _tag: "Size", bytes: 1000 }, readdirSync(join(path, ".."))),
        "house.csv"
      ].map((name) => readFileSync(join(path, "..", name), "utf8"))
      assert.isAbove(files.length, 8)
      for (const file of files) assert.isAtMost(file.length, 1000)
      const all = files.flatMap((file) => file.split("\n").slice(1, -1))
      assert.deepStrictEqual(all, rows.map(moment))
    }))

  it.live("is repaired wherever a run was killed", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "house.csv")
      const whole = `time,x\n${moment(1)}\n${moment(2)}\n`
      for (let length = 0; length <= whole.length; length++) {
        writeFileSync(path, whole.slice(0, length))
        yield* write(path, [3], {})
        const complete = whole.slice(0, length).split("\n").slice(1, -1)
        assert.deepStrictEqual(linesOf(path), ["time,x", ...complete, moment(3)], String(length))
      }
    }))

  it.live("is nobody else's", () =>
    Effect.gen(function*() {
      const path = join(yield* directory, "letter.csv")
      for (const text of ["Dear all,", "time,y\n1\n", "\0\0", "{\"time\":\""]) {
        writeFileSync(path, text)
        const error = yield* Effect.flip(write(path, [1], {}))
        assert.match(error.message, /it has other contents: choose another file$/)
        assert.strictEqual(readFileSync(path, "utf8"), text)
      }
      assert.match((yield* Effect.flip(write("/dev/null", [], {}))).message, /it is not a file/)
      assert.match((yield* Effect.flip(write(tmpdir(), [], {}))).message, /it is a directory/)
    }))

  it.live(
    "is written by one at a time, by whatever name, and is free again when a run was killed",
    () =>
      Effect.gen(function*() {
        const folder = yield* directory
        const path = join(folder, "house.csv")
        const link = join(folder, "link")
        symlinkSync(folder, link)
        const { address } = yield* serve()
        const first = yield* ow.start(["log", "-s", address, "--to", path, "--every", "50ms", "--flush", "10ms"])
        yield* until(() => existsSync(path) && readFileSync(path, "utf8").split("\n").length > 3)
        // A row under way is not whole yet, and would be cut off.
        for (const other of [path, join(link, "house.csv")]) {
          const second = yield* ow.run(["log", "-s", address, "--to", other])
          assert.deepInclude(second, {
            status: 1,
            stderr: `ow: another ow log writes to ${other}: choose another file\n`
          })
        }
        yield* ow.run(["log", "-s", address, "--to", join(folder, "other.csv"), "--count", "1"])
        yield* first.kill("SIGKILL")
        yield* first.exit
        assert.strictEqual((yield* ow.run(["log", "-s", address, "--to", path, "--count", "1"])).status, 0)
      }),
    timeout
  )
})

describe.concurrent("log", () => {
  it.live("appends to a file over runs, with one header", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      const path = join(yield* directory, "house.csv")
      const args = ["log", "-s", address, "--to", path, "--count", "2", "--every", "50ms"]
      const first = yield* ow.run(args)
      assert.deepInclude(first, {
        status: 0,
        stdout: "",
        stderr: `Appending to ${path} every 50 ms, as CSV.\n`
      })
      appendFileSync(path, "2026-12-01T10:00:00.0")
      const second = yield* ow.run(args)
      assert.match(second.stderr, /^ow: the last line of .* was incomplete, and was cut off\nAppending/)
      const round = [
        "28.000028D70100,'=1+1,temperature,21.5,°C,Plausible,",
        "29.000029D60300,,PIO.ALL,\"1,0,1,0,0,0,0,0\",,Plausible,",
        "29.000029D60300,,sensed.ALL,\"0,1,0,1,1,1,1,1\",,Plausible,"
      ]
      const rows = rowsOf(path)
      assert.strictEqual(rows.length, 12)
      assert.sameMembers(
        [...new Set(rows.map((row) => row.split(",")[0]))],
        round.map((row) => row.split(",")[0]).slice(0, 2)
      )
      assert.include(rows, round[0])
      assert.include(rows, round[1])
    }), timeout)

  it.live("has the lines of watch --json as JSON Lines", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      const path = join(yield* directory, "house.jsonl")
      ow.resultOf(yield* ow.run(["log", "-s", address, "--to", path, "--count", "1", "--json"]))
      const watched = ow.resultOf(yield* ow.run(["watch", "-s", address, "--count", "1", "--json"]))
      const timeless = (text: string) => text.replaceAll(/"time":"[^"]+"/g, "")
      assert.strictEqual(timeless(readFileSync(path, "utf8")), timeless(watched))
      const printed = ow.resultOf(yield* ow.run(["log", "-s", address, "--count", "1", "--format", "jsonl"]))
      assert.strictEqual(timeless(printed), timeless(watched))
    }), timeout)

  it.live("has rows for failures, for what is missing and for a server that is gone", () =>
    Effect.gen(function*() {
      const { address, network, server } = yield* serve()
      const path = join(yield* directory, "house.csv")
      const temperature = "/28.000028D70100/temperature"
      const { awaitLine, kill, exit } = yield* ow.start(
        ["log", "-s", address, "--to", path, "--every", "30ms", "--flush", "30ms", "28.000028D70100"]
      )
      const has = (part: string) => until(() => existsSync(path) && readFileSync(path, "utf8").includes(part))
      yield* has(",21.5,")
      yield* network.set(temperature, SimulatedNetwork.refuse(-5))
      yield* has(",temperature,,,Failed,read /28.000028D70100/temperature")
      yield* awaitLine((line) => line.startsWith("ow: read /28.000028D70100/temperature"), "stderr")
      yield* network.set(temperature, 85)
      yield* has(",85,°C,PowerOn,")
      yield* server.stop
      yield* has(",,,,,,server-failed,")
      yield* server.start
      yield* has(",,,,,,server-recovered,since ")
      yield* kill("SIGTERM")
      assert.strictEqual(yield* exit, 0)
      assert.strictEqual(rowsOf(path).filter((row) => row.includes(",Failed,")).length, 1)
    }), timeout)

  it.live("writes all that waits before it ends", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      const path = join(yield* directory, "house.csv")
      const { awaitLine, exit, kill } = yield* ow.start(
        ["log", "-s", address, "--to", path, "--every", "20ms", "--flush", "1h"]
      )
      yield* awaitLine((line) => line.startsWith("Appending"), "stderr")
      yield* Effect.sleep("300 millis")
      assert.deepStrictEqual(linesOf(path), [Csv.header])
      yield* kill("SIGINT")
      assert.strictEqual(yield* exit, 130)
      assert.isAbove(rowsOf(path).length, 5)
    }), timeout)

  it.live("opens its file again on SIGHUP, and if it was moved or removed", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      const folder = yield* directory
      const path = join(folder, "house.csv")
      // Each process of a test has a session of its own, as a service has: there is no terminal that could be gone.
      const { awaitLine, exit, kill, output } = yield* ow.start(
        ["log", "-s", address, "--to", path, "--every", "20ms", "--flush", "1h"]
      )
      yield* awaitLine((line) => line.startsWith("Appending"), "stderr")
      yield* Effect.sleep("200 millis")
      renameSync(path, join(folder, "house.csv.1"))
      yield* kill("SIGHUP")
      yield* until(() => existsSync(path) && readFileSync(path, "utf8").split("\n").length > 3)
      assert.deepStrictEqual(linesOf(join(folder, "house.csv.1")), [Csv.header])
      assert.notInclude((yield* output).stderr, "a new one was started")
      rmSync(path)
      // Something has to wait that can be written.
      yield* Effect.sleep("300 millis")
      yield* kill("SIGTERM")
      assert.strictEqual(yield* exit, 0)
      assert.isAbove(rowsOf(path).length, 0)
      assert.include((yield* output).stderr, "was moved, removed or emptied, and a new one was started")
    }), timeout)

  it.live("says once that it cannot write, and goes on when it can", () =>
    Effect.gen(function*() {
      const { address } = yield* serve()
      const folder = join(yield* directory, "mount")
      mkdirSync(folder)
      const path = join(folder, "house.csv")
      const { awaitLine, output } = yield* ow.start(
        ["log", "-s", address, "--to", path, "--every", "20ms", "--flush", "50ms"]
      )
      yield* until(() => existsSync(path) && linesOf(path).length > 3)
      rmSync(folder, { recursive: true })
      yield* awaitLine((line) => line.startsWith(`ow: cannot write to ${path}: there is no such directory`), "stderr")
      yield* Effect.sleep("300 millis")
      mkdirSync(folder)
      yield* awaitLine((line) => line === `ow: ${path} is written again`, "stderr")
      yield* until(() => linesOf(path).length > 10)
      assert.strictEqual((yield* output).stderr.split("cannot write").length, 2)
    }), timeout)

  it.live("is refused what makes no sense", () =>
    Effect.gen(function*() {
      const folder = yield* directory
      const refused = Effect.fnUntraced(function*(status: number, message: RegExp, ...args: ReadonlyArray<string>) {
        const result = yield* ow.run(["log", ...args])
        assert.match(result.stderr, message)
        assert.deepInclude(result, { status, stdout: "" })
      })
      yield* refused(2, /--rotate, --keep and --flush need a file/, "--flush", "1m")
      yield* refused(2, /--rotate, --keep and --flush need a file/, "--to", "-", "--rotate", "1d")
      yield* refused(2, /set with --rotate/, "--to", join(folder, "x.csv"), "--keep", "3")
      yield* refused(2, /Expected: whole minutes/, "--to", join(folder, "x.csv"), "--rotate", "10M")
      yield* refused(1, /there is no such directory \(ENOENT\)/, "--to", join(folder, "no", "x.csv"))
      yield* refused(3, /refused the connection/, "-s", "127.0.0.1:1", "--to", join(folder, "x.csv"))
    }), timeout)
})

const describeIsolated = namespace.isAllowed || process.env["CI"] !== undefined ? describe : describe.skip

describeIsolated(`a full disk${namespace.isAllowed ? "" : " (skipped: this user may not mount one)"}`, () => {
  it.live("is told once, and leaves whole rows, which go on when there is room", () =>
    Effect.gen(function*() {
      const folder = yield* directory
      const house = join(folder, "house.csv")
      const net = yield* namespace.make(
        `ip link set lo up; mount -t tmpfs -o size=16k none ${folder}; dd if=/dev/zero of=${folder}/filler bs=4k count=3`
      )
      const serving = yield* net.startOw(["serve", "--listen", "4304", "--devices", "28,28,28"])
      yield* serving.awaitLine((line) => line.includes("4304"))
      const { awaitLine, output } = yield* net.startOw(
        ["log", "--to", house, "--every", "20ms", "--flush", "20ms"]
      )
      yield* awaitLine(
        (line) => line.startsWith(`ow: cannot write to ${house}: there is no room left (ENOSPC)`),
        "stderr"
      )
      const inside = (script: string) =>
        Process.run("nsenter", ["--target", String(net.pid), "--mount", "sh", "-c", script])
      assert.match((yield* inside(`tail -n 1 ${house}`)).stdout, /,Plausible,\n$/)
      yield* inside(`rm ${folder}/filler`)
      yield* awaitLine((line) => line === `ow: ${house} is written again`, "stderr")
      const { stdout } = yield* inside(`cat ${house}`)
      for (const line of stdout.split("\n").slice(1, -1)) {
        assert.match(line, /^\d{4}-.*Z,localhost:4304,28.*,Plausible,$/)
      }
      assert.isAtMost((yield* output).stderr.split("cannot write").length, 3)
    }), timeout)
})
