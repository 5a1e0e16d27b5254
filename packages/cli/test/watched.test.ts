/**
 * What is watched over time: servers that come, and devices.
 */
import { OwClient } from "@effect-ownet/core"
import { SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as Target from "../src/watch/Target.ts"
import * as Watch from "../src/watch/Watch.ts"

const options: Watch.Options = { targets: [Target.all], every: 10_000, count: undefined, changes: true }

/** What is told of a network from now on. */
const follow = Effect.fnUntraced(function*(options: Watch.Options) {
  const ow = yield* OwClient.OwClient
  const first = yield* Effect.result(Target.resolve(ow, options.targets))
  const told: Array<string> = []
  const fiber = yield* Effect.forkChild(
    Stream.runForEach(Watch.events([{ ow, first }], options), (event) =>
      Effect.sync(() =>
        told.push(
          event._tag !== "Seen"
            ? event._tag
            : event.seen._tag === "Reading"
            ? `${event.seen.device.name} ${event.seen.value}`
            : `${event.seen.device.name} ${event.seen.error._tag}`
        )
      ))
  )
  // What hands over between fibers, a test's clock does not wait for.
  const rest = Effect.repeat(Effect.yieldNow, { times: 100 })
  yield* rest
  return { fiber, told: Effect.andThen(rest, Effect.sync(() => told.splice(0))) }
})

describe("what is watched", () => {
  it.effect("has also what comes later", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ "28.000028D70100": { temperature: 21.5 } })
      const program = Effect.gen(function*() {
        const { told } = yield* follow(options)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(yield* told, ["Found", "28.000028D70100 21.5"])
        yield* network.appear("10.000010EF0000", { temperature: 8 })
        yield* TestClock.adjust("2 minutes")
        const later = yield* told
        assert.include(later, "10.000010EF0000 8")
        assert.strictEqual(later.filter((line) => line.startsWith("28.")).length, 0)
      })
      yield* Effect.provide(program, TestOwClient.layer(network))
    }))

  it.effect("has what a server has that answers later", () =>
    Effect.gen(function*() {
      const server = yield* SimulatedServer.SimulatedServer
      yield* server.stop
      const { told } = yield* follow({ ...options, targets: [Target.all] })
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* told, ["ServerFailed"])
      yield* server.start
      yield* TestClock.adjust("20 seconds")
      assert.deepStrictEqual(yield* told, ["Found", "ServerRecovered", "28.000028D70100 21.5"])
      yield* server.stop
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(yield* told, ["ServerFailed"])
      yield* server.start
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* told, ["ServerRecovered", "28.000028D70100 21.5"])
    }).pipe(
      Effect.provide(
        OwClient.layer({ lazy: true }).pipe(
          Layer.provideMerge(SimulatedServer.layer({ "28.000028D70100": { temperature: 21.5 } }))
        )
      )
    ))

  it.effect("says once what cannot be searched, and has its devices later", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({
        "28.000028D70100": { temperature: 21.5 },
        "/bus.1/10.000010EF0000": { temperature: 8 }
      })
      const program = Effect.gen(function*() {
        yield* network.breakBus(1, -5)
        const { told } = yield* follow(options)
        yield* TestClock.adjust("5 minutes")
        assert.sameMembers([...yield* told], ["Found", "Unsearched", "28.000028D70100 21.5"])
        yield* network.breakBus(1)
        yield* TestClock.adjust("2 minutes")
        assert.deepStrictEqual(yield* told, ["Found", "Unsearched", "10.000010EF0000 8"])
      })
      yield* Effect.provide(program, TestOwClient.layer(network))
    }))

  it.effect("ends after as many rounds as are wanted", () =>
    Effect.gen(function*() {
      const { fiber, told } = yield* follow({ ...options, changes: false, count: 3 })
      yield* TestClock.adjust("19 seconds")
      assert.deepStrictEqual(yield* told, ["Found", "28.000028D70100 21.5", "28.000028D70100 21.5"])
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(yield* told, ["28.000028D70100 21.5"])
    }).pipe(Effect.provide(TestOwClient.layer({ "28.000028D70100": { temperature: 21.5 } }))))

  it.effect("tells a failure once, and another one again", () =>
    Effect.gen(function*() {
      const network = yield* SimulatedNetwork.make({ "28.000028D70100": { temperature: SimulatedNetwork.refuse(-5) } })
      const program = Effect.gen(function*() {
        const { told } = yield* follow({ ...options, changes: false })
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(yield* told, ["Found", "28.000028D70100 OwnetError"])
        yield* network.set("/28.000028D70100/temperature", SimulatedNetwork.refuse(-22))
        yield* TestClock.adjust("59 seconds")
        assert.deepStrictEqual(yield* told, ["28.000028D70100 OwnetError"])
      })
      yield* Effect.provide(program, TestOwClient.layer(network))
    }))
})
