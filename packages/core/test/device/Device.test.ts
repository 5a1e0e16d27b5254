import { Device, Family, MessageType, OwClient } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { Fault, SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import * as scripted from "../fixtures/scripted.ts"

const thermometer = "28.000028D70100"
const relay = "29.000029D60000"
const logger = "21.000021DE0200"
const battery = "26.000026D90300"
const converter = "20.000020DF0400"

const types: Readonly<Record<number, string>> = {
  [MessageType.Read]: "read",
  [MessageType.Write]: "write",
  [MessageType.Presence]: "romId"
}

/** A simulated server, a client of it, and what the client has asked. */
const serve = Effect.fnUntraced(function*(
  description: SimulatedNetwork.Description | SimulatedNetwork.SimulatedNetwork,
  options?: OwClient.CallOptions
) {
  const asked: Array<string> = []
  const faults: Fault.Plan = ({ path, type }) => {
    if (!Fault.isOwn(type, path)) asked.push(`${types[type] ?? type} ${path}`)
    return undefined
  }
  const context = yield* Layer.build(
    Layer.provideMerge(OwClient.layer(options), SimulatedServer.layer(description, { faults }))
  )
  return { asked, ...from(yield* Effect.provide(OwClient.OwClient, context)) }
})

/** A server of these answers: each path has one, or several in turn, or one that is kept; a number is a return code. */
const answering = Effect.fnUntraced(function*(
  answers: Readonly<Record<string, string | number | Uint8Array | ReadonlyArray<string | number>>>
) {
  const turns = new Map<string, number>()
  const answer = (path: string): string | number | Uint8Array => {
    const all = answers[path] ?? -1
    if (typeof all === "string" || typeof all === "number" || all instanceof Uint8Array) return all
    const turn = turns.get(path) ?? 0
    turns.set(path, turn + 1)
    return all[Math.min(turn, all.length - 1)] ?? -1
  }
  const server = yield* scripted.make((peer) =>
    Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
      if (header.type === MessageType.Write) {
        return peer.send(scripted.reply(header, "", { size: header.size }))
      }
      const found = answer(scripted.pathOf(payload))
      return peer.send(
        typeof found === "number" ? scripted.reply(header, "", { ret: found }) : scripted.reply(header, found)
      )
    }))
  )
  return { server, ...from(yield* scripted.client(server)) }
})

const from = (ow: OwClient.Client) => ({
  ow,
  make: <P extends Family.Properties>(family: Family.Family<P>, address: string) =>
    Effect.provideService(Device.make(family, address), OwClient.OwClient, ow),
  find: <P extends Family.Properties>(family: Family.Family<P>, alias: string) =>
    Effect.provideService(Device.find(family, alias), OwClient.OwClient, ow)
})

/** A family whose properties the compiler does not know: for what it would refuse. */
const untyped = (family: Family.Family): Family.Family<Family.Unknown> => ({ ...family, "~properties": undefined })

/** What went wrong, in one word. */
const reason = (error: Device.Failure): string =>
  error._tag === "DeviceError" ? error.reason._tag : scripted.reason(error)

const failure = <A>(call: Effect.Effect<A, Device.Failure>) => Effect.map(Effect.flip(call), reason)

const message = <A>(call: Effect.Effect<A, Device.Failure>) => Effect.map(Effect.flip(call), ({ message }) => message)

const describeAll = (devices: ReadonlyArray<Device.AnyDevice>) =>
  devices.map(({ bus, name, path }) => [path, bus ?? "", name])

