import { OwClient } from "@effect-ownet/core"
import { Fault, SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Context, type Duration, Effect, Layer, Option, Ref, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { freezer, Pager, pages } from "./freezer.ts"

const thermometer = "28.000028D70100"

/** A pager that records its messages. */
class Paged extends Context.Service<Paged, Ref.Ref<ReadonlyArray<string>>>()("examples/testing/Paged") {
  static readonly layer = Layer.effect(
    Pager,
    Effect.map(Paged, (paged) => ({ page: (text: string) => Ref.update(paged, (texts) => [...texts, text]) }))
  ).pipe(
    Layer.provideMerge(Layer.effect(Paged, Ref.make<ReadonlyArray<string>>([])))
  )
}

/** The messages of the given time. */
const after = Effect.fnUntraced(function*(duration: Duration.Input) {
  yield* TestClock.adjust(duration)
  return yield* Ref.getAndSet(yield* Paged, [])
})

/** The program next to the test, once it waits for its next minute. */
const start = Effect.andThen(
  Effect.forkChild(freezer({ thermometer, warmest: -15 })),
  Effect.repeat(Effect.yieldNow, { times: 100 })
)

const minutes = (count: number, isTrouble: boolean) => Array.from({ length: count }, () => isTrouble)

const pagesOf = (troubles: ReadonlyArray<boolean>) =>
  Stream.fromIterable(troubles).pipe(
    Stream.map((isTrouble) => isTrouble ? Option.some("trouble") : Option.none()),
    pages,
    Stream.runCollect
  )

describe("pages", () => {
  it.effect("pages once, however long it takes, and once more when it is over", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* pagesOf(minutes(9, true)), [])
      assert.deepStrictEqual(yield* pagesOf(minutes(10, true)), ["trouble"])
      assert.deepStrictEqual(yield* pagesOf([...minutes(500, true), ...minutes(2, false)]), [
        "trouble",
        "all is well again"
      ])
    }))

  it.effect.prop(
    "takes turns, whatever happens",
    [Schema.Array(Schema.Struct({ count: Schema.Literals([1, 9, 10, 30]), isTrouble: Schema.Boolean }))],
    Effect.fnUntraced(function*([spells]) {
      const paged = yield* pagesOf(spells.flatMap(({ count, isTrouble }) => minutes(count, isTrouble)))
      assert.deepStrictEqual(paged, paged.map((_, at) => at % 2 === 0 ? "trouble" : "all is well again"))
    }),
    { arbitrary: { runs: 200, seed: "freezer" } }
  )
})

describe("freezer", () => {
  it.effect("says nothing of a door that is open for a moment, and pages when it stays open", () =>
    Effect.gen(function*() {
      yield* start
      assert.deepStrictEqual(yield* after("1 hour"), [])
      assert.deepStrictEqual(yield* after("15 minutes"), ["it is -8 °C"])
      assert.deepStrictEqual(yield* after("2 hours"), ["all is well again"])
    }).pipe(Effect.provide([
      Paged.layer,
      TestOwClient.layer({
        [thermometer]: {
          temperature: SimulatedNetwork.script([
            ["0 seconds", -18],
            ["30 minutes", -14],
            ["38 minutes", -18],
            ["61 minutes", -8],
            ["2 hours", -18]
          ])
        }
      })
    ])))

  it.effect("pages when its thermometer is gone, and when it says what cannot be true", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ [thermometer]: { temperature: -18 } })
      yield* Effect.gen(function*() {
        yield* start
        yield* network.vanish(thermometer)
        const [gone] = yield* after("15 minutes")
        assert.include(gone, "no such device")
        yield* network.appear(thermometer)
        assert.deepStrictEqual(yield* after("2 minutes"), ["all is well again"])
        yield* network.set(`${thermometer}/temperature`, 85)
        const [unpowered] = yield* after("15 minutes")
        assert.include(unpowered, "check its power")
      }).pipe(Effect.provide([Paged.layer, TestOwClient.layer(network)]))
    }))

  it.effect("is spared what a few more attempts mend", () =>
    Effect.gen(function*() {
      yield* start
      assert.deepStrictEqual(yield* after("1 hour"), [])
    }).pipe(Effect.provide([
      Paged.layer,
      TestOwClient.layer({
        // At the start of each minute, the bus is busy with something else.
        [thermometer]: { temperature: (seconds) => seconds % 60 < 4 ? SimulatedNetwork.refuse(-5) : -18 }
      })
    ])))

  it.effect("pages when its server does not answer, and goes on when it does", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* start
      yield* server.setFaults(() => Fault.Fault.Silence())
      const [silent] = yield* after("20 minutes")
      assert.include(silent, "at simulated:4304")
      yield* server.setFaults()
      assert.deepStrictEqual(yield* after("5 minutes"), ["all is well again"])
      yield* server.stop
      assert.strictEqual((yield* after("1 hour")).length, 1)
      yield* server.start
      assert.deepStrictEqual(yield* after("5 minutes"), ["all is well again"])
    }).pipe(Effect.provide([
      Paged.layer,
      OwClient.layer().pipe(Layer.provideMerge(SimulatedServer.layer({ [thermometer]: { temperature: -18 } })))
    ])))
})
