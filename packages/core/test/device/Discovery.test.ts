import {
  Connector,
  ControlFlags,
  Device,
  Discovery,
  MessageType,
  OwClient,
  OwError,
  Place,
  RomId
} from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { Fault, SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Layer, Option, Schema } from "effect"
import { expectTypeOf } from "vitest"
import * as scripted from "../fixtures/scripted.ts"
import { reason } from "../fixtures/scripted.ts"

/** A simulated server, and a client of it. */
const layerOf = (network: SimulatedNetwork.Description | SimulatedNetwork.SimulatedNetwork) =>
  Layer.provideMerge(OwClient.layer(), SimulatedServer.layer(network))

const placesOf = ({ devices }: Discovery.Found) =>
  devices.map(({ bus, name, path }) => path === `/${name}` ? `${bus}${path}` : `${bus}${path} ${name}`)

const failuresOf = ({ failures }: Discovery.Found) =>
  failures.map(({ error, place }) => [Place.toPath(place), reason(error)])

const id = (text: string): RomId.RomId => Option.getOrThrow(RomId.fromString(text))

const counter = "/system/connections/count_current_buses"

type Tree = Readonly<Record<string, ReadonlyArray<string> | number>>

/** How many buses a server has, as its root has them. One that makes up what it lists does not tell. */
const countOf = (tree: Tree | ((path: string) => unknown)): string => {
  const root = typeof tree === "function" ? undefined : tree["/"]
  return typeof root === "object" ? String(root.filter((name) => name.startsWith("bus.")).length) : ""
}

/** A server of these listings, where names lead to these ids, or none, with the texts of who has which alias, and other ones. */
const serverOf = Effect.fnUntraced(function*(
  tree: Tree | ((path: string) => ReadonlyArray<string> | number),
  names: Readonly<Record<string, string>> = {},
  aliases: Readonly<Record<string, string>> = {}
) {
  const server = yield* scripted.make((peer) =>
    Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
      const path = scripted.pathOf(payload)
      if (header.type === MessageType.Presence) {
        const name = names[path]
        return peer.send(
          name === undefined
            ? scripted.reply(header, "", { ret: -1 })
            : scripted.reply(header, RomId.toBytes(id(name)), { size: 0 })
        )
      }
      if (header.type === MessageType.Read) {
        const text = aliases[path] ?? (path === counter ? countOf(tree) : "")
        return peer.send(scripted.reply(header, text))
      }
      const found = typeof tree === "function" ? tree(path) : tree[path] ?? -1
      if (typeof found === "number") return peer.send(scripted.reply(header, "", { ret: found }))
      const text = found.map((name) => `${path === "/" ? "" : path}/${name}`).join(",")
      return peer.send(scripted.reply(header, `${text}\0`, { size: text.length }))
    }))
  )
  const ow = yield* scripted.client(server)
  return {
    paths: () => server.requests.map(({ text }) => text.slice(0, -1)),
    uncached: () =>
      server.requests.filter(({ flags }) => ControlFlags.decode(flags).uncached).map(({ text }) => text.slice(0, -1)),
    devices: (options?: Discovery.Options<readonly []>) =>
      Effect.provideService(Discovery.devices(options), OwClient.OwClient, ow)
  }
})

