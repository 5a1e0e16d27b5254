import { TestNetwork } from "@effect-ownet/core/testing"
import { Api, Hub, Routes } from "@effect-ownet/hub"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option, Schema, Scope, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { TestClock } from "effect/testing"
import { createServer } from "node:http"
import * as Served from "../fixtures/served.ts"
import { cellar, relays, told, view } from "../fixtures/served.ts"

const state: Api.State = { at: 1, title: "House", every: 10, servers: [], notices: [], outlets: [], places: [] }

/** A hub that tells what it is told to. */
const scripted = (live: Stream.Stream<Api.Live>) =>
  Layer.provideMerge(Layer.mock(Hub.Hub, { state: Effect.succeed(state), live }), Served.hubLayer({}))

describe("the live stream", () => {
  it.effect("begins with all that is known, and tells all viewers the same, once a second at most", () =>
    Effect.gen(function*() {
      const { network } = (yield* TestNetwork.TestNetwork).server("pi")
      yield* TestClock.adjust("12 seconds")
      const viewers = [yield* view(), yield* view({ "accept-encoding": "br, gzip" })]
      for (const { headers, next, read } of viewers) {
        assert.strictEqual(headers["content-type"], "text/event-stream")
        assert.strictEqual(headers["cache-control"], "no-store, no-transform")
        assert.isUndefined(headers["content-encoding"])
        read()
        const first = told(yield* next)
        assert(first._tag === "Snapshot")
        yield* Schema.decodeEffect(Api.Live)(first)
        assert.strictEqual(first.state.places.find(({ key }) => key === cellar)?.title, "cellar")
      }
      for (const temperature of [12, 13.5]) {
        yield* network.set("cellar/temperature", temperature)
        yield* TestClock.adjust("10 seconds")
        const messages: Array<Array<string>> = [[], []]
        for (const [at, { next }] of viewers.entries()) {
          for (let isTold = false; !isTold;) {
            const message = (yield* next) ?? ""
            if (message !== ":") messages[at]!.push(message)
            isTold = message.includes(`"value":${temperature}`)
          }
        }
        assert.deepStrictEqual(messages[0], messages[1])
        const times = messages[0]!.map((message) => told(message)).map((change) => {
          assert(change._tag === "Change")
          return change.at
        })
        for (const [at, time] of times.entries()) assert.isAtLeast(time - (times[at - 1] ?? 0), 1)
      }
    }).pipe(Effect.provide(Served.layer())))

  it.effect("is kept open by a comment every 15 seconds", () =>
    Effect.gen(function*() {
      const { next, read } = yield* view()
      read()
      assert.strictEqual(told(yield* next)._tag, "Snapshot")
      for (let round = 0; round < 3; round++) {
        yield* TestClock.adjust("15 seconds")
        assert.strictEqual(yield* next, ":")
      }
    }).pipe(Effect.provide(
      Served.layerOf(scripted(Stream.concat(Stream.succeed<Api.Live>({ _tag: "Snapshot", state }), Stream.never)))
    )))

  it.live("takes no more memory for a viewer who never reads", () => {
    let taken = 0
    const snapshot = (): Api.Live => ({ _tag: "Snapshot", state: { ...state, title: "x".repeat(50_000) } })
    const endless = Stream.forever(Stream.sync(() => {
      taken++
      return snapshot()
    }))
    return Effect.gen(function*() {
      const { read, next } = yield* view()
      // The system keeps some megabytes for a connection. Then nothing more is taken.
      for (let before = -1; before !== taken;) {
        before = taken
        yield* Effect.sleep("100 millis")
      }
      assert.isBelow(taken, 1000)
      read()
      for (let message = 0; message < 1000; message++) assert.strictEqual(told(yield* next)._tag, "Snapshot")
      assert.isAtLeast(taken, 1000)
    }).pipe(Effect.provide(Served.layerOf(scripted(endless))))
  })

  it.live("ends before the server does, which would wait for it", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const server = yield* Layer.buildWithScope(
        // Here the server waits as long as it likes.
        Routes.serve(Routes.layer()).pipe(
          Layer.provideMerge([
            Served.hubLayer(Served.house),
            NodeHttpServer.layer(() => createServer(), {
              host: "127.0.0.1",
              port: 0,
              gracefulShutdownTimeout: "1 hour"
            })
          ])
        ),
        scope
      )
      const viewers = yield* Effect.all(Array.from({ length: 4 }, () => view())).pipe(Effect.provideContext(server))
      for (const { next, read } of viewers) {
        read()
        assert.strictEqual(told(yield* next)._tag, "Snapshot")
      }
      yield* Scope.close(scope, Exit.void)
      for (const { next } of viewers) {
        const messages: Array<string> = []
        for (let message = yield* next; message !== undefined; message = yield* next) messages.push(message)
        assert.strictEqual(messages.at(-1), "retry: 3000")
      }
    }))

  it.live("does not keep a server from ending by viewers who never read", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const endless = Stream.forever(
        Stream.succeed<Api.Live>({ _tag: "Snapshot", state: { ...state, title: "x".repeat(100_000) } })
      )
      const server = yield* Layer.buildWithScope(Served.layerOf(scripted(endless)), scope)
      yield* Effect.all(Array.from({ length: 4 }, () => view())).pipe(Effect.provideContext(server))
      yield* Scope.close(scope, Exit.void)
    }))
})