describe("Device", () => {
  describe("make", () => {
    it.effect("takes a ROM id in any format, and a path over buses and couplers", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({})
        const coupler = "1F.01001FE00100"
        const devices = yield* Effect.forEach([
          thermometer,
          "28000028d70100d5",
          `/${thermometer}/`,
          `bus.0/${thermometer}`,
          `/bus.1/bus.0/${thermometer}`,
          `/${coupler}/main/${thermometer}`,
          `/bus.2/attic/aux/${coupler}/main/${thermometer}`,
          `/uncached/bus.1/unaliased/alarm/${thermometer}`
        ], (address) => make(Families.DS18B20, address))
        assert.deepStrictEqual(describeAll(devices), [
          [`/${thermometer}`, "", thermometer],
          [`/${thermometer}`, "", thermometer],
          [`/${thermometer}`, "", thermometer],
          [`/bus.0/${thermometer}`, "bus.0", thermometer],
          [`/bus.1/bus.0/${thermometer}`, "bus.1/bus.0", thermometer],
          [`/${coupler}/main/${thermometer}`, "", thermometer],
          [`/bus.2/attic/aux/${coupler}/main/${thermometer}`, "bus.2", thermometer],
          [`/bus.1/${thermometer}`, "bus.1", thermometer]
        ])
        for (const { id } of devices) assert.strictEqual(id, "28000028D70100D5")
        assert.deepStrictEqual(asked, [])
      }))

    it.effect("refuses what leads to no device of the family, and asks nobody", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({ [relay]: { alias: "boiler" } })
        const problems = yield* Effect.forEach([
          "",
          "/",
          "boiler",
          "/boiler",
          relay,
          "28.000028D70100.D6",
          "28.000028D7010",
          `/${thermometer}/temperature`,
          `//${thermometer}`,
          `/${thermometer}\0`,
          "/settings/units/temperature_scale",
          "/bus.0",
          `/${relay}/main/${thermometer}`
        ], (address) =>
          Effect.map(Effect.flip(make(Families.DS18B20, address)), ({ argument, message }) => {
            assert.strictEqual(argument, "address", address)
            return message.replace(/^Device\.make: address (.*); nothing was sent$/, "$1")
          }))
        assert.deepStrictEqual(problems, [
          "\"\" is empty; the root is written /",
          "\"/\" is no device",
          "\"boiler\" has no ROM id; an alias is looked up by Device.find",
          "\"/boiler\" has no ROM id; an alias is looked up by Device.find",
          "\"29.000029D60000\" is of family 29, and a DS18B20 of 28",
          "\"28.000028D70100.D6\" has a wrong CRC in 28.000028D70100.D6; with the right one it is 28.000028D70100.D5",
          "\"28.000028D7010\" has no ROM id; an alias is looked up by Device.find",
          "\"/28.000028D70100/temperature\" is no device",
          "\"//28.000028D70100\" has nothing between two slashes",
          "\"/28.000028D70100\\u0000\" contains NUL",
          "\"/settings/units/temperature_scale\" is no device",
          "\"/bus.0\" is no device",
          "\"/29.000029D60000/main/28.000028D70100\" has main behind 29.000029D60000; " +
          "only couplers have branches: family 1F main and aux, family 12 aux"
        ])
        assert.strictEqual(
          yield* message(make(Families.DS2438, thermometer)),
          "Device.make: address \"28.000028D70100\" is of family 28, and a DS2438 of 26 or A6; nothing was sent"
        )
        assert.deepStrictEqual(asked, [])
      }))

    it.effect("takes any of the codes of a family", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({})
        for (const address of [battery, "A6.000000000001"]) {
          assert.strictEqual((yield* make(Families.DS2438, address)).name, address)
        }
      }))

    it.effect("gives a device that is reached where it was said to be", () =>
      Effect.gen(function*() {
        const path = `/bus.1/1F.01001FE00100/main/${thermometer}`
        const { asked, make } = yield* serve({ [path]: { temperature: 4.5 } })
        const device = yield* make(Families.DS18B20, path)
        assert.strictEqual(yield* device.read("temperature"), 4.5)
        assert.isTrue(yield* device.present())
        assert.deepStrictEqual(asked, [`read ${path}/temperature`, `presence ${path}`])
        const elsewhere = yield* make(Families.DS18B20, `/bus.0/${thermometer}`)
        assert.strictEqual(yield* failure(elsewhere.read("temperature")), "NotFound")
        assert.isFalse(yield* elsewhere.present())
      }))
  })

  describe("find", () => {
    it.effect("knows a device by its ROM id from then on", () =>
      Effect.gen(function*() {
        const { asked, find, make } = yield* serve({
          [thermometer]: { alias: "kitchen", temperature: 21 },
          "28.000028D70500": { temperature: 99 }
        })
        const kitchen = yield* find(Families.DS18B20, "kitchen")
        assert.deepStrictEqual(describeAll([kitchen]), [[`/${thermometer}`, "", "kitchen"]])
        assert.deepStrictEqual(asked, ["presence /kitchen", `read /${thermometer}/alias`])
        const other = yield* make(Families.DS18B20, "28.000028D70500")
        yield* other.write("alias", "kitchen")
        assert.strictEqual(yield* kitchen.read("temperature"), 21)
        assert.strictEqual((yield* find(Families.DS18B20, "kitchen")).id, other.id)
      }))

    it.effect("follows a path to an alias, and takes a ROM id, too", () =>
      Effect.gen(function*() {
        const branch = "/bus.1/1F.01001FE00100/main"
        const { find } = yield* serve({ [`${branch}/${thermometer}`]: { alias: "attic", temperature: 7 } })
        const attic = yield* find(Families.DS18B20, `${branch}/attic`)
        const same = yield* find(Families.DS18B20, `/uncached${branch}/${thermometer}`)
        assert.deepStrictEqual(describeAll([attic, same]), [
          [`${branch}/${thermometer}`, "bus.1", "attic"],
          [`${branch}/${thermometer}`, "bus.1", thermometer]
        ])
        assert.strictEqual(yield* attic.read("temperature"), 7)
      }))

    it.effect("says that there is none", () =>
      Effect.gen(function*() {
        const { find } = yield* serve({ [thermometer]: { alias: "kitchen" } })
        const error = yield* Effect.flip(find(Families.DS18B20, "cellar"))
        assert.strictEqual(reason(error), "NotFound")
        assert.isFalse(error.isRetryable)
        assert.strictEqual(
          error.message,
          "presence /cellar at simulated:4304: refused with -1 EPERM: nothing is called \"cellar\", or its device does not " +
            "answer on the bus now"
        )
        assert.match(
          (yield* Effect.flip(find(Families.DS18B20, "28.0000000000FF"))).message,
          /no such device or property/
        )
      }))

    it.effect("says that it is another kind of device", () =>
      Effect.gen(function*() {
        const { find } = yield* serve({ [relay]: { alias: "kit\nchen" } })
        const error = yield* Effect.flip(find(Families.DS18B20, "kit\nchen"))
        assert.strictEqual(reason(error), "OtherFamily")
        assert.isFalse(error.isRetryable)
        assert.strictEqual(
          error.message,
          "presence \"/kit\\nchen\" at simulated:4304: leads to 29.000029D60000, a device of family 29, and not to a DS18B20"
        )
        assert.strictEqual((yield* find(Family.unknown, "kit\nchen")).name, "kit\nchen")
      }))

    it.effect("refuses what is no alias, and asks nobody", () =>
      Effect.gen(function*() {
        const { asked, find } = yield* serve({ [thermometer]: { alias: "kitchen" } })
        for (
          const alias of ["", "/", "kitchen/temperature", "settings", "Alarmanlage", " kitchen", "28.000028D70100.00"]
        ) {
          const error = yield* Effect.flip(find(Families.DS18B20, alias))
          assert.strictEqual(error._tag, "ArgumentError", alias)
        }
        assert.deepStrictEqual(asked, [])
      }))
  })

  describe("is", () => {
    it.effect("tells what a device is, and so the types of its properties", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({ [thermometer]: { temperature: 20.5 }, [relay]: {} })
        const devices: ReadonlyArray<Device.AnyDevice> = [
          yield* make(Families.DS2408, relay),
          yield* make(Families.DS18B20, thermometer),
          yield* make(Family.unknown, "A6.000000000001")
        ]
        const namesOf = (found: ReadonlyArray<Device.AnyDevice>) => found.map(({ name }) => name)
        const found = devices.filter(Device.is(Families.DS18B20))
        assert.deepStrictEqual(namesOf(found), [thermometer])
        assert.deepStrictEqual(yield* Effect.forEach(found, (device) => device.read("temperature")), [20.5])
        assert.deepStrictEqual(namesOf(devices.filter(Device.is(Families.DS2438))), ["A6.000000000001"])
        assert.deepStrictEqual(namesOf(devices.filter(Device.is(Family.unknown))), namesOf(devices))
        assert.deepStrictEqual(
          namesOf(devices.filter(Device.is(Families.DS18B20, Families.DS2408))),
          [relay, thermometer]
        )
      }))

    it.effect("gives what was found without a family the ranges of it, and saves questions", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({ [thermometer]: { temperature: 150 } })
        const device: Device.AnyDevice = yield* make(Family.unknown, thermometer)
        assert.isTrue(Device.is(Family.unknown)(device))
        if (!Device.is(Families.DS18B20)(device)) return assert.fail("no DS18B20")
        assert.strictEqual((yield* device.reading("temperature")).verdict._tag, "OutOfRange")
        assert.strictEqual((yield* Effect.flip(device.write("temphigh", 200)))._tag, "ArgumentError")
        assert.deepStrictEqual(asked, [`read /${thermometer}/temperature`])
      }))
  })

  it.effect("lists the names of what it has", () =>
    Effect.gen(function*() {
      const { make } = yield* serve({ [thermometer]: {}, [relay]: {}, "1F.00001FE00400": {} })
      const names = yield* (yield* make(Families.DS18B20, thermometer)).names()
      assert.includeMembers([...names], ["temperature", "errata/die", "type"])
      for (const name of names) assert.isTrue(Option.isSome(Family.find(Families.DS18B20, name)), name)
      const device: Device.AnyDevice = yield* make(Families.DS2408, relay)
      if (!Device.is(Family.unknown)(device)) return assert.fail("no device")
      for (const name of yield* device.names()) assert.strictEqual((yield* device.describe(name)).name, name)
      assert.includeMembers([...yield* device.names()], ["PIO.ALL", "PIO.7", "LCD_H/message"])
      assert.notInclude(yield* (yield* make(Families.DS2409, "1F.00001FE00400")).names(), "main/")
    }))

  it.effect("tells callers without types what is wrong, and asks nobody", () =>
    Effect.gen(function*() {
      const { asked, find, make } = yield* serve({ [thermometer]: {} })
      const device = yield* make(Families.DS18B20, thermometer)
      // What the compiler would refuse, a configuration may hold.
      const wrong = (value: unknown) => value as never
      const calls: ReadonlyArray<Effect.Effect<unknown, Device.Failure>> = [
        make(Families.DS18B20, wrong(undefined)),
        find(Families.DS18B20, wrong(5)),
        device.read(wrong(undefined)),
        device.reading(wrong({})),
        device.write(wrong(null), wrong(1)),
        device.property(wrong(1)).read(),
        device.read("temperature", { retry: wrong(5) }),
        device.read("temperature", { retry: wrong({ times: 3 }) }),
        device.read("temperature", { flags: { temperatureScale: wrong("f") } }),
        device.reading("temperature", { flags: { temperatureScale: wrong("f") } }),
        device.write("temphigh", 20, { flags: { pressureScale: wrong("bar"), temperatureScale: wrong(1) } })
      ]
      for (const call of calls) assert.strictEqual((yield* Effect.flip(call))._tag, "ArgumentError")
      assert.deepStrictEqual(asked, [])
    }))

  it.effect("is one of whatever has fewer properties", () =>
    Effect.gen(function*() {
      const warmth = (
        device: Device.Device<{ readonly read: { readonly temperature: number }; readonly write: object }>
      ) => Effect.map(device.read("temperature"), (temperature) => `${device.name} ${temperature}`)
      const { make } = yield* serve({ [thermometer]: { temperature: 21 }, [battery]: { temperature: 5 } })
      assert.deepStrictEqual(
        yield* Effect.all([
          Effect.flatMap(make(Families.DS18B20, thermometer), warmth),
          Effect.flatMap(make(Families.DS2438, battery), warmth)
        ]),
        [`${thermometer} 21`, `${battery} 5`]
      )
    }))

  it.effect("has functions that can be taken by themselves", () =>
    Effect.gen(function*() {
      const { make } = yield* serve({ [thermometer]: { temperature: 21, temphigh: 30 } })
      const { describe, present, property, read, reading, write } = yield* make(Families.DS18B20, thermometer)
      yield* write("temphigh", 31)
      assert.deepStrictEqual(yield* Effect.forEach(["temperature", "temphigh"] as const, (name) => read(name)), [
        21,
        31
      ])
      assert.strictEqual((yield* reading("temperature")).value, 21)
      assert.strictEqual(yield* property("temphigh").read(), 31)
      assert.strictEqual((yield* describe("tempres")).record.kind, "u")
      assert.isTrue(yield* present())
    }))

  it.effect("is shown in logs without the client by which it is reached", () =>
    Effect.gen(function*() {
      const { find } = yield* serve({ [`/bus.1/${thermometer}`]: { alias: "kitchen", temperature: 21 } })
      const device = yield* find(Families.DS18B20, "/bus.1/kitchen")
      const shown = {
        id: "28000028D70100D5",
        path: `/bus.1/${thermometer}`,
        bus: "bus.1",
        name: "kitchen"
      }
      assert.deepStrictEqual(JSON.parse(JSON.stringify(device)), shown)
      assert.strictEqual(inspect(device), inspect(shown))
      assert.strictEqual(String(device), JSON.stringify(shown))
      assert.deepStrictEqual(JSON.parse(JSON.stringify(yield* device.reading("temperature"))), {
        _tag: "Reading",
        device: shown,
        property: "temperature",
        value: 21,
        unit: "°C",
        at: "1970-01-01T00:00:00.000Z",
        verdict: { _tag: "Plausible" }
      })
    }))

  it.effect("describes its properties", () =>
    Effect.gen(function*() {
      const { asked, make } = yield* serve({})
      const device = yield* make(untyped(Families.DS2408), relay)
      assert.deepStrictEqual(yield* device.describe("PIO.ALL"), {
        name: "PIO.ALL",
        record: { kind: "y", index: -1, elements: 8, access: "rw", length: 15, change: "s" },
        range: undefined,
        unit: undefined
      })
      assert.deepStrictEqual((yield* device.describe("set_alarm")).range, [0, 333_333_333])
      assert.strictEqual((yield* device.describe("LCD_H/message")).record.access, "wo")
      assert.deepStrictEqual(asked, [])
      const problem = (name: string) =>
        Effect.map(message(device.describe(name)), (text) =>
          text.replace(`read /${relay}/${name}: property is none of a DS2408`, "").replace("; nothing was sent", ""))
      assert.deepStrictEqual(
        yield* Effect.forEach(
          ["PIO", "PIO.8", "sensed.A", "Sensed.BYTES", "pio.ALL", "pwer", "power.0", "LCD_H/mesage", "", "temperature"],
          problem
        ),
        [
          "; did you mean PIO.ALL?",
          "; did you mean PIO.ALL?",
          "; did you mean sensed.ALL?",
          "; did you mean sensed.ALL?",
          "; did you mean PIO.ALL?",
          "; did you mean power?",
          "; did you mean power?",
          "; did you mean LCD_H/message?",
          "",
          ""
        ]
      )
      assert.deepStrictEqual(asked, [])
    }))

  describe("reads", () => {
    it.effect("each kind of value, in each of its shapes", () =>
      Effect.gen(function*() {
        const counts = Array.from({ length: 63 }, (_, at) => at)
        const pages = Array.from({ length: 8 }, (_, at) => new Uint8Array(8).fill(at))
        const { make } = yield* serve({
          [thermometer]: { temperature: 21.5, "errata/die": "B7", power: true, tempres: 11, alias: "boiler, old" },
          [relay]: { "PIO.ALL": [1, 0, 0, 1, 0, 0, 0, 0], "sensed.BYTE": 255, "latch.BYTE": () => 130 },
          [logger]: { "histogram/counts.ALL": counts },
          [battery]: { udate: 1_767_323_045, "pages/page.ALL": pages, vis: -0.01 },
          [converter]: { "volt.ALL": [0.5, 1, 1.5, 2] },
          "27.000000000001": { interval: 3 },
          "EF.000000000001": { "moisture/sensor.ALL": [0, 50, 100, 255] },
          "DD.000000000001": { "is_index_prime.000": true },
          "02.000000000001": { "subkey0/id.xxx": new Uint8Array(8).fill(7) }
        })
        const expected: ReadonlyArray<readonly [Family.Family, string, Readonly<Record<string, Family.Value>>]> = [
          [Families.DS18B20, thermometer, {
            temperature: 21.5,
            "errata/die": "B7",
            power: true,
            tempres: 11,
            alias: "boiler, old",
            address: "28000028D70100D5",
            scratchpad: Uint8Array.of(0x28, 0, 0, 0x28, 0xd7, 1, 0, 0xd5, 0x28)
          }],
          [Families.DS2408, relay, {
            "PIO.0": true,
            "PIO.1": false,
            "PIO.ALL": [true, false, false, true, false, false, false, false],
            "PIO.BYTE": 9,
            "sensed.7": true,
            "sensed.BYTE": 255,
            "latch.BYTE": 130
          }],
          [Families.DS1921, logger, { "histogram/counts.ALL": counts, "histogram/counts.62": 62 }],
          [Families.DS2438, battery, {
            date: new Date("2026-01-02T03:04:05Z"),
            vis: -0.01,
            "pages/page.ALL": pages,
            "pages/page.2": new Uint8Array(8).fill(2)
          }],
          [Families.DS2450, converter, { "volt.ALL": [0.5, 1, 1.5, 2], "volt.C": 1.5 }],
          [Families.DS2417, "27.000000000001", { interval: 3 }],
          [Families.HobbyBoards_EF, "EF.000000000001", { "moisture/sensor.ALL": [0, 50, 100, 255] }],
          [Families.Example_slave, "DD.000000000001", { "is_index_prime.0": true }],
          [Families.DS1991, "02.000000000001", { "subkey0/id.whatever": new Uint8Array(8).fill(7) }]
        ]
        for (const [family, address, values] of expected) {
          const device = yield* make(untyped(family), address)
          for (const [name, value] of Object.entries(values)) {
            assert.deepStrictEqual(yield* device.read(name), value, `${family.chip} ${name}`)
          }
        }
      }))

    it.effect("temperatures, gaps and pressures in the client's scale, or in the call's", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({
          [thermometer]: { temperature: 25 },
          [logger]: { "about/resolution": 0.5 },
          [battery]: { "B1-R1-A/pressure": 1000, "B1-R1-A/gain": 10, VAD: 5 }
        }, { flags: { temperatureScale: "F", pressureScale: "psi" } })
        const chip = yield* make(Families.DS18B20, thermometer)
        const log = yield* make(Families.DS1921, logger)
        const monitor = yield* make(Families.DS2438, battery)
        const inScale = (temperatureScale?: "C" | "K" | "R", pressureScale?: "mbar" | "inHg" | "Pa") => {
          const flags = { temperatureScale, pressureScale }
          return Effect.all([
            chip.read("temperature", { flags }),
            log.read("about/resolution", { flags }),
            monitor.read("B1-R1-A/pressure", { flags }),
            monitor.read("VAD", { flags })
          ])
        }
        assert.deepStrictEqual(yield* inScale(), [77, 0.9, 14.5038, 5])
        assert.deepStrictEqual(yield* inScale("K", "Pa"), [298.15, 0.5, 100_000, 5])
        assert.deepStrictEqual(yield* inScale("R", "inHg"), [536.67, 0.9, 29.53, 5])
        assert.deepStrictEqual(yield* inScale("C", "mbar"), [25, 0.5, 1000, 5])
      }))

    it.effect("numbers with padding, and those that are none", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({
          [thermometer]: { temperature: Number.NaN, temphigh: 5e-5, templow: -0 },
          [battery]: { VAD: Infinity, VDD: -Infinity, humidity: 1.5e11 },
          [converter]: { "volt.ALL": [0, Number.NaN, Infinity, 1] }
        }, { flags: { trim: false } })
        const chip = yield* make(Families.DS18B20, thermometer)
        const monitor = yield* make(Families.DS2438, battery)
        const volts = yield* make(Families.DS2450, converter)
        assert.isNaN(yield* chip.read("temperature"))
        assert.strictEqual(yield* chip.read("temphigh"), 5e-5)
        assert.strictEqual(yield* chip.read("templow"), -0)
        assert.strictEqual(yield* monitor.read("VAD"), Infinity)
        assert.strictEqual(yield* monitor.read("VDD"), -Infinity)
        assert.strictEqual(yield* monitor.read("humidity"), 1.5e11)
        assert.deepStrictEqual(yield* volts.read("volt.ALL"), [0, Number.NaN, Infinity, 1])
      }))

    it.effect("texts that are no UTF-8, and gives them back as they were", () =>
      Effect.gen(function*() {
        const { make, ow } = yield* serve({ [thermometer]: { alias: "x" }, [relay]: {} })
        yield* ow.write(`/${thermometer}/alias`, Uint8Array.of(0xff, 0x4b, 0xfc, 0x63, 0xc3, 0xa9))
        const chip = yield* make(Families.DS18B20, thermometer)
        const alias = yield* chip.read("alias")
        assert.strictEqual(alias, "\udcffK\udcfcc\u00e9")
        const other = yield* make(Families.DS2408, relay)
        yield* other.write("alias", alias, { verify: true })
        assert.deepStrictEqual(
          yield* ow.read(`/${relay}/alias`),
          Uint8Array.of(0xff, 0x4b, 0xfc, 0x63, 0xc3, 0xa9)
        )
        assert.strictEqual(yield* chip.read("alias"), "")
      }))

    it.effect("a part of texts and of bytes, and of nothing else", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({ [thermometer]: { temperature: 21, alias: "kitchen" } })
        const device = yield* make(Families.DS18B20, thermometer)
        assert.deepStrictEqual(yield* device.read("scratchpad", { size: 3, offset: 3 }), Uint8Array.of(0x28, 0xd7, 1))
        assert.strictEqual(yield* device.read("alias", { size: 4, offset: 1 }), "itch")
        assert.deepStrictEqual(yield* device.read("scratchpad", { offset: 9 }), new Uint8Array(0))
        assert.strictEqual(yield* device.read("temperature", { offset: 0 }), 21)
        asked.length = 0
        assert.strictEqual(
          yield* message(device.read("temperature", { size: 4 })),
          `read /${thermometer}/temperature: size is for texts and bytes: any other value is read as a whole; nothing was sent`
        )
        assert.strictEqual(
          yield* message(device.reading("power", { offset: 1 })),
          `read /${thermometer}/power: offset is for texts and bytes: any other value is read as a whole; nothing was sent`
        )
        const eeprom = yield* make(Families.DS2433, "23.000000000001")
        assert.strictEqual(yield* failure(eeprom.read("pages/page.ALL", { size: 32 })), "ArgumentError")
        const monitor = yield* make(Families.DS2438, battery)
        assert.strictEqual(yield* failure(monitor.read("date", { size: 24 })), "ArgumentError")
        assert.strictEqual(yield* failure(device.read("scratchpad", { size: 0 })), "ArgumentError")
        assert.deepStrictEqual(asked, [])
      }))

    it.effect("nothing that can only be written", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({})
        const display = yield* make(untyped(Families.DS2408), relay)
        assert.strictEqual(
          yield* message(display.read("LCD_H/message")),
          `read /${relay}/LCD_H/message: property cannot be read; nothing was sent`
        )
        const log = yield* make(untyped(Families.DS1921), logger)
        assert.strictEqual(yield* failure(log.read("set_alarm/trigger")), "ArgumentError")
        assert.deepStrictEqual(asked, [])
      }))

    it.effect("dates by their seconds, whatever the server's time zone", () =>
      Effect.gen(function*() {
        // A server five hours behind: its dates are, its seconds are not.
        const local = (iso: string) => new Date(Date.parse(iso) - 5 * 3_600_000)
        const begins = Array.from({ length: 12 }, (_, at) => `2026-02-0${1 + at % 9}T00:00:${10 + at}Z`)
        const ends = Array.from({ length: 12 }, (_, at) => `2026-02-1${at % 9}T22:30:${10 + at}Z`)
        const { asked, make } = yield* serve({
          [battery]: {
            date: local("2026-01-02T03:04:05Z"),
            udate: 1_767_323_045,
            "disconnect/date": local("2007-03-23T04:00:00Z"),
            "disconnect/udate": 1_174_622_400
          },
          [logger]: {
            "overtemp/date.ALL": begins.map(local),
            "overtemp/udate.ALL": begins.map((begin) => Date.parse(begin) / 1000),
            "overtemp/end.ALL": ends.map(local)
          }
        })
        const monitor = yield* make(Families.DS2438, battery)
        assert.deepStrictEqual(yield* monitor.read("date"), new Date("2026-01-02T03:04:05Z"))
        assert.deepStrictEqual(yield* monitor.read("disconnect/date"), new Date("2007-03-23T04:00:00Z"))
        assert.deepStrictEqual(asked, [`read /${battery}/udate`, `read /${battery}/disconnect/udate`])
        const log = yield* make(Families.DS1921, logger)
        assert.deepStrictEqual(yield* log.read("overtemp/date.ALL"), begins.map((begin) => new Date(begin)))
        assert.deepStrictEqual(yield* log.read("overtemp/date.11"), new Date(begins[11] ?? ""))
        assert.deepStrictEqual(yield* log.read("overtemp/end.ALL"), ends.map((end) => new Date(end)))
        assert.deepStrictEqual(yield* log.read("overtemp/end.3"), new Date(ends[3] ?? ""))
        assert.deepStrictEqual((yield* log.reading("overtemp/end.0")).verdict, { _tag: "Plausible" })
      }))

    const numbers = ["abc", "1,2", "12abc", "0x10", "1e", "١٢", "--1", "21.5 °C", "true", "\0", " "]
    const malformed: ReadonlyArray<readonly [family: Family.Family, property: string, texts: ReadonlyArray<string>]> = [
      [Families.DS18B20, "temperature", numbers],
      [Families.DS18B20, "tempres", [...numbers, "1.5", "-1", "1E3", "NAN"]],
      [Families.DS2417, "interval", [...numbers, "1.5", "1E3", "INF"]],
      [Families.DS18B20, "power", ["2", "10", "true", " 1", "yes"]],
      [Families.DS2408, "PIO.BYTE", ["1.5", "-1", "1,0,0,0,0,0,0,0"]],
      [Families.DS2408, "PIO.ALL", ["1", "1,0,0,0,0,0,0", "1,0,0,0,0,0,0,0,0", "1,0,0,0,2,0,0,0", "1,,0,0,0,0,0,0"]],
      [Families.DS2450, "volt.ALL", ["1,2,3", "1,2,3,4,5", "1,2,x,4", ",,,"]],
      [Families.DS2433, "pages/page.ALL", ["0".repeat(511), "0".repeat(16), "0".repeat(513)]],
      [Families.DS1921, "overtemp/udate.ALL", ["1,2,3", "1,2,3,4,5,6,7,8,9,10,11,never"]]
    ]
    for (const [family, property, texts] of malformed) {
      it.effect(`no ${property} of a ${family.chip} in what is none`, () =>
        Effect.gen(function*() {
          const path = `/${family.codes[0]}.000000000001`
          for (const text of texts) {
            const { make } = yield* answering({ [`${path}/${property}`]: text })
            const device = yield* make(untyped(family), path)
            const error = yield* Effect.flip(device.read(property))
            assert.strictEqual(reason(error), "Malformed", text)
            assert.isTrue(error.isRetryable)
          }
          const { make } = yield* answering({ [`${path}/${property}`]: "" })
          const device = yield* make(untyped(family), path)
          const error = yield* Effect.flip(device.read(property))
          assert.strictEqual(reason(error), "NoValue")
          assert.isTrue(error.isRetryable)
          assert.strictEqual(
            error.message,
            `read ${path}/${property} at scripted:4304: the server gave nothing; the device may not have answered`
          )
        }))
    }

    it.effect("no date in what is none", () =>
      Effect.gen(function*() {
        const path = `/${logger}`
        const begin = "Fri Mar 23 04:00:00 2007"
        const read = (property: string, answers: Readonly<Record<string, string>>) =>
          Effect.gen(function*() {
            const all = Object.entries(answers).map(([name, text]) => [`${path}/${name}`, text])
            const { make } = yield* answering(Object.fromEntries(all))
            const device = yield* make(untyped(Families.DS1921), path)
            return yield* Effect.match(device.read(property), { onFailure: reason, onSuccess: String })
          })
        assert.strictEqual(yield* read("mission/date", { "mission/udate": begin }), "Malformed")
        assert.strictEqual(yield* read("mission/date", { "mission/udate": "" }), "NoValue")
        const ends = (end: string, others?: Readonly<Record<string, string>>) =>
          read("overtemp/end.0", {
            "overtemp/end.0": end,
            "overtemp/date.0": begin,
            "overtemp/udate.0": "1174622400",
            ...others
          })
        assert.strictEqual(yield* ends("Fri Mar 23 05:00:00 2007"), String(new Date("2007-03-23T05:00:00Z")))
        assert.strictEqual(yield* ends(""), "NoValue")
        for (const end of ["2007-03-23T05:00:00Z", "Fri Foo 23 05:00:00 2007", `${begin},${begin}`, `${begin} `]) {
          assert.strictEqual(yield* ends(end), "Malformed", end)
        }
        assert.strictEqual(yield* ends(begin, { "overtemp/date.0": "yesterday" }), "Malformed")
        assert.strictEqual(yield* ends(begin, { "overtemp/udate.0": "" }), "NoValue")
        const twelve = (text: string, count = 12) => Array.from({ length: count }, () => text).join(",")
        const all = (end: string) =>
          read("overtemp/end.ALL", {
            "overtemp/end.ALL": end,
            "overtemp/date.ALL": twelve(begin),
            "overtemp/udate.ALL": twelve("1174622400")
          })
        assert.strictEqual(yield* all(twelve(begin, 11)), "Malformed")
        assert.strictEqual(yield* all(twelve(begin, 13)), "Malformed")
        assert.strictEqual((yield* all(twelve(begin))).split(",").length, 12)
      }))

    it.effect("what came into the error, and no more of it than a line has room for", () =>
      Effect.gen(function*() {
        const path = `/${thermometer}`
        const { make } = yield* answering({ [`${path}/temperature`]: `!\u0007${"x".repeat(1000)}` })
        const device = yield* make(Families.DS18B20, path)
        assert.strictEqual(
          yield* message(device.read("temperature")),
          `read ${path}/temperature at scripted:4304: "!\\u0007${"x".repeat(38)}…" is no value of this property`
        )
      }))

    it.effect("with what the call says: flags, size, offset and timeout", () =>
      Effect.gen(function*() {
        const path = `/${thermometer}`
        const { make, server } = yield* answering({ [`${path}/scratchpad`]: "abc", [`${path}/temperature`]: "1" })
        const device = yield* make(Families.DS18B20, path)
        yield* device.read("scratchpad", { size: 3, offset: 2, flags: { uncached: true } })
        yield* device.property("temperature").read({ flags: { temperatureScale: "R" } })
        const [first, second] = server.requests
        assert.deepStrictEqual(
          [first?.text, first?.size, first?.offset, (first?.flags ?? 0) & 0x20],
          [`${path}/scratchpad|`, 3, 2, 0x20]
        )
        assert.deepStrictEqual([second?.text, (second?.flags ?? 0) & 0x30020], [`${path}/temperature|`, 0x30000])
      }))
  })

  describe("writes", () => {
    const addressOf = ({ codes }: Family.Family): string => `${codes[0]}.000000000001`

    const bytes = (...values: ReadonlyArray<number>) => Uint8Array.from(values)

    it.effect("each kind of value as servers take it", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({})
        const write = (family: Family.Family, property: string, value: Family.Value, options?: Device.WriteOptions) =>
          Effect.flatMap(make(untyped(family), addressOf(family)), (device) => device.write(property, value, options))
        const pages = Array.from({ length: 8 }, (_, at) => new Uint8Array(8).fill(0x41 + at))
        const temperature = (temperatureScale: "F" | "K" | "R") => ({ flags: { temperatureScale } })
        const cases: ReadonlyArray<
          readonly [Family.Family, string, Family.Value, Device.WriteOptions | undefined, sent: string]
        > = [
          [Families.DS18B20, "temphigh", 30.5, undefined, "30.5"],
          [Families.DS18B20, "templow", -128, undefined, "-128"],
          [Families.DS18B20, "temphigh", 260.6, temperature("F"), "260.6"],
          [Families.DS18B20, "templow", -198.4, temperature("F"), "-198.4"],
          [Families.DS18B20, "temphigh", 400.15, temperature("K"), "400.15"],
          [Families.DS18B20, "templow", 145.15, temperature("K"), "145.15"],
          [Families.DS18B20, "temphigh", 720.27, temperature("R"), "720.27"],
          [Families.DS18B20, "templow", 261.27, temperature("R"), "261.27"],
          [Families.DS18B20, "tempres", 12, undefined, "12"],
          [Families.DS18B20, "tempres", 12, { offset: 0 }, "12"],
          [Families.DS18B20, "alias", "", undefined, ""],
          [Families.DS18B20, "alias", "Küche, alt", undefined, "Küche, alt"],
          [Families.DS18B20, "alias", "ü".repeat(128), undefined, "ü".repeat(128)],
          [Families.DS2417, "itime", 131_072, undefined, "131072"],
          [Families.DS2438, "offset", 4_294_967_295, undefined, "4294967295"],
          [Families.DS2438, "B1-R1-A/gain", 0.000_001, undefined, "0.000001"],
          [Families.DS2438, "B1-R1-A/gain", 1e-7, undefined, "1e-7"],
          [Families.DS2438, "IAD", true, undefined, "1"],
          [Families.DS2438, "IAD", false, undefined, "0"],
          [Families.DS2438, "pages/page.ALL", pages, undefined, "ABCDEFGH".replaceAll(/./g, "$&$&$&$&$&$&$&$&")],
          [Families.DS2438, "pages/page.7", bytes(0x58, 0x59), { offset: 6 }, "XY"],
          [Families.DS2408, "PIO.3", true, undefined, "1"],
          [Families.DS2408, "PIO.BYTE", 255, undefined, "255"],
          [
            Families.DS2408,
            "PIO.ALL",
            [true, false, false, true, false, false, false, true],
            undefined,
            "1,0,0,1,0,0,0,1"
          ],
          [Families.DS2408, "LCD_H/message", "Hello", undefined, "Hello"],
          [Families.DS2450, "set_alarm/volthigh.ALL", [1, 2.5, 0, 5.1], undefined, "1,2.5,0,5.1"],
          [Families.LCD, "line16.ALL", ["a", "", "c".repeat(16), "d,e"], undefined, "a,,cccccccccccccccc,d,e"],
          [Families.DS1991, "subkey0/password.key", bytes(0x30, 0x31), undefined, "01"],
          [Families.HobbyBoards_EF, "humidity/location", "attic", { offset: 16 }, "attic"]
        ]
        for (const [family, property, value, options, sent] of cases) {
          yield* write(family, property, value, options)
          const request = server.requests.at(-1)
          assert.strictEqual(request?.text, `/${addressOf(family)}/${property}|${sent}`)
          assert.strictEqual(request?.offset, options?.offset ?? 0)
        }
        yield* write(Families.DS2438, "date", new Date("2026-01-02T03:04:05.400Z"))
        assert.strictEqual(server.requests.at(-1)?.text, "/26.000000000001/udate|1767323045")
        yield* write(Families.DS1921, "clock/date", new Date("2106-02-07T06:28:15Z"))
        assert.strictEqual(server.requests.at(-1)?.text, "/21.000000000001/clock/udate|4294967295")
        assert.strictEqual(server.requests.length, cases.length + 2)
      }))

    const loop: Array<unknown> = []
    loop.push(loop)

    const noPart = "is for texts and bytes: any other value is written as a whole"

    /** What is wrong with a value, and with the options where there are any. */
    type Refused = readonly [value: unknown, problem: string, options?: Device.WriteOptions]

    const refused: ReadonlyArray<readonly [Family.Family, Readonly<Record<string, ReadonlyArray<Refused>>>]> = [
      [Families.DS18B20, {
        "temphigh": [
          ["30", "value must be a number, not \"30\""],
          [Number.NaN, "value must be a number, not NaN"],
          [Infinity, "value must be a number, not Infinity"],
          [undefined, "value must be a number, not undefined"],
          [null, "value must be a number, not null"],
          [30n, "value must be a number, not a bigint"],
          [() => 30, "value must be a number, not a function"],
          [{}, "value must be a number, not an object"],
          [[30, "31"], "value must be a number, not [30, \"31\"]"],
          [loop, "value must be a number, not [an array of 1]"],
          [new Date(0), "value must be a number, not 1970-01-01T00:00:00.000Z"],
          [127.5, "value must be between -128 and 127, not 127.5"],
          [30, `offset ${noPart}`, { offset: 1 }]
        ],
        "tempres": [
          [9.5, "value must be a whole number, not 9.5"],
          [true, "value must be a whole number, not true"],
          [13, "value must be between 9 and 12, not 13"]
        ],
        "errata/trim": [[-1, "value must be between 0 and 65535, not -1"]],
        "errata/trimblanket": [
          [1, "value must be true or false, not 1"],
          ["on", "value must be true or false, not \"on\""]
        ],
        "alias": [
          [5, "value must be a string, not 5"],
          [bytes(1, 0xab), "value must be a string, not 2 bytes (01AB)"],
          ["a/b", "value must be an alias, by which a server finds a device again, not \"a/b\""],
          ["Alarmanlage", "value must be an alias, by which a server finds a device again, not \"Alarmanlage\""],
          [" a", "value must be an alias, by which a server finds a device again, not \" a\""],
          ["x".repeat(257), "value must not be longer than 256 bytes, not 257"],
          ["ü".repeat(129), "value must not be longer than 256 bytes, not 258"],
          ["\ud800", "value must be an alias, by which a server finds a device again, not \"\\ud800\""],
          ["x", `offset ${noPart}`, { offset: 1 }]
        ],
        "temperature": [[20, "property cannot be written"]],
        "temprature": [[20, "property is none of a DS18B20; did you mean temperature?"]],
        "PIO.0": [[true, "property is none of a DS18B20"]]
      }],
      [Families.DS2408, {
        "PIO": [[true, "property is none of a DS2408; did you mean PIO.ALL?"]],
        "PIO.0": [[1, "value must be true or false, not 1"]],
        "PIO.BYTE": [
          [256, "value must be between 0 and 255, not 256"],
          [-1, "value must be between 0 and 255, not -1"],
          [true, "value must be a whole number, not true"]
        ],
        "PIO.ALL": [
          [true, "value must be an array of 8 values, not true"],
          [129, "value must be an array of 8 values, not 129"],
          [[true, false], "value must be an array of 8 values, not [true, false]"],
          [Array.from({ length: 64 }), "value must be an array of 8 values, not an array of 64"],
          [[true, false, 1, true, true, true, true, true], "value at 2 must be true or false, not 1"]
        ],
        "LCD_H/message": [
          ["x".repeat(129), "value must not be longer than 128 bytes, not 129"],
          ["x", "verify is no use: the property cannot be read", { verify: true }]
        ]
      }],
      [Families.HobbyBoards_EF, {
        "humidity/location": [
          ["cellar", "value of 6 bytes does not fit behind 16 of 21", { offset: 16 }],
          ["Küche", "value of 6 bytes does not fit behind 16 of 21", { offset: 16 }]
        ]
      }],
      [Families.LCD, {
        "line16.ALL": [
          [["a,b", "c", "d", "e"], "value must not have a comma in any element but the last"],
          [["a", "b".repeat(17), "", ""], "value at 1 must not be longer than 16 bytes, not 17"],
          ["a,b,c,d", "value must be an array of 4 values, not \"a,b,c,d\""]
        ]
      }],
      [Families.DS2433, {
        "memory": [
          ["text", "value must be a Uint8Array, not \"text\""],
          [[1, 2], "value must be a Uint8Array, not [1, 2]"],
          [new Uint8Array(513), "value must not be longer than 512 bytes, not 513"],
          [bytes(1, 2, 3), "value of 3 bytes does not fit behind 510 of 512", { offset: 510 }],
          [bytes(1), "offset must be a whole number from 0 to 2147483647, not -1", { offset: -1 }],
          [bytes(1), "offset must be a whole number from 0 to 2147483647, not NaN", { offset: Number.NaN }]
        ],
        "pages/page.0": [[new Uint8Array(33), "value must not be longer than 32 bytes, not 33"]]
      }],
      [Families.DS2438, {
        "offset": [
          [-1, "value must be between 0 and 4294967295, not -1"],
          [2 ** 32, "value must be between 0 and 4294967295, not 4294967296"]
        ],
        "pages/page.ALL": [
          [
            Array.from({ length: 8 }, (_, at) => new Uint8Array(at === 3 ? 7 : 8)),
            "value at 3 must have 8 bytes, not 7"
          ],
          [
            Array.from({ length: 8 }, () => "12345678"),
            "value at 0 must be a Uint8Array, not \"12345678\""
          ],
          [new Uint8Array(64), "value must be an array of 8 values, not 64 bytes"]
        ],
        "date": [
          ["2026-01-02", "value must be a date, not \"2026-01-02\""],
          [1_767_323_045, "value must be a date, not 1767323045"],
          [new Date(Number.NaN), "value must be a date, not an invalid date"],
          [[new Date(0)], "value must be a date, not [1970-01-01T00:00:00.000Z]"],
          [
            new Date(-1000),
            "value must be from 1970 to 2106-02-07T06:28:15.000Z, not 1969-12-31T23:59:59.000Z"
          ]
        ],
        "disconnect/date": [[
          new Date(2 ** 32 * 1000),
          "value must be from 1970 to 2106-02-07T06:28:15.000Z, not 2106-02-07T06:28:16.000Z"
        ]]
      }],
      [Families.DS1921, {
        "mission/date": [[new Date(0), "property cannot be written"]],
        "overtemp/end.0": [[new Date(0), "property cannot be written"]]
      }]
    ]

    it.effect("nothing that makes no sense, and sends nothing", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({})
        for (const [family, properties] of refused) {
          const device = yield* make(untyped(family), addressOf(family))
          for (const [property, cases] of Object.entries(properties)) {
            for (const [value, problem, options] of cases) {
              // What is tried here a compiler would refuse.
              const error = yield* Effect.flip(device.write(property, value as Family.Value, options))
              assert.strictEqual(error.message, `write ${device.path}/${property}: ${problem}; nothing was sent`)
              assert.strictEqual(error._tag, "ArgumentError")
              assert.isFalse(error.isRetryable)
            }
          }
        }
        assert.deepStrictEqual(server.requests, [])
      }))

    it.effect("nothing beyond the range of the chip, in whatever scale", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({ [thermometer]: {} }, {
          flags: { temperatureScale: "F", pressureScale: "atm" }
        })
        const chip = yield* make(Families.DS18B20, thermometer)
        const monitor = yield* make(Families.DS2438, battery)
        const problem = (call: Effect.Effect<void, Device.Failure>) =>
          Effect.map(message(call), (text) => text.replace(/^.*: value (.*); nothing was sent$/, "$1"))
        const temphigh = (value: number, temperatureScale?: "C" | "K" | "R") =>
          problem(chip.write("temphigh", value, { flags: { temperatureScale } }))
        assert.deepStrictEqual(
          yield* Effect.all([
            temphigh(260.7),
            temphigh(-198.5),
            temphigh(127.1, "C"),
            temphigh(30, "K"),
            temphigh(720.3, "R")
          ]),
          [
            "must be between -198.4 and 260.6, not 260.7",
            "must be between -198.4 and 260.6, not -198.5",
            "must be between -128 and 127, not 127.1",
            "must be between 145.15 and 400.15, not 30",
            "must be between 261.27 and 720.27, not 720.3"
          ]
        )
        assert.strictEqual(
          yield* problem(monitor.write("B1-R1-A/gain", 0.0324)),
          "must be between -0.0323385 and 0.0323385, not 0.0324"
        )
        assert.deepStrictEqual(asked, [])
        yield* chip.write("temphigh", 86)
        assert.strictEqual(yield* chip.read("temphigh", { flags: { temperatureScale: "C" } }), 30)
      }))

    it.effect("nothing to a device that is gone", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({})
        const gone = yield* make(Families.DS18B20, "28.000028D70500")
        assert.strictEqual(yield* failure(gone.write("temphigh", 30, { verify: true })), "NotFound")
        assert.deepStrictEqual(asked, ["write /28.000028D70500/temphigh"])
      }))

    describe("and verifies", () => {
      it.effect("what took, with one more request", () =>
        Effect.gen(function*() {
          const { asked, make } = yield* serve({
            [thermometer]: { alias: "a longer name" },
            "23.000000000001": {},
            "EF.000000000001": { "humidity/location": "the old cellar" },
            [relay]: {},
            [converter]: {},
            [battery]: {}
          }, { flags: { temperatureScale: "F" } })
          const chip = yield* make(Families.DS18B20, thermometer)
          const verify = { verify: true } as const
          yield* chip.write("temphigh", 86.9, verify)
          yield* chip.write("templow", 0, verify)
          yield* chip.write("temphigh", 300, { ...verify, offset: 0, flags: { temperatureScale: "K" } })
          yield* chip.write("alias", "attic", verify)
          yield* chip.write("alias", "", verify)
          yield* chip.write("errata/trimblanket", true, verify)
          const switches = yield* make(Families.DS2408, relay)
          yield* switches.write("PIO.BYTE", 129, verify)
          yield* switches.write("PIO.ALL", [true, false, true, false, true, false, true, true], verify)
          const volts = yield* make(Families.DS2450, converter)
          yield* volts.write("set_alarm/volthigh.ALL", [1, 2, 1 / 3, 0], verify)
          const eeprom = yield* make(Families.DS2433, "23.000000000001")
          yield* eeprom.write("memory", bytes(1, 2, 3), verify)
          yield* eeprom.write("memory", bytes(4, 5), { ...verify, offset: 510 })
          yield* eeprom.write(
            "pages/page.ALL",
            Array.from({ length: 16 }, (_, at) => new Uint8Array(32).fill(at)),
            verify
          )
          const board = yield* make(Families.HobbyBoards_EF, "EF.000000000001")
          yield* board.write("humidity/location", "house", { ...verify, offset: 8 })
          assert.strictEqual(yield* board.read("humidity/location"), "the old house")
          const monitor = yield* make(Families.DS2438, battery)
          yield* monitor.write("disconnect/date", new Date("2026-01-02T03:04:05.499Z"), verify)
          assert.deepStrictEqual(asked.slice(-2), [
            `write /${battery}/disconnect/udate`,
            `read /${battery}/disconnect/udate`
          ])
          assert.strictEqual(asked.length, 2 * 14 + 1)
        }))

      it.effect("that nothing of nothing was written", () =>
        Effect.gen(function*() {
          const { asked, make } = yield* serve({ "23.000000000001": {} })
          const eeprom = yield* make(Families.DS2433, "23.000000000001")
          yield* eeprom.write("memory", new Uint8Array(0), { verify: true })
          assert.deepStrictEqual(asked, ["write /23.000000000001/memory"])
        }))

      it.effect("past the server's cache, and with the call's own flags", () =>
        Effect.gen(function*() {
          const { make, server } = yield* answering({ [`/${thermometer}/temphigh`]: "300" })
          const device = yield* make(Families.DS18B20, thermometer)
          yield* device.write("temphigh", 300, { verify: true, flags: { temperatureScale: "K", uncached: false } })
          assert.deepStrictEqual(
            server.requests.map(({ flags, type }) => [type, flags & 0x30020]),
            [[MessageType.Write, 0x20000], [MessageType.Read, 0x20020]]
          )
        }))

      it.effect("what did not take: that is no error to try again", () =>
        Effect.gen(function*() {
          const { asked, make } = yield* serve({
            [thermometer]: { templow: () => 5, temphigh: SimulatedNetwork.refuse(-5), "errata/trim": () => 65_535 },
            [relay]: { "PIO.BYTE": () => 128 },
            [battery]: { "endcharge/udate": () => 1_767_323_046 },
            "23.000000000001": { memory: () => bytes(9, 9) }
          })
          const chip = yield* make(Families.DS18B20, thermometer)
          const switches = yield* make(Families.DS2408, relay)
          const monitor = yield* make(Families.DS2438, battery)
          const eeprom = yield* make(Families.DS2433, "23.000000000001")
          const verify = { verify: true } as const
          const problems = yield* Effect.forEach([
            chip.write("templow", 9, verify),
            chip.write("templow", 5.01, verify),
            chip.write("errata/trim", 65_534, verify),
            chip.write("temphigh", 30, verify),
            switches.write("PIO.ALL", [true, false, false, false, false, false, false, true], verify),
            switches.write("PIO.BYTE", 127, verify),
            monitor.write("endcharge/udate", 1_767_323_045, verify),
            eeprom.write("memory", bytes(9, 8), verify),
            eeprom.write("memory", new Uint8Array(512), verify)
          ], (call) =>
            Effect.map(Effect.flip(call), (error) => {
              assert.strictEqual(reason(error), "NotVerified")
              assert.isFalse(error.isRetryable)
              return error.message.replace(/^write (\S+) at simulated:4304: /, "")
            }))
          assert.deepStrictEqual(problems, [
            "wrote 9, and read back 5",
            "wrote 5.01, and read back 5",
            "wrote 65534, and read back 65535",
            `wrote 30, and could not read it back: read /${thermometer}/temphigh at simulated:4304: refused with -5 EIO: ` +
            "the bus or its master did not do what was asked; try again",
            "wrote [true, false, false, false, false, false, false, true], and read back " +
            "[false, false, false, false, false, false, false, true]",
            "wrote 127, and read back 128",
            "wrote 1767323045, and read back 1767323046",
            "wrote 2 bytes (0908), and read back 2 bytes (0909)",
            "wrote 512 bytes, and read back 512 bytes"
          ])
          assert.strictEqual(asked.length, 2 * problems.length)
        }))

      it.effect("a clock that has run on, but none that stands elsewhere", () =>
        Effect.gen(function*() {
          const set = new Date("2026-01-02T03:04:05Z")
          const { make } = yield* serve({ [battery]: { udate: (seconds) => 1_767_323_045 + seconds } })
          const monitor = yield* make(Families.DS2438, battery)
          const verify = (date: Date) => Effect.exit(monitor.write("date", date, { verify: true }))
          assert.isTrue(Exit.isSuccess(yield* verify(set)))
          assert.isTrue(Exit.isFailure(yield* verify(new Date(set.getTime() + 1000))))
          yield* TestClock.adjust("60 seconds")
          assert.isTrue(Exit.isSuccess(yield* verify(set)))
          yield* monitor.write("udate", 1_767_323_045, { verify: true })
          yield* TestClock.adjust("1 second")
          assert.isTrue(Exit.isFailure(yield* verify(set)))
          assert.strictEqual(
            yield* message(monitor.write("date", set, { verify: true })),
            `write /${battery}/date at simulated:4304: wrote 2026-01-02T03:04:05.000Z, and read back 2026-01-02T03:05:06.000Z`
          )
        }))
    })
  })

  describe("gives a reading", () => {
    it.effect("with its device, its name, its time and its verdict", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({ [thermometer]: { temperature: 21.5 }, [relay]: { "PIO.BYTE": 5 } })
        yield* TestClock.adjust("1 minute")
        const device = yield* make(Families.DS18B20, thermometer)
        const switches = yield* make(Families.DS2408, relay)
        const reading = yield* device.reading("temperature")
        assert.strictEqual(reading.device, device)
        assert.deepStrictEqual({ ...reading, device: undefined }, {
          _tag: "Reading",
          device: undefined,
          property: "temperature",
          value: 21.5,
          unit: "°C",
          at: new Date(60_000),
          verdict: { _tag: "Plausible" }
        })
        const property = switches.property("PIO.ALL")
        assert.deepStrictEqual([property.device, property.name], [switches, "PIO.ALL"])
        yield* TestClock.adjust("1 minute")
        const again = yield* property.reading()
        assert.deepStrictEqual([again.property, again.at, again.unit], ["PIO.ALL", new Date(120_000), undefined])
        assert.deepStrictEqual(again.value.slice(0, 3), [true, false, true])
      }))

    it.effect("of the time when the answer came", () =>
      Effect.gen(function*() {
        const network = yield* SimulatedNetwork.make({ [thermometer]: { temperature: 21.5 } }, { conversions: "real" })
        const { make } = yield* serve(network)
        const device = yield* make(Families.DS18B20, thermometer)
        const fiber = yield* Effect.forkChild(device.reading("temperature"))
        yield* TestClock.adjust("10 seconds")
        const { at } = yield* Fiber.join(fiber)
        assert.isAtLeast(at.getTime(), 750)
        assert.isBelow(at.getTime(), 10_000)
      }))

    it.effect("whose verdict knows the scale", () =>
      Effect.gen(function*() {
        const description = {
          [thermometer]: { temperature: SimulatedNetwork.script([["0 seconds", 85], ["1 second", 130]]) }
        }
        const read = (client: "C" | "F" | "K" | "R", call?: "C" | "F" | "K" | "R") =>
          Effect.gen(function*() {
            const { make } = yield* serve(description, { flags: { temperatureScale: client } })
            const device = yield* make(Families.DS18B20, thermometer)
            const flags = { temperatureScale: call }
            const first = yield* device.reading("temperature", { flags })
            yield* TestClock.adjust("1 second")
            const second = yield* device.reading("temperature", { flags })
            const limits = second.verdict._tag === "OutOfRange" ? [second.verdict.least, second.verdict.most] : []
            return [first.value, first.verdict._tag, second.value, ...limits]
          })
        assert.deepStrictEqual(yield* read("C"), [85, "PowerOn", 130, -55, 125])
        assert.deepStrictEqual(yield* read("F"), [185, "PowerOn", 266, -67, 257])
        assert.deepStrictEqual(yield* read("K"), [358.15, "PowerOn", 403.15, 218.15, 398.15])
        assert.deepStrictEqual(yield* read("C", "R"), [644.67, "PowerOn", 725.67, 392.67, 716.67])
        assert.deepStrictEqual(yield* read("R", "C"), yield* read("C"))
      }))

    it.effect("with its unit, in the scales of the client or of the call", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({
          [thermometer]: { tempres: 12 },
          [battery]: { "B1-R1-A/pressure": 1000, humidity: 45.2, temperature: 20, VAD: 4.98 },
          [converter]: { "volt.B": 2.5, "CO2/ppm": 350 },
          [logger]: {}
        }, { flags: { temperatureScale: "F", pressureScale: "psi" } })
        const unit = (family: Family.Family, address: string, name: string, options?: Device.ReadingOptions) =>
          make(untyped(family), address).pipe(
            Effect.flatMap((device) => device.reading(name, options)),
            Effect.map(({ unit }) => unit)
          )
        const kelvin = { flags: { temperatureScale: "K", pressureScale: "inHg" } } as const
        const read = (options?: Device.ReadingOptions) =>
          Effect.all([
            unit(Families.DS2438, battery, "temperature", options),
            unit(Families.DS2438, battery, "B1-R1-A/pressure", options),
            unit(Families.DS2438, battery, "B1-R1-A/gain", options),
            unit(Families.DS2438, battery, "humidity", options),
            unit(Families.DS2438, battery, "VAD", options),
            unit(Families.DS2438, battery, "date", options),
            unit(Families.DS2450, converter, "volt.B", options),
            unit(Families.DS2450, converter, "volt.ALL", options),
            unit(Families.DS2450, converter, "PIO.ALL", options),
            unit(Families.DS1921, logger, "log/temperature.7", options),
            unit(Families.DS18B20, thermometer, "tempres", options)
          ])
        const own = ["%RH", "V", undefined, "V", "V", undefined] as const
        assert.deepStrictEqual(yield* read(), ["°F", "psi", undefined, ...own, "°F", "bit"])
        assert.deepStrictEqual(yield* read(kelvin), ["K", "inHg", undefined, ...own, "K", "bit"])
        assert.deepStrictEqual(
          yield* read({ flags: { temperatureScale: "R" } }),
          ["°R", "psi", undefined, ...own, "°R", "bit"]
        )
        assert.deepStrictEqual(
          yield* read({ implausible: "readAgain", flags: { pressureScale: "Pa" } }),
          ["°F", "Pa", undefined, ...own, "°F", "bit"]
        )
      }))

    it.effect("with the unit of its scale, if its family is not known", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({ [battery]: { temperature: 20, VAD: 4.98, "B1-R1-A/pressure": 1000 } })
        const device = yield* make(Family.unknown, battery)
        const units = Effect.forEach(
          ["temperature", "B1-R1-A/pressure", "VAD"],
          (name) => Effect.map(device.reading(name, { flags: { temperatureScale: "K" } }), ({ unit }) => unit)
        )
        assert.deepStrictEqual(yield* units, ["K", "mbar", undefined])
        assert.isTrue(Device.is(Families.DS2438)(device))
        assert.deepStrictEqual(yield* units, ["K", "mbar", "V"])
      }))

    const path = `/${thermometer}/temperature`

    it.effect("however implausible it is, by default", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["85", "-127", "-0.0625", "NAN", "21.5"] })
        const device = yield* make(Families.DS18B20, thermometer)
        const keep = { implausible: "keep" } as const
        const readings = yield* Effect.forEach([undefined, keep, undefined, keep, keep], (options) =>
          device.reading("temperature", options))
        assert.deepStrictEqual(
          readings.map(({ value, verdict }) => [value, verdict._tag]),
          [[85, "PowerOn"], [-127, "Disconnected"], [-0.0625, "NoAnswer"], [Number.NaN, "OutOfRange"], [
            21.5,
            "Plausible"
          ]]
        )
        assert.strictEqual(server.requests.length, 5)
      }))

    it.effect("or an error instead", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["85", "-127", "-0.0625", "130", "NAN", "21.5"] })
        const device = yield* make(Families.DS18B20, thermometer)
        const reject = device.reading("temperature", { implausible: "reject" })
        const problems = yield* Effect.replicateEffect(Effect.flip(reject), 5)
        assert.deepStrictEqual(
          problems.map(({ message }) => message.replace(`read ${path} at scripted:4304: `, "")),
          [
            "85 is implausible: 85 °C is what a thermometer says until it has measured: look at its power",
            "-127 is implausible: -127 °C is what an adapter says of a device that does not answer: look at its wires",
            "-0.0625 is implausible: it is what a bus gives on which nobody answers, unless it freezes: look at the wires",
            "130 is implausible: the chip measures from -55 to 125",
            "NaN is implausible: the chip measures from -55 to 125"
          ]
        )
        for (const error of problems) assert.deepStrictEqual([reason(error), error.isRetryable], ["Implausible", true])
        assert.strictEqual((yield* reject).value, 21.5)
        assert.strictEqual(server.requests.length, 6)
      }))

    it.effect("of an array, if each of its values is plausible", () =>
      Effect.gen(function*() {
        const volts = `/${converter}/volt.ALL`
        const { make } = yield* answering({ [volts]: ["1,2,3,4", "1,2,30,4", "1,NAN,3,4"] })
        const device = yield* make(Families.DS2450, converter)
        const reject = device.reading("volt.ALL", { implausible: "reject" })
        assert.deepStrictEqual((yield* reject).value, [1, 2, 3, 4])
        assert.strictEqual(
          yield* message(reject),
          `read ${volts} at scripted:4304: [1, 2, 30, 4] is implausible: the chip measures from 0 to 5.12`
        )
        assert.strictEqual(yield* failure(reject), "Implausible")
      }))

    it.effect("that was read again past the cache, until it was plausible", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["85", "-127", "21.5", "22", "85", "85", "85", "85"] })
        const device = yield* make(Families.DS18B20, thermometer)
        const again = Effect.map(
          device.reading("temperature", { implausible: "readAgain", flags: { temperatureScale: "C" } }),
          ({ value, verdict }) => [value, verdict._tag]
        )
        const isUncached = () => server.requests.map(({ flags }) => (flags & 0x20) !== 0)
        assert.deepStrictEqual(yield* again, [21.5, "Plausible"])
        assert.deepStrictEqual(isUncached(), [false, true, true])
        assert.deepStrictEqual(yield* again, [22, "Plausible"])
        assert.deepStrictEqual(isUncached().slice(3), [false])
        assert.deepStrictEqual(yield* again, [85, "PowerOn"])
        assert.deepStrictEqual(isUncached().slice(4), [false, true, true])
      }))

    it.effect("or the error of reading again", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["85", -5, "21.5"] })
        const device = yield* make(Families.DS18B20, thermometer)
        assert.strictEqual(yield* failure(device.reading("temperature", { implausible: "readAgain" })), "BusFault")
        assert.strictEqual(server.requests.filter(({ text }) => text === `${path}|`).length, 2)
      }))

    it.effect("that may not jump further from the one before than was wanted", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({ [path]: ["20", "25", "25.1", "14.9", "26", "26", "21"] })
        const device = yield* make(Families.DS18B20, thermometer)
        const jump = { maxJump: 5, previous: 20 } as const
        const verdict = (options: Device.ReadingOptions) =>
          Effect.map(device.reading("temperature", options), ({ verdict }) => verdict)
        assert.deepStrictEqual(yield* verdict({ maxJump: 5 }), { _tag: "Plausible" })
        assert.deepStrictEqual(yield* verdict(jump), { _tag: "Plausible" })
        assert.deepStrictEqual(yield* verdict(jump), { _tag: "Jump", from: 20 })
        assert.deepStrictEqual(yield* verdict(jump), { _tag: "Jump", from: 20 })
        assert.strictEqual(
          yield* message(verdict({ ...jump, implausible: "reject" })),
          `read ${path} at scripted:4304: 26 is implausible: it was 20 just before`
        )
        assert.deepStrictEqual(yield* verdict({ ...jump, implausible: "readAgain" }), { _tag: "Plausible" })
        assert.strictEqual(server.requests.length, 7)
      }))
  })

  describe("of a family that nobody knows", () => {
    const stranger = "99.000099660100"
    const structure = "/structure/99"

    it.effect("has what every device has, without asking for its type", () =>
      Effect.gen(function*() {
        const { asked, make } = yield* serve({ [stranger]: {} })
        const device = yield* make(Family.unknown, stranger)
        assert.deepStrictEqual(
          yield* Effect.all([device.read("address"), device.read("family"), device.read("crc8")]),
          [device.id, "99", device.id.slice(14)]
        )
        assert.deepStrictEqual(asked, [
          `read /${stranger}/address`,
          `read /${stranger}/family`,
          `read /${stranger}/crc8`
        ])
        assert.strictEqual(
          yield* message(device.read("temperature")),
          `read /${stranger}/temperature: property is none of a device of family 99; nothing was sent`
        )
        assert.strictEqual(yield* failure(device.write("alias", "x")), "ArgumentError")
        assert.strictEqual(yield* failure(device.write("address", "x")), "ArgumentError")
      }))

    it.effect("has the types that the server says, and is asked for each once", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({
          [`${structure}/speed`]: "f,000000,000001,rw,000012,v,",
          [`${structure}/PIO.ALL`]: "y,-000001,000003,rw,000005,v,",
          [`${structure}/PIO.BYTE`]: "y,-000002,000003,rw,000012,v,",
          [`${structure}/set/date`]: "d,000000,000001,ro,000024,v,",
          [`${structure}/set/udate`]: "u,000000,000001,ro,000012,v,",
          [`${structure}/key.one`]: "b,000000,-000001,ro,000008,s,",
          [`/${stranger}/speed`]: "        12.5",
          [`/${stranger}/PIO.ALL`]: "1,0,1",
          [`/${stranger}/PIO.BYTE`]: "5",
          [`/${stranger}/set/udate`]: "1767323045",
          [`/${stranger}/key.one`]: Uint8Array.of(1, 2)
        })
        const device = yield* make(Family.unknown, stranger)
        const speed = device.read("speed")
        assert.strictEqual(yield* speed, 12.5)
        assert.strictEqual(yield* speed, 12.5)
        assert.strictEqual(yield* Effect.map(device.reading("speed"), ({ value }) => value), 12.5)
        assert.deepStrictEqual(yield* device.read("PIO.ALL"), [true, false, true])
        assert.strictEqual(yield* device.read("PIO.BYTE"), 5)
        yield* device.write("PIO.BYTE", 7)
        assert.strictEqual(
          yield* message(device.write("PIO.BYTE", 8)),
          `write /${stranger}/PIO.BYTE: value must be between 0 and 7, not 8; nothing was sent`
        )
        assert.deepStrictEqual(yield* device.read("set/date"), new Date("2026-01-02T03:04:05Z"))
        assert.deepStrictEqual(yield* device.read("set/date"), new Date("2026-01-02T03:04:05Z"))
        // Whoever has the same client is told, too.
        const same = yield* make(Family.unknown, "99.000000000007")
        assert.strictEqual((yield* same.describe("speed")).record.kind, "f")
        assert.deepStrictEqual(
          server.requests.map(({ text }) => text.slice(0, -1)).filter((path) => path.startsWith("/structure")),
          ["speed", "PIO.ALL", "PIO.BYTE", "set/date", "set/udate"].map((name) => `${structure}/${name}`)
        )
        assert.strictEqual(
          yield* message(device.read("sped")),
          `read /${stranger}/sped: property is none of a device of family 99; did you mean speed?; nothing was sent`
        )
      }))

    it.effect("does not remember the names of an array that has any", () =>
      Effect.gen(function*() {
        const { make, server } = yield* answering({
          [`${structure}/key.one`]: "b,000000,-000001,ro,000008,s,",
          [`/${stranger}/key.one`]: "1"
        })
        const device = yield* make(Family.unknown, stranger)
        yield* device.read("key.one")
        yield* device.read("key.one")
        assert.strictEqual(server.requests.length, 4)
      }))

    it.effect("is judged by what is known of its kind", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({ [thermometer]: { temperature: 85, latesttemp: -127, temperature9: 400 } })
        const device = yield* make(Family.unknown, thermometer)
        const verdict = (name: string) => Effect.map(device.reading(name), ({ verdict }) => verdict._tag)
        assert.deepStrictEqual(
          yield* Effect.forEach(["temperature", "latesttemp", "temperature9"], verdict),
          ["PowerOn", "Disconnected", "Plausible"]
        )
      }))

    for (
      const garbage of [
        "",
        "temperature",
        "?,000000,000001,ro,000012,v,",
        "f,000000,000001,ro,000012,v",
        "f;0;1;ro;12;v;",
        "\0\0\0",
        "f,000000,000001,ro,000012,v,\n<html>"
      ]
    ) {
      it.effect(`says so where a type is ${JSON.stringify(garbage)}`, () =>
        Effect.gen(function*() {
          const { make, server } = yield* answering({
            [`${structure}/speed`]: [garbage, garbage, "f,000000,000001,ro,000012,v,"],
            [`/${stranger}/speed`]: "12.5"
          })
          const device = yield* make(Family.unknown, stranger)
          const speed = device.read("speed")
          const error = yield* Effect.flip(speed)
          assert.strictEqual(reason(error), "Malformed")
          assert.strictEqual(
            error.message,
            `read ${structure}/speed at scripted:4304: ${JSON.stringify(garbage)} is no type record`
          )
          assert.strictEqual(yield* failure(device.write("speed", 1)), "Malformed")
          assert.strictEqual(yield* speed, 12.5)
          assert.strictEqual(server.requests.length, 4)
        }))
    }

    it.effect("takes a record that makes no sense for what it says", () =>
      Effect.gen(function*() {
        const records: Readonly<Record<string, string>> = {
          none: "f,-000001,000000,rw,000012,v,",
          less: "b,-000001,-000001,rw,000012,v,",
          many: "b,-000001,999999999999,rw,000000,v,",
          short: "b,-000001,000005,rw,000012,v,",
          negative: "a,000000,000001,rw,-000005,v,",
          bits: "y,-000002,-000003,rw,000012,v,"
        }
        const { make } = yield* answering(Object.fromEntries(
          Object.entries(records).flatMap(([name, record]) => [
            [`${structure}/${name}`, record],
            [`/${stranger}/${name}`, "123456789012"]
          ])
        ))
        const device = yield* make(Family.unknown, stranger)
        for (const name of Object.keys(records)) {
          const calls: ReadonlyArray<Effect.Effect<unknown, Device.Failure>> = [
            device.read(name),
            device.write(name, 1),
            device.write(name, [new Uint8Array(3)])
          ]
          for (const call of calls) {
            const exit = yield* Effect.exit(call)
            assert.isTrue(Exit.isSuccess(exit) || Option.isSome(Exit.findErrorOption(exit)), name)
          }
        }
      }))

    it.effect("fails with what kept the server from saying a type", () =>
      Effect.gen(function*() {
        const { make } = yield* answering({ [`${structure}/speed`]: [-5], [`${structure}/errata`]: -21 })
        const device = yield* make(Family.unknown, stranger)
        assert.strictEqual(yield* failure(device.read("speed")), "BusFault")
        assert.strictEqual(yield* failure(device.read("errata")), "ArgumentError")
        assert.strictEqual(yield* failure(device.read("\0")), "ArgumentError")
      }))

    it.effect("asks for a type within the time of the call", () =>
      Effect.gen(function*() {
        const server = yield* scripted.make((peer) => Effect.andThen(peer.receive, Effect.never))
        const { make } = from(yield* scripted.client(server, { silenceTimeout: "1 hour" }))
        const device = yield* make(Family.unknown, stranger)
        const fiber = yield* Effect.forkChild(Effect.flip(device.read("speed", { timeout: "2 seconds" })))
        yield* scripted.pass("2 seconds")
        const error = yield* Fiber.join(fiber)
        assert.strictEqual(error._tag, "OwnetTimeout")
        assert.include(error.message, `read ${structure}/speed`)
      }))
  })
})
