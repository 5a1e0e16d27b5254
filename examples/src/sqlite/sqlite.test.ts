import { Network, OwClient } from "@effect-ownet/core"
import { SimulatedNetwork, SimulatedServer, TestOwClient } from "@effect-ownet/core/testing"
import * as NodeSqlite from "@effect-ownet/hub/NodeSqlite"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { type Duration, Effect, Fiber, FileSystem, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import { logTemperatures, Readings } from "./sqlite.ts"

const cellar = "28.000028D70100"
const attic = "28.000028D70200"

/** A file of a test's own, and what a process that has it open sees. */
const open = Effect.map(
  Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped()),
  (directory) => Readings.layer.pipe(Layer.provideMerge(Layer.fresh(NodeSqlite.layer(`${directory}/readings.db`))))
).pipe(Effect.provide(NodeServices.layer))

/** Lets fibers that wait for nothing but each other come to rest. */
const settle = Effect.repeat(Effect.yieldNow, { times: 100 })

/** Logs for some time, and ends as a process does. */
const logFor = Effect.fnUntraced(function*(duration: Duration.Input) {
  const fiber = yield* Effect.forkChild(logTemperatures)
  yield* settle
  yield* TestClock.adjust(duration)
  yield* Fiber.interrupt(fiber)
})

const written = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) => sql`SELECT device, value, unit FROM readings ORDER BY at, device`.values
)

describe("logTemperatures", () => {
  it.effect("writes what has changed, and goes on after a restart", () =>
    Effect.gen(function*() {
      const database = yield* open
      const network = yield* SimulatedNetwork.make({
        [cellar]: {
          temperature: SimulatedNetwork.script([["0 seconds", 11], ["75 seconds", 11.05], ["100 seconds", 12]])
        },
        [`/bus.1/${attic}`]: { temperature: 17 }
      })
      const process = Effect.gen(function*() {
        yield* logFor("5 minutes")
        return yield* written
      }).pipe(Effect.provide([database, Layer.provide(Network.fromClient, TestOwClient.layer(network))]))
      const first = [[cellar, 11, "°C"], [attic, 17, "°C"], [cellar, 12, "°C"]]
      assert.deepStrictEqual(yield* process, first)
      assert.deepStrictEqual(yield* process, first)
      yield* network.set(`${attic}/temperature`, 18)
      assert.deepStrictEqual(yield* process, [...first, [attic, 18, "°C"]])
    }))

  it.effect("writes no value that cannot be true, and outlasts a bus that fails", () =>
    Effect.gen(function*() {
      const database = yield* open
      const network = yield* SimulatedNetwork.make({
        [cellar]: { temperature: SimulatedNetwork.script([["0 seconds", 11], ["1 minute", 85], ["2 minutes", 11]]) }
      })
      const values = yield* Effect.gen(function*() {
        yield* logFor("3 minutes")
        yield* network.breakBus(0, -5)
        yield* Effect.forkChild(logTemperatures)
        yield* TestClock.adjust("10 minutes")
        yield* network.set(`${cellar}/temperature`, 9)
        yield* network.breakBus(0)
        yield* TestClock.adjust("10 minutes")
        return (yield* written).map(([, value]) => value)
      }).pipe(Effect.provide([database, Layer.provide(Network.fromClient, TestOwClient.layer(network))]))
      assert.deepStrictEqual(values, [11, 11, 9])
    }))

  it.effect("writes what a thermometer says that is plugged in later, and goes on when it is back", () =>
    Effect.gen(function*() {
      const database = yield* open
      const network = yield* SimulatedNetwork.make({ [cellar]: { temperature: 11 } })
      yield* Effect.gen(function*() {
        yield* Effect.forkChild(logTemperatures)
        yield* settle
        yield* TestClock.adjust("90 seconds")
        yield* network.appear(`/bus.1/${attic}`, { temperature: 17 })
        yield* TestClock.adjust("2 minutes")
        const both = [[cellar, 11, "°C"], [attic, 17, "°C"]]
        assert.deepStrictEqual(yield* written, both)
        yield* network.vanish(attic)
        yield* TestClock.adjust("10 minutes")
        yield* network.appear(`/bus.1/${attic}`, { temperature: 17 })
        yield* TestClock.adjust("10 minutes")
        assert.deepStrictEqual(yield* written, both)
        yield* network.set(`${attic}/temperature`, 18)
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* written, [...both, [attic, 18, "°C"]])
      }).pipe(Effect.provide([database, Layer.provide(Network.fromClient, TestOwClient.layer(network))]))
    }))

  it.effect("waits for a server that is away at the start", () =>
    Effect.gen(function*() {
      const database = yield* open
      const server = SimulatedServer.layer({ [cellar]: { temperature: 11 } })
      yield* Effect.gen(function*() {
        const { start, stop } = yield* SimulatedServer.SimulatedServer
        yield* stop
        yield* Effect.forkChild(logTemperatures)
        yield* settle
        yield* TestClock.adjust("1 hour")
        assert.deepStrictEqual(yield* written, [])
        yield* start
        yield* TestClock.adjust("2 minutes")
        assert.deepStrictEqual(yield* written, [[cellar, 11, "°C"]])
      }).pipe(
        Effect.provide([
          database,
          Network.fromClient.pipe(Layer.provide(OwClient.layer({ lazy: true })), Layer.provideMerge(server))
        ])
      )
    }))

  it.effect("waits for a file that somebody else has locked", () =>
    Effect.gen(function*() {
      const database = yield* open
      yield* Effect.gen(function*() {
        const other = yield* Layer.build(Layer.fresh(database))
        yield* SqlClient.SqlClient.use((sql) => sql`BEGIN IMMEDIATE`).pipe(Effect.provide(other))
        yield* Effect.forkChild(logTemperatures)
        yield* settle
        yield* TestClock.adjust("1 minute")
        assert.deepStrictEqual(yield* written, [])
        yield* SqlClient.SqlClient.use((sql) => sql`COMMIT`).pipe(Effect.provide(other))
        yield* TestClock.adjust("10 seconds")
        assert.deepStrictEqual((yield* written).map(([, value]) => value), [11])
      }).pipe(
        Effect.provide([
          database,
          Layer.provide(Network.fromClient, TestOwClient.layer({ [cellar]: { temperature: 11 } }))
        ])
      )
    }))
})
