/**
 * `doctor`: findings at servers that are well, and at others.
 */
import { MessageType } from "@effect-ownet/core"
import { Fault, SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeOwClient } from "@effect-ownet/node"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import * as Http from "node:http"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import * as owserver from "../../../test/fixtures/owserver.ts"
import * as ow from "./fixtures/ow.ts"

const timeout = 120_000

interface Check {
  readonly server: string
  readonly check: string
  readonly bus: string | null
  readonly status: "ok" | "warn" | "fail"
  readonly message: string
  readonly advice: string | null
  readonly [detail: string]: unknown
}

const addressOf = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`

/** What it says in JSON, and with which status it ends. */
const examine = (args: ReadonlyArray<string>) =>
  Effect.map(ow.run(["doctor", "--json", ...args]), ({ status, stderr, stdout }) => {
    assert.strictEqual(stderr, "")
    // What is printed has this shape: each test looks at what it needs.
    return { status, checks: ow.jsonOf(stdout) as ReadonlyArray<Check> }
  })

const at = (server: { readonly host: string; readonly port: number }, ...args: ReadonlyArray<string>) =>
  examine(["-s", addressOf(server), ...args])

const find = (checks: ReadonlyArray<Check>, name: string, bus: string | null = null): Check => {
  const found = checks.find((check) => check.check === name && check.bus === bus)
  if (found === undefined) throw new Error(`no ${name} of ${bus}: ${JSON.stringify(checks)}`)
  return found
}

const notOk = (checks: ReadonlyArray<Check>) =>
  checks.filter(({ status }) => status !== "ok").map(({ check, status }) => `${status} ${check}`)

/** A server of another kind. */
const listen = <S extends Net.Server>(server: S, port = 0) =>
  Effect.acquireRelease(
    Effect.callback<{ readonly host: string; readonly port: number }>((resume) => {
      server.listen(port, "127.0.0.1", () => {
        const address = server.address()
        if (typeof address === "object" && address !== null) {
          resume(Effect.succeed({ host: "127.0.0.1", port: address.port }))
        }
      })
    }),
    () => Effect.sync(() => void server.close())
  )

const file = (text: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(Path.join(Os.tmpdir(), "ow-doctor-"))),
      (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
    ),
    (directory) => {
      const path = Path.join(directory, "aliases")
      writeFileSync(path, text)
      return path
    }
  )

const closedPort = Effect.scoped(listen(Net.createServer()))

for (const backend of owserver.backends) {
  backend.describe(`a doctor at ${backend.name}`, () => {
    it.live("finds nothing wrong where nothing is", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28,10,26,29"])
        const { checks, status } = yield* at(server)
        assert.strictEqual(status, 0)
        assert.deepStrictEqual(notOk(checks), [])
        assert.deepStrictEqual(checks.map(({ check }) => check), [
          "name",
          "connection",
          "owserver",
          "persistence",
          "latency",
          "bus",
          "devices",
          "aliases",
          "thermometers",
          "errors",
          "reads"
        ])
        assert.isTrue(checks.every(({ advice, server: asked }) => advice === null && asked === addressOf(server)))
        assert.deepStrictEqual(find(checks, "name")["addresses"], ["127.0.0.1"])
        assert.strictEqual(find(checks, "owserver")["version"], "3.2p4")
        assert.isTrue(find(checks, "persistence")["granted"])
        const latency = find(checks, "latency")
        assert.strictEqual(latency["count"], 12)
        assert.isAtLeast(Number(latency["worst"]), Number(latency["median"]))
        assert.deepInclude(find(checks, "bus", "bus.0"), { devices: 4, address: "tester.0", behind: null })
        assert.deepInclude(find(checks, "devices"), { count: 4, gone: [] })
        assert.deepInclude(find(checks, "thermometers"), { count: 3, read: 3, unread: [] })
        assert.deepInclude(find(checks, "errors", "bus.0"), { counters: {}, rising: {} })
      }), timeout)

    it.live("says where a server keeps no connections", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28", "--no_persistence", "--readonly", "--pingcrazy"])
        const { checks, status } = yield* at(server)
        assert.strictEqual(status, 0)
        assert.deepStrictEqual(notOk(checks), ["warn persistence"])
      }), timeout)

    it.live("writes nothing", () =>
      Effect.gen(function*() {
        const { ow: client, server } = yield* owserver.serveBy(backend)(["--tester=28,10,29"])
        yield* at(server)
        assert.strictEqual(yield* client.readText("/statistics/write/calls"), "0")
        yield* client.write("/29.000029D60200/PIO.0", "1")
        assert.strictEqual(yield* client.readText("/statistics/write/calls"), "1")
      }), timeout)

    it.live("looks at one server after another, and says in words what to do", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28"])
        const closed = yield* closedPort
        const { status, stderr, stdout } = yield* ow.run(["doctor", "-s", addressOf(closed), "-s", addressOf(server)])
        assert.strictEqual(stderr, "")
        assert.strictEqual(status, 3)
        const [first, second] = stdout.split("\n\n127.0.0.1")
        assert.match(
          first,
          /^127\.0\.0\.1:\d+\nok {3}name .+\nfail connection .+refused.+\n\nWhat to do:\nfail connection: .+systemctl status owserver/
        )
        assert.match(second, /^:\d+\nok {3}name .+\n(?:ok .+\n)+\nNothing is wrong\.\n$/)
      }), timeout)
  })

  backend.describe(`a doctor on a terminal, at ${backend.name}`, () => {
    it.live("has signs and colors, lines that fit, and leaves no progress behind", () =>
      Effect.gen(function*() {
        const server = yield* backend.start(["--tester=28", "--no_persistence"])
        const run = yield* ow.onTerminal(["doctor", "-s", addressOf(server)], { columns: 60, rows: 40 })
        assert.strictEqual(yield* run.exit, 0)
        const lines = yield* run.screen
        assert.match(lines[1], /^✓ name {10}127/)
        assert.isTrue(lines.some((line) => line.startsWith("! persistence   refused:")))
        assert.isTrue(lines.some((line) => line.startsWith("! persistence: The server keeps 20 connections")))
        assert.isFalse(lines.some((line) => line.includes("…")))
        const [sign] = (yield* run.cells)[1]
        assert.deepInclude(sign, { text: "✓", color: 2 })
        assert.include(yield* run.raw, "searching the buses …")
        // Words are not torn where lines end.
        const whole = lines.join(" ").replace(/ +/g, " ")
        assert.include(whole, "each call needs its own connection, and takes longer")
        const plain = yield* ow.onTerminal(["doctor", "-s", addressOf(server)], { env: { NO_COLOR: "1" } })
        assert.strictEqual(yield* plain.exit, 0)
        assert.notInclude(yield* plain.raw, "\u001B[3")
      }), timeout)
  })
}

// Most of it is waiting.
describe.concurrent("a doctor where there is no owserver", () => {
  it.live("says which step failed, and ends with its status", () =>
    Effect.gen(function*() {
      const web = yield* listen(Http.createServer((_, response) => response.end("hello")))
      const silent = yield* listen(Net.createServer((socket) => void socket.on("error", () => {}).resume()))
      const closing = yield* listen(Net.createServer((socket) => void socket.on("error", () => {}).end()))
      const closed = yield* closedPort
      const cases = [
        [addressOf(web), 5, "fail owserver", /web server/],
        [addressOf(silent), 4, "fail owserver", /sent nothing for 0\.5 s/],
        [addressOf(closing), 3, "fail owserver", /closed it without an answer/],
        [addressOf(closed), 3, "fail connection", /ECONNREFUSED/],
        ["no-such-host.invalid", 3, "fail name", /cannot be resolved/]
      ] as const
      for (const [server, status, failed, message] of cases) {
        const result = yield* examine(["-s", server, "--timeout", "500ms"])
        assert.strictEqual(result.status, status, server)
        assert.deepStrictEqual(notOk(result.checks), [failed])
        const last = result.checks.at(-1)
        assert.match(last?.message ?? "", message)
        assert.isNotNull(last?.advice)
      }
    }), timeout)

  it.live("says nothing of an address that refuses where another one serves", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(SimulatedNetwork.tester(["28"]))
      const { checks, status } = yield* at({ host: "localhost", port: server.port })
      assert.strictEqual(status, 0)
      assert.deepStrictEqual(notOk(checks), [])
      assert.include(find(checks, "connection").message, `127.0.0.1:${server.port} takes connections`)
    }), timeout)

  it.live("takes no arguments", () =>
    Effect.gen(function*() {
      const { status, stderr, stdout } = yield* ow.run(["doctor", "now"])
      assert.strictEqual(status, 2)
      assert.strictEqual(stdout, "")
      assert.match(stderr, /^ow: .+\n$/)
    }), timeout)
})

describe.concurrent("a doctor at a server that is not well", () => {
  it.live(
    "tells thermometers that cannot be read from those that lie, and knows who is on parasite power",
    () =>
      Effect.gen(function*() {
        const server = yield* NodeSimulatedServer.start({
          "28.000028D70100": { temperature: 85, power: false, alias: "attic" },
          "28.000028D70200": { temperature: SimulatedNetwork.refuse(-22), power: true },
          "28.000028D70300": { temperature: 21.5, power: true }
        })
        const { checks, status } = yield* at(server)
        assert.strictEqual(status, 1)
        assert.deepStrictEqual(notOk(checks), ["fail thermometers"])
        const thermometers = find(checks, "thermometers")
        assert.deepInclude(thermometers, {
          count: 3,
          read: 2,
          implausible: [{ name: "attic", value: 85, verdict: "PowerOn" }],
          parasitic: ["attic"]
        })
        assert.match(thermometers.message, /28\.000028D70200 cannot be read: .+-22 EINVAL/)
        assert.match(thermometers.advice ?? "", /on three wires \(without one: attic\)$/)
      }),
    timeout
  )

  it.live("goes on with the other buses if one fails, or takes forever", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({
        "/bus.0/28.000028D70100": { temperature: 21 },
        "/bus.1/28.000028D70200": { temperature: 22 },
        "/bus.2/28.000028D70300": { temperature: 23 }
      })
      yield* network.breakBus(1, -5)
      const server = yield* NodeSimulatedServer.start(network, {
        faults: ({ path }) => path.startsWith("/bus.2") ? Fault.Fault.Delay({ duration: "1 hour" }) : undefined
      })
      const { checks, status } = yield* at(server, "--timeout", "1s")
      assert.strictEqual(status, 1)
      assert.deepStrictEqual(notOk(checks), ["fail bus", "fail bus"])
      assert.match(find(checks, "bus", "bus.1").message, /-5 EIO/)
      assert.match(find(checks, "bus", "bus.2").message, /within 1 s/)
      assert.deepInclude(find(checks, "bus", "bus.0"), { status: "ok", devices: 1 })
      assert.deepInclude(find(checks, "thermometers"), { count: 1, read: 1 })
    }), timeout)

  it.live("tries again before it condemns a bus, and says how often that failed", () =>
    Effect.gen(function*() {
      const house = { "/bus.0/28.000028D70100": { temperature: 21 }, "/bus.1/28.000028D70200": { temperature: 22 } }
      const refusals = new Map<string, number>()
      const refuse = (first: number, ...paths: ReadonlyArray<string>) => {
        refusals.clear()
        return ({ path, type }: { readonly path: string; readonly type: number }) => {
          const isListing = type === MessageType.DirAll || type === MessageType.DirAllSlash || type === MessageType.Dir
          const count = refusals.get(path) ?? 0
          if (!isListing || !paths.includes(path) || count >= first) return undefined
          refusals.set(path, count + 1)
          return Fault.Fault.Refuse({ code: -5 })
        }
      }
      const server = yield* NodeSimulatedServer.start(house)
      yield* server.setFaults(refuse(1, "/"))
      const root = yield* at(server)
      assert.deepStrictEqual([root.status, notOk(root.checks)], [0, ["warn bus faults"]])
      assert.match(find(root.checks, "bus faults").message, /^listing the buses: failed 1 of 2 times/)
      assert.deepInclude(find(root.checks, "devices"), { count: 2 })
      yield* server.setFaults(refuse(1, "/uncached/bus.1", "/bus.1"))
      const one = yield* at(server)
      assert.strictEqual(one.status, 0, JSON.stringify(one.checks))
      assert.match(find(one.checks, "bus faults", "bus.1").message, /failed 1 of 2 /)
      assert.deepInclude(find(one.checks, "devices"), { count: 2 })
      yield* server.setFaults(refuse(1000, "/uncached/bus.1", "/bus.1"))
      const lost = yield* at(server)
      assert.deepStrictEqual([lost.status, notOk(lost.checks)], [1, ["fail bus"]])
      assert.match(find(lost.checks, "bus", "bus.1").message, /-5 EIO.* \(3 times out of 3\)$/)
    }), timeout)

  it.live("finds the buses of a server that cannot list them, because all of them fail", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ "/bus.0/28.000028D70100": {}, "/bus.1/28.000028D70200": {} })
      yield* network.breakBus(0, -5)
      yield* network.breakBus(1, -5)
      const { checks, status } = yield* at(yield* NodeSimulatedServer.start(network))
      assert.strictEqual(status, 1)
      assert.deepStrictEqual(notOk(checks), ["fail buses", "fail bus", "fail bus"])
      assert.match(find(checks, "bus", "bus.1").advice ?? "", /USB or serial plug/)
    }), timeout)

  it.live("stops where the server is gone, and does not wait for it at each step", () =>
    Effect.gen(function*() {
      let isGone = false
      const server = yield* NodeSimulatedServer.start(SimulatedNetwork.tester(["28", "10"]), {
        faults: ({ path }) => {
          isGone ||= path === "/bus.0"
          return isGone ? Fault.Fault.Silence() : undefined
        }
      })
      const { checks, status } = yield* at(server, "--timeout", "500ms")
      assert.strictEqual(status, 4)
      assert.deepStrictEqual(notOk(checks), ["fail bus", "fail answer"])
      assert.match(find(checks, "answer").message, /the rest could not be checked/)
    }), timeout)

  it.live("notices that answers take long", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start(SimulatedNetwork.tester(["28"]), {
        faults: ({ type }) => type === MessageType.Nop ? Fault.Fault.Delay({ duration: "150 millis" }) : undefined
      })
      const { checks, status } = yield* at(server)
      assert.strictEqual(status, 0)
      assert.deepStrictEqual(notOk(checks), ["warn latency"])
      assert.isAtLeast(Number(find(checks, "latency")["median"]), 150)
    }), timeout)

  it.live("fails where no bus has a device", () =>
    Effect.gen(function*() {
      const { checks, status } = yield* at(yield* NodeSimulatedServer.start({}))
      assert.strictEqual(status, 1)
      assert.deepStrictEqual(notOk(checks), ["warn bus", "fail devices"])
    }), timeout)

  it.live(
    "knows devices that left a moment ago, those that come and go, and those that are none",
    () =>
      Effect.gen(function*() {
        const network = yield* SimulatedNetwork.make({
          "28.000028D70100": { alias: "kitchen" },
          "28.000028D70200": { alias: "hall" },
          "28.000028D70300": {},
          "00.000000000000": {}
        })
        const runSync = Effect.runSyncWith(yield* Effect.context<never>())
        let searches = 0
        const server = yield* NodeSimulatedServer.start(network, {
          cache: true,
          faults: ({ path }) => {
            if (path === "/bus.0" && ++searches === 2) runSync(Effect.orDie(network.vanish("hall")))
            return undefined
          }
        })
        const client = yield* owserver.client(NodeOwClient.layer(server))
        yield* client.dir("/")
        yield* network.vanish("kitchen")
        const { checks, status } = yield* at(server)
        assert.strictEqual(status, 1)
        assert.deepStrictEqual(notOk(checks), [
          "warn devices",
          "warn contacts",
          "warn ghosts",
          "warn aliases",
          "fail thermometers"
        ])
        assert.deepInclude(find(checks, "devices"), { count: 2, gone: ["kitchen"] })
        assert.deepStrictEqual(find(checks, "contacts")["devices"], ["hall"])
        assert.deepStrictEqual(find(checks, "ghosts")["ids"], ["00.000000000000"])
        assert.match(find(checks, "aliases").message, /^kitchen: /)
      }),
    timeout
  )

  it.live("gives a terminal none of the control characters of a name", () =>
    Effect.gen(function*() {
      const server = yield* NodeSimulatedServer.start({ "28.000028D70100": { temperature: 85, alias: "a\u001B[2Jb" } })
      const run = yield* ow.onTerminal(["doctor", "-s", addressOf(server)])
      assert.strictEqual(yield* run.exit, 0)
      assert.notInclude(yield* run.raw, "a\u001B[2Jb")
      assert.include(yield* run.raw, "a\uFFFD[2Jb")
    }), timeout)

  it.live("survives faults of chance, with every kind of failure told as one", () =>
    Effect.gen(function*() {
      const { Close, Garbage, Refuse, Reset, Short } = Fault.Fault
      const faults = [
        Refuse({ code: -5 }),
        Reset({ at: "before" }),
        Close({ at: "inside" }),
        Garbage({ bytes: new Uint8Array([1, 2, 3, ...new Uint8Array(40)]) }),
        Short({ missing: 1 })
      ]
      for (let seed = 0; seed < 5; seed++) {
        const server = yield* NodeSimulatedServer.start(SimulatedNetwork.tester(["28", "10", "26"]), {
          faults: Fault.seeded(seed, 0.2, faults)
        })
        const { checks, status } = yield* at(server, "--timeout", "500ms")
        const failures = checks.filter((check) => check.status === "fail")
        assert.strictEqual(status === 0, failures.length === 0)
        assert.isTrue(failures.every(({ advice }) => advice !== null))
      }
    }), timeout)
})

owserver.describe("a doctor at servers behind a server", () => {
  it.live("sees their buses, and names that two of them gave away", () =>
    Effect.gen(function*() {
      const first = yield* owserver.start([
        "--tester=28",
        "-a",
        yield* file("28.000028D70000=same\n28.4AEC29CDBAAB=boiler\n")
      ])
      const second = yield* owserver.start(["--tester=10,00", "-a", yield* file("10.000010EF0000=same\n")])
      const proxy = yield* owserver.start(["-s", addressOf(first), "-s", addressOf(second)])
      const behind = yield* at(proxy)
      assert.strictEqual(behind.status, 0)
      assert.deepInclude(find(behind.checks, "bus", "bus.0/bus.0"), {
        adapter: "Simulated-Computed",
        behind: addressOf(first)
      })
      assert.strictEqual(find(behind.checks, "errors", "bus.1/bus.0").status, "ok")
      assert.deepStrictEqual(notOk(behind.checks), ["warn ghosts", "warn aliases"])
      assert.deepStrictEqual(find(behind.checks, "aliases")["shared"], [
        { alias: "same", ids: ["28.000028D70000", "10.000010EF0000"] }
      ])
      const direct = yield* at(first)
      assert.strictEqual(direct.status, 0)
      assert.deepStrictEqual(notOk(direct.checks), ["warn aliases"])
      assert.deepInclude(find(direct.checks, "aliases"), {
        absent: [{
          alias: "boiler",
          id: "28.4AEC29CDBAAB",
          problem: "28.4AEC29CDBAAB does not answer on the bus now"
        }]
      })
    }), timeout)

  it.live("says which server behind it does not answer", () =>
    Effect.gen(function*() {
      const behind = yield* owserver.start(["--tester=28"])
      const proxy = yield* owserver.start(["-s", addressOf(behind)])
      yield* behind.kill
      const { checks, status } = yield* at(proxy)
      assert.strictEqual(status, 1)
      const bus = find(checks, "bus", "bus.0")
      assert.match(bus.message, /^another owserver at .+ -(?:5 EIO|103 ECONNABORTED)/)
      assert.match(bus.advice ?? "", new RegExp(`see ow doctor -s ${addressOf(behind)}$`))
    }), timeout)

  it.live("says that a bus is only one that looks for bus masters", () =>
    Effect.gen(function*() {
      const server = yield* owserver.start(["--w1"])
      const { checks, status } = yield* at(server)
      assert.strictEqual(status, 1)
      assert.match(find(checks, "bus", "bus.0").message, /^W1 monitor .+ only looks for bus masters/)
      assert.match(find(checks, "devices").advice ?? "", /looks for a bus master, and has found none/)
    }), timeout)
})
