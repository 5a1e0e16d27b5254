import { Device, OwClient } from "@effect-ownet/core"
import { DS18B20, DS18S20, DS2408, DS2423, DS2438 } from "@effect-ownet/core/families"
import { SimulatedNetwork, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, Fiber, Option } from "effect"
import { TestClock } from "effect/testing"
import {
  add,
  consumed,
  frostGuard,
  isDevice,
  kitchen,
  type Meter,
  moisture,
  setLimits,
  shown,
  trusted,
  value,
  warmest
} from "./house.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"
const relays = "29.000029D60300"
const bath = "26.000026D90200"

/** The values of a network, one for each request. The last one stays. */
const inTurn = (first: number, ...rest: ReadonlyArray<number>) => {
  const values = [first, ...rest]
  let last = first
  return () => last = values.shift() ?? last
}

/** Runs a program that warns somebody, and also returns the warnings. */
const warnings = Effect.fnUntraced(function*<A, E, R>(program: Effect.Effect<A, E, R>) {
  const said: Array<string> = []
  const console = { ...globalThis.console, warn: (text: string) => void said.push(text) }
  return { value: yield* Effect.provideService(program, Console.Console, console), said }
})

describe("frostGuard", () => {
  it.effect("switches the heating on in frost, and off when it is over", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* frostGuard, [true, true, false, false, false, false, false, false])
      assert.deepStrictEqual(yield* frostGuard, [false, true, false, false, false, false, false, false])
    }).pipe(Effect.provide(TestOwClient.layer({
      [cellar]: { temperature: inTurn(-1.5, 3) },
      [relays]: { "PIO.BYTE": 0b10 }
    }))))

  it.effect("fails where its thermometer is not there, and leaves the relays as they are", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(frostGuard)
      assert.strictEqual(error._tag, "OwnetError")
      const left = yield* Device.make(DS2408, relays)
      assert.strictEqual(yield* left.read("PIO.BYTE"), 0b11)
    }).pipe(Effect.provide(TestOwClient.layer({ [relays]: { "PIO.BYTE": 0b11 } }))))
})

describe("kitchen", () => {
  it.effect("is the thermometer that is called so, in Fahrenheit", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* kitchen, 68)
    }).pipe(Effect.provide(TestOwClient.layer({
      [cellar]: { temperature: 11 },
      [attic]: { temperature: 20, alias: "kitchen" }
    }))))

  it.effect("is none where the name is that of something else, or of nothing", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ [relays]: { alias: "kitchen" } })
      const program = Effect.gen(function*() {
        const other = yield* Effect.flip(kitchen)
        assert.include(other.message, `leads to ${relays}, a device of family 29, not to a DS18B20`)
        yield* network.set(`${relays}/alias`, "scullery")
        const nothing = yield* Effect.flip(kitchen)
        assert.strictEqual(nothing._tag, "OwnetError")
      })
      yield* Effect.provide(program, TestOwClient.layer(network))
    }))
})

describe("value", () => {
  it.effect("is of the device that somebody means", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* value("kitchen", "temperature"), 20)
      assert.strictEqual(yield* value("28000028D70200", "temperature"), 20)
      assert.strictEqual(yield* value(`/bus.1/${relays}`, "PIO.3"), true)
      assert.strictEqual((yield* Effect.flip(value("kitchn", "temperature")))._tag, "OwnetError")
      assert.strictEqual((yield* Effect.flip(value("kitchen", "temprature")))._tag, "ArgumentError")
    }).pipe(Effect.provide(TestOwClient.layer({
      [attic]: { temperature: 20, alias: "kitchen" },
      [`/bus.1/${relays}`]: { "PIO.BYTE": 0b1000 }
    }))))
})

describe("setLimits", () => {
  it.effect("sets both limits of a thermometer", () =>
    Effect.gen(function*() {
      const thermometer = yield* Device.make(DS18B20, cellar)
      yield* setLimits(thermometer)
      assert.strictEqual(yield* thermometer.read("temphigh"), 30)
      assert.strictEqual(yield* thermometer.read("templow"), 5)
    }).pipe(Effect.provide(TestOwClient.layer({ [cellar]: { temphigh: 75, templow: 70 } }))))

  it.effect("tells of a thermometer that keeps the limit that it had", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.flatMap(Device.make(DS18B20, cellar), setLimits))
      assert.isTrue(error._tag === "DeviceError" && error.reason._tag === "NotVerified")
      assert.include(error.message, `write /${cellar}/templow`)
      assert.include(error.message, "wrote 5, and read back 70")
    }).pipe(Effect.provide(TestOwClient.layer({ [cellar]: { temphigh: 75, templow: () => 70 } }))))
})

describe("trusted", () => {
  const read = Effect.flatMap(Device.make(DS18B20, cellar), trusted)

  it.effect("has a thermometer that had not measured do so", () =>
    Effect.gen(function*() {
      const { said, value } = yield* warnings(read)
      assert.strictEqual(value.value, 21.5)
      assert.deepStrictEqual(said, [])
    }).pipe(Effect.provide(TestOwClient.layer({ [cellar]: { temperature: inTurn(85, 21.5) } }))))

  it.effect("warns of one that still has not", () =>
    Effect.gen(function*() {
      const { said, value } = yield* warnings(read)
      assert.strictEqual(value.value, 85)
      assert.deepStrictEqual(said, [`${cellar}: 85 (PowerOn)`])
    }).pipe(Effect.provide(TestOwClient.layer({ [cellar]: { temperature: 85 } }))))

  it.effect("waits for a bus that fails", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ [cellar]: { temperature: 21.5 } })
      const program = Effect.gen(function*() {
        yield* network.breakBus(0, -5)
        const fiber = yield* Effect.forkChild(read)
        yield* TestClock.adjust("2 seconds")
        yield* network.breakBus(0)
        yield* TestClock.adjust("5 seconds")
        assert.strictEqual((yield* Fiber.join(fiber)).value, 21.5)
      })
      yield* Effect.provide(program, TestOwClient.layer(network))
    }))
})

