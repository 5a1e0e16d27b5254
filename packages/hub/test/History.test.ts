import { layerMemory, layerSqlite } from "@effect-ownet/hub/History"
import { NodeServices } from "@effect/platform-node"
import { describe, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import { Database, suite } from "./fixtures/suite.ts"

const memory = Layer.succeed(Database, { fresh: Effect.succeed(Layer.fresh(layerMemory)) })

const sqlite = Layer.effect(
  Database,
  Effect.gen(function*() {
    const folder = yield* Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
    let count = 0
    return { fresh: Effect.sync(() => layerSqlite(`${folder}/${count++}.db`)) }
  }).pipe(Effect.orDie)
).pipe(Layer.provide(NodeServices.layer))

describe("a history", () => {
  layer(memory)("in memory", suite(5))
  layer(sqlite)("in a file of SQLite", suite(2))
})
