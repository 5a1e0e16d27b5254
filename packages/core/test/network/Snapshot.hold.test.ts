import { Follow, RomId, Snapshot } from "@effect-ownet/core"
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { type Duration, Effect, Fiber, HashMap, Option, Stream } from "effect"
import { TestClock } from "effect/testing"
import { networkOf, serve } from "../fixtures/watched.ts"

const kitchen = "28.000028D70100"
const id = Option.getOrThrow(RomId.fromString(kitchen))

describe("a snapshot that is held", () => {
  it.effect("has a reading while it holds, and why there is none otherwise", () =>
    Effect.gen(function*() {
      const { network, ow, server } = yield* serve({ [kitchen]: { temperature: 21.5 } })
      const held = yield* Snapshot.hold(Follow.follow(Follow.all(), "1 minute", { jitter: 0 })).pipe(
        Effect.provide(networkOf(ow))
      )
      const after = Effect.fnUntraced(function*(duration: Duration.Input) {
        yield* TestClock.adjust(duration)
        const house = yield* held.now
        return [
          Option.getOrUndefined(Snapshot.reading(house, id, "temperature"))?.value,
          Option.getOrUndefined(Snapshot.failing(house, id, "temperature"))?.error._tag,
          Option.getOrUndefined(Snapshot.property(house, id, "temperature"))?.reading?.value
        ]
      })
      assert.deepStrictEqual(yield* after(0), [undefined, undefined, undefined])
      assert.deepStrictEqual(yield* after("1 second"), [21.5, undefined, 21.5])
      yield* network.set(`${kitchen}/temperature`, SimulatedNetwork.refuse(-5))
      assert.deepStrictEqual(yield* after("1 minute"), [undefined, "OwnetError", 21.5])
      yield* network.set(`${kitchen}/temperature`, 85)
      assert.deepStrictEqual(yield* after("1 minute"), [85, undefined, 85])
      yield* server.stop
      assert.deepStrictEqual(yield* after("1 minute"), [undefined, "ConnError", 85])
      yield* server.start
      assert.deepStrictEqual(yield* after("1 minute"), [85, undefined, 85])
      yield* network.vanish(kitchen)
      assert.deepStrictEqual(yield* after("10 minutes"), [undefined, undefined, undefined])
    }))

  it.effect("waits for the first answer, or for the server's failure", () =>
    Effect.gen(function*() {
      const { ow, server } = yield* serve({ [kitchen]: {} })
      const hold = Snapshot.hold(Follow.follow(Follow.all([]), "1 minute")).pipe(
        Effect.provide(networkOf(ow))
      )
      const held = yield* hold
      const first = yield* Effect.forkChild(held.ready)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(Snapshot.devices(yield* Fiber.join(first)).length, 1)
      yield* server.stop
      const failed = yield* Effect.forkChild(Effect.flatMap(hold, ({ ready }) => ready))
      yield* TestClock.adjust("1 second")
      const failing = ({ servers }: Snapshot.Snapshot) =>
        [...servers.values()].map(({ failing }) => failing?.error._tag)
      assert.deepStrictEqual(failing(yield* Fiber.join(failed)), ["ConnError"])
      yield* TestClock.adjust("10 minutes")
      const last = yield* held.ready
      assert.deepStrictEqual([HashMap.size(last.devices), ...failing(last)], [1, "ConnError"])
    }))

  it.effect("waits for nothing more once all is over", () =>
    Effect.gen(function*() {
      const held = yield* Snapshot.hold(Stream.empty)
      assert.deepStrictEqual(yield* held.ready, Snapshot.empty)
      const failed = yield* Snapshot.hold(Stream.fail("closed"))
      assert.strictEqual(yield* Effect.flip(failed.ready), "closed")
    }))
})
