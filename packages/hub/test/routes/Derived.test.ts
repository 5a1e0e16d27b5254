/** Derived values by HTTP: their keys stand wherever those of places do, and nowhere else. */
import type { Hub } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ask, cellar, house, hubLayer, json, layerOf, ready, statusOf } from "../fixtures/served.ts"

const derived: Hub.Options["derived"] = {
  "twice-below": { difference: [`${cellar}/temperature`, `${cellar}/temperature`] }
}

const served = layerOf(hubLayer(house, { derived, every: "200 millis" }), { allowWrite: true })

describe("derived values by HTTP", () => {
  it.live("have a history, days, rows and events, and can be edited", () =>
    Effect.gen(function*() {
      yield* ready
      const edited = yield* ask(
        "PUT",
        "/api/v1/places/twice-below",
        json({ name: "Below", limits: { difference: { below: 1 } } })
      )
      assert.strictEqual(edited.status, 200, edited.body)
      const series = "twice-below/difference"
      const history = JSON.parse((yield* ask("GET", `/api/v1/history?series=${series}`)).body)
      assert.deepStrictEqual([history.series[0].place, history.series[0].unit], ["twice-below", "°C"])
      assert.include(history.series[0].mean, 0)
      assert.strictEqual(yield* statusOf("GET", `/api/v1/days?series=${series}`), 200)
      assert.include(
        (yield* ask("GET", `/api/v1/export.csv?series=${series}`)).body,
        ",twice-below,Below,difference,0,°C,"
      )
      assert.strictEqual(yield* statusOf("GET", "/api/v1/events?place=twice-below"), 200)
      assert.match((yield* ask("GET", "/metrics")).body, /onewire_value\{.*place="twice-below".*\} 0/)
    }).pipe(Effect.provide(served)))

  it.live("have no device", () =>
    Effect.gen(function*() {
      const filled = yield* ask("PUT", "/api/v1/places/twice-below/device", json({ device: cellar }))
      assert.strictEqual(filled.status, 422)
      assert.include(filled.body, "no device fills it")
      assert.strictEqual(yield* statusOf("GET", "/api/v1/devices/twice-below/difference"), 400)
      assert.strictEqual(yield* statusOf("PUT", "/api/v1/devices/twice-below/difference", json({ value: 1 })), 400)
      assert.strictEqual(yield* statusOf("PUT", "/api/v1/places/no-such-place", json({ name: "x" })), 404)
      assert.strictEqual(yield* statusOf("PUT", "/api/v1/places/No%20such", json({ name: "x" })), 400)
    }).pipe(Effect.provide(served)))
})
