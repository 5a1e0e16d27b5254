/**
 * The layers of the hub, put together as programs do: below a path of a server of their own, without a server, and one alone.
 */
import { History, Hub, Page, Routes } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"
import { ask, cellar, house, hubLayer, json, ready, serverLayer, statusOf } from "./fixtures/served.ts"

describe("the layers of the hub", () => {
  const below = (prefix: string) =>
    Layer.effect(HttpRouter.HttpRouter, Effect.map(HttpRouter.HttpRouter, (router) => router.prefixed(prefix)))

  const hub = Layer.merge(Routes.layer(), Page.layer).pipe(Layer.provide(below("/cellar/hub")))

  const own = HttpRouter.add("GET", "/hello", HttpServerResponse.text("hello"))

  const server = Routes.serve(Layer.merge(hub, own)).pipe(Layer.provideMerge([hubLayer(house), serverLayer]))

  it.live("stand below a path beside the routes of others", () =>
    Effect.gen(function*() {
      yield* ready
      for (
        const path of ["/", "/events", `/s/${cellar}`, "/api/v1/state", "/metrics", "/healthz", "/openapi.json"]
      ) {
        assert.strictEqual(yield* statusOf("GET", `/cellar/hub${path}`), 200, path)
      }
      // Relative addresses lead to the right place from there only.
      const bare = yield* ask("GET", "/cellar/hub")
      assert.deepStrictEqual([bare.status, bare.headers["location"]], [308, "./hub/"])
      assert.include((yield* ask("GET", "/cellar/hub/")).headers["content-type"], "text/html")
      for (const path of ["/", "/api/v1/state", "/metrics", "/cellar", "/cellar/hub/api/v1/nothing"]) {
        assert.strictEqual(yield* statusOf("GET", path), 404, path)
      }
      assert.strictEqual((yield* ask("GET", "/hello")).body, "hello")
      assert.strictEqual(yield* statusOf("GET", "/hello", { headers: { host: "evil.example" } }), 421)
      assert.strictEqual(yield* statusOf("DELETE", "/cellar/hub/api/v1/state"), 405)
      const path = `/cellar/hub/api/v1/places/${cellar}`
      assert.strictEqual(yield* statusOf("PUT", path, json({ name: "Freezer" })), 200)
      const { body } = yield* ask("GET", `/cellar/hub/api/v1/history?series=${cellar}/temperature`)
      assert.deepInclude(JSON.parse(body).series[0], { place: cellar, unit: "°C" })
    }).pipe(Effect.provide(server)))

  it.live("make a hub without a server", () =>
    Effect.gen(function*() {
      yield* ready
      const { live } = yield* Hub.Hub
      const [first] = yield* Stream.runCollect(Stream.take(live, 1))
      assert.strictEqual(first?._tag, "Snapshot")
      const history = yield* History.History
      const rows = yield* Stream.runCollect(
        history.rows({ place: cellar, property: "temperature", from: 0, to: 1e10 })
      )
      assert.deepStrictEqual(rows.map(({ value }) => value), [11.5])
    }).pipe(Effect.provide(hubLayer(house))))

  it.effect("make a history without a hub", () =>
    Effect.gen(function*() {
      const history = yield* History.History
      const { id } = yield* history.open({ device: cellar, property: "temperature", unit: "°C", since: 0 })
      yield* history.append({ at: 60, rows: [{ series: id, at: 0, value: 20, verdict: "Plausible" }], events: [] })
      const of = [{ place: cellar, property: "temperature" }]
      const [found] = yield* history.buckets({ of, edges: [0, 60, 120], now: 90 })
      assert.deepStrictEqual([found?.mean, found?.covered], [[20, 20], [60, 30]])
    }).pipe(Effect.provide(History.layerMemory)))
})
