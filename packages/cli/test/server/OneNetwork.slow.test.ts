/**
 * Several servers as one network: whatever the command, a device is there once, and a server that is away costs no other.
 */
import { Fault, SimulatedNetwork } from "@effect-ownet/core/testing"
import { NodeSimulatedServer } from "@effect-ownet/node/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as asked from "../fixtures/asked.ts"
import * as ow from "../fixtures/ow.ts"

const timeout = 120_000

const addressOf = ({ host, port }: { readonly host: string; readonly port: number }) => `${host}:${port}`

const shared = "28.000028D70100"

/** Two servers. Both have `shared`, and each has something that is called `attic`. */
const serve = Effect.gen(function*() {
  const networks = {
    house: yield* SimulatedNetwork.make({
      [shared]: { alias: "kitchen", temperature: 21.5, temphigh: 20 },
      "28.000028D70200": { alias: "attic", temperature: 31.5, temphigh: 30 },
      "29.000029D60300": { alias: "relays", "PIO.BYTE": 0 }
    }),
    barn: yield* SimulatedNetwork.make({
      [shared]: { alias: "kitchen", temperature: 21.5, temphigh: 20 },
      "10.000010EF0000": { alias: "attic", temperature: 8.5 },
      "29.000029D60400": { alias: "gate", "PIO.BYTE": 0 }
    })
  }
  const house = yield* NodeSimulatedServer.start(networks.house)
  const barn = yield* NodeSimulatedServer.start(networks.barn)
  return { networks, house, barn, both: `${addressOf(house)},${addressOf(barn)}` }
})

/** The address of a server that is not there. */
const away = Effect.map(Effect.scoped(NodeSimulatedServer.start({})), addressOf)

const rowsOf = (stdout: string): ReadonlyArray<ReadonlyArray<string>> =>
  stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/))

const idsOf = (stdout: string): ReadonlyArray<string | undefined> => rowsOf(stdout).slice(1).map(([id]) => id)

const refused = /^ow: \S+ \S+ at \S+: cannot connect: \S+ refused the connection [^\n]*\n$/

const ids = ["28.000028D70100", "28.000028D70200", "29.000029D60300", "10.000010EF0000", "29.000029D60400"]

