import { TestNetwork } from "@effect-ownet/core/testing"
import { Api, Hub, Routes } from "@effect-ownet/hub"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Fiber, Layer, Schema, Scope, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import { HttpApiClient } from "effect/http-api"
import { TestClock } from "effect/testing"
import { createServer } from "node:http"
import * as Served from "./fixtures/served.ts"
import { ask, cellar, json, told, view } from "./fixtures/served.ts"

/** A hub of which only the stream is asked for. */
const scripted = (live: Stream.Stream<Api.Live>) =>
  Layer.mergeAll(Layer.mock(Hub.Hub, { live }), Served.hubLayer({}).pipe(Layer.discard))

const state: Api.State = { at: 1, title: "House", every: 10, servers: [], places: [] }

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
        yield* Schema.decodeUnknownEffect(Api.Live)(first)
        assert.strictEqual(first.state.places.find(({ key }) => key === cellar)?.title, "cellar")
      }
      for (const temperature of [12, 13.5]) {
        yield* network.set("cellar/temperature", temperature)
        yield* TestClock.adjust("10 seconds")
        const messages: Array<Array<string>> = [[], []]
        for (const [at, { next }] of viewers.entries()) {
          for (let isTold = false; !isTold;) {
            const message = (yield* next) ?? ""
            messages[at]!.push(message)
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
    }).pipe(Effect.provide(Served.layer(
      {},
      Layer.provideMerge(
        Layer.succeed(
          Hub.Hub,
          Hub.Hub.of({
            state: Effect.succeed(state),
            live: Stream.concat(Stream.succeed<Api.Live>({ _tag: "Snapshot", state }), Stream.never),
            edit: () => Effect.die("not asked for"),
            fill: () => Effect.die("not asked for"),
            read: () => Effect.die("not asked for"),
            write: () => Effect.die("not asked for")
          })
        ),
        Served.hubLayer({})
      )
    ))))
})
