/**
 * Finding devices, following aliases and explaining paths, on the real server and on the simulated one.
 */
import { Aliases, Device, Diagnosis, Discovery, OwClient, Place } from "@effect-ownet/core"
import { DS18B20 } from "@effect-ownet/core/families"
import { NodeOwClient } from "@effect-ownet/node"
import { assert, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import * as owserver from "./fixtures/owserver.ts"
import { reason } from "./fixtures/owserver.ts"

const first = ["28.000028D70100", "1F.00001FE00400", "26.000026D90000"]
const second = ["10.000010EF0200", "99.000099660000"]
const mock = (ids: ReadonlyArray<string>) => `--mock=${ids.join()}`

const placesOf = (devices: ReadonlyArray<Device.AnyDevice>) =>
  devices.map(({ bus, name, path }) => path === `/${name}` ? `${bus}${path}` : `${bus}${path} ${name}`)

/** The device at a name. A `DeviceError` is a defect here. */
const find = (name: string) => Effect.catchTag(Device.find(DS18B20, name), "DeviceError", (error) => Effect.die(error))

const found = Effect.map(Discovery.devices(), ({ buses, devices, failures }) => ({
  buses,
  devices: placesOf(devices),
  failures: failures.map(({ error, place }) => [Place.toPath(place), reason(error)])
}))

const clientOf = (server: { readonly host: string; readonly port: number }) =>
  owserver.client(NodeOwClient.layer({ host: server.host, port: server.port }))

for (const backend of owserver.everyBackend) {
  backend.describe(`discovery on ${backend.name}`, () => {
    // The kernel does not show the devices behind a coupler.
    const behind = backend === owserver.kernel
      ? ["/bus.0/1F.00001FE00400/main", "/bus.0/1F.00001FE00400/aux"].map((place) => [place, "NotFound"])
      : []

    /** A server of two buses, with a coupler, and a client of it. */
    const serve = Effect.flatMap(backend.start([mock(first), mock(second)]), clientOf)

    const onServer = <A, E, R>(body: (ow: OwClient.Client) => Effect.Effect<A, E, R>) =>
      Effect.flatMap(serve, (ow) => Effect.provideService(body(ow), OwClient.OwClient, ow))

    it.live("takes no name for an alias that was taken away", () =>
      onServer((ow) =>
        Effect.gen(function*() {
          yield* ow.write("/28.000028D70100/alias", "boiler")
          assert.strictEqual((yield* Device.find(DS18B20, "boiler")).id, "28000028D70100D5")
          yield* ow.write("/28.000028D70100/alias", "")
          for (const name of ["qwerty", "boilr"]) {
            assert.strictEqual(reason(yield* Effect.flip(find(name))), "NotFound")
            assert.strictEqual((yield* Diagnosis.diagnose(`/${name}/temperatur`))._tag, "UnknownAlias")
          }
        })
      ))

    it.live("finds each device once, whatever couplers list", () =>
      onServer(() =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* found, {
            buses: ["bus.0", "bus.1"],
            devices: [
              "bus.0/1F.00001FE00400",
              "bus.0/26.000026D90000",
              "bus.0/28.000028D70100",
              "bus.1/10.000010EF0200",
              "bus.1/99.000099660000"
            ],
            failures: behind
          })
          const { devices } = yield* Discovery.devices({ bus: "bus.1", flags: { uncached: true } })
          assert.deepStrictEqual(placesOf(devices), ["bus.1/10.000010EF0200", "bus.1/99.000099660000"])
          for (const device of devices) assert.isTrue(yield* device.present())
          assert.strictEqual(reason(yield* Effect.flip(Discovery.devices({ bus: "bus.2" }))), "NotFound")
        })
      ))

    it.live("knows devices by their ROM ids, whatever they are called", () =>
      onServer((ow) =>
        Effect.gen(function*() {
          const name = (id: string, alias: string) => ow.write(`/${id}/alias`, alias)
          const named = Effect.map(found, ({ devices, failures }) => {
            assert.deepStrictEqual(failures.map(([, reason]) => reason), behind.map(([, reason]) => reason))
            assert.strictEqual(devices.length, 5)
            return devices.filter((device) => device.includes(" "))
          })
          yield* name("28.000028D70100", "kitchen")
          yield* name("10.000010EF0200", "Alarmanlage")
          yield* name("1F.00001FE00400", "hub, upstairs")
          assert.deepStrictEqual(yield* named, [
            "bus.0/1F.00001FE00400 hub, upstairs",
            "bus.0/28.000028D70100 kitchen",
            "bus.1/10.000010EF0200 Alarmanlage"
          ])
          // This swaps the two names.
          yield* name("28.000028D70100", "bath")
          yield* name("10.000010EF0200", "kitchen")
          yield* name("1F.00001FE00400", "")
          assert.deepStrictEqual(yield* named, ["bus.0/28.000028D70100 bath", "bus.1/10.000010EF0200 kitchen"])
          // The real server loses track of names that come and go repeatedly.
          for (const alias of ["kitchen", "bath", "", "kitchen"]) {
            for (const id of ["28.000028D70100", "26.000026D90000", "10.000010EF0200"]) {
              yield* name(id, alias)
              yield* named
            }
          }
          const last = yield* named
          assert.include(last, "bus.1/10.000010EF0200 kitchen")
          // The server may have left an alias with a device that it took it from. Then both devices report it.
          for (const device of last) {
            const [path, alias] = device.split(" ")
            assert.strictEqual(yield* ow.readText(`/${path}/alias`), alias)
          }
        })
      ))

    // A file of aliases cannot store these, so they are refused.
    if (backend !== owserver.kernel) {
      it.live("knows devices whose aliases look like ROM ids", () =>
        onServer((ow) =>
          Effect.gen(function*() {
            // The last one is also the id of a present device.
            for (const alias of ["28.AABBCCDDEEFF", "00.000000000000", "28.000028D70000.00", "1F00001FE00400"]) {
              yield* ow.write("/28.000028D70100/alias", alias)
              yield* ow.write("/26.000026D90000/alias", "battery")
              const { devices, failures, ghosts } = yield* Discovery.devices()
              assert.deepStrictEqual([failures, ghosts], [[], []], alias)
              assert.deepStrictEqual(placesOf(devices), [
                "bus.0/1F.00001FE00400",
                "bus.0/26.000026D90000 battery",
                "bus.0/28.000028D70100",
                "bus.1/10.000010EF0200",
                "bus.1/99.000099660000"
              ], alias)
              const sensor = devices.find(({ id }) => id.startsWith("28")) ?? assert.fail()
              assert.isNumber(yield* (yield* Device.make(DS18B20, sensor.id)).read("temperature"))
            }
            // No user gives a device such an alias.
            const { write } = yield* Device.make(DS18B20, "28.000028D70100")
            const refused = yield* Effect.flip(write("alias", "28.AABBCCDDEEFF"))
            assert.strictEqual(refused._tag, "ArgumentError")
            assert.strictEqual(
              (yield* Diagnosis.diagnose("/28.AABBCCDDEEFF/temperature"))._tag,
              "Absent"
            )
            yield* ow.write("/28.000028D70100/alias", "28.AABBCCDDEEFF")
            assert.strictEqual(
              (yield* Diagnosis.diagnose("/28.AABBCCDDEEFF/temperature")).message,
              "28.AABBCCDDEEFF does not answer on the bus now; it is the alias of 28.000028D70100, " +
                "which a server finds by its own ROM id only"
            )
          })
        ))
    }

    it.live("follows aliases, and believes none that was taken away", () =>
      Effect.gen(function*() {
        const { ow } = yield* owserver.serveBy(backend)(["--tester=26,10"])
        const aliases = yield* Effect.provideService(Aliases.make({ timeToLive: "1 milli" }), OwClient.OwClient, ow)
        const idOf = (path: string) => Effect.map(ow.romId(path), Option.getOrThrow)
        const a = yield* idOf("/26.000026D90000")
        const b = yield* idOf("/10.000010EF0100")
        const ask = Effect.delay(Effect.all([aliases.idOf("boiler"), aliases.idOf("pump")]), "5 millis")
        yield* ow.write("/26.000026D90000/alias", "boiler")
        assert.deepStrictEqual(yield* ask, [Option.some(a), Option.none()])
        assert.deepStrictEqual(yield* aliases.aliasOf(a), Option.some("boiler"))
        yield* ow.write("/10.000010EF0100/alias", "boiler")
        assert.deepStrictEqual(yield* ask, [Option.some(b), Option.none()])
        // From now on the real server accepts any name for this device.
        yield* ow.write("/10.000010EF0100/alias", "")
        assert.deepStrictEqual(yield* ask, [Option.none(), Option.none()])
        assert.deepStrictEqual(yield* Effect.delay(aliases.aliasOf(a), "5 millis"), Option.none())
      }))

    it.live("tells why nothing is found at a path", () =>
      onServer((ow) =>
        Effect.gen(function*() {
          yield* ow.write("/26.000026D90000/alias", "battery")
          const tagOf = (path: string) =>
            Effect.map(Diagnosis.diagnose(path), (found) => {
              const meant = "meant" in found ? found.meant : undefined
              return meant === undefined ? found._tag : `${found._tag}, ${meant}`
            })
          const cases = {
            "/28.000028D70100/temperature": "Nothing",
            "/battery/temperature": "Nothing",
            "/bus.0/28.000028D70100": "Nothing",
            "/28.000028D70100.00": "Malformed",
            "/28.000028D70200": "Absent",
            "/28.000028D70200/temperature": "Absent",
            "/bus.1/28.000028D70100": "Absent",
            "/1F.000000000001/main/28.000028D70100/temprature": "Absent",
            "/batery": "UnknownAlias, battery",
            "/batery/temperature": "UnknownAlias, battery",
            "/bus.2": "NoBus",
            "/bus.2/28.000028D70100/temperature": "NoBus",
            "/28.000028D70100/temprature": "UnknownProperty, temperature",
            "/26.000026D90000/HIH400/humidity": "UnknownProperty, HIH4000/humidity",
            "/battery/temprature": "UnknownProperty, temperature",
            "/bus.0/28.000028D70100/temprature": "UnknownProperty, temperature",
            "/settings/units/temprature_scale": "UnknownProperty, units/temperature_scale",
            "/99.000099660000/temperature": "NoDriver",
            // The kernel shows nothing behind a coupler, and no pages of a battery monitor.
            ...(backend !== owserver.kernel && {
              "/1F.00001FE00400/main": "Nothing",
              "/26.000026D90000/pages/page": "NoElement",
              "/26.000026D90000/pages/page.8": "NoElement"
            })
          }
          const tags = yield* Effect.forEach(
            Object.keys(cases),
            (path) => Effect.map(tagOf(path), (tag) => [path, tag])
          )
          assert.deepStrictEqual(Object.fromEntries(tags), cases)
        })
      ))
  })
}

