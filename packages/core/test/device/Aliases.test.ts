import { Aliases, MessageType, OwClient, RomId } from "@effect-ownet/core"
import { Fault, type SimulatedNetwork, SimulatedServer } from "@effect-ownet/core/testing"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer, Option, Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import * as scripted from "../fixtures/scripted.ts"
import { reason, settle } from "../fixtures/scripted.ts"

const id = (text: string): RomId.RomId => Option.getOrThrow(RomId.fromString(text))

const a = id("28.000028D70000")
const b = id("28.000028D70100")

const layerOf = (network: SimulatedNetwork.Description) =>
  Layer.provideMerge(OwClient.layer(), SimulatedServer.layer(network))

const house = layerOf({
  "28.000028D70000": { alias: "kitchen" },
  "28.000028D70100": { alias: "bath" },
  "99.000099660000": {}
})

const requests = Effect.gen(function*() {
  return (yield* (yield* SimulatedServer.SimulatedServer).statistics).requests
})

/** Aliases, with what they notice from now on. */
const follow = Effect.fnUntraced(function*(options?: Aliases.Options) {
  const aliases = yield* Aliases.make(options)
  const seen: Array<Aliases.Rename> = []
  const fiber = yield* Effect.forkChild(
    Stream.runForEach(aliases.renames, (rename) => Effect.sync(() => seen.push(rename)))
  )
  yield* settle
  return { aliases, fiber, taken: Effect.andThen(settle, Effect.sync(() => seen.splice(0))) }
})

