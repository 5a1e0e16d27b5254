import { Network, OwClient } from "@effect-ownet/core"
import { SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import * as Progress from "./Progress.ts"

describe("layer", () => {
  it.effect("says what is done, and each time that the server begins to answer, or no longer does", () =>
    Effect.gen(function*() {
      const said: Array<string> = []
      const logger = Logger.make(({ logLevel, message }) => void said.push(`${logLevel} ${String(message)}`))
      const server = yield* SimulatedServer.SimulatedServer
      const ow = yield* OwClient.OwClient
      yield* server.stop
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(said.splice(0), ["Info waters the garden"])
        yield* TestClock.adjust("1 second")
        assert.match(said.splice(0).join(), /^Warn owserver at simulated:4304 does not answer: .*connect/)
        yield* Effect.ignore(ow.ping())
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(said, [])
        yield* server.start
        yield* ow.ping()
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(said.splice(0), ["Info owserver at simulated:4304 answers"])
        yield* server.stop
        yield* Effect.ignore(ow.ping())
        yield* TestClock.adjust("1 second")
        assert.match(said.join(), /^Warn owserver at simulated:4304 does not answer/)
      }).pipe(Effect.provide(Progress.layer("waters the garden").pipe(Layer.provideMerge(Logger.layer([logger])))))
    }).pipe(Effect.provide(Network.fromClient.pipe(
      Layer.provideMerge(OwClient.layer({ lazy: true })),
      Layer.provideMerge(SimulatedServer.layer({}))
    ))))
})