owserver.describe("discovery through another server", () => {
  /** Two servers, a third one over both, and a fourth over that. */
  const chain = Effect.gen(function*() {
    const a = yield* owserver.start([mock(first), mock(second)])
    const b = yield* owserver.start([mock(["28.000028D70200", "22.000022DD0100"])])
    const c = yield* owserver.start([
      "-s",
      `${a.host}:${a.port}`,
      "-s",
      `${b.host}:${b.port}`,
      mock(["29.000029D60300"])
    ])
    const d = yield* owserver.start(["-s", `${c.host}:${c.port}`])
    return { a, b, c, d, atA: yield* clientOf(a), atB: yield* clientOf(b), ow: yield* clientOf(d) }
  })

  it.live("finds each device on its own bus, and the rest when a server is away", () =>
    Effect.gen(function*() {
      const { b, ow } = yield* chain
      const all = Effect.provideService(found, OwClient.OwClient, ow)
      assert.deepStrictEqual(yield* all, {
        buses: ["bus.0/bus.0/bus.0", "bus.0/bus.0/bus.1", "bus.0/bus.1/bus.0", "bus.0/bus.2"],
        devices: [
          "bus.0/bus.0/bus.0/1F.00001FE00400",
          "bus.0/bus.0/bus.0/26.000026D90000",
          "bus.0/bus.0/bus.0/28.000028D70100",
          "bus.0/bus.0/bus.1/10.000010EF0200",
          "bus.0/bus.0/bus.1/99.000099660000",
          "bus.0/bus.1/bus.0/22.000022DD0100",
          "bus.0/bus.1/bus.0/28.000028D70200",
          "bus.0/bus.2/29.000029D60300"
        ],
        failures: []
      })
      yield* b.kill
      const rest = yield* all
      assert.deepStrictEqual(rest.buses, ["bus.0/bus.0/bus.0", "bus.0/bus.0/bus.1", "bus.0/bus.2"])
      assert.strictEqual(rest.devices.length, 6)
      assert.deepStrictEqual(rest.failures, [["/bus.0/bus.1", "BusFault"]])
      const diagnose = (path: string) =>
        Effect.map(Effect.provideService(Diagnosis.diagnose(path), OwClient.OwClient, ow), ({ message }) => message)
      assert.strictEqual(yield* diagnose("/bus.0/bus.7"), "there is no bus.0/bus.7 on this server")
      assert.include(yield* diagnose("/bus.0/bus.2/28.000028D70100"), "is not at this path; it is on another bus")
    }))

  it.live("tells apart devices that have the same alias on two servers", () =>
    Effect.gen(function*() {
      const { atA, atB, ow } = yield* chain
      yield* atA.write("/28.000028D70100/alias", "boiler")
      yield* atB.write("/28.000028D70200/alias", "boiler")
      yield* atB.write("/22.000022DD0100/alias", "pump")
      const { devices, failures } = yield* Effect.provideService(found, OwClient.OwClient, ow)
      assert.deepStrictEqual(failures, [])
      assert.deepStrictEqual(devices.filter((device) => device.includes(" ")), [
        "bus.0/bus.0/bus.0/28.000028D70100 boiler",
        "bus.0/bus.1/bus.0/22.000022DD0100 pump",
        "bus.0/bus.1/bus.0/28.000028D70200 boiler"
      ])
      assert.strictEqual(devices.length, 8)
    }))
})