describe("Aliases", () => {
  it.effect("tells who an alias is, and what a device is called", () =>
    Effect.gen(function*() {
      const aliases = yield* Aliases.make()
      assert.deepStrictEqual(yield* aliases.idOf("kitchen"), Option.some(a))
      assert.deepStrictEqual(yield* aliases.aliasOf(b), Option.some("bath"))
      assert.deepStrictEqual(yield* aliases.idOf("cellar"), Option.none())
      assert.deepStrictEqual(yield* aliases.aliasOf(id("99.000099660000")), Option.none())
      assert.deepStrictEqual(yield* aliases.aliasOf(id("28.FFFFFFFFFFFF")), Option.none())
    }).pipe(Effect.provide(house)))

  it.effect("asks once in a while, and once for all who ask at a time", () =>
    Effect.gen(function*() {
      const aliases = yield* Aliases.make({ timeToLive: "10 seconds" })
      const before = yield* requests
      yield* Effect.replicateEffect(aliases.aliasOf(a), 5, { concurrency: "unbounded" })
      assert.strictEqual((yield* requests) - before, 1)
      yield* TestClock.adjust("9 seconds")
      yield* aliases.aliasOf(a)
      assert.strictEqual((yield* requests) - before, 1)
      yield* TestClock.adjust("1 second")
      yield* aliases.aliasOf(a)
      assert.strictEqual((yield* requests) - before, 2)
      yield* aliases.idOf("kitchen")
      yield* aliases.idOf("kitchen")
      assert.strictEqual((yield* requests) - before, 4)
    }).pipe(Effect.provide(house)))

  it.effect("notices what is renamed, exchanged and taken away", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      const { aliases, taken } = yield* follow()
      const ask = Effect.gen(function*() {
        yield* TestClock.adjust("1 minute")
        for (const alias of ["kitchen", "bath"]) yield* aliases.idOf(alias)
        for (const id of [a, b]) yield* aliases.aliasOf(id)
        return yield* taken
      })
      assert.deepStrictEqual(yield* ask, [])
      assert.deepStrictEqual(yield* ask, [])

      yield* network.set("28.000028D70000/alias", "cellar")
      assert.deepStrictEqual(yield* ask, [
        { _tag: "Moved", alias: "kitchen", from: Option.some(a), to: Option.none() },
        { _tag: "Renamed", id: a, from: Option.some("kitchen"), to: Option.some("cellar") }
      ])

      yield* network.set("28.000028D70100/alias", "kitchen")
      yield* network.set("28.000028D70000/alias", "bath")
      assert.deepStrictEqual(yield* ask, [
        { _tag: "Moved", alias: "kitchen", from: Option.none(), to: Option.some(b) },
        { _tag: "Moved", alias: "bath", from: Option.some(b), to: Option.some(a) },
        { _tag: "Renamed", id: a, from: Option.some("cellar"), to: Option.some("bath") },
        { _tag: "Renamed", id: b, from: Option.some("bath"), to: Option.some("kitchen") }
      ])

      yield* OwClient.OwClient.use((ow) => ow.write("/28.000028D70100/alias", ""))
      assert.deepStrictEqual(yield* ask, [
        { _tag: "Moved", alias: "kitchen", from: Option.some(b), to: Option.none() },
        { _tag: "Renamed", id: b, from: Option.some("kitchen"), to: Option.none() }
      ])

      // What is away leads nowhere and has no name, until it is back.
      yield* network.vanish("28.000028D70000")
      assert.deepStrictEqual((yield* ask).map(({ _tag, to }) => [_tag, to]), [
        ["Moved", Option.none()],
        ["Renamed", Option.none()]
      ])
      yield* network.appear("28.000028D70000")
      assert.deepStrictEqual((yield* ask).map(({ _tag, from }) => [_tag, from]), [
        ["Moved", Option.none()],
        ["Renamed", Option.none()]
      ])
    }).pipe(Effect.provide(house)))

  it.effect("remembers no failure, and takes none for a change", () =>
    Effect.gen(function*() {
      const { setFaults } = yield* SimulatedServer.SimulatedServer
      const { aliases, taken } = yield* follow()
      yield* aliases.idOf("kitchen")
      yield* TestClock.adjust("1 minute")
      yield* setFaults(Fault.first(2, Fault.Fault.Refuse({ code: -5 })))
      assert.strictEqual(reason(yield* Effect.flip(aliases.idOf("kitchen"))), "BusFault")
      assert.strictEqual(reason(yield* Effect.flip(aliases.aliasOf(a))), "BusFault")
      assert.deepStrictEqual(yield* aliases.idOf("kitchen"), Option.some(a))
      assert.deepStrictEqual(yield* aliases.aliasOf(a), Option.some("kitchen"))
      assert.deepStrictEqual(yield* taken, [])
    }).pipe(Effect.provide(house)))

  it.effect("forgets what was asked long before so much else", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      const { aliases, taken } = yield* follow()
      yield* aliases.idOf("kitchen")
      for (let count = 0; count < 1000; count++) yield* aliases.idOf(`cellar ${count}`)
      yield* network.set("28.000028D70000/alias", "attic")
      assert.deepStrictEqual(yield* aliases.idOf("kitchen"), Option.none())
      assert.deepStrictEqual(yield* taken, [])
    }).pipe(Effect.provide(house)))

  it.effect("believes no server that takes every name for one device", () =>
    Effect.gen(function*() {
      const server = yield* scripted.make((peer) =>
        Effect.forever(Effect.flatMap(peer.receive, ({ header, payload }) => {
          if (header.type === MessageType.Presence) {
            return peer.send(
              scripted.reply(header, RomId.toBytes(scripted.pathOf(payload) === "/odd" ? odd : a), { size: 0 })
            )
          }
          const isKnown = scripted.pathOf(payload) === "/28.000028D70000/alias"
          return peer.send(isKnown ? scripted.reply(header) : scripted.reply(header, "", { ret: -1 }))
        }))
      )
      const odd = id("99.000099660000")
      const ow = yield* scripted.client(server)
      const aliases = yield* Effect.provideService(Aliases.make(), OwClient.OwClient, ow)
      assert.deepStrictEqual(yield* aliases.idOf("kitchen"), Option.none())
      // A device of a family without a driver has an alias, and no property to show it.
      assert.deepStrictEqual(yield* aliases.idOf("odd"), Option.some(odd))
    }))

  it.effect("asks for nothing that is no alias", () =>
    Effect.gen(function*() {
      const aliases = yield* Aliases.make()
      const before = yield* requests
      const problem = (alias: string) => Effect.map(Effect.flip(aliases.idOf(alias)), ({ message }) => message)
      assert.strictEqual(
        yield* problem("28.000028D70000"),
        "Aliases.idOf: alias is the ROM id 28.000028D70000; nothing was sent"
      )
      assert.include(yield* problem("Alarmanlage"), "which a server takes for its own alarm")
      assert.include(yield* problem("a/b"), "a/b")
      assert.strictEqual(yield* requests, before)
      const refused = yield* Effect.flip(Aliases.make({ timeToLive: 0 }))
      assert.include(refused.message, "timeToLive must be a duration above zero, not 0")
    }).pipe(Effect.provide(house)))

  it.effect("tells no more once its scope is closed, and still answers", () =>
    Effect.gen(function*() {
      const { network } = yield* SimulatedServer.SimulatedServer
      const scope = yield* Scope.make()
      const { aliases, fiber, taken } = yield* Scope.provide(follow(), scope)
      yield* aliases.aliasOf(a)
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.isSuccess(yield* Fiber.await(fiber)))
      yield* network.set("28.000028D70000/alias", "cellar")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* aliases.aliasOf(a), Option.some("cellar"))
      assert.deepStrictEqual(yield* taken, [])
    }).pipe(Effect.provide(house)))
})
