import { Device, Discovery, Family, OwClient, OwError, Place, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as Families from "@effect-ownet/core/families"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Result } from "effect"
import { inspect } from "node:util"
import { deviceAt } from "../../src/device/internal/device.ts"
import { battery, failure, message, reason, relay, serve, thermometer, untyped } from "../fixtures/devices.ts"

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
          "28-0001d7280000",
          "D50001D728000028",
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
          "\"/\" is not a ROM id or a path of a device",
          "\"boiler\" has no ROM id; an alias is looked up by Device.find",
          "\"/boiler\" has no ROM id; an alias is looked up by Device.find",
          "29.000029D60000 is of family 29, and a DS18B20 of 28",
          "\"28.000028D70100.D6\" has a wrong CRC in 28.000028D70100.D6; with the right one it is 28.000028D70100.D5",
          "\"28.000028D7010\" has no ROM id; an alias is looked up by Device.find",
          "\"28-0001d7280000\" has no ROM id; read backwards it is 28.000028D70100",
          "\"D50001D728000028\" has a wrong CRC in D50001D728000028; read backwards it is 28.000028D70100",
          "\"/28.000028D70100/temperature\" is not a ROM id or a path of a device",
          "\"//28.000028D70100\" has nothing between two slashes",
          "\"/28.000028D70100\\u0000\" contains NUL",
          "\"/settings/units/temperature_scale\" is not a ROM id or a path of a device",
          "\"/bus.0\" is not a ROM id or a path of a device",
          "\"/29.000029D60000/main/28.000028D70100\" has main after 29.000029D60000; " +
          "only couplers have branches: family 1F main and aux, family 12 aux"
        ])
        assert.strictEqual(
          yield* message(make(Families.DS2438, thermometer)),
          "Device.make: address 28.000028D70100 is of family 28, and a DS2438 of 26 or A6; nothing was sent"
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
        assert.deepStrictEqual(asked, [`read ${path}/temperature`, `romId ${path}`])
        const elsewhere = yield* make(Families.DS18B20, `/bus.0/${thermometer}`)
        assert.strictEqual(yield* failure(elsewhere.read("temperature")), "NotFound")
        assert.isFalse(yield* elsewhere.present())
      }))
  })

  describe("makeUnsafe", () => {
    it.effect("gives the device that make gives, and asks nobody", () =>
      Effect.gen(function*() {
        const { asked, make, ow } = yield* serve({ [thermometer]: { temperature: 21 } })
        const device = Device.makeUnsafe(Families.DS18B20, `/bus.0/${thermometer}`, ow)
        const same = yield* make(Families.DS18B20, `/bus.0/${thermometer}`)
        assert.deepStrictEqual(describeAll([device]), describeAll([same]))
        assert.deepStrictEqual(asked, [])
        assert.strictEqual(yield* device.read("temperature"), 21)
      }))

    it.effect("throws what make fails with, when it is called", () =>
      Effect.gen(function*() {
        const { ow } = yield* serve({})
        const thrown = (address: string) =>
          Result.getOrThrow(Result.flip(Result.try(() => Device.makeUnsafe(Families.DS18B20, address, ow))))
        for (const address of ["", "boiler", relay, "28.000028D70100.D6", `/${thermometer}/temperature`]) {
          assert.instanceOf(thrown(address), OwError.ArgumentError, address)
        }
        assert.strictEqual(
          String((thrown(relay) as OwError.ArgumentError).message),
          "Device.makeUnsafe: address 29.000029D60000 is of family 29, and a DS18B20 of 28; nothing was sent"
        )
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
        assert.deepStrictEqual(asked, ["romId /kitchen", `read /${thermometer}/alias`])
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
          "romId /cellar at simulated:4304: refused with -1 EPERM: no device has the alias \"cellar\", or it does not " +
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
          "romId \"/kit\\nchen\" at simulated:4304: leads to 29.000029D60000, a device of family 29, not to a DS18B20"
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

    it.effect("of what was found with a catalogue has the ranges of its family, and saves questions", () =>
      Effect.gen(function*() {
        const { asked, ow } = yield* serve({ [thermometer]: { temperature: 150 } })
        const search = Discovery.devices({ catalogue: Catalogue.of })
        const [device] = (yield* Effect.provideService(search, OwClient.OwClient, ow)).devices
        asked.length = 0
        assert.isTrue(Device.is(Family.unknown)(device))
        if (!Device.is(Families.DS18B20)(device)) return assert.fail("no DS18B20")
        assert.strictEqual((yield* device.reading("temperature")).verdict._tag, "OutOfRange")
        assert.strictEqual((yield* Effect.flip(device.write("temphigh", 200)))._tag, "ArgumentError")
        assert.deepStrictEqual(asked, [`read /${thermometer}/temperature`])
      }))

    it.effect("teaches no device its family", () =>
      Effect.gen(function*() {
        const { make } = yield* serve({ [thermometer]: { temperature: 150 } })
        const device: Device.AnyDevice = yield* make(Family.unknown, thermometer)
        if (!Device.is(Families.DS18B20)(device)) return assert.fail("no DS18B20")
        assert.isUndefined(device.family)
        assert.strictEqual((yield* device.reading("temperature")).verdict._tag, "Plausible")
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

  it.effect("names no property that is close to what is as long as a book", () =>
    Effect.gen(function*() {
      const { make } = yield* serve({})
      const device = yield* make(untyped(Families.DS2408), relay)
      // To look at each pair of places in it takes minutes.
      for (const part of ["/", ".", "a/", "date.", "x"]) {
        const name = `${part.repeat(1_000_000)}/`
        const { message } = yield* Effect.flip(device.describe(name))
        assert.include(message, "property is not one of a DS2408; nothing was sent")
      }
    }))

  describe("lists its properties", () => {
    /** A device of a server that lists this in each directory. */
    const listing = (list: (path: string) => ReadonlyArray<string>) =>
      Effect.map(serve({}), ({ ow }) => {
        const asked: Array<string> = []
        const client = (ow: OwClient.Client): OwClient.Client => ({
          ...ow,
          dir: (path = "/") =>
            Effect.sync(() => {
              asked.push(path)
              return list(path).map((name) => `${path}/${name}`)
            }),
          with: (options) => client(ow.with(options))
        })
        return {
          asked,
          device: deviceAt(Families.DS18B20, {
            id: RomId.fromStringUnsafe(thermometer),
            path: `/${thermometer}`,
            place: Place.server,
            name: thermometer,
            ow: client(ow)
          })
        }
      })

    it.effect("whatever is in their names", () =>
      Effect.gen(function*() {
        const { device } = yield* listing((path) =>
          path.endsWith("errata") ? ["a", "b.0"] : ["errata/", "x y", "main/", "z"]
        )
        assert.deepStrictEqual(yield* device.names(), ["errata/a", "errata/b.0", "x y", "z"])
        // To look at each pair of places in it takes minutes.
        const name = "x".repeat(1_000_000)
        const { device: long } = yield* listing((path) => path.endsWith(name) ? ["z"] : [`${name}/`])
        assert.deepStrictEqual(yield* long.names(), [`${name}/z`])
      }))

    it.effect("unless the server has no end of directories", () =>
      Effect.gen(function*() {
        for (const names of [["a/"], ["a/", "b/"], Array.from({ length: 100 }, (_, index) => `${index}/`)]) {
          const { asked, device } = yield* listing(() => names)
          const error = yield* Effect.flip(device.names())
          assert.include(error.message, "refused with -40 ELOOP: no device has so many nested directories")
          assert.isAtMost(asked.length, 500)
        }
      }))
  })

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
          text.replace(`read /${relay}/${name}: property is not one of a DS2408`, "").replace("; nothing was sent", ""))
      assert.deepStrictEqual(
        yield* Effect.forEach(
          [
            "pio.3",
            "sensd.BYTE",
            "PIO",
            "PIO.8",
            "sensed.A",
            "Sensed.BYTES",
            "pio.ALL",
            "pwer",
            "power.0",
            "LCD_H/mesage",
            "",
            "temperature"
          ],
          problem
        ),
        [
          "; did you mean PIO.3?",
          "; did you mean sensed.BYTE?",
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
})
