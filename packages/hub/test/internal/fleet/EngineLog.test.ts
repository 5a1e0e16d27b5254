import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Logger, References } from "effect"
import * as EngineLog from "../../../src/internal/fleet/EngineLog.ts"

describe("the log of the engine", () => {
  it.effect("tells of the database once, and of shards and sockets nothing", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const logger = Logger.make(({ message }) => {
        lines.push([message].flat().join(" "))
      })
      yield* Effect.gen(function*() {
        yield* Effect.logInfo("Listening on 0.0.0.0:34431")
        yield* Effect.logError("Shard lock storage is unhealthy", new Error("timed out"))
        yield* Effect.logWarning("Shard lock storage is still unhealthy")
        yield* Effect.logWarning("Could not release shards, retrying")
        yield* Effect.logInfo("Shard lock storage has recovered")
        yield* Effect.logWarning("No healthy runners available")
        yield* Effect.logWarning("Something that nobody foresaw")
      }).pipe(
        Effect.provide(EngineLog.layer.pipe(
          Layer.provide(Layer.merge(Logger.layer([logger]), Layer.succeed(References.MinimumLogLevel, "Warn")))
        ))
      )
      assert.deepStrictEqual(lines, [
        "The database of the fleet is not reached: other runners follow the servers of this one if they reach it",
        "The database of the fleet is reached again",
        "Something that nobody foresaw"
      ])
    }))
})