describe("several servers", () => {
  it.live("show each device once, with the name of its server", () =>
    Effect.gen(function*() {
      const { barn, both, house } = yield* serve
      const where = [`${addressOf(house)} bus.0`, `${addressOf(barn)} bus.0`]
      for (const command of ["scan", "devices"]) {
        const [titles, ...rows] = rowsOf(ow.resultOf(yield* ow.run([command, "-s", both])))
        assert.deepStrictEqual(titles?.slice(0, 4), ["ROM ID", "ALIAS", "CHIP", "WHERE"])
        assert.sameMembers(rows.map(([id]) => id), ids)
        const own = new Map(rows.map(([id, alias, , where]) => [id, [alias, where]]))
        assert.deepStrictEqual(own.get("28.000028D70200"), ["attic", where[0]])
        assert.deepStrictEqual(own.get("10.000010EF0000"), ["attic", where[1]])
        assert.include(where, own.get(shared)?.[1])
      }
      const json = ow.jsonOf(ow.resultOf(yield* ow.run(["devices", "--json", "-s", both])))
      assert.deepInclude(json[3], { server: addressOf(barn), id: "10.000010EF0000", bus: "bus.0" })
    }), timeout)

  it.live(
    "are one if they are the same, and show each device once if they are so in other words",
    () =>
      Effect.gen(function*() {
        const { house } = yield* serve
        const address = addressOf(house)
        const once = ow.resultOf(yield* ow.run(["scan", "-s", address]))
        assert.strictEqual(ow.resultOf(yield* ow.run(["scan", "-s", address, "-s", address])), once)
        assert.strictEqual(ow.resultOf(yield* ow.run(["scan", "-s", `${address}, owserver://${address},`])), once)
        for (const command of ["scan", "devices", "alarms", "convert"]) {
          const spelt = ow.resultOf(yield* ow.run([command, "-s", address, "-s", `[::ffff:127.0.0.1]:${house.port}`]))
          assert.deepStrictEqual(idsOf(spelt), idsOf(ow.resultOf(yield* ow.run([command, "-s", address]))), command)
        }
      }),
    timeout
  )

  it.live("are shown as far as they are there, and one that is not is told once", () =>
    Effect.gen(function*() {
      const { both, house } = yield* serve
      const servers = `${yield* away},${both}`
      for (const [command, count] of [["scan", 5], ["devices", 5], ["alarms", 2], ["convert", 3]] as const) {
        const { status, stderr, stdout } = yield* ow.run([command, "-s", servers])
        assert.strictEqual(status, 3, command)
        assert.match(stderr, refused)
        assert.lengthOf(idsOf(stdout), count, stdout)
      }
      const none = yield* ow.run(["scan", "-s", `${yield* away},${yield* away}`])
      assert.deepStrictEqual([none.status, none.stdout, none.stderr.trimEnd().split("\n").length], [3, "", 2])
      // One that takes connections and says nothing.
      yield* house.setFaults(() => Fault.Fault.Silence())
      const late = [["scan", 3], ["devices", 3], ["alarms", 1], ["convert", 2]] as const
      yield* Effect.forEach(late, ([command, count]) =>
        Effect.gen(function*() {
          const { status, stdout } = yield* ow.run([command, "-s", both, "--timeout", "2s"])
          assert.strictEqual(status, 4, command)
          assert.lengthOf(idsOf(stdout), count, stdout)
        }), { concurrency: "unbounded" })
    }), timeout)

  it.live("come from the flag, else from OWSERVERS, else from OWSERVER", () =>
    Effect.gen(function*() {
      const { barn, both, house } = yield* serve
      const count = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
        Effect.map(ow.run(["devices", ...args], { env }), (result) => idsOf(ow.resultOf(result)).length)
      const one = { OWSERVER: addressOf(barn) }
      assert.strictEqual(yield* count([], one), 3)
      assert.strictEqual(yield* count([], { ...one, OWSERVERS: "" }), 3)
      assert.strictEqual(yield* count([], { ...one, OWSERVERS: ` ${both.replace(",", " , ")},` }), 5)
      assert.strictEqual(yield* count(["-s", addressOf(house)], { ...one, OWSERVERS: both }), 3)
      const { stdout } = yield* ow.run(["cat", "gate/PIO.0"], { env: { OWSERVERS: both } })
      assert.strictEqual(stdout, "0\n")
    }), timeout)

  it.live("have names that no terminal obeys", () =>
    Effect.gen(function*() {
      const { house } = yield* serve
      for (const command of ["scan", "devices", "doctor"]) {
        const { stderr, stdout } = yield* ow.run([
          command,
          "-s",
          `${addressOf(house)},evil\u001b[31m`,
          "--timeout",
          "2s"
        ])
        assert.notInclude(stdout + stderr, "\u001b", command)
        assert.include(stdout + stderr, "evil")
      }
    }), timeout)
})

