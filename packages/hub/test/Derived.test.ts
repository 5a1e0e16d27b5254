import { Derived } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"

const bath = "26.000026D90100"
const hall = "28.000028D70100"
const attic = "28.000028D70200"
const meter = "1D.77A20D000000"

type Definitions = Readonly<Record<string, Derived.Definition>>

const air = { temperature: `${bath}/temperature`, humidity: `${bath}/humidity` }

/** Derived values that are computed each time when something is taken in. */
const begun = (given: Definitions, groups: Readonly<Record<string, string>> = {}) => {
  let definitions = given
  let now = 0
  const state = Derived.begin({ definitions: () => definitions, groupOf: (key) => groups[key] })
  const known = new Map<string, Derived.Value>()
  const compute = () => {
    const values = Derived.compute(state, now)
    for (const value of values) known.set(`${value.place}/${value.property}`, value)
    return values
  }
  return {
    define: (next: Definitions) => {
      definitions = next
    },
    compute,
    /** Goes on to a time, and takes in a value, `undefined` if it is not known. */
    at: (at: number, source: string, value: number | undefined, unit: string | null = "°C") => {
      now = at
      const [place = "", property = ""] = source.split("/")
      Derived.take(state, { place, property, unit: unit ?? undefined, at, value })
      return compute()
    },
    value: (name: string) => known.get(name)?.value,
    unit: (name: string) => known.get(name)?.unit,
    problem: (name: string) => known.get(name)?.problem
  }
}