describe("moisture", () => {
  it.effect("is that of the air at the sensor, where there is such air", () =>
    Effect.gen(function*() {
      const sensor = yield* Device.make(DS2438, bath)
      const air = Option.getOrThrow(yield* moisture(sensor))
      assert.closeTo(air.gramsPerCubicMetre, 12.93, 0.01)
      assert.closeTo(air.dewPoint, 15.43, 0.01)
      assert.isTrue(Option.isNone(yield* moisture(sensor)))
    }).pipe(Effect.provide(TestOwClient.layer({ [bath]: { temperature: 20, humidity: inTurn(75, -3) } }))))
})

describe("shown", () => {
  const read = Effect.flatMap(Device.make(DS2438, bath), shown)

  it.effect("has its units, and that of temperatures by the client", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* read, ["temperature 21.5 °C", "humidity 45.2 %RH", "VDD 4.98 V"])
      const fahrenheit = OwClient.OwClient.use((ow) =>
        Effect.provideService(read, OwClient.OwClient, ow.with({ flags: { temperatureScale: "F" } }))
      )
      assert.deepStrictEqual(yield* fahrenheit, ["temperature 70.7 °F", "humidity 45.2 %RH", "VDD 4.98 V"])
    }).pipe(Effect.provide(TestOwClient.layer({ [bath]: { temperature: 21.5, humidity: 45.2, VDD: 4.98 } }))))
})

/** The final total of a meter that is read repeatedly, and counts at most ten between readings. */
const totalOf = (last: number, ...readings: ReadonlyArray<number>) =>
  readings.reduce<Meter>((meter, now) => add(meter, now, 10), { total: 0, last }).total

describe("consumed", () => {
  it.effect("is what was counted, through the end of the counter, and since it was reset", () =>
    Effect.gen(function*() {
      const device = yield* Device.make(DS2423, "1D.77A20D000000")
      const first = yield* consumed(device, { total: 100, last: 30_000 }, 1000)
      assert.deepStrictEqual(first, { total: 614, last: 30_514 })
      // A reset is accepted once it has been read twice.
      const second = yield* consumed(device, first, 1000)
      assert.strictEqual(second.total, 614)
      assert.deepStrictEqual(yield* consumed(device, second, 1000), { total: 619, last: 5 })
    }).pipe(Effect.provide(TestOwClient.layer({ "1D.77A20D000000": { "counter.A": inTurn(30_514, 2, 5) } }))))

  it("goes through the end of the counter", () => {
    assert.strictEqual(totalOf(2 ** 32 - 4, 2, 3), 7)
  })

  it("takes no glitch for a reset, however often it comes", () => {
    assert.strictEqual(totalOf(1000, 0, 1005), 5)
    assert.strictEqual(totalOf(1000, 0, 0, 0, 1005), 5)
    assert.strictEqual(totalOf(1000, 1005, 0, 1010, 0, 1015), 15)
    assert.strictEqual(totalOf(1000, 0, 1015), 15)
    assert.strictEqual(totalOf(1000, 2 ** 32 - 1, 1005), 5)
    assert.strictEqual(totalOf(1000, Number.NaN, 1005), 5)
    assert.strictEqual(totalOf(1000, 5000, 0, 1005), 5)
  })

  it("loses nothing that is counted after a reset", () => {
    assert.strictEqual(totalOf(1000, 0, 0, 4, 9), 9)
    assert.strictEqual(totalOf(1000, 8, 14, 20), 20)
  })

  it("goes on from another meter", () => {
    assert.strictEqual(totalOf(1000, 50_000, 50_003, 50_005), 5)
  })
})

describe("warmest", () => {
  it.effect("asks devices of any family that have a temperature", () =>
    Effect.gen(function*() {
      const thermometers = yield* Effect.all([
        Device.make(DS18B20, cellar),
        Device.make(DS18S20, "10.000010EF0000"),
        Device.make(DS2438, bath)
      ])
      assert.strictEqual(yield* warmest(thermometers), 23.5)
    }).pipe(Effect.provide(TestOwClient.layer({
      [cellar]: { temperature: 11 },
      "10.000010EF0000": { temperature: -4.5 },
      [bath]: { temperature: 23.5 }
    }))))
})

describe("isDevice", () => {
  it.effect("knows a device however its ROM id is written, and takes for none what is no ROM id", () =>
    Effect.gen(function*() {
      const device = yield* Device.make(DS18S20, "10.67C6697351FF")
      for (const written of ["10.67C6697351FF", "1067c6697351ff8d", "10.67C6697351FF.8D"]) {
        assert.isTrue(isDevice(device, written), written)
      }
      for (const written of [cellar, "kitchen"]) assert.isFalse(isDevice(device, written), written)
    }).pipe(Effect.provide(TestOwClient.layer({}))))
})