describe("a path of several servers", () => {
  it.live("is asked of the server that has the device", () =>
    Effect.gen(function*() {
      const { barn, both } = yield* serve
      const run = (...args: ReadonlyArray<string>) => ow.run([...args, "-s", both])
      const { status, stderr, stdout } = yield* run(
        "cat",
        "28.000028D70200/type",
        "gate/type",
        "nosuch/type",
        "kitchen/type"
      )
      assert.deepStrictEqual([status, stdout], [1, "DS18B20\nDS2408\nDS18B20\n"])
      assert.match(
        stderr,
        /^ow: romId \/nosuch at \S+, \S+: .*no server has "nosuch", or its device does not answer.*\n$/
      )
      assert.strictEqual(ow.resultOf(yield* run("get", "10.000010EF0000/temperature")), "8.5\n")
      assert.strictEqual(ow.resultOf(yield* run("get", "/uncached/10.000010EF0000/temperature")), "8.5\n")
      assert.include(ow.resultOf(yield* run("get", "gate")), "/gate/PIO.0\n")
      assert.include(ow.resultOf(yield* run("ls", "relays")), "/relays/PIO.0\n")
      assert.match(ow.resultOf(yield* run("tree", "gate", "--depth", "1")), /^\/gate\n.*latch\.0\n/s)
      const info = ow.resultOf(yield* run("info", "gate", "--no-values"))
      assert.strictEqual(info.split("\n")[0], `server   ${addressOf(barn)}`)
      assert.include(info, "path     /29.000029D60400\n")
      assert.deepStrictEqual(ow.jsonOf(ow.resultOf(yield* run("cat", "--json", "gate/type"))), [
        { path: "/gate/type", value: "DS2408", hex: "445332343038" }
      ])
      const [measured] = ow.jsonOf(ow.resultOf(yield* run("convert", "--json", "10.000010EF0000")))
      assert.deepInclude(measured, { id: "10.000010EF0000", temperature: 8.5 })
    }), timeout)

  it.live("is written there, and nowhere else", () =>
    Effect.gen(function*() {
      const { barn, both, house } = yield* serve
      const [atHouse, atBarn] = [yield* asked.of(house), yield* asked.of(barn)]
      const writes = () => [atHouse, atBarn].map((paths) => paths.filter((path) => path.endsWith("!")))
      ow.resultOf(yield* ow.run(["set", "gate/PIO.0", "1", "-s", both]))
      assert.deepStrictEqual(writes(), [[], ["/29.000029D60400/PIO.0!"]])
      ow.resultOf(yield* ow.run(["set", "29.000029D60300/PIO.BYTE", "0x0F", "--verify", "-s", both]))
      assert.deepStrictEqual(writes(), [["/29.000029D60300/PIO.BYTE!"], ["/29.000029D60400/PIO.0!"]])
      const unknown = yield* ow.run(["set", "nosuch/PIO.0", "1", "-s", both])
      assert.strictEqual(unknown.status, 1)
      // A server that has it and does not take the value: the other one is not asked.
      yield* barn.setFaults(({ type }) => type === 3 ? Fault.Fault.Refuse({ code: -5 }) : undefined)
      assert.strictEqual((yield* ow.run(["set", "gate/PIO.0", "0", "-s", both])).status, 1)
      assert.lengthOf(writes()[0] ?? [], 1)
    }), timeout)

  it.live("is nowhere if its alias leads to several devices, and both are named", () =>
    Effect.gen(function*() {
      const { barn, both, house } = yield* serve
      const [atHouse, atBarn] = [yield* asked.of(house), yield* asked.of(barn)]
      for (
        const args of [["get", "attic/temperature"], ["set", "attic/temphigh", "30"], ["exists", "attic"], [
          "info",
          "attic"
        ]]
      ) {
        const { status, stderr, stdout } = yield* ow.run([...args, "-s", both])
        assert.deepStrictEqual([status, stdout], [1, ""], args.join(" "))
        assert.include(stderr, `leads to 28.000028D70200 on "${addressOf(house)}"`)
        assert.include(stderr, `to 10.000010EF0000 on "${addressOf(barn)}": give a ROM id`)
      }
      assert.isEmpty([...atHouse, ...atBarn].filter((path) => path.endsWith("!") || path.endsWith("/temperature")))
      const watched = yield* ow.run(["watch", "attic", "--count", "1", "-s", both])
      assert.strictEqual(watched.status, 1)
      assert.lengthOf(watched.stderr.split("\n").filter((line) => line.includes("leads to")), 1)
    }), timeout)

  it.live("is refused if it is of a server itself", () =>
    Effect.gen(function*() {
      const { both, house } = yield* serve
      for (
        const args of [["get", "/settings/units"], ["ls"], ["ls", "/bus.0"], ["set", "/settings/timeout/volatile", "1"]]
      ) {
        const { status, stderr, stdout } = yield* ow.run([...args, "-s", both])
        assert.deepStrictEqual([status, stdout], [2, ""], args.join(" "))
        assert.match(
          stderr,
          /^ow: \/\S* belongs to a server, not to a device: name the server, as in --server \S+\n$/
        )
        assert.include(stderr, addressOf(house))
      }
    }), timeout)

  it.live("exists or not, as far as the servers say", () =>
    Effect.gen(function*() {
      const { both } = yield* serve
      const exists = (path: string, servers: string) => ow.run(["exists", path, "-s", servers])
      assert.deepInclude(yield* exists("gate", both), { status: 0, stderr: "" })
      assert.deepInclude(yield* exists("nosuch", both), { status: 1, stderr: "" })
      const servers = `${yield* away},${both}`
      assert.deepInclude(yield* exists("gate", servers), { status: 0, stderr: "" })
      const unknown = yield* exists("nosuch", servers)
      assert.strictEqual(unknown.status, 1)
      assert.match(unknown.stderr, /no server has "nosuch".*; "127\.0\.0\.1:\d+" did not answer/)
    }), timeout)

  it.live("is completed by what any of them has", () =>
    Effect.gen(function*() {
      const { both } = yield* serve
      const complete = (servers: string, word: string) =>
        Effect.map(ow.run(["complete", "--", "cat", "-s", servers, word]), ({ stdout }) => stdout.trim().split("\n"))
      assert.sameMembers(yield* complete(both, ""), ["kitchen/", "attic/", "relays/", "gate/"])
      assert.deepStrictEqual(yield* complete(`${yield* away},${both}`, "ga"), ["gate/"])
    }), timeout)
})

