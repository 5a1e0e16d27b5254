/**
 * Family codes with bit 7 flipped, which the real server ignores, like all code here.
 */
import { Alarms, Conversion, Device, Diagnosis, Discovery, Family, OwClient, Place, RomId } from "@effect-ownet/core"
import * as Catalogue from "@effect-ownet/core/device/Catalogue"
import * as MainValues from "@effect-ownet/core/device/MainValues"
import { DS18B20, DS2413 } from "@effect-ownet/core/families"
import { assert, it } from "@effect/vitest"
import { Effect, Option, Stream } from "effect"
import * as owserver from "./fixtures/owserver.ts"

for (const backend of owserver.backends) {
  backend.describe(`family codes on ${backend.name}`, () => {
    const onServer = <A, E, R>(body: (ow: OwClient.Client) => Effect.Effect<A, E, R>) =>
      Effect.flatMap(
        owserver.serveBy(backend)(["--tester=A8,28,BA,9F,92,A6,99"]),
        ({ ow }) => Effect.provideService(body(ow), OwClient.OwClient, ow)
      )

    const devices = Effect.map(
      Discovery.devices({ catalogue: Catalogue.of }),
      ({ devices }) => new Map(devices.map((device) => [RomId.familyCode(device.id), device]))
    )

    it.live("are those of the chip that the server names", () =>
      onServer((ow) =>
        Effect.gen(function*() {
          const found = yield* devices
          assert.deepStrictEqual([...found.keys()].toSorted(), ["28", "92", "99", "9F", "A6", "A8", "BA"])
          for (const [code, device] of found) {
            const chip = Option.map(Catalogue.of(code), ({ chip }) => chip)
            if (code === "99") assert.deepStrictEqual(chip, Option.none())
            else assert.deepStrictEqual(chip, Option.some(yield* ow.readText(`${device.path}/type`)), code)
          }
        })
      ))

    it.live("have the properties of that chip, whether its family is given or asked of the server", () =>
      onServer((ow) =>
        Effect.gen(function*() {
          const found = yield* devices
          for (const code of ["A8", "BA", "92"]) {
            const { path } = found.get(code) ?? assert.fail(code)
            const known = yield* Device.at(Catalogue.of, path)
            const asked = yield* Device.make(Family.unknown, path)
            for (const name of yield* known.names()) {
              const { record } = yield* known.describe(name)
              assert.deepStrictEqual((yield* asked.describe(name)).record, record, `${code} ${name}`)
            }
          }
          const { id } = found.get("A8") ?? assert.fail()
          const thermometer = yield* Device.make(DS18B20, id)
          assert.isNumber(yield* thermometer.read("temperature"))
          assert.strictEqual(yield* thermometer.read("family"), "A8")
          assert.isTrue(Device.is(DS2413)(found.get("BA") ?? assert.fail()))
          // A server stores its knowledge of a chip only under the code of its driver.
          assert.strictEqual(
            owserver.reason(yield* Effect.flip(ow.readText("/structure/A8/temperature"))),
            "NotFound"
          )
          assert.isAbove((yield* ow.readText("/structure/28/temperature")).length, 0)
        })
      ))

    it.live("are found among the devices of that chip, and show what it shows", () =>
      onServer((ow) =>
        Effect.gen(function*() {
          const { devices } = yield* Discovery.devices({ families: [DS18B20] })
          assert.deepStrictEqual(devices.map(({ id }) => RomId.familyCode(id)), ["28", "A8"])
          for (const device of devices) {
            assert.deepStrictEqual(yield* MainValues.of(device), ["temperature"])
            const { unit, value, verdict } = yield* device.reading("temperature")
            assert.deepStrictEqual([unit, verdict._tag], ["°C", "Plausible"])
            assert.strictEqual(value, Number(yield* ow.readText(`${device.path}/temperature`)))
          }
          assert.isTrue(
            Option.isSome(Family.find(Option.getOrThrow(Catalogue.of("BA")), "PIO.B")) && Family.has(DS2413, "BA")
          )
        })
      ))

    it.live("measure with all thermometers of a bus", () =>
      onServer(() =>
        Effect.gen(function*() {
          const { devices } = yield* Discovery.devices()
          const sensors = devices.filter(Conversion.isThermometer)
          assert.deepStrictEqual(sensors.map(({ id }) => RomId.familyCode(id)), ["28", "A6", "A8"])
          assert.isTrue(Conversion.pays(sensors))
          const seen = yield* Stream.runCollect(Conversion.convertAll(sensors, { wait: "10 millis" }))
          assert.deepStrictEqual(
            seen.map(({ _tag, device }) => `${_tag} ${RomId.familyCode(device.id)}`).toSorted(),
            ["Reading 28", "Reading A6", "Reading A8"]
          )
        })
      ))

    it.live("are re-armed as that chip is", () =>
      onServer((ow) =>
        Effect.gen(function*() {
          const device = (yield* devices).get("92") ?? assert.fail()
          yield* Alarms.rearm(device)
          // The test resets the latches of a DS2406, and only the write counter shows that.
          assert.strictEqual(yield* ow.readText("/statistics/write/calls"), "1")
        })
      ))

    it.live("lead behind a coupler", () =>
      onServer((ow) =>
        Effect.gen(function*() {
          const { path } = (yield* devices).get("9F") ?? assert.fail()
          const place = Place.fromStringUnsafe(`${path}/main`)
          assert.isArray(yield* ow.dir(Place.toPath(place)))
        })
      ))

    it.live("are no reason to find no driver", () =>
      onServer((ow) =>
        Effect.gen(function*() {
          const found = yield* devices
          const tagOf = (code: string, name: string) => {
            const { path } = found.get(code) ?? assert.fail(code)
            return Effect.map(Diagnosis.diagnose(`${path}/${name}`), ({ _tag }) => _tag)
          }
          assert.strictEqual(yield* tagOf("A8", "temprature"), "UnknownProperty")
          assert.strictEqual(yield* tagOf("99", "temprature"), "NoDriver")
          const { path } = found.get("A8") ?? assert.fail()
          const written = yield* Diagnosis.diagnose(`${path}/temperature`, { operation: "write" })
          assert.strictEqual(written._tag, "NotWritable")
          assert.strictEqual(yield* ow.present(path), true)
        })
      ))
  })
}
