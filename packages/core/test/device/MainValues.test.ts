/**
 * The properties that are shown where no others were asked for.
 */
import { Bus, Device, Discovery, Family, OwClient, RomId } from "@effect-ownet/core"
import * as Families from "@effect-ownet/core/families"
import { SimulatedNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Catalogue from "../../src/device/Catalogue.ts"
import * as MainValues from "../../src/device/MainValues.ts"
import * as bareBus from "../fixtures/bareBus.ts"

const codes = Object.values(Families).flatMap(({ codes }) => codes)

describe("main values", () => {
  it.effect("can be read of every device that has them", () =>
    Effect.gen(function*() {
      const devices = (yield* Discovery.devices({ catalogue: Catalogue.of })).devices.filter(Device.is(Family.unknown))
      assert.strictEqual(devices.length, codes.length)
      let count = 0
      for (const device of devices) {
        for (const name of yield* MainValues.of(device)) {
          const { property } = yield* device.reading(name)
          assert.strictEqual(property, name)
          count++
        }
      }
      assert.isAbove(count, 50)
    }).pipe(Effect.provide(TestOwClient.layer(SimulatedNetwork.tester(codes)))))

  it.effect("are those that a device lists on a server that has less of it than owserver", () =>
    Effect.gen(function*() {
      const device = (id: string, names: ReadonlyArray<string>): Bus.Device => {
        const rom = RomId.fromStringUnsafe(id)
        const chip = Bus.part(Bus.chip(RomId.familyCode(rom)), ({ name }) => names.includes(name))
        return { id: rom, place: "bus.0", chip, isListed: () => true }
      }
      const made = bareBus.make()
      made.there = [
        device("12.000012000000", ["address", "PIO"]),
        device("20.000020000000", ["address"]),
        device("26.000026000000", ["HIH4000/humidity", "VDD", "humidity", "temperature"])
      ]
      const ow = yield* bareBus.clientOf(made)
      const found = yield* Effect.provideService(
        Discovery.devices({ catalogue: Catalogue.of }),
        OwClient.OwClient,
        ow
      )
      const main = yield* Effect.forEach(
        found.devices.filter(Device.is(Family.unknown)),
        (device) => Effect.map(MainValues.of(device), (names) => [device.name, names])
      )
      assert.deepStrictEqual(Object.fromEntries(main), {
        "12.000012000000": ["PIO.ALL"],
        "20.000020000000": [],
        "26.000026000000": ["temperature", "humidity", "VDD"]
      })
    }))

  const kinds: ReadonlyArray<readonly [id: string, listed: ReadonlyArray<string>, main: ReadonlyArray<string>]> = [
    [
      "7E.000000000001",
      ["EDS0068/alarm/temp_hi", "EDS0068/humidity", "EDS0068/temperature", "EDS0068/threshold/temp_hi", "device_type"],
      ["EDS0068/humidity", "EDS0068/temperature"]
    ],
    ["7E.000000000002", ["EDS0082/volts.0", "EDS0082/volts.ALL", "EDS0082/max_volts.ALL"], ["EDS0082/volts.ALL"]],
    ["EF.000000000001", ["moisture/sensor.0", "moisture/sensor.ALL", "moisture/is_leaf.ALL"], ["moisture/sensor.ALL"]],
    ["EE.000000000001", ["UVI/UVI", "UVI/UVI_offset", "temperature"], ["UVI/UVI", "temperature"]],
    ["FC.000000000001", ["910/adc", "910/alarm", "910/pio"], ["910/adc", "910/pio"]]
  ]
  for (const [id, listed, main] of kinds) {
    it.effect(`are some of what a device of many kinds lists: ${id}`, () =>
      Effect.gen(function*() {
        const device = yield* Device.make(Family.unknown, id)
        const names = yield* MainValues.of({ ...device, names: () => Effect.succeed(listed) })
        assert.deepStrictEqual(names, main)
      }).pipe(Effect.provide(TestOwClient.layer({}))))
  }
})