const client = Effect.flatMap(
  Served.port,
  (port) => HttpApiClient.make(Api.Api, { baseUrl: `http://127.0.0.1:${port}` })
).pipe(Effect.provide(FetchHttpClient.layer))

describe("a client", () => {
  it.live("is told what the hub tells, and knows errors by their names", () =>
    Effect.gen(function*() {
      yield* Served.ready
      const hub = yield* client
      const live = yield* hub.live()
      const first = Option.getOrThrow(yield* Stream.runHead(live))
      assert(first._tag === "Snapshot")
      assert.sameMembers(first.state.places.map(({ key }) => key), [cellar, relays])
      assert.strictEqual((yield* hub.state()).title, "House")
      const place = { key: cellar }
      assert.strictEqual((yield* hub.edit({ params: place, payload: { name: "Freezer" } })).name, "Freezer")
      assert.strictEqual((yield* hub.read({ params: { id: cellar, property: "temperature" } })).value, 11.5)
      const relay = { id: relays, property: "PIO.0" }
      assert.strictEqual((yield* hub.write({ params: relay, payload: { value: true } })).value, true)
      const series = [{ place: cellar, property: "temperature" }, { place: relays, property: "PIO.0" }]
      const history = yield* hub.history({ query: { series, points: 10 } })
      assert.deepStrictEqual(history.series.map(({ place, property }) => ({ place, property })), series)
      yield* hub.days({ query: { series } })
      yield* hub.events({ query: {} })
      yield* Stream.runDrain(yield* hub.exportCsv({ query: { series } }))
      yield* Stream.runDrain(yield* hub.exportNdjson({ query: { series } }))
      assert.deepStrictEqual(yield* hub.session(), { permission: "edit" })
      assert.deepStrictEqual(yield* hub.open({ payload: { token: "" } }), { permission: "edit" })
      assert.deepStrictEqual(yield* hub.health(), { isKept: true, answering: 1, servers: 1 })
      assert.include(yield* hub.metrics(), "onewire_value")
      const nobody = "28.000028D70200"
      const errors = [
        yield* Effect.flip(hub.edit({ params: { key: nobody }, payload: {} })),
        yield* Effect.flip(hub.read({ params: { id: nobody, property: "temperature" } })),
        yield* Effect.flip(hub.read({ params: { id: cellar, property: "temprature" } })),
        yield* Effect.flip(hub.write({ params: { id: cellar, property: "temphigh" }, payload: { value: 1 } })),
        yield* Effect.flip(hub.history({ query: { series, from: 2, to: 1 } }))
      ]
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), [
        "NotFound",
        "NotFound",
        "Refused",
        "Forbidden",
        "BadRequest"
      ])
    }).pipe(Effect.provide(Served.layer({ allowWrite: true }))))

  it.live("is told when to come back", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const server = yield* Layer.buildWithScope(Served.layer(), scope)
      const hub = yield* Effect.provideContext(client, server)
      const listening = yield* Effect.forkChild(Effect.flip(Stream.runDrain(yield* hub.live())))
      yield* Scope.close(scope, Exit.void)
      const error = yield* Fiber.join(listening)
      assert(error._tag === "Retry")
    }))
})