describe("Derived", () => {
  it("makes dew point and absolute humidity of air that is known as a whole", () => {
    const room = begun({ dew: { dew_point: air }, water: { absolute_humidity: air } })
    room.at(1, air.temperature, 20)
    assert.isUndefined(room.value("dew/dew_point"))
    assert.strictEqual(room.problem("dew/dew_point"), `humidity of ${bath} is not known`)
    const both = room.at(2, air.humidity, 75, "%RH")
    assert.deepStrictEqual(both, [
      { place: "dew", property: "dew_point", unit: "°C", at: 2, value: 15.4 },
      { place: "water", property: "absolute_humidity", unit: "g/m³", at: 2, value: 12.9 }
    ])
    assert.deepStrictEqual(room.at(3, air.humidity, undefined).map(({ at, value }) => [at, value]), [
      [3, undefined],
      [3, undefined]
    ])
    room.at(4, air.humidity, 0, "%RH")
    assert.strictEqual(room.problem("dew/dew_point"), "such air has none")
    assert.strictEqual(room.value("water/absolute_humidity"), 0)
    assert.deepStrictEqual(room.compute(), [], "nothing has changed")
  })

  it("refuses to reckon with other units than those that are meant", () => {
    const room = begun({
      dew: { dew_point: air },
      odd: { difference: [air.temperature, air.humidity] },
      all: { group: "House", property: "temperature" }
    }, { [bath]: "House", [hall]: "House" })
    room.at(1, air.temperature, 70, "°F")
    room.at(1, air.humidity, 50, "%RH")
    room.at(2, `${hall}/temperature`, 20, "°C")
    assert.strictEqual(room.problem("dew/dew_point"), `temperature of ${bath} is in °F, not in °C`)
    assert.strictEqual(room.problem("odd/difference"), "one source is in °F, and the other in %RH")
    assert.strictEqual(room.problem("all/mean"), "the members of House have temperature in °F and in °C")
    room.at(3, air.temperature, 21.5, "°C")
    assert.strictEqual(room.value("all/mean"), 20.8)
  })

  it("has differences without what binary numbers add, and in the steps of their sources", () => {
    const house = begun({ spread: { difference: [`${hall}/temperature`, `${attic}/temperature`] } })
    for (
      const [first, second, difference] of [[0.3, 0.1, 0.2], [20.0625, 20, 0.0625], [5, 5, 0], [1e9 + 0.1, 1e9, 0.1]]
    ) {
      house.at(1, `${hall}/temperature`, first)
      house.at(1, `${attic}/temperature`, second)
      assert.strictEqual(house.value("spread/difference"), difference)
    }
  })

  describe("rate", () => {
    const counter = `${meter}/counter.A`
    const flow: Definitions = { flow: { rate: { of: counter, per: "hour", factor: 0.001, unit: "m³/h" } } }

    it("is that of the last minute, settles to 0, and begins anew after a gap and a reset", () => {
      const house = begun(flow)
      const rate = (at: number, value: number | undefined) => {
        house.at(at, counter, value, null)
        return house.value("flow/rate")
      }
      assert.isUndefined(rate(0, 1000))
      assert.strictEqual(house.problem("flow/rate"), "a rate needs two consecutive values of the counter")
      assert.strictEqual(rate(10, 1002), 0.72)
      assert.strictEqual(rate(60, 1010), 0.6)
      assert.strictEqual(rate(70, 1010), 0.48)
      assert.strictEqual(rate(125, 1010), 0)
      assert.strictEqual(rate(185, 1010), 0)
      assert.isUndefined(rate(190, undefined))
      assert.isUndefined(rate(200, 1011), "what was counted in a gap has no time")
      assert.strictEqual(rate(210, 1012), 0.36)
      assert.isUndefined(rate(220, 3), "it was reset")
      assert.strictEqual(rate(230, 4), 0.36)
      assert.isUndefined(rate(240, 3_000_000_000), "it is another one")
      assert.strictEqual(house.unit("flow/rate"), "m³/h")
    })

    it("goes through the end of a chip's counter", () => {
      const house = begun({ flow: { rate: { of: counter, per: "second" } } })
      house.at(0, counter, 2 ** 32 - 10, null)
      house.at(10, counter, 10, null)
      assert.strictEqual(house.value("flow/rate"), 2)
      assert.strictEqual(house.unit("flow/rate"), "1/s")
      // No chip counts that fast: this one was reset.
      house.at(20, counter, 0, null)
      assert.isUndefined(house.value("flow/rate"))
    })

    it("is known at once with values that come seldom, and is not known while the clock goes back", () => {
      const house = begun({ flow: { rate: { of: counter, per: "day" } } })
      house.at(0, counter, 0, "kWh")
      house.at(3600, counter, 1, "kWh")
      assert.strictEqual(house.value("flow/rate"), 24)
      assert.strictEqual(house.unit("flow/rate"), "kWh/d")
      house.at(1800, counter, 2, "kWh")
      assert.isUndefined(house.value("flow/rate"))
    })
  })

  describe("group", () => {
    it("has those members that are known, and follows edits", () => {
      const groups: Record<string, string> = { [hall]: "House", [attic]: "House", [bath]: "Cellar" }
      const house = begun({ all: { group: "House", property: "temperature" } }, groups)
      const now = () => ["all/mean", "all/min", "all/max"].map(house.value)
      house.compute()
      assert.strictEqual(house.problem("all/mean"), "no place in House has a known temperature")
      house.at(1, `${hall}/temperature`, 20.0625)
      assert.deepStrictEqual(now(), [20.0625, 20.0625, 20.0625])
      house.at(2, `${attic}/temperature`, 10)
      house.at(2, `${bath}/temperature`, 30)
      assert.deepStrictEqual(now(), [15, 10, 20.0625])
      groups[bath] = "House"
      assert.strictEqual(house.compute().length, 3)
      assert.deepStrictEqual(now(), [20, 10, 30])
      house.at(3, `${attic}/temperature`, undefined)
      assert.deepStrictEqual(now(), [25, 20.0625, 30])
      house.at(4, `${hall}/temperature`, undefined)
      house.at(4, `${bath}/temperature`, undefined)
      assert.deepStrictEqual(now(), [undefined, undefined, undefined])
    })
  })

  it("makes values of derived values in one go, in whatever order they are defined", () => {
    const house = begun({
      spread: { difference: ["warm/mean", "dew/dew_point"] },
      drift: { rate: { of: "warm/max", per: "minute" } },
      dew: { dew_point: air },
      warm: { group: "House", property: "temperature" }
    }, { [bath]: "House" })
    house.at(0, air.humidity, 75, "%RH")
    house.at(0, air.temperature, 20)
    assert.strictEqual(house.value("spread/difference"), 4.6)
    house.at(60, air.temperature, 26)
    assert.strictEqual(house.value("drift/rate"), 6)
    assert.strictEqual(house.unit("drift/rate"), "°C/min")
    house.at(70, air.humidity, undefined)
    assert.isUndefined(house.value("spread/difference"))
    assert.strictEqual(house.problem("spread/difference"), "dew_point of dew is not known")
  })

  it("follows other definitions, and forgets what is defined no more", () => {
    const house = begun({ dew: { dew_point: air } })
    house.at(1, air.temperature, 20)
    house.at(1, air.humidity, 75, "%RH")
    house.define({ other: { difference: ["dew/dew_point", air.temperature] } })
    assert.deepStrictEqual(house.compute().map(({ place, value }) => [place, value]), [["other", undefined]])
    house.define({ dew: { dew_point: air }, other: { difference: ["dew/dew_point", air.temperature] } })
    house.compute()
    assert.strictEqual(house.value("other/difference"), -4.6)
    house.define({ dew: { absolute_humidity: air } })
    assert.deepStrictEqual(house.compute().map(({ property, value }) => [property, value]), [[
      "absolute_humidity",
      12.9
    ]])
  })

  it("never knows what depends on itself", () => {
    const house = begun({
      one: { difference: ["two/difference", air.temperature] },
      two: { difference: ["one/difference", air.temperature] },
      all: { group: "House", property: "mean" },
      warm: { group: "House", property: "temperature" }
    }, { all: "House", warm: "House", [bath]: "House" })
    house.at(1, air.temperature, 20)
    assert.isUndefined(house.value("one/difference"))
    assert.isUndefined(house.value("two/difference"))
    assert.strictEqual(house.value("all/mean"), 20)
  })

  describe("check", () => {
    it("finds sources that cannot exist", () => {
      assert.deepStrictEqual(
        Derived.check({
          a: { difference: ["b/difference", `${hall}/temperature`] },
          c: { rate: { of: "d/rate", per: "hour" } },
          e: { difference: ["a/rate", `${hall}/temprature`] },
          f: { difference: ["Cellar/temperature", "28.000028D70101/temperature"] },
          __proto__x: { group: "House", property: "temperature" },
          g: { difference: ["constructor/name", "g2/mean"] },
          g2: { group: "House", property: "temperature" }
        }),
        [
          { place: "a", problem: "there is no derived value b" },
          { place: "c", problem: "there is no derived value d" },
          { place: "e", problem: "a has no rate; it has difference" },
          { place: "e", problem: "no device has a property temprature" },
          { place: "f", problem: "Cellar is neither a ROM id nor a derived value" },
          {
            place: "__proto__x",
            problem:
              "the name of a derived value is a lower-case letter, and then such letters, digits, - and _: 64 at most"
          },
          { place: "g", problem: "there is no derived value constructor" }
        ]
      )
    })

    it("finds values that depend on themselves, over groups too", () => {
      assert.deepStrictEqual(
        Derived.check({
          a: { difference: ["b/difference", `${hall}/temperature`] },
          b: { difference: ["c/rate", `${hall}/temperature`] },
          c: { rate: { of: "a/difference", per: "hour" } },
          d: { difference: ["a/difference", "a/difference"] },
          self: { rate: { of: "self/rate", per: "hour" } }
        }),
        [
          { place: "a", problem: "it depends on itself: a → b → c → a" },
          { place: "self", problem: "it depends on itself: self → self" }
        ]
      )
      const grouped: Definitions = {
        all: { group: "House", property: "difference" },
        a: { difference: ["all/mean", `${hall}/temperature`] }
      }
      assert.deepStrictEqual(Derived.check(grouped), [])
      assert.deepStrictEqual(Derived.check(grouped, (key) => key === "a" ? "House" : undefined), [
        { place: "all", problem: "it depends on itself: all → a → all" }
      ])
    })
  })

  it("says how it is made", () => {
    const titles: Readonly<Record<string, string>> = { [bath]: "Bathroom", [hall]: "Hall", dew: "Dew point" }
    const said = (definition: Derived.Definition) => Derived.describe(definition, (key) => titles[key])
    assert.strictEqual(said({ dew_point: air }), "dew point of Bathroom")
    assert.strictEqual(
      said({ absolute_humidity: { ...air, temperature: `${hall}/temperature` } }),
      "absolute humidity by temperature of Hall and humidity of Bathroom"
    )
    assert.strictEqual(
      said({ difference: [`${hall}/temperature`, "dew/dew_point"] }),
      "temperature of Hall minus dew_point of Dew point"
    )
    assert.strictEqual(
      said({ rate: { of: `${meter}/counter.A`, per: "hour" } }),
      `counter.A of ${meter} by the hour`
    )
    assert.strictEqual(
      said({ group: "House", property: "temperature" }),
      "mean, minimum and maximum temperature of House"
    )
  })

  const Step = Schema.Struct({
    after: Schema.Literals([0, 1, 5, 10, 10, 30, 61, 300]),
    source: Schema.Literals([`${hall}/temperature`, `${attic}/temperature`, `${meter}/counter.A`]),
    value: Schema.Union([Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 })), Schema.Literal("unknown")]),
    moves: Schema.Literals([false, false, false, false, true])
  })

  it.prop(
    "tells what a naive model does",
    [Schema.Array(Step).check(Schema.isMaxLength(60))],
    ([steps]) => {
      const groups: Record<string, string> = { [hall]: "House", [attic]: "House" }
      const house = begun({
        all: { group: "House", property: "temperature" },
        spread: { difference: ["all/max", `${attic}/temperature`] },
        flow: { rate: { of: `${meter}/counter.A`, per: "minute" } }
      }, groups)
      const told: Array<{ readonly at: number; readonly source: string; readonly value: number | undefined }> = []
      let now = 0
      let counter = 0
      for (const { after, moves, source, value } of steps) {
        now += after
        const isCounter = source.startsWith(meter)
        // A counter counts, and is reset now and then.
        if (isCounter && value !== "unknown") counter = value === 0 ? 0 : counter + value
        const found = value === "unknown" ? undefined : isCounter ? counter : value
        if (moves) groups[attic] = groups[attic] === "House" ? "Roof" : "House"
        told.push({ at: now, source, value: found })
        house.at(now, source, found, isCounter ? null : "°C")

        const last = (of: string) => told.findLast(({ source }) => source === of)?.value
        const members = [hall, attic].filter((key) => groups[key] === "House")
          .flatMap((key) => last(`${key}/temperature`) ?? [])
        const isEmpty = members.length === 0
        const max = isEmpty ? undefined : Math.max(...members)
        assert.strictEqual(house.value("all/max"), max)
        assert.strictEqual(house.value("all/min"), isEmpty ? undefined : Math.min(...members))
        const mean = members.reduce((sum, one) => sum + one, 0) / members.length
        assert.strictEqual(house.value("all/mean"), isEmpty ? undefined : Math.round(mean * 10) / 10)
        const low = last(`${attic}/temperature`)
        assert.strictEqual(
          house.value("spread/difference"),
          max === undefined || low === undefined ? undefined : max - low
        )

        const counts = told.filter(({ source }) => source.startsWith(meter))
        const begins = counts.findLastIndex(({ value }, index) =>
          value === undefined || (value < (counts[index - 1]?.value ?? 0))
        )
        const run = counts.slice(Math.max(0, begins)).filter(({ value }) => value !== undefined)
        const end = run.at(-1)
        const first = end && (run.slice(0, -1).findLast(({ at }) => at <= end.at - 60) ?? run[0])
        const expected = end === undefined || first === undefined || end.at === first.at
          ? undefined
          : ((end.value ?? 0) - (first.value ?? 0)) * 60 / (end.at - first.at)
        const rate = house.value("flow/rate")
        if (expected === undefined) assert.isUndefined(rate)
        else assert.closeTo(rate ?? NaN, expected, Math.abs(expected) * 0.005 + 1e-9)
      }
    },
    { arbitrary: { runs: 300, seed: "derived" } }
  )
})
