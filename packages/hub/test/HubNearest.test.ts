/** A device that two servers show, in one process: one of them reads it. */
import { TestNetwork } from "@effect-ownet/core/testing"
import type { Hub } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { notebook, start } from "./fixtures/houses.ts"

const kitchen = "28.000028D70100"

/** Searches are requests, too. */
const rarely = { every: "10 minutes" } as const

const both = Effect.fnUntraced(function*(search: Hub.Options["search"]) {
  const room = { [kitchen]: { temperature: 20 } }
  const context = yield* Layer.build(TestNetwork.layer({ pi: room, barn: room }))
  const book = yield* notebook
  const { hub } = yield* start(book, context, { search, flush: "1 second" })
  yield* TestClock.adjust("30 seconds")
  const { server } = Context.get(context, TestNetwork.TestNetwork)
  const of = (name: string) => {
    const own = server(name)
    return { ...own, requests: Effect.map(own.statistics, ({ requests }) => requests) }
  }
  const reader = Effect.map(hub.state, ({ places }) => places.find(({ key }) => key === kitchen)?.server ?? "")
  const other = (name: string) => name === "pi" ? "barn" : "pi"
  const age = Effect.map(hub.state, ({ at, places }) => {
    const [place] = places
    return at - (place?.properties.find(({ name }) => name === "temperature")?.reading?.at ?? 0)
  })
  return { age, book, hub, of, other, reader }
})

describe("a device that two servers show", () => {
  it.effect("is read by one of them, also after it is followed anew", () =>
    Effect.gen(function*() {
      const { age, book, hub, of, other, reader } = yield* both(rarely)
      const name = yield* reader
      const idle = of(other(name))
      const told = book.kinds().length
      for (const every of ["10 seconds", "5 seconds"] as const) {
        yield* hub.configure({ every, alarms: false, search: rarely, flush: "1 second" })
        yield* TestClock.adjust("20 seconds")
        const [before, busy] = [yield* idle.requests, yield* of(name).requests]
        yield* TestClock.adjust("2 minutes")
        assert.isAtMost(yield* idle.requests, before + 4)
        assert.isAtLeast(yield* of(name).requests, busy + 10)
        assert.isBelow(yield* age, 12)
      }
      assert.strictEqual(yield* reader, name)
      assert.deepStrictEqual(book.kinds().slice(told), [])
    }))

  it.effect("is read by the other one at once, if the first fails, and told once", () =>
    Effect.gen(function*() {
      const { age, book, of, other, reader } = yield* both(undefined)
      const first = yield* reader
      yield* of(first).stop
      yield* TestClock.adjust("12 seconds")
      assert.strictEqual(yield* reader, other(first))
      assert.isBelow(yield* age, 12)
      yield* TestClock.adjust("2 minutes")
      assert.isBelow(yield* age, 12)
      yield* of(first).start
      yield* TestClock.adjust("3 minutes")
      assert.isBelow(yield* age, 12)
      assert.strictEqual(yield* reader, other(first))
      const kinds = book.kinds().filter((kind) =>
        ["Rerouted", "ServerFailed", "Vanished", "ServerRecovered"].includes(kind)
      )
      assert.deepStrictEqual(kinds, ["ServerFailed", "Rerouted", "ServerRecovered"])
    }))
})
