/**
 * A server over a bus that is a plain record: it serves what the bus has, and nothing else.
 */
import { AliasTable, Bus, BusServer, Connector, OwClient, RomId } from "@effect-ownet/core"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { chip, clientOf, id, make, thermometer } from "../fixtures/bareBus.ts"
import { reason } from "../fixtures/scripted.ts"

const names = (paths: ReadonlyArray<string>) => paths.map((path) => path.replace(/\/$/, "").split("/").at(-1))

describe("BusServer", () => {
  it.effect("lists only those properties of a device that the bus has", () =>
    Effect.gen(function*() {
      const ow = yield* clientOf(make())
      assert.deepStrictEqual(names(yield* ow.dir("/28.000028D70100")), [
        "address",
        "alias",
        "power",
        "temperature",
        "templow"
      ])
      assert.strictEqual(
        reason(yield* Effect.flip(ow.readText("/28.000028D70100/errata/trim"))),
        reason(yield* Effect.flip(ow.readText("/28.000028D70100/nonsense")))
      )
      assert.deepStrictEqual(names(yield* ow.dir("/structure")), ["28"])
      assert.isFalse(yield* ow.present("/structure/29"))
    }))

  it.effect("has no directory for a simultaneous conversion on a bus that cannot do it", () =>
    Effect.gen(function*() {
      const without = yield* clientOf(make())
      assert.notInclude(names(yield* without.dir("/")), "simultaneous")
      assert.notInclude(names(yield* without.dir("/bus.0")), "simultaneous")
      assert.isFalse(yield* without.present("/simultaneous/temperature"))
      const able = yield* clientOf(make({ structure: (name) => name === "simultaneous" ? Bus.simultaneous() : chip }))
      assert.include(names(yield* able.dir("/bus.0")), "simultaneous")
      assert.isTrue(yield* able.present("/simultaneous/temperature"))
    }))

  it.effect("invents no settings and no statistics", () =>
    Effect.gen(function*() {
      const ow = yield* clientOf(make())
      const listed = yield* Effect.forEach(
        [
          "/settings/timeout",
          "/statistics",
          "/system/process",
          "/bus.0/interface",
          "/bus.0/interface/settings"
        ] as const,
        (path) =>
          Effect.map(
            Effect.option(ow.dir(path)),
            (found) => [path, found._tag === "Some" ? names(found.value) : undefined]
          )
      )
      assert.deepStrictEqual(Object.fromEntries(listed), {
        "/settings/timeout": ["directory", "presence", "stable", "volatile"],
        "/statistics": ["read", "write"],
        "/system/process": undefined,
        "/bus.0/interface": ["settings"],
        "/bus.0/interface/settings": ["address", "name"]
      })
      assert.strictEqual(yield* ow.readText("/bus.0/interface/settings/name"), "w1")
      assert.strictEqual(yield* ow.readText("/bus.0/interface/settings/address"), "/sys/bus/w1/devices/w1_bus_master1")
    }))

  it.effect("gives the bus's code for what failed, and forgets a failure", () =>
    Effect.gen(function*() {
      const made = make()
      const ow = yield* clientOf(made, { cache: true })
      made.failure = -5
      const failed = yield* Effect.flip(ow.readText("/28.000028D70100/temperature"))
      assert.strictEqual(failed._tag === "OwnetError" ? failed.code : 0, -5)
      made.failure = undefined
      assert.strictEqual(yield* ow.readText("/28.000028D70100/temperature"), "21.562")
    }))

  it.effect("remembers values as a real server does, except for requests past the cache", () =>
    Effect.gen(function*() {
      const made = make()
      const ow = yield* clientOf(made, { cache: true })
      yield* ow.readText("/28.000028D70100/temperature")
      yield* ow.readText("/28.000028D70100/temperature")
      assert.deepStrictEqual(made.reads, ["temperature"])
      yield* ow.readText("/uncached/28.000028D70100/temperature")
      assert.strictEqual(made.reads.length, 2)
      yield* TestClock.adjust("16 seconds")
      yield* ow.readText("/28.000028D70100/temperature")
      assert.strictEqual(made.reads.length, 3)
    }))

  it.effect("takes a device to be present for as long as a real server does", () =>
    Effect.gen(function*() {
      const made = make()
      const ow = yield* clientOf(made, { cache: true })
      yield* ow.readText("/28.000028D70100/temperature")
      made.there = []
      assert.isTrue(yield* ow.present("/28.000028D70100"))
      yield* TestClock.adjust("121 seconds")
      assert.isFalse(yield* ow.present("/28.000028D70100"))
    }))

  it.effect("says that it is at work while a bus takes its time", () =>
    Effect.gen(function*() {
      const made = make({ time: "8 seconds" })
      const ow = yield* clientOf(made, {}, { silenceTimeout: "3 seconds" })
      const reading = yield* Effect.forkChild(Effect.exit(ow.readText("/28.000028D70100/temperature")))
      yield* TestClock.adjust("8 seconds")
      assert.deepStrictEqual(yield* Fiber.join(reading), Exit.succeed("21.562"))
    }))

  it.effect("gives up a read of a client that is gone, and no write, if it is told to", () =>
    Effect.gen(function*() {
      const ended: Array<string> = []
      const slow = (what: string) =>
        Effect.onExit(Effect.sleep("1 minute"), ({ _tag }) => Effect.sync(() => void ended.push(`${what} ${_tag}`)))
      const made = make({ isSlow: true, read: () => Effect.as(slow("read"), [1]), write: () => slow("write") })
      const ow = yield* clientOf(made, { giveUp: true })
      yield* Effect.forkChild(
        Effect.all([
          Effect.timeoutOption(ow.readText("/28.000028D70100/power"), "5 seconds"),
          Effect.timeoutOption(ow.write("/28.000028D70100/templow", "1"), "5 seconds")
        ], { concurrency: 2 }),
        { startImmediately: true }
      )
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(ended, ["read Failure"])
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(ended, ["read Failure", "write Success"])
    }))

  it.effect("looks for devices before it resolves a path", () =>
    Effect.gen(function*() {
      const made = make({ look: Effect.sync(() => void (made.there = [thermometer])) })
      made.there = []
      const ow = yield* clientOf(made)
      assert.strictEqual(yield* ow.readText("/28.000028D70100/power"), "1")
    }))

  it.effect("refuses every write if it only reads, also to a name", () =>
    Effect.gen(function*() {
      const made = make()
      const ow = yield* clientOf(made, { readOnly: true })
      const refused = yield* Effect.forEach(["alias", "templow"], (name) =>
        Effect.map(Effect.flip(ow.write(`/28.000028D70100/${name}`, "7")), (error) =>
          error._tag === "OwnetError" ? error.code : error._tag))
      assert.deepStrictEqual(refused, [-30, -30])
      assert.deepStrictEqual(made.writes, [])
      assert.deepStrictEqual(made.bus.aliases.entries, [])
    }))

  it.effect("begins a simultaneous conversion although it only reads, if it is told that this is no write", () =>
    Effect.gen(function*() {
      const converted: Array<string> = []
      const made = make({
        structure: (name) => name === "simultaneous" ? Bus.simultaneous() : chip,
        convertAll: (what, place) => Effect.sync(() => void converted.push(`${what} ${place}`))
      })
      const begin = (ow: OwClient.Client) => Effect.option(ow.write("/simultaneous/temperature", "1"))
      yield* begin(yield* clientOf(made, { readOnly: true }))
      assert.deepStrictEqual(converted, [])
      yield* begin(yield* clientOf(made, { readOnly: true, simultaneous: true }))
      assert.deepStrictEqual(converted, ["temperature bus.0"])
    }))

  it.effect("hands on what is written as values", () =>
    Effect.gen(function*() {
      const made = make()
      const ow = yield* clientOf(made)
      yield* ow.write("/28.000028D70100/templow", "-10")
      assert.deepStrictEqual(made.writes.map(({ property: { name }, values }) => [name, values]), [
        ["templow", [[0, -10]]]
      ])
    }))

  it.effect("closes its connections when it is stopped, and serves again", () =>
    Effect.gen(function*() {
      const made = make()
      const server = BusServer.make("w1:", made.bus)
      const ow = yield* Effect.provideService(OwClient.make({ lazy: true }), Connector.Connector, server.connector)
      yield* ow.ping()
      yield* server.stop
      assert.strictEqual((yield* Effect.flip(ow.ping()))._tag, "ConnError")
      yield* server.start
      yield* ow.ping()
    }))
})

describe("AliasTable", () => {
  it("has one name for a device, and one device for a name", () => {
    const other = RomId.fromStringUnsafe("28.000028D70200")
    const table = new AliasTable.AliasTable()
    table.set(id, "kitchen")
    table.set(id, "cellar")
    assert.strictEqual(table.ownerOf("kitchen"), undefined)
    table.set(other, "cellar")
    assert.deepStrictEqual(table.entries, [[other, "cellar"]])
    table.set(other, "")
    assert.deepStrictEqual(table.entries, [])
  })
})
