import { TestNetwork } from "@effect-ownet/core/testing"
import { History, Hub, type HubConfig } from "@effect-ownet/hub"
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer, References } from "effect"
import { TestClock } from "effect/testing"
import * as Blocks from "../src/hub/Blocks.ts"

describe("Blocks", () => {
  it.effect("builds a block anew only when it says something else, and outlives its failures", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(
        Hub.layer().pipe(Layer.provide([TestNetwork.layer({ pi: {} }), History.layerMemory]))
      )
      const hub = Context.get(context, Hub.Hub)
      const log: Array<string> = []
      const bridge = ({ server }: { readonly server: string }) =>
        Layer.effectDiscard(
          Effect.acquireRelease(
            Effect.suspend(() => {
              log.push(`begin ${server}`)
              return server === "bad" ? Effect.die(new Error("no such broker")) : Effect.void
            }),
            () => Effect.sync(() => void log.push(`end ${server}`))
          )
        )
      const blocks = yield* Blocks.make({
        mqtt: Blocks.block(({ mqtt }) => mqtt, bridge),
        stuck: Blocks.block(
          ({ otlp }) => otlp,
          () => Layer.effectDiscard(Effect.acquireRelease(Effect.void, () => Effect.never))
        )
      }).pipe(Effect.provideService(Hub.Hub, hub))
      const take = (config: Omit<HubConfig.HubConfig, "version">) =>
        Effect.andThen(blocks.apply({ version: 1, ...config }), TestClock.adjust("10 millis"))
      yield* take({ mqtt: { server: "one" } })
      yield* take({ mqtt: { server: "one" }, title: "x" })
      assert.deepStrictEqual(log, ["begin one"])
      yield* take({ mqtt: { server: "two" }, otlp: { url: "http://x" } })
      assert.deepStrictEqual(log.splice(0), ["begin one", "end one", "begin two"])
      yield* take({ mqtt: { server: "bad" }, otlp: { url: "http://x" } })
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(log.splice(0), ["end two", "begin bad", "begin bad", "begin bad"])
      assert.deepInclude((yield* hub.state).outlets.map(({ failing, name }) => [name, failing?.message]), [
        "mqtt",
        "no such broker"
      ])
      // What does not end holds nothing up for long.
      const fiber = yield* Effect.forkChild(blocks.apply({ version: 1 }))
      yield* TestClock.adjust("6 seconds")
      yield* TestClock.adjust("6 seconds")
      assert.isDefined(fiber.pollUnsafe())
      assert.deepStrictEqual(log, [])
    }))

  it.effect("clears up after a block as soon as that can be done, unless it is back by then", () =>
    Effect.gen(function*() {
      const context = yield* Layer.build(
        Hub.layer().pipe(Layer.provide([TestNetwork.layer({ pi: {} }), History.layerMemory]))
      )
      const hub = Context.get(context, Hub.Hub)
      const cleared: Array<string> = []
      let isAway = true
      const blocks = yield* Blocks.make({
        mqtt: Blocks.block(
          ({ mqtt }) => mqtt,
          ({ server }) => Layer.effectDiscard(Effect.provideService(hub.report("mqtt", server), Hub.Hub, hub)),
          ({ server }, next) =>
            Effect.suspend(() => {
              if (server === next?.server) return Effect.void
              if (isAway) return Effect.fail("it is away")
              cleared.push(server)
              return Effect.void
            })
        )
      }).pipe(Effect.provideService(Hub.Hub, hub))
      const take = Effect.fnUntraced(function*(server: string | undefined) {
        const config: HubConfig.HubConfig = { version: 1, ...server === undefined ? {} : { mqtt: { server } } }
        const fiber = yield* Effect.forkChild(blocks.apply(config))
        yield* TestClock.adjust("10 millis")
        const { outlets } = yield* hub.state
        yield* TestClock.adjust("6 seconds")
        assert.isDefined(fiber.pollUnsafe())
        return outlets.length
      })
      yield* take("one")
      yield* take("two")
      // The page shows nothing that is not fed any more, and later changes of other keys wait for nothing.
      assert.strictEqual(yield* take(undefined), 0)
      const fiber = yield* Effect.forkChild(blocks.apply({ version: 1, title: "x" }))
      yield* TestClock.adjust("10 millis")
      assert.isDefined(fiber.pollUnsafe())
      yield* take("one")
      isAway = false
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(cleared, ["two"])
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None")))
})
