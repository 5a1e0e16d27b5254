import { SimulatedNetwork, TestNetwork } from "@effect-ownet/core/testing"
import { Api, History, Places } from "@effect-ownet/hub"
import { NodeHttpServer } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { serve } from "./hub.ts"

const freezer = "28.000028D70100"

const house = SimulatedNetwork.make({ [freezer]: { alias: "freezer", temperature: -18.5 } })

/** History with a limit for the freezer. */
const history = Layer.effectDiscard(
  History.History.use((history) =>
    history.setPlace({ ...Places.ofDevice(freezer), limits: { temperature: { above: -15 } } })
  )
).pipe(Layer.provideMerge(History.layerMemory))

const textOf = (path: string) => Effect.flatMap(HttpClient.get(path), ({ text }) => text)

describe("a hub in a server of your own", () => {
  it.effect("keeps a history, shows its page, and answers the lamp", () =>
    Effect.gen(function*() {
      const network = yield* house
      const program = Effect.gen(function*() {
        assert.include(yield* textOf("/"), "<html")
        yield* TestClock.adjust("1 minute")
        const state = yield* Schema.decodeEffect(Schema.fromJsonString(Api.State))(yield* textOf("/api/v1/state"))
        assert.strictEqual(state.title, "At home")
        assert.strictEqual(state.places[0]?.properties[0]?.reading?.value, -18.5)
        assert.strictEqual(yield* textOf("/lamp"), "green")
        yield* network.set(`${freezer}/temperature`, -12)
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* textOf("/lamp"), "red")
        yield* TestClock.adjust("1 minute")
        const rows = yield* textOf(`/api/v1/export.csv?series=${freezer}/temperature&from=0`)
        assert.match(rows, /,-18\.5,.*\r?\n.*,-12,/)
      })
      yield* program.pipe(
        Effect.provide(
          serve([]).pipe(
            Layer.provide([history, TestNetwork.layer({ pi: network })]),
            Layer.provideMerge(NodeHttpServer.layerTest)
          )
        )
      )
    }))
})