describe("several servers that are watched", () => {
  it.live("tell the first values at once, whoever is silent", () =>
    Effect.gen(function*() {
      const { barn, both, house } = yield* serve
      yield* house.setFaults(() => Fault.Fault.Silence())
      const { awaitLine } = yield* ow.start(["watch", "--json", "-s", both, "--every", "100ms"])
      const first = JSON.parse(yield* awaitLine((line) => line.includes(`"value":8.5`)))
      assert.deepInclude(first, { server: addressOf(barn), alias: "attic", path: "/10.000010EF0000/temperature" })
      const terminal = yield* ow.onTerminal(["watch", "-s", both, "--every", "100ms"], { columns: 100 })
      yield* terminal.awaitScreen((lines) =>
        lines[0] === `${addressOf(house)}  no answer yet` && lines[1] === `${addressOf(barn)}  every 100 ms`
        && lines.some((line) => line.startsWith("attic") && line.includes(" 8.50 °C"))
      )
    }), timeout)

  it.live("read a device by another one that has it when its server fails, and say so", () =>
    Effect.gen(function*() {
      const { barn, both, house } = yield* serve
      const args = ["watch", "-s", both, "--every", "50ms", shared]
      const json = yield* ow.start([...args, "--json"])
      const first = JSON.parse(yield* json.awaitLine((line) => line.includes(`"value":21.5`)))
      const lines = yield* ow.start(args)
      yield* lines.awaitLine((line) => line.includes("21.5"))
      const terminal = yield* ow.onTerminal(args)
      yield* terminal.awaitScreen((lines) => lines.some((line) => line.includes("21.50")))
      const [gone, left] = first.server === addressOf(house) ? [house, barn] : [barn, house]
      yield* gone.stop
      const rerouted = JSON.parse(yield* json.awaitLine((line) => line.includes(`"rerouted"`)))
      const names = { server: addressOf(left), from: addressOf(gone) }
      assert.deepInclude(rerouted, { event: "rerouted", id: shared, alias: "kitchen", cause: "ServerFailed", ...names })
      yield* json.awaitLine((line) => line.includes(`"server":"${addressOf(left)}"`) && line.includes(`"value":21.5`))
      const told = `ow: kitchen is read at ${addressOf(left)} now: ${addressOf(gone)} does not answer`
      yield* lines.awaitLine((line) => line === told, "stderr")
      yield* terminal.awaitScreen((lines) => {
        const at = lines.findIndex((line) => line === `${addressOf(left)}  every 50 ms`)
        return lines[at + 1]?.startsWith("kitchen") === true
          && lines.some((line) => line.startsWith(`${addressOf(gone)}  no answer since `))
      })
    }), timeout)

  it.live("end after some rounds, also if one is away", () =>
    Effect.gen(function*() {
      const { both } = yield* serve
      const args = ["watch", "-s", `${yield* away},${both}`, "--count", "1", "28", "10"]
      const { status, stderr, stdout } = yield* ow.run(args)
      assert.strictEqual(status, 0)
      assert.match(stderr, refused)
      assert.lengthOf(stdout.trimEnd().split("\n"), 3)
      const none = yield* ow.run(["watch", "-s", `${yield* away},${yield* away}`, "--count", "1"])
      assert.deepStrictEqual([none.status, none.stdout], [3, ""])
    }), timeout)

  it.live("tell an alarm once, and what comes and goes at any of them", () =>
    Effect.gen(function*() {
      const { barn, both, networks } = yield* serve
      const alarms = yield* ow.start([
        "alarms",
        "--follow",
        "--json",
        "--every",
        "50ms",
        "-s",
        `${yield* away},${both}`
      ])
      yield* alarms.awaitLine((line) => line.includes("refused"), "stderr")
      yield* alarms.awaitLine((line) => line.includes(`"raised"`) && line.includes(shared))
      const devices = yield* ow.start(["devices", "--follow", "--every", "50ms", "-s", both])
      yield* devices.awaitLine((line) => line.includes("present") && line.includes("10.000010EF0000"))
      yield* networks.barn.appear("28.000028D70900", { temperature: 40, temphigh: 30 })
      assert.match(
        yield* devices.awaitLine((line) => line.includes("28.000028D70900")),
        new RegExp(` arrived .*DS18B20 +${addressOf(barn)} bus\\.0$`)
      )
      const later = JSON.parse(yield* alarms.awaitLine((line) => line.includes("28.000028D70900")))
      assert.deepInclude(later, { event: "raised", server: addressOf(barn) })
      const told = ow.jsonOf((yield* alarms.output).stdout)
      assert.lengthOf(told.filter((one) => JSON.stringify(one).includes(shared)), 1)
    }), timeout)
})
