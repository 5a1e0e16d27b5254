import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { house, pass } from "./fixtures/houses.ts"

const kitchen = "28.000028D70100"

describe("Hub", () => {
  it.effect("keeps what is measured", () =>
    Effect.gen(function*() {
      const { after, book, network } = yield* house({ [kitchen]: { temperature: 20, alias: "kitchen" }, "29.000029D60300": {} })
      const state = yield* after("5 seconds")
      console.log(JSON.stringify(state, null, 1))
      yield* network.set(`${kitchen}/temperature`, 21)
      yield* pass("25 minutes")
      console.log(book.told(), book.rowsOf("temperature"), book.series)
      assert.strictEqual(state.places.length, 2)
    }))
})
