import { type Device, OwClient, Sweep } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2408, DS2438 } from "@effect-ownet/core/families"
import { SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { expectTypeOf } from "vitest"
import { reason } from "../fixtures/devices.ts"

const house = {
  "28.000028D70100": { alias: "kitchen", temperature: 21.5 },
  "28.000028D70200": { temperature: SimulatedNetwork.refuse(-5) },
  "/bus.1/10.000010EF0000": { temperature: 85 },
  "/bus.1/29.000029D60000": { "PIO.BYTE": 5 }
}

/** Each device with its value, or with what went wrong. */
const shown = ({ readings }: Sweep.Swept) =>
  readings.map(({ device, reading }) => [
    device.name,
    Result.isSuccess(reading)
      ? `${String(reading.success.value)} ${reading.success.unit} ${reading.success.verdict._tag}`
      : reason(reading.failure)
  ])

describe("Sweep", () => {
  it.effect("reads a property of each device of a family, or says why not", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(shown(yield* Sweep.read([DS18B20], "temperature")), [
        ["kitchen", "21.5 °C Plausible"],
        ["28.000028D70200", "BusFault"]
      ])
      assert.deepStrictEqual(shown(yield* Sweep.read([DS2438], "humidity")), [])
    }).pipe(Effect.provide(TestOwClient.layer(house))))

  it.effect("takes several families, and how to read", () =>
    Effect.gen(function*() {
      const both = yield* Sweep.read([DS18B20, DS18S20], "temperature", {
        flags: { temperatureScale: "F" },
        implausible: "reject",
        concurrency: 1
      })
      assert.deepStrictEqual(shown(both), [
        ["kitchen", "70.7 °F Plausible"],
        ["28.000028D70200", "BusFault"],
        ["10.000010EF0000", "Implausible"]
      ])
      assert.deepStrictEqual(both.devices, both.readings.map(({ device }) => device))
      const near = yield* Sweep.read([DS18B20, DS18S20], "type", { bus: "bus.1" })
      assert.deepStrictEqual(
        near.readings.map(({ device, reading }) => [device.id, Result.getOrThrow(reading).value]),
        [
          ["10000010EF00005B", "DS18S20"]
        ]
      )
      assert.deepStrictEqual(near.buses, ["bus.1"])
    }).pipe(Effect.provide(TestOwClient.layer(house))))

  it.effect("tells of a bus that fails, and reads the others", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      yield* network.breakBus(0, -5)
      const swept = yield* Sweep.read([DS18B20, DS18S20], "temperature")
      assert.deepStrictEqual(shown(swept), [["10.000010EF0000", "85 °C PowerOn"]])
      assert.deepStrictEqual(swept.failures.map(({ place }) => place.bus), ["bus.0"])
    }).pipe(Effect.provide(Layer.provideMerge(OwClient.layer(), SimulatedServer.layer(house)))))

  it.effect("knows the types of what it reads", () =>
    Effect.gen(function*() {
      const { readings } = yield* Sweep.read([DS2408], "PIO.ALL")
      expectTypeOf<Sweep.Readable<readonly [typeof DS2408]>["PIO.ALL"]>().toEqualTypeOf<ReadonlyArray<boolean>>()
      for (const { device, reading } of readings) {
        expectTypeOf(device).toEqualTypeOf<Device.Device<DS2408>>()
        expectTypeOf(reading).toEqualTypeOf<Result.Result<Device.Reading<ReadonlyArray<boolean>>, Device.Failure>>()
        assert.deepStrictEqual(Result.getOrThrow(reading).value.slice(0, 3), [true, false, true])
      }
      assert.lengthOf(readings, 1)
      // @ts-expect-error a DS18S20 has no resolution
      const typo = yield* Effect.result(Sweep.read([DS18B20, DS18S20], "tempres"))
      assert.isTrue(Result.isSuccess(typo))
    }).pipe(Effect.provide(TestOwClient.layer(house))))

  it.effect("refuses what makes no sense, before it searches", () =>
    Effect.gen(function*() {
      const failure = (options: Sweep.Options) => Effect.flip(Sweep.read([DS18B20], "temperature", options))
      const before = yield* (yield* SimulatedServer.SimulatedServer).statistics
      for (const options of [{ concurrency: 0 }, { bus: "nowhere" }, { timeout: 0 }]) {
        assert.strictEqual((yield* failure(options))._tag, "ArgumentError")
      }
      const after = yield* (yield* SimulatedServer.SimulatedServer).statistics
      assert.strictEqual(after.requests, before.requests)
    }).pipe(Effect.provide(Layer.provideMerge(OwClient.layer(), SimulatedServer.layer(house)))))
})
