import { TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { explained, inventory, mainValues, version } from "./search.ts"

const house = TestOwClient.layer({
  "28.000028D70100": { alias: "kitchen", temperature: 21.5 },
  "/bus.1/29.000029D60300": { "PIO.BYTE": 5 },
  "/bus.1/26.000026D90200": { humidity: 40.5 },
  "FC.0000FCF60000": { version: "1.234" }
})

describe("a house", () => {
  it.effect("is found whole", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* inventory).map(({ chip, name, place }) => `${place} ${name} ${chip}`), [
        "bus.0 kitchen DS18B20",
        "bus.0 FC.0000FCF60000 BAE",
        "bus.1 26.000026D90200 DS2438",
        "bus.1 29.000029D60300 DS2408"
      ])
    }).pipe(Effect.provide(house)))

  it.effect("has devices of which each is there for something", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* mainValues, [
        "DS18B20",
        40.5,
        [true, false, true, false, false, false, false, false]
      ])
    }).pipe(Effect.provide(house)))

  it.effect("may have a chip that nobody has heard of", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* version, "1.234")
    }).pipe(Effect.provide(house)))

  it.effect("lets one know what is wrong with a path", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* explained("/kitchen/temperature"), "21.5")
      assert.match(yield* explained("/kitchen/temprature"), /did you mean temperature\?$/)
      assert.match(yield* explained("/28.000028D70100.00/temperature"), /wrong CRC/)
      assert.match(yield* explained("/28.AAAAAAAAAAAA/temperature"), /28\.AAAAAAAAAAAA/)
    }).pipe(Effect.provide(house)))
})
