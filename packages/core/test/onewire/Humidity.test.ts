import { Humidity } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Option, Schema } from "effect"

const arbitrary = { runs: 500, seed: "humidity" }
const Temperature = Schema.Int.check(Schema.isBetween({ minimum: -450, maximum: 600 }))
const Percent = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 }))

const assertNear = (actual: Option.Option<number>, expected: number, delta: number): void =>
  assert.closeTo(Option.getOrThrow(actual), expected, delta)

describe("Humidity", () => {
  describe("dewPoint", () => {
    it("is what is known of some air", () => {
      assertNear(Humidity.dewPoint({ temperature: 20, humidity: 75 }), 15.43, 0.005)
      // Psychrometric tables, to a tenth of a degree.
      assertNear(Humidity.dewPoint({ temperature: 20, humidity: 50 }), 9.3, 0.05)
      assertNear(Humidity.dewPoint({ temperature: 30, humidity: 60 }), 21.4, 0.05)
      assertNear(Humidity.dewPoint({ temperature: 25, humidity: 40 }), 10.5, 0.05)
    })

    it.prop("is the temperature of saturated air, and lower in drier", [Temperature, Percent], ([tenths, humidity]) => {
      const temperature = tenths / 10
      assertNear(Humidity.dewPoint({ temperature, humidity: 100 }), temperature, 1e-9)
      const drier = Option.getOrThrow(Humidity.dewPoint({ temperature, humidity: humidity - 0.5 }))
      assert.isBelow(drier, Option.getOrThrow(Humidity.dewPoint({ temperature, humidity })))
    }, { arbitrary })

    it("is above the temperature of fog", () => {
      assert.isAbove(Option.getOrThrow(Humidity.dewPoint({ temperature: 8, humidity: 101.3 })), 8)
    })

    it("goes on beyond the range of the formula", () => {
      // 70.1 kPa at 90 °C; 5 % of it saturates air of 26.7 °C.
      assertNear(Humidity.dewPoint({ temperature: 90, humidity: 5 }), 26.7, 0.5)
      assertNear(Humidity.dewPoint({ temperature: -55, humidity: 100 }), -55, 1e-9)
    })

    it("is none where there is none", () => {
      for (
        const air of [
          { temperature: 20, humidity: 0 },
          { temperature: 20, humidity: -0.3 },
          { temperature: 20, humidity: 1e-323 },
          { temperature: 20, humidity: 1e10 },
          { temperature: 20, humidity: NaN },
          { temperature: -243.12, humidity: 50 },
          { temperature: -300, humidity: 50 },
          { temperature: NaN, humidity: 50 },
          { temperature: Infinity, humidity: 50 },
          { temperature: 20, humidity: Infinity }
        ]
      ) assert.deepStrictEqual(Humidity.dewPoint(air), Option.none(), JSON.stringify(air))
    })
  })

  describe("absoluteHumidity", () => {
    it("is what is known of some air", () => {
      assertNear(Humidity.absoluteHumidity({ temperature: 20, humidity: 75 }), 12.93, 0.005)
      // Tables of saturated vapour, from which the formula strays by less than half a percent.
      for (const [temperature, grams] of [[-10, 2.36], [0, 4.85], [10, 9.40], [20, 17.3], [30, 30.4], [40, 51.1]]) {
        assertNear(Humidity.absoluteHumidity({ temperature, humidity: 100 }), grams, grams / 200)
      }
    })

    it("is as far off in boiling water's steam as is said of it", () => {
      // 101 325 Pa / (461.52 J/(kg K) * 373.15 K) = 588.4 g/m³
      assertNear(Humidity.absoluteHumidity({ temperature: 100, humidity: 100 }), 588.4 * 1.025, 0.5)
    })

    it.prop("belongs to the dew point", [Temperature, Percent], ([tenths, humidity]) => {
      const temperature = tenths / 10
      const here = Option.getOrThrow(Humidity.absoluteHumidity({ temperature, humidity }))
      const dewPoint = Option.getOrThrow(Humidity.dewPoint({ temperature, humidity }))
      const there = Option.getOrThrow(Humidity.absoluteHumidity({ temperature: dewPoint, humidity: 100 }))
      // Cooled at the same pressure, the vapour shrinks as every gas does.
      assert.closeTo(there * (dewPoint + 273.15) / (here * (temperature + 273.15)), 1, 1e-9)
    }, { arbitrary })

    it("is 0 in air without water, and none where there is no such air", () => {
      assert.deepStrictEqual(Humidity.absoluteHumidity({ temperature: 20, humidity: 0 }), Option.some(0))
      for (
        const air of [
          { temperature: 20, humidity: -0.3 },
          { temperature: 20, humidity: NaN },
          { temperature: 20, humidity: Infinity },
          { temperature: -243.12, humidity: 50 },
          { temperature: NaN, humidity: 50 },
          { temperature: Infinity, humidity: 50 }
        ]
      ) assert.deepStrictEqual(Humidity.absoluteHumidity(air), Option.none(), JSON.stringify(air))
    })
  })

  describe("sensors", () => {
    it("read the ends of their datasheets' ranges, at 25 °C and their nominal supply", () => {
      // The correction for the temperature is 1.0006 at 25 °C, not quite 1.
      for (const sensor of [Humidity.fromHIH3600, Humidity.fromHIH4000]) {
        assertNear(sensor({ VAD: 0.8, VDD: 5, temperature: 25 }), 0, 1e-9)
        assertNear(sensor({ VAD: 3.9, VDD: 5, temperature: 25 }), 100, 0.1)
      }
      assertNear(Humidity.fromHIH5030({ VAD: 0.49995, VDD: 3.3, temperature: 25 }), 0, 1e-9)
      assertNear(Humidity.fromHIH5030({ VAD: 2.59875, VDD: 3.3, temperature: 25 }), 100, 0.1)
      // 2.48 V at 55 %, to 2 %.
      assert.closeTo(Humidity.fromHTM1735({ VAD: 2.48 }), 55, 2)
    })

    it("agree with what was worked out by hand", () => {
      // (2.5 - 0.8) / 5 = 0.34; / 0.0062 = 54.8387; / (1.0546 - 0.0432) = 54.2206
      assertNear(Humidity.fromHIH3600({ VAD: 2.5, VDD: 5, temperature: 20 }), 54.2206, 1e-4)
      assertNear(Humidity.fromHIH4000({ VAD: 2.5, VDD: 5, temperature: 20 }), 54.2206, 1e-4)
      // 1.7 / 4.93 = 0.3448276; / 0.0062 = 55.61735; / 1.0114 = 54.99046
      assertNear(Humidity.fromHIH3600({ VAD: 2.5, VDD: 4.93, temperature: 20 }), 54.9905, 1e-4)
      // 2.5 / 4.93 - 0.16 = 0.3470994; / 0.0062 = 55.98378; / 1.0114 = 55.35276
      assertNear(Humidity.fromHIH4000({ VAD: 2.5, VDD: 4.93, temperature: 20 }), 55.3528, 1e-4)
      // 0.5 - 0.1515 = 0.3485; / 0.00636 = 54.79560; / (1.0546 + 0.0216) = 50.91581
      assertNear(Humidity.fromHIH5030({ VAD: 1.65, VDD: 3.3, temperature: -10 }), 50.9158, 1e-4)
      // 38.92 * 3 = 116.76; - 41.98 = 74.78
      assert.closeTo(Humidity.fromHTM1735({ VAD: 3 }), 74.78, 1e-9)
      // 0.12 / 5 * 85.65 = 2.0556; - 0.8 = 1.2556; / 0.031 = 40.50323; / 1.0114 = 40.04669
      assertNear(Humidity.fromDATANAB({ VAD: 5, vis: 0.12, temperature: 20 }), 40.0467, 1e-4)
      // 2.0556 - 0.7905 = 1.2651; / 0.03054 = 41.42436; / 1.0114 = 40.95745
      const calibration = { offset: 0.7905, slope: 0.03054 }
      assertNear(Humidity.fromDATANAB({ VAD: 5, vis: 0.12, temperature: 20 }, calibration), 40.9574, 1e-4)
    })

    it("show more humidity where it is hotter, for the same voltages", () => {
      for (const sensor of [Humidity.fromHIH3600, Humidity.fromHIH4000, Humidity.fromHIH5030]) {
        const at = (temperature: number) => Option.getOrThrow(sensor({ VAD: 2.5, VDD: 5, temperature }))
        // 1.0546 at 0 °C against 0.8818 at 80 °C.
        assert.closeTo(at(80) / at(0), 1.195962, 1e-6)
      }
    })

    it("are not clamped", () => {
      assert.isBelow(Option.getOrThrow(Humidity.fromHIH4000({ VAD: 0, VDD: 5, temperature: 25 })), -25)
      assert.isAbove(Option.getOrThrow(Humidity.fromHIH4000({ VAD: 5, VDD: 5, temperature: 25 })), 130)
      assert.closeTo(Humidity.fromHTM1735({ VAD: 0 }), -41.98, 1e-9)
    })

    it("show nothing without a supply, or for readings that are no numbers", () => {
      for (const sensor of [Humidity.fromHIH3600, Humidity.fromHIH4000, Humidity.fromHIH5030]) {
        assert.deepStrictEqual(sensor({ VAD: 2.5, VDD: 0, temperature: 20 }), Option.none())
        assert.deepStrictEqual(sensor({ VAD: 2.5, VDD: 0.0099, temperature: 20 }), Option.none())
        assert.isTrue(Option.isSome(sensor({ VAD: 2.5, VDD: 0.01, temperature: 20 })))
        assert.deepStrictEqual(sensor({ VAD: NaN, VDD: 5, temperature: 20 }), Option.none())
        assert.deepStrictEqual(sensor({ VAD: 2.5, VDD: NaN, temperature: 20 }), Option.none())
        assert.deepStrictEqual(sensor({ VAD: 2.5, VDD: 5, temperature: NaN }), Option.none())
      }
      assert.deepStrictEqual(Humidity.fromDATANAB({ VAD: 0, vis: 0.12, temperature: 20 }), Option.none())
      assert.deepStrictEqual(
        Humidity.fromDATANAB({ VAD: 5, vis: 0.12, temperature: 20 }, { slope: 0 }),
        Option.none()
      )
    })
  })
})