describe("Discovery", () => {
  describe("finds", () => {
    it.effect("the devices of all buses, in their order and not in the server's", () =>
      Effect.gen(function*() {
        const found = yield* Discovery.devices()
        assert.deepStrictEqual(placesOf(found), [
          "bus.0/10.000010EF0200",
          "bus.0/28.000028D70100 kitchen",
          "bus.2/26.000026D90000",
          "bus.10/05.000005FA0000"
        ])
        assert.deepStrictEqual(found.buses, Array.from({ length: 11 }, (_, bus) => `bus.${bus}`))
        assert.deepStrictEqual(found.failures, [])
        const kitchen = found.devices[1]
        assert.strictEqual(kitchen.id, "28000028D70100D5")
        assert.strictEqual(kitchen.path, "/28.000028D70100")
        assert.isTrue(yield* kitchen.present())
        assert.isTrue(Device.is(Families.DS18B20)(kitchen))
        if (Device.is(Families.DS18B20)(kitchen)) assert.strictEqual(yield* kitchen.read("temperature"), 21.5)
      }).pipe(Effect.provide(layerOf({
        "/bus.10/05.000005FA0000": {},
        "28.000028D70100": { temperature: 21.5, alias: "kitchen" },
        "/bus.2/26.000026D90000": {},
        "10.000010EF0200": {}
      }))))

    it.effect("those of some families, with the types of their properties", () =>
      Effect.gen(function*() {
        const { devices } = yield* Discovery.devices({ families: [Families.DS18B20, Families.DS2408] })
        assert.deepStrictEqual(devices.map(({ name }) => name), ["28.000028D70100", "29.000029D60300"])
        for (const device of devices) {
          // What both have is there as it is, and the rest once it is known which of them it is.
          expectTypeOf(yield* device.read("address")).toEqualTypeOf<string>()
          assert.strictEqual(yield* device.read("address"), device.id)
          expectTypeOf<"PIO.3">().not.toExtend<Parameters<typeof device.read>[0]>()
          if (Device.is(Families.DS2408)(device)) {
            expectTypeOf(device).toEqualTypeOf<Device.Device<Families.DS2408>>()
            assert.isTrue(yield* device.read("PIO.3"))
            // What the family says of it is known without asking.
            assert.strictEqual((yield* Effect.flip(device.write("set_alarm", Number.NaN)))._tag, "ArgumentError")
          }
        }
        const thermometers = yield* Discovery.devices({ families: [Families.DS18B20, Families.DS18S20] })
        assert.deepStrictEqual(
          yield* Effect.forEach(thermometers.devices, (device) => device.read("temperature")),
          [-3.5, 21.5]
        )
        for (const device of thermometers.devices) yield* device.write("temphigh", 30)
        const one = yield* Discovery.devices({ families: [Families.DS18B20] })
        expectTypeOf(one.devices).toEqualTypeOf<ReadonlyArray<Device.Device<Families.DS18B20>>>()
        assert.strictEqual(yield* one.devices[0].read("temphigh"), 30)
        const any = yield* Discovery.devices()
        expectTypeOf(any.devices).toEqualTypeOf<ReadonlyArray<Device.AnyDevice>>()
        assert.strictEqual(any.devices.length, 3)
      }).pipe(Effect.provide(layerOf({
        "28.000028D70100": { temperature: 21.5 },
        "29.000029D60300": { "PIO.3": true },
        "10.000010EF0200": { temperature: -3.5 }
      }))))

    it.effect("those behind couplers, however deep, unless it is told not to", () =>
      Effect.gen(function*() {
        const found = yield* Discovery.devices({ flags: { uncached: true } })
        assert.deepStrictEqual(placesOf(found), [
          "bus.0/1F.00001FE00400 hub",
          "bus.0/1F.00001FE00400/aux/1F.00001FE00500 1F.00001FE00500",
          "bus.0/1F.00001FE00400/main/28.000028D70100 cellar",
          "bus.0/1F.00001FE00400/aux/1F.00001FE00500/main/28.000028D70200 28.000028D70200",
          "bus.1/28.000028D70000"
        ])
        const cellar = found.devices.find(({ name }) => name === "cellar")
        assert.isTrue(yield* cellar?.present() ?? Effect.succeed(false))
        const trunk = yield* Discovery.devices({ couplers: false })
        assert.deepStrictEqual(placesOf(trunk), ["bus.0/1F.00001FE00400 hub", "bus.1/28.000028D70000"])
      }).pipe(Effect.provide(layerOf({
        "/1F.00001FE00400": { alias: "hub" },
        "/1F.00001FE00400/main/28.000028D70100": { alias: "cellar" },
        "/1F.00001FE00400/aux/1F.00001FE00500/main/28.000028D70200": {},
        "/bus.1/28.000028D70000": {}
      }))))

    it.effect("those of one bus", () =>
      Effect.gen(function*() {
        const found = yield* Discovery.devices({ bus: "bus.1" })
        assert.deepStrictEqual(placesOf(found), ["bus.1/10.000010EF0200"])
        assert.deepStrictEqual(found.buses, ["bus.1"])
        assert.deepStrictEqual(placesOf(yield* Discovery.devices({ bus: "/bus.1" })), ["bus.1/10.000010EF0200"])
        assert.strictEqual(reason(yield* Effect.flip(Discovery.devices({ bus: "bus.2" }))), "NotFound")
        const { requests } = yield* (yield* SimulatedServer.SimulatedServer).statistics
        const refused = yield* Effect.flip(Discovery.devices({ bus: "/bus.1/main" }))
        assert.strictEqual(
          refused.message,
          "Discovery.devices: bus must be one such as bus.0 or bus.1/bus.0, not \"/bus.1/main\"; nothing was sent"
        )
        const after = yield* (yield* SimulatedServer.SimulatedServer).statistics
        assert.strictEqual(after.requests, requests)
      }).pipe(Effect.provide(layerOf({ "28.000028D70100": {}, "/bus.1/10.000010EF0200": {} }))))

    it.effect("no ghosts", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf({
          "/": ["bus.0"],
          "/bus.0": ["interface", "00.000000000000", "28.000028D70100", "spook"]
        }, { "/bus.0/spook": "00.000000000000" })
        assert.deepStrictEqual(placesOf(yield* devices()), ["bus.0/28.000028D70100"])
      }))

    it.effect("ghosts apart, each once and with its place", () =>
      Effect.gen(function*() {
        const noise = "10.67C6697351FF.8E"
        const { devices, paths } = yield* serverOf({
          "/": ["bus.1", "bus.0"],
          "/bus.0": ["1F.00001FE00400"],
          "/bus.0/1F.00001FE00400/main": [noise, "spook"],
          "/bus.0/1F.00001FE00400/aux": [noise],
          "/bus.1": ["00.000000000000", "28.000028D70100"]
        }, { "/bus.0/1F.00001FE00400/main/spook": "00.000001000000" })
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), ["bus.0/1F.00001FE00400", "bus.1/28.000028D70100"])
        assert.deepStrictEqual(
          found.ghosts.map(({ name, place }) => `${Place.format(place)} ${name}`),
          [
            `bus.0/1F.00001FE00400/main ${noise}`,
            "bus.0/1F.00001FE00400/main 00.000001000000",
            "bus.1 00.000000000000"
          ]
        )
        // Nobody is asked who they are but those that have another name, and the server once for its aliases.
        assert.strictEqual(paths().length, 7)
      }))

    it.effect("what is behind a coupler whose code has bit 7 turned over", () =>
      Effect.gen(function*() {
        const { devices } = yield* Discovery.devices()
        assert.deepStrictEqual(devices.map(({ place }) => Place.format(place)), ["bus.0/9F.00009F600400/main", "bus.0"])
      }).pipe(Effect.provide(layerOf({ "/9F.00009F600400/main/28.000028D70100": {} }))))

    it.effect("each device once, where it is nearest", () =>
      Effect.gen(function*() {
        const inner = ["28.000028D70100", "28.000028D70200"]
        const { devices, paths } = yield* serverOf({
          "/": ["bus.1", "bus.0"],
          "/bus.0": ["1F.00001FE00400", "28.000028D70000"],
          "/bus.1": ["28.000028D70100", "28.000028D70000"],
          "/bus.0/1F.00001FE00400/main": inner,
          "/bus.0/1F.00001FE00400/aux": inner
        })
        assert.deepStrictEqual(placesOf(yield* devices()), [
          "bus.0/1F.00001FE00400",
          "bus.0/28.000028D70000",
          "bus.0/1F.00001FE00400/main/28.000028D70200 28.000028D70200",
          "bus.1/28.000028D70100"
        ])
        assert.strictEqual(paths().length, 6)
      }))

    it.effect("an end where couplers list the whole bus, themselves too", () =>
      Effect.gen(function*() {
        const bus = ["1F.00001FE00400", "1F.00001FE00500", "28.000028D70000"]
        const { devices, paths, uncached } = yield* serverOf({
          "/": ["bus.0"],
          "/bus.0": bus,
          "/bus.0/1F.00001FE00400/main": bus,
          "/bus.0/1F.00001FE00400/aux": bus,
          "/bus.0/1F.00001FE00500/main": bus,
          "/bus.0/1F.00001FE00500/aux": bus
        })
        const found = yield* devices({ flags: { uncached: true } })
        assert.deepStrictEqual(placesOf(found), bus.map((name) => `bus.0/${name}`))
        assert.strictEqual(paths().length, 7)
        // Of the root only the names of the buses are wanted, and they are not worth a search.
        assert.deepStrictEqual(uncached(), paths().slice(1))
      }))

    it.effect("the buses of a server behind another, and nothing of it besides", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf({
          "/": ["28.000028D70000", "28.000028D70100", "bus.1", "bus.0", "uncached", "settings"],
          "/bus.0": ["interface", "28.000028D70100", "28.000028D70000", "bus.1", "bus.0", "settings", "structure"],
          // It is its own server, at the end of a loop.
          "/bus.0/bus.0": -5,
          "/bus.0/bus.1": ["interface", "28.000028D70100", "28.000028D70000", "simultaneous", "alarm"],
          "/bus.1": ["interface", "28.000028D70000", "alarm"]
        })
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), ["bus.0/bus.1/28.000028D70100", "bus.1/28.000028D70000"])
        assert.deepStrictEqual(found.buses, ["bus.0/bus.1", "bus.1"])
        assert.deepStrictEqual(failuresOf(found), [["/bus.0/bus.0", "BusFault"]])
        const one = yield* devices({ bus: "bus.0/bus.1" })
        assert.deepStrictEqual(placesOf(one), ["bus.0/bus.1/28.000028D70000", "bus.0/bus.1/28.000028D70100"])
      }))
  })

  describe("comes to an end", () => {
    const messagesOf = ({ failures }: Discovery.Found) =>
      failures.map(({ error, place }) => `${Place.format(place)}: ${error.message}`)

    it.effect("if a server has itself behind two of its buses", () =>
      Effect.gen(function*() {
        const { devices, paths } = yield* serverOf(() => ["bus.0", "bus.1", "28.000028D70000"])
        const found = yield* devices()
        assert.isAtMost(paths().length, 20)
        const is = "refused with -40 ELOOP: its server is seen again behind its own buses, and again behind those"
        assert.deepStrictEqual(messagesOf(found), [
          `bus.0: dir /bus.0 at scripted:4304: ${is}`,
          `bus.1: dir /bus.1 at scripted:4304: ${is}`
        ])
        assert.isFalse(found.failures.some(({ error }) => OwError.isServerFailure(error) || error.isRetryable))
      }))

    it.effect("and finds what is beside the loop", () =>
      Effect.gen(function*() {
        const { devices, paths } = yield* serverOf((path) =>
          path.endsWith("bus.1") ? ["28.000028D70000"] : ["bus.0", "bus.1", "28.000028D70000"]
        )
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), ["bus.1/28.000028D70000"])
        assert.deepStrictEqual(failuresOf(found), [["/bus.0", "Other"]])
        assert.isAtMost(paths().length, 20)
      }))

    it.effect("if two servers have each other", () =>
      Effect.gen(function*() {
        const { devices, paths } = yield* serverOf((path) =>
          path.split("/").length % 2 === 0 ? ["bus.0", "bus.1", "bus.2"] : ["bus.0", "bus.1"]
        )
        assert.deepStrictEqual(failuresOf(yield* devices()).slice(0, 2), [["/bus.0", "Other"], ["/bus.1", "Other"]])
        assert.isAtMost(paths().length, 400)
      }))

    it.effect("if a server has itself behind one bus", () =>
      Effect.gen(function*() {
        const { devices, paths } = yield* serverOf(() => ["bus.0", "28.000028D70000"])
        const found = yield* devices()
        const deep = Array.from({ length: 9 }, () => "bus.0").join("/")
        assert.deepStrictEqual(messagesOf(found), [
          `${deep}: dir /${deep} at scripted:4304: refused with -40 ELOOP: ` +
          "servers are nested more than 8 deep, or one of them is behind its own bus"
        ])
        assert.isAtMost(paths().length, 12)
      }))

    it.effect("if a server never says the same of its buses", () =>
      Effect.gen(function*() {
        let listed = 0
        const { devices, paths } = yield* serverOf(() => ["bus.0", "bus.1", "bus.2", "bus.3", `no ${listed++}`])
        const found = yield* devices()
        assert.isAtMost(paths().length, 2000)
        assert.isAbove(found.failures.length, 0)
        assert.isAtMost(found.failures.length, 1000)
        assert.include(messagesOf(found).join(), "there are more than 1000 buses and branches")
      }))

    it.effect("if couplers have couplers without end", () =>
      Effect.gen(function*() {
        let couplers = 0
        const { devices, paths } = yield* serverOf((path) =>
          path === "/" ? ["bus.0"] : [`1F.${(couplers++).toString(16).padStart(12, "0")}`]
        )
        const found = yield* devices()
        assert.isAtMost(paths().length, 600)
        assert.include(messagesOf(found).join(), "couplers are nested more than 8 deep")
      }))

    it.effect("but not before the last of some servers that are behind each other, and list the same", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf((path) =>
          path.split("/").length === 7 ? ["28.000028D70000"] : ["bus.0", "28.000028D70000"]
        )
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), ["bus.0/bus.0/bus.0/bus.0/bus.0/bus.0/28.000028D70000"])
        assert.deepStrictEqual(found.failures, [])
      }))
  })

  describe("keeps no bus busy for longer than it must", () => {
    /** What a first search asks for, and the milliseconds that it takes of chips that answer one after another. */
    const searched = Effect.fnUntraced(function*(count: number, buses: number, isNamed: boolean) {
      const server = yield* SimulatedServer.make(
        Object.fromEntries(Array.from({ length: count }, (_, n) => [
          `/bus.${n % buses}/28.${n.toString(16).toUpperCase().padStart(12, "0")}`,
          isNamed ? { alias: `room ${n}` } : {}
        ])),
        { conversions: "real", cache: true }
      )
      const asked: Array<string> = []
      yield* server.setFaults(({ path, type }) => {
        if (!Fault.isOwn(type, path)) asked.push(path)
        return undefined
      })
      const ow = yield* Effect.provideService(OwClient.make(), Connector.Connector, server.connector)
      const search = Effect.provideService(Discovery.devices(), OwClient.OwClient, ow)
      const startedAt = yield* Clock.currentTimeMillis
      const fiber = yield* Effect.forkChild(Effect.all([search, Clock.currentTimeMillis]))
      while (fiber.pollUnsafe() === undefined) yield* scripted.pass("10 millis")
      const [found, endedAt] = yield* Fiber.join(fiber)
      assert.deepStrictEqual([found.devices.length, found.failures], [count, []])
      assert.strictEqual(found.devices.filter(({ name }) => name.startsWith("room")).length, isNamed ? count : 0)
      return { asked, took: endedAt - startedAt }
    })

    for (const isNamed of [false, true]) {
      it.effect(`each is searched once, beside the others${isNamed ? ", and none is asked whose the aliases are" : ""}`, () =>
        Effect.gen(function*() {
          for (const [buses, took] of [[1, 400], [2, 200], [4, 100]]) {
            const search = yield* searched(40, buses, isNamed)
            assert.strictEqual(search.took, took)
            assert.deepStrictEqual(search.asked.toSorted(), [
              ...Array.from({ length: buses }, (_, bus) => `/bus.${bus}`),
              "/settings/alias/list",
              counter
            ])
          }
        }))
    }

    it.effect("unless one was taken away, so that their numbers have a gap", () =>
      Effect.gen(function*() {
        const { devices, paths } = yield* serverOf({
          "/": ["bus.3", "bus.1", "bus.0"],
          "/bus.0": ["28.000028D70000"],
          "/bus.1": -5,
          "/bus.3": ["28.000028D70100"]
        })
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), ["bus.0/28.000028D70000", "bus.3/28.000028D70100"])
        assert.deepStrictEqual(failuresOf(found), [["/bus.1", "BusFault"]])
        const buses = paths().filter((path) => path.startsWith("/bus."))
        assert.deepStrictEqual(buses.toSorted(), ["/bus.0", "/bus.1", "/bus.2", "/bus.3"])
      }))

    it.effect("and a device on one behind the gap is found there, and not behind another server", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf({
          "/": ["bus.0", "bus.2"],
          "/bus.0": ["bus.0"],
          "/bus.0/bus.0": ["28.000028D70000", "28.000028D70100"],
          "/bus.2": ["28.000028D70100"]
        })
        assert.deepStrictEqual(placesOf(yield* devices()), [
          "bus.0/bus.0/28.000028D70000",
          "bus.2/28.000028D70100"
        ])
      }))

    it.effect("or the server does not say how many it has, or nothing that could be true", () =>
      Effect.gen(function*() {
        for (const said of ["", "soon", "0", "-1", "1.5", "100", "1e3", "1e9", "NaN", "           3"]) {
          const { devices, paths } = yield* serverOf(
            { "/": ["bus.1", "bus.0"], "/bus.0": ["28.000028D70000"], "/bus.1": ["28.000028D70100"] },
            {},
            { [counter]: said }
          )
          const found = yield* devices()
          assert.deepStrictEqual(placesOf(found), ["bus.0/28.000028D70000", "bus.1/28.000028D70100"], said)
          assert.deepStrictEqual([found.buses, found.failures], [["bus.0", "bus.1"], []], said)
          assert.strictEqual(paths().filter((path) => path === "/").length, 1, said)
        }
      }))
  })

  describe("goes on", () => {
    it.effect("when a bus breaks, and says which", () =>
      Effect.gen(function*() {
        const { network } = yield* SimulatedServer.SimulatedServer
        yield* network.breakBus(1, -5)
        const found = yield* Discovery.devices()
        assert.deepStrictEqual(placesOf(found), ["bus.0/28.000028D70100"])
        assert.deepStrictEqual(found.buses, ["bus.0"])
        assert.deepStrictEqual(failuresOf(found), [["/bus.1", "BusFault"]])
        assert.strictEqual(reason(yield* Effect.flip(Discovery.devices({ bus: "bus.1" }))), "BusFault")
        // Without any bus there is nothing to go on with.
        yield* network.breakBus(0, -5)
        assert.strictEqual(reason(yield* Effect.flip(Discovery.devices())), "BusFault")
        yield* network.breakBus(0)
        yield* network.breakBus(1)
        assert.strictEqual((yield* Discovery.devices()).devices.length, 2)
      }).pipe(Effect.provide(layerOf({ "28.000028D70100": {}, "/bus.1/10.000010EF0200": {} }))))

    it.effect("when the only bus says nothing in time, and asks for no more", () =>
      Effect.gen(function*() {
        const { setFaults } = yield* SimulatedServer.SimulatedServer
        const asked: Array<string> = []
        yield* setFaults(({ path, type }) => {
          if (!Fault.isOwn(type, path)) asked.push(path)
          return path === "/bus.0" ? Fault.Fault.Silence() : undefined
        })
        const fiber = yield* Effect.forkChild(Discovery.devices({ timeout: "1 second", retry: false }))
        yield* scripted.pass("1 second")
        const found = yield* scripted.ended(fiber)
        assert.deepStrictEqual([found.devices, found.buses], [[], []])
        assert.deepStrictEqual(found.failures.map(({ error }) => error._tag), ["OwnetTimeout"])
        assert.notInclude(asked, "/")
      }).pipe(Effect.provide(layerOf({ "28.000028D70100": {} }))))

    it.effect("but not without a server, and says that nothing was listed", () =>
      Effect.gen(function*() {
        const server = yield* SimulatedServer.SimulatedServer
        yield* server.stop
        const gone = yield* Effect.flip(Discovery.devices())
        assert.match(gone.message, /^dir \/ at .*: cannot connect: /)
        yield* server.start
        yield* Discovery.devices()
        yield* server.pause
        const fiber = yield* Effect.forkChild(Effect.flip(Discovery.devices({ retry: false })))
        yield* scripted.pass("10 seconds")
        const silent = yield* scripted.ended(fiber)
        assert.match(silent.message, /^dir \/ at /)
        assert.isTrue(OwError.isServerFailure(silent))
        yield* server.resume
        yield* server.setFaults(({ path }) => path === counter ? Fault.Fault.Http() : undefined)
        const other = yield* Effect.flip(Discovery.devices())
        assert.match(other.message, /^dir \/ at .*: the reply makes no sense: .* This looks like a web server/)
        assert.deepInclude(other, { _tag: "ProtocolError", operation: "dir", path: "/" })
      }).pipe(Effect.provide(layerOf({ "28.000028D70100": {} }))))

    it.effect("when a branch cannot be listed", () =>
      Effect.gen(function*() {
        const { setFaults } = yield* SimulatedServer.SimulatedServer
        yield* setFaults(({ path }) => path.endsWith("/main") ? Fault.Fault.Refuse({ code: -5 }) : undefined)
        const found = yield* Discovery.devices()
        assert.deepStrictEqual(placesOf(found), [
          "bus.0/1F.00001FE00400",
          "bus.0/1F.00001FE00400/aux/28.000028D70100 28.000028D70100"
        ])
        assert.deepStrictEqual(failuresOf(found), [["/bus.0/1F.00001FE00400/main", "BusFault"]])
      }).pipe(Effect.provide(layerOf({
        "/1F.00001FE00400/main/28.000028D70000": {},
        "/1F.00001FE00400/aux/28.000028D70100": {}
      }))))

    it.effect("when the server hangs up on each third request", () =>
      Effect.gen(function*() {
        const { setFaults } = yield* SimulatedServer.SimulatedServer
        yield* setFaults(({ indexOfType, type }) =>
          type === MessageType.DirAll && indexOfType === 2 ? Fault.Fault.Close({ at: "inside" }) : undefined
        )
        const found = yield* Discovery.devices()
        assert.strictEqual(found.devices.length, 2)
        assert.deepStrictEqual(failuresOf(found), [["/bus.2", "ShortRead"]])
      }).pipe(Effect.provide(layerOf({
        "28.000028D70100": {},
        "/bus.1/10.000010EF0200": {},
        "/bus.2/10.000010EF0300": {}
      }))))
  })

  describe("knows by its ROM id a device", () => {
    it.effect("whose alias looks like a ROM id: of nobody, of a ghost, with a wrong CRC, or of another one", () =>
      Effect.gen(function*() {
        const looks = ["28.AABBCCDDEEFF", "00.000000000000", "28.000028D70000.00", "28000028D70400B3"]
        const { devices } = yield* serverOf(
          {
            "/": ["bus.0", "bus.1"],
            "/bus.0": ["boiler", looks[0], looks[1], "28.000028D70500"],
            "/bus.0/unaliased": ["28.000028D70100", "28.000028D70200", "28.000028D70300", "28.000028D70500"],
            "/bus.1": ["bus.0"],
            "/bus.1/bus.0": [looks[2], looks[3], "28.000028D70400"],
            "/bus.1/bus.0/unaliased": ["28.000028D70600", "28.000028D70700", "28.000028D70400"]
          },
          { "/bus.0/boiler": "28.000028D70100" },
          {
            "/settings/alias/list": `28000028D70100D5=boiler\r\n${id("28.000028D70200")}=${looks[0]}\r\n` +
              `${id("28.000028D70300")}=${looks[1]}\r\n`,
            "/bus.1/settings/alias/list": `${id("28.000028D70600")}=${looks[2]}\r\n${id("28.000028D70700")}=${
              looks[3]
            }\r\n`
          }
        )
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), [
          "bus.0/28.000028D70100 boiler",
          "bus.0/28.000028D70200",
          "bus.0/28.000028D70300",
          "bus.0/28.000028D70500",
          "bus.1/bus.0/28.000028D70400",
          "bus.1/bus.0/28.000028D70600",
          "bus.1/bus.0/28.000028D70700"
        ])
        assert.deepStrictEqual([found.ghosts, found.failures], [[], []])
      }))

    it.effect("or leaves out one whose alias looks like a ROM id, where the server does not list it without", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf(
          { "/": ["bus.0"], "/bus.0": ["28.AABBCCDDEEFF", "28.000028D70100"] },
          {},
          { "/settings/alias/list": `${id("28.000028D70200")}=28.AABBCCDDEEFF\r\n` }
        )
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), ["bus.0/28.000028D70100"])
        assert.deepStrictEqual(failuresOf(found), [["/bus.0", "NotFound"]])
      }))

    it.effect("whose alias changes, or goes to another", () =>
      Effect.gen(function*() {
        const { network } = yield* SimulatedServer.SimulatedServer
        const named = Effect.map(
          Discovery.devices(),
          ({ devices }) => devices.map(({ id, name }) => `${id.slice(10, 14)} ${name}`)
        )
        assert.deepStrictEqual(yield* named, ["0000 kitchen", "0100 bath"])
        yield* network.set("28.000028D70000/alias", "cellar")
        assert.deepStrictEqual(yield* named, ["0000 cellar", "0100 bath"])
        yield* network.set("28.000028D70100/alias", "attic")
        yield* network.set("28.000028D70000/alias", "bath")
        yield* network.set("28.000028D70100/alias", "cellar")
        assert.deepStrictEqual(yield* named, ["0000 bath", "0100 cellar"])
        yield* OwClient.OwClient.use((ow) => ow.write("/28.000028D70000/alias", ""))
        assert.deepStrictEqual(yield* named, ["0000 28.000028D70000", "0100 cellar"])
      }).pipe(Effect.provide(layerOf({
        "28.000028D70000": { alias: "kitchen" },
        "28.000028D70100": { alias: "bath" }
      }))))

    it.effect("whose alias the server takes for a word of its own", () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(placesOf(yield* Discovery.devices()), [
          "bus.0/1F.00001FE00400",
          "bus.0/28.000028D70000",
          "bus.0/28.000028D70100 kitchen",
          "bus.0/28.000028D70200 Alarmanlage",
          "bus.0/1F.00001FE00400/main/28.000028D70300 System"
        ])
      }).pipe(Effect.provide(layerOf({
        "28.000028D70000": {},
        "28.000028D70200": { alias: "Alarmanlage" },
        "28.000028D70100": { alias: "kitchen" },
        "/1F.00001FE00400/main/28.000028D70300": { alias: "System" }
      }))))

    it.effect("whose alias leads to another: two servers have the same, or one was taken away", () =>
      Effect.gen(function*() {
        const { devices, paths } = yield* serverOf({
          "/": ["bus.0", "bus.1"],
          "/bus.0": ["boiler", "28.000028D70000"],
          "/bus.1": ["28.000028D70200", "boiler", "pump"],
          "/bus.0/unaliased": ["28.000028D70100", "28.000028D70000"],
          "/bus.1/unaliased": ["28.000028D70200", "28.000028D70300", "28.000028D70400"]
        }, {
          "/bus.0/boiler": "28.000028D70300",
          "/bus.1/boiler": "28.000028D70300",
          "/bus.1/pump": "28.000028D70400"
        })
        assert.deepStrictEqual(placesOf(yield* devices()), [
          "bus.0/28.000028D70000",
          "bus.0/28.000028D70100 boiler",
          "bus.1/28.000028D70200",
          "bus.1/28.000028D70300 boiler",
          "bus.1/28.000028D70400 pump"
        ])
        assert.strictEqual(paths().length, 9)
      }))

    it.effect("whose alias leads to one that another bus turns out to have", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf({
          "/": ["bus.0", "bus.1", "bus.2"],
          "/bus.0": ["bath", "28.000028D70000"],
          "/bus.1": ["kitchen", "99.000099660000"],
          "/bus.2": ["attic"],
          "/bus.0/unaliased": ["28.000028D70200", "28.000028D70000"],
          "/bus.1/unaliased": ["28.000028D70300", "99.000099660000"],
          "/bus.2/unaliased": ["28.000028D70400"]
        }, {
          "/bus.1/kitchen": "28.000028D70200",
          "/bus.2/attic": "28.000028D70300"
        })
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), [
          "bus.0/28.000028D70000",
          "bus.0/28.000028D70200 bath",
          "bus.1/28.000028D70300 kitchen",
          "bus.1/99.000099660000",
          "bus.2/28.000028D70400 attic"
        ])
        assert.deepStrictEqual(found.failures, [])
      }))

    it.effect("whose alias, behind another server, is that server's for one that is away", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf(
          {
            "/": ["bus.0"],
            "/bus.0": ["bus.0", "boiler", "28.000028D70000"],
            "/bus.0/bus.0": ["boiler", "28.000028D70000"],
            "/bus.0/bus.0/unaliased": ["28.000028D70200", "28.000028D70000"]
          },
          { "/bus.0/bus.0/boiler": "28.000028D70200" },
          {
            "/settings/alias/list": `${id("28.000028D70200")}=boiler\r\n`,
            "/bus.0/settings/alias/list": `${id("28.000028D70100")}=boiler\r\n`
          }
        )
        assert.deepStrictEqual(placesOf(yield* devices()), [
          "bus.0/bus.0/28.000028D70000",
          "bus.0/bus.0/28.000028D70200 boiler"
        ])
      }))

    it.effect("whose alias leads to another than the server says", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf(
          {
            "/": ["bus.0", "bus.1"],
            "/bus.0": ["kitchen"],
            "/bus.1": ["bath"],
            "/bus.0/unaliased": ["28.000028D70300"],
            "/bus.1/unaliased": ["28.000028D70500"]
          },
          { "/bus.0/kitchen": "28.000028D70200", "/bus.1/bath": "28.000028D70400" },
          {
            "/settings/alias/list": `${id("28.000028D70300")}=kitchen\r\n` +
              `${id("28.000028D70400")}=bath\r\n${id("28.000028D70500")}=bath\r\n`
          }
        )
        assert.deepStrictEqual(placesOf(yield* devices()), [
          "bus.0/28.000028D70300 kitchen",
          "bus.1/28.000028D70500 bath"
        ])
      }))

    it.effect("by that alone where it came between two listings", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf({
          "/": ["bus.0"],
          "/bus.0": ["boiler", "28.000028D70000"],
          "/bus.0/unaliased": ["28.000028D70200", "28.000028D70100", "28.000028D70000"]
        })
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), [
          "bus.0/28.000028D70000",
          "bus.0/28.000028D70100",
          "bus.0/28.000028D70200"
        ])
        assert.deepStrictEqual(found.failures, [])
      }))

    it.effect("or says that it does not, where the server cannot tell", () =>
      Effect.gen(function*() {
        const { devices } = yield* serverOf({
          "/": ["bus.0"],
          "/bus.0": ["boiler", "28.000028D70000", "pump"]
        }, { "/bus.0/pump": "28.000028D70100" })
        const found = yield* devices()
        assert.deepStrictEqual(placesOf(found), ["bus.0/28.000028D70000", "bus.0/28.000028D70100 pump"])
        assert.deepStrictEqual(failuresOf(found), [["/bus.0", "NotFound"]])
      }))
  })

  const Some = Schema.Array(Schema.Struct({
    serial: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff })),
    family: Schema.Literals(["10", "28", "29", "1F", "99"]),
    bus: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 })),
    behind: Schema.Literals(["", "main", "aux"]),
    isNamed: Schema.Boolean
  })).check(Schema.isMaxLength(12))

  it.effect.prop(
    "finds whatever is there, and all of it but what is on a broken bus",
    [Some, Schema.Literals([0, 1, 2])],
    ([some, broken]) =>
      Effect.gen(function*() {
        const expected = new Map<string, string>()
        const description: Record<string, SimulatedNetwork.DeviceDescription> = {
          "/bus.0/1F.000000000000": {},
          "/bus.1/1F.000000000001": {},
          "/bus.2/1F.000000000002": {}
        }
        for (const path of Object.keys(description)) expected.set(path, path.slice(7))
        for (const { behind, bus, family, isNamed, serial } of some) {
          const device = `${family}.1${serial.toString(16).toUpperCase().padStart(11, "0")}`
          if ([...expected.keys()].some((path) => path.endsWith(device))) continue
          const path = `/bus.${bus}${behind === "" ? "" : `/1F.00000000000${bus}/${behind}`}/${device}`
          const alias = `no ${expected.size}, ${device}`
          description[path] = isNamed && family !== "99" ? { alias } : {}
          expected.set(path, isNamed && family !== "99" ? alias : device)
        }
        const network = yield* SimulatedNetwork.make(description)
        yield* network.breakBus(broken, -5)
        const found = yield* Effect.provide(Discovery.devices(), layerOf(network))
        const isLost = (path: string) => path.startsWith(`/bus.${broken}/`)
        assert.deepStrictEqual(
          found.devices.map(({ bus, name, path }) => [`/${bus}${path}`, name]).toSorted(),
          [...expected].filter(([path]) => !isLost(path)).toSorted()
        )
        assert.deepStrictEqual(failuresOf(found), [[`/bus.${broken}`, "BusFault"]])
      }),
    { arbitrary: { runs: 100, seed: "discovery" } }
  )
})
