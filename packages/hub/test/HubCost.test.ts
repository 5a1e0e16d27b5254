/** What a viewer is sent: bytes, which are the same on every machine. `pnpm bench:serve` measures times and memory, too. */
import { SimulatedNetwork } from "@effect-ownet/core/testing"
import type { Api } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { TestClock } from "effect/testing"
import { gzipSync } from "node:zlib"
import { house } from "./fixtures/houses.ts"

const sensors = Array.from(
  { length: 100 },
  (_, index) => `28.${(0x28D701 + index * 0x100).toString(16).toUpperCase().padStart(12, "0")}`
)

const bytesOf = (message: Api.Live): number => JSON.stringify(message).length

describe("a viewer of 100 sensors", () => {
  it.effect("is sent few bytes: all once, and then only what was read", () =>
    Effect.gen(function*() {
      const { hub, network } = yield* house(
        Object.fromEntries(
          sensors.map((id, index) => [id, {
            alias: `sensor ${index + 1}`,
            temperature: (at: number) => 20 + index % 10 + (Math.round(at) % 16) / 16
          }])
        ),
        { every: "2 seconds" }
      )
      yield* TestClock.adjust("10 seconds")
      const messages: Array<Api.Live> = []
      yield* Effect.forkScoped(Stream.runForEach(hub.live, (message) => Effect.sync(() => void messages.push(message))))
      yield* TestClock.adjust("30 seconds")
      const [first, ...rest] = messages
      assert.strictEqual(first?._tag, "Snapshot")
      assert.isBelow(bytesOf(first), 280 * sensors.length)
      assert.isBelow(gzipSync(JSON.stringify(first)).length, 20 * sensors.length)
      // Fifteen rounds, each of which may be seen in two parts.
      assert.isAtLeast(rest.length, 15)
      assert.isAtMost(rest.length, 30)
      const changes = rest.reduce((sum, message) => sum + bytesOf(message), 0)
      assert.isBelow(changes / 15, 70 * sensors.length)
      for (const message of rest) {
        assert.strictEqual(message._tag, "Change")
        if (message._tag === "Change") assert.lengthOf(message.places, 0)
      }
      // That one fails is told once, and nothing of the others.
      yield* network.set(`${sensors[0]}/temperature`, SimulatedNetwork.refuse(-5))
      messages.splice(0)
      yield* TestClock.adjust("30 seconds")
      const places = messages.flatMap((message) => message._tag === "Change" ? message.places : [])
      assert.deepStrictEqual(places.map(({ key }) => key), [sensors[0]])
      assert.isDefined(places[0]?.properties[0]?.failing)
    }))
})
